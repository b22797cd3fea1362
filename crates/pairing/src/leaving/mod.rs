//! What may leave, and what stands in its place.

use std::path::{Path, PathBuf};

use cowork_engine::{Message, Part, PermissionAsk, QuestionAsk, SessionStatus, Todo, TurnError};
use cowork_pairing_protocol::session::SharedThread;
use cowork_pairing_protocol::wire::Policy;
use serde_json::Value;

/// Where a session's paths are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The session's folder: paths in it become relative to it.
    pub folder: Option<PathBuf>,
    /// The person's home folder.
    pub home: Option<PathBuf>,
    /// Names of what lies in this machine's root folder (`home`, `etc`, …). What begins with one of them is taken for a
    /// path. The usual ones are known without being named.
    pub roots: Vec<String>,
}

/// Takes out of everything what may not leave.
#[derive(Clone, Debug)]
pub struct Leaving {}

impl Leaving {
    /// By the policy, for a session.
    #[must_use]
    pub fn new(policy: &Policy, places: &Places) -> Self {
        let _ = (policy, places, Path::new(""));
        todo!()
    }

    /// A text, whole: as its pieces would come out of [`Self::stream`].
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let _ = text;
        todo!()
    }

    /// A text that leaves in pieces.
    #[must_use]
    pub fn stream(&self) -> LeavingStream {
        todo!()
    }

    /// A text of no more than [`STRING_LIMIT`](cowork_pairing_protocol::session::STRING_LIMIT) bytes.
    #[must_use]
    pub fn line(&self, text: &str) -> String {
        let _ = text;
        todo!()
    }

    /// A value of any shape, within the bounds of the protocol.
    #[must_use]
    pub fn value(&self, value: &Value) -> Value {
        let _ = value;
        todo!()
    }

    /// A message's head.
    #[must_use]
    pub fn message(&self, message: &Message) -> Message {
        let _ = message;
        todo!()
    }

    /// A part as a whole, its text without a bound.
    #[must_use]
    pub fn part(&self, part: &Part) -> Part {
        let _ = part;
        todo!()
    }

    /// A request for permission.
    #[must_use]
    pub fn permission(&self, ask: &PermissionAsk) -> PermissionAsk {
        let _ = ask;
        todo!()
    }

    /// Questions.
    #[must_use]
    pub fn question(&self, ask: &QuestionAsk) -> QuestionAsk {
        let _ = ask;
        todo!()
    }

    /// A plan.
    #[must_use]
    pub fn todos(&self, todos: &[Todo]) -> Vec<Todo> {
        let _ = todos;
        todo!()
    }

    /// What a session is doing.
    #[must_use]
    pub fn status(&self, status: &SessionStatus) -> SessionStatus {
        let _ = status;
        todo!()
    }

    /// Why a turn failed.
    #[must_use]
    pub fn error(&self, error: &TurnError) -> TurnError {
        let _ = error;
        todo!()
    }

    /// A session's row.
    #[must_use]
    pub fn thread(&self, thread: &SharedThread) -> SharedThread {
        let _ = thread;
        todo!()
    }
}

/// Takes out of a text that leaves in pieces what may not leave. A tail is held back.
#[derive(Debug)]
pub struct LeavingStream {}

impl LeavingStream {
    /// Takes the next piece and gives out what is safe by now.
    #[must_use = "what is not used is lost"]
    pub fn push(&mut self, piece: &str) -> String {
        let _ = piece;
        todo!()
    }

    /// Ends the text and gives out what was held back of it.
    #[must_use = "what is not used is lost"]
    pub fn finish(self) -> String {
        todo!()
    }
}
