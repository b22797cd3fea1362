//! Settings, and the providers models come from.

use crate::error::{Result, WorkspaceError};
use crate::view::Settings;
use crate::workspace::{Workspace, blocking};
use crate::{engine, index};

impl Workspace {
    /// Saves what the person set.
    ///
    /// # Errors
    /// When a number is out of its bounds or the language is no tag of one, or it cannot be saved.
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
        if settings
            .language
            .as_deref()
            .is_some_and(|tag| !is_language_tag(tag))
        {
            return Err(WorkspaceError::InvalidInput(
                "This is no language. Choose one of the list.".to_owned(),
            ));
        }
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

/// 35 characters hold every tag that is in use (RFC 5646, 4.4.1).
const LONGEST_LANGUAGE_TAG: usize = 35;

/// Whether this has the shape of a language tag: subtags of one to eight letters and digits, the first of letters alone.
fn is_language_tag(tag: &str) -> bool {
    let subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let language = tag.split('-').next().unwrap_or_default();
    tag.len() <= LONGEST_LANGUAGE_TAG
        && language.len() >= 2
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && tag.split('-').all(subtag)
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

#[cfg(test)]
mod tests {
    use super::is_language_tag;

    #[test]
    fn a_language_is_a_tag_and_no_path() {
        for tag in ["de", "pt-BR", "zh-Hant-TW", "en-XA", "de-CH-1901"] {
            assert!(is_language_tag(tag), "{tag}");
        }
        let long = "de-".repeat(12) + "de";
        for tag in [
            "",
            "d",
            "-de",
            "de-",
            "de--AT",
            "../de",
            "de_AT",
            "1de",
            "deutsch-deutschland",
            "dé",
            &long,
        ] {
            assert!(!is_language_tag(tag), "{tag}");
        }
    }
}
