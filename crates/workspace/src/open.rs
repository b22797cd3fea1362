//! The conversation a window has open: what of it changed, and how that is told.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use cowork_engine::{MessageId, PartId, Role, SessionId, SessionStatus};
use cowork_transcript::{Block, BlockContent, Entry, Patch, Transcript};

use crate::render::{self, Documents, Lanes};
use crate::view::{
    BlockContent as BlockView, BlockPatch, BlockReference, Conversation, ConversationPatch,
    ConversationStatus, Message, MessagePatch, PermissionCard, QuestionCard, TextPatch, TodoItem,
};

/// Messages a window holds at first; older ones come when asked for.
pub(crate) const MESSAGES_SHOWN: u32 = 200;

/// Messages a window may ask for at once.
const MOST_MESSAGES: u32 = 5_000;

/// What is beside a conversation's messages.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings {
    /// What it is doing.
    pub status: ConversationStatus,
    /// Permissions that wait, those of its sub-agents included.
    pub permissions: Vec<PermissionCard>,
    /// Questions that wait, those of its sub-agents included.
    pub questions: Vec<QuestionCard>,
    /// The plan.
    pub todos: Vec<TodoItem>,
}

/// The open conversation.
pub(crate) struct Open {
    pub(crate) session: SessionId,
    limit: u32,
    revision: u64,
    /// The oldest message the window holds; none while it holds none.
    first: Option<MessageId>,
    known: HashSet<MessageId>,
    /// Blocks whose text was still growing when last told.
    growing: HashSet<PartId>,
    documents: Documents,
    changed: Changed,
}

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent part of a patch"
)]
struct Changed {
    everything: bool,
    messages: BTreeSet<MessageId>,
    removed_messages: Vec<MessageId>,
    blocks: BTreeSet<(MessageId, PartId)>,
    removed_blocks: Vec<(MessageId, PartId)>,
    texts: BTreeSet<(MessageId, PartId)>,
    children: HashSet<SessionId>,
    status: bool,
    asks: bool,
    todos: bool,
    draft: Option<String>,
}

impl Changed {
    fn is_empty(&self) -> bool {
        !(self.everything || self.status || self.asks || self.todos || self.draft.is_some())
            && self.messages.is_empty()
            && self.removed_messages.is_empty()
            && self.blocks.is_empty()
            && self.removed_blocks.is_empty()
            && self.texts.is_empty()
            && self.children.is_empty()
    }
}

impl Open {
    /// Opens a conversation and gives all of it. `revision` continues the count of the one open before, so that
    /// a late patch of that one can never look new.
    pub(crate) fn new(session: SessionId, limit: Option<u32>, revision: u64) -> Self {
        Self {
            session,
            limit: limit.unwrap_or(MESSAGES_SHOWN).clamp(1, MOST_MESSAGES),
            revision: revision + 1,
            first: None,
            known: HashSet::new(),
            growing: HashSet::new(),
            documents: Documents::default(),
            changed: Changed::default(),
        }
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Everything the window shall hold.
    pub(crate) fn conversation(
        &mut self,
        transcript: &Transcript,
        folder: &Path,
        lanes: &Lanes<'_>,
        surroundings: Surroundings,
        draft: String,
    ) -> Conversation {
        let entries = transcript.messages();
        let omitted = entries.len().saturating_sub(self.limit as usize);
        let shown = &entries[omitted..];
        self.first = shown.first().map(|entry| entry.message.id.clone());
        self.known = shown.iter().map(|entry| entry.message.id.clone()).collect();
        let messages = shown
            .iter()
            .map(|entry| self.whole(transcript, entry, folder, lanes))
            .collect();
        Conversation {
            session: self.session.to_string(),
            revision: self.revision,
            omitted: u32::try_from(omitted).unwrap_or(u32::MAX),
            messages,
            status: surroundings.status,
            permissions: surroundings.permissions,
            questions: surroundings.questions,
            todos: surroundings.todos,
            draft,
        }
    }

    /// Remembers what changed in the session's own transcript.
    pub(crate) fn note(&mut self, patch: Patch) {
        let changed = &mut self.changed;
        match patch {
            Patch::Everything => changed.everything = true,
            Patch::Message { message } => {
                changed.messages.insert(message);
            }
            Patch::MessageRemoved { message } => changed.removed_messages.push(message),
            Patch::Block { message, block } => {
                changed.blocks.insert((message, block));
            }
            Patch::TextGrew { message, block, .. } => {
                changed.texts.insert((message, block));
            }
            Patch::BlockRemoved { message, block } => changed.removed_blocks.push((message, block)),
            Patch::Status | Patch::Usage | Patch::Error => changed.status = true,
            Patch::Asks => changed.asks = true,
            Patch::Todos => changed.todos = true,
            Patch::Session => {}
        }
    }

    /// Remembers that a sub-agent's session changed.
    pub(crate) fn note_child(&mut self, child: &SessionId, asks: bool) {
        self.changed.children.insert(child.clone());
        self.changed.asks |= asks;
    }

    /// Remembers that a prompt came back.
    pub(crate) fn note_draft(&mut self, text: String) {
        self.changed.draft = Some(text);
    }

    /// Remembers that what the conversation is doing is to be told again.
    pub(crate) fn note_status(&mut self) {
        self.changed.status = true;
    }

    /// What changed since the last call, or nothing.
    pub(crate) fn patch(
        &mut self,
        transcript: &Transcript,
        folder: &Path,
        lanes: &Lanes<'_>,
        surroundings: impl FnOnce() -> Surroundings,
    ) -> Option<ConversationPatch> {
        if self.changed.is_empty() {
            return None;
        }
        let mut changed = std::mem::take(&mut self.changed);
        let base = self.revision;
        self.revision += 1;
        let mut patch = ConversationPatch {
            session: self.session.to_string(),
            revision: self.revision,
            base,
            ..ConversationPatch::default()
        };
        if changed.everything {
            // A base the window cannot have makes it ask for the conversation anew.
            self.revision += 1;
            (patch.base, patch.revision) = (base + 1, self.revision);
            return Some(patch);
        }
        for message in changed.removed_messages {
            self.known.remove(&message);
            if self.first.as_ref() == Some(&message) {
                let next = transcript
                    .messages()
                    .iter()
                    .find(|entry| self.known.contains(&entry.message.id));
                self.first = next.map(|entry| entry.message.id.clone());
            }
            patch.removed_messages.push(message.to_string());
        }
        for (message, block) in changed.removed_blocks {
            self.documents.forget(&block);
            self.growing.remove(&block);
            patch.removed_blocks.push(BlockReference {
                message: message.to_string(),
                block: block.to_string(),
            });
        }
        self.settle_growing(transcript, &mut changed.blocks);
        changed.blocks.extend(blocks_of(transcript, &changed.children));
        self.messages(transcript, folder, lanes, &changed.messages, &mut patch);
        // A new message is told whole, without what it no longer holds.
        let fresh: HashSet<_> = patch
            .messages
            .iter()
            .filter(|new| new.fresh)
            .map(|new| new.message.id.clone())
            .collect();
        patch.removed_blocks.retain(|gone| !fresh.contains(&gone.message));
        self.blocks(
            transcript,
            folder,
            lanes,
            changed.blocks,
            &mut changed.texts,
            &mut patch,
        );
        self.texts(transcript, changed.texts, &mut patch);
        patch.draft = changed.draft;
        if changed.status || changed.asks || changed.todos {
            let surroundings = surroundings();
            patch.status = changed.status.then_some(surroundings.status);
            patch.todos = changed.todos.then_some(surroundings.todos);
            if changed.asks {
                patch.permissions = Some(surroundings.permissions);
                patch.questions = Some(surroundings.questions);
            }
        }
        Some(patch)
    }

    /// Blocks that were growing and no longer are have to be told once more, closed.
    fn settle_growing(&mut self, transcript: &Transcript, blocks: &mut BTreeSet<(MessageId, PartId)>) {
        if self.growing.is_empty() {
            return;
        }
        for entry in transcript.messages().iter().rev().take(RECENT) {
            for block in &entry.blocks {
                if self.growing.contains(&block.id) && !is_growing(transcript, entry, block) {
                    blocks.insert((entry.message.id.clone(), block.id.clone()));
                }
            }
        }
    }

    fn messages(
        &mut self,
        transcript: &Transcript,
        folder: &Path,
        lanes: &Lanes<'_>,
        messages: &BTreeSet<MessageId>,
        patch: &mut ConversationPatch,
    ) {
        let mut entries: Vec<_> = messages.iter().filter_map(|id| transcript.entry(id)).collect();
        entries.sort_by_key(|entry| (entry.message.created, entry.message.id.clone()));
        for entry in entries {
            let id = entry.message.id.clone();
            if self
                .first
                .as_ref()
                .is_some_and(|first| precedes(transcript, &id, first))
            {
                continue;
            }
            let fresh = self.known.insert(id.clone());
            if self.first.is_none() {
                self.first = Some(id.clone());
            }
            let message = if fresh {
                self.whole(transcript, entry, folder, lanes)
            } else {
                render::message_header(entry)
            };
            patch.messages.push(MessagePatch {
                index: self.index(transcript, &id),
                fresh,
                message,
            });
        }
        patch.messages.sort_by_key(|message| message.index);
    }

    fn blocks(
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

    fn texts(
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
            let Some(block) = transcript.block(&message, &id) else {
                continue;
            };
            let (BlockContent::Text { text } | BlockContent::Reasoning { text, .. }) = &block.content else {
                continue;
            };
            let open = self.growing.contains(&id);
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

    fn whole(&mut self, transcript: &Transcript, entry: &Entry, folder: &Path, lanes: &Lanes<'_>) -> Message {
        let mut message = render::message_header(entry);
        message.blocks = entry
            .blocks
            .iter()
            .map(|block| self.block(transcript, entry, block, folder, lanes))
            .collect();
        message
    }

    fn block(
        &mut self,
        transcript: &Transcript,
        entry: &Entry,
        block: &Block,
        folder: &Path,
        lanes: &Lanes<'_>,
    ) -> crate::view::Block {
        let growing = is_growing(transcript, entry, block);
        if growing {
            self.growing.insert(block.id.clone());
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

    fn index(&self, transcript: &Transcript, message: &MessageId) -> usize {
        let entries = transcript.messages();
        let position = |id: &MessageId| {
            entries
                .iter()
                .rposition(|entry| entry.message.id == *id)
                .unwrap_or(0)
        };
        let first = self.first.as_ref().map_or(0, position);
        position(message).saturating_sub(first)
    }
}

/// How many of the newest messages may still have growing blocks or running sub-agents: those of the running
/// turn. A turn of more steps than this is told by its newest ones.
const RECENT: usize = 100;

/// Whether more text is to be expected in a block: it is the last of an answer that is being written.
fn is_growing(transcript: &Transcript, entry: &Entry, block: &Block) -> bool {
    entry.message.role == Role::Assistant
        && entry.message.completed.is_none()
        && entry.message.error.is_none()
        && !entry.interrupted
        && *transcript.status() != SessionStatus::Idle
        && matches!(
            block.content,
            BlockContent::Text { .. } | BlockContent::Reasoning { .. }
        )
        && entry.blocks.last().is_some_and(|last| last.id == block.id)
}

/// The blocks that show the given sub-agents.
fn blocks_of(transcript: &Transcript, children: &HashSet<SessionId>) -> Vec<(MessageId, PartId)> {
    if children.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for entry in transcript.messages().iter().rev().take(RECENT) {
        for block in &entry.blocks {
            if let BlockContent::Tool(tool) = &block.content
                && tool
                    .call
                    .child
                    .as_ref()
                    .is_some_and(|child| children.contains(child))
            {
                found.push((entry.message.id.clone(), block.id.clone()));
            }
        }
    }
    found
}

fn precedes(transcript: &Transcript, message: &MessageId, other: &MessageId) -> bool {
    let place = |id: &MessageId| {
        transcript
            .entry(id)
            .map(|entry| (entry.message.created, entry.message.id.clone()))
    };
    match (place(message), place(other)) {
        (Some(one), Some(two)) => one < two,
        _ => false,
    }
}
