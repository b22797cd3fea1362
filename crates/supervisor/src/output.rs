//! What the engine prints: always read, never kept beyond a bound.
//!
//! A pipe that nobody reads fills after 64 KiB and then stops the engine in the middle of a `write`. So both pipes
//! have a thread of their own that reads until the end, whatever the rest of the app is busy with, and throws away
//! what does not fit.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::process::ChildStdin;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::containment::BOX_STANDS;
use crate::plan::Redact;

/// Longest line kept, in bytes. Stack traces and messages fit; a dumped prompt or a minified file need not.
pub const LINE_BYTES: usize = 4096;
/// Most lines kept. A crash report shows dozens; ten screens leave room for what led to it.
pub const LINES: usize = 500;
/// Most bytes kept in all lines together: 500 full lines would be 2 MB in each crash report.
pub const TOTAL_BYTES: usize = 256 * 1024;
/// Read beyond [`LINE_BYTES`] before redacting, so that a secret across the cut is seen whole. Longer than any key.
const REDACTION_MARGIN: usize = 1024;
/// As much as a Linux pipe holds, so that one read empties it.
const READ_BYTES: usize = 64 * 1024;

/// Which pipe a line came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One line that the engine printed, without its line end, redacted, with � for what was not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputLine {
    /// Which pipe.
    pub stream: OutputStream,
    /// The text, at most [`LINE_BYTES`] and a note about what was cut.
    pub text: String,
}

#[derive(Default)]
struct Ring {
    lines: VecDeque<OutputLine>,
    bytes: usize,
    dropped: u64,
}

/// The last lines of one run.
pub(crate) struct OutputLog {
    ring: Mutex<Ring>,
    redact: Redact,
}

/// Sent once, when the readiness line comes.
pub(crate) struct ReadinessBell {
    pub(crate) prefix: String,
    pub(crate) ready: oneshot::Sender<()>,
}

/// What a reader listens for.
#[derive(Default)]
pub(crate) struct Ears {
    /// The input of what stands at the threshold of a box, to be told to go on once the box stands.
    pub(crate) threshold: Option<ChildStdin>,
    pub(crate) bell: Option<ReadinessBell>,
}

impl OutputLog {
    pub(crate) fn new(redact: Redact) -> Self {
        Self {
            ring: Mutex::default(),
            redact,
        }
    }

    /// Reads `pipe` to its end. Meant for a thread of its own.
    ///
    /// # Errors
    /// When the pipe fails; there is nothing more to read then.
    pub(crate) fn drain(&self, pipe: impl Read, stream: OutputStream, ears: Ears) -> io::Result<()> {
        let Ears {
            mut threshold,
            mut bell,
        } = ears;
        let mut pipe = BufReader::with_capacity(READ_BYTES, pipe);
        let most = LINE_BYTES + REDACTION_MARGIN;
        let mut line = Vec::with_capacity(most);
        loop {
            line.clear();
            if pipe.by_ref().take(most as u64).read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            let ended = line.pop_if(|last| *last == b'\n').is_some();
            let is_cut = !ended && line.len() == most;
            let rest = if is_cut { pipe.skip_until(b'\n')? } else { 0 };
            // The line end is not part of the line.
            let skipped = rest.saturating_sub(1);
            line.pop_if(|last| *last == b'\r');
            let text = String::from_utf8_lossy(&line);
            if text == BOX_STANDS
                && let Some(mut input) = threshold.take()
            {
                // One that died meanwhile ends this stream too.
                input.write_all(b"\n").ok();
                continue;
            }
            let rung = bell.take_if(|bell| text.starts_with(&bell.prefix));
            self.keep(stream, (self.redact)(&text), skipped);
            // After it is kept: who is woken finds this line and all before it.
            if let Some(ReadinessBell { ready, .. }) = rung {
                // Nobody waits any more when the start was given up; then there is nothing to tell.
                let _ = ready.send(());
            }
        }
    }

    fn keep(&self, stream: OutputStream, mut text: String, skipped: usize) {
        if text.len() > LINE_BYTES || skipped > 0 {
            let end = text.floor_char_boundary(LINE_BYTES);
            let cut = text.len() - end + skipped;
            text = format!("{} [{cut} bytes cut]", &text[..end]);
        }
        tracing::debug!(target: "engine_output", ?stream, "{text}");
        let mut ring = self.ring();
        ring.bytes += text.len();
        ring.lines.push_back(OutputLine { stream, text });
        while ring.lines.len() > LINES || ring.bytes > TOTAL_BYTES {
            let Some(oldest) = ring.lines.pop_front() else {
                break;
            };
            ring.bytes -= oldest.text.len();
            ring.dropped += 1;
        }
    }

    pub(crate) fn recent(&self) -> Vec<OutputLine> {
        self.ring().lines.iter().cloned().collect()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.ring().dropped
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // No code under this lock can leave the ring half changed in a way that matters.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
