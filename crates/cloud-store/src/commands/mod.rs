//! What desktops are asked to do: queue, leases, answers.

mod answer;
mod claim;
mod enqueue;
mod room;
mod settle;
mod sweep;

use serde_json::{Value, json};
use sqlx::any::AnyRow;

use cowork_pairing_protocol::extension::Extension;
use cowork_pairing_protocol::wire::{CommandKind, Policy};

use crate::audit::record;
use crate::database::Tx;
use crate::rows::Columns;
use crate::rules::commands::{Held, Standing};
use crate::{
    Actor, CommandId, CommandState, LeaseToken, OrganizationId, PairingId, SessionId, StoreError, UserId,
    WakeKey,
};

pub(crate) use room::{ROW_BYTES, add as add_room};
pub(crate) use settle::settle_by;

/// The longest payload of a command as JSON, in bytes: a prompt with what is attached, below a request's bound.
pub const PAYLOAD_LIMIT: usize = 768 * 1024;
/// The longest result as JSON, in bytes.
pub const RESULT_LIMIT: usize = 256 * 1024;
/// The longest idempotency key, in bytes.
pub const KEY_LIMIT: usize = 200;

/// A command.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Its id.
    pub id: CommandId,
    /// Its pairing.
    pub pairing: PairingId,
    /// Grows with each command of the pairing, from 1.
    pub sequence: i64,
    /// What it asks.
    pub kind: CommandKind,
    /// The workspace it is for.
    pub workspace: String,
    /// The session it is for.
    pub session: Option<SessionId>,
    /// Who gave it.
    pub actor: UserId,
    /// What they are called.
    pub actor_label: String,
    /// What belongs to its kind.
    pub payload: Option<Value>,
    /// How it stands.
    pub state: CommandState,
    /// How often it was given out.
    pub attempts: i64,
    /// What it came to, as its desktop said.
    pub result: Option<Value>,
    /// When it was given, in milliseconds since the epoch.
    pub created: i64,
    /// Until when it may be given out.
    pub deadline: i64,
    /// When it was over.
    pub finished: Option<i64>,
}

/// How far a command is, without what it carries: another one whenever the command is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandMark {
    /// Its command.
    pub id: CommandId,
    /// Who gave it.
    pub actor: UserId,
    /// How it stands.
    pub state: CommandState,
    /// When it was over.
    pub finished: Option<i64>,
    /// Bytes of what it came to.
    pub result: u64,
}

/// A command that is new.
#[derive(Clone, Debug)]
pub struct NewCommand {
    /// What it asks.
    pub kind: CommandKind,
    /// The workspace it is for.
    pub workspace: String,
    /// The session it is for.
    pub session: Option<SessionId>,
    /// Who gives it.
    pub actor: UserId,
    /// What they are called.
    pub actor_label: String,
    /// What belongs to its kind.
    pub payload: Option<Value>,
    /// The same key from the same person is the same command.
    pub idempotency_key: String,
    /// Until when it may be given out; [`DEADLINE`](crate::rules::commands::DEADLINE) from now is the usual.
    pub deadline: i64,
}

/// A command that waits now.
#[derive(Clone, Debug, PartialEq)]
pub struct Enqueued {
    /// The command.
    pub command: Command,
    /// It is new; not so when its key was there.
    pub fresh: bool,
}

/// What a desktop says when it asks for commands.
#[derive(Clone, Debug)]
pub struct ClaimRequest {
    /// It asks for the first time. A client that asks has given up every claim before: what those were given, and it
    /// never got, is given to this one. Not so when the same claim looks again, which a later one may have overtaken.
    pub first: bool,
    /// Commands up to this one are known to it.
    pub after_sequence: i64,
    /// How many it takes; at most 50.
    pub limit: u32,
    /// For how many seconds; 5 to 300.
    pub lease_seconds: u32,
    /// The kinds it knows, as they are spelled.
    pub kinds: Vec<String>,
    /// The workspaces it has.
    pub workspaces: Vec<String>,
    /// What it lets in and out.
    pub policy: Policy,
    /// What it knows beyond the published protocol.
    pub extensions: Vec<Extension>,
}

/// A command that is given out.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenCommand {
    /// The command.
    pub command: Command,
    /// Its lease.
    pub lease: LeaseToken,
    /// When that ends, in milliseconds since the epoch.
    pub until: i64,
}

/// What a claim gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claimed {
    /// The commands, in their order. None: wait for [`WakeKey::Commands`](crate::WakeKey::Commands).
    pub commands: Vec<GivenCommand>,
    /// When the next lease of this pairing ends or deadline passes, so that it is worth to look again.
    pub look_again: Option<i64>,
}

/// How a command ended, as its desktop says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandOutcome {
    /// `ack`.
    Done,
    /// `fail`.
    Failed,
}

/// What became of a desktop's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It is kept.
    Taken,
    /// It was kept before.
    Repeated,
    /// Not the lease that the command has, or not any more.
    Stale,
    /// The pairing has no such command.
    NotFound,
}

/// What became of commands by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Given out again.
    pub queued: u64,
    /// Nobody can tell what became of them.
    pub unknown: u64,
    /// Nobody took them.
    pub expired: u64,
}

pub(crate) const COLUMNS: &str = "id, pairing, sequence, kind, workspace, session, actor, actor_label, payload, state, \
    attempts, result, created, deadline, finished";

pub(crate) fn command(row: &AnyRow) -> Result<Command, StoreError> {
    Ok(Command {
        id: row.id("id")?,
        pairing: row.id("pairing")?,
        sequence: row.number("sequence")?,
        kind: row.word("kind", CommandKind::parse)?,
        workspace: row.text("workspace")?,
        session: row.maybe_id("session")?,
        actor: row.id("actor")?,
        actor_label: row.text("actor_label")?,
        payload: row.maybe_json("payload")?,
        state: row.word("state", CommandState::parse)?,
        attempts: row.number("attempts")?,
        result: row.maybe_json("result")?,
        created: row.number("created")?,
        deadline: row.number("deadline")?,
        finished: row.maybe_number("finished")?,
    })
}

/// How a command stands, of a row with those columns.
pub(crate) fn standing(row: &AnyRow) -> Result<Standing, StoreError> {
    let redelivery = row.number("redelivery")? != 0;
    Ok(Standing {
        state: row.word("state", CommandState::parse)?,
        held: row
            .maybe_number("leased_until")?
            .map(|until| Held { until, redelivery }),
        attempts: row.number("attempts")?,
        deadline: row.number("deadline")?,
    })
}

/// What became of a command, by time or by a claim.
pub(crate) async fn becomes(
    tx: &mut Tx,
    pairing: &PairingId,
    command: &CommandId,
    state: CommandState,
    now: i64,
) -> Result<(), StoreError> {
    // The lease it had stays beside it, so that an answer under that is known for what it is.
    sqlx::query(
        "UPDATE commands SET state = $3, finished = $4, leased_until = NULL WHERE id = $1 AND pairing = $2",
    )
    .bind(command.as_str())
    .bind(pairing.as_str())
    .bind(state.as_str())
    .bind(state.is_over().then_some(now))
    .execute(tx.on())
    .await?;
    tx.wake(WakeKey::Answers(pairing.clone()));
    if state == CommandState::Queued {
        tx.wake(WakeKey::Commands(pairing.clone()));
    }
    Ok(())
}

/// Writes down what time made of a command that nobody answered. It holds the organization's row, so it comes last.
async fn record_timeout(
    tx: &mut Tx,
    organization: &OrganizationId,
    pairing: &PairingId,
    command: &CommandId,
    state: CommandState,
    now: i64,
) -> Result<(), StoreError> {
    let action = match state {
        CommandState::Expired => "command.expired",
        CommandState::Unknown => "command.unknown",
        // It goes on, or somebody did it.
        _ => return Ok(()),
    };
    let details = json!({ "pairing": pairing });
    record(
        tx,
        organization,
        &Actor::server(),
        action,
        command.as_str(),
        &details,
        now,
    )
    .await
}
