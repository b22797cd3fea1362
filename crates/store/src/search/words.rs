//! Words as the full-text index sees them: runs of letters and figures, without case and without the marks on Latin
//! letters.
//!
//! The index makes words by itself (`unicode61 remove_diacritics 2`); this is the same once more, to count and to
//! mark in a text what the index found. A test holds the two against each other.

use std::ops::Range;

/// Latin letters with marks, by the letter below them.
const MARKED: [(char, &str); 25] = [
    ('a', "àáâãäåāăąǎǟǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
    ('b', "ḃḅḇ"),
    ('c', "çćĉċčḉ"),
    ('d', "ďḋḍḏḑḓ"),
    ('e', "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
    ('f', "ḟ"),
    ('g', "ĝğġģǧǵḡ"),
    ('h', "ĥȟḣḥḧḩḫẖ"),
    ('i', "ìíîïĩīĭįǐȉȋḭḯỉị"),
    ('j', "ĵǰ"),
    ('k', "ķǩḱḳḵ"),
    ('l', "ĺļľḷḹḻḽ"),
    ('m', "ḿṁṃ"),
    ('n', "ñńņňǹṅṇṉṋ"),
    ('o', "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ"),
    ('p', "ṕṗ"),
    ('r', "ŕŗřȑȓṙṛṝṟ"),
    ('s', "śŝşšșṡṣṥṧṩẛ"),
    ('t', "ţťțṫṭṯṱẗ"),
    ('u', "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"),
    ('v', "ṽṿ"),
    ('w', "ŵẁẃẅẇẉẘ"),
    ('x', "ẋẍ"),
    ('y', "ýÿŷȳẏẙỳỵỷỹ"),
    ('z', "źżžẑẓẕ"),
];

/// A mark of its own on the letter before it.
fn is_mark(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

/// Whether a character is part of a word.
pub(super) fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || is_mark(character)
}

/// A character as it reads without case and marks; none for a mark.
fn fold(character: char) -> Option<char> {
    if character.is_ascii() {
        return Some(character.to_ascii_lowercase());
    }
    if is_mark(character) {
        return None;
    }
    // One letter stays one letter, as in the index: of those that would become two, the first.
    let lower = character.to_lowercase().next().unwrap_or(character);
    if !matches!(lower, '\u{e0}'..='\u{233}' | '\u{1e00}'..='\u{1eff}') {
        return Some(lower);
    }
    let below = MARKED
        .iter()
        .find(|(_, marked)| marked.contains(lower))
        .map_or(lower, |(letter, _)| *letter);
    Some(below)
}

/// A word as it reads without case and marks.
pub(super) fn folded(word: &str) -> String {
    word.chars().filter_map(fold).collect()
}

/// Whether a word reads as `wanted`, or begins as it.
pub(super) fn reads(word: &str, wanted: &str, beginning: bool) -> bool {
    // Nearly every word that is read, and most of them differ in their first letter.
    if word.is_ascii() && wanted.is_ascii() {
        let (word, wanted) = (word.as_bytes(), wanted.as_bytes());
        return word
            .get(..wanted.len())
            .is_some_and(|begins| begins.eq_ignore_ascii_case(wanted))
            && (beginning || word.len() == wanted.len());
    }
    // Without marks and case an ASCII word is still one.
    if word.is_ascii() && !wanted.is_ascii() {
        return false;
    }
    let mut characters = word.chars().filter_map(fold);
    wanted.chars().all(|wanted| characters.next() == Some(wanted))
        && (beginning || characters.next().is_none())
}

/// Where the words of a text stand, in bytes and in order.
pub(super) fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    // Whether what stands at a byte is of a word, and its length. Few of a text's characters have to be decoded.
    let at = move |place: usize| {
        let byte = *bytes.get(place)?;
        if byte.is_ascii() {
            return Some((byte.is_ascii_alphanumeric(), 1));
        }
        let character = text[place..].chars().next()?;
        Some((is_of_word(character), character.len_utf8()))
    };
    let mut place = 0;
    std::iter::from_fn(move || {
        while let (false, length) = at(place)? {
            place += length;
        }
        let start = place;
        while let Some((true, length)) = at(place) {
            place += length;
        }
        Some(start..place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        words(text).map(|place| folded(&text[place])).collect()
    }

    #[test]
    fn words_are_without_case_and_marks() {
        assert_eq!(all("Crème-brûlée, 2x"), ["creme", "brulee", "2x"]);
        assert_eq!(all("VIỆT e\u{301}t\u{e9}"), ["viet", "ete"]);
        assert_eq!(all("Straße Йод"), ["straße", "йод"]);
        assert_eq!(all(" -- "), Vec::<String>::new());
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "an É b";
        let found: Vec<_> = words(text).map(|place| &text[place]).collect();
        assert_eq!(found, ["an", "É", "b"]);
    }

    #[test]
    fn the_index_reads_each_letter_the_same_way() {
        let index = rusqlite::Connection::open_in_memory().unwrap();
        index
            .execute_batch(
                "CREATE VIRTUAL TABLE t USING fts5(x, tokenize='unicode61 remove_diacritics 2'); \
                 CREATE VIRTUAL TABLE v USING fts5vocab(t, 'instance')",
            )
            .unwrap();
        // Latin, Greek and Cyrillic: the scripts of which the index knows cases.
        let letters: Vec<char> = ('a'..='\u{52f}')
            .chain('\u{1e00}'..='\u{1eff}')
            .filter(|letter| letter.is_alphabetic() && !is_mark(*letter))
            .collect();
        for letter in &letters {
            index
                .execute(
                    "INSERT INTO t (rowid, x) VALUES (?1, ?2)",
                    (u32::from(*letter), letter.to_string()),
                )
                .unwrap();
        }
        let mut differing = Vec::new();
        for letter in letters {
            let term: Option<String> = index
                .query_row("SELECT term FROM v WHERE doc = ?1", [u32::from(letter)], |row| {
                    row.get(0)
                })
                .ok();
            if term != Some(folded(&letter.to_string())) {
                differing.push((letter, term));
            }
        }
        // Other shapes of a letter that has one already, and letters that were given a case after the index's tables
        // were made: found by the index, and not marked.
        let known = "µſͿςϐϑϕϖϰϱϵԨԪԬԮ";
        differing.retain(|(letter, _)| !known.contains(*letter));
        assert_eq!(differing, []);
    }
}
