//! What a person typed, as a search.
//!
//! Several words have all to be there; words in quotes stand one after the other; `word*` also finds longer words,
//! and so does the last word while it is being typed; `-word` leaves out what holds it. Everything else is text:
//! nothing a person types is ever an error, and nothing of it is syntax to the index, as each word is handed over in
//! quotes of our own.

use std::borrow::Borrow;
use std::ops::Range;

use super::words::{folded, is_of_word, reads, words};

/// The longest search that is read, in bytes; more is cut off.
pub const QUERY_LIMIT: usize = 512;
/// Words and phrases of a search; further ones are left out. Each is a list to walk along.
const TERMS: usize = 16;
/// The beginnings of which the index keeps lists, in characters; the shortest that finds longer words, where a character
/// is no word. Two letters are a good part of the index, and lists for two as well would make it a third larger.
pub(super) const BEGINNING_KEPT: usize = 3;
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

    /// Whether the texts of a message have each wanted term, and none of those that are not wanted: what the index says
    /// by itself of all but a beginning that is too common.
    pub(super) fn holds(&self, texts: &[&str]) -> bool {
        let has = |term: &Term| texts.iter().any(|text| term.is_in(text));
        self.wanted.iter().all(has) && !self.unwanted.iter().any(has)
    }
}

impl Term {
    fn is_in(&self, text: &str) -> bool {
        if let [word] = &self.words[..] {
            return words(text).any(|place| reads(&text[place], word, self.beginning));
        }
        let places: Vec<_> = words(text).collect();
        (0..places.len()).any(|first| self.matches(text, &places[first..]))
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

/// Words that stand one after the other, in the index's own words. They hold letters and figures alone, so there is no
/// quote to be doubled.
pub(super) fn quoted<S: Borrow<str>>(words: &[S]) -> String {
    format!("\"{}\"", words.join(" "))
}

/// Whether a beginning says enough. Where a character is a word or a syllable, one does.
fn is_long_enough(beginning: &str) -> bool {
    !beginning.is_ascii() || beginning.len() >= BEGINNING_KEPT
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
    use super::*;

    /// A search as it was read: words in brackets, a beginning with a star, what is not wanted with a minus.
    fn read(text: &str) -> String {
        let query = Query::parse(text);
        let term = |sign: &'static str| {
            move |term: &Term| {
                let star = if term.beginning { "*" } else { "" };
                format!("{sign}[{}{star}]", term.words.join(" "))
            }
        };
        let terms: Vec<_> = query
            .wanted
            .iter()
            .map(term(""))
            .chain(query.unwanted.iter().map(term("-")))
            .collect();
        terms.join(" ")
    }

    #[test]
    fn what_people_type_is_read_as_they_mean_it() {
        for (typed, meant) in [
            ("proxy ", "[proxy]"),
            ("proxy", "[proxy*]"),
            ("pro*  keys ", "[pro*] [keys]"),
            ("\"key proxy\" fails ", "[key proxy] [fails]"),
            ("\"key pro", "[key pro]"),
            ("proxy -key ", "[proxy] -[key]"),
            ("proxy -\"the key\"", "[proxy] -[the key]"),
            ("key-proxy.rs ", "[key proxy rs]"),
            ("key-pro", "[key pro*]"),
            ("pr", "[pr]"),
            ("数", "[数*]"),
            ("C++ - x ", "[c] [x]"),
            ("-key", "-[key]"),
            ("\"\" * - () ", ""),
        ] {
            assert_eq!(read(typed), meant, "{typed:?}");
        }
    }

    #[test]
    fn the_words_of_the_index_are_words_here() {
        assert_eq!(
            read("AND OR NOT NEAR(a b) title:x ^y "),
            "[and] [or] [not] [near a] [b] [title x] [y]"
        );
    }

    #[test]
    fn a_text_is_read_as_the_index_would() {
        for (typed, text, holds) in [
            ("test", "Untested. Testing it", true),
            ("test ", "testing", false),
            ("key pro", "the KEY\nproxy", true),
            ("key-pro", "key of the proxy", false),
            ("proxy -tes*", "a proxy", true),
            ("proxy -tes*", "a proxy tested", false),
        ] {
            assert_eq!(
                Query::parse(typed).holds(&["", text]),
                holds,
                "{typed:?} in {text:?}"
            );
        }
        assert!(Query::parse("one two").holds(&["one", "two"]));
        assert!(!Query::parse("one-two").holds(&["one", "two"]));
    }
}
