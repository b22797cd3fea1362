//! Cleaning a text that leaves in pieces.
//!
//! What is cleaned in pieces must come out as if it had been cleaned whole. So a piece is given out only up to a
//! place that no secret can reach across, whatever follows: a line's end or a comma, at which nothing is open.
//! Neither is in any key, name or sign between a name and its value (see [`crate::shapes::Class`]), so only a
//! value that was read to the very end can reach across, and reading says so: an unclosed quote, a private key
//! block without its foot, a header's line, an address's user.

use std::fmt;

use crate::MARK;
use crate::home::HomeStream;
use crate::names;
use crate::redactor::without_secrets;
use crate::scan::ends_in_an_anchor;

/// The lengths that the stream goes by, in bytes.
#[derive(Clone, Copy)]
struct Bounds {
    /// What is held back at most. Real secrets are shorter: the longest, a private key block, has some four
    /// kilobytes.
    held: usize,
    /// What is cleaned at once.
    at_once: usize,
    /// A line longer than this is given out in parts.
    long_line: usize,
}

const BOUNDS: Bounds = Bounds {
    held: 64 * 1024,
    at_once: 16 * 1024,
    long_line: 4 * 1024,
};

/// For a text that is read while it comes: a line is long when a person would wait for it.
const BY_WORDS: Bounds = Bounds {
    long_line: 64,
    ..BOUNDS
};

/// Of a word without end, what is kept to see whether its end is a name. Names and their signs are shorter.
const END_OF_WORD: usize = 256;
/// How near to a blank no anchor may stand where a text is cut: a private key block's head is of this length, and
/// all else that goes on behind a blank is shorter.
const NEAR_A_BLANK: usize = 96;
/// Blanks that are tried in one long line.
const BLANKS_TRIED: usize = 16;
/// Where in the end of a word an anchor means that a value may follow: behind a name stand at most three digits,
/// eight escapes, a quote, a sign and `Some(`.
const BESIDE_A_NAME: usize = 24;

/// Cleans a text that leaves in pieces, as [`Redactor::redact`](crate::Redactor::redact) would the whole.
///
/// It holds back what more text could turn into a secret, as a rule the line that is being written, and no more
/// than 64 KB. Where more would have to be held it fails closed: a [`MARK`](crate::MARK) is given out for it and
/// what it goes on with is dropped. A word of more than 64 KB, such as a picture in base64, is dropped to its end;
/// when a value beside a name, a header or a private key block is as long, everything after it is dropped,
/// because where it ends can no longer be told from where something else does.
///
/// ```
/// let mut stream = cowork_redact::Redactor::default().stream();
/// assert_eq!(stream.push("listening\npassword=hun"), "listening\n");
/// assert_eq!(stream.push("ter2\nand on"), "password=[redacted]\n");
/// assert_eq!(stream.finish(), "and on");
/// ```
pub struct RedactingStream {
    homes: HomeStream,
    bounds: Bounds,
    held: String,
    /// Below this length nothing new can be told: what is open was open at four fifths of it.
    look_at: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// What is held goes out when it can be told.
    Open,
    /// A mark was given out for a word that goes on; what is held is its end.
    InAWord,
    /// A mark was given out for all the rest.
    Shut,
}

impl fmt::Debug for RedactingStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedactingStream")
            .field("held", &self.held.len())
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl RedactingStream {
    pub(crate) fn new(homes: HomeStream) -> Self {
        Self::within(homes, BOUNDS)
    }

    pub(crate) fn by_words(homes: HomeStream) -> Self {
        Self::within(homes, BY_WORDS)
    }

    fn within(homes: HomeStream, bounds: Bounds) -> Self {
        Self {
            homes,
            bounds,
            held: String::new(),
            look_at: 0,
            state: State::Open,
        }
    }

    /// Takes the next piece and gives out what is safe by now.
    #[must_use = "what is not used is lost"]
    pub fn push(&mut self, piece: &str) -> String {
        let piece = self.homes.push(piece);
        let mut out = String::new();
        let mut rest = piece.as_str();
        while !rest.is_empty() {
            let (part, after) = rest.split_at(rest.floor_char_boundary(self.bounds.at_once));
            self.take(part, &mut out);
            rest = after;
        }
        out
    }

    /// Ends the text and gives out what was held back of it.
    #[must_use = "what is not used is lost"]
    pub fn finish(mut self) -> String {
        let rest = self.homes.finish();
        let mut out = String::new();
        self.take(&rest, &mut out);
        if self.state == State::Open {
            out.push_str(&without_secrets(&self.held).text);
        }
        out
    }

    fn take(&mut self, part: &str, out: &mut String) {
        let mut part = part;
        if self.state == State::InAWord {
            part = self.skip(part);
        }
        if self.state != State::Open {
            return;
        }
        let known = self.held.len();
        self.held.push_str(part);
        // A piece without a line's end decides nothing until the line is long.
        let decides = self.held.len() > self.bounds.long_line || self.held[known..].contains('\n');
        if decides && self.held.len() >= self.look_at {
            self.give_out(out);
        }
        if self.held.len() > self.bounds.held {
            self.give_up(out);
        }
    }

    /// Gives out what is held up to the last place where nothing is open.
    fn give_out(&mut self, out: &mut String) {
        let mut end = self.held.len();
        while let Some(cut) = self.last_cut(end) {
            let cleaned = without_secrets(&self.held[..cut]);
            match cleaned.open {
                None => {
                    out.push_str(&cleaned.text);
                    self.held.drain(..cut);
                    self.look_at = 0;
                    return;
                }
                // Before what is open another place may be; what opens in a later pass is not looked for.
                Some(start) if start > 0 => end = start,
                Some(_) => break,
            }
        }
        // Looking again at each piece would take the square of what is held.
        self.look_at = self.held.len() + self.held.len() / 4;
    }

    /// The last place before this one where a line ends; in a long line without one, where a comma stands, or a
    /// blank that no name stands near.
    fn last_cut(&self, end: usize) -> Option<usize> {
        let text = &self.held[..end];
        if let Some(line) = text.rfind('\n') {
            return Some(line + 1);
        }
        if self.held.len() <= self.bounds.long_line {
            return None;
        }
        text.rfind(',').map(|comma| comma + 1).or_else(|| blank(text))
    }

    /// More is held than may be.
    fn give_up(&mut self, out: &mut String) {
        self.look_at = 0;
        self.give_out(out);
        if self.held.len() <= self.bounds.held {
            return;
        }
        let held = std::mem::take(&mut self.held);
        let last = held.char_indices().rfind(|(_, character)| ends_word(*character));
        let word = last.map_or(0, |(at, character)| at + character.len_utf8());
        let open = without_secrets(&held).open.is_some();
        if open || held.len() - word < self.bounds.long_line {
            self.state = State::Shut;
        } else {
            out.push_str(&without_secrets(&held[..word]).text);
            self.state = State::InAWord;
            let end = held.len().saturating_sub(END_OF_WORD).max(word);
            held[held.ceil_char_boundary(end)..].clone_into(&mut self.held);
        }
        out.push_str(MARK);
    }

    /// Drops what belongs to the word that is being dropped, and gives back what follows it.
    fn skip<'p>(&mut self, part: &'p str) -> &'p str {
        let end = part.find(ends_word).unwrap_or(part.len());
        self.held.push_str(&part[..end]);
        let ended = end < part.len();
        let open = without_secrets(&self.held).open.is_some();
        let named =
            ended && (ends_in_an_anchor(&self.held, BESIDE_A_NAME) || names::may_go_on(self.held.as_bytes()));
        if open || named {
            self.state = State::Shut;
        } else if ended {
            self.state = State::Open;
        }
        let end_of_word = if ended {
            self.held.len()
        } else {
            self.held.len().saturating_sub(END_OF_WORD)
        };
        self.held.drain(..self.held.ceil_char_boundary(end_of_word));
        &part[end..]
    }
}

/// The place behind one of the last blanks that nothing goes on behind.
fn blank(text: &str) -> Option<usize> {
    text.rmatch_indices(' ').take(BLANKS_TRIED).find_map(|(at, _)| {
        let before = &text[..at];
        let near = &text[text.floor_char_boundary(at.saturating_sub(NEAR_A_BLANK))..=at];
        let goes_on = before.ends_with([' ', '\t'])
            || names::may_go_on(before.as_bytes())
            || ends_in_an_anchor(near, near.len());
        (!goes_on).then_some(at + 1)
    })
}

/// Whether a word ends here.
fn ends_word(character: char) -> bool {
    character.is_whitespace() || "\"'`,".contains(character)
}

#[cfg(test)]
mod tests {
    use super::{Bounds, RedactingStream};
    use crate::{Redactor, soup};
    use proptest::prelude::*;

    /// Never gives up, and cuts at everything that a long line is cut at.
    const EAGER: Bounds = Bounds {
        held: usize::MAX,
        at_once: 16,
        long_line: 4,
    };
    /// Gives up at once.
    const NARROW: Bounds = Bounds {
        held: 48,
        at_once: 16,
        long_line: 4,
    };

    fn redactor() -> Redactor {
        Redactor::new(Some("/home/ada".as_ref()))
    }

    fn streamed(bounds: Bounds, text: &str, pieces: &[usize]) -> String {
        let mut stream = RedactingStream {
            bounds,
            ..redactor().stream()
        };
        let (mut out, mut rest) = (String::new(), text);
        for length in pieces.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at(rest.ceil_char_boundary(rest.len().min(*length)));
            out.push_str(&stream.push(piece));
            rest = after;
        }
        out.push_str(&stream.finish());
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn a_text_cut_wherever_it_may_be_is_cleaned_as_a_whole(
            text in prop::collection::vec(soup::text(), 1..6), pieces in prop::collection::vec(1_usize..40, 1..8),
        ) {
            let text = text.join(" and words without any meaning that follow one upon the other, \
                so that a line becomes long and can be cut in between ");
            prop_assert_eq!(streamed(EAGER, &text, &pieces), redactor().redact(&text), "from {:?}", text);
        }

        #[test]
        fn a_stream_that_gives_up_gives_out_no_part_of_a_secret(
            before in soup::text(), after in soup::text(), pieces in prop::collection::vec(1_usize..40, 1..8),
        ) {
            // Where the value may have blanks it has them, so that a word's end is not taken for its end.
            let (word, words) = ("Zm9v".repeat(40), "Zm9v ".repeat(40));
            for (open, filler, close) in [
                ("token=\"", &words, "\""),
                ("Cookie: ", &words, "\n"),
                ("-----BEGIN PRIVATE KEY-----", &words, "-----END PRIVATE KEY-----"),
                ("sk-", &word, " "),
                ("://", &word, "@"),
            ] {
                let text = format!("{before}\n{open}{filler}QQQQ{filler}{close}{after}");
                if !redactor().redact(&text).contains("QQQQ") {
                    let out = streamed(NARROW, &text, &pieces);
                    prop_assert!(!out.contains("QQQQ"), "{:?} became {:?}", text, out);
                }
            }
        }
    }
}
