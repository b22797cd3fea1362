//! The piece of a message that shows why it was found.

use std::ops::Range;

use super::Snippet;
use super::query::Query;
use super::rank::occurrences;
use super::words::words;

/// Bytes of a piece: two lines of a sidebar.
const LENGTH: usize = 160;
/// Of them, those before the first word that was found.
const BEFORE: usize = 40;
/// Marks of one piece: a text of the same word again and again needs no more.
const MARKS: usize = 32;

/// Where the words of a search stand in a text, in order and without overlaps.
pub(super) fn marks(query: &Query, text: &str) -> Vec<Range<usize>> {
    let all: Vec<_> = words(text).collect();
    let mut marks: Vec<Range<usize>> = query
        .wanted
        .iter()
        .flat_map(|term| occurrences(term, text, &all))
        .collect();
    marks.sort_by_key(|mark| (mark.start, mark.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for mark in marks {
        match merged.last_mut() {
            Some(last) if mark.start < last.end => last.end = last.end.max(mark.end),
            _ => merged.push(mark),
        }
    }
    merged
}

/// The best piece of a message: of its own text, or of what its tools did where that has more of the words.
pub(super) fn of_message(query: &Query, text: &str, tools: &str) -> Snippet {
    let (own, own_terms) = best(query, text);
    if own_terms == query.wanted.len() {
        return own;
    }
    let (of_tools, tools_terms) = best(query, tools);
    if tools_terms > own_terms { of_tools } else { own }
}

/// The piece of a text with the most of the wanted words, and how many of them it has.
fn best(query: &Query, text: &str) -> (Snippet, usize) {
    let all: Vec<_> = words(text).collect();
    let mut found: Vec<(Range<usize>, usize)> = query
        .wanted
        .iter()
        .enumerate()
        .flat_map(|(term, wanted)| occurrences(wanted, text, &all).map(move |mark| (mark, term)))
        .collect();
    found.sort_by_key(|(mark, _)| (mark.start, mark.end));
    let mut start = 0;
    let mut most = 0;
    for (at, (first, _)) in found.iter().enumerate() {
        let terms: u32 = found[at..]
            .iter()
            .take_while(|(mark, _)| mark.end <= first.start + LENGTH - BEFORE)
            .fold(0, |terms, (_, term)| terms | 1 << term);
        if terms.count_ones() as usize > most {
            (start, most) = (first.start, terms.count_ones() as usize);
        }
    }
    (cut_out(query, text, start), most)
}

/// The piece of a text around a byte, beginning and ending between words, on one line.
fn cut_out(query: &Query, text: &str, around: usize) -> Snippet {
    let mut start = text.floor_char_boundary(around.saturating_sub(BEFORE));
    if start > 0 {
        // To the next beginning of a word, unless it is one long one.
        let next = text[start..around].find(char::is_whitespace);
        start += next.map_or(0, |next| next + 1);
        start = text.ceil_char_boundary(start);
    }
    let mut end = text.floor_char_boundary((start + LENGTH).min(text.len()));
    if end < text.len()
        && let Some(last) = text[start..end].rfind(char::is_whitespace)
        && last > BEFORE
    {
        end = start + last;
    }
    let piece = one_line(&text[start..end]);
    let mut marks = marks(query, &piece);
    marks.truncate(MARKS);
    Snippet {
        cut_before: start > 0,
        cut_after: end < text.len(),
        text: piece,
        marks,
    }
}

/// Without line breaks and rows of spaces, which a line of a list cannot show.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|character| !character.is_control()));
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_piece_holds_the_words_close_together() {
        let query = Query::parse("red fox ");
        let text = format!(
            "red. {} the red\n  fox ran {}",
            "x ".repeat(200),
            "y ".repeat(200)
        );
        let snippet = of_message(&query, &text, "");
        assert!(snippet.text.contains("the red fox ran"), "{snippet:?}");
        assert!(snippet.cut_before && snippet.cut_after);
        let marked: Vec<_> = snippet
            .marks
            .iter()
            .map(|mark| &snippet.text[mark.clone()])
            .collect();
        assert_eq!(marked, ["red", "fox"]);
    }

    #[test]
    fn tools_are_shown_where_only_they_have_the_words() {
        let snippet = of_message(&Query::parse("cargo "), "I run it.", "cargo test");
        assert_eq!(snippet.text, "cargo test");
        assert_eq!(snippet.marks.first(), Some(&(0..5)));
    }

    proptest! {
        #[test]
        fn marks_lie_within_the_piece_and_between_characters(text in "\\PC{0,400}", typed in "\\PC{0,20}") {
            let snippet = of_message(&Query::parse(&typed), &text, &text);
            let mut end = 0;
            for mark in snippet.marks {
                prop_assert!(mark.start >= end && mark.start < mark.end);
                prop_assert!(snippet.text.get(mark.clone()).is_some());
                end = mark.end;
            }
        }
    }
}
