//! What a desktop tells in a trial: one thread in which an agent writes without end.

use cowork_engine::{Message, MessageId, Part, PartContent, PartId, Role, SessionId};
use cowork_pairing_protocol::session::{Payload, SessionEvent, SharedThread, VERSION};
use serde_json::Value;

/// Growths of one answer, after which the next one begins: an answer of some hundred words.
const GROWTHS: u64 = 60;

/// A thread that is told, event by event.
pub struct Story {
    session: SessionId,
    answers: u64,
    growths: u64,
    length: u64,
}

impl Story {
    /// One with an id.
    #[must_use]
    pub fn new(session: &str) -> Self {
        Self {
            session: SessionId::from(session),
            answers: 0,
            growths: GROWTHS,
            length: 0,
        }
    }

    /// Its id.
    #[must_use]
    pub fn session(&self) -> &str {
        self.session.as_str()
    }

    /// What stands at its beginning.
    #[must_use]
    pub fn beginning(&self) -> Vec<Value> {
        let thread = SharedThread {
            title: "A trial".to_owned(),
            folder: None,
            throw_away: true,
            parent: None,
            agent: None,
            model: None,
            created: 1,
            updated: 1,
            cost: 0.0,
            demo: false,
            ended: None,
        };
        vec![
            payload(SessionEvent::Thread { thread }),
            payload(SessionEvent::Began { cut: false }),
        ]
    }

    /// The next growth, with `words` in it, and before it what it needs.
    pub fn grow(&mut self, words: &str) -> Vec<Value> {
        let mut events = Vec::new();
        if self.growths == GROWTHS {
            if self.answers > 0 {
                events.push(payload(SessionEvent::Message {
                    message: self.message(true),
                }));
            }
            self.answers += 1;
            self.growths = 0;
            self.length = 0;
            events.push(payload(SessionEvent::Message {
                message: self.message(false),
            }));
            let part = Part {
                id: self.part(),
                message: self.id(),
                content: PartContent::Text {
                    text: String::new(),
                    synthetic: false,
                },
            };
            events.push(payload(SessionEvent::Part { part: Box::new(part) }));
        }
        self.growths += 1;
        let delta = format!("{words} ");
        events.push(payload(SessionEvent::Grew {
            message: self.id(),
            part: self.part(),
            from: self.length,
            delta: delta.clone(),
        }));
        self.length += delta.len() as u64;
        events
    }

    fn id(&self) -> MessageId {
        MessageId::new(message_name(self.answers))
    }

    fn part(&self) -> PartId {
        PartId::new(format!("prt_{:08}", self.answers))
    }

    fn message(&self, complete: bool) -> Message {
        let created = i64::try_from(self.answers).unwrap_or(i64::MAX).saturating_mul(10);
        let mut message = Message::new(self.id(), self.session.clone(), Role::Assistant, created);
        message.completed = complete.then(|| created + 5);
        message
    }
}

/// The id of an answer of a story, counted from 1.
#[must_use]
pub fn message_name(number: u64) -> String {
    format!("msg_{number:08}")
}

fn payload(event: SessionEvent) -> Value {
    // A payload of our own types can always be spelled.
    serde_json::to_value(Payload { v: VERSION, event }).unwrap_or_default()
}
