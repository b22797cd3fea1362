//! What an engine reports while it works.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{
    Message, MessageId, Part, PartId, PermissionAsk, PermissionId, QuestionAsk, QuestionId, Session,
    SessionId, SessionStatus, Todo,
};

/// An event with the folder it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// The folder whose instance sent it; none for events of the engine as a whole.
    pub folder: Option<PathBuf>,
    /// The event.
    pub event: EngineEvent,
}

/// What an engine reports.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineEvent {
    /// The stream is open. What happened before it is only to be had by a snapshot.
    Connected,
    /// The engine is alive.
    Heartbeat,
    /// A session is new or changed.
    SessionChanged(Session),
    /// A session is gone.
    SessionRemoved(SessionId),
    /// What a session is doing changed.
    StatusChanged {
        /// Which session.
        session: SessionId,
        /// What it is doing now.
        status: SessionStatus,
    },
    /// A turn failed. Not always followed by a change to idle.
    TurnFailed {
        /// Which session; none when the engine did not say.
        session: Option<SessionId>,
        /// Why.
        error: TurnError,
    },
    /// A message is new or changed.
    MessageChanged(Message),
    /// A message is gone.
    MessageRemoved {
        /// Its session.
        session: SessionId,
        /// Which message.
        message: MessageId,
    },
    /// A part is new or changed.
    PartChanged {
        /// Its session.
        session: SessionId,
        /// The part as a whole.
        part: Part,
    },
    /// Text was added to a part.
    PartGrew {
        /// Its session.
        session: SessionId,
        /// Its message.
        message: MessageId,
        /// Which part.
        part: PartId,
        /// What was added.
        delta: String,
    },
    /// A part is gone.
    PartRemoved {
        /// Its session.
        session: SessionId,
        /// Its message.
        message: MessageId,
        /// Which part.
        part: PartId,
    },
    /// A permission is asked for.
    PermissionAsked(PermissionAsk),
    /// A permission was answered, here or elsewhere.
    PermissionAnswered {
        /// Its session.
        session: SessionId,
        /// Which ask.
        permission: PermissionId,
    },
    /// Questions are put to the person.
    QuestionAsked(QuestionAsk),
    /// Questions were answered or turned down, here or elsewhere.
    QuestionAnswered {
        /// Its session.
        session: SessionId,
        /// Which ask.
        question: QuestionId,
    },
    /// The plan changed.
    TodosChanged {
        /// Its session.
        session: SessionId,
        /// The plan as a whole.
        todos: Vec<Todo>,
    },
    /// The engine forgot what it held of a folder in memory: open asks are gone, running turns were stopped.
    FolderReset(PathBuf),
    /// Something this product has no use for, counted by name so that a new engine's news are noticed.
    Ignored {
        /// The engine's name for it.
        kind: String,
    },
}

/// Why a turn failed, as far as a person's next step depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TurnErrorKind {
    /// The person stopped it.
    Aborted,
    /// The provider refused the credentials.
    Unauthorized,
    /// The provider does not know the model, or the engine does not.
    UnknownModel,
    /// The engine does not know the agent.
    UnknownAgent,
    /// The provider is out of quota or asks to slow down.
    Limited,
    /// The conversation no longer fits the model's context.
    ContextOverflow,
    /// The provider answered with another error, or could not be reached.
    Provider,
    /// The answer was cut at the model's output limit.
    OutputLength,
    /// Anything else.
    Other,
}

/// Why a turn failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnError {
    /// What a person's next step depends on.
    pub kind: TurnErrorKind,
    /// The engine's or provider's own words, already free of response headers.
    pub message: String,
    /// The HTTP status of the provider's answer.
    pub status: Option<u16>,
}
