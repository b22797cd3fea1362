//! What is kept of one pairing, as its connection wants it: the journal of what leaves and the ledger of what came.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use async_trait::async_trait;
use cowork_pairing::broker::Outcome;
use cowork_pairing::commands::{Ledger, Record, Stage};
use cowork_pairing::journal::{Journal, KeepingFailed};
use cowork_pairing_protocol::wire::{
    Command, CommandKind, CommandResult, EventType, RemoteEvent, ResultStatus,
};
use cowork_store::{Appended, CommandState, CommandStep, NewAuditRow, NewRemoteEvent, RemoteCommand, Store};
use serde_json::{Value, json};

use super::tell;
use crate::view;
use crate::workspace::{Inner, blocking, now};

/// Milliseconds between two rows of the audit that say how many events were published: one for each would leave no room
/// for anything else.
const PUBLISHED_EVERY: i64 = 60_000;
/// The same between two rows that say of the same refusal, here or there: a server that repeats it must not wash out what it
/// did before.
const REFUSED_EVERY: i64 = 60_000;
/// Characters of who gave a command.
const WHO_CHARACTERS: usize = 100;
/// Characters of what a command asks for, where it is none that is known.
const KIND_CHARACTERS: usize = 64;

/// What is kept of a pairing.
pub(crate) struct Keeper {
    pub(crate) inner: Weak<Inner>,
    pub(crate) pairing: String,
    published: Mutex<Published>,
    /// By its reason, what was refused and the audit does not know of.
    refused: Mutex<HashMap<String, Published>>,
    /// Events that the server does not take, and the audit does not know of.
    set_aside: Mutex<Published>,
}

/// What happened that the audit does not know of.
#[derive(Default)]
struct Published {
    count: u64,
    told: i64,
}

impl Published {
    /// How many are to be told of now, with so many more; none while the last telling is not long ago.
    fn due(&mut self, more: u64, every: i64) -> Option<u64> {
        self.count += more;
        if self.count == 0 || now() - self.told < every {
            return None;
        }
        self.told = now();
        Some(std::mem::take(&mut self.count))
    }
}

fn failed(error: impl std::fmt::Display) -> KeepingFailed {
    KeepingFailed(error.to_string())
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, KeepingFailed> {
    serde_json::from_str(text).map_err(failed)
}

fn written<T: serde::Serialize>(value: &T) -> Result<String, KeepingFailed> {
    serde_json::to_string(value).map_err(failed)
}

impl Keeper {
    pub(crate) fn new(inner: &Arc<Inner>, pairing: &str) -> Self {
        Self {
            inner: Arc::downgrade(inner),
            pairing: pairing.to_owned(),
            published: Mutex::default(),
            refused: Mutex::default(),
            set_aside: Mutex::default(),
        }
    }

    fn inner(&self) -> Result<Arc<Inner>, KeepingFailed> {
        self.inner.upgrade().ok_or_else(|| failed("the app is ending"))
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, &str) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, KeepingFailed> {
        let (store, pairing) = (self.inner()?.store.clone(), self.pairing.clone());
        blocking(move || work(&store, &pairing))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| failed(format!("{error:#}")))
    }

    fn row(&self, inner: &Inner, action: &str, who: Option<&str>, detail: &str) -> NewAuditRow {
        inner.audit_row(&self.pairing, action, who, detail)
    }

    async fn step(
        &self,
        id: &str,
        step: impl for<'a> FnOnce(&'a Step) -> CommandStep<'a> + Send + 'static,
        with: Step,
        events: Vec<NewRemoteEvent>,
        audit: Vec<NewAuditRow>,
    ) -> Result<(), KeepingFailed> {
        let id = id.to_owned();
        let appended = self
            .with(move |store, pairing| Ok(store.command_step(pairing, &id, step(&with), &events, &audit)?))
            .await?;
        if appended == Appended::Overflowed {
            self.inner()?
                .state()
                .remote
                .news
                .pairings
                .insert(self.pairing.clone());
        }
        if let Some(inner) = self.inner.upgrade() {
            inner.written(&self.pairing);
        }
        Ok(())
    }

    /// The window sees what came last, and how it ended.
    fn show(&self, command: &Command, status: Option<ResultStatus>) {
        let Some(inner) = self.inner.upgrade() else { return };
        {
            let mut state = inner.state();
            if let Some(known) = state.remote.find_mut(&self.pairing) {
                known.last_command = Some(view::PairingCommand {
                    kind: kind_of(command),
                    who: who(command),
                    status: status.map(spelled),
                    at: now(),
                });
            }
        }
        inner.tell_pairings();
    }
}

/// Texts that a step borrows.
#[derive(Default)]
struct Step {
    sequence: u64,
    kind: String,
    who: Option<String>,
    text: String,
}

/// Who gave a command, as the server says: without secrets and without characters that are not seen, so that a name cannot
/// look like another one where a person decides by it, and no longer than a name is.
pub(crate) fn who(command: &Command) -> Option<String> {
    let said = command.actor_label.as_deref().or(command.actor_id.as_deref())?;
    let said = cowork_redact::redact(said);
    let said = cowork_policy::visible(&said);
    Some(
        said.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(WHO_CHARACTERS)
            .collect(),
    )
}

/// A status as the protocol spells it.
pub(crate) fn spelled(status: ResultStatus) -> String {
    match status {
        ResultStatus::Completed => "completed",
        ResultStatus::Queued => "queued",
        ResultStatus::BlockedByPolicy => "blocked_by_policy",
        ResultStatus::RequiresLocalConfirmation => "requires_local_confirmation",
        ResultStatus::Failed => "failed",
    }
    .to_owned()
}

fn record(kept: &RemoteCommand) -> Result<Record, KeepingFailed> {
    let result = || -> Result<CommandResult, KeepingFailed> {
        parsed(
            kept.result
                .as_deref()
                .ok_or_else(|| failed("a command has no outcome"))?,
        )
    };
    Ok(Record {
        command: parsed(&kept.command)?,
        stage: match kept.state {
            CommandState::Received => Stage::Received,
            CommandState::Doing => Stage::Doing,
            CommandState::Done => Stage::Done(result()?),
            CommandState::Answered => Stage::Answered(result()?),
        },
    })
}

#[async_trait]
impl Journal for Keeper {
    async fn cursor(&self) -> Result<u64, KeepingFailed> {
        self.with(|store, pairing| Ok(store.delivered_through(pairing)?))
            .await
    }

    async fn next(&self, after: u64, most: usize, bytes: usize) -> Result<Vec<RemoteEvent>, KeepingFailed> {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let found = self
            .with(move |store, pairing| Ok(store.next_events(pairing, after, most, bytes)?))
            .await?;
        let numbered = found.into_iter().map(|kept| {
            let mut event: RemoteEvent = parsed(&kept.event)?;
            event.sequence = Some(kept.sequence);
            Ok(event)
        });
        numbered.collect()
    }

    async fn delivered(&self, through: u64) -> Result<(), KeepingFailed> {
        let (before, waiting) = self
            .with(move |store, pairing| {
                let before = store.delivered_through(pairing)?;
                store.events_delivered(pairing, through)?;
                Ok((before, store.waiting_events(pairing)?.rows))
            })
            .await?;
        let inner = self.inner()?;
        if through < before {
            // The server lost something.
            self.with(|store, pairing| Ok(store.forget_untold_events(pairing)?))
                .await?;
            inner.state().remote.news.pairings.insert(self.pairing.clone());
            inner.remote.wake.notify_one();
        }
        inner.count_waiting(&self.pairing, waiting);
        if waiting == 0 {
            inner.remote.wake.notify_one();
        }
        let count = {
            let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
            published.due(through.saturating_sub(before), PUBLISHED_EVERY)
        };
        if let Some(count) = count {
            inner
                .audit(
                    &self.pairing,
                    "remote.event.published",
                    &format!("{count} events, up to number {through}"),
                )
                .await;
        }
        Ok(())
    }

    async fn set_aside(&self, instead: RemoteEvent, why: &str) -> Result<(), KeepingFailed> {
        let inner = self.inner()?;
        let sequence = instead.sequence.ok_or_else(|| failed("an event has no number"))?;
        let count = {
            let mut set_aside = self.set_aside.lock().unwrap_or_else(PoisonError::into_inner);
            set_aside.due(1, REFUSED_EVERY)
        };
        let row = count.map(|count| {
            let detail = format!(
                "event {sequence} was refused for good, and said to be missing: {why}{}",
                before(count)
            );
            self.row(&inner, "remote.event.published", None, &detail)
        });
        let text = written(&RemoteEvent {
            sequence: None,
            ..instead
        })?;
        self.with(move |store, pairing| {
            store.replace_event(pairing, sequence, &text)?;
            Ok(store.add_audit(row.as_slice())?)
        })
        .await
    }
}

#[async_trait]
impl Ledger for Keeper {
    async fn cursor(&self) -> Result<u64, KeepingFailed> {
        self.with(|store, pairing| Ok(store.claimed_through(pairing)?))
            .await
    }

    async fn by_id(&self, id: &str) -> Result<Option<Record>, KeepingFailed> {
        let id = id.to_owned();
        let found = self
            .with(move |store, pairing| Ok(store.remote_command(pairing, &id)?))
            .await?;
        found.as_ref().map(record).transpose()
    }

    async fn by_sequence(&self, sequence: u64) -> Result<Option<Record>, KeepingFailed> {
        let found = self
            .with(move |store, pairing| Ok(store.remote_command_at(pairing, sequence)?))
            .await?;
        found.as_ref().map(record).transpose()
    }

    async fn open(&self) -> Result<Vec<Record>, KeepingFailed> {
        let found = self
            .with(|store, pairing| Ok(store.open_commands(pairing)?))
            .await?;
        found.iter().map(record).collect()
    }

    async fn received(&self, command: &Command) -> Result<(), KeepingFailed> {
        let inner = self.inner()?;
        let is_new = self.by_id(&command.id).await?.is_none();
        let (mut events, mut audit) = (Vec::new(), Vec::new());
        if is_new {
            let event = tell::event(
                &self.pairing,
                EventType::CommandAccepted,
                command.session_id.as_deref(),
                Some(&command.id),
                Some(json!({ "kind": kind_of(command) })),
            );
            events.push(
                event
                    .and_then(|event| tell::kept(&event, false))
                    .map_err(failed)?,
            );
            audit.push(self.row(
                &inner,
                "command.accepted",
                who(command).as_deref(),
                &described(command),
            ));
        }
        let with = Step {
            sequence: command.sequence,
            kind: command.kind.clone(),
            who: who(command),
            text: written(command)?,
        };
        self.step(
            &command.id,
            |with| CommandStep::Received {
                sequence: with.sequence,
                kind: &with.kind,
                who: with.who.as_deref(),
                command: &with.text,
                now: now(),
            },
            with,
            events,
            audit,
        )
        .await?;
        if is_new {
            self.show(command, None);
        }
        Ok(())
    }

    async fn doing(&self, id: &str) -> Result<(), KeepingFailed> {
        self.step(
            id,
            |_| CommandStep::Doing,
            Step::default(),
            Vec::new(),
            Vec::new(),
        )
        .await
    }

    async fn not_done(&self, id: &str) -> Result<(), KeepingFailed> {
        self.step(
            id,
            |_| CommandStep::NotDone,
            Step::default(),
            Vec::new(),
            Vec::new(),
        )
        .await
    }

    async fn done(&self, id: &str, result: &CommandResult) -> Result<(), KeepingFailed> {
        let inner = self.inner()?;
        let Some(known) = self.by_id(id).await? else {
            return Err(failed("a command is done that never came"));
        };
        let (kind, action) = match result.status {
            ResultStatus::Completed | ResultStatus::Queued | ResultStatus::RequiresLocalConfirmation => {
                (EventType::CommandCompleted, "command.completed")
            }
            ResultStatus::BlockedByPolicy => (EventType::CommandFailed, "command.blocked"),
            ResultStatus::Failed => (EventType::CommandFailed, "command.failed"),
        };
        let event = tell::event(
            &self.pairing,
            kind,
            known.command.session_id.as_deref(),
            Some(id),
            Some(
                json!({ "status": result.status, "message": result.message, "kind": kind_of(&known.command) }),
            ),
        );
        let event = event
            .and_then(|event| tell::kept(&event, false))
            .map_err(failed)?;
        let said = result.message.as_deref().unwrap_or_default();
        let detail = format!("{}: {} {said}", described(&known.command), spelled(result.status));
        let audit = self.row(&inner, action, who(&known.command).as_deref(), detail.trim_end());
        let with = Step {
            text: written(result)?,
            ..Step::default()
        };
        self.step(
            id,
            |with| CommandStep::Done(&with.text),
            with,
            vec![event],
            vec![audit],
        )
        .await?;
        self.show(&known.command, Some(result.status));
        Ok(())
    }

    async fn answered(&self, id: &str, _: Outcome, refused: Option<&str>) -> Result<(), KeepingFailed> {
        let inner = self.inner()?;
        let known = self.by_id(id).await?;
        let audit = match (&known, refused) {
            (Some(known), Some(why)) => {
                let detail = format!(
                    "{}: the server did not take the outcome: {why}",
                    described(&known.command)
                );
                vec![self.row(&inner, "command.failed", who(&known.command).as_deref(), &detail)]
            }
            _ => Vec::new(),
        };
        self.step(id, |_| CommandStep::Answered, Step::default(), Vec::new(), audit)
            .await?;
        let ends = known.is_some_and(|known| known.command.kind == CommandKind::RevokePairing.as_str());
        if ends {
            super::ends::ended_from_afar(&inner, &self.pairing);
        }
        Ok(())
    }

    async fn refused(&self, command: &Command, why: &str) -> Result<(), KeepingFailed> {
        let inner = self.inner()?;
        let count = {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            // There are as many reasons as there are words for them in the code.
            refused.entry(why.to_owned()).or_default().due(1, REFUSED_EVERY)
        };
        let Some(count) = count else { return Ok(()) };
        let detail = format!("{} was refused: {why}{}", described(command), before(count));
        let row = self.row(&inner, "command.blocked", who(command).as_deref(), &detail);
        self.with(move |store, _| Ok(store.add_audit(&[row])?)).await
    }
}

/// How many of the same there were that no row tells of.
fn before(count: u64) -> String {
    match count {
        0 | 1 => String::new(),
        count => format!(", and {} before it", count - 1),
    }
}

/// What a command asks for, no longer than what is known.
fn kind_of(command: &Command) -> String {
    command.kind.chars().take(KIND_CHARACTERS).collect()
}

/// A command in a line of the audit: never its words, which are in the thread.
fn described(command: &Command) -> String {
    let allowed = command
        .payload
        .as_ref()
        .and_then(|payload| payload.get("allowed"));
    let answer = match (
        CommandKind::parse(&command.kind),
        allowed.and_then(Value::as_bool),
    ) {
        (Some(CommandKind::PermissionRespond), Some(true)) => " (allow)",
        (Some(CommandKind::PermissionRespond), Some(false)) => " (deny)",
        _ => "",
    };
    let kind = kind_of(command);
    match &command.session_id {
        Some(session) => format!("{kind}{answer} {} in {session}", command.id),
        None => format!("{kind}{answer} {}", command.id),
    }
}
