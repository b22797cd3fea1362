//! Why the application could not do what a person asked.

use cowork_engine::EngineError;

/// A failure a client branches on. Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// What was given cannot be used.
    #[error("{0}")]
    InvalidInput(String),
    /// A session, folder, message or ask that is not known, or no longer.
    #[error("{0} is no longer there. Reload the list and choose again.")]
    NotFound(&'static str),
    /// The engine is not running.
    #[error("{0}")]
    EngineNotReady(String),
    /// The engine refused or did not answer.
    #[error("{}", engine_message(.0))]
    Engine(#[from] EngineError),
    /// A folder that is gone or cannot be read.
    #[error("The folder {0} cannot be read. Put it back or choose another folder.")]
    FolderUnavailable(String),
    /// Policy does not allow it.
    #[error("{0}")]
    NotAllowed(String),
    /// The person has to agree first.
    #[error("{0}")]
    ConsentNeeded(String),
    /// It could not be saved.
    #[error(
        "It could not be saved: {0}. Free some disk space or check the folder's permissions, then try again."
    )]
    NotSaved(String),
    /// Nothing usable answered at an address.
    #[error("{0}")]
    Unreachable(String),
    /// A fault of this app's own.
    #[error("Something went wrong inside the app: {0:#}. The log has the details.")]
    Internal(anyhow::Error),
}

impl WorkspaceError {
    /// Whether nobody knows if the engine did what it was asked.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(
            self,
            Self::Engine(EngineError::Unreachable(_) | EngineError::TimedOut(_))
        )
    }
}

fn engine_message(error: &EngineError) -> String {
    match error {
        EngineError::Unreachable(_) | EngineError::TimedOut(_) => {
            format!("{error}. Whether it acted is not known: look at the conversation before you repeat it.")
        }
        EngineError::NotFound(what) => format!("The engine no longer knows {what}. Open the thread again."),
        EngineError::Refused { .. } | EngineError::Unreadable(_) => {
            format!("{error}. Nothing was changed; try again, or restart the engine under Health.")
        }
    }
}

/// What operations of this crate answer.
pub type Result<T, E = WorkspaceError> = std::result::Result<T, E>;
