//! Making a thread out of the beginning of another.

use cowork_engine::{MessageId, Role, SessionId, SessionStatus};
use cowork_transcript::{Entry, Transcript};

use super::attachments::WentWith;
use super::sessions::TITLE_CHARACTERS;
use crate::error::{Result, WorkspaceError};
use crate::index;
use crate::state::Effect;
use crate::view::ForkedThread;
use crate::workspace::{Workspace, blocking};

/// Where a new thread leaves the old one.
#[derive(Debug, PartialEq, Eq)]
struct Parting {
    /// The first message that is not taken along; none when all are.
    before: Option<MessageId>,
    /// The prompt that was chosen, to be written anew.
    prompt: Option<MessageId>,
}

impl Workspace {
    /// Makes a thread that begins as another one does: from a prompt on, what stands before it, and its text waits in the
    /// composer; from an answer on, all up to the end of its turn; else all of it but a turn that runs. Files are the
    /// folder's, and stay as they are.
    ///
    /// # Errors
    /// When the session or the message is not known, or the engine does not answer.
    pub async fn fork_session(
        &self,
        session: &str,
        message: Option<&str>,
        title: &str,
    ) -> Result<ForkedThread> {
        let (id, folder) = self.inner.session(session)?;
        self.load(&id).await?;
        if let Some(message) = message {
            self.read_back_to(&id, message).await?;
        }
        let Parting { before, prompt } = self
            .parting(&id, message.map(MessageId::from).as_ref())
            .ok_or(WorkspaceError::NotFound("The message"))?;
        let (written, with) = match prompt {
            Some(prompt) => (
                self.message_source(session, prompt.as_str())?,
                self.went_with(&id, &folder, &prompt).await,
            ),
            None => (String::new(), WentWith::nothing()),
        };
        let engine = self.inner.engine().await?;
        let mut forked = engine.fork_session(&folder, &id, before.as_ref()).await?;
        let title: String = title.trim().chars().take(TITLE_CHARACTERS).collect();
        if !title.is_empty() {
            match engine.rename_session(&folder, &forked.id, &title).await {
                Ok(renamed) => forked = renamed,
                // It has a title already that says that it is a fork, in the engine's words.
                Err(error) => tracing::warn!(%error, "a forked thread keeps the engine's title"),
            }
        }
        if !written.is_empty() {
            let (store, new) = (self.inner.store.clone(), forked.id.clone());
            let outcome = blocking(move || index::save_draft(&store, &new, &written)).await;
            self.inner.saved(outcome);
        }
        let mut effects = Vec::new();
        let row = {
            let mut state = self.inner.state();
            state.session_changed(&forked, &mut effects);
            let old = state.rows.get(&id);
            let (agent, model) = old
                .map(|row| (row.agent.clone(), row.model.clone()))
                .unwrap_or_default();
            let row = state.choose(&forked.id, agent, model);
            effects.extend(row.clone().map(Effect::Store));
            row
        };
        self.inner.carry_out(effects);
        let again = self.attach_again(forked.id.as_str(), with).await;
        row.map(|row| ForkedThread {
            thread: row.view(),
            missing: again.missing,
        })
        .ok_or(WorkspaceError::NotFound("The thread"))
    }

    fn parting(&self, session: &SessionId, message: Option<&MessageId>) -> Option<Parting> {
        let state = self.inner.state();
        parting(&state.live.get(session)?.transcript, message)
    }
}

/// None when the message is not there.
fn parting(transcript: &Transcript, message: Option<&MessageId>) -> Option<Parting> {
    let entries = transcript.messages();
    let id = |entry: &Entry| entry.message.id.clone();
    let is_prompt = |entry: &&Entry| entry.message.role == Role::User;
    // What does not count any more is not taken along.
    let end = || transcript.set_aside().first().map(id);
    let Some(message) = message else {
        let running = *transcript.status() != SessionStatus::Idle;
        let last = running.then(|| entries.iter().rfind(is_prompt).map(id)).flatten();
        return Some(Parting {
            before: last.or_else(end),
            prompt: None,
        });
    };
    let place = transcript.position(message)?;
    let chosen = entries.get(place)?;
    if chosen.message.role == Role::User {
        return Some(Parting {
            before: Some(id(chosen)),
            prompt: Some(id(chosen)),
        });
    }
    let next = entries.get(place..)?.iter().find(is_prompt).map(id);
    Some(Parting {
        before: next.or_else(end),
        prompt: None,
    })
}
