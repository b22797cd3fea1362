//! The conversation a window has open: what of it changed, and how that is told.

mod blocks;
mod pages;
mod range;
#[cfg(test)]
mod tests;

pub use range::PAGE;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

use cowork_engine::{MessageId, PartId, Role, SessionId};
use cowork_transcript::{Entry, Patch, Transcript};

use self::range::Held;
use crate::render::{self, Documents, Lanes};
use crate::view::{
    BlockReference, Conversation, ConversationPage, ConversationPatch, ConversationStatus, MessagePatch,
    PermissionCard, QuestionCard, Reverted, TodoItem,
};

/// Reads of the engine's connection that are timed for one batch: those of a fast stream in the longest time between two.
/// A window that is hidden for hours gathers no more than these.
const READS: usize = 256;

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
pub struct Open {
    /// Whose conversation it is.
    pub session: SessionId,
    revision: u64,
    /// Where the count goes on after the next patch, when that is not the next number.
    counts_from: Option<u64>,
    held: Held,
    /// What the window was told of messages that it does not hold.
    told: Beside,
    known: HashSet<MessageId>,
    /// Blocks whose text is told piece by piece: those of which a document is kept.
    growing: HashMap<PartId, Growing>,
    documents: Documents,
    changed: Changed,
    /// A text grew since the last read was noted.
    grew: bool,
    /// When what grew since the last batch was read, at most [`READS`].
    reads: Vec<Instant>,
}

/// A block whose text is told piece by piece.
#[derive(Clone)]
struct Growing {
    message: MessageId,
    /// It grew though nothing more was expected in it: it is not the last of its answer, or nothing ran as far as is
    /// known after a gap. It may until the answer is complete.
    late: bool,
}

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent part of a patch"
)]
struct Changed {
    everything: bool,
    /// What there is beside the messages that are held.
    beside: bool,
    page: Option<ConversationPage>,
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
        !(self.everything || self.beside || self.status || self.asks || self.todos || self.draft.is_some())
            && self.page.is_none()
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
    #[must_use]
    pub fn new(session: SessionId, revision: u64) -> Self {
        Self {
            session,
            revision: revision + 1,
            counts_from: None,
            held: Held::default(),
            told: Beside::default(),
            known: HashSet::new(),
            growing: HashMap::new(),
            documents: Documents::default(),
            changed: Changed::default(),
            grew: false,
            reads: Vec::new(),
        }
    }

    /// What was told so far, as a number that only grows.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Everything the window shall hold: the newest messages, or those around one.
    pub fn conversation(
        &mut self,
        transcript: &Transcript,
        around: Option<&MessageId>,
        folder: &Path,
        lanes: &Lanes<'_>,
        surroundings: Surroundings,
        draft: String,
    ) -> Conversation {
        let entries = transcript.messages();
        let range = range::opened(transcript, around);
        self.held.hold(transcript, &range);
        self.told = beside(transcript, &range);
        let shown = &entries[range];
        self.known = shown.iter().map(|entry| entry.message.id.clone()).collect();
        let messages = shown
            .iter()
            .map(|entry| self.whole(transcript, entry, folder, lanes))
            .collect();
        Conversation {
            session: self.session.to_string(),
            revision: self.revision,
            before: self.told.before,
            more_before: self.told.more_before,
            after: self.told.after,
            messages,
            status: surroundings.status,
            permissions: surroundings.permissions,
            questions: surroundings.questions,
            todos: surroundings.todos,
            draft,
            reverted: reverted(transcript),
        }
    }

    /// The same once more for somebody who joins: everything that is held now, so that what is told from now on is told
    /// to both. None while something is untold: it would be in this picture and come again.
    pub fn once_more(
        &mut self,
        transcript: &Transcript,
        folder: &Path,
        lanes: &Lanes<'_>,
        surroundings: Surroundings,
    ) -> Option<Conversation> {
        if !self.changed.is_empty() {
            return None;
        }
        let entries = transcript.messages().get(self.held.range(transcript))?;
        // Into documents of their own: those that are kept say what was told of a text, and that is another question.
        let mut joined = self.branch(self.revision);
        let messages = entries
            .iter()
            .map(|entry| joined.whole(transcript, entry, folder, lanes))
            .collect();
        Some(Conversation {
            session: self.session.to_string(),
            revision: self.revision,
            before: self.told.before,
            more_before: self.told.more_before,
            after: self.told.after,
            messages,
            status: surroundings.status,
            permissions: surroundings.permissions,
            questions: surroundings.questions,
            todos: surroundings.todos,
            draft: String::new(),
            reverted: reverted(transcript),
        })
    }

    /// What somebody holds who looked at the same and goes on by themselves, to older messages say. What they are told next
    /// builds on what both were told; from then on it counts from `revision`, so that neither takes what is told to the
    /// other for their own.
    #[must_use]
    pub fn branch(&self, revision: u64) -> Self {
        Self {
            session: self.session.clone(),
            revision: self.revision,
            counts_from: Some(revision),
            held: self.held.clone(),
            told: self.told,
            known: self.known.clone(),
            growing: self.growing.clone(),
            documents: Documents::default(),
            changed: Changed::default(),
            grew: false,
            reads: Vec::new(),
        }
    }

    /// How many messages are held.
    #[must_use]
    pub fn count(&self, transcript: &Transcript) -> usize {
        self.held.range(transcript).len()
    }

    /// Whether something changed that was not told.
    #[must_use]
    pub fn is_untold(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Remembers what changed in the session's own transcript.
    pub fn note(&mut self, patch: Patch) {
        let changed = &mut self.changed;
        match patch {
            Patch::Everything => changed.everything = true,
            Patch::Earlier => changed.beside = true,
            Patch::Message { message } => {
                changed.messages.insert(message);
            }
            Patch::MessageRemoved { message } => changed.removed_messages.push(message),
            Patch::Block { message, block } => {
                changed.blocks.insert((message, block));
            }
            Patch::TextGrew { message, block, .. } => {
                self.grew = true;
                changed.texts.insert((message, block));
            }
            Patch::BlockRemoved { message, block } => changed.removed_blocks.push((message, block)),
            Patch::Status | Patch::Usage | Patch::Error => changed.status = true,
            Patch::Asks => changed.asks = true,
            Patch::Todos => changed.todos = true,
            Patch::Session => {}
        }
    }

    /// Remembers when what was noted last was read, if it is a text that grew.
    pub fn note_read(&mut self, read: Instant) {
        if std::mem::take(&mut self.grew) && self.reads.len() < READS {
            self.reads.push(read);
        }
    }

    /// When what is in the next batch was read.
    pub fn take_reads(&mut self) -> Vec<Instant> {
        std::mem::take(&mut self.reads)
    }

    /// Whether so few older messages are known that a page of them needs more to be read first.
    pub fn lacks_older(&self, transcript: &Transcript) -> bool {
        transcript.older().is_some() && self.held.range(transcript).start < range::STEP
    }

    /// Whether older messages are known than those the window holds.
    pub fn has_older(&self, transcript: &Transcript) -> bool {
        self.held.range(transcript).start > 0
    }

    /// Remembers where the window wants to look.
    pub fn note_page(&mut self, page: ConversationPage) {
        self.changed.page = Some(page);
    }

    /// Remembers that a sub-agent's session changed.
    pub fn note_child(&mut self, child: &SessionId, asks: bool) {
        self.changed.children.insert(child.clone());
        self.changed.asks |= asks;
    }

    /// Remembers that a prompt came back.
    pub fn note_draft(&mut self, text: String) {
        self.changed.draft = Some(text);
    }

    /// Remembers that what the conversation is doing is to be told again.
    pub fn note_status(&mut self) {
        self.changed.status = true;
    }

    /// What changed since the last call, or nothing.
    pub fn patch(
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
        self.revision = self.counts_from.take().unwrap_or(base).max(base) + 1;
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
        let followed = self.held.follows();
        for message in changed.removed_messages {
            self.known.remove(&message);
            self.forget_growing(&message);
            self.held.removed(&message, || {
                let held = |entry: &&Entry| self.known.contains(&entry.message.id);
                let entries = transcript.messages();
                let id = |entry: &Entry| entry.message.id.clone();
                Some((
                    entries.iter().find(held).map(id)?,
                    entries.iter().rfind(held).map(id)?,
                ))
            });
            patch.removed_messages.push(message.to_string());
        }
        if let Some(range) = self.next_range(transcript, followed, changed.page.take()) {
            self.turn(transcript, range, &mut changed.messages, &mut patch);
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
        changed.blocks.extend(self.reopened(transcript));
        let shown = changed
            .children
            .iter()
            .flat_map(|child| transcript.calls_of(child));
        changed
            .blocks
            .extend(shown.map(|(message, block)| (message.clone(), block.clone())));
        self.held.stop_growing(transcript);
        let range = self.held.range(transcript);
        self.messages(transcript, folder, lanes, &range, &changed.messages, &mut patch);
        let beside = beside(transcript, &self.held.range(transcript));
        if std::mem::replace(&mut self.told, beside) != beside {
            (patch.before, patch.after) = (Some(beside.before), Some(beside.after));
            patch.more_before = Some(beside.more_before);
        }
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

    fn messages(
        &mut self,
        transcript: &Transcript,
        folder: &Path,
        lanes: &Lanes<'_>,
        range: &Range<usize>,
        messages: &BTreeSet<MessageId>,
        patch: &mut ConversationPatch,
    ) {
        let places = messages.iter().filter_map(|id| transcript.position(id));
        // In their order, so that each is put where those before it are already.
        let places: BTreeSet<usize> = places.filter(|place| range.contains(place)).collect();
        for place in places {
            let Some(entry) = transcript.messages().get(place) else {
                continue;
            };
            let fresh = self.known.insert(entry.message.id.clone());
            let message = if fresh {
                self.whole(transcript, entry, folder, lanes)
            } else {
                render::message_header(entry)
            };
            patch.messages.push(MessagePatch {
                index: place - range.start,
                fresh,
                message,
            });
        }
        if let Some(first) = patch.messages.first()
            && first.index == 0
        {
            self.held.hold(transcript, range);
        }
    }
}

/// What there is beside the messages that are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Beside {
    before: u32,
    more_before: bool,
    after: u32,
}

fn beside(transcript: &Transcript, held: &Range<usize>) -> Beside {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Beside {
        before: count(held.start),
        more_before: transcript.older().is_some(),
        after: count(transcript.messages().len().saturating_sub(held.end)),
    }
}

/// What a conversation went back to.
fn reverted(transcript: &Transcript) -> Option<Reverted> {
    let reverted = transcript.reverted()?;
    let set_aside = transcript.set_aside().iter();
    let prompts = set_aside.filter(|entry| entry.message.role == Role::User).count();
    Some(Reverted {
        prompts: u32::try_from(prompts).unwrap_or(u32::MAX),
        files: reverted.files,
    })
}
