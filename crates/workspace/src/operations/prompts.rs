//! Sending prompts and stopping turns. What a person wrote is on disk before it is sent, and off it only when
//! the engine has it.

use std::path::Path;

use cowork_engine::{Engine, EngineError, MessageId, ModelReference, Prompt, SessionId};

use crate::boxes;
use crate::error::{Result, WorkspaceError};
use crate::index;
use crate::state::Effect;
use crate::workspace::{Workspace, blocking, now};

/// Bytes of a prompt. A model's context is a few megabytes at most; more than this belongs in a file.
const PROMPT_BYTES: usize = 1024 * 1024;

impl Workspace {
    /// Sends a prompt and gives the id of the message it became. While a turn runs it joins that turn.
    ///
    /// # Errors
    /// When it is empty or too large, the model's name cannot be read, or the engine did not take it; the text is
    /// then kept as the session's draft.
    pub async fn send_prompt(
        &self,
        session: &str,
        text: &str,
        agent: Option<String>,
        model: Option<String>,
    ) -> Result<String> {
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
        let row = self
            .inner
            .state()
            .rows
            .get(&id)
            .cloned()
            .ok_or(WorkspaceError::NotFound("The thread"))?;
        let agent = agent.or(row.agent);
        let model = model.or(row.model);
        let (reference, variant) = match model.as_deref().map(split_variant) {
            Some((model, variant)) => {
                let reference = ModelReference::parse(model).ok_or_else(|| {
                    WorkspaceError::InvalidInput(format!(
                        "{model:?} is not a model. Choose one from the list."
                    ))
                })?;
                (Some(reference), variant.map(str::to_owned))
            }
            None => (None, None),
        };
        let mut message = new_id()?;
        self.keep(&id, &message, text).await;
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
                parts: Vec::new(),
                agent: agent.clone(),
                model: reference,
                variant,
            };
            let _gate = self.inner.gate.read().await;
            self.inner.state().live(&id).sent = Some((message.clone(), text.to_owned()));
            deliver(&*engine, &id, &folder, prompt).await
        };
        match delivered.await {
            Ok(()) => {
                self.settle(&id, &message).await;
                let chosen = self.inner.state().choose(&id, agent, model);
                self.inner
                    .carry_out(chosen.map(Effect::Store).into_iter().collect());
                Ok(message.to_string())
            }
            Err(error) => {
                self.inner.state().live(&id).sent = None;
                self.give_back(&message).await;
                Err(error)
            }
        }
    }

    async fn fresh_id(&self, session: &SessionId, old: &MessageId, text: &str) -> Result<MessageId> {
        let new = new_id()?;
        let (store, session, old, text) = (
            self.inner.store.clone(),
            session.clone(),
            old.clone(),
            text.to_owned(),
        );
        let renamed = new.clone();
        let outcome =
            blocking(move || index::rename_prompt(&store, &session, &old, &renamed, &text, now())).await;
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
