//! Between what is in memory and what is in the store. Every function here may wait for the disk.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cowork_engine::{MessageId, SessionId};
use cowork_pairing_protocol::wire::CommandResult;
use cowork_store::{
    DRAFT_HOLDER, DeliveryState, FolderGrant, FolderKind, JournalEntry, OutboxPrompt, SessionRow, Store,
    StoreError, holds,
};
use serde_json::Value;

use crate::boxes::AllBoxSettings;
use crate::journal::Batch;
use crate::operations::threads::FIRST;
use crate::providers::Connected;
use crate::settings::{self, Misfit};
use crate::state::{Row, State, is_running};
use crate::surroundings::EngineSurroundings;
use crate::view;

/// The one setting that holds all that differ from their defaults.
const SETTINGS: &str = "settings";
/// What the engine may use of the person's own. Not among the settings, because a page can save those.
const SURROUNDINGS: &str = "engine-surroundings";
const BOXES: &str = "boxes";
/// Sign-ins that were removed while their engine did not run.
const SIGN_OUTS: &str = "engine-sign-outs";

/// What the person set, and what of it no longer fits.
pub(crate) fn settings(store: &Store) -> Result<(view::Settings, Vec<Misfit>)> {
    let stored = match store.setting::<Value>(SETTINGS) {
        Ok(stored) => stored,
        // No JSON at all: as anything else that is no settings.
        Err(StoreError::Value { source, .. }) => Some(Value::String(source.to_string())),
        Err(error) => return Err(error).context("reading the settings"),
    };
    Ok(stored.map_or_else(
        || (view::Settings::default(), Vec::new()),
        |stored| settings::read(&stored),
    ))
}

/// Stores what differs from the defaults.
pub(crate) fn save_settings(store: &Store, settings: &view::Settings) -> Result<()> {
    // What cannot be read has nothing to be kept of.
    let before = store.setting::<Value>(SETTINGS).unwrap_or(None);
    let changed = settings::differences(settings, before.as_ref());
    if changed.is_empty() {
        return store
            .reset_setting(SETTINGS)
            .map(drop)
            .context("resetting the settings");
    }
    store
        .set_setting(SETTINGS, &changed)
        .context("saving the settings")
}

pub(crate) fn engine_surroundings(store: &Store) -> Result<EngineSurroundings> {
    Ok(store
        .setting(SURROUNDINGS)
        .context("reading what the engine may use")?
        .unwrap_or_default())
}

pub(crate) fn save_engine_surroundings(store: &Store, surroundings: &EngineSurroundings) -> Result<()> {
    store
        .set_setting(SURROUNDINGS, surroundings)
        .context("saving what the engine may use")
}

/// The providers at which the engine has still to sign out.
pub(crate) fn owed_sign_outs(store: &Store) -> Result<BTreeSet<String>> {
    Ok(store
        .setting(SIGN_OUTS)
        .context("reading which sign-outs are owed")?
        .unwrap_or_default())
}

pub(crate) fn save_owed_sign_outs(store: &Store, owed: &BTreeSet<String>) -> Result<()> {
    store
        .set_setting(SIGN_OUTS, owed)
        .context("saving which sign-outs are owed")
}

pub(crate) fn box_settings(store: &Store) -> Result<AllBoxSettings> {
    Ok(store
        .setting(BOXES)
        .context("reading what commands may reach")?
        .unwrap_or_default())
}

pub(crate) fn save_box_settings(store: &Store, settings: &AllBoxSettings) -> Result<()> {
    store
        .set_setting(BOXES, settings)
        .context("saving what commands may reach")
}

/// Writes what was streamed, and forgets answers the engine has the whole of.
pub(crate) fn write_journal(store: &Store, batch: &Batch, now: i64) -> Result<()> {
    store
        .journal_append(&batch.chunks, now)
        .context("keeping what was streamed")?;
    for (session, message) in &batch.settled {
        store
            .journal_settle(session.as_str(), message.as_str())
            .context("settling an answer in the journal")?;
    }
    Ok(())
}

/// What was streamed into a session's answers that the engine never finished.
pub(crate) fn journal(store: &Store, session: &SessionId) -> Result<Vec<JournalEntry>> {
    store
        .journal_of(session.as_str())
        .context("reading what was streamed")
}

/// The journal's size; 0 when it cannot be read, which is told about where something is lost by it.
pub(crate) fn journal_bytes(store: &Store) -> u64 {
    store
        .journal_bytes()
        .inspect_err(|error| tracing::warn!(%error, "reading the journal's size"))
        .unwrap_or(0)
}

/// Reads what a window's first picture needs.
pub(crate) fn load(store: &Store, state: &mut State) -> Result<()> {
    store.forget_needs().context("forgetting what was asked")?;
    for folder in store.folders().context("reading the folders")? {
        state
            .folders
            .grant(PathBuf::from(folder.path), kind_in(folder.kind));
    }
    // Only what a person most likely goes on with: the others are read when they are asked for.
    for session in store.list_sessions(FIRST).context("reading the sessions")? {
        let session = row(session);
        state.folders.note(&session.folder);
        state.recall(session);
    }
    state.allowances = store.allowances().context("reading what was allowed")?;
    for path in store
        .unboxed_folders()
        .context("reading the folders without a box")?
    {
        state.folders.set_unboxed(PathBuf::from(path), true);
    }
    state.set_providers(
        store
            .providers()
            .context("reading the providers")?
            .into_iter()
            .filter_map(Connected::from_stored)
            .collect(),
    );
    state.forget_untold();
    Ok(())
}

pub(crate) fn row(session: SessionRow) -> Row {
    let mark = session.mark.as_deref().map_or(view::SessionMark::Idle, mark_in);
    Row {
        id: SessionId::new(session.id),
        parent: session.parent.map(SessionId::new),
        folder: PathBuf::from(session.folder),
        title: session.title,
        agent: session.agent,
        model: session.model,
        created: session.created,
        updated: session.updated,
        // What ran when the app ended no longer runs.
        mark: if is_running(mark) {
            view::SessionMark::Interrupted
        } else {
            mark
        },
        cost: session.cost,
        tags: session.tags,
    }
}

/// Brings the index up to date; a session without a row goes, with those of its sub-agents.
pub(crate) fn save_rows(store: &Store, rows: &[(SessionId, Option<(view::FolderKind, Row)>)]) -> Result<()> {
    let mut changed = Vec::new();
    for (id, row) in rows {
        match row {
            Some((kind, row)) => changed.push(stored(row, *kind)?),
            None => {
                store
                    .remove_session(id.as_str())
                    .context("removing a thread's row")?;
            }
        }
    }
    store
        .upsert_sessions(&changed)
        .context("saving the list of threads")
}

fn stored(row: &Row, kind: view::FolderKind) -> Result<SessionRow> {
    Ok(SessionRow {
        id: row.id.to_string(),
        folder: path_text(&row.folder)?,
        folder_kind: kind_out(kind),
        parent: row.parent.as_ref().map(ToString::to_string),
        title: row.title.clone(),
        agent: row.agent.clone(),
        model: row.model.clone(),
        created: row.created,
        updated: row.updated,
        mark: Some(mark_out(row.mark).to_owned()),
        unread: row.mark == view::SessionMark::Done,
        needs_you: matches!(
            row.mark,
            view::SessionMark::AsksPermission | view::SessionMark::AsksQuestion
        ),
        cost: row.cost,
        demo: row.view().scripted,
        tags: row.tags.clone(),
    })
}

pub(crate) fn grant(store: &Store, path: &Path, kind: view::FolderKind, now: i64) -> Result<()> {
    let folder = FolderGrant {
        path: path_text(path)?,
        label: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        kind: kind_out(kind),
        granted_at: now,
        last_used: now,
    };
    store.grant_folder(&folder).context("saving the folder")
}

pub(crate) fn forget(store: &Store, path: &Path) -> Result<()> {
    store
        .forget_folder(&path_text(path)?)
        .context("forgetting the folder")?;
    Ok(())
}

/// A path is kept as text; one that is none cannot be handed to the engine either.
fn path_text(path: &Path) -> Result<String> {
    path.to_str()
        .map(str::to_owned)
        .context("the folder's name is not valid text; rename it first")
}

/// The prompts of a session of which it is not known that they arrived.
pub(crate) fn pending(store: &Store, session: &SessionId) -> Result<Vec<MessageId>> {
    let pending = store
        .outbox_pending(session.as_str())
        .context("reading undelivered prompts")?;
    Ok(pending
        .into_iter()
        .map(|prompt| MessageId::new(prompt.message))
        .collect())
}

/// Whose an undelivered prompt is.
enum FromAfar {
    /// A person's here; or it was told to be done and is not there, and its words are in nobody else's hands any more.
    No,
    /// Somebody's who is not here; what became of it is still to be found out, and it may go out again.
    Open,
    /// The same, and they know that it came to nothing, or that nobody can tell.
    CameToNothing,
}

fn from_afar(store: &Store, message: &MessageId) -> Result<FromAfar> {
    let command = store
        .marked_command(message.as_str())
        .context("reading whose an undelivered prompt is")?;
    let Some(command) = command else {
        return Ok(FromAfar::No);
    };
    let Some(result) = command.result else {
        return Ok(FromAfar::Open);
    };
    let result: Option<CommandResult> = serde_json::from_str(&result).ok();
    Ok(if result.is_some_and(|result| result.ok) {
        FromAfar::No
    } else {
        FromAfar::CameToNothing
    })
}

/// What is written and not sent in a session: the draft, and prompts that were never delivered, which become part
/// of it. What somebody wrote from afar does not, while they have it themselves.
pub(crate) fn draft(
    store: &Store,
    session: &SessionId,
    is_there: &dyn Fn(&MessageId) -> bool,
    is_on_its_way: &dyn Fn(&MessageId) -> bool,
) -> Result<String> {
    let mut lost = Vec::new();
    for prompt in store
        .outbox_pending(session.as_str())
        .context("reading undelivered prompts")?
    {
        let message = MessageId::from(prompt.message.as_str());
        // That first: one that is seen meanwhile is on its way no more.
        if is_on_its_way(&message) {
            continue;
        }
        if is_there(&message) {
            prompt_delivered(store, session, &message)?;
            continue;
        }
        match from_afar(store, &message)? {
            FromAfar::Open => {}
            FromAfar::CameToNothing => {
                store
                    .outbox_forget(&prompt.message)
                    .context("forgetting a prompt from afar")?;
            }
            FromAfar::No => lost.push(prompt),
        }
    }
    let mut text = store
        .draft(session.as_str())
        .context("reading the draft")?
        .unwrap_or_default();
    for prompt in lost.into_iter().rev() {
        if !holds(&text, &prompt.text) {
            text = if text.is_empty() {
                prompt.text
            } else {
                format!("{}\n\n{text}", prompt.text)
            };
        }
        // A draft holds less than a prompt may; a prompt that does not fit stays where it is.
        if store.set_draft(session.as_str(), &text).is_ok() {
            store
                .attachments_pass(&prompt.message, DRAFT_HOLDER)
                .context("keeping what is attached with the draft")?;
            store
                .outbox_forget(&prompt.message)
                .context("forgetting an undelivered prompt")?;
        }
    }
    Ok(text)
}

/// Has this be the draft.
pub(crate) fn save_draft(store: &Store, session: &SessionId, text: &str) -> Result<()> {
    store
        .set_draft(session.as_str(), text)
        .context("saving the draft")
}

/// Keeps what a window holds in its composer, and what it `took` of what came back with it.
pub(crate) fn keep_draft(store: &Store, session: &SessionId, text: &str, took: bool) -> Result<()> {
    store
        .keep_draft(session.as_str(), text, took)
        .context("saving the draft")
}

/// Puts a prompt on disk before it is sent.
pub(crate) fn keep_prompt(
    store: &Store,
    session: &SessionId,
    message: &MessageId,
    text: &str,
    now: i64,
) -> Result<()> {
    store
        .outbox_put(&on_its_way(session, message, text, now))
        .context("keeping the prompt")
}

fn on_its_way(session: &SessionId, message: &MessageId, text: &str, now: i64) -> OutboxPrompt {
    OutboxPrompt {
        message: message.to_string(),
        session: session.to_string(),
        text: text.to_owned(),
        agent: None,
        model: None,
        state: DeliveryState::Sending,
        error: None,
        created: now,
    }
}

/// The engine has a prompt.
pub(crate) fn prompt_delivered(store: &Store, session: &SessionId, message: &MessageId) -> Result<()> {
    store
        .outbox_delivered(session.as_str(), message.as_str())
        .context("settling a prompt")
}

/// A prompt goes out under another id: it is kept under one of the two at every moment.
pub(crate) fn rename_prompt(
    store: &Store,
    session: &SessionId,
    old: &MessageId,
    new: &MessageId,
    text: &str,
    now: i64,
) -> Result<()> {
    store
        .outbox_rename(old.as_str(), &on_its_way(session, new, text, now))
        .context("keeping a prompt under its last id")
}

/// The engine did not take a prompt; it is part of the draft from now on. `told` is why, when whoever sent it was told.
pub(crate) fn prompt_returned(store: &Store, message: &MessageId, told: Option<&str>) -> Result<()> {
    store
        .outbox_returned(message.as_str(), told)
        .context("keeping an undelivered prompt")
}

pub(crate) fn save_provider(store: &Store, provider: &Connected) -> Result<()> {
    store
        .put_provider(&provider.stored())
        .context("saving the provider")
}

pub(crate) fn remove_provider(store: &Store, id: &str) -> Result<()> {
    store.remove_provider(id).context("removing the provider")?;
    Ok(())
}

fn kind_in(kind: FolderKind) -> view::FolderKind {
    match kind {
        FolderKind::Project => view::FolderKind::Project,
        FolderKind::Sandbox => view::FolderKind::Sandbox,
    }
}

fn kind_out(kind: view::FolderKind) -> FolderKind {
    match kind {
        view::FolderKind::Project => FolderKind::Project,
        view::FolderKind::Sandbox => FolderKind::Sandbox,
    }
}

const MARKS: [(view::SessionMark, &str); 8] = [
    (view::SessionMark::Idle, "idle"),
    (view::SessionMark::Working, "working"),
    (view::SessionMark::AsksPermission, "asks-permission"),
    (view::SessionMark::AsksQuestion, "asks-question"),
    (view::SessionMark::Retrying, "retrying"),
    (view::SessionMark::Done, "done"),
    (view::SessionMark::Failed, "failed"),
    (view::SessionMark::Interrupted, "interrupted"),
];

fn mark_out(mark: view::SessionMark) -> &'static str {
    MARKS
        .iter()
        .find(|(known, _)| *known == mark)
        .map_or("idle", |(_, text)| text)
}

fn mark_in(text: &str) -> view::SessionMark {
    MARKS
        .iter()
        .find(|(_, known)| *known == text)
        .map_or(view::SessionMark::Idle, |(mark, _)| *mark)
}

#[cfg(test)]
mod tests;
