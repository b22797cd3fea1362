//! How much of a text leaves.

use std::cell::Cell;

/// What more of a text is cleaned than leaves of it. A secret that the cut went through is so never in what leaves: the
/// sanitizer takes nothing longer for one.
const BESIDE: usize = 64 * 1024;
/// How far a blank is looked for, at which a text is cut so that no word is halved.
const WORD: usize = 4 * 1024;
/// Says that the end is missing.
const NOTE: &str = "\n[cut]";
/// Says that the beginning is missing.
const NOTE_BEFORE: &str = "[cut]\n";

/// The first part of a text, to be cleaned, and whether there is more.
pub(super) fn first(text: &str, limit: usize) -> (&str, bool) {
    let most = limit + BESIDE;
    if text.len() <= most {
        return (text, false);
    }
    let end = text.floor_char_boundary(most);
    let near = text.floor_char_boundary(end - WORD);
    let blank = text[near..end].rfind(char::is_whitespace);
    (&text[..blank.map_or(end, |blank| near + blank)], true)
}

/// The last part of a text, to be cleaned, and whether there is more.
pub(super) fn last(text: &str, limit: usize) -> (&str, bool) {
    let most = limit + BESIDE;
    if text.len() <= most {
        return (text, false);
    }
    let start = text.ceil_char_boundary(text.len() - most);
    let near = text.ceil_char_boundary(start + WORD);
    let window = &text[start..near];
    let cut = window
        .find('\n')
        .or_else(|| window.find(char::is_whitespace))
        .unwrap_or(0);
    (&text[start + cut..], true)
}

/// Cuts a cleaned text, with a note in sight.
pub(super) fn keep_start(mut text: String, limit: usize, cut: bool) -> String {
    if text.len() <= limit && !cut {
        return text;
    }
    text.truncate(text.floor_char_boundary(limit - NOTE.len()));
    text.push_str(NOTE);
    text
}

/// Cuts a cleaned text to its end, with a note in sight.
pub(super) fn keep_end(mut text: String, limit: usize, cut: bool) -> String {
    if text.len() > limit || cut {
        let most = limit - NOTE_BEFORE.len();
        let start = text.ceil_char_boundary(text.len().saturating_sub(most));
        text.replace_range(..start, NOTE_BEFORE);
    }
    text
}

/// Bytes that the texts of one event have together, as JSON writes them. The app keeps no event of more than 400 KB, and
/// one that it does not keep is never told.
const TOGETHER: usize = 256 * 1024;

/// What is left for the texts of one event. A single one is rarely long; fifty of them could be.
pub(super) struct Room(Cell<usize>);

impl Room {
    pub(super) fn new() -> Self {
        Self(Cell::new(TOGETHER))
    }

    /// A cleaned text as far as there is room for it, with a note in sight where it ends before its end.
    pub(super) fn fit(&self, mut text: String) -> String {
        let room = self.0.get();
        let mut used = 0;
        let mut fits = 0_usize;
        for (at, character) in text.char_indices() {
            let length = written(character);
            if used + length > room {
                // The notes of all that have no room are little together.
                self.0.set(0);
                text.truncate(text.floor_char_boundary(fits.saturating_sub(NOTE.len())));
                text.push_str(NOTE);
                return text;
            }
            used += length;
            fits = at + character.len_utf8();
        }
        self.0.set(room - used);
        text
    }
}

/// Bytes of a character within a text of JSON.
fn written(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}
