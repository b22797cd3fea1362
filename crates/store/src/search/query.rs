//! What a person typed, as a search.
//!
//! Several words have all to be there; words in quotes stand one after the other; `word*` also finds longer words,
//! and so does the last word while it is being typed; `-word` leaves out what holds it. Everything else is text:
//! nothing a person types is ever an error, and nothing of it is syntax to the index, as each word is handed over in
//! quotes of our own.

use std::ops::Range;

use super::words::{folded, is_of_word, reads, words};

/// The longest search that is read, in bytes; more is cut off.
pub const QUERY_LIMIT: usize = 512;
/// Words and phrases of a search; further ones are left out. Each is a list to walk along.
const TERMS: usize = 16;
/// The shortest beginning that finds longer words, in characters: the index keeps lists for beginnings of three, and
/// without one, two letters are a good part of the index. Lists for two as well would make it a third larger.
const SHORTEST_BEGINNING: usize = 3;
/// Begins the words of facets. No text and no search can hold it.
pub(crate) const FACET: char = '\u{e000}';

/// A word, or words that stand one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// As the index sees them; never empty.
    pub(super) words: Vec<String>,
    /// The last one is the beginning of a word.
    pub(super) beginning: bool,
}

/// What is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// All of these have to be there.
    pub(super) wanted: Vec<Term>,
    /// None of these may be there.
    pub(super) unwanted: Vec<Term>,
}

impl Query {
    /// Reads what a person typed.
    pub(super) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut rest = cut(text, QUERY_LIMIT);
        loop {
            rest = rest.trim_start();
            let Some(first) = rest.chars().next() else { break };
            let excluded = first == '-' && rest[1..].starts_with(|next: char| !next.is_whitespace());
            if excluded {
                rest = &rest[1..];
            }
            let (piece, after, quoted) = piece(rest);
            // What stands at the very end is still being typed.
            let typing = after.is_empty() && !quoted && !excluded;
            let starred = !quoted && piece.ends_with('*');
            rest = after;
            let plain = piece.replace(FACET, " ");
            let words: Vec<String> = words(&plain)
                .map(|place| folded(&plain[place]))
                .filter(|word| !word.is_empty())
                .collect();
            let Some(last) = words.last() else { continue };
            let typing = typing && piece.ends_with(is_of_word);
            let term = Term {
                beginning: (starred || typing) && is_long_enough(last),
                words,
            };
            if query.wanted.len() + query.unwanted.len() == TERMS {
                break;
            }
            if excluded {
                query.unwanted.push(term);
            } else {
                query.wanted.push(term);
            }
        }
        query
    }

    /// The search in the index's own words, with `facets` to be there too. None when nothing is wanted.
    pub(super) fn expression(&self, facets: &[String]) -> Option<String> {
        if self.wanted.is_empty() {
            return None;
        }
        let joined = |terms: &[Term], by: &str| {
            let terms: Vec<_> = terms.iter().map(Term::expression).collect();
            terms.join(by)
        };
        let mut expression = format!("({}", joined(&self.wanted, " AND "));
        for facet in facets {
            expression.extend([" AND \"", facet, "\""]);
        }
        expression.push(')');
        if !self.unwanted.is_empty() {
            expression.extend([" NOT (", &joined(&self.unwanted, " OR "), ")"]);
        }
        Some(expression)
    }
}

impl Term {
    /// In the index's own words.
    pub(super) fn expression(&self) -> String {
        // Words hold letters and figures alone, so there is no quote to be doubled.
        let star = if self.beginning { "*" } else { "" };
        format!("\"{}\" {star}", self.words.join(" "))
    }

    /// Whether the words of `text` from `first` on are this term; `places` is where its words stand.
    pub(super) fn matches(&self, text: &str, places: &[Range<usize>]) -> bool {
        let last = self.words.len() - 1;
        places.len() > last
            && self
                .words
                .iter()
                .zip(places)
                .enumerate()
                .all(|(at, (wanted, place))| {
                    reads(&text[place.clone()], wanted, at == last && self.beginning)
                })
    }
}

/// Whether a beginning says enough. Where a character is a word or a syllable, one does.
fn is_long_enough(beginning: &str) -> bool {
    !beginning.is_ascii() || beginning.len() >= SHORTEST_BEGINNING
}

/// The first piece of a search, what follows it, and whether it stood in quotes. A quote that is not closed goes on
/// to the end.
fn piece(text: &str) -> (&str, &str, bool) {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted
            .split_once('"')
            .map_or((quoted, "", true), |(inside, after)| (inside, after, true));
    }
    let end = text
        .find(|character: char| character.is_whitespace() || character == '"')
        .unwrap_or(text.len());
    (&text[..end], &text[end..], false)
}

/// The beginning of a text, at most `limit` bytes of it.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expression(text: &str) -> Option<String> {
        Query::parse(text).expression(&[])
    }

    #[test]
    fn what_people_type_is_read_as_they_mean_it() {
        for (typed, read) in [
            ("proxy ", Some("(\"proxy\" )")),
            ("proxy", Some("(\"proxy\" *)")),
            ("pro*  keys ", Some("(\"pro\" * AND \"keys\" )")),
            ("\"key proxy\" fails ", Some("(\"key proxy\"  AND \"fails\" )")),
            ("\"key pro", Some("(\"key pro\" )")),
            ("proxy -key ", Some("(\"proxy\" ) NOT (\"key\" )")),
            ("proxy -\"the key\"", Some("(\"proxy\" ) NOT (\"the key\" )")),
            ("key-proxy.rs ", Some("(\"key proxy rs\" )")),
            ("pr", Some("(\"pr\" )")),
            ("数", Some("(\"数\" *)")),
            ("C++ - x ", Some("(\"c\"  AND \"x\" )")),
            ("-key", None),
            ("\"\" * - () ", None),
        ] {
            assert_eq!(expression(typed).as_deref(), read, "{typed:?}");
        }
    }

    #[test]
    fn the_words_of_the_index_are_words_here() {
        assert_eq!(
            expression("AND OR NOT NEAR(a b) title:x ^y ").as_deref(),
            Some(
                "(\"and\"  AND \"or\"  AND \"not\"  AND \"near a\"  AND \"b\"  AND \"title x\"  AND \"y\" )"
            )
        );
    }

    fn index() -> rusqlite::Connection {
        let index = rusqlite::Connection::open_in_memory().unwrap();
        index
            .execute_batch(
                "CREATE VIRTUAL TABLE t USING fts5(x, facet, content='', contentless_delete=1, prefix='2 3', \
                 tokenize='unicode61 remove_diacritics 2')",
            )
            .unwrap();
        index
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_is_an_error(typed in prop_oneof![
            "\\PC{0,60}",
            "[-\"*:^(){}+ abé\u{0}\u{e000}\n]{0,40}",
            "((-|\"|\\*|AND|OR|NOT|NEAR|[a-z]{1,3}) ?){0,30}",
        ]) {
            let query = Query::parse(&typed);
            prop_assert!(query.wanted.len() + query.unwanted.len() <= TERMS);
            if let Some(expression) = query.expression(&[format!("{FACET}f1")]) {
                let found: u32 = index()
                    .query_row("SELECT count(*) FROM t WHERE t MATCH ?1", [&expression], |row| row.get(0))
                    .map_err(|error| TestCaseError::fail(format!("{typed:?} became {expression}: {error}")))?;
                prop_assert_eq!(found, 0);
            }
        }
    }
}
