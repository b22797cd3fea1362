//! Taking a snapshot in place of what events told.

use cowork_engine::{
    MessagePage, MessageWithParts, OlderMessages, PartContent, Role, SessionSnapshot, SessionStatus,
    TurnErrorKind,
};

use crate::timeline::{Surroundings, Timeline};
use crate::{BlockContent, Entry, Patch, Patches, Transcript};

impl Transcript {
    /// Takes a snapshot in place of everything, read at `now` (milliseconds since the epoch).
    ///
    /// What only this transcript knows stays: text that was streamed into a message that is not finished and
    /// that the snapshot has less of (engines write a text down when it ended, so that a killed one has lost
    /// it), marks of interruption, and a failure that no message carries. What the snapshot says is running
    /// while the session is idle is marked interrupted. A snapshot of another session changes nothing.
    pub fn restore(&mut self, snapshot: SessionSnapshot, now: i64) -> Patches {
        let SessionSnapshot {
            session,
            mut messages,
            older,
            todos,
            status,
            mut permissions,
            mut questions,
        } = snapshot;
        if session.id != self.id {
            return Patches::Listed(Vec::new());
        }
        let old = std::mem::take(&mut self.timeline);
        let before = older.as_ref().filter(|_| self.read).and_then(|_| {
            // They are known to follow on what is here only when the first of them is here too.
            let first = messages
                .iter()
                .min_by_key(|of| (of.message.created, of.message.id.clone()))?;
            Some(old.records.get(&first.message.id)?.position)
        });
        if before.is_none() {
            self.older = older;
        }
        self.read = true;
        permissions.retain(|ask| ask.session == self.id);
        questions.retain(|ask| ask.session == self.id);
        self.asks.replace(permissions, questions);
        self.session = Some(session);
        self.todos = todos;
        self.ended = status == SessionStatus::Idle;
        self.idle_inferred = false;

        messages.retain(|with_parts| with_parts.message.session == self.id);
        // Each message is then appended, and the index of none moves.
        messages.sort_by(|a, b| (a.message.created, &a.message.id).cmp(&(b.message.created, &b.message.id)));
        if let Some(before) = before {
            self.timeline.carry_oldest(&old, before);
        }
        for message in messages {
            self.load(message, &old);
        }
        self.carry_stash(old.stash);
        self.timeline.mark_interrupted(self.ended, None, &mut Vec::new());
        self.carry_error(&old.entries, &status);
        self.working_since = match status {
            SessionStatus::Idle => None,
            _ => self.working_since.or_else(|| Some(self.turn_began(now))),
        };
        self.status = status;
        Patches::Everything
    }

    /// Takes in messages that are older than all that are here.
    pub fn extend_back(&mut self, page: MessagePage) -> Patches {
        let MessagePage { mut messages, older } = page;
        let old = std::mem::take(&mut self.timeline);
        let first = old.entries.first().map(|entry| &entry.message);
        let first = first.map(|message| (message.created, message.id.clone()));
        messages.retain(|of| {
            let message = &of.message;
            let precedes = first
                .as_ref()
                .is_none_or(|(created, id)| (message.created, &message.id) < (*created, id));
            message.session == self.id && precedes && !old.records.contains_key(&message.id)
        });
        messages.sort_by(|a, b| (a.message.created, &a.message.id).cmp(&(b.message.created, &b.message.id)));
        for message in messages {
            self.load(message, &old);
        }
        // What is older has ended, whatever runs now.
        self.timeline.mark_interrupted(true, None, &mut Vec::new());
        self.timeline.append(old);
        self.older = older;
        Patches::Listed(vec![Patch::Earlier, Patch::Usage])
    }

    /// Lets go of the oldest messages, `count` of them, as if they were never read: `older` says where they are.
    pub fn forget_oldest(&mut self, count: usize, older: OlderMessages) -> Patches {
        let mut patches = self.timeline.forget_oldest(count);
        if patches.is_empty() && self.older.as_ref() == Some(&older) {
            return Patches::Listed(patches);
        }
        self.older = Some(older);
        patches.extend([Patch::Earlier, Patch::Usage]);
        Patches::Listed(patches)
    }

    /// As [`restore`](Self::restore), after events were missed: a text that is being written stays as it is until the
    /// engine sends the whole of it, because what is added to it next would follow on something that is not there.
    pub fn restore_after_gap(&mut self, snapshot: SessionSnapshot, now: i64) -> Patches {
        let unwritten = |content: &PartContent| {
            matches!(
                content,
                PartContent::Text { text, .. } | PartContent::Reasoning { text, .. } if text.is_empty()
            )
        };
        let open = snapshot
            .messages
            .iter()
            .filter(|of| of.message.role == Role::Assistant && of.message.completed.is_none());
        let behind: Vec<_> = open
            .flat_map(|of| of.parts.iter().map(|part| (of.message.id.clone(), part)))
            .filter(|(_, part)| unwritten(&part.content))
            .map(|(message, part)| (message, part.id.clone()))
            .collect();
        let patches = self.restore(snapshot, now);
        self.timeline.behind = behind.into_iter().collect();
        patches
    }

    fn load(&mut self, snapshot: MessageWithParts, old: &Timeline) {
        // All of it is news to the reader, who is told so in one word.
        let unread = &mut Vec::new();
        let surroundings = Surroundings {
            ended: self.ended,
            asks: &self.asks,
        };
        let id = snapshot.message.id.clone();
        self.timeline.put(snapshot.message, surroundings, unread);
        for mut part in snapshot.parts {
            part.message.clone_from(&id);
            self.timeline.place(part, surroundings, unread);
            unread.clear();
        }
        let position = self.timeline.records.get(&id).map(|record| record.position);
        if let Some(entry) = position.and_then(|position| self.timeline.entries.get_mut(position))
            && let Some(old_entry) = old.entry(&id)
        {
            carry_entry(entry, old_entry, old);
        }
    }

    /// Places what waited for a message that the snapshot brought.
    fn carry_stash(&mut self, mut stash: crate::stash::Stash) {
        let ids = self.timeline.entries.iter().map(|entry| &entry.message.id);
        let waited: Vec<_> = ids
            .map(|id| (id.clone(), stash.take(id)))
            .filter(|(_, parts)| !parts.is_empty())
            .collect();
        // In place again before any of it is placed: what still has no part goes back there.
        self.timeline.stash = stash;
        let surroundings = Surroundings {
            ended: self.ended,
            asks: &self.asks,
        };
        for (id, parts) in waited {
            for mut stashed in parts {
                if self
                    .timeline
                    .records
                    .get(&id)
                    .is_some_and(|record| record.parts.contains_key(&stashed.part))
                {
                    // The snapshot is newer, except for a text that it has nothing of.
                    stashed.content = None;
                    let block = self.timeline.block(&id, &stashed.part);
                    if block
                        .and_then(|block| block.content.text())
                        .is_none_or(|text| !text.is_empty())
                    {
                        continue;
                    }
                }
                self.timeline.unstash(&id, stashed, surroundings, &mut Vec::new());
            }
        }
    }

    /// Finds the last turn's failure. One that no message carries (an unknown agent's) is in no snapshot and
    /// holds until something newer happened.
    fn carry_error(&mut self, old: &[Entry], status: &SessionStatus) {
        let entries = &self.timeline.entries;
        let unchanged = *status == SessionStatus::Idle
            && entries.last().map(|entry| &entry.message.id) == old.last().map(|entry| &entry.message.id);
        let known = self.error.take().filter(|_| unchanged);
        let last = self.messages().last().map(|entry| &entry.message);
        let told = last
            .filter(|message| message.role == Role::Assistant)
            .and_then(|message| message.error.clone());
        self.error = match told {
            Some(error) if error.kind == TurnErrorKind::Aborted => known,
            Some(error) => Some(error),
            None => known,
        };
    }

    /// When the turn that runs was asked for, as far as it is known.
    fn turn_began(&self, now: i64) -> i64 {
        let mut messages = self.timeline.entries.iter().map(|entry| &entry.message);
        messages
            .rfind(|message| message.role == Role::User)
            .map_or(now, |prompt| prompt.created.min(now))
    }
}

/// Takes over what only the old entry knew.
fn carry_entry(entry: &mut Entry, old: &Entry, timeline: &Timeline) {
    if entry.message.completed.is_some() {
        return;
    }
    if entry.message.error.is_none() {
        entry.message.error.clone_from(&old.message.error);
    }
    entry.interrupted |= old.interrupted && (entry.is_open_answer() || entry.message.role == Role::User);
    for block in &mut entry.blocks {
        let Some(known) = timeline.block(&old.message.id, &block.id) else {
            continue;
        };
        match (&mut block.content, &known.content) {
            (BlockContent::Text { text }, BlockContent::Text { text: streamed }) => {
                keep_longer(text, streamed);
            }
            (
                BlockContent::Reasoning { text, ended, .. },
                BlockContent::Reasoning {
                    text: streamed,
                    ended: known_end,
                    ..
                },
            ) => {
                keep_longer(text, streamed);
                *ended = ended.or(*known_end);
            }
            (BlockContent::Tool(tool), BlockContent::Tool(known)) => {
                tool.interrupted |= known.interrupted && !tool.is_finished();
                if !tool.is_finished() {
                    // A killed engine has lost what its command printed last.
                    keep_longer(&mut tool.call.output, &known.call.output);
                }
            }
            _ => {}
        }
    }
}

fn keep_longer(text: &mut String, streamed: &str) {
    if streamed.len() > text.len() {
        streamed.clone_into(text);
    }
}
