//! Keys of providers: kept, replaced, forgotten, and where they can be kept.

use cowork_vault::{Sensitive, VaultState};

use super::providers::{GivenKey, save};
use crate::engine::sentence;
use crate::error::{Result, WorkspaceError};
use crate::providers::{secrets, sign_in};
use crate::{Workspace, view};

/// Characters of a key. Keys have tens to some hundreds; tokens that are pasted as keys may have a few thousand.
const KEY_CHARACTERS: usize = 8 * 1024;

impl Workspace {
    /// Keeps a key; gives where it is, and what there is to say about it.
    pub(super) async fn keep_key(&self, provider: &str, given: GivenKey) -> Result<(view::KeyState, String)> {
        let name = secrets::key_name(provider).map_err(WorkspaceError::Internal)?;
        let vault = &self.inner.vault;
        if !given.this_run {
            if secrets::keychain_is_exposed(&self.inner.options) {
                return Err(WorkspaceError::NotSaved(format!(
                    "{} {}",
                    secrets::EXPOSED,
                    secrets::EXPOSED_ADVICE
                )));
            }
            let entry = vault
                .set(&name, given.key)
                .await
                .map_err(|error| WorkspaceError::NotSaved(secrets::why(&error)))?;
            return Ok((secrets::shown(&entry), String::new()));
        }
        // The one before would be back with the next start.
        let said = match sign_in::forget_secret(&self.inner, &name).await {
            Ok(()) => String::new(),
            Err(_) => "The key that was kept before is still in the keychain and will be used again after a restart."
                .to_owned(),
        };
        let entry = vault.keep_for_this_run(&name, given.key);
        Ok((secrets::shown(&entry), said))
    }

    pub(super) async fn forget_key(&self, provider: &str) -> Result<()> {
        let name = secrets::key_name(provider).map_err(WorkspaceError::Internal)?;
        sign_in::forget_secret(&self.inner, &name)
            .await
            .map_err(|error| WorkspaceError::NotSaved(sentence(&error.to_string())))
    }

    /// Puts a key in the place of a provider's present one.
    ///
    /// # Errors
    /// When the provider is not connected, takes no key, or the key cannot be kept.
    pub async fn set_key(&self, provider: &str, key: GivenKey) -> Result<view::ConnectedProvider> {
        let _whole = self.inner.changing_providers.lock().await;
        let connected = self.connected(provider)?;
        if connected.details.sign_in.is_some() {
            return Err(WorkspaceError::NotAllowed(format!(
                "You are signed in at {}. Remove it, or connect it with a key in place of the sign-in.",
                connected.name
            )));
        }
        let given = cleaned(&key)?;
        self.inner.vault.ask_again();
        let descriptor = self.inner.offered.get(provider);
        let warning = descriptor
            .and_then(|descriptor| cowork_providers::looks_wrong(descriptor, given.key.expose()))
            .unwrap_or_default();
        let (key, said) = self.keep_key(provider, given).await?;
        let changed = self.with_key(provider, key, true).await?;
        Ok(view::ConnectedProvider {
            provider: changed,
            warning: warning + &said,
        })
    }

    /// Says where a provider's key is from now on, of the provider as it is now.
    pub(super) async fn with_key(
        &self,
        provider: &str,
        key: view::KeyState,
        wants_key: bool,
    ) -> Result<view::ProviderRow> {
        let mut connected = self.connected(provider)?;
        connected.key = key;
        connected.details.wants_key = wants_key;
        let row = connected.row();
        save(&self.inner, connected, None).await?;
        Ok(row)
    }

    /// Forgets a provider's key; the provider stays and is left out until it has one again.
    ///
    /// # Errors
    /// When the provider is not connected, or the key cannot be taken out of where it is kept.
    pub async fn remove_key(&self, provider: &str) -> Result<view::ProviderRow> {
        let _whole = self.inner.changing_providers.lock().await;
        let connected = self.connected(provider)?;
        self.forget_key(provider).await?;
        let key = match (connected.details.sign_in, connected.details.wants_key) {
            (Some(_), _) => connected.key,
            (None, true) => view::KeyState::Missing,
            (None, false) => view::KeyState::NotNeeded,
        };
        self.with_key(provider, key, connected.details.wants_key).await
    }

    /// Whether keys can be kept; with `again` it is looked anew.
    pub async fn keychain(&self, again: bool) -> view::Keychain {
        if secrets::keychain_is_exposed(&self.inner.options) {
            return view::Keychain::Unavailable {
                reason: secrets::EXPOSED.to_owned(),
                advice: secrets::EXPOSED_ADVICE.to_owned(),
            };
        }
        let vault = &self.inner.vault;
        let state = if again {
            vault.recheck().await
        } else {
            vault.state().await
        };
        if state == VaultState::Encrypted {
            self.tidy_secrets().await;
        }
        match state {
            VaultState::Encrypted => view::Keychain::Encrypted,
            VaultState::Plaintext => view::Keychain::Plain,
            VaultState::Unavailable { reason, advice } => view::Keychain::Unavailable {
                reason: reason.cause().to_owned(),
                advice,
            },
        }
    }

    /// Shows keys that can be read again, and forgets those whose provider was never saved.
    async fn tidy_secrets(&self) {
        let Ok(_whole) = self.inner.changing_providers.try_lock() else {
            return;
        };
        let Ok(entries) = self.inner.vault.list().await else {
            return;
        };
        self.inner.state().show_keys(&entries);
        self.inner.feed.changed();
        for entry in entries {
            let provider = secrets::provider_of(&entry.name);
            let known = provider.is_none_or(|provider| self.inner.state().provider(provider).is_some());
            if !known && let Err(error) = self.inner.vault.delete(&entry.name).await {
                tracing::warn!(%error, "a key without a provider was not forgotten");
            }
        }
    }
}

/// What a person pasted, without what is around a key where people copy it from.
pub(super) fn cleaned(given: &GivenKey) -> Result<GivenKey> {
    let text = cowork_providers::clean_key(given.key.expose());
    if text.is_empty() {
        return Err(WorkspaceError::InvalidInput(
            "The key is empty. Paste it and try again.".into(),
        ));
    }
    if text.chars().count() > KEY_CHARACTERS
        || text.chars().any(|letter| letter.is_control() || letter == ' ')
    {
        return Err(WorkspaceError::InvalidInput(
            "That is not a key: it is too long, or there are blanks or line breaks in it. Copy the key alone and paste \
             it again."
                .into(),
        ));
    }
    Ok(GivenKey {
        key: Sensitive::new(text),
        this_run: given.this_run,
    })
}
