//! Settings.

use crate::error::{Result, WorkspaceError};
use crate::view::Settings;
use crate::workspace::{Workspace, blocking};
use crate::{engine, index, settings};

impl Workspace {
    /// What the person set.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.inner.state().settings.clone()
    }

    /// Saves what the person set.
    ///
    /// # Errors
    /// When a number is out of its bounds or the language is no tag of one, or it cannot be saved.
    pub async fn save_settings(&self, settings: Settings) -> Result<Settings> {
        settings::check(&settings).map_err(WorkspaceError::InvalidInput)?;
        let (store, saved) = (self.inner.store.clone(), settings.clone());
        blocking(move || index::save_settings(&store, &saved))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        let (places, kept) = (self.inner.options.places.clone(), settings.clone());
        let written = blocking(move || crate::logging::keep(&places, &kept)).await;
        if let Err(error) = written.and_then(std::convert::identity) {
            tracing::warn!(error = format!("{error:#}"), "the log's settings were not kept");
        }
        crate::logging::follow(self.inner.options.log.as_ref(), &settings);
        self.inner.proxy.set_cap(u64::from(settings.request_cap));
        let model_changed = {
            let mut state = self.inner.state();
            let changed = state.settings.default_model != settings.default_model
                || state.settings.small_model != settings.small_model;
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
}
