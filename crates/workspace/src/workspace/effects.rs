//! What changes of the state ask of the engine and the disk.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use cowork_engine::{EngineError, PermissionAsk, PermissionReply};

use super::{Inner, now};
use crate::error::WorkspaceError;
use crate::state::Effect;
use crate::{Workspace, composing, engine, view};

impl Inner {
    /// Carries out what changes of the state ask for, and wakes the feed.
    pub(crate) fn carry_out(self: &Arc<Self>, effects: Vec<Effect>) {
        self.feed.changed();
        self.wake_pairings(&effects);
        let mut others = Vec::new();
        {
            let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
            for effect in effects {
                match effect {
                    Effect::Store(row) => {
                        unsaved.insert(row.id.clone(), Some(row));
                    }
                    Effect::Remove(session) => {
                        unsaved.insert(session, None);
                    }
                    other => others.push(other),
                }
            }
            if !unsaved.is_empty() {
                self.save.notify_one();
            }
        }
        if others.is_empty() {
            return;
        }
        let inner = self.clone();
        // Not awaited: the event stream must wait neither for the engine nor for the disk.
        tokio::spawn(async move {
            for effect in others {
                inner.carry_out_one(effect).await;
            }
        });
    }

    async fn carry_out_one(self: &Arc<Self>, effect: Effect) {
        match effect {
            Effect::Store(_) | Effect::Remove(_) => {}
            Effect::Allow { ask, folder, rules } => self.allow(*ask, &folder, &rules).await,
            Effect::Refuse { ask, folder, reason } => {
                tracing::warn!(permission = ?ask.kind, reason, "an ask was refused by policy");
                self.refuse(&ask, &folder, &reason).await;
                if let cowork_engine::PermissionKind::Other(_) = ask.kind {
                    self.state()
                        .notice(view::NoticeKind::UnknownPermissionDenied, reason, now());
                    self.feed.changed();
                }
            }
            Effect::Delivered(session, message) => {
                let workspace = Workspace { inner: self.clone() };
                // By itself: what comes next may be an answer that a turn waits for, and the disk may be slow.
                tokio::spawn(async move { workspace.settle(&session, &message).await });
            }
            Effect::LookFor(session, message) => {
                let workspace = Workspace { inner: self.clone() };
                // By itself: the engine may be away.
                tokio::spawn(async move { workspace.look_for(&session, &message).await });
            }
            Effect::Returned {
                session,
                message,
                queued,
                sure,
            } => {
                let workspace = Workspace { inner: self.clone() };
                workspace.came_back(&session, &message, queued, sure).await;
            }
            Effect::TurnEnded(session) => {
                let inner = self.clone();
                // By itself: the next prompt may wait for an engine that starts, and what comes next may be an answer that a
                // turn waits for.
                tokio::spawn(async move { composing::turn_ended(&inner, &session).await });
            }
            Effect::Quiet(folder) => engine::quiet(self, &folder).await,
            Effect::ReadOlder(session) => {
                let workspace = Workspace { inner: self.clone() };
                // By itself: an engine takes seconds for them, or is away, and what comes next may be an answer that a
                // turn waits for.
                tokio::spawn(async move {
                    // The window knows that there are older ones, and can ask for them.
                    if let Err(error) = workspace.read_older(&session, true).await {
                        tracing::warn!(%error, "the messages before those that are gone could not be read");
                    }
                    workspace.inner.feed.changed();
                });
            }
        }
    }

    /// Answers an ask by a rule of the person's. Where that cannot be said the person is asked after all.
    async fn allow(self: &Arc<Self>, ask: PermissionAsk, folder: &Path, rules: &[i64]) {
        let asked = self.asked(&ask);
        // The engine that asked, not the one that may come after it.
        let engine = self.engine.borrow().clone();
        let answered = match engine {
            Some(engine) => engine
                .answer_permission(folder, &ask.id, PermissionReply::Once)
                .await
                .map_err(WorkspaceError::from),
            None => Err(WorkspaceError::EngineNotReady(
                "The engine that asked is gone.".into(),
            )),
        };
        if answered.is_ok() {
            self.rules_used(rules).await;
            let patterns = self.patterns_of(rules);
            self.note_answer(
                asked,
                view::AnswerGiven::Always,
                view::AnsweredBy::Rule,
                &patterns,
            )
            .await;
        }
        // One that is gone was answered already, or went with its engine.
        let gone = matches!(
            answered,
            Err(WorkspaceError::Engine(EngineError::NotFound(_)) | WorkspaceError::EngineNotReady(_))
        );
        if let Err(error) = answered
            && !gone
        {
            tracing::warn!(%error, "an ask that a rule allows could not be answered");
            let mut effects = Vec::new();
            self.state().show_ask(ask, now(), &mut effects);
            self.carry_out(effects);
        }
    }

    /// Answers an ask with no; where that cannot be said, the turn that waits for it is stopped.
    async fn refuse(&self, ask: &PermissionAsk, folder: &Path, reason: &str) {
        let engine = self.engine.borrow().clone();
        let Some(engine) = engine else { return };
        let asked = self.asked(ask);
        let reply = PermissionReply::Reject {
            feedback: Some(reason.to_owned()),
        };
        let answered = engine.answer_permission(folder, &ask.id, reply).await;
        if answered.is_ok() {
            self.note_answer(asked, view::AnswerGiven::Denied, view::AnsweredBy::Policy, reason)
                .await;
        }
        if let Err(error) = answered
            && !matches!(error, EngineError::NotFound(_))
        {
            tracing::warn!(%error, "refusing a permission; its turn is stopped");
            if let Err(error) = engine.abort(folder, &ask.session).await {
                tracing::error!(%error, "stopping a turn that asks for what is refused");
            }
        }
    }
}
