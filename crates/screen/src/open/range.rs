//! Which messages of a conversation a window holds.
//!
//! A window holds one stretch of the messages without a gap. It is told by its ends and not by numbers, because
//! messages come and go while it is held. As long as it has no last message it goes on to the newest.

use std::ops::Range;

use cowork_engine::MessageId;
use cowork_transcript::{BlockContent, Entry, Transcript};

use crate::view::ConversationPage;

/// Messages a window holds when a conversation is opened: mostly more than a screen is high. Whoever goes to a thread waits
/// for them alone; what is farther back is asked for once they are drawn.
pub const PAGE: usize = 32;

/// Messages that each further page brings. Fewer make more pages, and each costs the window about the same.
pub(crate) const STEP: usize = 100;

/// Messages a window holds at most after it asked for a page; what is farthest from that goes.
pub(crate) const MOST_HELD: usize = 300;

/// The text of a page at most, in bytes: as much as a window takes in between two frames. A message that is larger is a
/// page by itself.
const PAGE_BYTES: usize = 1024 * 1024;

/// The text of a further page at most.
const STEP_BYTES: usize = PAGE_BYTES;

/// What of each of a call's texts travels with the conversation, about.
const CALL_BYTES: usize = 8 * 1024;

/// What of a change travels, and how many times as long its coloured lines are, about.
const CHANGE_BYTES: usize = 16 * 1024;
const COLOURED: usize = 3;

/// The text a window holds at most after it asked for a page.
const HELD_BYTES: usize = 3 * PAGE_BYTES;

/// Messages a window that looks at the newest comes to hold before it is told of no more: it asked for none to be taken
/// from its beginning, where the person may be reading.
const MOST_GROWN: usize = 2 * MOST_HELD;

/// The stretch that is held.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    /// The oldest message; none while the window holds none.
    first: Option<MessageId>,
    /// The newest message, when there are newer ones that are not held.
    last: Option<MessageId>,
}

impl Held {
    /// Holds these messages.
    pub(crate) fn hold(&mut self, transcript: &Transcript, held: &Range<usize>) {
        let entries = transcript.messages();
        let id = |index: usize| entries.get(index).map(|entry| entry.message.id.clone());
        self.first = id(held.start).filter(|_| !held.is_empty());
        self.last = if held.end < entries.len() && !held.is_empty() {
            id(held.end - 1)
        } else {
            None
        };
    }

    /// Whether it goes on to the newest message.
    pub(crate) fn follows(&self) -> bool {
        self.last.is_none()
    }

    /// Where the stretch is now.
    pub(crate) fn range(&self, transcript: &Transcript) -> Range<usize> {
        let count = transcript.messages().len();
        let position = |id: &Option<MessageId>| id.as_ref().and_then(|id| transcript.position(id));
        // Without a first one nothing was held, so all that came since is new.
        let start = position(&self.first).unwrap_or(0);
        let end = position(&self.last).map_or(count, |last| last + 1);
        start.min(end)..end
    }

    /// Chooses other ends in the place of messages that are gone, before they are.
    pub(crate) fn removed(&mut self, gone: &MessageId, left: impl Fn() -> Option<(MessageId, MessageId)>) {
        if self.first.as_ref() != Some(gone) && self.last.as_ref() != Some(gone) {
            return;
        }
        let ends = left();
        if self.first.as_ref() == Some(gone) {
            self.first = ends.as_ref().map(|(first, _)| first.clone());
        }
        if self.last.as_ref() == Some(gone) {
            self.last = ends.map(|(_, last)| last);
        }
    }

    /// Stops taking in new messages once there are so many of them that the window would grow without end.
    pub(crate) fn stop_growing(&mut self, transcript: &Transcript) {
        let range = self.range(transcript);
        if self.last.is_none() && range.len() > MOST_GROWN {
            self.hold(transcript, &(range.start..range.start + MOST_GROWN));
        }
    }
}

/// The bytes of text that travel for a message, about.
fn weight(entry: &Entry) -> usize {
    entry.blocks.iter().map(|block| weight_of(&block.content)).sum()
}

fn weight_of(content: &BlockContent) -> usize {
    match content {
        BlockContent::Text { text } | BlockContent::Reasoning { text, .. } => text.len(),
        BlockContent::Tool(tool) => {
            let call = &tool.call;
            let texts = [Some(&call.output), call.arguments.as_ref(), call.error.as_ref()];
            let texts = texts.into_iter().flatten().map(|text| text.len().min(CALL_BYTES));
            let change = call
                .change
                .as_ref()
                .map_or(0, |change| change.patch.len().min(CHANGE_BYTES));
            texts.sum::<usize>() + COLOURED * change
        }
        _ => 0,
    }
}

/// How many of these messages, taken in turn, stay within a number and a number of bytes; one where there is any.
fn fitting<'a>(entries: impl Iterator<Item = &'a Entry>, messages: usize, bytes: usize) -> usize {
    let mut left = bytes;
    entries
        .take(messages)
        .enumerate()
        .take_while(|(place, entry)| {
            let weight = weight(entry);
            let fits = *place == 0 || weight <= left;
            left = left.saturating_sub(weight);
            fits
        })
        .count()
}

/// Where a page begins that ends there.
fn back(transcript: &Transcript, end: usize, messages: usize, bytes: usize) -> usize {
    end - fitting(transcript.messages()[..end].iter().rev(), messages, bytes)
}

/// Where a page ends that begins there.
fn forth(transcript: &Transcript, start: usize, messages: usize, bytes: usize) -> usize {
    start + fitting(transcript.messages()[start..].iter(), messages, bytes)
}

/// What is held when a conversation is opened: its newest messages, or those around one.
pub(crate) fn opened(transcript: &Transcript, around: Option<&MessageId>) -> Range<usize> {
    let count = transcript.messages().len();
    match around.and_then(|id| transcript.position(id)) {
        Some(position) => {
            let start = back(transcript, position, PAGE / 2, PAGE_BYTES / 2);
            start..forth(transcript, position, PAGE - (position - start), PAGE_BYTES / 2)
        }
        None => back(transcript, count, PAGE, PAGE_BYTES)..count,
    }
}

/// What is held in the place of messages that are all gone: the newest ones, or those around where they stood.
pub(crate) fn near(transcript: &Transcript, place: Option<usize>) -> Range<usize> {
    let entries = transcript.messages();
    let around = place.and_then(|place| entries.get(place.min(entries.len().saturating_sub(1))));
    opened(transcript, around.map(|entry| &entry.message.id))
}

/// What is held after a page.
pub(crate) fn turned(transcript: &Transcript, held: &Range<usize>, page: &ConversationPage) -> Range<usize> {
    match page {
        ConversationPage::Older => {
            let start = back(transcript, held.start, STEP, STEP_BYTES);
            start..forth(transcript, start, MOST_HELD, HELD_BYTES).min(held.end)
        }
        ConversationPage::Newer => {
            let end = forth(transcript, held.end, STEP, STEP_BYTES);
            back(transcript, end, MOST_HELD, HELD_BYTES).max(held.start)..end
        }
        ConversationPage::Latest => opened(transcript, None),
        ConversationPage::Around { message } => {
            let message = MessageId::from(message.as_str());
            match transcript.position(&message) {
                // What is held already need not travel again.
                Some(position) if held.contains(&position) => held.clone(),
                Some(_) => opened(transcript, Some(&message)),
                None => held.clone(),
            }
        }
    }
}
