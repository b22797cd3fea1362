//! Text as it is compared when something is looked for: without capitals, accents and the width of white space.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// Marks that are accents, by the numbers of their characters. Not all marks are: the vowels of Devanagari and of Thai
/// are marks too, and so is what makes another letter of a Japanese one. The window has the same list.
const ACCENTS: [(char, char); 36] = [
    // Over and under Latin, Greek and Cyrillic letters.
    ('\u{300}', '\u{36f}'),
    ('\u{483}', '\u{489}'),
    // Points of Hebrew.
    ('\u{591}', '\u{5bd}'),
    ('\u{5bf}', '\u{5bf}'),
    ('\u{5c1}', '\u{5c2}'),
    ('\u{5c4}', '\u{5c5}'),
    ('\u{5c7}', '\u{5c7}'),
    // Vowels of Arabic and signs for its recitation.
    ('\u{610}', '\u{61a}'),
    ('\u{64b}', '\u{65f}'),
    ('\u{670}', '\u{670}'),
    ('\u{6d6}', '\u{6dc}'),
    ('\u{6df}', '\u{6e4}'),
    ('\u{6e7}', '\u{6e8}'),
    ('\u{6ea}', '\u{6ed}'),
    // Dots below letters of the scripts of India, and accents of the Vedas.
    ('\u{93c}', '\u{93c}'),
    ('\u{951}', '\u{954}'),
    ('\u{9bc}', '\u{9bc}'),
    ('\u{9fe}', '\u{9fe}'),
    ('\u{a3c}', '\u{a3c}'),
    ('\u{abc}', '\u{abc}'),
    ('\u{b3c}', '\u{b3c}'),
    ('\u{c3c}', '\u{c3c}'),
    ('\u{cbc}', '\u{cbc}'),
    // Further ones of Latin, Greek and Cyrillic, of symbols and of halves.
    ('\u{1ab0}', '\u{1aff}'),
    ('\u{1cd0}', '\u{1cd2}'),
    ('\u{1cd4}', '\u{1ce0}'),
    ('\u{1ce2}', '\u{1ce8}'),
    ('\u{1ced}', '\u{1ced}'),
    ('\u{1cf4}', '\u{1cf4}'),
    ('\u{1cf8}', '\u{1cf9}'),
    ('\u{1dc0}', '\u{1dff}'),
    ('\u{20d0}', '\u{20ff}'),
    ('\u{2de0}', '\u{2dff}'),
    ('\u{a66f}', '\u{a672}'),
    ('\u{a674}', '\u{a67d}'),
    ('\u{fe20}', '\u{fe2f}'),
];

/// Folds a text. The window folds what it marks in the same way (`ui/src/conversation/folding.ts`); both are held to
/// the cases of `folding.json`.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut after_space = false;
    let mut add = |character: char| {
        let is_space = character.is_whitespace();
        match character {
            _ if is_space && after_space => {}
            _ if is_space => folded.push(' '),
            _ if character.is_ascii() => folded.push(character.to_ascii_lowercase()),
            // Small letters are made one by one, so that a sigma is the same one within a word and at its end.
            _ if !is_accent(character) => folded.extend(character.to_lowercase().map(inner_sigma)),
            _ => return,
        }
        after_space = is_space;
    };
    // What is of ASCII alone, and most is, needs no taking apart.
    if text.is_ascii() {
        text.chars().for_each(&mut add);
    } else {
        let apart = DecomposingNormalizerBorrowed::new_nfd();
        apart.normalize_iter(text.chars()).for_each(&mut add);
    }
    folded
}

fn inner_sigma(character: char) -> char {
    if character == 'ς' { 'σ' } else { character }
}

fn is_accent(character: char) -> bool {
    character >= ACCENTS[0].0
        && ACCENTS
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&character))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::fold;

    #[derive(Deserialize)]
    struct Cases {
        same: Vec<Group>,
        different: Vec<Group>,
        counts: Vec<Times>,
    }

    #[derive(Deserialize)]
    struct Group {
        of: String,
        texts: Vec<String>,
    }

    #[derive(Deserialize)]
    struct Times {
        text: String,
        query: String,
        count: usize,
    }

    #[test]
    fn texts_are_folded_as_in_the_window() {
        let cases: Cases = serde_json::from_str(include_str!("folding.json")).unwrap();
        for Group { of, texts } in &cases.same {
            for text in texts {
                assert_eq!(fold(text), fold(&texts[0]), "{of}: {text}");
            }
        }
        for Group { of, texts } in &cases.different {
            for (place, text) in texts.iter().enumerate() {
                let before = &texts[..place];
                assert!(
                    before.iter().all(|other| fold(other) != fold(text)),
                    "{of}: {text}"
                );
            }
        }
        for Times { text, query, count } in &cases.counts {
            assert_eq!(
                fold(text).matches(&fold(query)).count(),
                *count,
                "{query} in {text}"
            );
        }
    }

    /// The window's test has the same sum, over what both know of the characters.
    #[test]
    fn every_character_of_living_scripts_is_folded_as_in_the_window() {
        // Between them are letters that got their capitals later than the oldest webview was made.
        let characters = ('\u{20}'..'\u{1c80}').chain('\u{1d00}'..'\u{3400}');
        let folded: String = characters.map(|character| fold(&character.to_string())).collect();
        let sum = folded.chars().fold(7_u32, |sum, character| {
            sum.wrapping_mul(31).wrapping_add(u32::from(character))
        });
        assert_eq!(sum, 2_709_319_268);
    }
}
