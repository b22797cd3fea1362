//! What becomes of a prompt that was sent: it is seen in the conversation, or it comes back to where it was. Where nobody can
//! tell which, it is looked for by its id, and never goes out again by itself.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use cowork_engine::{Engine, EngineError, MessageId, Prompt, SessionId};
use cowork_store::{DRAFT_HOLDER, QueuedPrompt};

use super::prompts::Returns;
use crate::error::{Result, WorkspaceError};
use crate::index;
use crate::workspace::{Inner, Workspace, blocking};

/// Until an engine that took a prompt is asked where it is. Reading what goes along takes it seconds.
const SEEN_WITHIN: Duration = Duration::from_secs(30);

/// Between two looks for a prompt in an engine that runs: it may write it down only now.
const LOOKS: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// How long a thread that is opened waits for what the engine says of one prompt.
const LOOK_PATIENCE: Duration = Duration::from_secs(2);

/// Until an engine is asked again that did not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// Hands a prompt to the engine.
pub(super) async fn deliver(
    engine: &dyn Engine,
    session: &SessionId,
    folder: &Path,
    prompt: Prompt,
) -> Result<()> {
    let message = prompt.message.clone();
    match engine.prompt(folder, session, prompt).await {
        Ok(()) => Ok(()),
        Err(error) => {
            let error = WorkspaceError::from(error);
            // It may have arrived: the message carries our id, so it can be looked for.
            if error.is_outcome_unknown() && has(engine, folder, session, &message).await == Some(true) {
                return Ok(());
            }
            Err(error)
        }
    }
}

/// Whether the engine has a message.
async fn ask_for(
    engine: &dyn Engine,
    folder: &Path,
    session: &SessionId,
    message: &MessageId,
) -> std::result::Result<bool, EngineError> {
    match engine.prompt_parts(folder, session, message).await {
        Ok(_) => Ok(true),
        Err(EngineError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The same; none when the engine does not say.
async fn has(engine: &dyn Engine, folder: &Path, session: &SessionId, message: &MessageId) -> Option<bool> {
    ask_for(engine, folder, session, message)
        .await
        .inspect_err(|error| tracing::warn!(%error, "whether the engine has a prompt could not be asked"))
        .ok()
}

impl Workspace {
    /// Has a prompt looked for that the engine took and is not seen to have in time.
    pub(super) fn expect(&self, session: SessionId, message: MessageId) {
        // An application that was closed meanwhile must not be kept.
        let inner = std::sync::Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            tokio::time::sleep(SEEN_WITHIN).await;
            if let Some(inner) = inner.upgrade() {
                let mut effects = Vec::new();
                inner.state().doubt(&session, &message, &mut effects);
                inner.carry_out(effects);
            }
        });
    }

    /// Looks for a prompt that the engine took, until it is seen, found or known to be missing. The next engine says at once
    /// what there is; one that runs may be about to write it down.
    pub(crate) async fn look_for(&self, session: &SessionId, message: &MessageId) {
        let mut looks = LOOKS.iter();
        let missing = || self.inner.state().is_missing(session, message);
        while missing().is_some() {
            let Ok((_, folder)) = self.inner.session(session.as_str()) else {
                return;
            };
            let Some(engine) = self.inner.next_engine().await else {
                return;
            };
            let is_there = has(&*engine, &folder, session, message).await;
            // It may have become another's business while that was asked.
            let Some(orphaned) = missing() else { return };
            match is_there {
                Some(true) => {
                    if let Err(error) = crate::engine::read_anew(&self.inner, &engine, session, &folder).await
                    {
                        tracing::warn!(%error, "a conversation with a prompt that was missed could not be read");
                    }
                    let mut effects = Vec::new();
                    self.inner.state().found(session, message, &mut effects);
                    return self.inner.carry_out(effects);
                }
                Some(false) => {
                    let Some(pause) = looks.next().filter(|_| !orphaned) else {
                        let mut effects = Vec::new();
                        self.inner.state().not_found(session, message, &mut effects);
                        return self.inner.carry_out(effects);
                    };
                    tokio::time::sleep(*pause).await;
                }
                None => tokio::time::sleep(AGAIN).await,
            }
        }
    }

    /// The engine has a prompt.
    pub(crate) async fn settle(&self, session: &SessionId, message: &MessageId) {
        let (store, wanted) = (self.inner.store.clone(), session.clone());
        let message = message.clone();
        let outcome = blocking(move || index::prompt_delivered(&store, &wanted, &message)).await;
        self.inner.saved(outcome);
        self.sweep_attachments().await;
        self.tell_composer(session.as_str()).await;
    }

    /// A prompt that the engine took is not there: it is the draft again, or waits where it did.
    pub(crate) async fn came_back(
        &self,
        session: &SessionId,
        message: &MessageId,
        queued: Option<QueuedPrompt>,
        sure: bool,
    ) {
        if queued.is_some() {
            let reason = "The engine took it and does not have it. It waits again.";
            self.inner.composing.note_failed(session, reason.to_owned());
        }
        let returns = queued.map_or(Returns::Draft, Returns::Queue);
        self.return_prompt(message, returns, sure, None).await;
        self.tell_composer(session.as_str()).await;
    }

    /// Puts a prompt back to where it was, with what goes with it. `told` is why, when whoever sent it is told.
    pub(super) async fn return_prompt(
        &self,
        message: &MessageId,
        returns: Returns,
        sure: bool,
        told: Option<String>,
    ) {
        let (store, from) = (self.inner.store.clone(), message.clone());
        let outcome = blocking(move || {
            match returns {
                Returns::Draft => index::prompt_returned(&store, &from, told.as_deref())?,
                Returns::Queue(prompt) => {
                    let prompt = QueuedPrompt {
                        message: (!sure).then(|| from.to_string()),
                        ..prompt
                    };
                    store.outbox_to_queue(from.as_str(), &prompt)?;
                }
                Returns::Nowhere => {
                    store.attachments_pass(from.as_str(), DRAFT_HOLDER)?;
                    store.outbox_forget(from.as_str())?;
                }
                // What went with it is nobody's, and goes with the next sweep.
                Returns::Afar(_) => {
                    store.outbox_forget(from.as_str())?;
                }
            }
            Ok(())
        })
        .await;
        self.inner.saved(outcome);
    }

    /// Whether a prompt that nobody could tell of arrived after all. Asked before it goes out again.
    ///
    /// # Errors
    /// When the engine is not to be had or does not say.
    pub(crate) async fn arrived(&self, session: &SessionId, message: &MessageId) -> Result<bool> {
        let (_, folder) = self.inner.session(session.as_str())?;
        let engine = self.inner.engine().await?;
        Ok(ask_for(&*engine, &folder, session, message).await?)
    }

    /// What is written and not sent in a session. A prompt that never arrived becomes part of it, one that did does not.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) async fn unsent(&self, session: &SessionId) -> Result<String> {
        let (store, wanted) = (self.inner.store.clone(), session.clone());
        let pending = blocking(move || index::pending(&store, &wanted))
            .await
            .and_then(std::convert::identity)
            .map_err(WorkspaceError::Internal)?;
        let mut further_back = HashSet::new();
        for message in pending {
            if !is_on_its_way(&self.inner, &message)
                && !is_in_memory(&self.inner, session, &message)
                && self.is_further_back(session, &message).await
            {
                further_back.insert(message);
            }
        }
        let (inner, wanted) = (self.inner.clone(), session.clone());
        let draft = move || {
            let is_there = |message: &MessageId| {
                further_back.contains(message) || is_in_memory(&inner, &wanted, message)
            };
            index::draft(&inner.store, &wanted, &is_there, &|message| {
                is_on_its_way(&inner, message)
            })
        };
        blocking(draft)
            .await
            .and_then(std::convert::identity)
            .map_err(WorkspaceError::Internal)
    }

    /// Whether the engine has a message that is not in memory. Where it does not say, it is taken not to: a text that is there
    /// twice is less of a loss than one that is gone.
    async fn is_further_back(&self, session: &SessionId, message: &MessageId) -> bool {
        let engine = self.inner.engine.borrow().clone();
        let (Some(engine), Ok((_, folder))) = (engine, self.inner.session(session.as_str())) else {
            return false;
        };
        let asked = has(&*engine, &folder, session, message);
        // Somebody waits for the thread to open.
        let answer = tokio::time::timeout(LOOK_PATIENCE, asked).await;
        answer.ok().flatten() == Some(true)
    }
}

/// Whether something will still be said of a prompt.
fn is_on_its_way(inner: &Inner, message: &MessageId) -> bool {
    inner.composing.is_handed_over(message.as_str()) || inner.state().is_underway(message.as_str())
}

/// What does not count any more was delivered all the same.
fn is_in_memory(inner: &Inner, session: &SessionId, message: &MessageId) -> bool {
    let state = inner.state();
    let live = state.live.get(session);
    live.is_some_and(|live| live.transcript.entry(message).is_some())
}

#[cfg(test)]
mod tests;
