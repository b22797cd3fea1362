//! Blocks of the open conversation: told as a whole, or grown piece by piece.

use std::collections::BTreeSet;
use std::path::Path;

use cowork_engine::{MessageId, PartId, Role, SessionStatus};
use cowork_transcript::{Block, BlockContent, Entry, Transcript};

use super::{Growing, Open};
use crate::render::{self, Lanes};
use crate::view::{BlockContent as BlockView, BlockPatch, ConversationPatch, Message, TextPatch};

impl Open {
    /// Blocks that were growing and no longer are have to be told once more, closed.
    pub(super) fn settle_growing(
        &mut self,
        transcript: &Transcript,
        blocks: &mut BTreeSet<(MessageId, PartId)>,
    ) {
        for (id, growing) in &self.growing {
            let Some(entry) = transcript.entry(&growing.message) else {
                continue;
            };
            let may_grow = if growing.late {
                is_incomplete(entry)
            } else {
                let block = transcript.block(&growing.message, id);
                block.is_some_and(|block| is_growing(transcript, entry, block))
            };
            if !may_grow {
                blocks.insert((growing.message.clone(), id.clone()));
            }
        }
    }

    /// What was rendered for a message that the window no longer holds is rendered again when it comes back.
    pub(super) fn forget_growing(&mut self, message: &MessageId) {
        let documents = &mut self.documents;
        self.growing.retain(|id, growing| {
            let stays = growing.message != *message;
            if !stays {
                documents.forget(id);
            }
            stays
        });
    }

    pub(super) fn blocks(
        &mut self,
        transcript: &Transcript,
        folder: &Path,
        lanes: &Lanes<'_>,
        blocks: BTreeSet<(MessageId, PartId)>,
        texts: &mut BTreeSet<(MessageId, PartId)>,
        patch: &mut ConversationPatch,
    ) {
        for (message, id) in blocks {
            texts.remove(&(message.clone(), id.clone()));
            if patch
                .messages
                .iter()
                .any(|new| new.fresh && new.message.id == message.as_str())
            {
                continue;
            }
            if !self.known.contains(&message) {
                continue;
            }
            let Some(entry) = transcript.entry(&message) else {
                continue;
            };
            let Some(index) = entry.blocks.iter().position(|block| block.id == id) else {
                continue;
            };
            let block = self.block(transcript, entry, &entry.blocks[index], folder, lanes);
            patch.blocks.push(BlockPatch {
                message: message.to_string(),
                index,
                block,
            });
        }
        patch
            .blocks
            .sort_by(|one, other| (&one.message, one.index).cmp(&(&other.message, other.index)));
    }

    pub(super) fn texts(
        &mut self,
        transcript: &Transcript,
        texts: BTreeSet<(MessageId, PartId)>,
        patch: &mut ConversationPatch,
    ) {
        for (message, id) in texts {
            if !self.known.contains(&message)
                || patch
                    .messages
                    .iter()
                    .any(|new| new.fresh && new.message.id == message.as_str())
            {
                continue;
            }
            let Some((entry, block)) = transcript.entry(&message).zip(transcript.block(&message, &id)) else {
                continue;
            };
            let (BlockContent::Text { text } | BlockContent::Reasoning { text, .. }) = &block.content else {
                continue;
            };
            // What it was told as closed may go on growing: rendered whole for each delta it would cost its square.
            let open = is_incomplete(entry);
            if open {
                let late = Growing {
                    message: message.clone(),
                    late: true,
                };
                self.growing.entry(id.clone()).or_insert(late);
            }
            let html = self.documents.update(&id, text, open);
            if html.changes.is_empty() {
                continue;
            }
            patch.texts.push(TextPatch {
                message: message.to_string(),
                block: id.to_string(),
                html,
            });
        }
    }

    /// The block that more is to be expected in and that was told as closed: a turn runs again, or what stood behind it is
    /// gone.
    pub(super) fn reopened(&self, transcript: &Transcript) -> Option<(MessageId, PartId)> {
        let answers = transcript
            .messages()
            .iter()
            .rev()
            .take_while(|entry| is_incomplete(entry));
        let mut ends = answers.filter_map(|entry| Some((entry, entry.blocks.last()?)));
        let (entry, block) = ends.find(|(entry, block)| {
            is_growing(transcript, entry, block)
                && self.known.contains(&entry.message.id)
                && self.growing.get(&block.id).is_none_or(|growing| growing.late)
        })?;
        Some((entry.message.id.clone(), block.id.clone()))
    }

    pub(super) fn whole(
        &mut self,
        transcript: &Transcript,
        entry: &Entry,
        folder: &Path,
        lanes: &Lanes<'_>,
    ) -> Message {
        let mut message = render::message_header(entry);
        message.blocks = entry
            .blocks
            .iter()
            .map(|block| self.block(transcript, entry, block, folder, lanes))
            .collect();
        message
    }

    pub(super) fn block(
        &mut self,
        transcript: &Transcript,
        entry: &Entry,
        block: &Block,
        folder: &Path,
        lanes: &Lanes<'_>,
    ) -> crate::view::Block {
        let growing = is_growing(transcript, entry, block);
        if growing {
            let expected = Growing {
                message: entry.message.id.clone(),
                late: false,
            };
            self.growing.insert(block.id.clone(), expected);
        } else {
            self.growing.remove(&block.id);
        }
        let view = render::block(entry, block, growing, folder, &mut self.documents, lanes);
        debug_assert!(
            growing || !matches!(view.content, BlockView::Text { open: true, .. }),
            "a closed block is told closed"
        );
        view
    }
}

/// Whether the engine has not said yet that a message is all there is of an answer.
fn is_incomplete(entry: &Entry) -> bool {
    entry.message.role == Role::Assistant && entry.message.completed.is_none()
}

/// Whether more text is to be expected in a block: it is the last of an answer that is being written.
fn is_growing(transcript: &Transcript, entry: &Entry, block: &Block) -> bool {
    is_incomplete(entry)
        && entry.message.error.is_none()
        && !entry.interrupted
        && *transcript.status() != SessionStatus::Idle
        && matches!(
            block.content,
            BlockContent::Text { .. } | BlockContent::Reasoning { .. }
        )
        && entry.blocks.last().is_some_and(|last| last.id == block.id)
}
