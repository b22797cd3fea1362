//! What fills a model's context, and having it summed up.

use cowork_engine::{Role, SessionStatus};

use crate::error::{Result, WorkspaceError};
use crate::view::ContextFill;
use crate::workspace::Workspace;

impl Workspace {
    /// Has what was said in a session summed up, so that the summary takes its place in the model's context. Comes back
    /// when that is done.
    ///
    /// # Errors
    /// When a turn runs, no model is chosen, or the engine does not do it.
    pub async fn compact_session(&self, session: &str, model: Option<&str>) -> Result<()> {
        let (id, folder) = self.inner.session(session)?;
        let engine = self.inner.engine().await?;
        let (_, model) = self.chosen(&id, None, model.map(str::to_owned))?;
        let (reference, _) = super::prompts::model_of(model.as_deref())?;
        let reference = reference.ok_or_else(|| {
            WorkspaceError::InvalidInput("No model is chosen. Choose one, then compact again.".into())
        })?;
        {
            let state = self.inner.state();
            let live = state.live.get(&id);
            if live.is_some_and(|live| *live.transcript.status() != SessionStatus::Idle) {
                return Err(WorkspaceError::InvalidInput(
                    "A turn is running in this thread. Stop it or wait for its end, then compact.".into(),
                ));
            }
            if live.is_none_or(|live| live.transcript.messages().is_empty()) {
                return Err(WorkspaceError::InvalidInput(
                    "Nothing was said in this thread yet, so there is nothing to compact.".into(),
                ));
            }
        }
        if !self.inner.composing.begin_compacting(&id) {
            return Err(WorkspaceError::InvalidInput(
                "This thread is being compacted already.".into(),
            ));
        }
        self.tell_composer(session).await;
        let workspace = self.clone();
        // By itself: who asked may be gone before it is done, and what is marked as under way has to end.
        let done = tokio::spawn(async move {
            let done = engine.compact(&folder, &id, &reference).await;
            workspace.inner.composing.end_compacting(&id);
            if done.is_ok() {
                // The turn that did it may have ended before that was answered: what waits was held until now.
                crate::composing::turn_ended(&workspace.inner, &id).await;
            } else {
                workspace.tell_composer(id.as_str()).await;
            }
            done
        });
        Ok(done
            .await
            .map_err(|error| WorkspaceError::Internal(error.into()))??)
    }

    /// What fills the context of a session's model, as it was counted at the last answer.
    ///
    /// # Errors
    /// When the session is not known.
    pub fn context_fill(&self, session: &str) -> Result<ContextFill> {
        let (id, _) = self.inner.session(session)?;
        let state = self.inner.state();
        let size = state.surroundings(&id).status.context_size;
        let answers = state.live.get(&id).map(|live| live.transcript.messages());
        let last = answers
            .unwrap_or_default()
            .iter()
            .rev()
            .find(|entry| entry.message.role == Role::Assistant && entry.message.usage.context() > 0);
        let Some(last) = last else {
            return Ok(ContextFill {
                size,
                ..ContextFill::default()
            });
        };
        let usage = &last.message.usage;
        Ok(ContextFill {
            size,
            used: usage.context(),
            input: usage.input,
            cached: usage.cache_read + usage.cache_write,
            output: usage.output,
            reasoning: usage.reasoning,
            model: last.message.model.as_ref().map(ToString::to_string),
        })
    }
}
