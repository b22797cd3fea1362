//! Which calls hand work to sub-agents, so that whoever shows those looks through no conversation for them: a window is
//! told of them with each batch, and a sub-agent may have thousands of messages.

use std::collections::{BTreeSet, HashMap};

use cowork_engine::{MessageId, PartId, SessionId, ToolKind};

use crate::{BlockContent, Entry, ToolView};

/// Where such calls are. Each place was right when it was noted; whoever reads it looks whether it still is.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    /// Messages that have one, in the order of the timeline.
    messages: BTreeSet<(i64, MessageId)>,
    /// The calls that name a sub-agent's session, in the order they came. Work that is taken up again is a call more.
    calls: HashMap<SessionId, Vec<(MessageId, PartId)>>,
}

impl Tasks {
    /// Notes a block, if it is such a call.
    pub(crate) fn note(&mut self, created: i64, message: &MessageId, part: &PartId, content: &BlockContent) {
        if task(content).is_some() {
            self.messages.insert((created, message.clone()));
        }
        if let Some(child) = child_of(content) {
            let calls = self.calls.entry(child.clone()).or_default();
            if !calls.iter().any(|(of, known)| of == message && known == part) {
                calls.push((message.clone(), part.clone()));
            }
        }
    }

    pub(crate) fn note_entry(&mut self, entry: &Entry) {
        let message = &entry.message;
        for block in &entry.blocks {
            self.note(message.created, &message.id, &block.id, &block.content);
        }
    }

    /// Takes a message out, as it was noted.
    pub(crate) fn forget_entry(&mut self, created: i64, entry: &Entry) {
        self.messages.remove(&(created, entry.message.id.clone()));
        for block in &entry.blocks {
            self.forget(&entry.message.id, &block.id, &block.content);
        }
    }

    /// Takes a block out.
    pub(crate) fn forget(&mut self, message: &MessageId, part: &PartId, content: &BlockContent) {
        if let Some(child) = child_of(content) {
            self.forget_call(child, message, part);
        }
    }

    /// A call does not name this session any more.
    pub(crate) fn forget_call(&mut self, child: &SessionId, message: &MessageId, part: &PartId) {
        if let Some(calls) = self.calls.get_mut(child) {
            calls.retain(|(of, known)| of != message || known != part);
            if calls.is_empty() {
                self.calls.remove(child);
            }
        }
    }

    /// Puts all of another behind what is here.
    pub(crate) fn append(&mut self, other: Self) {
        self.messages.extend(other.messages);
        for (child, calls) in other.calls {
            self.calls.entry(child).or_default().extend(calls);
        }
    }

    pub(crate) fn messages(&self) -> impl DoubleEndedIterator<Item = &MessageId> {
        self.messages.iter().map(|(_, message)| message)
    }

    pub(crate) fn calls(&self, child: &SessionId) -> &[(MessageId, PartId)] {
        self.calls.get(child).map_or(&[], Vec::as_slice)
    }
}

/// The call of a block, when it hands work to a sub-agent.
pub(crate) fn task(content: &BlockContent) -> Option<&ToolView> {
    match content {
        BlockContent::Tool(tool) if tool.call.kind == ToolKind::Task => Some(tool),
        _ => None,
    }
}

/// The sub-agent's session that a call names.
pub(crate) fn child_of(content: &BlockContent) -> Option<&SessionId> {
    match content {
        BlockContent::Tool(tool) => tool.call.child.as_ref(),
        _ => None,
    }
}
