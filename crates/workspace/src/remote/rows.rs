//! What is kept of each pairing: read at a start, within what the build allows, and changed in one place.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cowork_brand::Brand;
use cowork_store::{NewAuditRow, Pairing, PairingState as Kept, Store};

use super::presence::Presence;
use super::shared::{Known, Standing};
use crate::error::{Result, WorkspaceError};
use crate::folders::folder_id;
use crate::state::State;
use crate::view::{self, PairingPolicy, PairingState, PairingTrouble, RemoteAnswers};
use crate::workspace::{Inner, blocking, now};

/// What there is of pairings in the store, put into the state.
pub(crate) fn begin(store: &Store, brand: &Brand, state: &mut State) -> anyhow::Result<()> {
    state.remote.forbidden = !brand.pairing.allowed;
    state.remote.remote_answers_forbidden = !brand.pairing.remote_answers;
    for pairing in store.pairings()? {
        let mut known = known(store, pairing)?;
        if state.remote.remote_answers_forbidden {
            hold_to_the_ceiling(store, &mut known)?;
        }
        unshare_what_is_not_granted(store, state, &mut known)?;
        state.remote.pairings.push(known);
    }
    Ok(())
}

/// A pairing with what it shares.
pub(crate) fn known(store: &Store, pairing: Pairing) -> anyhow::Result<Known> {
    let policy = policy_of(&pairing.policy);
    let folders: BTreeSet<PathBuf> = store
        .shared_folders(&pairing.id)?
        .into_iter()
        .map(PathBuf::from)
        .collect();
    let last = store.last_command(&pairing.id)?;
    let state = match pairing.state {
        Kept::Waiting => PairingState::Waiting,
        Kept::Expired => PairingState::Expired,
        Kept::Revoking => PairingState::Revoking,
        Kept::Revoked => PairingState::Revoked,
        Kept::Paired if pairing.paused => PairingState::Paused,
        Kept::Paired => PairingState::Connecting,
    };
    Ok(Known {
        policy,
        folders,
        threads: store.shared_threads(&pairing.id)?,
        standing: Standing {
            state,
            since: pairing.changed,
            trouble: (pairing.state == Kept::Revoked).then_some(PairingTrouble::RevokedThere),
            detail: String::new(),
            last_answer: pairing.last_answer,
            next_try: None,
        },
        waiting: store.waiting_events(&pairing.id)?.rows,
        shown_waiting: 0,
        last_command: last.map(|command| view::PairingCommand {
            kind: command.kind,
            who: command.who,
            status: command.result.and_then(|result| {
                let result: cowork_pairing_protocol::wire::CommandResult =
                    serde_json::from_str(&result).ok()?;
                Some(super::kept::spelled(result.status))
            }),
            at: command.received,
        }),
        behind_proxy: false,
        presence: Presence::default(),
        pairing,
    })
}

/// A policy that lets nothing in, and out no more than what is said.
fn closed() -> PairingPolicy {
    PairingPolicy {
        prompts: false,
        abort: false,
        approvals: RemoteAnswers::Disabled,
        questions: RemoteAnswers::Disabled,
        artifact_bodies: false,
        local_paths: false,
        tool_servers: false,
        attachments: false,
    }
}

/// A policy as it was kept. What of it is not there, or is of another version and cannot be read, is closed: the person may
/// have closed it.
fn policy_of(kept: &str) -> PairingPolicy {
    let Ok(serde_json::Value::Object(mut kept)) = serde_json::from_str(kept) else {
        return closed();
    };
    let Ok(serde_json::Value::Object(mut fields)) = serde_json::to_value(closed()) else {
        return closed();
    };
    for (name, value) in &mut fields {
        let shut = value.clone();
        if let Some(kept) = kept.remove(name) {
            *value = kept;
        }
        // Each by itself, so that one that cannot be read does not shut the others.
        let is_readable = match &shut {
            serde_json::Value::Bool(_) => value.is_boolean(),
            _ => serde_json::from_value::<RemoteAnswers>(value.clone()).is_ok(),
        };
        if !is_readable {
            *value = shut;
        }
    }
    serde_json::from_value(serde_json::Value::Object(fields)).unwrap_or_else(|_| closed())
}

/// What was agreed to before the build forbade it counts no more, and does not come back by itself when the build allows it
/// again.
fn hold_to_the_ceiling(store: &Store, known: &mut Known) -> anyhow::Result<()> {
    let before = known.policy;
    for answers in [&mut known.policy.approvals, &mut known.policy.questions] {
        if *answers == RemoteAnswers::RemoteAllowed {
            *answers = RemoteAnswers::LocalConfirmation;
        }
    }
    if known.policy == before {
        return Ok(());
    }
    known.pairing.policy = serde_json::to_string(&known.policy)?;
    store.put_pairing(&known.pairing)?;
    let row = NewAuditRow {
        pairing: known.pairing.id.clone(),
        label: known.pairing.label.clone(),
        action: "pairing.updated".to_owned(),
        who: None,
        detail: "answers from afar are confirmed here from now on, as this build wants it".to_owned(),
        at: now(),
    };
    Ok(store.add_audit(&[row])?)
}

/// A folder that is not on the list is not shared, and could not be taken out of what is.
fn unshare_what_is_not_granted(store: &Store, state: &State, known: &mut Known) -> anyhow::Result<()> {
    let before = known.folders.len();
    known
        .folders
        .retain(|path| state.folders.resolve(&folder_id(path)).is_ok());
    if known.folders.len() == before {
        return Ok(());
    }
    let kept: Vec<String> = known
        .folders
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    Ok(store.share_folders(&known.pairing.id, &kept)?)
}

impl Inner {
    /// Changes what is kept of a pairing, as it is at this moment, in the store and then in memory. The one place beside
    /// [`Inner::keep_state`] that does: who reads a row, waits and writes it undoes what happened meanwhile.
    ///
    /// # Errors
    /// When it is not known, `change` does not allow it, or it cannot be saved; then it is as before.
    pub(crate) async fn change_pairing(
        &self,
        pairing: &str,
        change: impl FnOnce(&mut Pairing) -> Result<()> + Send,
    ) -> Result<Pairing> {
        let _one = self.remote.keeping.lock().await;
        let mut row = {
            let held = self.state();
            let known = held.remote.find(pairing);
            known
                .map(|known| known.pairing.clone())
                .ok_or(WorkspaceError::NotFound("The pairing"))?
        };
        change(&mut row)?;
        let (store, kept) = (self.store.clone(), row.clone());
        blocking(move || store.put_pairing(&kept))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(not_kept)?;
        if let Some(known) = self.state().remote.find_mut(pairing) {
            known.pairing = row.clone();
        }
        Ok(row)
    }

    /// Notes how far a pairing is, if it is still as it has to be for that. In memory that holds at once: an end must not
    /// wait for a disk. Whether it was.
    pub(super) async fn keep_state(
        &self,
        pairing: &str,
        is_still: impl Fn(&Pairing) -> bool + Send,
        state: Kept,
        expires: Option<i64>,
    ) -> bool {
        let _one = self.remote.keeping.lock().await;
        let row = {
            let mut held = self.state();
            let Some(known) = held.remote.find_mut(pairing) else {
                return false;
            };
            if !is_still(&known.pairing) {
                return false;
            }
            (known.pairing.state, known.pairing.expires, known.pairing.changed) = (state, expires, now());
            known.pairing.clone()
        };
        let store = self.store.clone();
        let kept = blocking(move || Ok(store.put_pairing(&row)?)).await;
        self.saved(kept);
        true
    }
}

/// That something of a pairing was not kept, as a person is told.
pub(crate) fn not_kept(error: cowork_store::StoreError) -> WorkspaceError {
    use cowork_store::StoreError;
    match error {
        StoreError::TooMany { .. } | StoreError::TooLong { .. } => {
            WorkspaceError::InvalidInput(crate::engine::sentence(&error.to_string()))
        }
        error => WorkspaceError::NotSaved(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_of_a_policy_cannot_be_read_is_closed() {
        assert_eq!(policy_of(""), closed());
        assert_eq!(policy_of("{}"), closed());
        let open = PairingPolicy {
            attachments: true,
            approvals: RemoteAnswers::RemoteAllowed,
            ..PairingPolicy::default()
        };
        let written = serde_json::to_string(&open).unwrap();
        assert_eq!(policy_of(&written), open);
        let later = r#"{"prompts":true,"abort":"sometimes","approvals":"byTwo","questions":"localConfirmation","more":1}"#;
        let expected = PairingPolicy {
            prompts: true,
            questions: RemoteAnswers::LocalConfirmation,
            ..closed()
        };
        assert_eq!(policy_of(later), expected);
    }
}
