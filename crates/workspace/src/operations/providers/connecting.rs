//! Connecting a provider, with its key.

use std::collections::BTreeMap;

use super::{GivenKey, WantedProvider, save};
use crate::engine::sentence;
use crate::error::{Result, WorkspaceError};
use crate::operations::provider_keys::cleaned;
use crate::providers::{Connected, Details, probe};
use crate::view;
use crate::workspace::Workspace;

/// Characters of a provider's name.
const NAME_CHARACTERS: usize = 60;

impl Workspace {
    /// Connects a provider and keeps its key.
    ///
    /// # Errors
    /// When it is not known, policy does not allow its address, consent is missing, the key cannot be kept, or it
    /// cannot be saved.
    pub async fn connect_provider(
        &self,
        wanted: WantedProvider,
        models: Vec<String>,
        key: Option<GivenKey>,
        local_network_agreed: bool,
    ) -> Result<view::ConnectedProvider> {
        if models.len() > probe::MODELS || !models.iter().all(|model| probe::fits(model)) {
            return Err(WorkspaceError::InvalidInput(
                "These are too many models, or the name of one cannot be used as one.".into(),
            ));
        }
        let _whole = self.inner.changing_providers.lock().await;
        // A person who connects may have unlocked the key ring since it was asked last.
        self.inner.vault.ask_again();
        let key = key.as_ref().map(cleaned).transpose()?;
        let (mut connected, warning) = match wanted {
            WantedProvider::Known { id, inputs } => self.known(&id, inputs, models, key.as_ref())?,
            WantedProvider::Custom { name, base_url } => {
                let connected = self
                    .custom(&name, &base_url, models, key.as_ref(), local_network_agreed)
                    .await?;
                (connected, String::new())
            }
        };
        let before = self.inner.state().provider(&connected.id).cloned();
        let mut warning = warning;
        // The key first: a provider without its key would be offered and fail.
        let kept = key.is_some();
        if let Some(key) = key {
            let (state, said) = self.keep_key(&connected.id, key).await?;
            connected.key = state;
            warning.push_str(&said);
        } else if connected.details.wants_key {
            // A key is for the address it was given for: it goes to no other without being given again.
            let same = before
                .as_ref()
                .filter(|before| before.base == connected.base && before.details.sign_in.is_none());
            connected.key = same.map_or(view::KeyState::Missing, |before| before.key.clone());
        }
        if connected.key == view::KeyState::Missing {
            return Err(WorkspaceError::InvalidInput(format!(
                "{} wants a key. Paste it and try again.",
                connected.name
            )));
        }
        // A key takes the place of a sign-in.
        let signed_in = before.as_ref().and_then(|before| before.details.sign_in);
        if let Some(before) = &before {
            self.forget_sign_in(before).await?;
        }
        let (id, is_new) = (connected.id.clone(), before.is_none());
        let provider = connected.row();
        if let Err(error) = save(&self.inner, connected, signed_in).await {
            // A key without its provider would be listed nowhere.
            if kept && is_new {
                self.forget_key(&id).await?;
            }
            return Err(error);
        }
        Ok(view::ConnectedProvider { provider, warning })
    }

    /// A provider of the catalogue, as it will be connected, and what looks odd about its key.
    fn known(
        &self,
        id: &str,
        inputs: BTreeMap<String, String>,
        models: Vec<String>,
        key: Option<&GivenKey>,
    ) -> Result<(Connected, String)> {
        let descriptor = self
            .inner
            .offered
            .get(id)
            .ok_or(WorkspaceError::NotFound("The provider"))?;
        // What the provider does not want to know is not kept.
        let mut inputs = inputs;
        inputs.retain(|name, _| descriptor.needs.iter().any(|need| need.id == name));
        let base = descriptor.base(&inputs).map_err(invalid)?;
        let warning = key.and_then(|given| cowork_providers::looks_wrong(descriptor, given.key.expose()));
        let connected = Connected {
            id: id.to_owned(),
            name: descriptor.name.clone(),
            base,
            models: if models.is_empty() {
                descriptor.only_models()
            } else {
                models
            },
            agreed: false,
            details: Details {
                known: true,
                wire: Some(descriptor.wire),
                wants_key: true,
                engine_options: descriptor.engine_options(&inputs).map_err(invalid)?,
                inputs,
                sign_in: None,
            },
            key: view::KeyState::Missing,
            left_out: None,
            usual_model: self.inner.offered.usual_model(id),
        };
        Ok((connected, warning.unwrap_or_default()))
    }

    /// An address, as it will be connected: with the models that were chosen, or all it lists.
    async fn custom(
        &self,
        name: &str,
        address: &str,
        models: Vec<String>,
        key: Option<&GivenKey>,
        local_network_agreed: bool,
    ) -> Result<Connected> {
        self.custom_is_allowed()?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARACTERS {
            return Err(WorkspaceError::InvalidInput(format!(
                "A name has 1 to {NAME_CHARACTERS} characters. Change it and try again."
            )));
        }
        let (base, models) = if models.is_empty() {
            let given = key.map(|given| &given.key);
            let listed = probe::list(&self.inner.outward, address, local_network_agreed, given).await?;
            if listed.wants_key {
                return Err(WorkspaceError::InvalidInput(
                    "This server wants a key. Paste it and try again.".into(),
                ));
            }
            (listed.url, listed.models)
        } else {
            let (url, _) = probe::allowed(address, local_network_agreed).await?;
            (url, models)
        };
        if models.is_empty() {
            return Err(WorkspaceError::InvalidInput(
                "This server lists no models. Load one there and try again.".into(),
            ));
        }
        let state = self.inner.state();
        let taken = |id: &str| state.provider(id).is_some() || self.inner.offered.is_taken(id);
        Ok(Connected {
            id: probe::id_for(name, taken),
            name: name.to_owned(),
            base,
            models,
            agreed: local_network_agreed,
            details: Details {
                wants_key: key.is_some(),
                ..Details::default()
            },
            key: view::KeyState::NotNeeded,
            left_out: None,
            usual_model: None,
        })
    }
}

fn invalid(error: impl std::fmt::Display) -> WorkspaceError {
    WorkspaceError::InvalidInput(sentence(&error.to_string()))
}
