//! Answering permissions and questions.

use std::path::{Path, PathBuf};

use cowork_engine::{PermissionAsk, PermissionReply, QuestionAsk, QuestionId, SessionId};

use crate::always;
use crate::boxes;
use crate::error::{Result, WorkspaceError};
use crate::state::Effect;
use crate::view::{AnswerGiven, AnsweredBy, InboxAsk, RuleCheck, RuleRefusal, RuleScope};
use crate::workspace::Workspace;

/// Characters of feedback or of an answer in one's own words. The model reads it; more belongs in a prompt.
const ANSWER_CHARACTERS: usize = 10_000;

impl Workspace {
    /// Answers a request for permission; "always" saves the rules that are proposed, for its folder.
    ///
    /// # Errors
    /// When the ask is no longer open, "always" is not offered for it, or the engine does not answer.
    pub async fn answer_permission(
        &self,
        session: &str,
        permission: &str,
        reply: PermissionReply,
    ) -> Result<()> {
        self.answer_permission_as(session, permission, reply, AnsweredBy::Person)
            .await
    }

    /// The same, by somebody else's word.
    ///
    /// # Errors
    /// As [`Workspace::answer_permission`].
    pub(crate) async fn answer_permission_as(
        &self,
        session: &str,
        permission: &str,
        reply: PermissionReply,
        by: AnsweredBy,
    ) -> Result<()> {
        let (ask, folder) = self.open_ask(session, permission)?;
        if reply == PermissionReply::Always {
            let patterns = always::proposals(&ask).into_iter();
            let patterns = patterns.map(|rule| rule.pattern).collect();
            return self.allow_by(&ask, &folder, RuleScope::Folder, patterns).await;
        }
        self.may_be_answered(&ask, &folder, &reply).await?;
        if let PermissionReply::Reject {
            feedback: Some(feedback),
        } = &reply
        {
            short_enough(feedback)?;
        }
        let asked = self.inner.asked(&ask);
        let (given, because) = match &reply {
            PermissionReply::Reject { feedback } => {
                (AnswerGiven::Denied, feedback.clone().unwrap_or_default())
            }
            _ => (AnswerGiven::Once, String::new()),
        };
        let engine = self.inner.engine().await?;
        engine.answer_permission(&folder, &ask.id, reply).await?;
        self.inner.note_answer(asked, given, by, &because).await;
        Ok(())
    }

    /// Allows what is asked for, and from now on whatever rules of these patterns cover, in its thread or its folder.
    ///
    /// # Errors
    /// When the ask is no longer open, may not be allowed for good, a rule is refused or does not cover it, or the
    /// engine does not answer.
    pub async fn allow_with_rules(
        &self,
        session: &str,
        permission: &str,
        scope: RuleScope,
        patterns: Vec<String>,
    ) -> Result<()> {
        let (ask, folder) = self.open_ask(session, permission)?;
        self.allow_by(&ask, &folder, scope, patterns).await
    }

    /// Says what rules of these patterns would come to for an ask.
    ///
    /// # Errors
    /// When the ask is no longer open.
    pub fn check_rules(&self, session: &str, permission: &str, patterns: &[String]) -> Result<RuleCheck> {
        let (ask, _) = self.open_ask(session, permission)?;
        let refused = |pattern: &String| always::refused_rule(&ask, pattern);
        let all: Vec<_> = patterns.iter().map(String::as_str).collect();
        Ok(RuleCheck {
            refused: patterns.iter().map(refused).collect(),
            covers: cowork_policy::rules_cover(&ask, &all),
        })
    }

    /// All of something that waits in a thread; neither a permission nor a question when it is gone.
    ///
    /// # Errors
    /// When the thread is not known.
    pub fn inbox_ask(&self, thread: &str, ask: &str) -> Result<InboxAsk> {
        let (id, _) = self.inner.session(thread)?;
        Ok(self.inner.state().inbox_ask(&id, ask))
    }

    fn open_ask(&self, session: &str, permission: &str) -> Result<(PermissionAsk, PathBuf)> {
        let (id, folder) = self.inner.session(session)?;
        let state = self.inner.state();
        let asks = state.live.get(&id).map(|live| live.transcript.permissions());
        let ask = asks
            .unwrap_or_default()
            .iter()
            .find(|ask| ask.id.as_str() == permission)
            .cloned()
            .ok_or(WorkspaceError::NotFound("The request"))?;
        Ok((ask, folder))
    }

    /// Refuses an answer that allows what is denied by now, or what no box is known to hold.
    async fn may_be_answered(
        &self,
        ask: &PermissionAsk,
        folder: &Path,
        reply: &PermissionReply,
    ) -> Result<()> {
        if matches!(reply, PermissionReply::Reject { .. }) {
            return Ok(());
        }
        let waits = self.inner.state().waits_for_proof(ask, folder);
        if waits {
            boxes::await_proof(&self.inner, folder).await;
            if self.inner.state().waits_for_proof(ask, folder) {
                return Err(WorkspaceError::NotAllowed(
                    "Whether its box holds is not known yet, so it was not run. Try again in a moment, or look under Health."
                        .into(),
                ));
            }
        }
        match self.inner.state().denial(ask, folder) {
            Some(reason) => Err(WorkspaceError::NotAllowed(format!("It was denied: {reason}."))),
            None => Ok(()),
        }
    }

    async fn allow_by(
        &self,
        ask: &PermissionAsk,
        folder: &Path,
        scope: RuleScope,
        patterns: Vec<String>,
    ) -> Result<()> {
        self.may_be_answered(ask, folder, &PermissionReply::Always)
            .await?;
        if !cowork_policy::may_always(ask) {
            return Err(WorkspaceError::NotAllowed(
                "This can be allowed once, but not always. Allow it once.".into(),
            ));
        }
        for pattern in &patterns {
            if let Some(refused) = always::refused_rule(ask, pattern) {
                return Err(WorkspaceError::InvalidInput(refused_words(refused).into()));
            }
        }
        let all: Vec<_> = patterns.iter().map(String::as_str).collect();
        if !cowork_policy::rules_cover(ask, &all) {
            return Err(WorkspaceError::InvalidInput(
                "The rule does not cover what is asked for. Widen it, or allow this once.".into(),
            ));
        }
        let asked = self.inner.asked(ask);
        // The engine forgets what is always allowed when it ends, so it is told "once" and the rule is kept here.
        self.keep_allowances(ask, folder, scope, &patterns).await?;
        let engine = self.inner.engine().await?;
        engine
            .answer_permission(folder, &ask.id, PermissionReply::Once)
            .await?;
        self.inner
            .note_answer(
                asked,
                AnswerGiven::Always,
                AnsweredBy::Person,
                &patterns.join(", "),
            )
            .await;
        let others = self.inner.state().judge_open_asks();
        let others = others
            .into_iter()
            .filter(|effect| !matches!(effect, Effect::Allow { ask: other, .. } if other.id == ask.id));
        self.inner.carry_out(others.collect());
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
        self.answer_question_as(session, question, answers, AnsweredBy::Person)
            .await
    }

    /// The same, by somebody else's word.
    ///
    /// # Errors
    /// As [`Workspace::answer_question`].
    pub(crate) async fn answer_question_as(
        &self,
        session: &str,
        question: &str,
        answers: Vec<Vec<String>>,
        by: AnsweredBy,
    ) -> Result<()> {
        let (id, folder) = self.inner.session(session)?;
        let question = QuestionId::from(question);
        let ask = self
            .open_question(&id, &question)
            .ok_or(WorkspaceError::NotFound("The question"))?;
        if answers.len() != ask.questions.len() || answers.iter().any(Vec::is_empty) {
            return Err(WorkspaceError::InvalidInput(
                "Each question needs an answer.".into(),
            ));
        }
        for answer in answers.iter().flatten() {
            short_enough(answer)?;
        }
        let asked = self.inner.asked_question(&id, &ask);
        let said = answers.concat().join(", ");
        let engine = self.inner.engine().await?;
        engine.answer_question(&folder, &question, answers).await?;
        self.inner
            .note_answer(asked, AnswerGiven::Answered, by, &said)
            .await;
        Ok(())
    }

    fn open_question(&self, session: &SessionId, question: &QuestionId) -> Option<QuestionAsk> {
        let state = self.inner.state();
        let questions = state.live.get(session)?.transcript.questions();
        questions.iter().find(|ask| ask.id == *question).cloned()
    }

    /// Turns questions down; the turn ends.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn reject_question(&self, session: &str, question: &str) -> Result<()> {
        self.reject_question_as(session, question, AnsweredBy::Person)
            .await
    }

    /// The same, by somebody else's word.
    ///
    /// # Errors
    /// As [`Workspace::reject_question`].
    pub(crate) async fn reject_question_as(
        &self,
        session: &str,
        question: &str,
        by: AnsweredBy,
    ) -> Result<()> {
        let (id, folder) = self.inner.session(session)?;
        let question = QuestionId::from(question);
        let ask = self.open_question(&id, &question);
        let asked = ask.and_then(|ask| self.inner.asked_question(&id, &ask));
        let engine = self.inner.engine().await?;
        engine.reject_question(&folder, &question).await?;
        self.inner.note_answer(asked, AnswerGiven::Skipped, by, "").await;
        Ok(())
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

/// For who did not ask beforehand; the window has its own words.
fn refused_words(refused: RuleRefusal) -> &'static str {
    match refused {
        RuleRefusal::Empty => "A rule says what it allows. Write a pattern.",
        RuleRefusal::TooLong => "The rule is too long. Shorten it.",
        RuleRefusal::Hidden => "The rule holds characters that cannot be seen. Write it anew.",
        RuleRefusal::Dangerous => "What the rule names is asked for each time, so no rule allows it.",
        RuleRefusal::Secret => {
            "The rule holds what looks like a key or a password, and rules are written down. Put a * in its place."
        }
        RuleRefusal::TooWide => "The rule would allow almost anything. Name more of what it is for.",
    }
}
