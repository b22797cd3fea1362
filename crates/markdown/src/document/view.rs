//! Showing the text that is still open.

use super::{Document, Growing};
use crate::block::{Block, BlockKind};
use crate::definitions::Label;
use crate::document::blocks::plain_pieces;
use crate::fence::Fence;
use crate::highlight::language_of_info;
use crate::limits;
use crate::safe_html::{CodeHtml, SafeHtml};
use crate::structure::{self, Shape};
use crate::table::Table;

/// What is shown of the open text.
#[derive(Default)]
pub(super) struct View {
    /// Up to here the text was searched for line ends.
    pub(super) looked_to: usize,
    /// The open position and size of the open text when it was last rendered.
    rendered: Option<(usize, usize)>,
    /// Up to here the open text is shown, formatted or not.
    shown_to: usize,
    /// Where the last piece of unformatted text begins.
    plain_from: usize,
    /// Closed pieces of the growing fence or table that are shown.
    grown: usize,
    /// Footnotes in the open text.
    open_notes: Vec<SafeHtml>,
    has_notes_block: bool,
}

/// The block of footnotes while it is off the list, and where it was.
pub(super) type LiftedNotes = Option<(usize, Block)>;

impl View {
    pub(super) fn take_grown_pieces(&mut self) -> usize {
        std::mem::take(&mut self.grown)
    }
}

impl Document {
    /// Takes the block of footnotes off the end, so that blocks can be added before it.
    pub(super) fn lift_notes(&mut self) -> LiftedNotes {
        if std::mem::take(&mut self.view.has_notes_block) {
            self.shown.lift_last()
        } else {
            None
        }
    }

    pub(super) fn show_open(&mut self, lifted: LiftedNotes) {
        let index = self.closed.len();
        match &mut self.growing {
            Growing::Nothing => self.show_flow(index),
            Growing::Fence(fence) => {
                let tail = fence.tail(&self.text);
                let mut pieces = fence.pieces.take_closed();
                let keep = self.view.grown;
                self.view.grown += pieces.len();
                pieces.extend(tail);
                let kind = BlockKind::Code {
                    language: fence.pieces.language(),
                };
                self.shown.put(index, kind, keep, pieces);
                self.forget_flow(index + 1);
            }
            Growing::Table(table) => {
                let mut pieces = table.take_closed();
                let keep = self.view.grown;
                self.view.grown += pieces.len();
                pieces.extend(table.tail(&self.text, &self.definitions));
                self.shown.put(index, BlockKind::Table, keep, pieces);
                self.forget_flow(index + 1);
            }
        }
        self.show_notes(lifted);
    }

    pub(super) fn show_final(&mut self, lifted: LiftedNotes) {
        self.forget_flow(self.closed.len());
        self.show_notes(lifted);
    }

    fn forget_flow(&mut self, blocks: usize) {
        self.shown.truncate(blocks);
        self.view.rendered = None;
        self.view.open_notes.clear();
    }

    fn show_notes(&mut self, lifted: LiftedNotes) {
        let notes: Vec<&SafeHtml> = self
            .notes
            .iter()
            .map(|note| &note.html)
            .chain(&self.view.open_notes)
            .collect();
        if notes.is_empty() {
            return;
        }
        let block = Block {
            kind: BlockKind::Html,
            pieces: vec![SafeHtml::footnotes(1, notes)],
        };
        self.shown.put_back(lifted, block);
        self.view.has_notes_block = true;
    }

    fn show_flow(&mut self, index: usize) {
        let size = self.text.len() - self.open;
        let due = match self.view.rendered {
            Some((open, rendered_size)) if open == self.open => {
                size <= limits::LIVE_BYTES
                    || (size <= limits::RICH_BYTES
                        && size >= rendered_size + rendered_size / limits::GROWTH_SHARE)
            }
            _ => true,
        };
        if due {
            self.view.rendered = Some((self.open, size));
            self.view.plain_from = self.text.len();
            if size > limits::RICH_BYTES {
                let pieces = plain_pieces(&self.text[self.open..]);
                self.shown.set(
                    index,
                    Block {
                        kind: BlockKind::Html,
                        pieces,
                    },
                );
                self.shown.truncate(index + 1);
            } else {
                self.render_flow(index);
            }
        } else {
            self.append_plain(index);
        }
        self.view.shown_to = self.text.len();
    }

    fn render_flow(&mut self, index: usize) {
        let base = self.open;
        let (segments, _) = structure::read(&self.text[base..]);
        self.memory.rewind();
        self.view.open_notes.clear();
        let mut blocks = index;
        let mut labels = Vec::new();
        let ends: Vec<usize> = segments
            .iter()
            .skip(1)
            .map(|next| base + next.range.start)
            .chain([self.text.len()])
            .collect();
        for (number, (segment, end)) in segments.into_iter().zip(ends).enumerate() {
            let range = base + segment.range.start..base + segment.range.end;
            let block = match &segment.shape {
                Shape::Footnote(label) => {
                    let label = Label::footnote(label);
                    if !self.definitions.is_settled(&label) && !labels.contains(&label) {
                        labels.push(label);
                        let (html, _) = self.note(range);
                        self.view.open_notes.push(html);
                    }
                    continue;
                }
                Shape::Fence(info) => self.open_fence(range.start, end, info),
                Shape::Table => match Table::open(&self.text[..end], range.start, &self.definitions) {
                    Some(mut table) => {
                        table.advance(&self.text, end, &self.definitions);
                        Block {
                            kind: BlockKind::Table,
                            pieces: table.finish(),
                        }
                    }
                    None => self.rich(range, None).0,
                },
                Shape::IndentedCode => self.indented_code(range),
                _ => {
                    let list = if number == 0 { self.list.clone() } else { None };
                    self.rich(range, list.as_ref()).0
                }
            };
            self.shown.set(blocks, block);
            blocks += 1;
        }
        self.shown.truncate(blocks);
    }

    fn open_fence(&self, start: usize, end: usize, info: &str) -> Block {
        let text = &self.text[..end];
        let mut fence = Fence::open(text, start, info);
        let complete = text.rfind('\n').map_or(0, |newline| newline + 1);
        let closed = fence.advance(text, complete).is_some();
        let tail = if closed {
            fence.pieces.tail(None)
        } else {
            fence.tail(text)
        };
        let mut pieces = fence.pieces.take_closed();
        pieces.extend(tail);
        Block {
            kind: BlockKind::Code {
                language: language_of_info(info),
            },
            pieces,
        }
    }

    /// Adds what arrived to the last block as it is, because rendering the block for it would cost too much.
    fn append_plain(&mut self, index: usize) {
        let length = self.text.len();
        let last = self.shown.blocks().len().saturating_sub(1).max(index);
        let (kind, pieces) = match self.shown.blocks().get(last) {
            Some(block) => (block.kind.clone(), block.pieces.len()),
            None => (BlockKind::Html, 0),
        };
        // A piece takes in more text until it has its size: a piece per delta would be a million pieces.
        let grows = self.view.plain_from < self.view.shown_to
            && length - self.view.plain_from <= limits::PLAIN_PIECE_BYTES / 4
            && pieces > 0;
        if !grows {
            self.view.plain_from = self.view.shown_to;
        }
        let text = &self.text[self.view.plain_from..];
        if text.is_empty() {
            return;
        }
        let piece = match kind {
            BlockKind::Html => SafeHtml::plain(text),
            BlockKind::Table => SafeHtml::plain_row(text),
            BlockKind::Code { .. } => {
                let mut html = CodeHtml::default();
                html.push(None, text);
                SafeHtml::code(html)
            }
        };
        self.shown
            .put(last, kind, pieces - usize::from(grows), vec![piece]);
    }
}
