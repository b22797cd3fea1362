//! Which finished messages are not in the index yet. Only their names are remembered, and a delta changes nothing
//! here.

use std::collections::{BTreeSet, HashMap, HashSet};

use cowork_engine::{EngineEvent, MessageId, Role, SessionId, SessionStatus};
use cowork_store::Document;
use cowork_transcript::{Entry, Transcript};

use super::documents;

/// Messages that are remembered. Beyond them their sessions are read from the engine again, as everything is that the
/// index does not have.
const REMEMBERED: usize = 10_000;
/// Messages of one write.
const BATCH: usize = 32;

/// What an event means for the index; taken before the conversation takes the event.
pub(crate) enum News {
    Message(MessageId),
    Removed(MessageId),
    Ended,
}

impl News {
    pub(crate) fn of(event: &EngineEvent) -> Option<Self> {
        match event {
            EngineEvent::MessageChanged(message) => Some(Self::Message(message.id.clone())),
            EngineEvent::PartChanged { part, .. } => Some(Self::Message(part.message.clone())),
            EngineEvent::MessageRemoved { message, .. } => Some(Self::Removed(message.clone())),
            EngineEvent::StatusChanged {
                status: SessionStatus::Idle,
                ..
            } => Some(Self::Ended),
            _ => None,
        }
    }
}

/// What is to be written.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) documents: Vec<Document>,
    pub(crate) removed: Vec<(SessionId, MessageId)>,
    /// Sessions of which everything is in the index with this.
    pub(crate) whole: Vec<SessionId>,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.removed.is_empty() && self.whole.is_empty()
    }
}

/// What is not in the index yet.
#[derive(Default)]
pub(crate) struct Unindexed {
    messages: HashMap<SessionId, BTreeSet<MessageId>>,
    count: usize,
    removed: Vec<(SessionId, MessageId)>,
    ended: HashSet<SessionId>,
    /// Sessions of which something never came into the index from here: they are read from the engine.
    lost: HashSet<SessionId>,
    /// The session that is read from the engine just now.
    reading: Option<Reading>,
}

/// A session that is read from the engine while the app runs on.
struct Reading {
    session: SessionId,
    /// Something happened in it meanwhile, of which what was read may know nothing.
    is_overtaken: bool,
}

impl Unindexed {
    /// Takes news, when the conversation has taken the event.
    pub(crate) fn note(&mut self, session: &SessionId, news: News, transcript: &Transcript) {
        self.overtake(session);
        match news {
            News::Message(message) => {
                if transcript.entry(&message).is_some_and(is_finished) {
                    self.add(session, message);
                }
            }
            News::Removed(message) => {
                if self.removed.len() < REMEMBERED {
                    self.removed.push((session.clone(), message));
                } else {
                    self.lost.insert(session.clone());
                }
            }
            News::Ended => {
                self.ended.insert(session.clone());
            }
        }
    }

    fn add(&mut self, session: &SessionId, message: MessageId) {
        if self.count >= REMEMBERED {
            self.lost.insert(session.clone());
        } else if self.messages.entry(session.clone()).or_default().insert(message) {
            self.count += 1;
        }
    }

    /// Something happened in a session. What is read of it just now may be of before.
    pub(crate) fn overtake(&mut self, session: &SessionId) {
        if let Some(reading) = self
            .reading
            .as_mut()
            .filter(|reading| reading.session == *session)
        {
            reading.is_overtaken = true;
        }
    }

    /// A session is read from the engine from now on; one at a time is. Until [`Self::end_reading`] nothing says that all
    /// of it is in the index.
    pub(crate) fn begin_reading(&mut self, session: &SessionId) {
        self.reading = Some(Reading {
            session: session.clone(),
            is_overtaken: false,
        });
    }

    /// Whether nothing happened in the session since its reading began.
    pub(crate) fn is_current(&self, session: &SessionId) -> bool {
        let reading = self.reading.as_ref();
        reading.is_some_and(|reading| reading.session == *session && !reading.is_overtaken)
    }

    /// The reading of a session ended; with `is_whole` everything that the engine holds of it is in the index. Whether
    /// that holds: where something happened meanwhile it does not, and the session is to be read again.
    pub(crate) fn end_reading(&mut self, session: &SessionId, is_whole: bool) -> bool {
        let Some(reading) = self.reading.take_if(|reading| reading.session == *session) else {
            return false;
        };
        if reading.is_overtaken {
            self.lost.insert(reading.session);
            return false;
        }
        // What was lost before it began was read with all the rest.
        if is_whole {
            self.lost.remove(session);
        }
        is_whole
    }

    /// What is to be written next. A conversation that left memory meanwhile is read from the engine again.
    pub(crate) fn take<'a>(&mut self, transcript: impl Fn(&SessionId) -> Option<&'a Transcript>) -> Batch {
        let mut batch = Batch {
            removed: std::mem::take(&mut self.removed),
            ..Batch::default()
        };
        while batch.documents.len() < BATCH {
            let Some(session) = self.messages.keys().next().cloned() else {
                break;
            };
            let Some(waiting) = self.messages.get_mut(&session) else {
                break;
            };
            while batch.documents.len() < BATCH
                && let Some(message) = waiting.pop_first()
            {
                self.count -= 1;
                match transcript(&session).and_then(|transcript| transcript.entry(&message)) {
                    Some(entry) => batch.documents.push(documents::of_entry(entry)),
                    None => {
                        self.lost.insert(session.clone());
                    }
                }
            }
            if waiting.is_empty() {
                self.messages.remove(&session);
            }
        }
        let (messages, lost) = (&self.messages, &self.lost);
        let reading = self.reading.as_ref().map(|reading| &reading.session);
        batch.whole = self
            .ended
            .extract_if(|session| !messages.contains_key(session) && reading != Some(session))
            .filter(|session| !lost.contains(session))
            .collect();
        batch
    }
}

/// A message that will not grow any more: the person's, or an answer of which the end is known.
fn is_finished(entry: &Entry) -> bool {
    let message = &entry.message;
    message.role == Role::User || message.completed.is_some() || message.error.is_some() || entry.interrupted
}

#[cfg(test)]
mod tests {
    use cowork_engine::{Message, Part, PartContent};

    use super::*;

    fn message(role: Role, completed: Option<i64>) -> EngineEvent {
        EngineEvent::MessageChanged(Message {
            completed,
            ..Message::new("msg_1".into(), "ses_1".into(), role, 1)
        })
    }

    fn part(text: &str) -> EngineEvent {
        EngineEvent::PartChanged {
            session: "ses_1".into(),
            part: Part {
                id: "prt_1".into(),
                message: "msg_1".into(),
                content: PartContent::Text {
                    text: text.to_owned(),
                    synthetic: false,
                },
            },
        }
    }

    fn after(events: Vec<EngineEvent>) -> Batch {
        let session = SessionId::from("ses_1");
        let mut transcript = Transcript::new(session.clone());
        let mut unindexed = Unindexed::default();
        for event in events {
            let news = News::of(&event);
            transcript.apply(event, 1, &mut Vec::new());
            if let Some(news) = news {
                unindexed.note(&session, news, &transcript);
            }
        }
        unindexed.take(|_| Some(&transcript))
    }

    #[test]
    fn an_answer_is_taken_when_it_is_finished_and_a_prompt_at_once() {
        assert!(after(vec![message(Role::Assistant, None), part("so far")]).is_empty());
        let batch = after(vec![
            message(Role::Assistant, None),
            part("so far and on"),
            message(Role::Assistant, Some(2)),
        ]);
        assert_eq!(batch.documents[0].text, "so far and on");
        let batch = after(vec![message(Role::User, None), part("do it")]);
        assert_eq!(batch.documents[0].text, "do it");
    }

    #[test]
    fn a_secret_is_not_kept_a_second_time() {
        let key = format!("sk-proj-{}", "a1B2c3D4e5F6g7H8".repeat(3));
        let batch = after(vec![message(Role::User, None), part(&format!("use {key} now"))]);
        assert!(
            !batch.documents[0].text.contains(&key),
            "{:?}",
            batch.documents[0].text
        );
        assert!(batch.documents[0].text.contains("now"));
    }

    #[test]
    fn what_was_lost_is_whole_again_when_it_was_read_from_the_engine() {
        let session = SessionId::from("ses_1");
        let mut transcript = Transcript::new(session.clone());
        transcript.apply(message(Role::User, None), 1, &mut Vec::new());
        let mut unindexed = Unindexed::default();
        let turn = |unindexed: &mut Unindexed, is_there: bool| {
            unindexed.note(&session, News::Message("msg_1".into()), &transcript);
            unindexed.note(&session, News::Ended, &transcript);
            unindexed.take(|_| is_there.then_some(&transcript)).whole
        };
        assert_eq!(turn(&mut unindexed, true), std::slice::from_ref(&session));
        // The conversation left memory before it was written.
        assert_eq!(turn(&mut unindexed, false), []);
        assert_eq!(turn(&mut unindexed, true), [], "it has to be read first");
        // A reading that failed changes nothing.
        unindexed.begin_reading(&session);
        assert!(!unindexed.end_reading(&session, false));
        assert_eq!(turn(&mut unindexed, true), []);
        unindexed.begin_reading(&session);
        assert!(unindexed.end_reading(&session, true));
        assert_eq!(turn(&mut unindexed, true), std::slice::from_ref(&session));
    }

    #[test]
    fn a_session_in_which_something_happens_while_it_is_read_is_not_whole_by_that() {
        let session = SessionId::from("ses_1");
        let transcript = Transcript::new(session.clone());
        let mut unindexed = Unindexed::default();
        let whole = |unindexed: &mut Unindexed| unindexed.take(|_| Some(&transcript)).whole;
        unindexed.begin_reading(&session);
        unindexed.note(&SessionId::from("ses_2"), News::Ended, &transcript);
        assert!(unindexed.is_current(&session));
        unindexed.note(&session, News::Ended, &transcript);
        assert!(!unindexed.is_current(&session));
        assert_eq!(
            whole(&mut unindexed),
            [SessionId::from("ses_2")],
            "it is being read"
        );
        assert!(!unindexed.end_reading(&session, true));
        assert_eq!(whole(&mut unindexed), [], "it is read again");
        unindexed.begin_reading(&session);
        assert!(unindexed.is_current(&session) && unindexed.end_reading(&session, true));
    }

    #[test]
    fn more_that_is_gone_than_is_remembered_is_read_again() {
        let session = SessionId::from("ses_1");
        let transcript = Transcript::new(session.clone());
        let mut unindexed = Unindexed::default();
        for number in 0..=REMEMBERED {
            let message = MessageId::from(format!("msg_{number}").as_str());
            unindexed.note(&session, News::Removed(message), &transcript);
        }
        unindexed.note(&session, News::Ended, &transcript);
        let batch = unindexed.take(|_| None);
        assert_eq!((batch.removed.len(), batch.whole.len()), (REMEMBERED, 0));
    }
}
