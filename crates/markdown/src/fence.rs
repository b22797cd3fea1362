//! A fenced code block that grows line by line.
//!
//! A fence stays open until its closing line, however long that takes, so it is not parsed again with each delta:
//! lines are read once, as section 4.5 of the CommonMark specification tells them apart.

use std::ops::Range;

use crate::code_pieces::CodePieces;
use crate::safe_html::SafeHtml;

/// The opening line of a fence.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Opening {
    indent: usize,
    mark: u8,
    length: usize,
}

impl Opening {
    fn of(line: &str) -> Option<Self> {
        let indent = line.bytes().take_while(|byte| *byte == b' ').count();
        let mark = *line.as_bytes().get(indent)?;
        let length = line.as_bytes()[indent..]
            .iter()
            .take_while(|byte| **byte == mark)
            .count();
        (matches!(mark, b'`' | b'~') && length >= 3 && indent < 4).then_some(Self { indent, mark, length })
    }
}

/// Reads a line for whether it is, or may become, the closing one. Fed piecewise, so that a line of a megabyte of
/// backticks is read once.
#[derive(Clone, Copy, Debug)]
struct ClosingScan {
    columns: usize,
    marks: usize,
    trailing: bool,
    possible: bool,
    read: usize,
}

impl ClosingScan {
    fn new() -> Self {
        Self {
            columns: 0,
            marks: 0,
            trailing: false,
            possible: true,
            read: 0,
        }
    }

    fn feed(&mut self, line: &str, mark: u8) {
        for byte in line.as_bytes()[self.read.min(line.len())..].iter().copied() {
            if !self.possible {
                break;
            }
            match byte {
                b' ' if self.marks > 0 => self.trailing = true,
                b' ' => self.columns += 1,
                b'\t' if self.marks == 0 => self.columns = (self.columns / 4 + 1) * 4,
                _ if byte == mark && !self.trailing && self.columns < 4 => self.marks += 1,
                _ => self.possible = false,
            }
            self.possible &= self.columns < 4;
        }
        self.read = line.len();
    }

    fn closes(&self, length: usize) -> bool {
        self.possible && self.marks >= length
    }

    /// Whether the line, still being written, should wait: it begins as a closing line would.
    fn waits(&self) -> bool {
        self.possible && self.marks > 0
    }
}

/// A fence being read.
pub(crate) struct Fence {
    opening: Opening,
    pub(crate) pieces: CodePieces,
    /// Start of the first line not yet taken.
    pub(crate) next_line: usize,
    scan: ClosingScan,
    /// The current line with its indentation removed, when that is not simply a slice of the source.
    start: usize,
}

impl Fence {
    /// Opens the fence whose block starts at `start` of `text`; lines above the opening one are definitions.
    pub(crate) fn open(text: &str, start: usize, info: &str) -> Self {
        let mut line_start = start;
        let mut opening = Opening {
            indent: 0,
            mark: b'`',
            length: 3,
        };
        for line in text[start..].split_inclusive('\n') {
            line_start += line.len();
            if let Some(found) = Opening::of(line) {
                opening = found;
                break;
            }
        }
        Self {
            opening,
            pieces: CodePieces::new(info),
            next_line: line_start,
            scan: ClosingScan::new(),
            start,
        }
    }

    /// Start of the block.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// Takes the complete lines up to `end`; returns where the block ends once its closing line is among them.
    pub(crate) fn advance(&mut self, text: &str, end: usize) -> Option<usize> {
        while self.next_line < end {
            let rest = &text[self.next_line..end];
            let length = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
            let line = rest[..length].trim_end_matches('\n');
            self.next_line += length;
            self.scan.feed(line, self.opening.mark);
            let closes = self.scan.closes(self.opening.length);
            self.scan = ClosingScan::new();
            if closes {
                return Some(self.next_line);
            }
            self.pieces.line(&without_indent(line, self.opening.indent));
        }
        None
    }

    /// The open piece, with the line still being written: `text` from [`Fence::next_line`] on.
    pub(crate) fn tail(&mut self, text: &str) -> Option<SafeHtml> {
        let open_line = &text[self.next_line..];
        self.scan.feed(open_line, self.opening.mark);
        if open_line.is_empty() || self.scan.waits() {
            return self.pieces.tail(None);
        }
        let line = without_indent(open_line, self.opening.indent);
        self.pieces.cut_long(&line);
        self.pieces.tail(Some(&line))
    }

    /// Reads a whole fence that the parser found at `range`. `None` when its closing line is elsewhere.
    pub(crate) fn whole(text: &str, range: &Range<usize>, end: usize, info: &str) -> Option<Vec<SafeHtml>> {
        let mut fence = Self::open(text, range.start, info);
        let closed = fence.advance(text, end)?;
        let line_end = text[range.end..]
            .find('\n')
            .map_or(text.len(), |newline| range.end + newline + 1);
        (closed == line_end).then(|| fence.finish())
    }

    pub(crate) fn finish(mut self) -> Vec<SafeHtml> {
        let mut pieces = self.pieces.take_closed();
        pieces.extend(self.pieces.tail(None));
        pieces
    }
}

/// Removes up to `indent` columns of indentation: as many as the opening line had.
fn without_indent(line: &str, indent: usize) -> std::borrow::Cow<'_, str> {
    let mut columns = 0;
    for (at, byte) in line.bytes().enumerate() {
        if columns >= indent {
            return line[at..].into();
        }
        match byte {
            b' ' => columns += 1,
            b'\t' => {
                // The part of a tab beyond the indentation remains, as spaces.
                let beyond = 4 - indent;
                return format!("{}{}", &"    "[..beyond], &line[at + 1..]).into();
            }
            _ => return line[at..].into(),
        }
    }
    "".into()
}
