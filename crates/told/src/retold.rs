//! From what was told of a session back to what an engine would report of it.

use std::collections::HashMap;

use cowork_engine::{EngineEvent, MessageId, PartContent, PartId, Session, SessionId};
use cowork_pairing_protocol::session::{SessionEvent, SharedThread};

/// What an event of a session comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Retelling {
    /// These, in their order, for the session's transcript. Often one, and none for what changes nothing.
    Events(Vec<EngineEvent>),
    /// All that was told before is void: an empty transcript takes the place of the one there was.
    Anew {
        /// There are older messages that are not told.
        cut: bool,
    },
    /// The session is gone.
    Gone,
}

/// Takes the events of one session in their order.
///
/// It counts the bytes of each text that is being told, so that growth that comes twice is taken once, and growth that
/// has a hole before it is not taken at all: the text stays short until it is told anew as a whole.
#[derive(Clone, Debug)]
pub struct Retold {
    session: SessionId,
    /// Of messages that are not finished, how many bytes of each text are there.
    texts: HashMap<MessageId, HashMap<PartId, u64>>,
}

impl Retold {
    /// Of a session of which nothing was told yet.
    #[must_use]
    pub fn new(session: SessionId) -> Self {
        Self {
            session,
            texts: HashMap::new(),
        }
    }

    /// Takes the next event.
    #[must_use]
    pub fn take(&mut self, event: SessionEvent) -> Retelling {
        let id = self.session.clone();
        let session = || id.clone();
        let one = match event {
            SessionEvent::Thread { thread } => EngineEvent::SessionChanged(row(session(), thread)),
            SessionEvent::ThreadGone => {
                self.texts.clear();
                return Retelling::Gone;
            }
            SessionEvent::Began { cut } => {
                self.texts.clear();
                return Retelling::Anew { cut };
            }
            SessionEvent::Status { status } => EngineEvent::StatusChanged {
                session: session(),
                status,
            },
            SessionEvent::Failed { error } => EngineEvent::TurnFailed {
                session: Some(session()),
                error,
            },
            SessionEvent::Message { mut message } => {
                message.session = session();
                if message.completed.is_some() {
                    self.texts.remove(&message.id);
                }
                EngineEvent::MessageChanged(message)
            }
            SessionEvent::MessageGone { message } => {
                self.texts.remove(&message);
                EngineEvent::MessageRemoved {
                    session: session(),
                    message,
                }
            }
            SessionEvent::Part { part } => {
                if let PartContent::Text { text, .. } | PartContent::Reasoning { text, .. } = &part.content {
                    let texts = self.texts.entry(part.message.clone()).or_default();
                    let length = texts.entry(part.id.clone()).or_default();
                    // An empty text over one that is there leaves it, as it does in the transcript.
                    if !text.is_empty() {
                        *length = text.len() as u64;
                    }
                }
                EngineEvent::PartChanged {
                    session: session(),
                    part: *part,
                }
            }
            SessionEvent::Grew {
                message,
                part,
                from,
                delta,
            } => match self.grown(&message, &part, from, delta) {
                Some(delta) => EngineEvent::PartGrew {
                    session: session(),
                    message,
                    part,
                    delta,
                },
                None => return Retelling::Events(Vec::new()),
            },
            SessionEvent::PartGone { message, part } => {
                if let Some(texts) = self.texts.get_mut(&message) {
                    texts.remove(&part);
                }
                EngineEvent::PartRemoved {
                    session: session(),
                    message,
                    part,
                }
            }
            SessionEvent::Permission { mut ask } => {
                ask.session = session();
                EngineEvent::PermissionAsked(*ask)
            }
            SessionEvent::PermissionGone { permission } => EngineEvent::PermissionAnswered {
                session: session(),
                permission,
            },
            SessionEvent::Question { mut ask } => {
                ask.session = session();
                EngineEvent::QuestionAsked(*ask)
            }
            SessionEvent::QuestionGone { question } => EngineEvent::QuestionAnswered {
                session: session(),
                question,
            },
            SessionEvent::Todos { todos } => EngineEvent::TodosChanged {
                session: session(),
                todos,
            },
            SessionEvent::Unknown => return Retelling::Events(Vec::new()),
        };
        Retelling::Events(vec![one])
    }

    /// What of a growth is news.
    fn grown(&mut self, message: &MessageId, part: &PartId, from: u64, mut delta: String) -> Option<String> {
        let length = self.texts.get_mut(message)?.get_mut(part)?;
        let known = usize::try_from(length.checked_sub(from)?).ok()?;
        if known >= delta.len() || !delta.is_char_boundary(known) {
            return None;
        }
        delta.drain(..known);
        *length += delta.len() as u64;
        Some(delta)
    }
}

/// The session as an engine lists it. What it is called stands for where it is.
fn row(id: SessionId, thread: SharedThread) -> Session {
    Session {
        id,
        parent: thread.parent.map(SessionId::new),
        folder: thread.folder.unwrap_or_default().into(),
        title: thread.title,
        created: thread.created,
        updated: thread.updated,
        cost: thread.cost,
        reverted: None,
    }
}
