//! What became of a command that a crash cut off, as far as anybody can tell.

use std::time::Duration;

use cowork_engine::{EngineError, MessageId, SessionId};
use cowork_pairing::commands::{Asked, Reconciled};
use cowork_pairing::policy::Work;
use serde_json::json;

use super::making::Made;
use super::{Doer, Refused, completed};
use crate::error::WorkspaceError;
use crate::workspace::{Workspace, blocking};

/// How long an engine that starts is waited for before nobody can tell what became of a command.
const STARTS_WITHIN: Duration = Duration::from_mins(5);

impl Doer {
    pub(super) async fn look_for(&self, asked: &Asked) -> Result<Reconciled, Refused> {
        let workspace = self.workspace()?;
        let (store, pairing, id) = (
            workspace.inner.store.clone(),
            self.pairing.clone(),
            asked.command.id.clone(),
        );
        let kept = blocking(move || Ok::<_, anyhow::Error>(store.remote_command(&pairing, &id)?)).await??;
        let mark = kept.and_then(|kept| kept.mark);
        if mark.is_some() {
            // It starts with the app, and this is asked first of all. Without one nobody can tell.
            let engine = workspace.inner.next_engine();
            if !matches!(tokio::time::timeout(STARTS_WITHIN, engine).await, Ok(Some(_))) {
                return Ok(Reconciled::Unknown);
            }
        }
        match &asked.work {
            Work::Prompt(_) => {
                let Some(mark) = mark else {
                    return Ok(Reconciled::NotDone);
                };
                let (session, _) = self.session(&workspace, asked)?;
                self.look_for_prompt(&workspace, &session, &mark).await
            }
            Work::CreateSession(_) => {
                let Some(mark) = mark else {
                    return Ok(Reconciled::NotDone);
                };
                match serde_json::from_str::<Made>(&mark) {
                    Ok(made) => self.look_for_session(&workspace, made).await,
                    // Its first prompt was about to go out: the session is there, and shared.
                    Err(_) => Ok(Reconciled::Unknown),
                }
            }
            // What ran in an engine that ended with the app runs no more.
            Work::Abort | Work::Status | Work::Revoke => Ok(Reconciled::NotDone),
            // What an engine asked ended with it: nobody can tell whether this answer came first.
            Work::Permission(_) | Work::Reply(_) | Work::Reject(_) => Ok(Reconciled::Unknown),
        }
    }

    async fn look_for_prompt(
        &self,
        workspace: &Workspace,
        session: &SessionId,
        mark: &str,
    ) -> Result<Reconciled, Refused> {
        if workspace.arrived(session, &MessageId::from(mark)).await? {
            let mut result = completed();
            result.data = Some(json!({ "message": mark }));
            return Ok(Reconciled::Done(result));
        }
        // It is sent anew, and must not come back as what a person wrote here.
        let (store, mark) = (workspace.inner.store.clone(), mark.to_owned());
        let was_there = blocking(move || Ok::<_, anyhow::Error>(store.outbox_forget(&mark)?)).await??;
        // What went with it is attached anew with it.
        workspace.sweep_attachments().await;
        if was_there {
            Ok(Reconciled::NotDone)
        } else {
            // It never went that far, or is in the person's draft by now.
            Ok(Reconciled::Unknown)
        }
    }

    async fn look_for_session(&self, workspace: &Workspace, made: Made) -> Result<Reconciled, Refused> {
        let engine = workspace.inner.engine().await?;
        let sessions = match engine.sessions(&made.folder).await {
            Ok(sessions) => sessions,
            Err(EngineError::NotFound(_)) => Vec::new(),
            Err(error) => return Err(WorkspaceError::from(error).into()),
        };
        let mut found = sessions
            .into_iter()
            .filter(|session| session.parent.is_none() && (made.alone || session.created >= made.since));
        match (found.next(), found.next()) {
            (None, _) => Ok(Reconciled::NotDone),
            (Some(session), None) => {
                let mut effects = Vec::new();
                workspace.inner.state().session_changed(&session, &mut effects);
                workspace.inner.carry_out(effects);
                self.share(workspace, session.id.as_str()).await?;
                Ok(Reconciled::Done(self.made(workspace, session.id.as_str())?))
            }
            // One of them may be the person's own.
            _ => Ok(Reconciled::Unknown),
        }
    }
}
