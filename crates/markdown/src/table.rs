//! A table that grows row by row.
//!
//! Every body row is one line and stands on its own, so a row is parsed once, together with the header that gives it
//! its columns, and never again.

use std::collections::HashSet;

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};

use crate::definitions::{Definitions, Label};
use crate::limits;
use crate::render::{CodeMemory, Writer, read_events};
use crate::safe_html::SafeHtml;

/// What a row is parsed under when its cells do not matter.
const PLAIN_HEAD: &str = "|a|\n|-|\n";

/// A table being read.
pub(crate) struct Table {
    start: usize,
    /// Header and delimiter line.
    head: String,
    /// The header is too wide, or too long to be read again with each row: rows are shown as text.
    wide: bool,
    closed: Vec<SafeHtml>,
    group: Vec<SafeHtml>,
    rows: usize,
    /// Start of the first line not yet taken.
    pub(crate) next_line: usize,
    pub(crate) asked: HashSet<Label>,
}

impl Table {
    /// Opens the table whose block starts at `start` of `text`. `None` when there is no table there.
    pub(crate) fn open(text: &str, start: usize, definitions: &Definitions) -> Option<Self> {
        let mut lines = text[start..].split_inclusive('\n');
        // Definitions may stand above the header; the header is the line before the first that makes a table.
        let mut end = start + lines.next()?.len();
        for line in lines {
            end += line.len();
            if !line.contains('-')
                || line.contains(|character: char| {
                    !matches!(character, '|' | '-' | ':') && !character.is_whitespace()
                })
            {
                continue;
            }
            let head = &text[start..end];
            let Some(read) = Rows::read(head, definitions) else {
                continue;
            };
            let columns = read.alignments.len();
            let wide = columns > limits::TABLE_COLUMNS || head.len() > limits::LIVE_BYTES;
            let head_row = if wide {
                let line = head.lines().rev().nth(1).unwrap_or_default();
                SafeHtml::sanitize_rows("thead", &format!("<tr><th>{}</th></tr>", escaped(line)))
            } else {
                SafeHtml::sanitize_rows("thead", &format!("<tr>{}</tr>", read.head))
            };
            let mut head = head.to_owned();
            if !head.ends_with('\n') {
                head.push('\n');
            }
            return Some(Self {
                start,
                head,
                wide,
                closed: vec![head_row],
                group: Vec::new(),
                rows: 0,
                next_line: end,
                asked: read.asked,
            });
        }
        None
    }

    /// Start of the block.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// Takes the complete lines up to `end`; returns where the table ends once a line that is no row is among them.
    pub(crate) fn advance(&mut self, text: &str, end: usize, definitions: &Definitions) -> Option<usize> {
        while self.next_line < end {
            let rest = &text[self.next_line..end];
            let length = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
            let Some((row, asked)) = self.row(rest[..length].trim_end_matches('\n'), definitions) else {
                return Some(self.next_line);
            };
            self.asked.extend(asked);
            self.group.push(row);
            self.rows += 1;
            self.next_line += length;
            if self.group.len() == limits::PIECE_LINES {
                self.closed
                    .push(SafeHtml::concat(&std::mem::take(&mut self.group)));
            }
        }
        None
    }

    /// Reads one line as a row; `None` when it ends the table.
    fn row(&self, line: &str, definitions: &Definitions) -> Option<(SafeHtml, HashSet<Label>)> {
        if line.trim().is_empty() {
            return None;
        }
        let plain = self.wide || self.rows >= limits::TABLE_ROWS || line.len() > limits::TABLE_ROW_BYTES;
        if plain {
            // Only the beginning of a line decides whether it is a row.
            let beginning = &line[..line.floor_char_boundary(limits::TABLE_ROW_BYTES)];
            let read = Rows::read(&format!("{PLAIN_HEAD}{beginning}"), definitions)?;
            return (read.count == 1 && read.alone).then(|| (SafeHtml::plain_row(line), HashSet::new()));
        }
        let read = Rows::read(&format!("{}{line}", self.head), definitions)?;
        (read.count == 1 && read.alone).then(|| (SafeHtml::sanitize_rows("tbody", &read.body), read.asked))
    }

    /// The pieces closed since the last call.
    pub(crate) fn take_closed(&mut self) -> Vec<SafeHtml> {
        std::mem::take(&mut self.closed)
    }

    /// The open piece, if there is one, with the row still being written: `text` from [`Table::next_line`] on. A long
    /// one is not shown before it ends.
    pub(crate) fn tail(&self, text: &str, definitions: &Definitions) -> Option<SafeHtml> {
        let open_line = &text[self.next_line..];
        let open_row = if open_line.len() > limits::LIVE_BYTES {
            None
        } else {
            self.row(open_line, definitions)
        };
        let rows: Vec<&SafeHtml> = self
            .group
            .iter()
            .chain(open_row.as_ref().map(|(row, _)| row))
            .collect();
        (!rows.is_empty()).then(|| SafeHtml::concat(rows))
    }

    /// All pieces of a table that does not grow any more.
    pub(crate) fn finish(mut self) -> Vec<SafeHtml> {
        let mut pieces = self.take_closed();
        if !self.group.is_empty() {
            pieces.push(SafeHtml::concat(&self.group));
        }
        pieces
    }
}

fn escaped(text: &str) -> String {
    let mut html = String::new();
    crate::escape::push_text(&mut html, text);
    html
}

/// A header with the rows under it, as read by the parser.
struct Rows {
    head: String,
    body: String,
    count: usize,
    /// Nothing stands beside the table.
    alone: bool,
    alignments: Vec<Alignment>,
    asked: HashSet<Label>,
}

impl Rows {
    fn read(text: &str, definitions: &Definitions) -> Option<Self> {
        let mut memory = CodeMemory::default();
        let mut head = Writer::new(definitions, &mut memory, None);
        let mut memory = CodeMemory::default();
        let mut body = Writer::new(definitions, &mut memory, None);
        let (mut in_table, mut in_head) = (false, false);
        let (mut count, mut depth, mut blocks) = (0, 0usize, 0);
        let mut alignments = Vec::new();
        let asked = read_events(text, definitions, |event, range| {
            if depth == 0 && !matches!(event, Event::End(_)) {
                blocks += 1;
            }
            match &event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            match event {
                Event::Start(Tag::Table(columns)) if depth == 1 => {
                    in_table = true;
                    head.set_alignments(columns.clone());
                    body.set_alignments(columns.clone());
                    alignments = columns;
                }
                Event::End(TagEnd::Table) => in_table = false,
                Event::Start(Tag::TableHead) if in_table => {
                    head.start_head_cells();
                    in_head = true;
                }
                Event::End(TagEnd::TableHead) if in_table => in_head = false,
                event if in_table && in_head => head.event(event, &text[range]),
                event if in_table => {
                    count += usize::from(matches!(event, Event::Start(Tag::TableRow)));
                    body.event(event, &text[range]);
                }
                _ => {}
            }
        });
        if alignments.is_empty() {
            return None;
        }
        Some(Self {
            head: head.finish(),
            body: body.finish(),
            count,
            alone: blocks == 1,
            alignments,
            asked,
        })
    }
}
