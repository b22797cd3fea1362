//! How a command goes from state to state, so that it takes effect once or not at all.
//!
//! ```text
//! queued ─ claim → leased ─ ack → done, fail → failed
//!   ↑ │              │ its lease ends
//!   │ │              ├─ whoever had it keeps what it did → queued (to be answered from what was kept)
//!   │ │              │  also before that, when they ask anew and never got it
//!   └─┼──────────────┘
//!     │              └─ a plain client → unknown, never given out again
//!     ├─ cancelled, while nobody ever had it
//!     └─ its time is over → expired, or unknown when somebody had it
//! ```

use serde::{Deserialize, Serialize};

use super::words::word;

word! {
    /// How a command stands.
    CommandState {
        /// It waits for its desktop.
        Queued = "queued",
        /// Its desktop has it.
        Leased = "leased",
        /// It is done.
        Done = "done",
        /// It failed, or was not allowed.
        Failed = "failed",
        /// A desktop had it and its answer did not arrive: nobody can tell whether it took effect.
        Unknown = "unknown",
        /// Whoever gave it took it back before a desktop had it.
        Cancelled = "cancelled",
        /// No desktop took it in time.
        Expired = "expired",
    }
}

impl CommandState {
    /// Whether it stays so for good.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Leased)
    }
}

/// How long after its lease's end an answer is still taken, in milliseconds: it may have been on its way.
pub const GRACE: i64 = 5_000;
/// How long a command waits unless it says otherwise, in milliseconds. Who comes back later asks anew.
pub const DEADLINE: i64 = 10 * 60 * 1000;

/// A lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// When it ends.
    pub until: i64,
    /// Whoever has it keeps what it does with commands, and may be given one again.
    pub redelivery: bool,
}

/// What the rules need of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How it stands.
    pub state: CommandState,
    /// Who has it, while it is leased.
    pub held: Option<Held>,
    /// How often it was given out.
    pub attempts: i64,
    /// When its time is over.
    pub deadline: i64,
}

/// What became of a command by time alone, if anything.
#[must_use]
pub fn due(command: Standing, now: i64) -> Option<CommandState> {
    match (command.state, command.held) {
        (CommandState::Queued, _) if now >= command.deadline => Some(too_late(command)),
        (CommandState::Leased, Some(held)) if now > held.until.saturating_add(GRACE) => {
            if !held.redelivery {
                Some(CommandState::Unknown)
            } else if now >= command.deadline {
                // Given again it might take effect only now, long after anybody expects it to.
                Some(too_late(command))
            } else {
                Some(CommandState::Queued)
            }
        }
        // Nobody has it: it cannot be answered.
        (CommandState::Leased, None) => Some(CommandState::Unknown),
        _ => None,
    }
}

fn too_late(command: Standing) -> CommandState {
    if command.attempts > 0 {
        CommandState::Unknown
    } else {
        CommandState::Expired
    }
}

/// Whether a waiting command may be given to somebody who keeps what it does (`redelivery`) or not.
#[must_use]
pub fn may_be_given(command: Standing, redelivery: bool, now: i64) -> bool {
    command.state == CommandState::Queued
        && now < command.deadline
        // Somebody had it before and perhaps did it. A client that remembers nothing would do it again.
        && (command.attempts == 0 || redelivery)
}

/// What an answer comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is taken.
    Take,
    /// It was taken before.
    Repeated,
    /// The lease it was handled under is not, or not any more, the command's.
    Stale,
}

/// An answer to a command. `same_lease`: it names the lease that the command was given out under last.
#[must_use]
pub fn answer(command: Standing, same_lease: bool, now: i64) -> Answer {
    match (command.state, command.held) {
        _ if !same_lease => Answer::Stale,
        (CommandState::Leased, Some(held)) if now <= held.until.saturating_add(GRACE) => Answer::Take,
        (CommandState::Done | CommandState::Failed, _) => Answer::Repeated,
        _ => Answer::Stale,
    }
}

/// Whether a command can be taken back: as long as nobody ever had it.
#[must_use]
pub fn may_be_cancelled(command: Standing) -> bool {
    command.state == CommandState::Queued && command.attempts == 0
}
