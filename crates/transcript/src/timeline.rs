//! The messages in order, and where each part is.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use cowork_engine::{CallId, Message, MessageId, PartId, Role, Usage};

use crate::asks::Asks;
use crate::patch::push_growth;
use crate::stash::Stash;
use crate::tasks::Tasks;
use crate::{Block, BlockContent, Entry, Patch, limit};

/// All messages of a session.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// By creation, then id.
    pub(crate) entries: Vec<Entry>,
    pub(crate) records: HashMap<MessageId, Record>,
    pub(crate) stash: Stash,
    /// Entry and block that grew last. Deltas come in runs, and comparing two ids costs less than hashing them.
    /// It may be out of date and is checked whenever it is used.
    last_grown: (usize, usize),
    /// Texts of which a piece was missed: what is added would stand in the wrong place, until the whole text comes.
    pub(crate) behind: HashSet<(MessageId, PartId)>,
    pub(crate) tasks: Tasks,
    /// What all answers took, once somebody asked, until a message comes, changes or goes.
    taken: OnceLock<Usage>,
}

/// What is known of a message beyond what it shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Its index among the entries.
    pub(crate) position: usize,
    /// All parts that were seen.
    pub(crate) parts: HashMap<PartId, Place>,
    /// A request to the model has begun and has not ended well.
    pub(crate) step_open: bool,
    /// Text and reasoning that this request streamed; void when another begins.
    pub(crate) step_texts: Vec<PartId>,
}

/// Where a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The block at this index.
    Shown(usize),
    /// Known and never shown.
    Hidden,
    /// Streamed by a request that failed and was repeated: whatever still comes for it is void.
    Void,
}

/// What the rest of the session says about its tool calls.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The engine said that no turn is running.
    pub(crate) ended: bool,
    pub(crate) asks: &'a Asks,
}

/// What became of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    /// It was added to a block.
    Shown,
    /// It is kept until its part is known.
    Stashed,
    /// It is void.
    Dropped,
}

impl Timeline {
    pub(crate) fn entry(&self, message: &MessageId) -> Option<&Entry> {
        self.entries.get(self.records.get(message)?.position)
    }

    pub(crate) fn block(&self, message: &MessageId, part: &PartId) -> Option<&Block> {
        let record = self.records.get(message)?;
        match record.parts.get(part)? {
            Place::Shown(block) => self.entries.get(record.position)?.blocks.get(*block),
            Place::Hidden | Place::Void => None,
        }
    }

    /// What all answers took.
    pub(crate) fn taken(&self) -> Usage {
        let answers = || {
            let messages = self.entries.iter().map(|entry| &entry.message);
            messages.filter(|message| message.role == Role::Assistant)
        };
        let sum = || {
            answers().fold(Usage::default(), |sum, answer| Usage {
                input: sum.input.saturating_add(answer.usage.input),
                output: sum.output.saturating_add(answer.usage.output),
                reasoning: sum.reasoning.saturating_add(answer.usage.reasoning),
                cache_read: sum.cache_read.saturating_add(answer.usage.cache_read),
                cache_write: sum.cache_write.saturating_add(answer.usage.cache_write),
                cost: sum.cost + answer.usage.cost,
            })
        };
        *self.taken.get_or_init(sum)
    }

    /// The index of the newest answer.
    pub(crate) fn last_answer(&self) -> Option<usize> {
        self.entries
            .iter()
            .rposition(|entry| entry.message.role == Role::Assistant)
    }

    /// Takes a message's head. True when the message is new.
    pub(crate) fn put(
        &mut self,
        message: Message,
        surroundings: Surroundings<'_>,
        patches: &mut Vec<Patch>,
    ) -> bool {
        self.taken.take();
        let Some(position) = self.records.get(&message.id).map(|record| record.position) else {
            self.insert(message, surroundings, patches);
            return true;
        };
        let Some(entry) = self.entries.get_mut(position) else {
            return false;
        };
        let created = entry.message.created;
        update_head(entry, message, patches);
        if entry.message.created != created {
            self.tasks.forget_entry(created, entry);
            self.tasks.note_entry(entry);
        }
        if self.out_of_order(position) {
            self.entries.sort_by(|a, b| key(&a.message).cmp(&key(&b.message)));
            self.renumber(0);
            patches.push(Patch::Everything);
        }
        false
    }

    fn insert(&mut self, message: Message, surroundings: Surroundings<'_>, patches: &mut Vec<Patch>) {
        let position = match self.entries.last() {
            Some(last) if key(&last.message) > key(&message) => self
                .entries
                .partition_point(|entry| key(&entry.message) < key(&message)),
            _ => self.entries.len(),
        };
        let id = message.id.clone();
        let parent = message.parent.clone().filter(|_| message.role == Role::Assistant);
        let counts = message.usage != Usage::default();
        let mut entry = Entry {
            message,
            blocks: Vec::new(),
            interrupted: false,
        };
        entry.interrupted = surroundings.ended && entry.is_open_answer();
        self.entries.insert(position, entry);
        self.records.insert(
            id.clone(),
            Record {
                position,
                ..Record::default()
            },
        );
        self.renumber(position + 1);
        patches.push(Patch::Message { message: id.clone() });
        if counts {
            patches.push(Patch::Usage);
        }
        if let Some(prompt) = parent.and_then(|parent| self.records.get(&parent)?.position.into())
            && let Some(prompt) = self.entries.get_mut(prompt)
            && prompt.interrupted
        {
            prompt.interrupted = false;
            patches.push(Patch::Message {
                message: prompt.message.id.clone(),
            });
        }
        for stashed in self.stash.take(&id) {
            self.unstash(&id, stashed, surroundings, patches);
        }
    }

    /// Takes the oldest entries of another, `count` of them, which is called before there are any.
    pub(crate) fn carry_oldest(&mut self, old: &Self, count: usize) {
        for entry in old.entries.iter().take(count) {
            let id = &entry.message.id;
            if let Some(record) = old.records.get(id) {
                self.records.insert(id.clone(), record.clone());
                self.tasks.note_entry(entry);
                self.entries.push(entry.clone());
            }
        }
    }

    /// Puts all of another behind what is here.
    pub(crate) fn append(&mut self, other: Self) {
        let shift = self.entries.len();
        for (id, mut record) in other.records {
            record.position += shift;
            self.records.insert(id, record);
        }
        self.entries.extend(other.entries);
        self.stash = other.stash;
        self.behind = other.behind;
        self.tasks.append(other.tasks);
        self.taken.take();
    }

    /// Takes the oldest entries out, all in one go, so that one costs no more where there are thousands.
    pub(crate) fn forget_oldest(&mut self, count: usize) -> Vec<Patch> {
        let count = count.min(self.entries.len());
        let mut patches = Vec::with_capacity(count + 2);
        for entry in self.entries.drain(..count) {
            self.records.remove(&entry.message.id);
            self.tasks.forget_entry(entry.message.created, &entry);
            patches.push(Patch::MessageRemoved {
                message: entry.message.id,
            });
        }
        if count > 0 {
            self.taken.take();
            self.renumber(0);
        }
        patches
    }

    /// Removes a message. True when it was there.
    pub(crate) fn remove(&mut self, message: &MessageId, patches: &mut Vec<Patch>) -> bool {
        self.stash.take(message);
        let Some(record) = self.records.remove(message) else {
            return false;
        };
        let entry = self.entries.remove(record.position);
        self.tasks.forget_entry(entry.message.created, &entry);
        self.taken.take();
        self.renumber(record.position);
        patches.push(Patch::MessageRemoved {
            message: message.clone(),
        });
        true
    }

    /// Adds streamed text. Allocates nothing when the block is the one that grew before, but for the text.
    pub(crate) fn grow(
        &mut self,
        message: MessageId,
        part: PartId,
        delta: &str,
        ended: bool,
        patches: &mut Vec<Patch>,
    ) -> Growth {
        if !self.behind.is_empty() && self.behind.contains(&(message.clone(), part.clone())) {
            return Growth::Dropped;
        }
        if !self.grew_last(&message, &part) {
            let record = self.records.get(&message);
            match record.and_then(|record| Some((record.position, *record.parts.get(&part)?))) {
                Some((position, Place::Shown(block))) => self.last_grown = (position, block),
                Some((_, Place::Hidden | Place::Void)) => return Growth::Dropped,
                None => {
                    self.stash.grow(message, part, delta);
                    return Growth::Stashed;
                }
            }
        }
        let (position, block) = self.last_grown;
        let Some(entry) = self.entries.get_mut(position) else {
            return Growth::Dropped;
        };
        if entry.message.completed.is_some() {
            // A finished message's text is whole; a delta that comes now was already in it.
            return Growth::Dropped;
        }
        revive(entry, ended, patches);
        let text = entry
            .blocks
            .get_mut(block)
            .and_then(|block| block.content.text_mut());
        let Some(text) = text else {
            return Growth::Dropped;
        };
        let from = text.len();
        if !limit::append(text, delta) {
            return Growth::Dropped;
        }
        push_growth(patches, message, part, from);
        Growth::Shown
    }

    /// Adds text whose place is known. False where a hole would be left, or there is no such text.
    pub(crate) fn grow_at(
        &mut self,
        message: &MessageId,
        part: &PartId,
        from: usize,
        delta: &str,
        ended: bool,
        patches: &mut Vec<Patch>,
    ) -> bool {
        let place = self.records.get(message);
        let place = place.and_then(|record| Some((record.position, *record.parts.get(part)?)));
        let Some((position, Place::Shown(block))) = place else {
            return false;
        };
        let Some(entry) = self.entries.get_mut(position) else {
            return false;
        };
        let text = entry
            .blocks
            .get_mut(block)
            .and_then(|block| block.content.text_mut());
        let Some(text) = text else {
            return false;
        };
        let length = text.len();
        if from > length {
            return limit::is_full(text);
        }
        // What is known already is passed over; what does not begin at a character was counted in another text.
        let Some(new) = delta.get((length - from).min(delta.len())..) else {
            return false;
        };
        if limit::append(text, new) {
            push_growth(patches, message.clone(), part.clone(), length);
            revive(entry, ended, patches);
        }
        true
    }

    fn grew_last(&self, message: &MessageId, part: &PartId) -> bool {
        let (position, block) = self.last_grown;
        self.entries.get(position).is_some_and(|entry| {
            entry.message.id == *message && entry.blocks.get(block).is_some_and(|block| block.id == *part)
        })
    }

    /// Looks again whether a call waits for the person.
    pub(crate) fn refresh_waiting(
        &mut self,
        message: &MessageId,
        call: &CallId,
        asks: &Asks,
        patches: &mut Vec<Patch>,
    ) {
        let Some(position) = self.records.get(message).map(|record| record.position) else {
            return;
        };
        let Some(entry) = self.entries.get_mut(position) else {
            return;
        };
        for block in &mut entry.blocks {
            if let BlockContent::Tool(tool) = &mut block.content
                && tool.call.call == *call
            {
                let waiting = !tool.is_finished() && asks.concern(message, call);
                if tool.waiting != waiting {
                    tool.waiting = waiting;
                    patches.push(Patch::Block {
                        message: message.clone(),
                        block: block.id.clone(),
                    });
                }
            }
        }
    }

    /// Marks what will not end any more. An engine works on one answer of a session at a time: every answer
    /// before the newest is over, and the newest too once the turn has ended.
    ///
    /// `now` is when it was cut off, when that is known: a thought that was going on ended then.
    pub(crate) fn mark_interrupted(&mut self, ended: bool, now: Option<i64>, patches: &mut Vec<Patch>) {
        let newest = self.last_answer();
        for (position, entry) in self.entries.iter_mut().enumerate() {
            if entry.message.role == Role::Assistant && (ended || Some(position) != newest) {
                mark_entry(entry, now, patches);
            }
        }
    }

    /// Marks the answer before the one at `position` if it is still open: the engine went on without it.
    pub(crate) fn mark_previous(&mut self, position: usize, now: i64, patches: &mut Vec<Patch>) {
        let before = self.entries.get_mut(..position).unwrap_or_default();
        if let Some(entry) = before
            .iter_mut()
            .rfind(|entry| entry.message.role == Role::Assistant)
        {
            mark_entry(entry, Some(now), patches);
        }
    }

    fn out_of_order(&self, position: usize) -> bool {
        let around = &self.entries[position.saturating_sub(1)..self.entries.len().min(position + 2)];
        !around.is_sorted_by(|a, b| key(&a.message) <= key(&b.message))
    }

    /// Writes down where the entries from `first` on are.
    fn renumber(&mut self, first: usize) {
        for (position, entry) in self.entries.iter().enumerate().skip(first) {
            if let Some(record) = self.records.get_mut(&entry.message.id) {
                record.position = position;
            }
        }
    }
}

fn key(message: &Message) -> (i64, &MessageId) {
    (message.created, &message.id)
}

fn update_head(entry: &mut Entry, mut message: Message, patches: &mut Vec<Patch>) {
    if entry.message.completed.is_some() && message.completed.is_none() {
        // Older than what is known: a message does not open again.
        return;
    }
    if message.error.is_none() {
        // The turn's failure was put here when it was reported; the engine may write it down later or never.
        message.error.clone_from(&entry.message.error);
    }
    let usage_changed = entry.message.usage != message.usage;
    let interrupted = entry.interrupted && message.completed.is_none() && message.error.is_none();
    if entry.message == message && entry.interrupted == interrupted {
        return;
    }
    entry.interrupted = interrupted;
    patches.push(Patch::Message {
        message: message.id.clone(),
    });
    entry.message = message;
    if entry.message.completed.is_some() {
        // What grew had room to grow on, as much again at worst.
        for text in entry
            .blocks
            .iter_mut()
            .filter_map(|block| block.content.text_mut())
        {
            text.shrink_to_fit();
        }
    }
    if usage_changed {
        patches.push(Patch::Usage);
    }
}

/// Takes back the mark of an answer that goes on after all, unless its turn has ended.
pub(crate) fn revive(entry: &mut Entry, ended: bool, patches: &mut Vec<Patch>) {
    if entry.interrupted && !ended {
        entry.interrupted = false;
        patches.push(Patch::Message {
            message: entry.message.id.clone(),
        });
    }
}

fn mark_entry(entry: &mut Entry, now: Option<i64>, patches: &mut Vec<Patch>) {
    let message = &entry.message.id;
    if !entry.interrupted && entry.is_open_answer() {
        entry.interrupted = true;
        patches.push(Patch::Message {
            message: message.clone(),
        });
    }
    for block in &mut entry.blocks {
        let changed = match &mut block.content {
            BlockContent::Tool(tool) if !tool.interrupted && !tool.is_finished() => {
                tool.interrupted = true;
                tool.waiting = false;
                true
            }
            BlockContent::Reasoning { ended, .. }
                if entry.interrupted && ended.is_none() && now.is_some() =>
            {
                *ended = now;
                true
            }
            _ => false,
        };
        if changed {
            patches.push(Patch::Block {
                message: message.clone(),
                block: block.id.clone(),
            });
        }
    }
}
