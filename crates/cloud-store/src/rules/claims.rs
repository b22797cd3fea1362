//! Which commands a claim gets.

use super::commands::{CommandState, Standing, due, may_be_given};

/// The most commands a claim gives.
pub const CLAIM_LIMIT: u32 = 50;
/// The shortest lease, in seconds.
pub const LEAST_LEASE: u32 = 5;
/// The longest lease, in seconds.
pub const LONGEST_LEASE: u32 = 300;

/// A command that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its place among the pairing's commands.
    pub sequence: i64,
    /// How it stands.
    pub standing: Standing,
    /// What it asks.
    pub kind: String,
    /// Which workspace it is for.
    pub workspace: String,
}

/// What a client wants.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'w> {
    /// Commands up to this one are known to it.
    pub after: i64,
    /// How many it takes.
    pub limit: u32,
    /// The kinds it knows.
    pub kinds: &'w [String],
    /// The workspaces it has.
    pub workspaces: &'w [String],
    /// It keeps what it does with commands, and may be given one again.
    pub redelivery: bool,
    /// It asks for the first time since it gave up every claim before.
    pub first: bool,
}

impl Wish<'_> {
    /// Whether a command that is given out never came to whoever asks now. They write down what they are given before
    /// they do anything with it, and have one claim at a time: what was given beyond all that they know was given to a
    /// claim whose answer they did not get. Of a client that keeps nothing this cannot be told.
    fn never_got(&self, candidate: &Candidate) -> bool {
        let standing = candidate.standing;
        self.first
            && self.redelivery
            && candidate.sequence > self.after
            && standing.state == CommandState::Leased
            && standing.held.is_some_and(|held| held.redelivery)
    }
}

/// What is done with a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is given to whoever claims.
    Give,
    /// It is that from now on.
    Becomes(CommandState),
    /// Nothing.
    Leave,
}

/// Decides about each candidate. They come in their order.
#[must_use]
pub fn choose(candidates: &[Candidate], wish: Wish<'_>, now: i64) -> Vec<Decision> {
    let mut left = wish.limit.min(CLAIM_LIMIT);
    candidates
        .iter()
        .map(|candidate| {
            let became = if wish.never_got(candidate) {
                Some(CommandState::Queued)
            } else {
                due(candidate.standing, now)
            };
            if let Some(state) = became.filter(|state| state.is_over()) {
                return Decision::Becomes(state);
            }
            let standing = Standing {
                state: became.unwrap_or(candidate.standing.state),
                ..candidate.standing
            };
            if standing.state != CommandState::Queued {
                return Decision::Leave;
            }
            if !may_be_given(standing, wish.redelivery, now) {
                // Its desktop does not remember any more what it did with it.
                return Decision::Becomes(CommandState::Unknown);
            }
            // The published protocol promises commands beyond that sequence alone.
            let wanted = (wish.redelivery || candidate.sequence > wish.after)
                && wish.kinds.contains(&candidate.kind)
                && wish.workspaces.contains(&candidate.workspace);
            if wanted && left > 0 {
                left -= 1;
                Decision::Give
            } else if became.is_some() {
                Decision::Becomes(CommandState::Queued)
            } else {
                Decision::Leave
            }
        })
        .collect()
}
