//! Which other messages the window holds when it asks for some, when many came, or when all that it held are gone.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use cowork_engine::MessageId;
use cowork_transcript::Transcript;

use super::{Open, range};
use crate::view::{ConversationPage, ConversationPatch};

impl Open {
    /// The other stretch that the window is to hold, if any: the page it wants, the newest one, or, where nothing is left
    /// of what it held, what is near. `followed` says that it went on to the newest message when it was told last.
    pub(super) fn next_range(
        &self,
        transcript: &Transcript,
        followed: bool,
        page: Option<ConversationPage>,
    ) -> Option<Range<usize>> {
        if self.known.is_empty() {
            let place = (!followed).then_some(self.told.before as usize);
            let near = range::near(transcript, place);
            return Some(match page {
                Some(page) => range::turned(transcript, &near, &page),
                None => near,
            });
        }
        // So many came since the last batch, while nobody looked say, that they are a page of their own.
        let is_behind = self.held.follows() && self.unknown(transcript) > range::STEP;
        let page = page.or(is_behind.then_some(ConversationPage::Latest))?;
        Some(range::turned(transcript, &self.held.range(transcript), &page))
    }

    /// Has the window hold another stretch.
    pub(super) fn turn(
        &mut self,
        transcript: &Transcript,
        range: Range<usize>,
        changed: &mut BTreeSet<MessageId>,
        patch: &mut ConversationPatch,
    ) {
        let shown = &transcript.messages()[range.clone()];
        let wanted: HashSet<&MessageId> = shown.iter().map(|entry| &entry.message.id).collect();
        changed.extend(
            wanted
                .iter()
                .filter(|id| !self.known.contains(**id))
                .map(|id| (*id).clone()),
        );
        let gone: Vec<MessageId> = self
            .known
            .iter()
            .filter(|id| !wanted.contains(id))
            .cloned()
            .collect();
        for id in gone {
            self.forget_growing(&id);
            self.known.remove(&id);
            patch.removed_messages.push(id.to_string());
        }
        self.held.hold(transcript, &range);
    }

    /// How many messages of its stretch the window was not told of.
    fn unknown(&self, transcript: &Transcript) -> usize {
        self.held.range(transcript).len().saturating_sub(self.known.len())
    }
}
