//! Carries out what is asked from afar, through the operations that a window has, and finds out after a crash what it did.
//!
//! What is not shared is not there: a command for such a thread is answered as one for a thread that never was. What is
//! said in results is cleaned by the connection, like everything that leaves.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cowork_engine::{EngineError, MessageId, PermissionReply, SessionId};
use cowork_pairing::commands::{Asked, Hands, Reconciled};
use cowork_pairing::leaving::Leaving;
use cowork_pairing::policy::Work;
use cowork_pairing_protocol::session::SharedFolder;
use cowork_pairing_protocol::wire::{CommandResult, PromptPayload, ResultStatus};
use cowork_store::{SHARED_THREADS_LIMIT, SharedThread};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::doing::Begun;
use super::kept::who;
use super::shared::{Known, Waiting};
use super::tell;
use crate::error::WorkspaceError;
use crate::folders;
use crate::operations::attachments::GivenFile;
use crate::operations::prompts::{Outgoing, split_variant};
use crate::state::{Row, State};
use crate::view::{AnsweredBy, RemoteAnswer};
use crate::workspace::{Inner, Workspace, blocking, now};

/// Threads that `status` lists: the newest. All of them are told of as events.
const LISTED: usize = 200;
/// How long an engine that starts is waited for before nobody can tell what became of a command.
const STARTS_WITHIN: Duration = Duration::from_mins(5);
/// Characters of a title that comes from afar.
const TITLE_CHARACTERS: usize = 200;

/// Carries out commands of one pairing.
#[derive(Clone)]
pub(crate) struct Doer {
    inner: Weak<Inner>,
    pairing: String,
}

/// What a new session is to be, in this product's words.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct NewSession {
    /// The id of a shared folder; a throw-away one when absent.
    folder: Option<String>,
    title: Option<String>,
    /// A first prompt.
    prompt: Option<PromptPayload>,
}

/// What is left for a crash to find a new session by.
#[derive(Debug, Deserialize, serde::Serialize)]
struct Made {
    folder: PathBuf,
    /// The folder was made for it alone.
    alone: bool,
    since: i64,
}

/// A file that comes with a prompt.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    name: String,
    /// In base64.
    data: String,
}

/// Why a command is not carried out.
struct Refused(Box<CommandResult>);

impl From<WorkspaceError> for Refused {
    fn from(error: WorkspaceError) -> Self {
        let mut result = CommandResult::new(ResultStatus::Failed, Some(error.to_string()));
        if error.is_outcome_unknown() {
            result.data = Some(json!({ "outcome": "unknown" }));
        }
        Self(Box::new(result))
    }
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        tracing::error!(error = format!("{error:#}"), "a command from afar met a fault");
        failed("Something went wrong inside the app at the desktop.")
    }
}

fn failed(message: &str) -> Refused {
    let result = CommandResult::new(ResultStatus::Failed, Some(message.to_owned()));
    Refused(Box::new(result))
}

fn blocked(message: &str) -> Refused {
    let result = CommandResult::new(ResultStatus::BlockedByPolicy, Some(message.to_owned()));
    Refused(Box::new(result))
}

fn completed() -> CommandResult {
    CommandResult::new(ResultStatus::Completed, None)
}

/// The id of the message that a prompt from afar becomes. It follows from the command, and is written down before it is
/// sent, so that it can be looked for.
fn message_of(pairing: &str, command: &str, now: i64) -> MessageId {
    let hash = Sha256::digest(format!("{pairing}\n{command}").as_bytes());
    let mut random = [0; 14];
    random.copy_from_slice(&hash[..14]);
    cowork_opencode::new_message_id(now, random)
}

/// How an answer from afar is named here. Servers name their commands as they like, also as another one does.
fn proposal_name(pairing: &str, command: &str) -> String {
    let hash = Sha256::digest(format!("{pairing}\n{command}").as_bytes());
    format!("answer_{}", hex::encode(&hash[..12]))
}

/// How a shared folder is named over a pairing. It says nothing of where the folder is, and differs with each pairing.
pub(super) fn folder_name(known: &Known, folder: &Path) -> String {
    let mut hash = Sha256::new();
    hash.update(known.pairing.id.as_bytes());
    hash.update(b"\n");
    hash.update(folder.as_os_str().as_encoded_bytes());
    format!("folder_{}", hex::encode(&hash.finalize()[..12]))
}

/// The folders that a session may be made in over a pairing.
pub(super) fn shared_folders(known: &Known) -> Vec<SharedFolder> {
    let all = known.folders.iter();
    all.map(|path| SharedFolder {
        id: folder_name(known, path),
        label: folders::label(path),
    })
    .collect()
}

impl Doer {
    pub(crate) fn new(inner: &Arc<Inner>, pairing: &str) -> Self {
        Self {
            inner: Arc::downgrade(inner),
            pairing: pairing.to_owned(),
        }
    }

    fn workspace(&self) -> Result<Workspace, Refused> {
        let inner = self
            .inner
            .upgrade()
            .ok_or_else(|| failed("The app at the desktop is ending."))?;
        Ok(Workspace { inner })
    }

    fn known(&self, state: &State) -> Result<Known, Refused> {
        let known = state.remote.find(&self.pairing).filter(|known| known.is_active());
        known
            .cloned()
            .ok_or_else(|| blocked("This pairing is paused or over."))
    }

    /// The session a command is for, if it is shared.
    fn session(&self, workspace: &Workspace, asked: &Asked) -> Result<(SessionId, Row), Refused> {
        let gone = || failed("There is no such thread at the desktop.");
        let id = asked.command.session_id.as_deref().ok_or_else(gone)?;
        let (id, _) = workspace.inner.session(id).map_err(|_| gone())?;
        let state = workspace.inner.state();
        let known = self.known(&state)?;
        let row = state.rows.get(&id).cloned().ok_or_else(gone)?;
        if state.is_shared(&known, &id) {
            Ok((id, row))
        } else {
            Err(gone())
        }
    }

    async fn mark(&self, workspace: &Workspace, command: &str, mark: String) -> Result<(), Refused> {
        let (store, pairing, command) = (
            workspace.inner.store.clone(),
            self.pairing.clone(),
            command.to_owned(),
        );
        blocking(move || Ok(store.mark_command(&pairing, &command, &mark)?))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")).into())
    }

    async fn try_to(&self, asked: &Asked) -> Result<CommandResult, Refused> {
        let workspace = self.workspace()?;
        match &asked.work {
            Work::CreateSession(payload) => self.create(&workspace, asked, payload).await,
            Work::Prompt(prompt) => {
                let (session, _) = self.session(&workspace, asked)?;
                self.prompt(&workspace, asked, &session, prompt).await
            }
            Work::Abort => {
                let (session, _) = self.session(&workspace, asked)?;
                workspace.stop_turn(session.as_str()).await?;
                Ok(completed())
            }
            Work::Permission(answer) => {
                let (session, _) = self.session(&workspace, asked)?;
                let reply = if answer.allowed {
                    PermissionReply::Once
                } else {
                    PermissionReply::Reject { feedback: None }
                };
                let by = AnsweredBy::Afar;
                workspace
                    .answer_permission_as(session.as_str(), &answer.permission_id, reply, by)
                    .await?;
                Ok(completed())
            }
            Work::Reply(reply) => {
                let (session, _) = self.session(&workspace, asked)?;
                let answers = reply.answers.clone();
                workspace
                    .answer_question_as(session.as_str(), &reply.request_id, answers, AnsweredBy::Afar)
                    .await?;
                Ok(completed())
            }
            Work::Reject(reject) => {
                let (session, _) = self.session(&workspace, asked)?;
                workspace
                    .reject_question_as(session.as_str(), &reject.request_id, AnsweredBy::Afar)
                    .await?;
                Ok(completed())
            }
            Work::Status => self.status(&workspace),
            // It ends once this is answered.
            Work::Revoke => Ok(completed()),
        }
    }

    async fn create(
        &self,
        workspace: &Workspace,
        asked: &Asked,
        payload: &Value,
    ) -> Result<CommandResult, Refused> {
        let wanted = if payload.is_null() {
            NewSession::default()
        } else {
            NewSession::deserialize(payload)
                .map_err(|error| failed(&format!("The new thread cannot be read: {error}")))?
        };
        let folder = {
            let state = workspace.inner.state();
            let known = self.known(&state)?;
            if known.threads.len() >= SHARED_THREADS_LIMIT as usize {
                // It would be begun, and nobody there could see it.
                return Err(failed(
                    "The desktop shares as many threads as it can. Have some shared no longer there.",
                ));
            }
            match &wanted.folder {
                Some(id) => {
                    let found = known.folders.iter().find(|path| {
                        folder_name(&known, path) == *id
                            && state.folders.resolve(&folders::folder_id(path)).is_ok()
                    });
                    Some(
                        found
                            .cloned()
                            .ok_or_else(|| failed("There is no such folder at the desktop."))?,
                    )
                }
                None => None,
            }
        };
        let alone = folder.is_none();
        let folder = workspace.folder_to_begin_in(folder).await?;
        // An engine may have been waited for, and the pairing ended or paused meanwhile.
        self.known(&workspace.inner.state())?;
        let made = Made {
            folder: folder.clone(),
            alone,
            since: now(),
        };
        let mark = serde_json::to_string(&made).map_err(anyhow::Error::from)?;
        self.mark(workspace, &asked.command.id, mark).await?;
        let row = workspace.begin_session_in(folder).await?;
        self.share(workspace, &row.id).await?;
        if let Some(title) = wanted
            .title
            .as_deref()
            .map(str::trim)
            .filter(|title| !title.is_empty())
        {
            let title: String = title.chars().take(TITLE_CHARACTERS).collect();
            if let Err(error) = workspace.rename_session(&row.id, &title).await {
                // It is there, and can be named at any time.
                tracing::warn!(%error, "a thread from afar has no title");
            }
        }
        let mut result = self.made(workspace, &row.id)?;
        if let Some(prompt) = &wanted.prompt {
            let session = SessionId::from(row.id.as_str());
            match self.prompt(workspace, asked, &session, prompt).await {
                Ok(prompted) => result.data = prompted.data,
                Err(Refused(refused)) => {
                    result.message = refused.message;
                    result.data = Some(json!({ "prompted": false }));
                }
            }
        }
        Ok(result)
    }

    /// What is said of a session that was made.
    fn made(&self, workspace: &Workspace, session: &str) -> Result<CommandResult, Refused> {
        let state = workspace.inner.state();
        let known = self.known(&state)?;
        let row = state.rows.get(&SessionId::from(session));
        let mut result = completed();
        result.session = row.map(|row| listed(row, &state, &known, &workspace.inner));
        Ok(result)
    }

    /// Shares a session that was made from afar.
    async fn share(&self, workspace: &Workspace, session: &str) -> Result<(), Refused> {
        let thread = SharedThread {
            session: session.to_owned(),
            from_afar: true,
            shared_at: now(),
        };
        let (store, pairing, shared) = (
            workspace.inner.store.clone(),
            self.pairing.clone(),
            thread.clone(),
        );
        blocking(move || Ok(store.share_thread(&pairing, &shared)?))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        {
            let mut state = workspace.inner.state();
            if let Some(known) = state.remote.find_mut(&self.pairing) {
                known.threads.retain(|known| known.session != thread.session);
                known.threads.insert(0, thread);
            }
            state.remote.news.touch(&SessionId::from(session));
        }
        workspace.inner.tell_pairings();
        workspace.inner.remote.wake.notify_one();
        Ok(())
    }

    async fn prompt(
        &self,
        workspace: &Workspace,
        asked: &Asked,
        session: &SessionId,
        prompt: &PromptPayload,
    ) -> Result<CommandResult, Refused> {
        // First of all, so that what there is to choose from is known and the message's id is of the moment it is sent.
        workspace.inner.engine().await?;
        let model = self.model(workspace, session, prompt)?;
        let attachments = attach(workspace, session, prompt).await?;
        let message = message_of(&self.pairing, &asked.command.id, now());
        self.mark(workspace, &asked.command.id, message.to_string())
            .await?;
        let outgoing = Outgoing {
            text: prompt.text.clone(),
            agent: prompt.agent.clone(),
            model,
            attachments: attachments.clone(),
        };
        match workspace.send_marked(session.as_str(), outgoing, message).await {
            Ok(message) => {
                let mut result = completed();
                result.data = Some(json!({ "message": message }));
                Ok(result)
            }
            Err(error) => {
                for id in &attachments {
                    // It may be gone with the prompt.
                    if let Err(error) = workspace.detach(session.as_str(), id).await {
                        tracing::debug!(%error, "a file from afar was not taken away");
                    }
                }
                Err(error.into())
            }
        }
    }

    /// The model of a prompt: the thread's own, in the way that is asked for. Agents are those a person here could choose.
    fn model(
        &self,
        workspace: &Workspace,
        session: &SessionId,
        prompt: &PromptPayload,
    ) -> Result<Option<String>, Refused> {
        let state = workspace.inner.state();
        self.known(&state)?;
        if let Some(agent) = &prompt.agent {
            let choices = state.agent_choices();
            // An engine that just began has not told its agents; it says itself when it has no such one.
            if !choices.is_empty() && !choices.iter().any(|choice| choice.name == *agent) {
                return Err(failed("There is no such agent at the desktop."));
            }
        }
        let Some(variant) = &prompt.variant else {
            return Ok(None);
        };
        let row = state.rows.get(session);
        let model = row.and_then(|row| row.model.as_deref()).unwrap_or_default();
        let (model, _) = split_variant(model);
        let known = state
            .models
            .iter()
            .find(|known| known.reference.to_string() == model);
        if known.is_some_and(|known| known.variants.iter().any(|one| one == variant)) {
            Ok(Some(format!("{model}#{variant}")))
        } else {
            Err(failed("The thread's model cannot work in this way."))
        }
    }

    fn status(&self, workspace: &Workspace) -> Result<CommandResult, Refused> {
        let inner = &workspace.inner;
        let state = inner.state();
        let known = self.known(&state)?;
        let mut rows: Vec<_> = state
            .rows
            .values()
            .filter(|row| row.parent.is_none() && state.is_shared(&known, &row.id))
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.updated));
        let mut result = completed();
        result.sessions = Some(
            rows.into_iter()
                .take(LISTED)
                .map(|row| listed(row, &state, &known, inner))
                .collect(),
        );
        result.data = Some(json!({
            "pairing": {
                "id": known.pairing.id,
                "label": known.pairing.label,
                "policy": tell::policy(known.policy),
                "waiting": known.waiting,
                "engineReady": state.engine.takes_requests(),
            },
            "folders": shared_folders(&known),
        }));
        Ok(result)
    }

    fn try_to_propose(&self, asked: &Asked) -> Result<CommandResult, Refused> {
        let workspace = self.workspace()?;
        let (session, _) = self.session(&workspace, asked)?;
        let (ask, answer) = match &asked.work {
            Work::Permission(answer) if answer.allowed => (&answer.permission_id, RemoteAnswer::Allow),
            Work::Permission(answer) => (&answer.permission_id, RemoteAnswer::Deny),
            Work::Reply(reply) => (
                &reply.request_id,
                RemoteAnswer::Answers {
                    answers: reply.answers.clone(),
                },
            ),
            Work::Reject(reject) => (&reject.request_id, RemoteAnswer::TurnDown),
            _ => return Err(blocked("This cannot wait for the person at the desktop.")),
        };
        let waiting = Waiting {
            id: proposal_name(&self.pairing, &asked.command.id),
            command: asked.command.id.clone(),
            kind: asked.work.kind(),
            pairing: self.pairing.clone(),
            session,
            ask: ask.clone(),
            who: who(&asked.command),
            answer,
            at: now(),
            taken: false,
        };
        workspace.propose(waiting)?;
        Ok(CommandResult::new(
            ResultStatus::RequiresLocalConfirmation,
            Some("The person at the desktop has to say yes to this.".to_owned()),
        ))
    }

    async fn look_for(&self, asked: &Asked) -> Result<Reconciled, Refused> {
        let workspace = self.workspace()?;
        let (store, pairing, id) = (
            workspace.inner.store.clone(),
            self.pairing.clone(),
            asked.command.id.clone(),
        );
        let kept = blocking(move || Ok::<_, anyhow::Error>(store.remote_command(&pairing, &id)?)).await??;
        let mark = kept.and_then(|kept| kept.mark);
        if mark.is_some() {
            // It starts with the app, and this is asked first of all. Without one nobody can tell.
            let engine = workspace.inner.next_engine();
            if !matches!(tokio::time::timeout(STARTS_WITHIN, engine).await, Ok(Some(_))) {
                return Ok(Reconciled::Unknown);
            }
        }
        match &asked.work {
            Work::Prompt(_) => {
                let Some(mark) = mark else {
                    return Ok(Reconciled::NotDone);
                };
                let (session, _) = self.session(&workspace, asked)?;
                self.look_for_prompt(&workspace, &session, &mark).await
            }
            Work::CreateSession(_) => {
                let Some(mark) = mark else {
                    return Ok(Reconciled::NotDone);
                };
                match serde_json::from_str::<Made>(&mark) {
                    Ok(made) => self.look_for_session(&workspace, made).await,
                    // Its first prompt was about to go out: the session is there, and shared.
                    Err(_) => Ok(Reconciled::Unknown),
                }
            }
            // What ran in an engine that ended with the app runs no more.
            Work::Abort | Work::Status | Work::Revoke => Ok(Reconciled::NotDone),
            // What an engine asked ended with it: nobody can tell whether this answer came first.
            Work::Permission(_) | Work::Reply(_) | Work::Reject(_) => Ok(Reconciled::Unknown),
        }
    }

    async fn look_for_prompt(
        &self,
        workspace: &Workspace,
        session: &SessionId,
        mark: &str,
    ) -> Result<Reconciled, Refused> {
        if workspace.arrived(session, &MessageId::from(mark)).await? {
            let mut result = completed();
            result.data = Some(json!({ "message": mark }));
            return Ok(Reconciled::Done(result));
        }
        // It is sent anew, and must not come back as what a person wrote here.
        let (store, mark) = (workspace.inner.store.clone(), mark.to_owned());
        let was_there = blocking(move || Ok::<_, anyhow::Error>(store.outbox_forget(&mark)?)).await??;
        if was_there {
            Ok(Reconciled::NotDone)
        } else {
            // It never went that far, or is in the person's draft by now.
            Ok(Reconciled::Unknown)
        }
    }

    async fn look_for_session(&self, workspace: &Workspace, made: Made) -> Result<Reconciled, Refused> {
        let engine = workspace.inner.engine().await?;
        let sessions = match engine.sessions(&made.folder).await {
            Ok(sessions) => sessions,
            Err(EngineError::NotFound(_)) => Vec::new(),
            Err(error) => return Err(WorkspaceError::from(error).into()),
        };
        let mut found = sessions
            .into_iter()
            .filter(|session| session.parent.is_none() && (made.alone || session.created >= made.since));
        match (found.next(), found.next()) {
            (None, _) => Ok(Reconciled::NotDone),
            (Some(session), None) => {
                let mut effects = Vec::new();
                workspace.inner.state().session_changed(&session, &mut effects);
                workspace.inner.carry_out(effects);
                self.share(workspace, session.id.as_str()).await?;
                Ok(Reconciled::Done(self.made(workspace, session.id.as_str())?))
            }
            // One of them may be the person's own.
            _ => Ok(Reconciled::Unknown),
        }
    }
}

/// A session in a list, as it leaves.
fn listed(row: &Row, state: &State, known: &Known, inner: &Inner) -> Value {
    let leaving = Leaving::new(&tell::policy(known.policy), &tell::places(row, &inner.options));
    let thread = leaving.thread(&tell::thread(row, state));
    let mut value = serde_json::to_value(thread).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.insert("id".to_owned(), Value::String(row.id.to_string()));
    }
    value
}

/// Attaches what came with a prompt. All of it, or nothing is sent.
async fn attach(
    workspace: &Workspace,
    session: &SessionId,
    prompt: &PromptPayload,
) -> Result<Vec<String>, Refused> {
    let files = prompt.attachments.iter().flatten();
    let mut given = Vec::new();
    for file in files {
        let unreadable = || failed("A file that came along cannot be read.");
        let file = File::deserialize(file).map_err(|_| unreadable())?;
        let bytes = STANDARD.decode(file.data).map_err(|_| unreadable())?;
        given.push(GivenFile {
            name: file.name,
            bytes,
        });
    }
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let attached = workspace.attach(session.as_str(), given).await?;
    let ids: Vec<_> = attached.attached.into_iter().map(|file| file.id).collect();
    if attached.refused.is_empty() {
        return Ok(ids);
    }
    for id in &ids {
        workspace.detach(session.as_str(), id).await?;
    }
    Err(failed("A file that came along is not of a kind that is taken."))
}

#[async_trait]
impl Hands for Doer {
    async fn carry_out(&self, asked: &Asked) -> CommandResult {
        let Some(inner) = self.inner.upgrade() else {
            return *failed("The app at the desktop is ending.").0;
        };
        let (doer, work) = (self.clone(), asked.clone());
        let work = async move {
            let done = doer.try_to(&work).await;
            done.unwrap_or_else(|Refused(result)| *result)
        };
        let done = inner
            .remote
            .doing
            .carry_out(&self.pairing, &asked.command.id, work)
            .await;
        done.unwrap_or_else(cowork_pairing::commands::unknown)
    }

    async fn propose(&self, asked: &Asked) -> CommandResult {
        self.try_to_propose(asked)
            .unwrap_or_else(|Refused(result)| *result)
    }

    async fn reconcile(&self, asked: &Asked) -> Reconciled {
        let begun = match self.inner.upgrade() {
            Some(inner) => {
                let doing = &inner.remote.doing;
                doing.look_for(&self.pairing, &asked.command.id).await
            }
            None => Begun::Unknown,
        };
        match begun {
            Begun::Ended(result) => return Reconciled::Done(*result),
            Begun::Unknown => return Reconciled::Unknown,
            Begun::Never => {}
        }
        match self.look_for(asked).await {
            Ok(found) => found,
            Err(Refused(result)) => {
                tracing::warn!(
                    message = result.message,
                    "what became of a command could not be found out"
                );
                Reconciled::Unknown
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_becomes_the_same_message_at_any_time_but_for_the_time() {
        let id = |pairing: &str, command: &str| message_of(pairing, command, 1_790_000_000_000).to_string();
        assert_eq!(id("p", "cmd_1"), id("p", "cmd_1"));
        assert_ne!(id("p", "cmd_1"), id("p", "cmd_2"));
        assert_ne!(id("p", "cmd_1"), id("q", "cmd_1"));
    }
}
