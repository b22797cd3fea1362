//! From what a session holds to the events that tell of it.
//!
//! [`Shared`] remembers of one session what was told so far. Whoever holds the session gives it what may have changed
//! ([`Changes`]), as often or as seldom as wanted, and gets the events that bring the other side to the same state: the
//! events of all calls together make the conversation as it is here, without what may not leave.
//!
//! A message that is being written is told as it grows, with a tail held back. When it is finished it is told anew as a
//! whole, in one run, so that what was told of it before can be forgotten; and again when it changes after that.

mod held;
mod message;
#[cfg(test)]
mod tests;
mod text;

use std::collections::HashMap;

use cowork_engine::{
    Message, MessageId, PermissionAsk, PermissionId, QuestionAsk, QuestionId, Role, SessionStatus, Todo,
    TurnError, TurnErrorKind,
};
use cowork_pairing_protocol::session::{SessionEvent, SharedThread};

pub use held::{Changes, Held, HeldContent, HeldMessage, HeldPart};

use crate::leaving::Leaving;
use message::ToldMessage;

/// What was told of one session. It keeps no texts of finished messages, and of open ones no more than their ends.
#[derive(Debug)]
pub struct Shared {
    leaving: Leaving,
    thread: Option<SharedThread>,
    messages: HashMap<MessageId, ToldMessage>,
    /// None while it was not told since it began.
    status: Option<SessionStatus>,
    /// The failure that the other side shows: it takes one from the newest answer, and lets go of it when a turn begins.
    error: Option<TurnError>,
    /// It cannot be told which one it shows.
    error_unsure: bool,
    /// The newest answer that was told.
    newest: Option<(i64, MessageId)>,
    permissions: Vec<PermissionAsk>,
    questions: Vec<QuestionAsk>,
    todos: Vec<Todo>,
}

/// An event, and the message it concerns: what was told of a message before it was told as a whole is superseded by it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The event.
    pub event: SessionEvent,
    /// The message.
    pub message: Option<MessageId>,
}

impl From<SessionEvent> for Told {
    fn from(event: SessionEvent) -> Self {
        let message = match &event {
            SessionEvent::Message { message } => Some(message.id.clone()),
            SessionEvent::MessageGone { message }
            | SessionEvent::Grew { message, .. }
            | SessionEvent::PartGone { message, .. } => Some(message.clone()),
            SessionEvent::Part { part } => Some(part.message.clone()),
            _ => None,
        };
        Self { event, message }
    }
}

impl Shared {
    /// Of which nothing was told yet. Everything is cleaned by `leaving`; when the policy changes, begin anew.
    #[must_use]
    pub fn new(leaving: Leaving) -> Self {
        Self {
            leaving,
            thread: None,
            messages: HashMap::new(),
            status: None,
            error: None,
            error_unsure: false,
            newest: None,
            permissions: Vec::new(),
            questions: Vec::new(),
            todos: Vec::new(),
        }
    }

    /// Begins anew: everything the session holds. `cut` says that there are older messages that are not given.
    pub fn begin(&mut self, held: &Held<'_>, cut: bool) -> Vec<Told> {
        *self = Self::new(self.leaving.clone());
        let mut events = Vec::new();
        self.tell_thread(held, &mut events);
        events.push(SessionEvent::Began { cut });
        self.tell_rest(held, &mut events);
        events.into_iter().map(Told::from).collect()
    }

    /// Tells what changed. Messages that were not given before and are now are new.
    pub fn tell(&mut self, changes: &Changes<'_>) -> Vec<Told> {
        let mut events = Vec::new();
        for message in changes.gone {
            if self.messages.remove(message).is_some() {
                if self.newest.as_ref().is_some_and(|(_, newest)| newest == message) {
                    self.newest = None;
                    self.error_unsure = true;
                }
                events.push(SessionEvent::MessageGone {
                    message: message.clone(),
                });
            }
        }
        self.tell_thread(&changes.held, &mut events);
        self.tell_rest(&changes.held, &mut events);
        events.into_iter().map(Told::from).collect()
    }

    /// The session is gone, or is not shared any more.
    pub fn gone(&mut self) -> Vec<Told> {
        *self = Self::new(self.leaving.clone());
        vec![SessionEvent::ThreadGone.into()]
    }

    fn tell_thread(&mut self, held: &Held<'_>, events: &mut Vec<SessionEvent>) {
        if self.thread.as_ref() != Some(&held.thread) {
            events.push(SessionEvent::Thread {
                thread: self.leaving.thread(&held.thread),
            });
            self.thread = Some(held.thread.clone());
        }
    }

    /// A turn is told to run before what it brings, and to have ended after. That it ended is not told while something
    /// is asked: there, as here, an end closes what is asked, and it could not be opened again.
    fn tell_rest(&mut self, held: &Held<'_>, events: &mut Vec<SessionEvent>) {
        let asks = !held.permissions.is_empty() || !held.questions.is_empty();
        let idle = *held.status == SessionStatus::Idle;
        if !idle {
            self.tell_status(held.status, events);
        }
        for message in &held.messages {
            self.tell_message(message, events);
        }
        self.tell_todos(held.todos, events);
        if idle && !asks {
            self.settle(held.error, events);
        }
        self.tell_asks(held, events);
    }

    fn tell_message(&mut self, held: &HeldMessage<'_>, events: &mut Vec<SessionEvent>) {
        let before = events.len();
        let message = held.message;
        let mut is_new = false;
        if let Some(told) = self.messages.get_mut(&message.id) {
            told.tell(held, &self.leaving, events);
        } else {
            let told = ToldMessage::begin(held, &self.leaving, events);
            self.messages.insert(message.id.clone(), told);
            is_new = true;
        }
        if events.len() > before && message.role == Role::Assistant {
            self.follow_error(message, is_new);
        }
    }

    /// Which failure the other side shows once it was told of an answer.
    fn follow_error(&mut self, message: &Message, is_new: bool) {
        let place = (message.created, message.id.clone());
        if self.newest.as_ref().is_some_and(|newest| *newest > place) {
            return;
        }
        self.newest = Some(place);
        if let Some(error) = &message.error {
            self.error = Some(error.clone()).filter(|error| error.kind != TurnErrorKind::Aborted);
        } else if is_new && self.error.is_some() {
            match self.status {
                Some(SessionStatus::Idle) => {}
                Some(_) => self.error = None,
                None => self.error_unsure = true,
            }
        }
    }

    fn tell_status(&mut self, status: &SessionStatus, events: &mut Vec<SessionEvent>) {
        if self.status.as_ref() != Some(status) {
            if self
                .status
                .as_ref()
                .is_none_or(|before| *before == SessionStatus::Idle)
            {
                // A turn that begins ends the failure of the last one, there as here.
                if *status != SessionStatus::Idle {
                    self.error = None;
                    self.error_unsure = false;
                }
            }
            self.status = Some(status.clone());
            events.push(SessionEvent::Status {
                status: self.leaving.status(status),
            });
        }
    }

    /// Nothing runs any more: why the last turn failed is what it is here.
    fn settle(&mut self, error: Option<&TurnError>, events: &mut Vec<SessionEvent>) {
        if self.error_unsure || (self.error.is_some() && self.error.as_ref() != error) {
            // A turn that begins after the last one ended takes its failure away.
            self.tell_status(&SessionStatus::Idle, events);
            self.tell_status(&SessionStatus::Busy, events);
        }
        // A failure that comes while something runs would be taken for that of the answer that is being written.
        self.tell_status(&SessionStatus::Idle, events);
        if self.error.as_ref() != error
            && let Some(error) = error
        {
            events.push(SessionEvent::Failed {
                error: self.leaving.error(error),
            });
        }
        self.error = error.cloned();
        self.error_unsure = false;
    }

    fn tell_todos(&mut self, todos: &[Todo], events: &mut Vec<SessionEvent>) {
        if self.todos != todos {
            self.todos = todos.to_vec();
            events.push(SessionEvent::Todos {
                todos: self.leaving.todos(todos),
            });
        }
    }

    fn tell_asks(&mut self, held: &Held<'_>, events: &mut Vec<SessionEvent>) {
        let is_open = |id: &PermissionId| held.permissions.iter().any(|ask| ask.id == *id);
        for ask in self.permissions.iter().filter(|ask| !is_open(&ask.id)) {
            events.push(SessionEvent::PermissionGone {
                permission: ask.id.clone(),
            });
        }
        for ask in held
            .permissions
            .iter()
            .filter(|ask| !self.permissions.contains(ask))
        {
            events.push(SessionEvent::Permission {
                ask: Box::new(self.leaving.permission(ask)),
            });
        }
        let is_open = |id: &QuestionId| held.questions.iter().any(|ask| ask.id == *id);
        for ask in self.questions.iter().filter(|ask| !is_open(&ask.id)) {
            events.push(SessionEvent::QuestionGone {
                question: ask.id.clone(),
            });
        }
        for ask in held.questions.iter().filter(|ask| !self.questions.contains(ask)) {
            events.push(SessionEvent::Question {
                ask: Box::new(self.leaving.question(ask)),
            });
        }
        self.permissions = held.permissions.to_vec();
        self.questions = held.questions.to_vec();
    }
}
