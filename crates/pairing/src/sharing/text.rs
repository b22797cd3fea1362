//! A text that is told as it grows.

use cowork_pairing_protocol::session::STRING_LIMIT;

use crate::leaving::{Leaving, LeavingStream};

/// How much of a text's end is kept to see whether a longer one goes on from it. A text that was changed before that and
/// is the same there is told right when its message is finished.
const END: usize = 256;

/// What was told of a text.
#[derive(Debug)]
pub(super) struct ToldText {
    /// None once the text has ended.
    stream: Option<LeavingStream>,
    /// How much of the source was taken.
    taken: usize,
    /// The end of what was taken.
    end: String,
    /// How much was given out.
    pub(super) length: u64,
}

/// What is to be told of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing is new.
    Nothing,
    /// This was added.
    Grew(String),
    /// It is another text than the one that was told.
    Another,
}

impl ToldText {
    /// Begins a text. Gives what can be told of it.
    pub(super) fn begin(text: &str, ended: bool, leaving: &Leaving) -> (Self, String) {
        let mut told = Self {
            stream: Some(leaving.stream()),
            taken: 0,
            end: String::new(),
            length: 0,
        };
        let first = told.take(text, ended);
        (told, first)
    }

    /// The next state of the text.
    pub(super) fn next(&mut self, text: &str, ended: bool) -> Next {
        let goes_on = text
            .get(..self.taken)
            .is_some_and(|before| before.ends_with(&self.end));
        if !goes_on || (self.stream.is_none() && text.len() > self.taken) {
            return Next::Another;
        }
        let grew = self.take(text, ended);
        if grew.is_empty() {
            Next::Nothing
        } else {
            Next::Grew(grew)
        }
    }

    fn take(&mut self, text: &str, ended: bool) -> String {
        let Some(mut stream) = self.stream.take() else {
            return String::new();
        };
        let mut out = stream.push(&text[self.taken..]);
        self.taken = text.len();
        text[text.ceil_char_boundary(text.len().saturating_sub(END))..].clone_into(&mut self.end);
        if ended {
            out.push_str(&stream.finish());
        } else {
            self.stream = Some(stream);
        }
        self.length += out.len() as u64;
        out
    }
}

/// A text in pieces of at most [`STRING_LIMIT`] bytes; none for no text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(rest.floor_char_boundary(STRING_LIMIT.min(rest.len())));
        rest = after;
        Some(piece)
    })
}
