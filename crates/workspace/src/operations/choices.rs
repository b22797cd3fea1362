//! Settings, and the providers models come from.

use crate::error::{Result, WorkspaceError};
use crate::view::{ProviderRow, Settings};
use crate::workspace::{Workspace, blocking};
use crate::{engine, index, providers};

/// Characters of a provider's name.
const NAME_CHARACTERS: usize = 60;

impl Workspace {
    /// Saves what the person set.
    ///
    /// # Errors
    /// When a number is out of its bounds, or it cannot be saved.
    pub async fn save_settings(&self, settings: Settings) -> Result<Settings> {
        within("Failures", settings.restart_failures, 1..=50)?;
        within("The window in seconds", settings.restart_window, 10..=3_600)?;
        within(
            "The memory limit in megabytes",
            settings.memory_limit,
            512..=65_536,
        )?;
        let (store, saved) = (self.inner.store.clone(), settings.clone());
        blocking(move || index::save_settings(&store, &saved))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        let model_changed = {
            let mut state = self.inner.state();
            let changed = state.settings.default_model != settings.default_model;
            state.settings = settings.clone();
            changed
        };
        if model_changed {
            engine::configuration_changed(&self.inner)
                .await
                .map_err(WorkspaceError::Internal)?;
        }
        Ok(settings)
    }

    /// Asks an address that needs no key for its models; gives the address as it will be used, and their ids.
    ///
    /// # Errors
    /// When policy does not allow the address, consent is missing, or nothing usable answers.
    pub async fn probe_provider(
        &self,
        address: &str,
        local_network_agreed: bool,
    ) -> Result<(String, Vec<String>)> {
        let (url, models) = providers::probe(address, local_network_agreed).await?;
        Ok((url.to_string(), models))
    }

    /// Connects a provider that needs no key.
    ///
    /// # Errors
    /// When policy does not allow the address, consent is missing, no model is named, or it cannot be saved.
    pub async fn connect_provider(
        &self,
        name: &str,
        address: &str,
        models: Vec<String>,
        local_network_agreed: bool,
    ) -> Result<ProviderRow> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARACTERS {
            return Err(WorkspaceError::InvalidInput(format!(
                "A name has 1 to {NAME_CHARACTERS} characters. Change it and try again."
            )));
        }
        if models.is_empty() || !models.iter().all(|model| providers::fits(model)) {
            return Err(WorkspaceError::InvalidInput("Choose at least one model.".into()));
        }
        let url = providers::allowed(address, local_network_agreed).await?;
        let row = {
            let state = self.inner.state();
            let taken = |id: &str| state.providers.iter().any(|provider| provider.id == id);
            ProviderRow {
                id: providers::id_for(name, taken),
                name: name.to_owned(),
                base_url: url.as_str().trim_end_matches('/').to_owned(),
                models,
            }
        };
        let (store, saved) = (self.inner.store.clone(), row.clone());
        blocking(move || index::save_provider(&store, &saved, local_network_agreed))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        self.providers_changed(|providers| providers.push(row.clone()))
            .await?;
        Ok(row)
    }

    /// Forgets a provider.
    ///
    /// # Errors
    /// When it is not known or the change cannot be saved.
    pub async fn remove_provider(&self, provider: &str) -> Result<()> {
        if !self
            .inner
            .state()
            .providers
            .iter()
            .any(|known| known.id == provider)
        {
            return Err(WorkspaceError::NotFound("The provider"));
        }
        let (store, id) = (self.inner.store.clone(), provider.to_owned());
        blocking(move || index::remove_provider(&store, &id))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        self.providers_changed(|providers| providers.retain(|known| known.id != provider))
            .await
    }

    async fn providers_changed(&self, change: impl FnOnce(&mut Vec<ProviderRow>)) -> Result<()> {
        {
            let mut state = self.inner.state();
            let mut list = state.providers.clone();
            change(&mut list);
            state.set_providers(list);
        }
        self.inner.feed.changed();
        engine::configuration_changed(&self.inner)
            .await
            .map_err(WorkspaceError::Internal)
    }
}

fn within(what: &str, value: u32, bounds: std::ops::RangeInclusive<u32>) -> Result<()> {
    if bounds.contains(&value) {
        return Ok(());
    }
    Err(WorkspaceError::InvalidInput(format!(
        "{what} can be {} to {}. Change it and save again.",
        bounds.start(),
        bounds.end()
    )))
}
