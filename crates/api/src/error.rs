//! Failures as a client sees them.

use serde::Serialize;
use ts_rs::TS;

/// A stable name of what went wrong, for a client to branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Code {
    /// What was sent cannot be used; the message says what is wrong with it.
    InvalidInput,
    /// The session, folder, message or ask is not known, or no longer.
    NotFound,
    /// The engine is not running or still on its way.
    EngineNotReady,
    /// The engine refused or failed; nothing was changed.
    EngineRefused,
    /// The connection to the engine broke; whether it acted is not known.
    OutcomeUnknown,
    /// The folder is gone or cannot be read.
    FolderUnavailable,
    /// Policy does not allow it.
    NotAllowed,
    /// The person has to agree first; the message says to what.
    ConsentNeeded,
    /// It could not be saved; the message says why.
    NotSaved,
    /// Nothing answered at the address.
    Unreachable,
    /// A fault of this app's own.
    Internal,
}

/// Why a command failed. The message says what to do next and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct ApiError {
    /// What a client branches on.
    pub code: Code,
    /// What happened and what to do next.
    pub message: String,
}
