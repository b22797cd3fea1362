//! What the state holds of providers, and what windows hear of it.

use crate::operations::prompts::split_variant;
use crate::state::State;
use crate::view::{self, ConnectionTest, KeyState, SignInView};

use super::Connected;
use super::offered::Offered;

impl State {
    /// A connected provider.
    pub(crate) fn provider(&self, id: &str) -> Option<&Connected> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    pub(crate) fn set_providers(&mut self, providers: Vec<Connected>) {
        self.providers = providers;
        self.untold.providers = true;
    }

    /// Adds a provider, or puts it in the place of the one with its id.
    pub(crate) fn put_provider(&mut self, provider: Connected) {
        match self.providers.iter_mut().find(|known| known.id == provider.id) {
            Some(known) => *known = provider,
            None => self.providers.push(provider),
        }
        self.untold.providers = true;
    }

    /// Changes a provider, if it is connected.
    pub(crate) fn change_provider(&mut self, id: &str, change: impl FnOnce(&mut Connected)) {
        if let Some(provider) = self.providers.iter_mut().find(|provider| provider.id == id) {
            change(provider);
            self.untold.providers = true;
        }
    }

    /// Says where a provider's key is.
    pub(crate) fn set_key(&mut self, id: &str, key: KeyState) {
        self.change_provider(id, |provider| provider.key = key);
    }

    /// Says of every provider that wants a key where that is.
    pub(crate) fn show_keys(&mut self, entries: &[cowork_vault::SecretEntry]) {
        for provider in &mut self.providers {
            let Ok(name) = super::secrets::key_name(&provider.id) else {
                continue;
            };
            if let (true, Some(entry)) = (
                provider.details.wants_key && provider.details.sign_in.is_none(),
                entries.iter().find(|entry| entry.name == name),
            ) {
                provider.key = super::secrets::shown(entry);
            }
        }
        self.untold.providers = true;
    }

    pub(crate) fn provider_rows(&self) -> Vec<view::ProviderRow> {
        self.providers.iter().map(Connected::row).collect()
    }

    pub(crate) fn set_test(&mut self, test: ConnectionTest) {
        self.test = Some(test);
        self.untold.test = true;
    }

    pub(crate) fn change_test(&mut self, change: impl FnOnce(&mut ConnectionTest)) {
        if let Some(test) = &mut self.test {
            change(test);
            self.untold.test = true;
        }
    }

    pub(crate) fn set_sign_in(&mut self, sign_in: SignInView) {
        self.sign_in = Some(sign_in);
        self.untold.sign_in = true;
    }

    pub(crate) fn change_sign_in(&mut self, change: impl FnOnce(&mut SignInView)) {
        if let Some(sign_in) = &mut self.sign_in {
            change(sign_in);
            self.untold.sign_in = true;
        }
    }

    /// The first model of the first provider that can be asked, else the demo's.
    pub(crate) fn model_without_choice(&self) -> String {
        self.providers
            .iter()
            .filter(|provider| provider.is_offered())
            .find_map(|provider| Some(format!("{}/{}", provider.id, provider.first_model()?)))
            .unwrap_or_else(crate::demo_model)
    }

    /// The model for what the engine asks by itself: the default one while it can be asked.
    pub(crate) fn model_for_small_work(&self) -> String {
        self.askable(self.settings.default_model.as_deref())
            .unwrap_or_else(|| self.model_without_choice())
    }

    /// The model the person chose for titles and summaries, while it can be asked.
    pub(crate) fn chosen_small_model(&self) -> Option<String> {
        self.askable(self.settings.small_model.as_deref())
    }

    fn askable(&self, choice: Option<&str>) -> Option<String> {
        let model = split_variant(choice?).0;
        let provider = model.split('/').next().unwrap_or_default();
        self.provider(provider)
            .is_some_and(Connected::is_offered)
            .then(|| model.to_owned())
    }

    /// Says of every provider of the catalogue which of its models is taken when nobody chose one.
    pub(crate) fn show_usual_models(&mut self, offered: &Offered) {
        for provider in self
            .providers
            .iter_mut()
            .filter(|provider| provider.details.known)
        {
            provider.usual_model = offered.usual_model(&provider.id);
        }
    }
}
