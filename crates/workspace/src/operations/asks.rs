//! Answering permissions and questions.

use cowork_engine::{PermissionId, PermissionReply, QuestionId};

use crate::boxes;
use crate::error::{Result, WorkspaceError};
use crate::state::Effect;
use crate::workspace::Workspace;

/// Characters of feedback or of an answer in one's own words. The model reads it; more belongs in a prompt.
const ANSWER_CHARACTERS: usize = 10_000;

impl Workspace {
    /// Answers a request for permission.
    ///
    /// # Errors
    /// When the ask is no longer open, "always" is not offered for it, or the engine does not answer.
    pub async fn answer_permission(
        &self,
        session: &str,
        permission: &str,
        reply: PermissionReply,
    ) -> Result<()> {
        let (id, folder) = self.inner.session(session)?;
        let permission = PermissionId::from(permission);
        let ask = {
            let state = self.inner.state();
            let asks = state.live.get(&id).map(|live| live.transcript.permissions());
            asks.unwrap_or_default()
                .iter()
                .find(|ask| ask.id == permission)
                .cloned()
                .ok_or(WorkspaceError::NotFound("The request"))?
        };
        let waits = self.inner.state().waits_for_proof(&ask, &folder);
        if waits && !matches!(reply, PermissionReply::Reject { .. }) {
            boxes::await_proof(&self.inner, &folder).await;
            if self.inner.state().waits_for_proof(&ask, &folder) {
                return Err(WorkspaceError::NotAllowed(
                    "Whether its box holds is not known yet, so it was not run. Try again in a moment, or look under Health."
                        .into(),
                ));
            }
        }
        if !matches!(reply, PermissionReply::Reject { .. })
            && let Some(reason) = self.inner.state().denial(&ask, &folder)
        {
            return Err(WorkspaceError::NotAllowed(format!("It was denied: {reason}.")));
        }
        if reply == PermissionReply::Always && !cowork_policy::may_always(&ask) {
            return Err(WorkspaceError::NotAllowed(
                "This can be allowed once, but not always. Allow it once.".into(),
            ));
        }
        if let PermissionReply::Reject {
            feedback: Some(feedback),
        } = &reply
        {
            short_enough(feedback)?;
        }
        // The engine forgets what is always allowed when it ends, so it is told "once" and the rule is kept here.
        let always = reply == PermissionReply::Always;
        let reply = if always { PermissionReply::Once } else { reply };
        if always {
            self.keep_allowance(&ask, &folder).await?;
        }
        let engine = self.inner.engine().await?;
        engine.answer_permission(&folder, &permission, reply).await?;
        if always {
            let others = self.inner.state().judge_open_asks();
            let others = others
                .into_iter()
                .filter(|effect| !matches!(effect, Effect::Allow { ask, .. } if ask.id == permission));
            self.inner.carry_out(others.collect());
        }
        Ok(())
    }

    /// Answers questions: for each in order, the labels or own words chosen.
    ///
    /// # Errors
    /// When the ask is no longer open, an answer is missing, or the engine does not answer.
    pub async fn answer_question(
        &self,
        session: &str,
        question: &str,
        answers: Vec<Vec<String>>,
    ) -> Result<()> {
        let (id, folder) = self.inner.session(session)?;
        let question = QuestionId::from(question);
        {
            let state = self.inner.state();
            let ask = state
                .live
                .get(&id)
                .and_then(|live| live.transcript.questions().iter().find(|ask| ask.id == question))
                .ok_or(WorkspaceError::NotFound("The question"))?;
            if answers.len() != ask.questions.len() || answers.iter().any(Vec::is_empty) {
                return Err(WorkspaceError::InvalidInput(
                    "Each question needs an answer.".into(),
                ));
            }
        }
        for answer in answers.iter().flatten() {
            short_enough(answer)?;
        }
        Ok(self
            .inner
            .engine()
            .await?
            .answer_question(&folder, &question, answers)
            .await?)
    }

    /// Turns questions down; the turn ends.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn reject_question(&self, session: &str, question: &str) -> Result<()> {
        let (_, folder) = self.inner.session(session)?;
        Ok(self
            .inner
            .engine()
            .await?
            .reject_question(&folder, &QuestionId::from(question))
            .await?)
    }
}

fn short_enough(text: &str) -> Result<()> {
    if text.chars().count() > ANSWER_CHARACTERS {
        return Err(WorkspaceError::InvalidInput(format!(
            "An answer has up to {ANSWER_CHARACTERS} characters. Shorten it, or send it as a message."
        )));
    }
    Ok(())
}
