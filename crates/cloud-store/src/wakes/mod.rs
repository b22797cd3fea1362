//! Who waits for what, indexed by what they wait for.

use crate::{OrganizationId, PairingId, UserId};

/// What can be waited for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WakeKey {
    /// There may be commands for a desktop.
    Commands(PairingId),
    /// A command of a desktop stands differently.
    Answers(PairingId),
    /// There are events of a desktop.
    Events(PairingId),
    /// A desktop's pairing is over, has another token, label or visibility, or stands differently.
    Pairing(PairingId),
    /// An organization has a desktop more or less, or a member or name.
    Organization(OrganizationId),
    /// Somebody was signed out somewhere, or is something else in an organization: what they may is to be looked at anew.
    User(UserId),
}

/// Who is told of what changes.
#[derive(Clone)]
pub struct Wakes {}

/// Somebody who waits. Whatever happens from its making on wakes it, so look at the database after it is made.
pub struct Subscription {}

impl Wakes {
    /// Waits for any of some.
    #[must_use]
    pub fn subscribe(&self, keys: &[WakeKey]) -> Subscription {
        todo!()
    }
}

impl Subscription {
    /// Waits until one of them wakes, and says which did since the last time. It can be dropped while it waits; nothing
    /// is lost then.
    pub async fn woken(&mut self) -> Vec<WakeKey> {
        todo!()
    }
}
