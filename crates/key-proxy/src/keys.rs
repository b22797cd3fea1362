//! Where the proxy has its keys from.

use async_trait::async_trait;
use cowork_vault::Sensitive;
use http::{HeaderName, HeaderValue};

/// A key that cannot be had just now, in words for the person: the system's keychain is locked, a sign-in ran out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct KeyUnavailable {
    /// What is missing and what would help. Never a part of a key.
    pub message: String,
}

/// Has the keys. It is asked for each request, so a key that was changed is used at once.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The key of a provider, as it goes into the provider's header.
    ///
    /// # Errors
    /// [`KeyUnavailable`] is told to the person and to the engine.
    async fn key(&self, provider: &str) -> Result<Sensitive, KeyUnavailable>;

    /// Headers that belong to the key, such as the account it is of. Asked for after the key, for each request.
    async fn headers(&self, _provider: &str) -> Vec<(HeaderName, HeaderValue)> {
        Vec::new()
    }

    /// The provider answered 401: the key is no longer taken. A sign-in may refresh its own.
    async fn refused(&self, _provider: &str) {}
}
