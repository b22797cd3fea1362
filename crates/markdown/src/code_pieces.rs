//! The pieces of a code block: closed ones of [`limits::PIECE_LINES`] lines that never change, and the open last one.

use crate::highlight::{LineHighlighter, language_of_info, syntax_for};
use crate::limits;
use crate::safe_html::{CodeHtml, SafeHtml};

/// Takes code line by line and hands out pieces. Where pieces end depends on the code alone, not on how it arrived.
pub(crate) struct CodePieces {
    language: Option<String>,
    highlighter: LineHighlighter,
    closed: Vec<SafeHtml>,
    group: CodeHtml,
    group_lines: usize,
    group_bytes: usize,
    /// How much of the current line is in pieces already: only of a line longer than a piece.
    line_taken: usize,
}

impl CodePieces {
    /// `info` is the fence's info string; empty for indented code.
    pub(crate) fn new(info: &str) -> Self {
        let language = language_of_info(info);
        let highlighter = LineHighlighter::new(language.as_deref().and_then(syntax_for));
        Self {
            language,
            highlighter,
            closed: Vec::new(),
            group: CodeHtml::default(),
            group_lines: 0,
            group_bytes: 0,
            line_taken: 0,
        }
    }

    pub(crate) fn language(&self) -> Option<String> {
        self.language.clone()
    }

    /// Takes a complete line, given without its line end.
    pub(crate) fn line(&mut self, line: &str) {
        self.cut_long(line);
        if self.line_taken > 0 {
            self.group.push(None, &line[self.line_taken..]);
            self.line_taken = 0;
        } else {
            self.group.append(&self.highlighter.line(line));
        }
        self.group.push(None, "\n");
        self.group_lines += 1;
        self.group_bytes += line.len();
        if self.group_lines >= limits::PIECE_LINES || self.group_bytes >= limits::PIECE_BYTES {
            self.close_group();
        }
    }

    /// Closes pieces of a line that is longer than a piece, whether or not the line has ended.
    pub(crate) fn cut_long(&mut self, line: &str) {
        while line.len() - self.line_taken > limits::PIECE_BYTES {
            if self.line_taken == 0 {
                self.close_group();
            }
            let end = line.floor_char_boundary(self.line_taken + limits::PIECE_BYTES);
            self.group.push(None, &line[self.line_taken..end]);
            self.line_taken = end;
            self.close_group();
        }
    }

    fn close_group(&mut self) {
        if !self.group.is_empty() {
            self.closed.push(SafeHtml::code(std::mem::take(&mut self.group)));
        }
        self.group_lines = 0;
        self.group_bytes = 0;
    }

    /// The pieces closed since the last call.
    pub(crate) fn take_closed(&mut self) -> Vec<SafeHtml> {
        std::mem::take(&mut self.closed)
    }

    /// The open piece, if there is anything in it; `open_line` is the line still being written.
    pub(crate) fn tail(&self, open_line: Option<&str>) -> Option<SafeHtml> {
        let mut html = self.group.clone();
        if let Some(line) = open_line {
            if self.line_taken > 0 {
                html.push(None, &line[self.line_taken..]);
            } else {
                html.append(&self.highlighter.open_line(line));
            }
        }
        (!html.is_empty()).then(|| SafeHtml::code(html))
    }
}
