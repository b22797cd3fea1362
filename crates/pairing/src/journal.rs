//! The events that wait to leave, as the app keeps them.

use async_trait::async_trait;
use cowork_pairing_protocol::wire::RemoteEvent;

/// The app's store failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is kept for this pairing could not be read or written: {0}")]
pub struct KeepingFailed(pub String);

/// The events of one pairing, each with a sequence that counts from 1.
///
/// What is written must be on the disk when the call returns. Rows that were dropped (because there were too many)
/// leave a gap in the sequence; delivery tells the server that there was something and no more, so that the server's
/// count goes on. Whoever drops a session's rows begins that session anew.
#[async_trait]
pub trait Journal: Send + Sync {
    /// All up to this sequence arrived; 0 when nothing did.
    async fn cursor(&self) -> Result<u64, KeepingFailed>;

    /// The next events beyond `after` in order, at most `most`, and no more than `bytes` of them as JSON, but for one
    /// that is longer by itself. Each has its `sequence`.
    async fn next(&self, after: u64, most: usize, bytes: usize) -> Result<Vec<RemoteEvent>, KeepingFailed>;

    /// The server has all up to this sequence. It may be less than before: the server lost something, and what is still
    /// here is sent again. In that case everything that is shared should begin anew.
    async fn delivered(&self, through: u64) -> Result<(), KeepingFailed>;

    /// The server refused this event for good; `instead` has its sequence and takes its place. Worth a row in the audit.
    async fn set_aside(&self, instead: RemoteEvent, why: &str) -> Result<(), KeepingFailed>;
}
