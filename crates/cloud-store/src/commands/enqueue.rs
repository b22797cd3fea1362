//! Giving commands, and looking after them.

use serde_json::json;
use sqlx::AssertSqlSafe;

use super::room::take_room;
use super::{COLUMNS, KEY_LIMIT, PAYLOAD_LIMIT, command, standing};
use crate::audit::record;
use crate::database::{Tx, transaction};
use crate::error::{bounded, line};
use crate::rows::{Columns, placeholders, written};
use crate::rules::commands::may_be_cancelled;
use crate::rules::quotas::{Quota, one_more};
use crate::{
    Actor, Command, CommandId, CommandMark, CommandState, Enqueued, ID_LIMIT, NewCommand, OrganizationId,
    PairingId, Store, StoreError, UserId, WakeKey,
};

/// The most commands that are asked for by their ids at once.
const IDS_LIMIT: usize = 100;
/// The most of the newest commands.
const NEWEST_LIMIT: u32 = 200;

impl Store {
    /// Gives a desktop a command. The same key of the same person is the same command, and a
    /// [`StoreError::Conflict`] when it asks for something else.
    pub async fn enqueue(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        command: &NewCommand,
        now: i64,
    ) -> Result<Enqueued, StoreError> {
        line("the idempotency key", &command.idempotency_key, KEY_LIMIT)?;
        line("the workspace", &command.workspace, ID_LIMIT)?;
        let payload = command.payload.as_ref().map(written).transpose()?;
        bounded(
            "the payload",
            payload.as_deref().unwrap_or_default(),
            PAYLOAD_LIMIT,
        )?;
        let id = CommandId::random();
        transaction!(self.database(), |tx| {
            let sequence = next_sequence(&mut tx, organization, pairing).await?;
            // Told anew for a key that is there too: who asks again may do so because nobody was told.
            tx.wake(WakeKey::Commands(pairing.clone()));
            if let Some(there) = by_key(&mut tx, pairing, command).await? {
                let same = there.kind == command.kind
                    && there.workspace == command.workspace
                    && there.session == command.session
                    && there.payload == command.payload;
                if !same {
                    return Err(StoreError::Conflict(
                        "this idempotency key was used for something else",
                    ));
                }
                Enqueued {
                    command: there,
                    fresh: false,
                }
            } else {
                let waiting = sqlx::query(
                    "SELECT COUNT(*) AS waiting FROM commands WHERE pairing = $1 AND state IN ('queued', 'leased')",
                )
                .bind(pairing.as_str())
                .fetch_one(tx.on())
                .await?
                .count("waiting")?;
                one_more(Quota::Commands, waiting, self.limits().commands, Some(5))
                    .map_err(StoreError::Quota)?;
                let new = Command {
                    id: id.clone(),
                    pairing: pairing.clone(),
                    sequence,
                    kind: command.kind,
                    workspace: command.workspace.clone(),
                    session: command.session.clone(),
                    actor: command.actor.clone(),
                    actor_label: command.actor_label.clone(),
                    payload: command.payload.clone(),
                    state: CommandState::Queued,
                    attempts: 0,
                    result: None,
                    created: now,
                    deadline: command.deadline,
                    finished: None,
                };
                insert(&mut tx, &new, payload.as_deref(), &command.idempotency_key).await?;
                take_room(&mut tx, organization, payload.as_deref(), self.limits()).await?;
                let by = Actor::user(&command.actor, &command.actor_label);
                let details = json!({
                    "pairing": pairing,
                    "kind": command.kind,
                    "session": command.session,
                });
                record(
                    &mut tx,
                    organization,
                    &by,
                    "command.given",
                    id.as_str(),
                    &details,
                    now,
                )
                .await?;
                Enqueued {
                    command: new,
                    fresh: true,
                }
            }
        })
    }

    /// Takes one back that no desktop had yet ([`StoreError::Conflict`] else). Only whoever gave it can.
    pub async fn cancel_command(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        command: &CommandId,
        actor: &UserId,
        now: i64,
    ) -> Result<(), StoreError> {
        transaction!(self.database(), |tx| {
            let statement = tx.database().locking(
                "SELECT state, leased_until, redelivery, attempts, deadline, actor_label FROM commands \
                 WHERE id = $1 AND pairing = $2 AND actor = $3 \
                 AND pairing IN (SELECT id FROM pairings WHERE organization = $4)",
            );
            let row = sqlx::query(statement)
                .bind(command.as_str())
                .bind(pairing.as_str())
                .bind(actor.as_str())
                .bind(organization.as_str())
                .fetch_optional(tx.on())
                .await?
                .ok_or(StoreError::NotFound("command"))?;
            if !may_be_cancelled(standing(&row)?) {
                return Err(StoreError::Conflict(
                    "the desktop has this command already, or it is over",
                ));
            }
            super::becomes(&mut tx, pairing, command, CommandState::Cancelled, now).await?;
            let by = Actor::user(actor, &row.text("actor_label")?);
            record(
                &mut tx,
                organization,
                &by,
                "command.cancelled",
                command.as_str(),
                &json!({}),
                now,
            )
            .await?;
        })
    }

    /// Commands by their ids, at most 100, in their order. Those that are not of this pairing are left out.
    pub async fn commands_by_id(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        commands: &[CommandId],
    ) -> Result<Vec<Command>, StoreError> {
        let Some(first) = commands.first() else {
            return Ok(Vec::new());
        };
        if commands.len() > IDS_LIMIT {
            return Err(StoreError::Invalid {
                what: "the ids",
                why: format!("are more than {IDS_LIMIT}"),
            });
        }
        // Filled up with the first, so that few statements are prepared.
        let asked = commands.len().next_power_of_two();
        let statement = format!(
            "SELECT {COLUMNS} FROM commands WHERE pairing = $1 \
             AND pairing IN (SELECT id FROM pairings WHERE organization = $2) AND id IN ({}) ORDER BY sequence",
            placeholders(3, asked)
        );
        let mut query = sqlx::query(AssertSqlSafe(statement))
            .bind(pairing.as_str())
            .bind(organization.as_str());
        for place in 0..asked {
            query = query.bind(commands.get(place).unwrap_or(first).as_str());
        }
        query
            .fetch_all(self.database().reading())
            .await?
            .iter()
            .map(command)
            .collect()
    }

    /// How far the newest commands of a pairing are, newest first, at most 200: what [`Store::commands_by_id`] gives is
    /// worth to be asked for only where it is another one.
    pub async fn newest_marks(
        &self,
        organization: &OrganizationId,
        pairing: &PairingId,
        limit: u32,
    ) -> Result<Vec<CommandMark>, StoreError> {
        sqlx::query(
            "SELECT id, actor, state, finished, CAST(COALESCE(octet_length(result), 0) AS BIGINT) AS bytes FROM commands \
             WHERE pairing = $1 AND pairing IN (SELECT id FROM pairings WHERE organization = $2) \
             ORDER BY sequence DESC LIMIT $3",
        )
        .bind(pairing.as_str())
        .bind(organization.as_str())
        .bind(i64::from(limit.min(NEWEST_LIMIT)))
        .fetch_all(self.database().reading())
        .await?
        .iter()
        .map(|row| {
            Ok(CommandMark {
                id: row.id("id")?,
                actor: row.id("actor")?,
                state: row.word("state", CommandState::parse)?,
                finished: row.maybe_number("finished")?,
                result: row.count("bytes")?,
            })
        })
        .collect()
    }
}

/// The place of a pairing's next command: behind the last, and behind what its desktop handled, which is later where the
/// database was put back to what it was. The pairing's row is held until the transaction is over, so that places are
/// taken in the order in which they are seen.
async fn next_sequence(
    tx: &mut Tx,
    organization: &OrganizationId,
    pairing: &PairingId,
) -> Result<i64, StoreError> {
    sqlx::query(
        "UPDATE pairings SET commanded = CASE WHEN handled > commanded THEN handled ELSE commanded END + 1 \
         WHERE organization = $1 AND id = $2 AND revoked IS NULL RETURNING commanded",
    )
    .bind(organization.as_str())
    .bind(pairing.as_str())
    .fetch_optional(tx.on())
    .await?
    .ok_or(StoreError::NotFound("desktop"))?
    .number("commanded")
}

async fn by_key(tx: &mut Tx, pairing: &PairingId, new: &NewCommand) -> Result<Option<Command>, StoreError> {
    let statement =
        format!("SELECT {COLUMNS} FROM commands WHERE pairing = $1 AND actor = $2 AND idempotency_key = $3");
    sqlx::query(AssertSqlSafe(statement))
        .bind(pairing.as_str())
        .bind(new.actor.as_str())
        .bind(new.idempotency_key.as_str())
        .fetch_optional(tx.on())
        .await?
        .map(|row| command(&row))
        .transpose()
}

async fn insert(tx: &mut Tx, new: &Command, payload: Option<&str>, key: &str) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO commands (id, pairing, sequence, kind, workspace, session, actor, actor_label, payload, state, \
         redelivery, attempts, idempotency_key, created, deadline) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, $11, $12, $13)",
    )
    .bind(new.id.as_str())
    .bind(new.pairing.as_str())
    .bind(new.sequence)
    .bind(new.kind.as_str())
    .bind(new.workspace.as_str())
    .bind(new.session.as_ref().map(crate::SessionId::as_str))
    .bind(new.actor.as_str())
    .bind(new.actor_label.as_str())
    .bind(payload)
    .bind(new.state.as_str())
    .bind(key)
    .bind(new.created)
    .bind(new.deadline)
    .execute(tx.on())
    .await?;
    Ok(())
}
