//! The event stream: from bytes, split anywhere, to events.

use cowork_engine::Envelope;

use crate::event::{Unread, read};
use crate::frames::{Frame, Frames};
use crate::memory::Memory;
use crate::repair::repaired;

/// Largest event that is read, in bytes. The engine sends an attached file whole, up to 10 MB of it as base64
/// are allowed in, and a tool's output uncut; an event above this is of no use to a person, and reading it would
/// hold several times its size in memory.
pub const LARGEST_EVENT: usize = 64 * 1024 * 1024;

/// Reads the engine's event stream.
///
/// Feed it what a connection gives, in any pieces; it returns the events that are complete. It takes comments,
/// both line ends, data over several lines, lines that are no event, invalid UTF-8 and events beyond
/// [`LARGEST_EVENT`], and counts in [`Memory::counters`] what it could not use. Take a new one for each
/// connection, with the same memory.
#[derive(Debug)]
pub struct Decoder {
    frames: Frames,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder at the beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(LARGEST_EVENT)
    }

    /// The same with another size, in bytes, above which an event is dropped.
    #[must_use]
    pub fn with_limit(bytes: usize) -> Self {
        Self {
            frames: Frames::new(bytes),
        }
    }

    /// Takes the next bytes and returns the events that are complete with them, in order.
    pub fn push(&mut self, bytes: &[u8], memory: &mut Memory) -> Vec<Envelope> {
        let mut envelopes = Vec::new();
        self.frames.push(bytes, |frame| match frame {
            Frame::Event(data) => decode(data, memory, &mut envelopes),
            Frame::Garbage => memory.counters_mut().garbage += 1,
            Frame::Oversized(size) => {
                tracing::warn!(bytes = size, "an event of the engine was dropped for its size");
                let oversized = &mut memory.counters_mut().oversized;
                oversized.events += 1;
                oversized.bytes += size;
                oversized.largest = oversized.largest.max(size);
            }
        });
        envelopes
    }
}

fn decode(data: &[u8], memory: &mut Memory, envelopes: &mut Vec<Envelope>) {
    if take(read(data, memory), memory, envelopes) {
        return;
    }
    if let Some(repaired) = repaired(data)
        && take(read(&repaired, memory), memory, envelopes)
    {
        memory.counters_mut().repaired += 1;
        return;
    }
    memory.counters_mut().garbage += 1;
    // The engine writes an event on one line. When several lines together are none, something foreign stands
    // between them, and each line may still be an event.
    if data.contains(&b'\n') {
        for line in data.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            take(read(line, memory), memory, envelopes);
        }
    }
}

/// False when it was no event.
fn take(outcome: Result<Envelope, Unread>, memory: &mut Memory, envelopes: &mut Vec<Envelope>) -> bool {
    match outcome {
        Ok(envelope) => {
            memory.counters_mut().events += 1;
            if memory.note(&envelope) {
                envelopes.push(envelope);
            }
        }
        Err(Unread::Duplicate) => memory.counters_mut().duplicates += 1,
        Err(Unread::Garbage) => return false,
    }
    true
}
