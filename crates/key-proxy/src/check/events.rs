//! The events of a streamed answer.

use std::collections::VecDeque;

use bytes::Bytes;

/// Puts events together from the pieces they come in (WHATWG, server-sent events). Holds the piece that is not whole
/// yet: who feeds it bounds it.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Vec<String>,
    ready: VecDeque<String>,
}

impl Events {
    /// Whether a text begins as a stream of events does.
    pub(super) fn begins(text: &[u8]) -> bool {
        let text = text.trim_ascii_start();
        [&b"data:"[..], b"event:", b"id:", b"retry:", b":"]
            .iter()
            .any(|start| text.starts_with(start))
    }

    pub(super) fn push(&mut self, piece: &Bytes) {
        for &byte in piece {
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.take_line(&line);
            } else {
                self.line.push(byte);
            }
        }
    }

    /// The stream is over; servers may leave out the last empty line.
    pub(super) fn end(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.take_line(&line);
        self.take_line(b"");
    }

    /// The data of the next whole event.
    pub(super) fn next(&mut self) -> Option<String> {
        self.ready.pop_front()
    }

    fn take_line(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            if !self.data.is_empty() {
                self.ready.push_back(std::mem::take(&mut self.data).join("\n"));
            }
        } else if let Some(data) = line.strip_prefix(b"data:") {
            let data = data.strip_prefix(b" ").unwrap_or(data);
            self.data.push(String::from_utf8_lossy(data).into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let mut events = Events::default();
        for piece in pieces {
            events.push(&Bytes::copy_from_slice(piece));
        }
        events.end();
        std::iter::from_fn(|| events.next()).collect()
    }

    #[test]
    fn events_are_the_same_however_they_are_cut() {
        let stream = ": hello\r\n\r\nevent: x\ndata: {\"a\":\ndata: \"ü\"}\n\ndata:[DONE]".as_bytes();
        let expected = vec!["{\"a\":\n\"ü\"}".to_owned(), "[DONE]".to_owned()];
        assert_eq!(events(&[stream]), expected);
        for cut in 0..stream.len() {
            assert_eq!(
                events(&[&stream[..cut], &stream[cut..]]),
                expected,
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn a_stream_is_told_from_a_document() {
        assert!(Events::begins(b"\n data: {}"));
        assert!(Events::begins(b": comment"));
        assert!(!Events::begins(b"{\"data\":1}"));
        assert!(!Events::begins(b"<html>"));
    }
}
