//! What a person allowed for good. The engine forgets it when it ends, so it is kept here and answered from here.

use std::path::Path;

use cowork_engine::PermissionAsk;
use cowork_store::{NewAllowance, ORIGIN_LIMIT, THREAD_NAME_LIMIT};

use crate::always;
use crate::boxes;
use crate::consent::Consent;
use crate::error::{Result, WorkspaceError};
use crate::view::{AllowanceRow, RuleScope};
use crate::workspace::{Inner, Workspace, blocking, now};

/// Rules that were taken back and can be given back: as many as a person takes back in one look at the list.
const GIVEN_BACK: usize = 50;

impl Workspace {
    /// The rules of "always allow", by folder, newest first.
    #[must_use]
    pub fn allowances(&self) -> Vec<AllowanceRow> {
        let state = self.inner.state();
        let rows = state.allowances.iter().map(|rule| {
            let thread = state.root_of(&rule.session.as_str().into());
            let known = state.rows.get(&thread);
            AllowanceRow {
                id: rule.id,
                folder: rule.folder.clone(),
                agent: rule.agent.clone(),
                permission: rule.permission.clone(),
                // Those of before may hold a secret.
                pattern: cowork_redact::redact(&rule.pattern).into_owned(),
                origin: cowork_redact::redact(&rule.origin).into_owned(),
                session: rule.session.clone(),
                thread: known.map(|row| row.id.to_string()),
                thread_title: known.map_or_else(|| rule.thread.clone(), |row| row.title.clone()),
                thread_only: rule.only_in.is_some(),
                edited: rule.edited,
                created: rule.created,
                uses: rule.uses,
                last_used: rule.last_used,
            }
        });
        rows.collect()
    }

    /// Takes a rule back: what it allowed asks again.
    ///
    /// # Errors
    /// When it is not known, or the change cannot be saved.
    pub async fn revoke_allowance(&self, id: i64) -> Result<()> {
        let _whole = self.inner.changing_allowances.lock().await;
        let store = self.inner.store.clone();
        let known = blocking(move || store.revoke(id))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
        let mut state = self.inner.state();
        if let Some(place) = state.allowances.iter().position(|rule| rule.id == id) {
            let rule = state.allowances.remove(place);
            if state.revoked.len() == GIVEN_BACK {
                state.revoked.pop_front();
            }
            state.revoked.push_back(rule);
        }
        if known {
            Ok(())
        } else {
            Err(WorkspaceError::NotFound("The rule"))
        }
    }

    /// Gives a rule back that was taken back in this run, as it was. Nothing else can be given this way: a rule is what a
    /// person said of something that was asked.
    ///
    /// # Errors
    /// When none of this number was taken back, its folder or its thread is gone, or it cannot be saved.
    pub async fn restore_allowance(&self, id: i64) -> Result<()> {
        let _whole = self.inner.changing_allowances.lock().await;
        let rule = {
            let state = self.inner.state();
            let folders = state.folders.snapshot();
            let rule = state.revoked.iter().find(|rule| rule.id == id);
            rule.filter(|rule| {
                folders
                    .iter()
                    .any(|folder| folder.path == Path::new(&rule.folder))
            })
            .cloned()
            .ok_or(WorkspaceError::NotFound("The rule"))?
        };
        let store = self.inner.store.clone();
        let all = blocking(move || store.give_back(&rule))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
        let effects = {
            let mut state = self.inner.state();
            state.revoked.retain(|rule| rule.id != id);
            state.take_allowances(all);
            state.judge_open_asks()
        };
        self.inner.carry_out(effects);
        Ok(())
    }

    /// Keeps what the person allowed by an ask, for its agent.
    pub(crate) async fn keep_allowances(
        &self,
        ask: &PermissionAsk,
        folder: &Path,
        scope: RuleScope,
        patterns: &[String],
    ) -> Result<()> {
        let _whole = self.inner.changing_allowances.lock().await;
        let rules: Vec<_> = {
            let state = self.inner.state();
            let agent = state.agent_of(ask);
            let asked = ask.command.clone().unwrap_or_else(|| ask.patterns.join(", "));
            // On disk there is to be no secret that somebody typed into a command.
            let asked = cowork_redact::redact(&asked);
            let origin = asked[..asked.floor_char_boundary(ORIGIN_LIMIT)].to_owned();
            let permission = cowork_policy::permission_name(&ask.kind).to_owned();
            let thread = state.root_of(&ask.session);
            let title = state.rows.get(&thread).map_or("", |row| &row.title);
            let proposed = always::proposals(ask);
            let rule = |pattern: &String| NewAllowance {
                folder: folder.display().to_string(),
                agent: agent.clone(),
                permission: permission.clone(),
                pattern: pattern.clone(),
                origin: origin.clone(),
                session: ask.session.to_string(),
                created: now(),
                only_in: (scope == RuleScope::Thread).then(|| thread.to_string()),
                thread: title[..title.floor_char_boundary(THREAD_NAME_LIMIT)].to_owned(),
                edited: !proposed.iter().any(|rule| rule.choices.contains(pattern)),
            };
            patterns.iter().map(rule).collect()
        };
        let store = self.inner.store.clone();
        let all = blocking(move || store.allow_all(&rules))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
        self.inner.state().take_allowances(all);
        Ok(())
    }

    /// Lets commands run without a box in a folder where none can be had, or no longer.
    ///
    /// # Errors
    /// When consent is missing, the folder is not known, or it cannot be saved.
    pub async fn unbox_folder(&self, folder: &str, allowed: bool, consent: Consent) -> Result<()> {
        let path = self.inner.state().folders.resolve(folder)?;
        if allowed {
            consent.covers(&without_box(&path))?;
        }
        let (store, saved) = (self.inner.store.clone(), path.display().to_string());
        blocking(move || store.set_unboxed(&saved, allowed.then(now)))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
        self.take_unboxed(&path, allowed).await
    }

    /// The same for as long as this program runs. Nothing of it is kept, so that one that is killed leaves no folder open.
    ///
    /// # Errors
    /// When consent is missing or the folder is not known.
    pub async fn unbox_folder_for_now(&self, folder: &str, consent: Consent) -> Result<()> {
        let path = self.inner.state().folders.resolve(folder)?;
        consent.covers(&without_box(&path))?;
        self.take_unboxed(&path, true).await
    }

    async fn take_unboxed(&self, path: &Path, allowed: bool) -> Result<()> {
        if !allowed {
            boxes::forget_proof(&self.inner, path);
        }
        self.inner.state().folders.set_unboxed(path.to_owned(), allowed);
        self.rules_changed().await;
        if !allowed {
            // What was seen to hold before commands ran without a box counts no more.
            boxes::prove(&self.inner, path).await;
        }
        // What stands open now may be denied by now.
        let effects = self.inner.state().judge_open_asks();
        self.inner.carry_out(effects);
        self.tell_folders().await.map(drop)
    }
}

/// What somebody agrees to who lets commands run without a box.
fn without_box(folder: &Path) -> String {
    format!(
        "Commands the agent runs in {} can then read and change everything you can, on this whole computer, and this app \
         too: once one has run, it can answer later asks in your place. Only the first is sure to wait for you.",
        folder.display()
    )
}

impl Inner {
    /// Notes that rules answered an ask. That it could not be saved is told to nobody: it counts, and allows nothing.
    pub(crate) async fn rules_used(&self, rules: &[i64]) {
        let at = now();
        let _whole = self.changing_allowances.lock().await;
        for rule in &mut self.state().allowances {
            if rules.contains(&rule.id) {
                rule.uses = rule.uses.saturating_add(1);
                rule.last_used = Some(at);
            }
        }
        let (store, ids) = (self.store.clone(), rules.to_vec());
        let noted = blocking(move || store.allowances_used(&ids, at)).await;
        if let Err(error) = noted.and_then(|noted| noted.map_err(Into::into)) {
            tracing::warn!(
                error = format!("{error:#}"),
                "that a rule was used could not be written down"
            );
        }
    }
}

#[cfg(test)]
mod tests;
