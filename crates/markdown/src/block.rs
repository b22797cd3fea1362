//! What a rendered message is made of, and what one delta changed in it.

use serde::Serialize;

use crate::safe_html::SafeHtml;

/// How the pieces of a [`Block`] are to be framed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum BlockKind {
    /// The pieces, one after the other, are the block's HTML.
    Html,
    /// The pieces, one after the other, are the inner HTML of `<pre><code>`.
    Code {
        /// The first word of the fence's info string, as written: a label for people, not a validated name.
        language: Option<String>,
    },
    /// The first piece is the header row (for `<thead>`), each further piece a group of body rows (for `<tbody>`).
    Table,
}

/// One top-level block of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Block {
    /// How the pieces are framed.
    pub kind: BlockKind,
    /// The block's HTML. All but the last piece of an open block are final.
    pub pieces: Vec<SafeHtml>,
}

/// What a call changed: afterwards the list is [`Patch::blocks`] long, and each change sets one block of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Patch {
    /// Length of the block list now; blocks beyond it are gone.
    pub blocks: usize,
    /// Changed blocks in ascending order of index.
    pub changes: Vec<BlockChange>,
}

/// The new state of one block: its first `keep` pieces stay, `pieces` follow them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BlockChange {
    /// Position in the block list. Indices one past the previous end append.
    pub index: usize,
    /// How the pieces are framed now.
    pub kind: BlockKind,
    /// How many of the pieces already there stay; the rest is dropped.
    pub keep: usize,
    /// What follows the kept pieces.
    pub pieces: Vec<SafeHtml>,
}

/// The block list as shown, together with what changed in it since the last [`Patch`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    blocks: Vec<Block>,
    changes: std::collections::BTreeMap<usize, BlockChange>,
}

impl Shown {
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    pub(crate) fn into_blocks(self) -> Vec<Block> {
        self.blocks
    }

    /// Sets block `index` (at most one past the end): `keep` pieces stay, `pieces` follow.
    pub(crate) fn put(&mut self, index: usize, kind: BlockKind, keep: usize, pieces: Vec<SafeHtml>) {
        let keep = match self.blocks.get_mut(index) {
            Some(block) if block.kind == kind => {
                let keep = keep.min(block.pieces.len());
                if block.pieces.get(keep..) == Some(pieces.as_slice()) {
                    return;
                }
                block.pieces.truncate(keep);
                block.pieces.extend(pieces.iter().cloned());
                keep
            }
            Some(block) => {
                *block = Block {
                    kind: kind.clone(),
                    pieces: pieces.clone(),
                };
                0
            }
            None => {
                self.blocks.push(Block {
                    kind: kind.clone(),
                    pieces: pieces.clone(),
                });
                0
            }
        };
        self.record(BlockChange {
            index,
            kind,
            keep,
            pieces,
        });
    }

    /// Sets a whole block, keeping the pieces that did not change.
    pub(crate) fn set(&mut self, index: usize, block: Block) {
        let keep = match self.blocks.get(index) {
            Some(old) if old.kind == block.kind => old
                .pieces
                .iter()
                .zip(&block.pieces)
                .take_while(|(old, new)| old == new)
                .count(),
            _ => 0,
        };
        let mut pieces = block.pieces;
        self.put(index, block.kind, keep, pieces.split_off(keep));
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.blocks.truncate(length);
        self.changes.split_off(&length);
    }

    /// Adds a block at the end that was there, at the same place, before the current round of changes.
    pub(crate) fn put_back(&mut self, previous: Option<(usize, Block)>, block: Block) {
        let index = self.blocks.len();
        match previous {
            Some((old_index, old)) if old_index == index && !self.changes.contains_key(&index) => {
                self.blocks.push(old);
                self.set(index, block);
            }
            _ => self.set(index, block),
        }
    }

    /// Takes the last block off without recording it; [`Shown::put_back`] settles what became of it.
    pub(crate) fn lift_last(&mut self) -> Option<(usize, Block)> {
        let block = self.blocks.pop()?;
        Some((self.blocks.len(), block))
    }

    fn record(&mut self, change: BlockChange) {
        let Some(earlier) = self.changes.get_mut(&change.index) else {
            self.changes.insert(change.index, change);
            return;
        };
        if change.keep >= earlier.keep {
            earlier.pieces.truncate(change.keep - earlier.keep);
            earlier.pieces.extend(change.pieces);
            earlier.kind = change.kind;
        } else {
            *earlier = change;
        }
    }

    pub(crate) fn take_patch(&mut self) -> Patch {
        Patch {
            blocks: self.blocks.len(),
            changes: std::mem::take(&mut self.changes).into_values().collect(),
        }
    }
}
