//! The terminal: the answer goes to standard output, everything about it to standard error, and what a person
//! decides comes from standard input.

use std::io::{self, BufRead as _, Write as _};

use anyhow::Context as _;

use crate::printer::Piece;

/// The terminal this program runs in.
#[derive(Default)]
pub(crate) struct Terminal {
    /// The cursor stands behind text of the answer, not at the beginning of a line.
    inside_line: bool,
}

impl Terminal {
    /// Continues the answer.
    pub(crate) fn answer(&mut self, text: &str) {
        let safe = harmless(text);
        let mut output = io::stdout().lock();
        // A reader that went away (`cowork run … | head`) ends the output, not the turn.
        if output
            .write_all(safe.as_bytes())
            .and_then(|()| output.flush())
            .is_ok()
            && !safe.is_empty()
        {
            self.inside_line = !safe.ends_with('\n');
        }
    }

    /// Prints pieces of a conversation in their order.
    pub(crate) fn print(&mut self, pieces: Vec<Piece>) {
        for piece in pieces {
            match piece {
                Piece::Answer(text) => self.answer(&text),
                Piece::Note(text) => self.note(&text),
                Piece::EndOfAnswer => self.end_answer(),
            }
        }
    }

    /// Ends the answer's line, if it stands in one.
    pub(crate) fn end_answer(&mut self) {
        if self.inside_line {
            self.answer("\n");
        }
    }

    /// Says something about the turn.
    pub(crate) fn note(&mut self, text: &str) {
        self.end_answer();
        // Without a terminal there is nobody to tell here.
        writeln!(io::stderr(), "{}", harmless(text)).ok();
    }

    /// Asks a person and gives their line; none when nobody can answer. To be called where waiting is allowed, see
    /// [`apart`].
    pub(crate) fn ask(question: &str) -> Option<String> {
        let mut line = String::new();
        // Stricter than what is only read: this is text that somebody decides on.
        write!(io::stderr(), "{}", cowork_policy::visible(question)).ok();
        io::stderr().flush().ok();
        match io::stdin().lock().read_line(&mut line) {
            Ok(0) | Err(_) => {
                writeln!(io::stderr()).ok();
                None
            }
            Ok(_) => Some(line.trim().to_owned()),
        }
    }
}

/// Waits for a person on a thread of its own. Waiting for a line cannot be called off, and the runtime would wait
/// at its end for what it runs on its own threads: Ctrl-C would hang until somebody pressed Enter.
pub(crate) async fn apart<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("terminal".to_owned())
        .spawn(move || {
            // Nobody listens once the turn was stopped.
            answer.send(ask()).ok();
        })
        .context("starting a thread to ask on")?;
    answered.await.context("asking on the terminal")
}

/// Text a model or a tool wrote, without what a terminal would obey: it could retitle the window, move the
/// cursor over what was asked, or answer in the person's name.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            other if other.is_control() => '\u{fffd}',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(
            harmless("a\u{1b}[2Jb\r\u{7}\u{9b}c\n\td"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}\u{fffd}c\n\td"
        );
        assert_eq!(harmless("rm \u{202e}gpj.x"), "rm \u{fffd}gpj.x");
    }
}
