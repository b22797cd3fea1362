//! Server-sent events: from bytes, split anywhere, to the data of each event.

use memchr::memchr;

/// Capacity a buffer may keep after an event that needed more: events are some hundred bytes, and one of
/// megabytes should not be paid for until the end of the run.
const KEPT_CAPACITY: usize = 256 * 1024;

/// What comes out of the framing.
pub(crate) enum Frame<'a> {
    /// The data of one event, its lines joined by `\n`.
    Event(&'a [u8]),
    /// A line that belongs to no field of the format.
    Garbage,
    /// An event that was longer than allowed, by its size in bytes. Its content is gone.
    Oversized(u64),
}

/// Splits a byte stream into events.
///
/// Only complete lines are looked at, so a split inside a character, a line end or a field name changes nothing.
/// An event beyond the limit is counted and not kept: its bytes are let go as they come.
#[derive(Debug)]
pub(crate) struct Frames {
    limit: usize,
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    /// Data lines of the event that has not ended yet.
    data: Vec<u8>,
    has_data: bool,
    /// Set while an event beyond the limit passes: bytes so far, and whether the current line has begun.
    oversized: Option<(u64, bool)>,
}

impl Frames {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            data: Vec::new(),
            has_data: false,
            oversized: None,
        }
    }

    pub(crate) fn push(&mut self, mut bytes: &[u8], mut take: impl FnMut(Frame<'_>)) {
        while let Some(end) = memchr(b'\n', bytes) {
            let (head, rest) = (&bytes[..end], &bytes[end + 1..]);
            bytes = rest;
            if let Some((size, line_begun)) = &mut self.oversized {
                let blank = !*line_begun && matches!(head, b"" | b"\r");
                if blank {
                    take(Frame::Oversized(*size));
                    self.oversized = None;
                } else {
                    *size += head.len() as u64 + 1;
                    *line_begun = false;
                }
                continue;
            }
            if self.line.is_empty() {
                let line = without_return(head);
                // Nearly every event is one data line followed by a blank one: it needs no copy.
                if !self.has_data
                    && let Some(data) = data_of(line)
                    && data.len() <= self.limit
                    && let Some(after) = after_blank_line(bytes)
                {
                    take(Frame::Event(data));
                    bytes = after;
                    continue;
                }
                self.end_line(line, &mut take);
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(head);
                self.end_line(without_return(&line), &mut take);
                line.clear();
                if line.capacity() <= KEPT_CAPACITY {
                    self.line = line;
                }
            }
        }
        self.keep(bytes);
    }

    /// Keeps the beginning of a line, or counts it when the event is too long already.
    fn keep(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if let Some((size, line_begun)) = &mut self.oversized {
            *size += bytes.len() as u64;
            // A lone `\r` may be the first half of the blank line that ends the event.
            *line_begun |= bytes != b"\r";
        } else if self.data.len() + self.line.len() + bytes.len() > self.limit {
            self.oversized = Some(((self.data.len() + self.line.len() + bytes.len()) as u64, true));
            self.forget();
        } else {
            self.line.extend_from_slice(bytes);
        }
    }

    fn end_line(&mut self, line: &[u8], take: &mut impl FnMut(Frame<'_>)) {
        if line.is_empty() {
            if self.has_data {
                take(Frame::Event(&self.data));
                self.has_data = false;
                if self.data.capacity() > KEPT_CAPACITY {
                    self.data = Vec::new();
                } else {
                    self.data.clear();
                }
            }
        } else if let Some(data) = data_of(line) {
            if self.data.len() + data.len() > self.limit {
                self.oversized = Some(((self.data.len() + line.len()) as u64, false));
                self.forget();
                return;
            }
            if self.has_data {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(data);
            self.has_data = true;
        } else if !is_field_without_use(line) {
            take(Frame::Garbage);
        }
    }

    fn forget(&mut self) {
        self.line = Vec::new();
        self.data = Vec::new();
        self.has_data = false;
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The data of a data line; one space after the colon belongs to the format.
fn data_of(line: &[u8]) -> Option<&[u8]> {
    let data = line.strip_prefix(b"data:")?;
    Some(data.strip_prefix(b" ").unwrap_or(data))
}

fn after_blank_line(bytes: &[u8]) -> Option<&[u8]> {
    bytes.strip_prefix(b"\n").or_else(|| bytes.strip_prefix(b"\r\n"))
}

/// Comments and the format's other fields, which this engine does not use.
fn is_field_without_use(line: &[u8]) -> bool {
    line.starts_with(b":")
        || [&b"event"[..], b"id", b"retry", b"data"].iter().any(|field| {
            line.strip_prefix(*field)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(b":"))
        })
}
