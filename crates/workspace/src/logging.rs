//! The log as a person set it: read before anything else is, changed while it runs.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use cowork_brand::Places;
use cowork_redact::log::{LogControl, LogGuard, LogOptions, level_from, log_panics, start_logging};
use serde::{Deserialize, Serialize};

use crate::engine::write_private;
use crate::error::{Result, WorkspaceError};
use crate::retention;
use crate::view::{LogFormat, LogLevel, Settings};
use crate::workspace::{Workspace, blocking};

/// Sets the level over what the person set, for one run.
const LEVEL_VARIABLE: &str = "COWORK_LOG";

/// Bytes of the file: it is read before anything can be said about what is wrong with it.
const FILE_BYTES: u64 = 4 * 1024;

/// What of the settings the log needs before the index is open.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Kept {
    level: LogLevel,
    format: LogFormat,
    days: u32,
}

impl Default for Kept {
    fn default() -> Self {
        Self::of(&Settings::default())
    }
}

impl Kept {
    fn of(settings: &Settings) -> Self {
        Self {
            level: settings.log_level,
            format: settings.log_format,
            days: settings.log_days,
        }
    }
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
    if let Err(error) = retention::forget_logs(&places.logs, kept.days, SystemTime::now()) {
        tracing::warn!(error = format!("{error:#}"), "old logs were not deleted");
    }
    Ok(Log {
        _guard: guard,
        control,
    })
}

/// Writes down what the next start's log needs to know.
pub(crate) fn keep(places: &Places, settings: &Settings) -> anyhow::Result<()> {
    let text = serde_json::to_vec(&Kept::of(settings)).context("writing the log's settings")?;
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

/// Lines of the log that are shown and copied: what came before a fault, and what a person can look through.
const SHOWN_LINES: usize = 500;
/// Bytes that are read for them.
const SHOWN_BYTES: u64 = 256 * 1024;

/// The last lines of the newest file in the folder of the logs.
fn last_lines(folder: &Path) -> anyhow::Result<Vec<String>> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let files = std::fs::read_dir(folder).context("opening the folder of the logs")?;
    let newest = files
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "log"))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .max();
    let Some((_, path)) = newest else {
        return Ok(Vec::new());
    };
    let mut file = std::fs::File::open(&path).with_context(|| format!("opening {}", path.display()))?;
    let length = file.metadata().context("looking at the log")?.len();
    let begin = length.saturating_sub(SHOWN_BYTES);
    file.seek(SeekFrom::Start(begin)).context("reading the log")?;
    let mut bytes = Vec::new();
    file.take(SHOWN_BYTES)
        .read_to_end(&mut bytes)
        .context("reading the log")?;
    let text = String::from_utf8_lossy(&bytes);
    // The first may be half a line.
    let lines: Vec<_> = text.lines().skip(usize::from(begin > 0)).collect();
    let from = lines.len().saturating_sub(SHOWN_LINES);
    Ok(lines[from..].iter().map(|line| (*line).to_owned()).collect())
}

impl Workspace {
    /// The folder of the app's logs.
    #[must_use]
    pub fn logs(&self) -> &Path {
        &self.inner.options.places.logs
    }

    /// The last lines of the app's own log, redacted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn app_log(&self) -> Result<Vec<String>> {
        let folder = self.logs().to_owned();
        let home = self.inner.options.home_directory.clone();
        let lines = blocking(move || {
            let redactor = cowork_redact::Redactor::new(home.as_deref());
            // As one text: a secret may stand over several lines.
            last_lines(&folder).map(|lines| redactor.redact(&lines.join("\n")).into_owned())
        });
        let text = lines
            .await
            .and_then(std::convert::identity)
            .map_err(WorkspaceError::Internal)?;
        Ok(text.lines().map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_those_of_the_newest_log() {
        let folder = tempfile::tempdir().unwrap();
        assert!(last_lines(folder.path()).unwrap().is_empty());
        let (old, new) = (folder.path().join("one.log"), folder.path().join("two.log"));
        std::fs::write(&old, "old\n").unwrap();
        let earlier = SystemTime::UNIX_EPOCH;
        std::fs::File::options()
            .write(true)
            .open(&old)
            .unwrap()
            .set_modified(earlier)
            .unwrap();
        std::fs::write(folder.path().join("notes.txt"), "no log").unwrap();
        let lines: Vec<_> = (0..2_000)
            .map(|line| format!("line {line} {}", "x".repeat(300)))
            .collect();
        std::fs::write(&new, lines.join("\n")).unwrap();
        let shown = last_lines(folder.path()).unwrap();
        assert_eq!(shown.len(), SHOWN_LINES);
        assert_eq!(shown.last(), lines.last());
        assert_eq!(shown.first(), Some(&lines[1_500]));
    }

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
