//! Sending prompts and stopping turns. What a person wrote is on disk before it is sent, and off it only when
//! the engine has it.

use std::path::Path;

use cowork_engine::{Engine, EngineError, MessageId, ModelReference, Prompt, SessionId};
use cowork_store::{DRAFT_HOLDER, QueuedPrompt};

use crate::boxes;
use crate::error::{Result, WorkspaceError};
use crate::index;
use crate::state::Effect;
use crate::workspace::{Workspace, blocking, now};

/// Bytes of a prompt. A model's context is a few megabytes at most; more than this belongs in a file.
pub(super) const PROMPT_BYTES: usize = 1024 * 1024;

/// A prompt as it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// What the person wrote.
    pub text: String,
    /// The agent to ask; the session's own when absent.
    pub agent: Option<String>,
    /// The model to ask, `provider/model`; the session's own when absent.
    pub model: Option<String>,
    /// The ids of what is attached.
    pub attachments: Vec<String>,
}

/// Where a prompt goes that was not taken.
pub(super) enum Returns {
    /// Into the draft.
    Draft,
    /// Back to where it waited.
    Queue(QueuedPrompt),
    /// Nowhere: what it was made of is still in the composer.
    Nowhere,
}

impl Workspace {
    /// Sends a prompt without files and gives the id of the message it became; see [`Workspace::send_with`].
    ///
    /// # Errors
    /// As [`Workspace::send_with`].
    pub async fn send_prompt(
        &self,
        session: &str,
        text: &str,
        agent: Option<String>,
        model: Option<String>,
    ) -> Result<String> {
        let outgoing = Outgoing {
            text: text.to_owned(),
            agent,
            model,
            attachments: Vec::new(),
        };
        self.send_with(session, outgoing).await
    }

    /// Sends a prompt, with what is attached and what is named in it, and gives the id of the message it became. While a
    /// turn runs it joins that turn.
    ///
    /// # Errors
    /// When it is empty or too large, the model's name cannot be read, or the engine did not take it; the text is
    /// then kept as the session's draft, with what was attached.
    pub async fn send_with(&self, session: &str, outgoing: Outgoing) -> Result<String> {
        self.send(session, outgoing, Returns::Draft).await
    }

    pub(super) async fn send(&self, session: &str, outgoing: Outgoing, returns: Returns) -> Result<String> {
        let text = outgoing.text.as_str();
        if text.trim().is_empty() {
            return Err(WorkspaceError::InvalidInput(
                "The message is empty. Write something first.".into(),
            ));
        }
        if text.len() > PROMPT_BYTES {
            return Err(WorkspaceError::InvalidInput(
                "The message is larger than 1 MB. Put the long part into a file in the folder and name the file.".into(),
            ));
        }
        let (id, folder) = self.inner.session(session)?;
        boxes::bring_into_reach(&self.inner, &folder).await;
        tokio::spawn({
            let (inner, folder) = (self.inner.clone(), folder.clone());
            async move { boxes::prove(&inner, &folder).await }
        });
        // A person who sends again may have unlocked the key ring since; what the engine repeats by itself rests.
        self.inner.vault.ask_again();
        let (agent, model) = self.chosen(&id, outgoing.agent, outgoing.model)?;
        let (reference, variant) = model_of(model.as_deref())?;
        let holder = match &returns {
            Returns::Queue(prompt) => prompt.id.clone(),
            Returns::Draft | Returns::Nowhere => DRAFT_HOLDER.to_owned(),
        };
        let mut parts = self
            .attached_parts(session, &holder, &outgoing.attachments)
            .await?;
        parts.extend(self.mentioned(text, &folder).await);
        let first = new_id()?;
        let mut message = first.clone();
        self.inner.composing.begin_handing_over(&holder);
        self.inner.composing.begin_handing_over(first.as_str());
        self.keep(&id, &message, text).await;
        let of_home = self.of_home(&outgoing.attachments).await;
        self.give_attachments(&outgoing.attachments, &id, &message).await;
        if let Returns::Queue(prompt) = &returns {
            // Only now: cut off in between it is there twice, not gone.
            if let Err(error) = self.take_from_queue(prompt).await {
                // It would go out again after this.
                self.return_prompt(&message, session, returns).await;
                self.inner.composing.end_handing_over(&holder);
                self.inner.composing.end_handing_over(first.as_str());
                self.tell_composer(session).await;
                return Err(error);
            }
        }
        self.inner.composing.note_sent(&id);
        let delivered = async {
            let path = folder.clone();
            blocking(move || crate::folders::readable(&path))
                .await
                .map_err(WorkspaceError::Internal)??;
            let engine = self.inner.engine().await?;
            // Ids sort by time, and the wait may have been long.
            message = self.fresh_id(&id, &message, text).await?;
            let prompt = Prompt {
                message: message.clone(),
                text: text.to_owned(),
                parts,
                agent: agent.clone(),
                model: reference,
                variant,
            };
            let _gate = self.inner.gate.read().await;
            self.inner.state().live(&id).sent = Some((message.clone(), text.to_owned()));
            deliver(&*engine, &id, &folder, prompt).await
        };
        let delivered = delivered.await;
        let outcome = match delivered {
            Ok(()) => {
                if !outgoing.attachments.is_empty() {
                    self.inner.composing.note_delivered(message.as_str(), &id);
                }
                self.settle(&id, &message).await;
                self.sweep_attachments(Some(&message)).await;
                let chosen = self.inner.state().choose(&id, agent, model);
                self.inner
                    .carry_out(chosen.map(Effect::Store).into_iter().collect());
                self.tell_composer(session).await;
                Ok(message.to_string())
            }
            Err(error) => {
                self.inner.state().live(&id).sent = None;
                self.return_prompt(&message, session, returns).await;
                if !error.is_outcome_unknown() {
                    self.return_home(of_home).await;
                }
                self.tell_composer(session).await;
                Err(error)
            }
        };
        self.inner.composing.end_handing_over(&holder);
        self.inner.composing.end_handing_over(first.as_str());
        self.inner.composing.end_handing_over(message.as_str());
        outcome
    }

    /// The agent and the model of a prompt: those that were named, else those of its session.
    pub(super) fn chosen(
        &self,
        session: &SessionId,
        agent: Option<String>,
        model: Option<String>,
    ) -> Result<(Option<String>, Option<String>)> {
        let row = self.inner.state().rows.get(session).cloned();
        let row = row.ok_or(WorkspaceError::NotFound("The thread"))?;
        Ok((agent.or(row.agent), model.or(row.model)))
    }

    /// Gives what is attached to the prompt it goes with.
    async fn give_attachments(&self, ids: &[String], session: &SessionId, message: &MessageId) {
        if ids.is_empty() {
            return;
        }
        let (store, ids) = (self.inner.store.clone(), ids.to_owned());
        let (session, message) = (session.to_string(), message.to_string());
        let given = blocking(move || Ok(store.attachments_give(&ids, &session, &message)?)).await;
        self.inner.saved(given);
    }

    /// What went with a prompt that was not taken is the composer's again.
    pub(crate) async fn return_attachments(&self, message: &MessageId, session: &str) {
        let (store, message) = (self.inner.store.clone(), message.as_str());
        let from = message.to_owned();
        let passed = blocking(move || Ok(store.attachments_pass(&from, DRAFT_HOLDER)?)).await;
        self.inner.saved(passed);
        self.inner.composing.forget_delivered(message);
        self.tell_composer(session).await;
    }

    async fn take_from_queue(&self, prompt: &QueuedPrompt) -> Result<()> {
        let (store, prompt) = (self.inner.store.clone(), prompt.clone());
        blocking(move || store.queue_take(&prompt.session, &prompt.id))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
        Ok(())
    }

    async fn return_prompt(&self, message: &MessageId, session: &str, returns: Returns) {
        let store = self.inner.store.clone();
        let from = message.clone();
        let outcome = match returns {
            Returns::Draft => {
                self.give_back(message).await;
                return self.return_attachments(message, session).await;
            }
            Returns::Queue(prompt) => {
                blocking(move || {
                    store.queue_put_back(&prompt)?;
                    store.attachments_pass(from.as_str(), &prompt.id)?;
                    store.outbox_forget(from.as_str())?;
                    Ok(())
                })
                .await
            }
            Returns::Nowhere => {
                blocking(move || {
                    store.attachments_pass(from.as_str(), DRAFT_HOLDER)?;
                    store.outbox_forget(from.as_str())?;
                    Ok(())
                })
                .await
            }
        };
        self.inner.saved(outcome);
    }

    async fn fresh_id(&self, session: &SessionId, old: &MessageId, text: &str) -> Result<MessageId> {
        let new = new_id()?;
        self.inner.composing.begin_handing_over(new.as_str());
        let (store, session, old, text) = (
            self.inner.store.clone(),
            session.clone(),
            old.clone(),
            text.to_owned(),
        );
        let renamed = new.clone();
        let outcome = blocking(move || {
            // Before the old id is forgotten: what it holds would be nobody's in between.
            store.attachments_pass(old.as_str(), renamed.as_str())?;
            index::rename_prompt(&store, &session, &old, &renamed, &text, now())
        })
        .await;
        self.inner.saved(outcome);
        Ok(new)
    }

    async fn keep(&self, session: &SessionId, message: &MessageId, text: &str) {
        let (store, session, message, text) = (
            self.inner.store.clone(),
            session.clone(),
            message.clone(),
            text.to_owned(),
        );
        let outcome = blocking(move || index::keep_prompt(&store, &session, &message, &text, now())).await;
        // A full disk must not keep a person from working: the prompt goes out, and the window says that it is
        // not being saved.
        self.inner.saved(outcome);
    }

    async fn settle(&self, session: &SessionId, message: &MessageId) {
        let (store, session, message) = (self.inner.store.clone(), session.clone(), message.clone());
        let outcome = blocking(move || index::prompt_delivered(&store, &session, &message)).await;
        self.inner.saved(outcome);
    }

    async fn give_back(&self, message: &MessageId) {
        let (store, message) = (self.inner.store.clone(), message.clone());
        let outcome = blocking(move || index::prompt_returned(&store, &message)).await;
        self.inner.saved(outcome);
    }

    /// Keeps what is written and not sent.
    ///
    /// # Errors
    /// When it is too large or cannot be saved.
    pub async fn save_draft(&self, session: &str, text: &str) -> Result<()> {
        let (id, _) = self.inner.session(session)?;
        let (store, text) = (self.inner.store.clone(), text.to_owned());
        blocking(move || index::save_draft(&store, &id, &text))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))
    }

    /// Stops the running turn; what was written so far stays.
    ///
    /// # Errors
    /// When the session is not known or the engine does not answer.
    pub async fn stop_turn(&self, session: &str) -> Result<()> {
        let (id, folder) = self.inner.session(session)?;
        if !self.inner.state().engine.takes_requests() {
            return Err(WorkspaceError::EngineNotReady(
                "The engine is not running, so nothing runs in it.".into(),
            ));
        }
        self.mark_stopping(&id, true);
        self.inner.composing.note_stopped(&id);
        let outcome = match self.inner.engine().await {
            Ok(engine) => engine.abort(&folder, &id).await.map_err(WorkspaceError::from),
            Err(error) => Err(error),
        };
        if outcome.is_err() {
            self.mark_stopping(&id, false);
        }
        outcome
    }

    fn mark_stopping(&self, session: &SessionId, stopping: bool) {
        let mut state = self.inner.state();
        let live = state.live(session);
        live.stopping = stopping && *live.transcript.status() != cowork_engine::SessionStatus::Idle;
        if let Some(open) = state.open.as_mut().filter(|open| open.session == *session) {
            open.note_status();
        }
        drop(state);
        self.inner.feed.changed();
    }
}

/// A choice of a model as its name and, after `#`, how hard it is to think.
pub(crate) fn split_variant(choice: &str) -> (&str, Option<&str>) {
    match choice.rsplit_once('#') {
        Some((model, variant)) if !variant.is_empty() => (model, Some(variant)),
        _ => (choice, None),
    }
}

/// The model of a choice, and how hard it is to think.
pub(super) fn model_of(choice: Option<&str>) -> Result<(Option<ModelReference>, Option<String>)> {
    let Some((model, variant)) = choice.map(split_variant) else {
        return Ok((None, None));
    };
    let reference = ModelReference::parse(model).ok_or_else(|| {
        WorkspaceError::InvalidInput(format!("{model:?} is not a model. Choose one from the list."))
    })?;
    Ok((Some(reference), variant.map(str::to_owned)))
}

/// Hands a prompt to the engine.
async fn deliver(engine: &dyn Engine, session: &SessionId, folder: &Path, prompt: Prompt) -> Result<()> {
    let message = prompt.message.clone();
    match engine.prompt(folder, session, prompt).await {
        // Nobody knows whether it arrived; the message carries our id, so it can be looked for.
        Err(error @ (EngineError::Unreachable(_) | EngineError::TimedOut(_))) => {
            match engine.snapshot(folder, session, Some(super::NEWEST_READ)).await {
                Ok(snapshot) if snapshot.messages.iter().any(|known| known.message.id == message) => Ok(()),
                _ => Err(error.into()),
            }
        }
        outcome => Ok(outcome?),
    }
}

fn new_id() -> Result<MessageId> {
    let mut random = [0_u8; 14];
    getrandom::fill(&mut random).map_err(|error| WorkspaceError::Internal(anyhow::anyhow!(error)))?;
    Ok(cowork_opencode::new_message_id(now(), random))
}
