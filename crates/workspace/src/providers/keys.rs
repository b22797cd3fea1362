//! What the key proxy is given for a request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use async_trait::async_trait;
use cowork_key_proxy::{KeySource, KeyUnavailable};
use cowork_sign_in as sign_in;
use cowork_vault::{Sensitive, Vault, VaultError};
use http::{HeaderName, HeaderValue};

use super::{Keeper, secrets};
use crate::engine::sentence;
use crate::view::KeyState;
use crate::workspace::Inner;

/// Keys from the vault, and access tokens of the sign-ins that the app keeps.
#[derive(Default)]
pub(crate) struct Keys {
    /// The proxy is there before the application it is a part of.
    inner: OnceLock<Weak<Inner>>,
}

impl Keys {
    pub(crate) fn attach(&self, inner: &Arc<Inner>) {
        self.inner.get_or_init(|| Arc::downgrade(inner));
    }

    fn inner(&self) -> Option<Arc<Inner>> {
        self.inner.get().and_then(Weak::upgrade)
    }
}

fn unavailable(message: impl Into<String>) -> KeyUnavailable {
    KeyUnavailable {
        message: message.into(),
    }
}

#[async_trait]
impl KeySource for Keys {
    async fn key(&self, provider: &str) -> Result<Sensitive, KeyUnavailable> {
        match self.inner() {
            Some(inner) => key_of(&inner, provider).await,
            None => Err(unavailable("The app is starting or ending.")),
        }
    }

    async fn headers(&self, provider: &str) -> Vec<(HeaderName, HeaderValue)> {
        let Some(inner) = self.inner() else {
            return Vec::new();
        };
        let connected = inner.state().provider(provider).cloned();
        match connected {
            Some(connected) => super::sign_in::headers(&inner, &connected).await,
            None => Vec::new(),
        }
    }

    async fn refused(&self, provider: &str) {
        let Some(inner) = self.inner() else { return };
        let keeper = inner
            .state()
            .provider(provider)
            .and_then(|known| known.details.sign_in);
        if keeper == Some(Keeper::App)
            && let Some(keeper) = inner.sign_ins.keeper(&inner, provider)
        {
            keeper.refused().await;
        }
    }
}

/// A provider's key, or the access token of its sign-in.
pub(crate) async fn key_of(inner: &Inner, provider: &str) -> Result<Sensitive, KeyUnavailable> {
    let (name, keeper) = {
        let state = inner.state();
        let connected = state.provider(provider);
        connected
            .map(|connected| (connected.name.clone(), connected.details.sign_in))
            .ok_or_else(|| unavailable("The provider is not connected any more."))?
    };
    if keeper == Some(Keeper::App) {
        let tokens = inner.sign_ins.keeper(inner, provider);
        let tokens = tokens.ok_or_else(|| unavailable(format!("{name} takes no sign-in.")))?;
        let access = tokens.access().await;
        let state = match &access {
            Ok(_) => KeyState::SignedIn,
            Err(error) => KeyState::CannotBeRead {
                why: sentence(&error.to_string()),
            },
        };
        show(inner, provider, state);
        return access.map_err(|error| unavailable(sentence(&error.to_string())));
    }
    let (outcome, state) = read(&inner.vault, provider, &name).await;
    if let Some(state) = state {
        show(inner, provider, state);
        return outcome;
    }
    // What could not be read before can be again.
    let was_unreadable = inner
        .state()
        .provider(provider)
        .is_some_and(|known| matches!(known.key, KeyState::CannotBeRead { .. } | KeyState::Missing));
    if was_unreadable && let Ok(entries) = inner.vault.list().await {
        inner.state().show_keys(&entries);
        inner.feed.changed();
    }
    outcome
}

/// Says where a key is, when that is news.
fn show(inner: &Inner, provider: &str, key: KeyState) {
    let mut state = inner.state();
    if state.provider(provider).is_some_and(|known| known.key != key) {
        state.set_key(provider, key);
        drop(state);
        inner.feed.changed();
    }
}

/// Reads a key; and what a window is to be told of it, where that is news.
async fn read(
    vault: &Vault,
    provider: &str,
    name: &str,
) -> (Result<Sensitive, KeyUnavailable>, Option<KeyState>) {
    let secret = match secrets::key_name(provider) {
        Ok(secret) => secret,
        Err(error) => return (Err(unavailable(error.to_string())), None),
    };
    match vault.get(&secret).await {
        Ok(Some(key)) => (Ok(key), None),
        Ok(None) => {
            let message = format!("There is no key for {name}. Add one under Settings, Models and keys.");
            (Err(unavailable(message)), Some(KeyState::Missing))
        }
        Err(error) => {
            tracing::warn!(%error, provider, "a key cannot be read");
            let why = secrets::why(&error);
            let message = format!("The key for {name} cannot be read. {why}");
            (Err(unavailable(message)), Some(KeyState::CannotBeRead { why }))
        }
    }
}

/// The sign-ins that the app keeps, one for each provider that was asked for.
#[derive(Default)]
pub(crate) struct SignIns {
    keepers: Mutex<HashMap<sign_in::Provider, sign_in::Keeper>>,
}

impl SignIns {
    /// Who has a provider's tokens; none for one at which the app cannot sign in.
    pub(crate) fn keeper(&self, inner: &Inner, provider: &str) -> Option<sign_in::Keeper> {
        let which = sign_in::Provider::of(provider)?;
        let mut keepers = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        let keeper = keepers.entry(which).or_insert_with(|| {
            let store = Arc::new(Tokens {
                is_exposed: secrets::keychain_is_exposed(&inner.options),
                vault: inner.vault.clone(),
                provider: which,
            });
            sign_in::Keeper::new(which, inner.outward.clone(), sign_in::Endpoints::real(), store)
        });
        Some(keeper.clone())
    }
}

struct Tokens {
    /// Nothing is kept then.
    is_exposed: bool,
    vault: Vault,
    provider: sign_in::Provider,
}

fn failed(error: impl std::fmt::Display) -> sign_in::StoreError {
    sign_in::StoreError(error.to_string())
}

fn not_done(error: &VaultError) -> sign_in::StoreError {
    tracing::warn!(%error, "a sign-in's tokens were not read or kept");
    sign_in::StoreError(secrets::why(error))
}

#[async_trait]
impl sign_in::TokenStore for Tokens {
    async fn load(&self) -> Result<Option<sign_in::Tokens>, sign_in::StoreError> {
        let name = secrets::sign_in_name(self.provider.id()).map_err(failed)?;
        let secret = self.vault.get(&name).await.map_err(|error| not_done(&error))?;
        secret
            .map(|secret| sign_in::Tokens::from_secret(&secret).map_err(failed))
            .transpose()
    }

    async fn save(&self, tokens: &sign_in::Tokens) -> Result<(), sign_in::StoreError> {
        if self.is_exposed {
            return Err(failed(secrets::EXPOSED));
        }
        let name = secrets::sign_in_name(self.provider.id()).map_err(failed)?;
        self.vault
            .set(&name, tokens.to_secret())
            .await
            .map(drop)
            .map_err(|error| not_done(&error))
    }
}
