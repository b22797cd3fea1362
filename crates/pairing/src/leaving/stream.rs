//! Cleaning a text that leaves in pieces.

use std::fmt;
use std::sync::Arc;

use cowork_redact::RedactingStream;

use super::paths::{Open, Paths};

/// How long a line may be before the words of it are a segment, as long as nothing in it could be of a path: so what is
/// being written is read while it comes.
const WORDS: usize = 96;
/// The longest segment, in bytes. A line is rarely longer, and no path is.
const SEGMENT: usize = 8 * 1024;
/// How much behind the longest segment is looked at before a line is cut: a path is known by less of it.
const AHEAD: usize = 1024;

/// Takes out of a text that leaves in pieces what may not leave. A tail is held back: the words that came last, from where
/// a path may be the line that is being written, and what the sanitizer waits with.
pub struct LeavingStream {
    paths: Option<Arc<Paths>>,
    /// A path that the end of the last segment cut.
    open: Option<Open>,
    /// The beginning of the next segment.
    held: String,
    secrets: RedactingStream,
}

impl fmt::Debug for LeavingStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LeavingStream")
            .field("held", &self.held.len())
            .field("secrets", &self.secrets)
            .finish_non_exhaustive()
    }
}

impl LeavingStream {
    pub(super) fn new(paths: Option<Arc<Paths>>, secrets: RedactingStream) -> Self {
        Self {
            paths,
            open: None,
            held: String::new(),
            secrets,
        }
    }

    /// Takes the next piece and gives out what is safe by now.
    #[must_use = "what is not used is lost"]
    pub fn push(&mut self, piece: &str) -> String {
        let mut out = String::new();
        let mut rest = piece;
        while !rest.is_empty() {
            // No more at a time than decides about the next segment, so that a long text is not moved again and again.
            let most = SEGMENT + AHEAD;
            let room = most + 4 - self.held.len().min(most);
            let (part, after) = rest.split_at(rest.floor_char_boundary(room.min(rest.len())));
            let known = self.held.len();
            self.held.push_str(part);
            rest = after;
            self.give_out(known, &mut out);
        }
        out
    }

    /// Ends the text and gives out what was held back of it.
    #[must_use = "what is not used is lost"]
    pub fn finish(mut self) -> String {
        let last = std::mem::take(&mut self.held);
        let cleaned = self.cleaned(&last);
        let mut out = self.secrets.push(&cleaned);
        out.push_str(&self.secrets.finish());
        out
    }

    /// Gives out every segment that is whole. Before `known` there is no line's end.
    fn give_out(&mut self, known: usize, out: &mut String) {
        let held = std::mem::take(&mut self.held);
        let (mut start, mut look) = (0, known);
        while let Some(length) = self.segment(&held[start..], look - start) {
            let cleaned = self.cleaned(&held[start..start + length]);
            out.push_str(&self.secrets.push(&cleaned));
            start += length;
            look = start;
        }
        self.held = held;
        self.held.drain(..start);
    }

    /// The length of the first segment of a text that goes on, if it is whole: up to a line's end, or to a blank behind
    /// words that no path is among, or of a very long line up to its last blank within bounds, but never into a path. No
    /// line ends before `known`.
    fn segment(&self, text: &str, known: usize) -> Option<usize> {
        let line = text[known..].find('\n').map(|end| known + end + 1);
        let first = &text[..line.unwrap_or(text.len()).min(text.floor_char_boundary(SEGMENT))];
        if let Some(words) = words(first) {
            return Some(words);
        }
        match line {
            Some(line) if line <= SEGMENT => Some(line),
            _ if text.len() > SEGMENT + AHEAD => {
                let most = text.floor_char_boundary(SEGMENT);
                let blank = text[..most].rfind([' ', '\t']);
                let cut = blank.map_or(most, |blank| blank + 1);
                let seen = &text[..text.floor_char_boundary(SEGMENT + AHEAD)];
                let path = self.paths.as_ref();
                let path = path.and_then(|paths| paths.reaching_over(seen, cut, self.open));
                // One that fills all of it goes on in the next one.
                Some(path.filter(|start| *start > 0).unwrap_or(cut))
            }
            _ => None,
        }
    }

    fn cleaned(&mut self, segment: &str) -> String {
        match &self.paths {
            Some(paths) => paths.cleaned(segment, &mut self.open),
            None => segment.to_owned(),
        }
    }
}

/// The first words of a line, if they are enough and hold nothing of a path.
fn words(line: &str) -> Option<usize> {
    let start = line.ceil_char_boundary(WORDS.min(line.len()));
    let bytes = line.as_bytes();
    let blank = start + bytes[start..].iter().position(|byte| *byte == b' ')?;
    let plain = !bytes[..blank]
        .iter()
        .any(|byte| matches!(byte, b'/' | b'\\' | b'~'));
    plain.then_some(blank + 1)
}
