//! Who carries commands out.

use async_trait::async_trait;
use cowork_pairing_protocol::wire::{Command, CommandKind, CommandResult};

use crate::policy::Work;

/// A command that was judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// As it came.
    pub command: Command,
    /// What it asks.
    pub work: Work,
}

impl Asked {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> CommandKind {
        self.work.kind()
    }
}

/// What became of a command that a crash cut off.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is made once for a command, and looked at at once"
)]
pub enum Reconciled {
    /// It took effect, and came to this.
    Done(CommandResult),
    /// It certainly took no effect.
    NotDone,
    /// Nobody can tell.
    Unknown,
}

/// Carries commands out: the app.
#[async_trait]
pub trait Hands: Send + Sync {
    /// Does what is asked. Called at most once for a command, unless [`Self::reconcile`] said that it was not done. It
    /// checks what only the app knows: that the session is shared, that the ask is open.
    async fn carry_out(&self, asked: &Asked) -> CommandResult;

    /// Shows the person what is asked, as a proposal. The result is
    /// [`RequiresLocalConfirmation`](cowork_pairing_protocol::wire::ResultStatus::RequiresLocalConfirmation), or says
    /// why there is nothing to propose. May be called again for the same command.
    async fn propose(&self, asked: &Asked) -> CommandResult;

    /// Finds out what became of a command that was begun.
    async fn reconcile(&self, asked: &Asked) -> Reconciled;
}
