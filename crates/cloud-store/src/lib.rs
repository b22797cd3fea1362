//! The server's database: its rules, and what is kept by them in SQLite or PostgreSQL.
//!
//! [`Store`] is a handle, cheap to clone. [`rules`] are pure and know no database; everything else is one
//! implementation over both. Times are milliseconds since the epoch and come in as arguments. What changes something
//! in an organization takes who did it, and writes the audit in the same transaction.
//!
//! Nothing crosses organizations: a call names the organization whose rows it touches, or brings [`Proven`], which only
//! a desktop's right token gives, or the person whose own rows they are.

mod api_tokens;
mod audit;
mod backup;
mod commands;
mod database;
mod error;
mod events;
mod figures;
mod ids;
mod invitations;
mod keep;
mod members;
mod migrate;
mod options;
mod organizations;
mod owner_links;
mod pairings;
mod presence;
mod proven;
mod ready;
mod rows;
pub mod rules;
mod sign_ins;
mod store;
mod users;
mod wakes;

pub use api_tokens::{ApiToken, NewApiToken, TokenStanding};
pub use audit::{Actor, ActorKind, AuditPage, AuditRow};
pub use commands::{
    Answered, ClaimRequest, Claimed, Command, CommandMark, CommandOutcome, Enqueued, GivenCommand,
    NewCommand, Swept,
};
pub use error::StoreError;
pub use events::{Cursor, Event, EventPage, EventSelection, Ingested, NewEvent, Thread};
pub use figures::{Figures, IngestFigures};
pub use ids::{
    ApiTokenId, CommandId, DeviceId, EventId, ID_LIMIT, InvitationId, LeaseToken, NotAnId, OrganizationId,
    PairingId, SecretHash, SessionId, SignInId, UserId,
};
pub use invitations::{Invitation, NewInvitation, Welcomed};
pub use keep::{Kept, Retention};
pub use members::Member;
pub use migrate::Migrated;
pub use options::{Dialect, Options};
pub use organizations::{Membership, Organization};
pub use pairings::{NewPairing, Pairing, PairingChange, SeenPairing};
pub use presence::AWAY_AFTER;
pub use proven::Proven;
pub use ready::Readiness;
pub use rules::access::{Role, Scope, Visibility};
pub use rules::commands::CommandState;
pub use rules::quotas::Limits;
pub use sign_ins::{NewSignIn, SignIn};
pub use store::Store;
pub use users::{NewUser, User};
pub use wakes::{Subscription, WakeKey, Wakes};

/// Bounds of single values.
pub mod limits {
    pub use crate::commands::{KEY_LIMIT, PAYLOAD_LIMIT as COMMAND_PAYLOAD_LIMIT, RESULT_LIMIT};
    pub use crate::events::{EVENTS_LIMIT, PAYLOAD_LIMIT as EVENT_PAYLOAD_LIMIT};
    pub use crate::pairings::LABEL_LIMIT;
    pub use crate::presence::SEEN_EVERY;
    pub use crate::sign_ins::SIGN_INS;
    pub use crate::users::{EMAIL_LIMIT, NAME_LIMIT};
}
