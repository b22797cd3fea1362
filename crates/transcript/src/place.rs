//! How parts become blocks.

use cowork_engine::{MessageId, Part, PartContent, PartId, ToolState};

use crate::stash::Stashed;
use crate::tasks::child_of;
use crate::timeline::{Place, Surroundings, Timeline, revive};
use crate::{Block, BlockContent, Patch, ToolView, limit};

/// What a newer state of a block changed.
enum Change {
    Nothing,
    /// Text was added after this byte.
    Grew(usize),
    Whole,
}

impl Timeline {
    /// Takes a part as a whole; keeps it for later when its message is not known yet.
    pub(crate) fn place(&mut self, part: Part, surroundings: Surroundings<'_>, patches: &mut Vec<Patch>) {
        if !self.records.contains_key(&part.message) {
            self.stash.change(part);
            return;
        }
        let Part { id, message, content } = part;
        // Either its beginning, which all that is added to it follows, or the whole of it.
        if !self.behind.is_empty() {
            self.behind.remove(&(message.clone(), id.clone()));
        }
        let streamed = self.stash.take_text(&message, &id);
        match content {
            PartContent::StepStarted => self.begin_step(&message, id, patches),
            PartContent::StepFinished { .. } => self.finish_step(&message, id),
            // What a step changed is asked for by prompt when the person wants to see it, as a whole.
            PartContent::Patch { .. }
            | PartContent::Other { .. }
            | PartContent::Text { synthetic: true, .. } => self.hide(&message, id, Place::Hidden, patches),
            PartContent::Text {
                text,
                synthetic: false,
            } => {
                let content = BlockContent::Text {
                    text: whole(text, streamed),
                };
                self.show(&message, id, content, surroundings, patches);
            }
            PartContent::Reasoning { text, started, ended } => {
                let content = BlockContent::Reasoning {
                    text: whole(text, streamed),
                    started,
                    ended,
                };
                self.show(&message, id, content, surroundings, patches);
            }
            PartContent::Tool(mut call) => {
                limit::cut_call(&mut call);
                let mut tool = ToolView {
                    call: *call,
                    waiting: false,
                    interrupted: false,
                };
                if !tool.is_finished() {
                    tool.waiting = surroundings.asks.concern(&message, &tool.call.call);
                    tool.interrupted = surroundings.ended;
                }
                self.show(
                    &message,
                    id,
                    BlockContent::Tool(Box::new(tool)),
                    surroundings,
                    patches,
                );
            }
            PartContent::File { name, media_type } => {
                self.show(
                    &message,
                    id,
                    BlockContent::File { name, media_type },
                    surroundings,
                    patches,
                );
            }
            PartContent::Compaction => {
                self.show(&message, id, BlockContent::Compaction, surroundings, patches);
            }
        }
    }

    /// Places what arrived before its message.
    pub(crate) fn unstash(
        &mut self,
        message: &MessageId,
        stashed: Stashed,
        surroundings: Surroundings<'_>,
        patches: &mut Vec<Patch>,
    ) {
        let Stashed { part, content, grown } = stashed;
        if let Some(content) = content {
            let part = Part {
                id: part.clone(),
                message: message.clone(),
                content,
            };
            self.place(part, surroundings, patches);
        }
        if !grown.is_empty() {
            self.grow(message.clone(), part, &grown, surroundings.ended, patches);
        }
    }

    /// Removes a part. Its id may come back: engines take a removal back.
    pub(crate) fn remove_part(&mut self, message: &MessageId, part: &PartId, patches: &mut Vec<Patch>) {
        self.stash.take_text(message, part);
        self.drop_block(message, part, patches);
        if let Some(record) = self.records.get_mut(message) {
            record.parts.remove(part);
            record.step_texts.retain(|text| text != part);
        }
    }

    fn begin_step(&mut self, message: &MessageId, step: PartId, patches: &mut Vec<Patch>) {
        let Some(record) = self.records.get_mut(message) else {
            return;
        };
        if record.parts.insert(step, Place::Hidden).is_some() {
            return;
        }
        let repeated = std::mem::replace(&mut record.step_open, true);
        let mut void = std::mem::take(&mut record.step_texts);
        if repeated {
            void.extend(self.stash.take(message).into_iter().map(|stashed| stashed.part));
        }
        for text in void {
            self.hide(message, text, Place::Void, patches);
        }
    }

    fn finish_step(&mut self, message: &MessageId, step: PartId) {
        if let Some(record) = self.records.get_mut(message)
            && record.parts.insert(step, Place::Hidden).is_none()
        {
            record.step_open = false;
            record.step_texts.clear();
        }
    }

    fn hide(&mut self, message: &MessageId, part: PartId, place: Place, patches: &mut Vec<Patch>) {
        self.drop_block(message, &part, patches);
        if let Some(record) = self.records.get_mut(message)
            && record.parts.get(&part) != Some(&Place::Void)
        {
            record.parts.insert(part, place);
        }
    }

    /// Takes a block out, if the part has one.
    fn drop_block(&mut self, message: &MessageId, part: &PartId, patches: &mut Vec<Patch>) {
        let Some(record) = self.records.get_mut(message) else {
            return;
        };
        let (Some(Place::Shown(index)), Some(entry)) = (
            record.parts.get(part).copied(),
            self.entries.get_mut(record.position),
        ) else {
            return;
        };
        record.parts.remove(part);
        let block = entry.blocks.remove(index);
        self.tasks.forget(message, part, &block.content);
        for (place, block) in entry.blocks.iter().enumerate().skip(index) {
            if let Some(known) = record.parts.get_mut(&block.id) {
                *known = Place::Shown(place);
            }
        }
        patches.push(Patch::BlockRemoved {
            message: message.clone(),
            block: part.clone(),
        });
    }

    fn show(
        &mut self,
        message: &MessageId,
        part: PartId,
        content: BlockContent,
        surroundings: Surroundings<'_>,
        patches: &mut Vec<Patch>,
    ) {
        let Some(record) = self.records.get_mut(message) else {
            return;
        };
        let Some(entry) = self.entries.get_mut(record.position) else {
            return;
        };
        match record.parts.get(&part) {
            Some(Place::Void) => {}
            Some(Place::Shown(index)) => {
                let Some(block) = entry.blocks.get_mut(*index) else {
                    return;
                };
                let named = child_of(&block.content).cloned();
                let change = merge(&mut block.content, content);
                if let Some(named) = named.filter(|named| child_of(&block.content) != Some(named)) {
                    self.tasks.forget_call(&named, message, &part);
                }
                self.tasks
                    .note(entry.message.created, message, &part, &block.content);
                match change {
                    Change::Nothing => return,
                    Change::Grew(from) => crate::patch::push_growth(patches, message.clone(), part, from),
                    Change::Whole => patches.push(Patch::Block {
                        message: message.clone(),
                        block: part,
                    }),
                }
                revive(entry, surroundings.ended, patches);
            }
            Some(Place::Hidden) | None => {
                if record.step_open && content.text().is_some() {
                    record.step_texts.push(part.clone());
                }
                record
                    .parts
                    .insert(part.clone(), Place::Shown(entry.blocks.len()));
                self.tasks.note(entry.message.created, message, &part, &content);
                entry.blocks.push(Block {
                    id: part.clone(),
                    content,
                });
                patches.push(Patch::Block {
                    message: message.clone(),
                    block: part,
                });
                revive(entry, surroundings.ended, patches);
            }
        }
    }
}

/// The engine's text of a new part, or what was streamed of it before the part itself came.
fn whole(mut text: String, streamed: String) -> String {
    if text.is_empty() {
        return streamed;
    }
    limit::cut_text(&mut text);
    text
}

/// Takes a newer state of a block, unless it is an older one that came late.
fn merge(old: &mut BlockContent, new: BlockContent) -> Change {
    match (old, new) {
        (BlockContent::Text { text }, BlockContent::Text { text: new }) => merge_text(text, new),
        (
            BlockContent::Reasoning { text, started, ended },
            BlockContent::Reasoning {
                text: new,
                started: new_started,
                ended: new_ended,
            },
        ) => {
            // A thought that ended does not begin again: a state without an end is an older one.
            let times = (new_started.or(*started), new_ended.or(*ended));
            let changed = times != (*started, *ended);
            (*started, *ended) = times;
            match merge_text(text, new) {
                Change::Nothing | Change::Grew(_) if changed => Change::Whole,
                change => change,
            }
        }
        (BlockContent::Tool(old), BlockContent::Tool(new)) => merge_tool(old, *new),
        (old, new) if *old == new => Change::Nothing,
        (old, new) => {
            *old = new;
            Change::Whole
        }
    }
}

/// The engine's text wins, but for an empty one: engines write a part down empty when it begins and whole when
/// it ended, so that an empty text over a streamed one is the beginning come late, or all that a killed engine
/// left.
fn merge_text(old: &mut String, new: String) -> Change {
    if new.is_empty() || *old == new {
        return Change::Nothing;
    }
    let change = if new.starts_with(old.as_str()) {
        Change::Grew(old.len())
    } else {
        Change::Whole
    };
    *old = new;
    change
}

fn merge_tool(old: &mut ToolView, mut new: ToolView) -> Change {
    if progress(new.call.state) < progress(old.call.state) {
        return Change::Nothing;
    }
    // A failed call is reported without what it had shown until then.
    if new.call.child.is_none() {
        new.call.child.clone_from(&old.call.child);
    }
    if new.call.state == ToolState::Failed && new.call.output.is_empty() {
        new.call.output.clone_from(&old.call.output);
    }
    if *old == new {
        return Change::Nothing;
    }
    *old = new;
    Change::Whole
}

/// How far a call is; a lower number after a higher one is an older state come late.
fn progress(state: ToolState) -> u8 {
    match state {
        ToolState::Pending => 0,
        ToolState::Running => 1,
        ToolState::Completed | ToolState::Failed => 2,
    }
}
