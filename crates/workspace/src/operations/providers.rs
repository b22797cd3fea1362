//! Providers: what can be connected and is, tests and sign-ins.

mod connecting;

use std::collections::BTreeMap;
use std::sync::Arc;

use cowork_key_proxy::check;
use cowork_providers::Wire;
use cowork_vault::Sensitive;
use url::Url;

use crate::engine::{self, sentence};
use crate::error::{Result, WorkspaceError};
use crate::providers::offered::{choice, offer};
use crate::providers::{Connected, Details, Keeper, probe, secrets, sign_in, sign_out, test, usage};
use crate::workspace::{Inner, Workspace, blocking, now};
use crate::{index, view};

/// A provider to connect.
#[derive(Clone, Debug)]
pub enum WantedProvider {
    /// One of the catalogue.
    Known {
        /// Its id there.
        id: String,
        /// What it wants to know besides a key.
        inputs: BTreeMap<String, String>,
    },
    /// An address.
    Custom {
        /// What to call it.
        name: String,
        /// The address.
        base_url: String,
    },
}

/// A key as a person gave it.
pub struct GivenKey {
    /// The key.
    pub key: Sensitive,
    /// It is kept in memory, until the app ends.
    pub this_run: bool,
}

/// What was found at an address.
#[derive(Clone, Debug)]
pub struct Probed {
    /// The address as it will be used.
    pub base_url: String,
    /// The models it lists.
    pub models: Vec<String>,
    /// It lists them only to who has a key.
    pub wants_key: bool,
}

impl Workspace {
    /// The providers that can be connected.
    pub async fn provider_catalogue(&self) -> view::ProviderCatalogue {
        let mut engine = sign_in::engine_offers(&self.inner).await;
        let offered = &self.inner.offered;
        let offers = offered.all().iter().map(|descriptor| {
            let mut sign_ins = sign_in::own_offers(&descriptor.id);
            sign_ins.extend(engine.remove(&descriptor.id).unwrap_or_default());
            offer(descriptor, sign_ins)
        });
        view::ProviderCatalogue {
            // What can neither take a key nor be signed in at from here is no offer.
            offers: offers
                .filter(|offer| offer.takes_key || !offer.sign_ins.is_empty())
                .collect(),
            custom: offered.allows_custom(),
        }
    }

    /// The models of a provider: those the engine names once it is connected, else those of the catalogue.
    ///
    /// # Errors
    /// When it is neither connected nor in the catalogue.
    pub fn provider_models(&self, provider: &str) -> Result<Vec<view::ModelChoice>> {
        let connected: Vec<_> = {
            let state = self.inner.state();
            let prefix = format!("{provider}/");
            let mut choices = state.model_choices();
            choices.retain(|choice| choice.id.starts_with(&prefix));
            choices
        };
        if !connected.is_empty() {
            return Ok(connected);
        }
        if self.inner.offered.get(provider).is_none() {
            return Err(WorkspaceError::NotFound("The provider"));
        }
        let models = self.inner.offered.models(provider, &[]);
        Ok(models.iter().map(choice).collect())
    }

    /// The model servers on this machine.
    pub async fn local_servers(&self) -> Vec<view::LocalServerRow> {
        let found = check::find_local(&self.inner.outward, cowork_providers::local_servers()).await;
        let connected: Vec<_> = {
            let state = self.inner.state();
            state
                .provider_rows()
                .into_iter()
                .map(|row| row.base_url)
                .collect()
        };
        found
            .into_iter()
            .map(|server| {
                let base_url = server.base_url.as_str().trim_end_matches('/').to_owned();
                view::LocalServerRow {
                    connected: connected.contains(&base_url),
                    name: server.name.clone(),
                    running: server.running,
                    models: server.models,
                    base_url,
                }
            })
            .collect()
    }

    /// Asks an address for its models.
    ///
    /// # Errors
    /// When policy does not allow the address, consent is missing, or nothing usable answers.
    pub async fn probe_provider(&self, address: &str, local_network_agreed: bool) -> Result<Probed> {
        self.custom_is_allowed()?;
        let listed = probe::list(&self.inner.outward, address, local_network_agreed, None).await?;
        Ok(Probed {
            base_url: listed.url.to_string(),
            models: listed.models,
            wants_key: listed.wants_key,
        })
    }

    fn custom_is_allowed(&self) -> Result<()> {
        if self.inner.offered.allows_custom() {
            return Ok(());
        }
        Err(WorkspaceError::NotAllowed(
            "This build of the app connects only to the providers it lists.".into(),
        ))
    }

    /// Forgets a provider, its key and its sign-in.
    ///
    /// # Errors
    /// When it is not connected, or something of it cannot be taken out of where it is kept.
    pub async fn remove_provider(&self, provider: &str) -> Result<()> {
        let _whole = self.inner.changing_providers.lock().await;
        let connected = self.connected(provider)?;
        if self
            .inner
            .state()
            .test
            .as_ref()
            .is_some_and(|test| test.provider == provider)
        {
            test::stop(&self.inner);
        }
        // What can fail comes first, while the provider is still there to be removed again.
        self.forget_sign_in(&connected).await?;
        self.forget_key(provider).await?;
        let (store, id) = (self.inner.store.clone(), provider.to_owned());
        blocking(move || index::remove_provider(&store, &id))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        {
            let mut state = self.inner.state();
            let mut left = state.providers.clone();
            left.retain(|known| known.id != provider);
            state.set_providers(left);
        }
        changed(&self.inner, connected.details.sign_in).await
    }

    async fn forget_sign_in(&self, connected: &Connected) -> Result<()> {
        let provider = connected.id.as_str();
        match connected.details.sign_in {
            Some(Keeper::App) => sign_in::forget_tokens(&self.inner, provider)
                .await
                .map_err(|error| WorkspaceError::NotSaved(sentence(&error.to_string()))),
            Some(Keeper::Engine) => {
                let done = sign_out::sign_out(&self.inner, provider)
                    .await
                    .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
                if !done {
                    let detail = format!(
                        "{}: what the engine keeps of it is deleted when the engine next starts in its private home.",
                        connected.name
                    );
                    self.inner
                        .state()
                        .notice(view::NoticeKind::SignOutOwed, detail, now());
                    self.inner.feed.changed();
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    pub(super) fn connected(&self, provider: &str) -> Result<Connected> {
        let state = self.inner.state();
        state
            .provider(provider)
            .cloned()
            .ok_or(WorkspaceError::NotFound("The provider"))
    }

    /// Begins to test a provider's connection; the steps follow in updates.
    ///
    /// # Errors
    /// When it is not connected, or cannot be tested from here.
    pub fn test_provider(&self, provider: &str, model: Option<String>) -> Result<view::ConnectionTest> {
        if !model.as_deref().is_none_or(probe::fits) {
            return Err(WorkspaceError::InvalidInput("That is not a model's name.".into()));
        }
        test::begin(&self.inner, provider, model)
    }

    /// Ends the test that runs.
    pub fn stop_test(&self) {
        test::stop(&self.inner);
    }

    /// What went to each provider.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub async fn provider_usage(&self) -> Result<Vec<view::ProviderUsage>> {
        usage::list(&self.inner).await.map_err(WorkspaceError::Internal)
    }

    /// Lets this run of the engine make as many requests at a provider again.
    ///
    /// # Errors
    /// When the provider is not connected.
    pub fn allow_more_requests(&self, provider: &str) -> Result<()> {
        self.connected(provider)?;
        self.inner.proxy.allow_more(provider);
        Ok(())
    }

    /// Begins a sign-in; how it goes follows in updates.
    ///
    /// # Errors
    /// When there is no such way, or it cannot be begun.
    pub async fn begin_sign_in(
        &self,
        provider: &str,
        offer: &str,
        inputs: BTreeMap<String, String>,
    ) -> Result<view::SignInView> {
        sign_in::begin(&self.inner, provider, offer, &inputs).await
    }

    /// Hands over what the provider's page showed at the end of a sign-in.
    ///
    /// # Errors
    /// When nothing is under way, or it is not what was waited for.
    pub fn paste_sign_in(&self, text: Sensitive) -> Result<()> {
        sign_in::paste(&self.inner, text)
    }

    /// Ends the sign-in that is under way.
    pub fn stop_sign_in(&self) {
        sign_in::stop(&self.inner);
    }
}

/// Saves a provider and has the engine hear of it.
pub(super) async fn save(
    inner: &Arc<Inner>,
    connected: Connected,
    signed_in_before: Option<Keeper>,
) -> Result<()> {
    let (store, saved) = (inner.store.clone(), connected.clone());
    blocking(move || index::save_provider(&store, &saved))
        .await
        .and_then(std::convert::identity)
        .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
    let signed_in = connected.details.sign_in.or(signed_in_before);
    inner.state().put_provider(connected);
    changed(inner, signed_in).await
}

pub(super) async fn changed(inner: &Arc<Inner>, sign_in: Option<Keeper>) -> Result<()> {
    inner.feed.changed();
    engine::configuration_changed(inner)
        .await
        .map_err(WorkspaceError::Internal)?;
    // The engine is told of the app's sign-ins when it starts, and at no other time.
    if sign_in == Some(Keeper::App) {
        engine::start_anew_if_quiet(inner).await;
    }
    Ok(())
}

/// Connects a provider at which the person signed in, if that is still wanted when it comes to it.
pub(crate) async fn connected_by_sign_in(
    inner: &Arc<Inner>,
    provider: &str,
    name: &str,
    base: Option<Url>,
    keeper: Keeper,
    is_wanted: impl Fn() -> bool + Send,
) -> Result<()> {
    let descriptor = inner.offered.get(provider);
    let base = match (base, descriptor) {
        (Some(base), _) => base,
        (None, Some(descriptor)) => descriptor
            .base(&BTreeMap::new())
            .map_err(|error| WorkspaceError::Internal(anyhow::anyhow!(error)))?,
        (None, None) => return Err(WorkspaceError::NotFound("The provider")),
    };
    let wire = match provider {
        "github-copilot" => Some(Wire::Copilot),
        "openai" if keeper == Keeper::App => Some(Wire::ChatGpt),
        _ => descriptor.map(|descriptor| descriptor.wire),
    };
    let connected = Connected {
        id: provider.to_owned(),
        name: descriptor.map_or_else(|| name.to_owned(), |known| known.name.clone()),
        base,
        models: Vec::new(),
        agreed: false,
        details: Details {
            known: true,
            wire,
            wants_key: false,
            sign_in: Some(keeper),
            ..Details::default()
        },
        key: match keeper {
            Keeper::App => view::KeyState::SignedIn,
            Keeper::Engine => view::KeyState::SignedInByEngine,
        },
        left_out: None,
        usual_model: inner.offered.usual_model(provider),
    };
    let _whole = inner.changing_providers.lock().await;
    if !is_wanted() {
        return Err(WorkspaceError::NotAllowed(sign_in::STOPPED.into()));
    }
    sign_in::not_beside(inner, keeper)?;
    let before = inner
        .state()
        .provider(provider)
        .and_then(|known| known.details.sign_in);
    save(inner, connected, before).await?;
    // A sign-in takes the place of a key.
    let key = secrets::key_name(provider).map_err(WorkspaceError::Internal)?;
    if let Err(error) = sign_in::forget_secret(inner, &key).await {
        tracing::warn!(
            error = format!("{error:#}"),
            "the key a sign-in replaced was not forgotten"
        );
    }
    Ok(())
}
