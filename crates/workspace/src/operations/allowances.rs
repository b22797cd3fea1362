//! What a person allowed for good. The engine forgets it when it ends, so it is kept here and answered from here.

use std::path::Path;

use cowork_engine::PermissionAsk;
use cowork_store::{NewAllowance, ORIGIN_LIMIT};

use crate::boxes;
use crate::consent::Consent;
use crate::error::{Result, WorkspaceError};
use crate::view::AllowanceRow;
use crate::workspace::{Workspace, blocking, now};

impl Workspace {
    /// The rules of "always allow", by folder, newest first.
    #[must_use]
    pub fn allowances(&self) -> Vec<AllowanceRow> {
        let state = self.inner.state();
        let rows = state.allowances.iter().map(|rule| AllowanceRow {
            id: rule.id,
            folder: rule.folder.clone(),
            agent: rule.agent.clone(),
            permission: rule.permission.clone(),
            pattern: rule.pattern.clone(),
            origin: cowork_redact::redact(&rule.origin).into_owned(),
            session: rule.session.clone(),
            created: rule.created,
        });
        rows.collect()
    }

    /// Takes a rule back: what it allowed asks again.
    ///
    /// # Errors
    /// When it is not known, or the change cannot be saved.
    pub async fn revoke_allowance(&self, id: i64) -> Result<()> {
        let store = self.inner.store.clone();
        let known = blocking(move || store.revoke(id))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
        self.inner.state().allowances.retain(|rule| rule.id != id);
        if known {
            Ok(())
        } else {
            Err(WorkspaceError::NotFound("The rule"))
        }
    }

    /// Keeps what an ask would allow for good, for its folder and its agent.
    pub(crate) async fn keep_allowance(&self, ask: &PermissionAsk, folder: &Path) -> Result<()> {
        let rules: Vec<_> = {
            let state = self.inner.state();
            let agent = state.agent_of(ask);
            let asked = ask.command.clone().unwrap_or_else(|| ask.patterns.join(", "));
            // On disk there is to be no secret that somebody typed into a command.
            let asked = cowork_redact::redact(&asked);
            let origin = asked[..asked.floor_char_boundary(ORIGIN_LIMIT)].to_owned();
            let permission = cowork_policy::permission_name(&ask.kind).to_owned();
            let rule = |pattern: &String| NewAllowance {
                folder: folder.display().to_string(),
                agent: agent.clone(),
                permission: permission.clone(),
                pattern: pattern.clone(),
                origin: origin.clone(),
                session: ask.session.to_string(),
                created: now(),
                only_in: None,
                thread: String::new(),
                edited: false,
            };
            ask.always.iter().map(rule).collect()
        };
        let store = self.inner.store.clone();
        let kept = blocking(move || {
            for rule in &rules {
                store.allow(rule)?;
            }
            store.allowances()
        });
        let all = kept
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
        self.inner.state().allowances = all;
        Ok(())
    }

    /// Lets commands run without a box in a folder where none can be had, or no longer.
    ///
    /// # Errors
    /// When consent is missing, the folder is not known, or it cannot be saved.
    pub async fn unbox_folder(&self, folder: &str, allowed: bool, consent: Consent) -> Result<()> {
        let path = self.inner.state().folders.resolve(folder)?;
        if allowed {
            consent.covers(&format!(
                "Commands the agent runs in {} can then read and change everything you can, on this whole computer, and \
                 this app too: once one has run, it can answer later asks in your place. Only the first is sure to wait \
                 for you.",
                path.display()
            ))?;
        }
        let (store, saved) = (self.inner.store.clone(), path.display().to_string());
        blocking(move || store.set_unboxed(&saved, allowed.then(now)))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
        if !allowed {
            boxes::forget_proof(&self.inner, &path);
        }
        self.inner.state().folders.set_unboxed(path.clone(), allowed);
        self.rules_changed().await;
        if !allowed {
            // What was seen to hold before commands ran without a box counts no more.
            boxes::prove(&self.inner, &path).await;
        }
        // What stands open now may be denied by now.
        let effects = self.inner.state().judge_open_asks();
        self.inner.carry_out(effects);
        self.tell_folders().await.map(drop)
    }
}
