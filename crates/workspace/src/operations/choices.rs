//! Settings, and the providers models come from.

use crate::error::{Result, WorkspaceError};
use crate::view::Settings;
use crate::workspace::{Workspace, blocking};
use crate::{engine, index};

impl Workspace {
    /// Saves what the person set.
    ///
    /// # Errors
    /// When a number is out of its bounds, or it cannot be saved.
    pub async fn save_settings(&self, settings: Settings) -> Result<Settings> {
        within("Failures", settings.restart_failures, 1..=50)?;
        within("The window in seconds", settings.restart_window, 10..=3_600)?;
        within(
            "The requests a run may make",
            settings.request_cap,
            10..=1_000_000,
        )?;
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
