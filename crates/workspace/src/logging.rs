//! The log as a person set it: read before anything else is, changed while it runs.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cowork_brand::Places;
use cowork_redact::log::{LogControl, LogGuard, LogOptions, level_from, log_panics, start_logging};
use serde::{Deserialize, Serialize};

use crate::engine::write_private;
use crate::view::{LogFormat, LogLevel, Settings};

/// Sets the level over what the person set, for one run.
const LEVEL_VARIABLE: &str = "COWORK_LOG";

/// Bytes of the file: it is read before anything can be said about what is wrong with it.
const FILE_BYTES: u64 = 4 * 1024;

/// What of the settings the log needs before the index is open.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Kept {
    level: LogLevel,
    format: LogFormat,
}

fn file_in(places: &Places) -> PathBuf {
    places.data.join("log-settings.json")
}

/// What was set; the default where nothing was, or where it cannot be read.
fn kept(path: &Path) -> Kept {
    use std::io::Read as _;
    let mut text = String::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(FILE_BYTES).read_to_string(&mut text));
    match read {
        Ok(_) => serde_json::from_str(&text).unwrap_or_default(),
        Err(_) => Kept::default(),
    }
}

fn name_of(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
    }
}

/// A log that runs: written to for as long as it is kept.
#[derive(Debug)]
pub struct Log {
    _guard: LogGuard,
    /// Changes its level.
    pub control: LogControl,
}

/// Starts the log as the person set it; `COWORK_LOG` wins for one run. Panics go there too.
///
/// # Errors
/// When the log's folder cannot be made or written to.
pub fn start_log(places: &Places) -> anyhow::Result<Log> {
    let kept = kept(&file_in(places));
    let said = std::env::var(LEVEL_VARIABLE).ok();
    let options = LogOptions {
        level: level_from(Some(said.as_deref().unwrap_or(name_of(kept.level)))),
        format: match kept.format {
            LogFormat::Text => cowork_redact::log::LogFormat::Text,
            LogFormat::Json => cowork_redact::log::LogFormat::Json,
        },
    };
    let (guard, control) = start_logging(&places.logs, options).context("opening the log")?;
    log_panics();
    Ok(Log {
        _guard: guard,
        control,
    })
}

/// Writes down what the next start's log needs to know.
pub(crate) fn keep(places: &Places, settings: &Settings) -> anyhow::Result<()> {
    let kept = Kept {
        level: settings.log_level,
        format: settings.log_format,
    };
    let text = serde_json::to_vec(&kept).context("writing the log's settings")?;
    write_private(&file_in(places), &text)
}

/// Has the log that runs follow the settings, unless this run's level was set from outside.
pub(crate) fn follow(control: Option<&LogControl>, settings: &Settings) {
    let Some(control) = control else { return };
    if std::env::var_os(LEVEL_VARIABLE).is_some() {
        return;
    }
    if let Err(error) = control.set_level(level_from(Some(name_of(settings.log_level)))) {
        tracing::warn!(error = format!("{error:#}"), "the log's level was not changed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_there_at_the_next_start_and_garbage_is_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let places = Places::under(folder.path()).unwrap();
        assert_eq!(kept(&file_in(&places)).format, LogFormat::Text);
        let settings = Settings {
            log_level: LogLevel::Debug,
            log_format: LogFormat::Json,
            ..Settings::default()
        };
        keep(&places, &settings).unwrap();
        let read = kept(&file_in(&places));
        assert_eq!((read.level, read.format), (LogLevel::Debug, LogFormat::Json));
        std::fs::write(file_in(&places), "{\"level\":").unwrap();
        assert_eq!(kept(&file_in(&places)).level, LogLevel::Info);
    }
}
