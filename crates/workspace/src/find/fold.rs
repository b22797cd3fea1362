//! Text as it is compared when something is looked for: without capitals, accents and the width of white space.

/// Folds a text. The window folds what it marks in the same way (`ui/src/conversation/folding.ts`).
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut after_space = false;
    for character in text.chars() {
        if character.is_whitespace() {
            if !after_space {
                folded.push(' ');
            }
            after_space = true;
            continue;
        }
        after_space = false;
        if character.is_ascii() {
            folded.push(character.to_ascii_lowercase());
        } else if !is_accent(character) {
            for lower in character.to_lowercase().filter(|lower| !is_accent(*lower)) {
                folded.push(plain(lower));
            }
        }
    }
    folded
}

/// An accent that is a character of its own, put over the one before.
fn is_accent(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

/// A small Latin letter without its accent.
fn plain(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' => 's',
        'ţ' | 'ť' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn capitals_accents_and_white_space_make_no_difference() {
        assert_eq!(fold("Crème  BRÛLÉE\n\tà la"), "creme brulee a la");
        assert_eq!(fold("e\u{301}"), "e");
        assert_eq!(fold("ŽLUŤOUČKÝ"), "zlutoucky");
        assert_eq!(fold("İ"), "i");
        assert_eq!(fold("日本 ẞ"), "日本 ß");
    }
}
