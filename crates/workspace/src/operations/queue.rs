//! Prompts that wait for a turn to end.
//!
//! They go out one at a time: the next one when a turn ended well. After one that failed or was stopped, and after a start
//! of the app, they wait for the person, who may have other ideas by then.

use cowork_engine::{MessageId, SessionId};
use cowork_store::{QueuedPrompt, StoreError};

use super::prompts::{Outgoing, PROMPT_BYTES, Returns};
use crate::error::{Result, WorkspaceError};
use crate::workspace::{Workspace, blocking, now};

impl Workspace {
    /// Has a prompt wait for the turn to end.
    ///
    /// # Errors
    /// When it is empty or too large, too many wait already, or it cannot be saved.
    pub async fn queue_prompt(&self, session: &str, outgoing: Outgoing) -> Result<()> {
        let (id, _) = self.inner.session(session)?;
        check(&outgoing.text)?;
        let mut random = [0_u8; 12];
        getrandom::fill(&mut random).map_err(|error| WorkspaceError::Internal(anyhow::anyhow!(error)))?;
        let prompt = QueuedPrompt {
            id: format!("queued-{}", hex::encode(random)),
            session: session.to_owned(),
            text: outgoing.text,
            agent: outgoing.agent,
            model: outgoing.model,
            created: now(),
            message: None,
        };
        // They have to be there, and still the composer's.
        let held = cowork_store::DRAFT_HOLDER;
        self.attached_parts(session, held, &outgoing.attachments).await?;
        let store = self.inner.store.clone();
        let written = blocking(move || {
            // At once: a prompt without what it speaks of is not what the person wrote.
            store.queue_put_with(&prompt, &outgoing.attachments)
        });
        written_queue(written.await)?;
        self.tell_composer(session).await;
        // The turn may have ended while the person pressed Enter.
        let idle = {
            let state = self.inner.state();
            let live = state.live.get(&id);
            live.is_none_or(crate::state::Live::is_free)
        };
        if idle {
            let inner = self.inner.clone();
            tokio::spawn(async move { crate::composing::turn_ended(&inner, &id).await });
        }
        Ok(())
    }

    /// Holds a prompt that waits while a person edits it, or lets it go as it is: one that is edited is not sent.
    ///
    /// # Errors
    /// When it waits no more or is being sent.
    pub async fn hold_queued(&self, session: &str, id: &str, held: bool) -> Result<()> {
        let session_id = SessionId::from(session);
        if !held {
            self.let_go(&session_id, id).await;
            return Ok(());
        }
        self.begin_editing(&session_id, id)?;
        // Looked for once it is held: before that it could go out in between.
        let known = self.queue_of(session).await;
        if !known
            .as_ref()
            .is_ok_and(|queue| queue.iter().any(|prompt| prompt.id == id))
        {
            self.let_go(&session_id, id).await;
            known?;
            return Err(WorkspaceError::NotFound("The waiting prompt"));
        }
        Ok(())
    }

    /// Gives a prompt that waits other words, and lets it go where it was held.
    ///
    /// # Errors
    /// When it waits no more or is being sent, is empty or too large, or cannot be saved; what was held is so still.
    pub async fn edit_queued(&self, session: &str, id: &str, text: &str) -> Result<()> {
        check(text)?;
        let session_id = SessionId::from(session);
        let held = self.inner.composing.is_edited(id);
        self.begin_editing(&session_id, id)?;
        let store = self.inner.store.clone();
        let (wanted, edited, text) = (session.to_owned(), id.to_owned(), text.to_owned());
        let written = written_queue(blocking(move || store.queue_edit(&wanted, &edited, &text)).await);
        if written.is_ok() || !held {
            self.let_go(&session_id, id).await;
        }
        written?
            .then_some(())
            .ok_or(WorkspaceError::NotFound("The waiting prompt"))
    }

    fn begin_editing(&self, session: &SessionId, id: &str) -> Result<()> {
        if self.inner.composing.begin_editing(session, id) {
            return Ok(());
        }
        Err(on_its_way())
    }

    /// A prompt is edited no more. It goes out at once where it would have gone out meanwhile.
    async fn let_go(&self, session: &SessionId, id: &str) {
        if self.inner.composing.end_editing(session, id) {
            self.look_again(session.clone());
        }
        self.tell_composer(session.as_str()).await;
    }

    /// Nobody edits a prompt any more: the page in which that was done is gone.
    pub(crate) fn forget_edits(&self) {
        for session in self.inner.composing.forget_edits() {
            self.look_again(session);
        }
    }

    /// Takes a prompt out of the queue, with what goes with it.
    ///
    /// # Errors
    /// When it is being sent, or that cannot be saved.
    pub async fn remove_queued(&self, session: &str, id: &str) -> Result<()> {
        self.not_on_its_way(session, id)?;
        let store = self.inner.store.clone();
        let (wanted, id) = (session.to_owned(), id.to_owned());
        let removed = id.clone();
        written_queue(blocking(move || store.queue_take(&wanted, &removed)).await)?;
        self.sweep_attachments().await;
        self.let_go(&SessionId::from(session), &id).await;
        Ok(())
    }

    /// Puts the queue into an order.
    ///
    /// # Errors
    /// When that cannot be saved.
    pub async fn order_queue(&self, session: &str, ids: Vec<String>) -> Result<()> {
        let (store, wanted) = (self.inner.store.clone(), session.to_owned());
        written_queue(blocking(move || store.queue_order(&wanted, &ids)).await)?;
        let session_id = SessionId::from(session);
        if self.inner.composing.note_order(&session_id) {
            self.look_again(session_id);
        }
        self.tell_composer(session).await;
        Ok(())
    }

    /// Sends a prompt that waits, now: while a turn runs it joins that.
    ///
    /// # Errors
    /// When it waits no more, or the engine does not take it; it then waits on.
    pub async fn send_queued(&self, session: &str, id: &str) -> Result<String> {
        let session_id = SessionId::from(session);
        if !self.inner.composing.begin_sending(&session_id) {
            return Err(WorkspaceError::InvalidInput(
                "Another waiting prompt is being sent. Wait a moment, then try again.".into(),
            ));
        }
        let sent = if self.inner.composing.note_sending(&session_id, id) {
            self.send_one(session, id).await
        } else {
            Err(WorkspaceError::InvalidInput(
                "This prompt is being edited. Save it or leave it as it was, then send it.".into(),
            ))
        };
        if self.inner.composing.end_sending(&session_id) {
            self.look_again(session_id);
        }
        self.tell_composer(session).await;
        sent
    }

    /// A prompt that is being sent is neither changed nor removed: it would go out as it was all the same.
    fn not_on_its_way(&self, session: &str, id: &str) -> Result<()> {
        if self.inner.composing.is_sending(&SessionId::from(session), id) {
            return Err(on_its_way());
        }
        Ok(())
    }

    async fn send_one(&self, session: &str, id: &str) -> Result<String> {
        let queue = self.queue_of(session).await?;
        let prompt = queue.into_iter().find(|prompt| prompt.id == id);
        let prompt = prompt.ok_or(WorkspaceError::NotFound("The waiting prompt"))?;
        if let Some(before) = prompt.message.as_deref().map(MessageId::from) {
            let session = SessionId::from(session);
            if self.arrived(&session, &before).await? {
                self.settle(&session, &before).await;
                return Ok(before.to_string());
            }
        }
        let attachments = self.held_by(&prompt.id).await?;
        let outgoing = Outgoing {
            text: prompt.text.clone(),
            agent: prompt.agent.clone(),
            model: prompt.model.clone(),
            attachments,
        };
        self.send(session, outgoing, Returns::Queue(prompt)).await
    }

    /// Sends the next prompt that waits in a session, if there is one.
    pub(crate) async fn send_next(&self, session: &SessionId) {
        if !self.inner.composing.begin_sending(session) {
            return;
        }
        let name = session.as_str();
        let sent = match self.queue_of(name).await {
            Ok(queue) => match queue.first() {
                // It would be there twice, which only a person may decide on.
                Some(next) if next.message.is_some() => Err(WorkspaceError::InvalidInput(
                    "Nobody can tell whether the next one arrived. Look at the conversation, then send or remove it."
                        .into(),
                )),
                Some(next) if self.inner.composing.note_sending_next(session, &next.id) => {
                    self.send_one(name, &next.id).await.map(drop)
                }
                _ => Ok(()),
            },
            Err(error) => Err(error),
        };
        if self.inner.composing.end_sending(session) {
            self.look_again(session.clone());
        }
        if let Err(error) = sent {
            tracing::warn!(%error, "the next waiting prompt was not sent");
            self.inner.composing.note_failed(session, error.to_string());
        }
        self.tell_composer(name).await;
    }

    /// A turn ended while the prompt that began it was being seen off: the next one may be due.
    fn look_again(&self, session: SessionId) {
        let inner = self.inner.clone();
        tokio::spawn(async move { crate::composing::turn_ended(&inner, &session).await });
    }

    async fn queue_of(&self, session: &str) -> Result<Vec<QueuedPrompt>> {
        let (store, wanted) = (self.inner.store.clone(), session.to_owned());
        blocking(move || store.queue(&wanted))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::Internal(error.into()))
    }

    async fn held_by(&self, holder: &str) -> Result<Vec<String>> {
        let (store, holder) = (self.inner.store.clone(), holder.to_owned());
        let held = blocking(move || store.attachments_held(&holder))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::Internal(error.into()))?;
        Ok(held.into_iter().map(|attachment| attachment.id).collect())
    }
}

fn on_its_way() -> WorkspaceError {
    WorkspaceError::InvalidInput("This prompt is being sent. Stop the turn if it should not go on.".into())
}

fn check(text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(WorkspaceError::InvalidInput(
            "The message is empty. Write something first.".into(),
        ));
    }
    if text.len() > PROMPT_BYTES {
        return Err(WorkspaceError::InvalidInput(
            "The message is larger than 1 MB. Put the long part into a file in the folder and name the file."
                .into(),
        ));
    }
    Ok(())
}

fn written_queue<T>(written: anyhow::Result<std::result::Result<T, StoreError>>) -> Result<T> {
    written
        .map_err(WorkspaceError::Internal)?
        .map_err(|error| match error {
            StoreError::TooMany { .. } => WorkspaceError::InvalidInput(
                "Twenty prompts wait already. Remove one, or send one now.".into(),
            ),
            error => WorkspaceError::NotSaved(error.to_string()),
        })
}
