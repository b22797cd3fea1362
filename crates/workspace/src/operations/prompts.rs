//! Sending prompts and stopping turns. What a person wrote is on disk before it is sent, and off it only when
//! the engine was seen to have it; what becomes of it in between is in `delivery`.

use cowork_engine::{MessageId, ModelReference, Prompt, SessionId};
use cowork_store::{DRAFT_HOLDER, QueuedPrompt};

use super::delivery::deliver;
use crate::boxes;
use crate::error::{Result, WorkspaceError};
use crate::index;
use crate::remote::Known;
use crate::state::{Effect, HandedOver, State};
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
    /// Nowhere: who gave it is told.
    Afar(FromAfar),
}

/// A prompt of somebody who is not here.
#[derive(Clone, Debug)]
pub(crate) struct FromAfar {
    /// The pairing it came over, which has to let it in until the engine has it.
    pub(crate) pairing: String,
    /// Who holds what goes with it until it is on its way.
    pub(crate) holder: String,
}

impl Returns {
    /// The prompt that waited.
    fn queued(&self) -> Option<&QueuedPrompt> {
        match self {
            Self::Queue(prompt) => Some(prompt),
            Self::Draft | Self::Nowhere | Self::Afar(_) => None,
        }
    }

    /// Whether it may still be handed over: an engine may have been waited for.
    fn may_go_out(&self, state: &State) -> bool {
        match self {
            Self::Afar(from) => state.remote.find(&from.pairing).is_some_and(Known::is_active),
            Self::Draft | Self::Queue(_) | Self::Nowhere => true,
        }
    }

    /// Who holds what goes with it until it is on its way.
    fn holder(&self) -> &str {
        match self {
            Self::Queue(prompt) => &prompt.id,
            Self::Afar(from) => &from.holder,
            Self::Draft | Self::Nowhere => DRAFT_HOLDER,
        }
    }
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

    /// Sends a prompt of somebody else as this message, which can be looked for by its id. It is nobody's draft when it is not
    /// taken, and what goes with it is nobody's then.
    ///
    /// # Errors
    /// As [`Workspace::send_with`], and when its pairing is paused or over before the engine has it.
    pub(crate) async fn send_marked(
        &self,
        session: &str,
        outgoing: Outgoing,
        message: MessageId,
        from: FromAfar,
    ) -> Result<String> {
        self.send_as(session, outgoing, Returns::Afar(from), Some(message))
            .await
    }

    pub(super) async fn send(&self, session: &str, outgoing: Outgoing, returns: Returns) -> Result<String> {
        self.send_as(session, outgoing, returns, None).await
    }

    async fn send_as(
        &self,
        session: &str,
        outgoing: Outgoing,
        returns: Returns,
        marked: Option<MessageId>,
    ) -> Result<String> {
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
        let (agent, model) = self.chosen(&id, outgoing.agent.clone(), outgoing.model.clone())?;
        let (reference, variant) = model_of(model.as_deref())?;
        let holder = returns.holder().to_owned();
        let mut parts = self
            .attached_parts(session, &holder, &outgoing.attachments)
            .await?;
        parts.extend(self.mentioned(text, &folder).await);
        let is_marked = marked.is_some();
        let first = marked.map_or_else(new_id, Ok)?;
        let mut message = first.clone();
        self.inner.composing.begin_handing_over(&holder);
        self.inner.composing.begin_handing_over(first.as_str());
        let of_home = self.of_home(&outgoing.attachments).await;
        let outcome = match self.keep(&id, &first, &outgoing, &returns).await {
            Ok(()) => {
                self.inner.composing.note_sent(&id);
                let mut handed_over = false;
                let delivered = async {
                    let path = folder.clone();
                    blocking(move || crate::folders::readable(&path))
                        .await
                        .map_err(WorkspaceError::Internal)??;
                    let engine = self.inner.engine().await?;
                    // Ids sort by time, and the wait may have been long.
                    if !is_marked {
                        message = self.fresh_id(&id, &first, text).await?;
                    }
                    let prompt = Prompt {
                        message: message.clone(),
                        text: text.to_owned(),
                        parts,
                        agent: agent.clone(),
                        model: reference,
                        variant,
                    };
                    let _gate = self.inner.gate.read().await;
                    {
                        let mut state = self.inner.state();
                        if !returns.may_go_out(&state) {
                            return Err(WorkspaceError::NotAllowed(
                                "This pairing is paused or over.".into(),
                            ));
                        }
                        state.hand_over(&id, message.clone(), text, returns.queued().cloned());
                    }
                    handed_over = true;
                    deliver(&*engine, &id, &folder, prompt).await
                };
                let delivered = delivered.await;
                match self.what_became(&id, &message, delivered, handed_over) {
                    Ok(()) => {
                        self.accept(&id, &message).await;
                        let chosen = self.inner.state().choose(&id, agent, model);
                        self.inner
                            .carry_out(chosen.map(Effect::Store).into_iter().collect());
                        Ok(message.to_string())
                    }
                    Err(error) => {
                        let sure = !error.is_outcome_unknown();
                        self.return_prompt(&message, returns, sure, Some(error.to_string()))
                            .await;
                        if sure {
                            self.return_home(of_home).await;
                        }
                        Err(error)
                    }
                }
            }
            // It waits as it did.
            Err(error) => Err(error),
        };
        for held in [holder.as_str(), first.as_str(), message.as_str()] {
            self.inner.composing.end_handing_over(held);
        }
        if !outgoing.attachments.is_empty() && outcome.is_ok() {
            // What went along may have been seen to arrive while it was still being handed over.
            self.sweep_attachments().await;
        }
        self.tell_composer(session).await;
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

    /// Has a prompt in the outbox as this message before it is sent, with what goes with it. One that waited is there and
    /// waits no more, or the other way round.
    async fn keep(
        &self,
        session: &SessionId,
        message: &MessageId,
        outgoing: &Outgoing,
        returns: &Returns,
    ) -> Result<()> {
        let (store, session, message) = (self.inner.store.clone(), session.clone(), message.clone());
        if let Some(prompt) = returns.queued() {
            let id = prompt.id.clone();
            let moved =
                blocking(move || store.queue_to_outbox(session.as_str(), &id, message.as_str(), now()))
                    .await
                    .map_err(WorkspaceError::Internal)?
                    .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
            // Somebody took it out of the queue a moment ago.
            return moved
                .map(drop)
                .ok_or(WorkspaceError::NotFound("The waiting prompt"));
        }
        let text = outgoing.text.clone();
        let (kept, keeping, wanted) = (store.clone(), session.clone(), message.clone());
        let outcome = blocking(move || index::keep_prompt(&kept, &keeping, &wanted, &text, now())).await;
        // A full disk must not keep a person from working: the prompt goes out, and the window says that it is
        // not being saved.
        self.inner.saved(outcome);
        self.give_attachments(&outgoing.attachments, &session, &message)
            .await;
        Ok(())
    }

    /// What became of a prompt after it was handed over, or could not be.
    fn what_became(
        &self,
        session: &SessionId,
        message: &MessageId,
        delivered: Result<()>,
        handed_over: bool,
    ) -> Result<()> {
        let mut effects = Vec::new();
        let outcome = match delivered {
            Ok(()) => match self.inner.state().taken(session, message, &mut effects) {
                HandedOver::Taken => Ok(()),
                HandedOver::ThrownAway(reason) => Err(WorkspaceError::InvalidInput(reason)),
            },
            Err(error) if !handed_over => Err(error),
            Err(error) => {
                let unsure = error.is_outcome_unknown();
                let back = self.inner.state().not_taken(session, message, unsure);
                // What was seen in the conversation arrived, whatever broke off.
                if back { Err(error) } else { Ok(()) }
            }
        };
        self.inner.carry_out(effects);
        outcome
    }

    async fn fresh_id(&self, session: &SessionId, old: &MessageId, text: &str) -> Result<MessageId> {
        let new = new_id()?;
        self.inner.composing.begin_handing_over(new.as_str());
        let (store, session, kept, text) = (
            self.inner.store.clone(),
            session.clone(),
            old.clone(),
            text.to_owned(),
        );
        let renamed = new.clone();
        let outcome =
            blocking(move || index::rename_prompt(&store, &session, &kept, &renamed, &text, now())).await;
        if outcome.as_ref().is_ok_and(std::result::Result::is_ok) {
            return Ok(new);
        }
        self.inner.saved(outcome);
        self.inner.composing.end_handing_over(new.as_str());
        // Under the id that it is kept by, or that row would be taken for a prompt that never arrived.
        Ok(old.clone())
    }

    /// The engine took a prompt: it is the draft no more, and is expected to be seen.
    async fn accept(&self, session: &SessionId, message: &MessageId) {
        let (store, accepted) = (self.inner.store.clone(), message.clone());
        let outcome = blocking(move || Ok(store.outbox_accepted(accepted.as_str())?)).await;
        self.inner.saved(outcome);
        self.expect(session.clone(), message.clone());
    }

    /// Keeps what is written and not sent.
    ///
    /// # Errors
    /// When it is too large or cannot be saved.
    pub async fn save_draft(&self, session: &str, text: &str) -> Result<()> {
        self.keep_draft(session, text, false).await
    }

    /// The same for a composer that just took what came back, where `took`.
    ///
    /// # Errors
    /// As [`Workspace::save_draft`].
    pub async fn keep_draft(&self, session: &str, text: &str, took: bool) -> Result<()> {
        let (id, _) = self.inner.session(session)?;
        let (store, text) = (self.inner.store.clone(), text.to_owned());
        blocking(move || index::keep_draft(&store, &id, &text, took))
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

fn new_id() -> Result<MessageId> {
    let mut random = [0_u8; 14];
    getrandom::fill(&mut random).map_err(|error| WorkspaceError::Internal(anyhow::anyhow!(error)))?;
    Ok(cowork_opencode::new_message_id(now(), random))
}
