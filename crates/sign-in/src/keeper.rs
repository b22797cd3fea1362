//! Holds the tokens of a sign-in and renews them before they run out.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use cowork_outward::Outward;
use cowork_vault::Sensitive;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;

use crate::asking::Asking;
use crate::chat_gpt;
use crate::endpoints::Endpoints;
use crate::error::{KeeperError, SignInError, StoreError};
use crate::provider::Provider;
use crate::tokens::Tokens;

/// A token is renewed this long before it runs out: longer than clocks differ, and than a request takes to begin.
const EARLY_MILLISECONDS: u64 = 5 * 60 * 1000;
/// A failed renewal is not tried again for so long: those who waited for it share its answer.
const BACK_OFF: Duration = Duration::from_secs(10);
/// A token that was renewed just now is not renewed again because requests with the one before were refused.
const FRESH: Duration = Duration::from_mins(1);

/// Where the tokens are kept: the vault, behind whoever composes it.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// The tokens, when there are any.
    async fn load(&self) -> Result<Option<Tokens>, StoreError>;
    /// Keeps these in place of the ones before. Done when they would survive the app.
    async fn save(&self, tokens: &Tokens) -> Result<(), StoreError>;
}

/// Gives a token that is good, for one provider. Cheap to clone; all clones are one.
///
/// A refresh token is spent by its use: whoever asks, one renewal runs at a time, it is not broken off when the one
/// who asked for it goes away, and what it brings is kept before it is used.
#[derive(Clone)]
pub struct Keeper {
    parts: Arc<Parts>,
    state: Arc<Mutex<State>>,
}

struct Parts {
    provider: Provider,
    asking: Asking,
    endpoints: Endpoints,
    store: Arc<dyn TokenStore>,
}

#[derive(Default)]
struct State {
    tokens: Option<Arc<Tokens>>,
    /// The tokens are newer than what is kept.
    unsaved: bool,
    /// The provider refused the access token.
    refused: bool,
    renewed: Option<Instant>,
    failed: Option<Failed>,
}

struct Failed {
    at: Instant,
    error: KeeperError,
}

impl Keeper {
    /// Keeps the sign-in at `provider` that is in `store`. Nothing is read or asked before the first need.
    #[must_use]
    pub fn new(
        provider: Provider,
        outward: Outward,
        endpoints: Endpoints,
        store: Arc<dyn TokenStore>,
    ) -> Self {
        let asking = Asking {
            outward,
            reach: endpoints.reach,
        };
        Self {
            parts: Arc::new(Parts {
                provider,
                asking,
                endpoints,
                store,
            }),
            state: Arc::default(),
        }
    }

    /// An access token that is good for five minutes more, renewed when it has to be.
    ///
    /// # Errors
    /// [`KeeperError`] in words. After [`KeeperError::SignedOut`] nothing is asked until [`Self::signed_in`].
    pub async fn access(&self) -> Result<Sensitive, KeeperError> {
        Ok(self.tokens().await?.access.duplicate())
    }

    /// The same with what belongs to it: the account and the address.
    ///
    /// # Errors
    /// As [`Self::access`].
    pub async fn tokens(&self) -> Result<Arc<Tokens>, KeeperError> {
        let state = Arc::clone(&self.state).lock_owned().await;
        if let Some(tokens) = state.good(now()) {
            return Ok(tokens);
        }
        // In a task of its own: the one who asks may go away in the midst of it, and the tokens with them.
        let parts = Arc::clone(&self.parts);
        tokio::spawn(async move { parts.renewed(state).await })
            .await
            .unwrap_or_else(|_| Err(self.parts.not_renewed("the app stopped it".to_owned())))
    }

    /// The provider answered 401: the next one who asks gets a new token, where there is a way to one.
    pub async fn refused(&self) {
        let mut state = self.state.lock().await;
        let fresh = state.renewed.is_some_and(|at| at.elapsed() < FRESH);
        if !fresh {
            state.refused = true;
        }
    }

    /// What is wrong with the sign-in, for the person; nothing asks anybody.
    pub async fn trouble(&self) -> Option<String> {
        let state = self.state.lock().await;
        let provider = self.parts.provider.name();
        if let Some(failed) = &state.failed {
            return Some(failed.error.to_string());
        }
        let tokens = state.tokens.as_ref()?;
        if state.refused && tokens.refresh.is_none() {
            return Some(format!(
                "{provider} refused this sign-in: sign in again if it goes on"
            ));
        }
        state.unsaved.then(|| {
            format!("the sign-in at {provider} could not be kept: unlock the key ring, or you have to sign in again at the next start")
        })
    }

    /// Takes the tokens of a new sign-in in place of the ones before, and keeps them.
    ///
    /// # Errors
    /// [`KeeperError::Unreadable`] when they cannot be kept; they hold for this run of the app all the same.
    pub async fn signed_in(&self, tokens: Tokens) -> Result<(), KeeperError> {
        let mut state = self.state.lock().await;
        *state = State {
            tokens: Some(Arc::new(tokens)),
            unsaved: true,
            ..State::default()
        };
        self.parts
            .save(&mut state)
            .await
            .map_err(|error| KeeperError::Unreadable {
                provider: self.parts.provider.name(),
                cause: error.to_string(),
            })
    }

    /// Forgets what is held; the next one who asks has it read again. For when it was deleted where it is kept.
    pub async fn forget(&self) {
        *self.state.lock().await = State::default();
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Keeper")
            .field("provider", &self.parts.provider)
            .finish_non_exhaustive()
    }
}

impl State {
    /// The tokens, when nothing has to be done for them.
    fn good(&self, now: u64) -> Option<Arc<Tokens>> {
        let tokens = self.tokens.as_ref()?;
        let can_be_renewed = tokens.refresh.is_some();
        let runs_out = |early: u64| {
            tokens
                .expires
                .is_some_and(|expires| expires <= now.saturating_add(early))
        };
        let due = can_be_renewed && (self.refused || runs_out(EARLY_MILLISECONDS));
        // Without a way to a new one the old one is as good as it is; the provider decides.
        let over = !can_be_renewed && runs_out(0);
        (!due && !over && !self.unsaved).then(|| Arc::clone(tokens))
    }

    /// The tokens, when they are good for a moment yet though they could not be renewed.
    fn still_good(&self, now: u64) -> Option<Arc<Tokens>> {
        let tokens = self.tokens.as_ref()?;
        let lives = tokens.expires.is_none_or(|expires| expires > now);
        (lives && !self.refused).then(|| Arc::clone(tokens))
    }
}

impl Parts {
    async fn renewed(&self, mut state: OwnedMutexGuard<State>) -> Result<Arc<Tokens>, KeeperError> {
        if state.tokens.is_none() {
            state.tokens = Some(Arc::new(self.loaded().await?));
        }
        if state.unsaved && self.save(&mut state).await.is_err() {
            tracing::warn!(
                provider = self.provider.id(),
                "the tokens of a sign-in are not kept yet"
            );
        }
        let now = now();
        let saved_or_not = State {
            tokens: state.tokens.clone(),
            refused: state.refused,
            ..State::default()
        };
        if let Some(tokens) = saved_or_not.good(now) {
            return Ok(tokens);
        }
        if let Some(failed) = &state.failed {
            let for_good = matches!(failed.error, KeeperError::SignedOut { .. });
            if for_good || failed.at.elapsed() < BACK_OFF {
                return state.still_good(now).ok_or_else(|| failed.error.clone());
            }
        }
        match self.ask(&mut state).await {
            Ok(tokens) => {
                let tokens = Arc::new(tokens);
                *state = State {
                    tokens: Some(Arc::clone(&tokens)),
                    unsaved: true,
                    renewed: Some(Instant::now()),
                    ..State::default()
                };
                // Kept before it is used. When it cannot be kept it is used all the same: the one before is spent.
                if self.save(&mut state).await.is_err() {
                    tracing::warn!(
                        provider = self.provider.id(),
                        "the renewed tokens of a sign-in could not be kept; trying again at the next request"
                    );
                }
                Ok(tokens)
            }
            Err(error) => {
                tracing::warn!(provider = self.provider.id(), %error, "a sign-in was not renewed");
                state.failed = Some(Failed {
                    at: Instant::now(),
                    error: error.clone(),
                });
                state.still_good(now).ok_or(error)
            }
        }
    }

    /// Asks for new tokens, with the ones that are kept when those are newer than what is held.
    async fn ask(&self, state: &mut State) -> Result<Tokens, KeeperError> {
        let Some(held) = state.tokens.clone() else {
            return Err(KeeperError::NotSignedIn {
                provider: self.provider.name(),
            });
        };
        let first = self.ask_with(&held).await;
        if !matches!(first, Err(KeeperError::SignedOut { .. })) {
            return first;
        }
        // Another program of this app may have renewed them since.
        match self.store.load().await {
            Ok(Some(kept)) if differs(&kept, &held) => {
                let kept = Arc::new(kept);
                state.tokens = Some(Arc::clone(&kept));
                self.ask_with(&kept).await
            }
            _ => first,
        }
    }

    async fn ask_with(&self, tokens: &Tokens) -> Result<Tokens, KeeperError> {
        let signed_out = |cause: String| KeeperError::SignedOut {
            provider: self.provider.name(),
            cause,
        };
        if self.provider != Provider::ChatGpt || tokens.refresh.is_none() {
            return Err(signed_out("it has run out".to_owned()));
        }
        chat_gpt::refresh(&self.asking, &self.endpoints.openai, tokens)
            .await
            .map_err(|error| match error {
                SignInError::Refused { said, .. } => signed_out(said),
                other => self.not_renewed(other.to_string()),
            })
    }

    async fn loaded(&self) -> Result<Tokens, KeeperError> {
        let provider = self.provider.name();
        self.store
            .load()
            .await
            .map_err(|error| KeeperError::Unreadable {
                provider,
                cause: error.to_string(),
            })?
            .ok_or(KeeperError::NotSignedIn { provider })
    }

    async fn save(&self, state: &mut State) -> Result<(), StoreError> {
        if let Some(tokens) = &state.tokens {
            self.store.save(tokens).await?;
        }
        state.unsaved = false;
        Ok(())
    }

    fn not_renewed(&self, cause: String) -> KeeperError {
        KeeperError::NotRenewed {
            provider: self.provider.name(),
            cause,
        }
    }
}

fn differs(one: &Tokens, other: &Tokens) -> bool {
    let refresh = |tokens: &Tokens| tokens.refresh.as_ref().map(|refresh| refresh.expose().to_owned());
    refresh(one) != refresh(other)
}

/// Now, in milliseconds since 1970.
pub(crate) fn now() -> u64 {
    milliseconds(SystemTime::now())
}

pub(crate) fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
