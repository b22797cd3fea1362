//! Moving the line between final and open text forward.
//!
//! Markdown is decided line by line: once a block has begun, the ones before it cannot change. So all top-level blocks
//! but the last are final, and some last ones too (a paragraph after a blank line).
//!
//! The result must not depend on how the text was cut into deltas. Ending blocks where they end in any case is
//! harmless at any moment. Cutting a long list is not: it is decided only in [`Document::check`], which happens at
//! line ends that follow from the text alone.

use super::{Closed, Document, Growing, Note, Role, blocks};
use crate::block::{Block, BlockKind};
use crate::definitions::Place;
use crate::fence::Fence;
use crate::limits;
use crate::render::{CodeMemory, ListContinuation};
use crate::structure::{self, Definition, Segment, Shape};
use crate::table::Table;

/// When the open text is to be checked next.
pub(super) struct Checks {
    /// At this many bytes of open text.
    at_bytes: usize,
    /// What the block was when a check found nothing to end, which tells what line may end it.
    stalled: Option<Stalled>,
    previous_line_blank: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Stalled {
    /// A blank line ends it.
    Flowing,
    /// An unindented line after a blank one ends it or begins its next item.
    Items,
    Other,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            at_bytes: limits::CUT_BYTES,
            stalled: None,
            previous_line_blank: false,
        }
    }
}

/// What stays open after the final blocks are taken off.
enum Rest {
    Nothing,
    /// A fence or table: it is read by lines from now on.
    Growing,
    Segment(Segment),
}

impl Document {
    /// Takes in the complete lines up to `end`; with `finish` that is the end of the message.
    pub(super) fn advance(&mut self, end: usize, finish: bool) {
        loop {
            match &mut self.growing {
                Growing::Fence(fence) => match fence.advance(&self.text, end) {
                    Some(closed) => self.end_growing(closed),
                    None if finish => return self.end_growing(end),
                    None => break,
                },
                Growing::Table(table) => match table.advance(&self.text, end, &self.definitions) {
                    Some(closed) => self.end_growing(closed),
                    None if finish => return self.end_growing(end),
                    None => break,
                },
                Growing::Nothing => {
                    if let Some(check) = self.next_check(end) {
                        self.check(check);
                    } else if finish || self.checks.stalled.is_none() {
                        let (rest, definitions) = self.end_blocks(end, finish);
                        self.settle(&rest, definitions);
                        if !matches!(rest, Rest::Growing) {
                            break;
                        }
                    } else {
                        break;
                    }
                }
            }
        }
        self.examined = self.examined.max(end);
    }

    /// The next line end, up to `end`, at which the open text must be checked.
    fn next_check(&mut self, end: usize) -> Option<usize> {
        while self.examined < end {
            let rest = &self.text[self.examined..end];
            let length = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
            let line = &rest[..length];
            let blank = line.trim().is_empty();
            let after_blank = std::mem::replace(&mut self.checks.previous_line_blank, blank);
            self.examined += length;
            let large = self.examined.saturating_sub(self.open) >= self.checks.at_bytes;
            let ending = match self.checks.stalled {
                Some(Stalled::Flowing) => blank,
                Some(Stalled::Items) => after_blank && !line.starts_with([' ', '\t', '\n']),
                Some(Stalled::Other) | None => false,
            };
            if large || ending {
                return Some(self.examined);
            }
        }
        None
    }

    /// Ends what is final at `at`, a line end, and cuts the list that is too long.
    fn check(&mut self, at: usize) {
        let (mut rest, definitions) = self.end_blocks(at, false);
        if let Rest::Segment(segment) = &mut rest
            && at - segment.range.start >= limits::CUT_BYTES
            && let Shape::List { items, first_number } = &segment.shape
            && let Some(last_item) = items.last().copied().filter(|_| items.len() > 1)
        {
            let before = structure::content_end(&self.text, segment.range.start..last_item);
            let finished_items = items.len() as u64 - 1;
            let number =
                first_number.map(|own| self.list.as_ref().and_then(|list| list.number).unwrap_or(own));
            let loose = self.close_rich(segment.range.start..before);
            self.list = Some(ListContinuation {
                number: number.map(|first| first.saturating_add(finished_items)),
                loose,
            });
            segment.range.start = last_item;
        }
        self.settle(&rest, definitions);
        let size = at - self.open;
        if size >= limits::CUT_BYTES && !matches!(rest, Rest::Growing) {
            self.checks.stalled = Some(match rest {
                Rest::Segment(Segment {
                    shape: Shape::List { .. } | Shape::Footnote(_),
                    ..
                }) => Stalled::Items,
                Rest::Segment(Segment {
                    shape: Shape::Flowing,
                    ..
                })
                | Rest::Nothing => Stalled::Flowing,
                _ => Stalled::Other,
            });
            self.checks.at_bytes = size + size / limits::GROWTH_SHARE;
        }
    }

    /// Ends the blocks that are final in the lines up to `to`, and tells what remains.
    fn end_blocks(&mut self, to: usize, finish: bool) -> (Rest, Vec<Definition>) {
        let base = self.open;
        let (mut segments, mut definitions) = structure::read(&self.text[base..to]);
        for segment in &mut segments {
            segment.range.start += base;
            segment.range.end += base;
            if let Shape::List { items, .. } = &mut segment.shape {
                for item in items {
                    *item += base;
                }
            }
        }
        for definition in &mut definitions {
            definition.range.start += base;
            definition.range.end += base;
        }
        self.foresee(&segments, &definitions);
        self.memory.rewind();
        let starts: Vec<usize> = segments
            .iter()
            .skip(1)
            .map(|next| next.range.start)
            .chain([to])
            .collect();
        let count = segments.len();
        for (number, (segment, next_start)) in segments.into_iter().zip(starts).enumerate() {
            let last = number + 1 == count;
            let range = segment.range.clone();
            let ended = match &segment.shape {
                Shape::Fence(info) => {
                    if !last && let Some(pieces) = Fence::whole(&self.text, &range, next_start, info) {
                        let kind = BlockKind::Code {
                            language: crate::highlight::language_of_info(info),
                        };
                        self.close(
                            Closed {
                                range,
                                role: Role::Code,
                            },
                            Block { kind, pieces },
                        );
                        continue;
                    }
                    let fence = Fence::open(&self.text[..to], range.start, info);
                    self.growing = Growing::Fence(Box::new(fence));
                    self.open = range.start;
                    return (Rest::Growing, definitions);
                }
                Shape::Table => {
                    let Some(table) = Table::open(&self.text[..to], range.start, &self.definitions) else {
                        // The parser and the row reader disagree about the header: trust neither with it.
                        self.close_rich(range);
                        continue;
                    };
                    if last || !self.close_table(table, next_start) {
                        self.reopen_table(range.start, to);
                        return (Rest::Growing, definitions);
                    }
                    continue;
                }
                _ if !last || finish => Some(range.end),
                Shape::Single => Some(line_end(&self.text[..to], range.end)),
                Shape::Flowing => structure::blank_line_after(&self.text[..to], range.end),
                _ => None,
            };
            let Some(ended) = ended else {
                self.open = range.start;
                return (Rest::Segment(segment), definitions);
            };
            match &segment.shape {
                Shape::IndentedCode => {
                    let block = self.indented_code(range.clone());
                    self.close(
                        Closed {
                            range,
                            role: Role::Code,
                        },
                        block,
                    );
                }
                Shape::Footnote(label) => self.close_note(label, range),
                _ => {
                    self.close_rich(range);
                }
            }
            self.open = ended;
        }
        self.skip_definitions(to, finish);
        (Rest::Nothing, definitions)
    }

    /// Only definitions and blank lines follow `open`: moves it to the last run of definitions without a blank line
    /// between. Inside such a run nothing is final before it ends: a title may follow, or a paragraph.
    fn skip_definitions(&mut self, to: usize, finish: bool) {
        let mut run = self.open;
        let mut at = self.open;
        for line in self.text[self.open..to].split_inclusive('\n') {
            at += line.len();
            if line.trim().is_empty() {
                run = at;
            }
        }
        self.open = if finish { to } else { run };
    }

    /// Makes the definitions of the whole open text known before anything in it is rendered.
    fn foresee(&mut self, segments: &[Segment], definitions: &[Definition]) {
        let found =
            structure::provisional(segments, definitions, self.definitions.next_footnote(), |label| {
                self.definitions.is_settled(label)
            });
        self.definitions.set_provisional(found);
    }

    /// Settles the definitions before the open text; those in it may change yet.
    fn settle(&mut self, rest: &Rest, definitions: Vec<Definition>) {
        if let Rest::Segment(segment) = rest {
            self.open = segment.range.start;
        }
        let (segments, open) = match (rest, &self.growing) {
            (Rest::Segment(segment), _) => (std::slice::from_ref(segment), self.open),
            // Definitions directly above the fence or table are complete: it ended them.
            (_, Growing::Fence(fence)) => (&[][..], fence.next_line),
            (_, Growing::Table(table)) => (&[][..], table.next_line),
            _ => (&[][..], self.open),
        };
        self.checks = Checks {
            previous_line_blank: self.checks.previous_line_blank,
            ..Checks::default()
        };
        let (settled, still_open): (Vec<_>, Vec<_>) = definitions
            .into_iter()
            .partition(|definition| definition.range.start < open);
        for definition in settled {
            self.definitions.settle(definition.label, definition.meaning);
        }
        self.foresee(segments, &still_open);
    }

    fn close(&mut self, closed: Closed, block: Block) -> usize {
        let index = self.closed.len();
        self.shown.set(index, block);
        self.closed.push(closed);
        self.list = None;
        index
    }

    fn close_rich(&mut self, range: std::ops::Range<usize>) -> bool {
        let list = self.list.take();
        let (block, asked, loose) = self.rich(range.clone(), list.as_ref());
        let index = self.close(
            Closed {
                range,
                role: Role::Rich(list),
            },
            block,
        );
        self.definitions.depend(Place::Block(index), asked);
        loose
    }

    fn close_note(&mut self, label: &str, range: std::ops::Range<usize>) {
        // A second definition of a label has no reference; like a second link definition it shows nothing.
        let Some(number) = self.definitions.settle_footnote(label) else {
            return;
        };
        let (html, asked) = self.note(range.clone());
        self.note_bytes += range.len();
        if self.note_bytes <= limits::GATHERED_FOOTNOTE_BYTES {
            self.definitions.depend(Place::Footnote(self.notes.len()), asked);
            self.notes.push(Note { range, html });
        } else {
            let block = blocks::note_block(number, &html);
            let index = self.close(
                Closed {
                    range,
                    role: Role::Note(number),
                },
                block,
            );
            self.definitions.depend(Place::Block(index), asked);
        }
    }

    /// Closes a table that ends before `end`; `false` when something else than blank lines follows its rows.
    fn close_table(&mut self, mut table: Table, end: usize) -> bool {
        let ended = table.advance(&self.text, end, &self.definitions).unwrap_or(end);
        if !self.text[ended..end].trim().is_empty() {
            return false;
        }
        let range = table.start()..ended;
        let asked = std::mem::take(&mut table.asked);
        let index = self.close(
            Closed {
                range,
                role: Role::Table,
            },
            Block {
                kind: BlockKind::Table,
                pieces: table.finish(),
            },
        );
        self.definitions.depend(Place::Block(index), asked);
        self.open = ended;
        true
    }

    fn reopen_table(&mut self, start: usize, to: usize) {
        self.open = start;
        if let Some(table) = Table::open(&self.text[..to], start, &self.definitions) {
            self.growing = Growing::Table(Box::new(table));
        }
    }

    /// Ends the fence or table that was read by lines.
    fn end_growing(&mut self, end: usize) {
        let index = self.closed.len();
        let keep = self.view.take_grown_pieces();
        match std::mem::take(&mut self.growing) {
            Growing::Nothing => {}
            Growing::Fence(fence) => {
                let range = fence.start()..end;
                let kind = BlockKind::Code {
                    language: fence.pieces.language(),
                };
                self.shown.put(index, kind, keep, fence.finish());
                self.closed.push(Closed {
                    range,
                    role: Role::Code,
                });
            }
            Growing::Table(mut table) => {
                let range = table.start()..end;
                let asked = std::mem::take(&mut table.asked);
                self.shown.put(index, BlockKind::Table, keep, table.finish());
                self.closed.push(Closed {
                    range,
                    role: Role::Table,
                });
                self.definitions.depend(Place::Block(index), asked);
            }
        }
        self.open = end;
        self.examined = end;
        self.list = None;
        self.checks = Checks::default();
        self.memory = CodeMemory::default();
        self.definitions.set_provisional(std::collections::HashMap::new());
    }
}

/// The end of the line `at` is in, its line end included.
fn line_end(text: &str, at: usize) -> usize {
    text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline + 1)
}
