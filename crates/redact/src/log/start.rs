//! Starting the log.

use std::ffi::OsStr;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, reload};

use super::{BoundedFile, LogFormat, RedactingMakeWriter};
use crate::Redactor;

const PREFIX: &str = "cowork";
const SUFFIX: &str = "log";
/// Files that are kept at most, whatever a person sets. How many days they want is the caller's to see to.
const FILES: usize = 90;
/// A week of it is 112 MB at most.
const BYTES_A_DAY: u64 = 16 * 1024 * 1024;
/// Lines that wait for the disk; beyond them lines are dropped rather than the app frozen.
const WAITING_LINES: usize = 8 * 1024;

/// The level a person asked for by name (`error`, `warn`, `info`, `debug`, `trace`, `off`); `info` when they asked
/// for none or for one that is not known.
#[must_use]
pub fn level_from(name: Option<&str>) -> LevelFilter {
    name.and_then(|name| name.trim().parse().ok())
        .unwrap_or(LevelFilter::INFO)
}

/// Whether a file of this name is one that the log makes: one for each day. Others that lie there are not the app's.
#[must_use]
pub fn is_log_file(name: &OsStr) -> bool {
    let day = name.to_str().and_then(|name| {
        name.strip_prefix(PREFIX)?
            .strip_prefix('.')?
            .strip_suffix(SUFFIX)?
            .strip_suffix('.')
    });
    day.is_some_and(|day| {
        let shape = "0000-00-00".bytes();
        day.len() == shape.len()
            && day.bytes().zip(shape).all(|(found, wanted)| match wanted {
                b'0' => found.is_ascii_digit(),
                _ => found == wanted,
            })
    })
}

/// Keeps the log's writer alive. Dropping it writes what still waits, so hold it until the program ends.
#[derive(Debug)]
#[must_use = "the log stops when this is dropped"]
pub struct LogGuard {
    _worker: WorkerGuard,
}

/// How a log is written.
#[derive(Clone, Copy, Debug)]
pub struct LogOptions {
    /// What is this bad or worse is written, until [`LogControl::set_level`] says otherwise.
    pub level: LevelFilter,
    /// Lines for people or for programs. It stays for the run.
    pub format: LogFormat,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self {
            level: LevelFilter::INFO,
            format: LogFormat::Text,
        }
    }
}

/// Changes a log that runs.
#[derive(Clone, Debug)]
pub struct LogControl {
    level: reload::Handle<LevelFilter, Registry>,
}

impl LogControl {
    /// Logs from now on what is this bad or worse.
    ///
    /// # Errors
    /// When the log has ended.
    pub fn set_level(&self, level: LevelFilter) -> Result<()> {
        self.level
            .reload(level)
            .context("could not change the log's level: the log has ended")
    }

    /// The level that is logged now.
    ///
    /// # Errors
    /// When the log has ended.
    pub fn level(&self) -> Result<LevelFilter> {
        self.level
            .with_current(|level| *level)
            .context("could not read the log's level: the log has ended")
    }
}

/// Starts a log of text, see [`start_logging`].
///
/// # Errors
/// Those of [`start_logging`].
pub fn init_logging(folder: &Path, level: LevelFilter) -> Result<LogGuard> {
    let options = LogOptions {
        level,
        ..LogOptions::default()
    };
    start_logging(folder, options).map(|(guard, _)| guard)
}

/// Starts to log into a file a day in `folder`, cleaned of secrets and of the person's home folder. Files have at
/// most 16 MB, and ninety of them are kept at most; older ones are removed.
///
/// # Errors
/// When the folder cannot be made or written to, or something else installed a log before.
pub fn start_logging(folder: &Path, options: LogOptions) -> Result<(LogGuard, LogControl)> {
    make_private(folder).with_context(|| {
        format!(
            "could not make the log folder {}; check that its parent can be written to",
            folder.display()
        )
    })?;
    let written = written_today(folder, today());
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .filename_suffix(SUFFIX)
        .max_log_files(FILES)
        .build(folder)
        .with_context(|| {
            format!(
                "could not write a log file in {}; check its rights",
                folder.display()
            )
        })?;
    let bounded = BoundedFile::new(file, BYTES_A_DAY, written, today);
    let (lines, worker) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING_LINES)
        .finish(bounded);
    let redactor = Redactor::new(std::env::home_dir().as_deref());
    let writer = RedactingMakeWriter::with_format(lines, redactor, options.format);
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(writer);
    let layer = match options.format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    let (level, handle) = reload::Layer::new(options.level);
    tracing_subscriber::registry()
        .with(level)
        .with(layer)
        .try_init()
        .context("could not start the log: another one is installed already")?;
    Ok((LogGuard { _worker: worker }, LogControl { level: handle }))
}

/// Days since 1970 in UTC, which is when the files change.
fn today() -> u64 {
    day_of(SystemTime::now())
}

fn day_of(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() / 86_400)
}

/// The size of the file that earlier runs wrote today: of our files the one that was changed today and last.
fn written_today(folder: &Path, today: u64) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name();
            let name = name.to_str()?;
            let metadata = entry.metadata().ok()?;
            let changed = metadata.modified().ok()?;
            let ours = name.starts_with(PREFIX) && name.ends_with(SUFFIX) && day_of(changed) == today;
            ours.then_some((changed, metadata.len()))
        })
        .max()
        .map_or(0, |(_, length)| length)
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    // On Windows the person's profile, where the folder lies, is private already.
    std::fs::create_dir_all(folder)
}
