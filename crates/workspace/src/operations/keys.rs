//! All keys at once: forgetting them, and renewing the one that seals the large ones.

use std::collections::BTreeSet;

use super::providers::changed;
use crate::error::{Result, WorkspaceError};
use crate::index;
use crate::providers::{Keeper, secrets, sign_in, test};
use crate::view::KeyState;
use crate::workspace::{Workspace, blocking};

impl Workspace {
    /// Forgets all keys and all sign-ins that the app keeps, and ends all pairings, whose tokens are keys, too. Providers
    /// that want a key stay and are left out until they have one again; those that were signed in at go, since nothing
    /// else made them. Sign-ins that the engine keeps are its own.
    ///
    /// # Errors
    /// When something cannot be taken out of where it is kept. What can be is, and is shown.
    pub async fn forget_all_keys(&self) -> Result<()> {
        let inner = &self.inner;
        // Either would bring or use a key that is to go.
        sign_in::stop(inner);
        test::stop(inner);
        self.end_all_pairings().await;
        let _whole = inner.changing_providers.lock().await;
        let before = inner.state().providers.clone();
        let signed_in: Vec<_> = before
            .iter()
            .filter(|known| known.details.sign_in == Some(Keeper::App))
            .collect();
        let mut outcome = Ok(());
        // Twice, since a renewal that was under way may have kept new tokens in between.
        for _ in 0..2 {
            for known in &signed_in {
                if let Some(keeper) = inner.sign_ins.keeper(inner, &known.id) {
                    keeper.forget().await;
                }
            }
            outcome = inner.vault.forget_all().await;
        }
        let entries = inner
            .vault
            .list()
            .await
            .map_err(|error| WorkspaceError::NotSaved(secrets::why(&error)))?;
        let left: BTreeSet<_> = entries.iter().map(|entry| entry.name.clone()).collect();
        let is_gone = |name: anyhow::Result<_>| name.is_ok_and(|name| !left.contains(&name));
        let mut gone = Vec::new();
        for known in &signed_in {
            if is_gone(secrets::sign_in_name(&known.id)) {
                let (store, id) = (inner.store.clone(), known.id.clone());
                blocking(move || index::remove_provider(&store, &id))
                    .await
                    .and_then(std::convert::identity)
                    .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
                gone.push(known.id.clone());
            }
        }
        {
            let mut state = inner.state();
            let mut providers = state.providers.clone();
            providers.retain(|known| !gone.contains(&known.id));
            for known in &mut providers {
                let wants_key = known.details.wants_key && known.details.sign_in.is_none();
                if wants_key && is_gone(secrets::key_name(&known.id)) {
                    known.key = KeyState::Missing;
                }
            }
            state.set_providers(providers);
            state.show_keys(&entries);
        }
        changed(inner, (!gone.is_empty()).then_some(Keeper::App)).await?;
        outcome.map_err(|error| WorkspaceError::NotSaved(secrets::why(&error)))
    }

    /// Seals what is sealed with a new key. How many secrets that were.
    ///
    /// # Errors
    /// When the keychain cannot be used, or it cannot be saved; everything can be read as before then.
    pub async fn renew_sealing_key(&self) -> Result<usize> {
        self.inner.vault.ask_again();
        self.inner
            .vault
            .rotate()
            .await
            .map_err(|error| WorkspaceError::NotSaved(secrets::why(&error)))
    }
}
