//! Carries out what is asked from afar, through the operations that a window has, and finds out after a crash what it did.
//!
//! What is not shared is not there: a command for such a thread is answered as one for a thread that never was. What is
//! said in results is cleaned by the connection, like everything that leaves.

mod crash;
mod making;

use std::path::Path;
use std::sync::{Arc, Weak};

use async_trait::async_trait;
use cowork_engine::{MessageId, PermissionReply, SessionId};
use cowork_pairing::commands::{Asked, Hands, Reconciled};
use cowork_pairing::leaving::Leaving;
use cowork_pairing::policy::Work;
use cowork_pairing_protocol::session::SharedFolder;
use cowork_pairing_protocol::wire::{CommandResult, PromptPayload, ResultStatus};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use self::making::Files;
use super::doing::Begun;
use super::kept::who;
use super::shared::{Known, Waiting};
use super::tell;
use crate::error::WorkspaceError;
use crate::folders;
use crate::operations::prompts::{FromAfar, Outgoing, split_variant};
use crate::state::{Row, State};
use crate::view::{AnsweredBy, RemoteAnswer};
use crate::workspace::{Inner, Workspace, blocking, now};

/// Threads that `status` lists: the newest. All of them are told of as events.
const LISTED: usize = 200;

/// Carries out commands of one pairing.
#[derive(Clone)]
pub(crate) struct Doer {
    inner: Weak<Inner>,
    pairing: String,
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

/// How a command is named here. Servers name their commands as they like, also as another one does.
fn name_of(pairing: &str, command: &str) -> String {
    let hash = Sha256::digest(format!("{pairing}\n{command}").as_bytes());
    hex::encode(&hash[..12])
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
        let files = Files::new(workspace, &self.pairing, &asked.command.id);
        let sent = async {
            let attachments = files.attach(session, prompt).await?;
            let message = message_of(&self.pairing, &asked.command.id, now());
            self.mark(workspace, &asked.command.id, message.to_string())
                .await?;
            let outgoing = Outgoing {
                text: prompt.text.clone(),
                agent: prompt.agent.clone(),
                model,
                attachments,
            };
            let from = FromAfar {
                pairing: self.pairing.clone(),
                holder: files.holder().to_owned(),
            };
            // Not cut off by an end of the pairing: what an engine was handed would be waited for in its thread for ever.
            let sending = tokio::spawn({
                let (workspace, session) = (workspace.clone(), session.clone());
                async move {
                    workspace
                        .send_marked(session.as_str(), outgoing, message, from)
                        .await
                }
            });
            sending.await.map_err(anyhow::Error::from)?.map_err(Refused::from)
        };
        let sent = sent.await;
        drop(files);
        match sent {
            Ok(message) => {
                let mut result = completed();
                result.data = Some(json!({ "message": message }));
                Ok(result)
            }
            Err(refused) => {
                workspace.sweep_attachments().await;
                Err(refused)
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
            id: format!("answer_{}", name_of(&self.pairing, &asked.command.id)),
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
