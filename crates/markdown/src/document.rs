//! A message that is still being written.
//!
//! The text before [`Document::open`] is final: its blocks are rendered and, but for late definitions, never looked at
//! again. What may still change is read again from there. `progress` moves that line forward, `view` shows what lies
//! beyond it, `blocks` renders one block of either.

mod blocks;
mod progress;
mod view;

use std::collections::BTreeSet;
use std::ops::Range;

use crate::block::{Block, Patch, Shown};
use crate::definitions::{Definitions, Place};
use crate::fence::Fence;
use crate::limits;
use crate::render::{CodeMemory, ListContinuation};
use crate::safe_html::SafeHtml;
use crate::table::Table;

/// Markdown that arrives in deltas, and its blocks so far.
///
/// An unfinished construct (`**bo`, a half typed link) shows as the text it is so far.
#[derive(Default)]
pub struct Document {
    source: String,
    /// The source with every line end as `\n`, which is what everything else counts in.
    text: String,
    ends_in_carriage_return: bool,
    finished: bool,
    shown: Shown,
    /// How each of the final blocks came about; they are the first of the shown ones.
    closed: Vec<Closed>,
    /// Where the first block begins that may still change.
    open: usize,
    /// Complete lines up to here have been examined.
    examined: usize,
    growing: Growing,
    /// Set when the list at `open` continues the last closed block.
    list: Option<ListContinuation>,
    checks: progress::Checks,
    definitions: Definitions,
    notes: Vec<Note>,
    note_bytes: usize,
    outdated: BTreeSet<Place>,
    late_bytes: usize,
    memory: CodeMemory,
    view: view::View,
}

/// What the open block is, when it is of a kind that grows by lines.
#[derive(Default)]
enum Growing {
    #[default]
    Nothing,
    Fence(Box<Fence>),
    Table(Box<Table>),
}

/// A final block: what it takes to render it again.
struct Closed {
    range: Range<usize>,
    role: Role,
}

#[derive(Clone)]
enum Role {
    Rich(Option<ListContinuation>),
    /// A footnote that stays where it is defined, and its number.
    Note(usize),
    Table,
    Code,
}

/// A footnote gathered at the end.
struct Note {
    range: Range<usize>,
    html: SafeHtml,
}

impl Document {
    /// An empty message.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The source so far, as it was pushed.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The blocks as shown now.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        self.shown.blocks()
    }

    /// Takes what arrived and returns what changed.
    ///
    /// After [`Document::finish`] this opens the message again, which costs rendering it anew.
    pub fn push(&mut self, delta: &str) -> Patch {
        if self.finished {
            let source = format!("{}{delta}", self.source);
            return self.restart(&source);
        }
        self.append(delta);
        self.bring_up_to_date();
        self.shown.take_patch()
    }

    /// Says that nothing more arrives: what waited for its end is rendered as it is.
    pub fn finish(&mut self) -> Patch {
        if !self.finished {
            self.finished = true;
            self.complete();
        }
        self.shown.take_patch()
    }

    /// Makes `source` the whole text of a message that is still open.
    ///
    /// When it begins with the text so far, this costs what [`Document::push`] of the rest costs.
    pub fn replace(&mut self, source: &str) -> Patch {
        match source.strip_prefix(self.source.as_str()) {
            Some(rest) if !self.finished => self.push(rest),
            _ => self.restart(source),
        }
    }

    pub(crate) fn whole(source: &str) -> Self {
        let mut document = Self::new();
        document.append(source);
        document.finish();
        document
    }

    pub(crate) fn into_blocks(self) -> Vec<Block> {
        self.shown.into_blocks()
    }

    fn restart(&mut self, source: &str) -> Patch {
        let mut shown = std::mem::take(&mut self.shown);
        *self = Self::new();
        self.append(source);
        self.bring_up_to_date();
        for (index, block) in self.shown.blocks().iter().enumerate() {
            shown.set(index, block.clone());
        }
        shown.truncate(self.shown.blocks().len());
        self.shown = shown;
        self.shown.take_patch()
    }

    /// Adds to the source, and to the text with line ends as one character, wherever a delta may have cut them.
    fn append(&mut self, delta: &str) {
        self.source.push_str(delta);
        let mut rest = delta;
        if self.ends_in_carriage_return && !rest.is_empty() {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
        if !delta.is_empty() {
            self.ends_in_carriage_return = delta.ends_with('\r');
        }
        while let Some(at) = rest.find('\r') {
            self.text.push_str(&rest[..at]);
            self.text.push('\n');
            rest = &rest[at + 1..];
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
        self.text.push_str(rest);
    }

    fn bring_up_to_date(&mut self) {
        // Looking back from the end costs the open line at most; `examined` is where the look must stop.
        let complete = match self.text[self.examined.max(self.view.looked_to)..].rfind('\n') {
            Some(newline) => self.examined.max(self.view.looked_to) + newline + 1,
            None => self.examined,
        };
        self.view.looked_to = self.text.len();
        let lifted = self.lift_notes();
        if complete > self.examined {
            self.advance(complete, false);
        }
        self.apply_late_definitions(Some(
            limits::LATE_SHARE * self.text.len() + limits::LATE_ALLOWANCE,
        ));
        self.show_open(lifted);
    }

    fn complete(&mut self) {
        let lifted = self.lift_notes();
        self.advance(self.text.len(), true);
        self.apply_late_definitions(None);
        self.show_final(lifted);
    }

    /// Renders again what a definition changed, as far as the budget (in source bytes over the whole message) goes.
    fn apply_late_definitions(&mut self, budget: Option<usize>) {
        self.outdated.extend(self.definitions.take_outdated());
        while let Some(place) = self.outdated.first().copied() {
            let range = match place {
                Place::Block(index) => self.closed.get(index).map(|closed| closed.range.clone()),
                Place::Footnote(index) => self.notes.get(index).map(|note| note.range.clone()),
            };
            // An open table's references are registered while it is open; nothing late can concern it yet.
            let Some(range) = range else {
                self.outdated.remove(&place);
                continue;
            };
            if budget.is_some_and(|budget| self.late_bytes + range.len() > budget) {
                return;
            }
            self.late_bytes += range.len();
            self.outdated.remove(&place);
            self.render_again(place);
        }
    }
}
