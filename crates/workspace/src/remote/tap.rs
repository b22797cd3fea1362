//! What changed in threads that are shared, until it is told. Like the feed, it remembers names and no content: what is
//! told is read from the state of the moment it is told.

use std::collections::{BTreeMap, BTreeSet};

use cowork_engine::{MessageId, SessionId};
use cowork_transcript::Patch;

/// Messages of one session whose changes are remembered one by one. More at once are a conversation that is read anew.
const REMEMBERED: usize = 500;

/// What may have changed in a session.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// Nothing of what was told can be relied on.
    pub(crate) anew: bool,
    /// Its row, what it is doing, what it asks, its plan, or its last failure: all of that is compared.
    pub(crate) around: bool,
    pub(crate) messages: BTreeSet<MessageId>,
    pub(crate) gone: BTreeSet<MessageId>,
}

impl Changed {
    fn note(&mut self, patch: &Patch) {
        match patch {
            Patch::Everything => self.anew = true,
            // Older ones were read because somebody looks at them here.
            Patch::Earlier => {}
            Patch::Message { message }
            | Patch::Block { message, .. }
            | Patch::TextGrew { message, .. }
            | Patch::BlockRemoved { message, .. } => {
                self.gone.remove(message);
                self.messages.insert(message.clone());
            }
            Patch::MessageRemoved { message } => {
                self.messages.remove(message);
                self.gone.insert(message.clone());
            }
            Patch::Status | Patch::Asks | Patch::Todos | Patch::Usage | Patch::Error | Patch::Session => {
                self.around = true;
            }
        }
        if self.messages.len() + self.gone.len() > REMEMBERED {
            self.anew = true;
        }
        if self.anew {
            self.messages.clear();
            self.gone.clear();
        }
    }

    /// Takes over what changed before this.
    pub(crate) fn with(mut self, before: Self) -> Self {
        self.anew |= before.anew;
        self.around |= before.around;
        if !self.anew {
            let gone = before.gone.into_iter().filter(|id| !self.messages.contains(id));
            let gone: Vec<_> = gone.collect();
            let messages = before.messages.into_iter().filter(|id| !self.gone.contains(id));
            let messages: Vec<_> = messages.collect();
            self.gone.extend(gone);
            self.messages.extend(messages);
        }
        self
    }
}

/// What is to be told.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// By session: as many as something happens in between two times it is told.
    pub(crate) sessions: BTreeMap<SessionId, Changed>,
    /// Sessions that were deleted.
    pub(crate) removed: BTreeSet<SessionId>,
    /// Pairings of which what is shared, or how, changed.
    pub(crate) pairings: BTreeSet<String>,
}

impl News {
    pub(crate) fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.removed.is_empty() && self.pairings.is_empty()
    }

    pub(crate) fn note(&mut self, session: &SessionId, patches: &[Patch]) {
        if patches.is_empty() {
            return;
        }
        let changed = self.sessions.entry(session.clone()).or_default();
        for patch in patches {
            changed.note(patch);
        }
    }

    /// A session's row changed.
    pub(crate) fn touch(&mut self, session: &SessionId) {
        self.sessions.entry(session.clone()).or_default().around = true;
    }

    pub(crate) fn remove(&mut self, session: &SessionId) {
        self.sessions.remove(session);
        self.removed.insert(session.clone());
    }

    /// Has something told again that could not be.
    pub(crate) fn put_back(&mut self, session: SessionId, changed: Changed) {
        let newer = self.sessions.remove(&session).unwrap_or_default();
        self.sessions.insert(session, newer.with(changed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str) -> MessageId {
        MessageId::from(id)
    }

    #[test]
    fn a_burst_of_changes_is_one_and_a_message_that_is_gone_is_not_told_of() {
        let mut news = News::default();
        let session = SessionId::from("ses_1");
        let grew = |id: &str| Patch::TextGrew {
            message: message(id),
            block: "prt_1".into(),
            from: 3,
        };
        let gone = Patch::MessageRemoved {
            message: message("b"),
        };
        news.note(&session, &[grew("a"), grew("a"), grew("b"), gone, Patch::Status]);
        let changed = &news.sessions[&session];
        assert!(changed.around && !changed.anew);
        assert_eq!(changed.messages, BTreeSet::from([message("a")]));
        assert_eq!(changed.gone, BTreeSet::from([message("b")]));
        news.note(&session, &[grew("b")]);
        assert!(news.sessions[&session].gone.is_empty(), "it is there again");
    }

    #[test]
    fn more_than_is_remembered_is_everything() {
        let mut changed = Changed::default();
        for number in 0..=REMEMBERED {
            changed.note(&Patch::Message {
                message: message(&number.to_string()),
            });
        }
        assert!(changed.anew && changed.messages.is_empty());
    }

    #[test]
    fn what_could_not_be_told_is_told_with_what_came_after_it() {
        let mut news = News::default();
        let session = SessionId::from("ses_1");
        let first = Changed {
            messages: BTreeSet::from([message("a"), message("b")]),
            ..Changed::default()
        };
        let gone = Patch::MessageRemoved {
            message: message("a"),
        };
        news.note(&session, &[gone]);
        news.put_back(session.clone(), first);
        let changed = &news.sessions[&session];
        assert_eq!(changed.messages, BTreeSet::from([message("b")]));
        assert_eq!(changed.gone, BTreeSet::from([message("a")]));
    }
}
