//! What arrived before the thing it belongs to.

use std::collections::VecDeque;

use cowork_engine::{MessageId, Part, PartContent, PartId};

use crate::limit;

/// Bytes of text kept for parts that are not known yet. A head and its first deltas come within one read of
/// the connection; what has no head after this much was begun before the stream was opened, and its part's
/// final update or the next snapshot brings it whole.
const BYTES_LIMIT: usize = 4 * 1024 * 1024;

/// Parts kept that way, for the same reason; one read holds far fewer.
const PARTS_LIMIT: usize = 1_024;

/// A part, or text for one, that cannot be placed yet.
#[derive(Debug)]
pub(crate) struct Stashed {
    pub(crate) part: PartId,
    pub(crate) content: Option<PartContent>,
    pub(crate) grown: String,
}

/// Parts and deltas whose message or part is not known yet, oldest message first.
#[derive(Debug, Default)]
pub(crate) struct Stash {
    messages: VecDeque<(MessageId, Vec<Stashed>)>,
}

impl Stash {
    /// Keeps a delta.
    pub(crate) fn grow(&mut self, message: MessageId, part: PartId, delta: &str) {
        let stashed = self.slot(message, part);
        limit::append(&mut stashed.grown, delta);
        self.evict();
    }

    /// Keeps a part of an unknown message.
    pub(crate) fn change(&mut self, part: Part) {
        let stashed = self.slot(part.message, part.id);
        if !is_empty_text(&part.content) {
            // The engine's whole text holds what was streamed of it.
            stashed.grown.clear();
        }
        stashed.content = Some(part.content);
        self.evict();
    }

    /// Gives back what is kept for a message, in the order of its arrival.
    pub(crate) fn take(&mut self, message: &MessageId) -> Vec<Stashed> {
        self.messages
            .iter()
            .rposition(|(id, _)| id == message)
            .and_then(|index| self.messages.remove(index))
            .map(|(_, parts)| parts)
            .unwrap_or_default()
    }

    /// Gives back the text that is kept for a part.
    pub(crate) fn take_text(&mut self, message: &MessageId, part: &PartId) -> String {
        let Some(index) = self.messages.iter().rposition(|(id, _)| id == message) else {
            return String::new();
        };
        let Some((_, parts)) = self.messages.get_mut(index) else {
            return String::new();
        };
        let text = parts
            .iter()
            .rposition(|stashed| stashed.part == *part)
            .map(|place| parts.remove(place).grown)
            .unwrap_or_default();
        if parts.is_empty() {
            self.messages.remove(index);
        }
        text
    }

    fn slot(&mut self, message: MessageId, part: PartId) -> &mut Stashed {
        let index = self
            .messages
            .iter()
            .rposition(|(id, _)| *id == message)
            .unwrap_or_else(|| {
                self.messages.push_back((message, Vec::new()));
                self.messages.len() - 1
            });
        let parts = &mut self.messages[index].1;
        let place = parts
            .iter()
            .rposition(|stashed| stashed.part == part)
            .unwrap_or_else(|| {
                parts.push(Stashed {
                    part,
                    content: None,
                    grown: String::new(),
                });
                parts.len() - 1
            });
        &mut parts[place]
    }

    fn evict(&mut self) {
        while self.parts() > PARTS_LIMIT || self.bytes() > BYTES_LIMIT {
            if self.messages.pop_front().is_none() {
                return;
            }
        }
    }

    fn parts(&self) -> usize {
        self.messages.iter().map(|(_, parts)| parts.len()).sum()
    }

    fn bytes(&self) -> usize {
        let parts = self.messages.iter().flat_map(|(_, parts)| parts);
        parts
            .map(|stashed| stashed.grown.len() + stashed.content.as_ref().map_or(0, weight))
            .sum()
    }
}

fn is_empty_text(content: &PartContent) -> bool {
    matches!(content, PartContent::Text { text, .. } | PartContent::Reasoning { text, .. } if text.is_empty())
}

/// Roughly how many bytes a part holds.
fn weight(content: &PartContent) -> usize {
    match content {
        PartContent::Text { text, .. } | PartContent::Reasoning { text, .. } => text.len(),
        PartContent::Tool(call) => {
            call.output.len()
                + call.arguments.as_ref().map_or(0, String::len)
                + call.change.as_ref().map_or(0, |change| change.patch.len())
        }
        PartContent::Patch { files } => files.iter().map(String::len).sum(),
        PartContent::File { .. }
        | PartContent::StepStarted
        | PartContent::StepFinished { .. }
        | PartContent::Compaction
        | PartContent::Other { .. } => 0,
    }
}
