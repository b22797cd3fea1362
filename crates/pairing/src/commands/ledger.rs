//! What was done with each command, as the app keeps it.

use async_trait::async_trait;
use cowork_pairing_protocol::wire::{Command, CommandResult};

use crate::broker::Outcome;
use crate::journal::KeepingFailed;

/// How far a command is. Each stage is on the disk before the next one begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// It is known, and nothing was done.
    Received,
    /// It is being done: after a crash nobody knows how far it came.
    Doing,
    /// It is done, and the server is to be told.
    Done(CommandResult),
    /// The server was told, or wants to hear no more of it.
    Answered(CommandResult),
}

impl Stage {
    /// What it came to, once it did.
    #[must_use]
    pub fn result(&self) -> Option<&CommandResult> {
        match self {
            Self::Done(result) | Self::Answered(result) => Some(result),
            Self::Received | Self::Doing => None,
        }
    }
}

/// A command and how far it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// As it came last: a server that gives a command again gives it a new lease.
    pub command: Command,
    /// How far it is.
    pub stage: Stage,
}

/// The commands of one pairing. What is written must be on the disk when the call returns. Records are kept for thirty
/// days or the newest ten thousand; the cursor for as long as the pairing.
///
/// An app that tells the server of what is done (`command.accepted` and so on) or writes an audit does that in the same
/// transaction.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// The highest sequence that was ever received; 0 before the first.
    async fn cursor(&self) -> Result<u64, KeepingFailed>;

    /// The command of this id.
    async fn by_id(&self, id: &str) -> Result<Option<Record>, KeepingFailed>;

    /// The command of this sequence.
    async fn by_sequence(&self, sequence: u64) -> Result<Option<Record>, KeepingFailed>;

    /// All that are not [`Stage::Answered`], by sequence.
    async fn open(&self) -> Result<Vec<Record>, KeepingFailed>;

    /// Writes a command down, new ([`Stage::Received`], and the cursor with it) or given again (its stage stays, its
    /// lease is the new one, and one that was answered is to be answered again: [`Stage::Done`]).
    async fn received(&self, command: &Command) -> Result<(), KeepingFailed>;

    /// It is about to be done.
    async fn doing(&self, id: &str) -> Result<(), KeepingFailed>;

    /// It was found, after a crash, that it was not done: [`Stage::Received`] again.
    async fn not_done(&self, id: &str) -> Result<(), KeepingFailed>;

    /// It is done, or refused.
    async fn done(&self, id: &str, result: &CommandResult) -> Result<(), KeepingFailed>;

    /// The server was told; `refused` is what it said when it did not take the answer.
    async fn answered(&self, id: &str, outcome: Outcome, refused: Option<&str>) -> Result<(), KeepingFailed>;

    /// A command was refused before it was written down: it is replayed, of another pairing, unreadable. For the audit.
    async fn refused(&self, command: &Command, why: &str) -> Result<(), KeepingFailed>;
}
