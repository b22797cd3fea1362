//! Desktops that are paired.

use serde_json::Value;

use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::{PairingStatus, Policy};

use crate::{
    Actor, DeviceId, OrganizationId, PairingId, Proven, Role, SecretHash, Store, StoreError, UserId,
    Visibility,
};

/// The longest label of a desktop, in bytes.
pub const LABEL_LIMIT: usize = 200;
/// How seldom, in milliseconds, it is written that a desktop was seen, when nothing else changed.
pub const SEEN_EVERY: i64 = 10_000;

/// A desktop that is new: what was entered, with the token's hash alone.
#[derive(Clone, Debug)]
pub struct NewPairing {
    /// The pairing.
    pub id: PairingId,
    /// The device.
    pub device: DeviceId,
    /// What it is called.
    pub label: String,
    /// The token's hash.
    pub token: SecretHash,
    /// Who sees it.
    pub visibility: Visibility,
}

/// A paired desktop.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairing {
    /// The pairing.
    pub id: PairingId,
    /// Where it belongs.
    pub organization: OrganizationId,
    /// The device.
    pub device: DeviceId,
    /// Who paired it.
    pub owner: UserId,
    /// What they are called.
    pub owner_name: String,
    /// What it is called.
    pub label: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// How it stands, as it said last; none before it came the first time.
    pub status: Option<PairingStatus>,
    /// What it lets in and out, as it said last.
    pub policy: Option<Policy>,
    /// The kinds of commands it knows, as it said last.
    pub commands: Vec<String>,
    /// What it knows beyond the published protocol, as it said last.
    pub extensions: Vec<Extension>,
    /// The payload of its last `status` event ([`DesktopStatus`](cowork_pairing_protocol::session::DesktopStatus)).
    pub desktop: Option<Value>,
    /// The last command it said it had handled.
    pub last_command_sequence: i64,
    /// All its events up to this sequence are kept.
    pub through: i64,
    /// Events beyond a gap came: it is about to send what is between.
    pub has_a_gap: bool,
    /// Since when, in milliseconds since the epoch.
    pub created: i64,
    /// When it was here last, to [`SEEN_EVERY`].
    pub last_seen: Option<i64>,
    /// When it ended.
    pub revoked: Option<i64>,
}

/// A paired desktop, and what somebody is where it belongs.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenPairing {
    /// The desktop.
    pub pairing: Pairing,
    /// Where it belongs.
    pub organization_name: String,
    /// What they are there.
    pub role: Role,
}

/// What is to be different. What is none stays.
#[derive(Clone, Debug, Default)]
pub struct PairingChange {
    /// What it is called.
    pub label: Option<String>,
    /// Who sees it.
    pub visibility: Option<Visibility>,
}

impl Store {
    /// Pairs a desktop.
    pub async fn enrol(
        &self,
        organization: &OrganizationId,
        owner: &UserId,
        pairing: &NewPairing,
        by: &Actor,
        now: i64,
    ) -> Result<Pairing, StoreError> {
        todo!()
    }

    /// The desktops of an organization that are not over, by label.
    pub async fn pairings(&self, organization: &OrganizationId) -> Result<Vec<Pairing>, StoreError> {
        todo!()
    }

    /// One of them; also one that is over.
    pub async fn pairing(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
    ) -> Result<Option<Pairing>, StoreError> {
        todo!()
    }

    /// The desktops somebody sees, over all their organizations, by label: their own and those that an organization is
    /// shown.
    pub async fn pairings_seen_by(&self, user: &UserId) -> Result<Vec<SeenPairing>, StoreError> {
        todo!()
    }

    /// One of them; none when they do not see it.
    pub async fn pairing_seen_by(
        &self,
        user: &UserId,
        pairing: &PairingId,
    ) -> Result<Option<SeenPairing>, StoreError> {
        todo!()
    }

    /// Changes what it is called or who sees it.
    pub async fn change_pairing(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        change: &PairingChange,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Another token. The one before works no more, also for what waits at this moment.
    pub async fn rotate_pairing_token(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        token: &SecretHash,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// Ends a pairing. What waits for it is cancelled, what it has becomes unknown. Once more changes nothing.
    pub async fn revoke_pairing(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        by: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        todo!()
    }

    /// The same, by the desktop itself.
    pub async fn revoke_by_desktop(&self, proven: &Proven, now: i64) -> Result<(), StoreError> {
        todo!()
    }

    /// A desktop says how it stands. Gives up to which sequence its events are kept.
    pub async fn heartbeat(
        &self,
        proven: &Proven,
        status: PairingStatus,
        last_command_sequence: i64,
        extensions: &[Extension],
        now: i64,
    ) -> Result<i64, StoreError> {
        todo!()
    }
}
