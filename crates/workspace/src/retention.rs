//! How long things are kept, as a person set it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use cowork_redact::log::is_log_file;
use cowork_store::{JOURNAL_LIMIT, Store};

use crate::view::Settings;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// For how many days each thing is kept.
pub(crate) fn days(settings: &Settings) -> [u32; 4] {
    [
        settings.usage_days,
        settings.answered_days,
        settings.log_days,
        settings.journal_days,
    ]
}

/// Forgets what is kept for longer than was set, and the oldest unfinished answers beyond their bound of size. How many
/// bytes of unfinished answers were forgotten, since those are lost.
pub(crate) fn apply(store: &Store, logs: &Path, settings: &Settings, now: i64) -> Result<u64> {
    let before = |days: u32| now - i64::from(days) * DAY;
    store
        // A day more, since one of the person's begins before or after one of the clock's.
        .expire_usage(before(settings.usage_days + 1))
        .context("forgetting what answers took too long ago")?;
    store
        .expire_answered(before(settings.answered_days))
        .context("forgetting what was answered too long ago")?;
    let expired = store
        .journal_expire(before(settings.journal_days))
        .context("forgetting unfinished answers that nobody came back for")?;
    let pruned = store
        .journal_prune(JOURNAL_LIMIT)
        .context("forgetting the oldest unfinished answers")?;
    // Last: a log file that cannot be deleted keeps nothing else.
    forget_logs(logs, settings.log_days, SystemTime::now())?;
    Ok(expired + pruned)
}

/// Deletes log files that nothing was written to for more than so many days. Where one cannot be deleted the others go all
/// the same.
pub(crate) fn forget_logs(folder: &Path, days: u32, now: SystemTime) -> Result<()> {
    let age = Duration::from_hours(24) * days;
    let mut outcome = Ok(());
    for file in old_logs(folder, age, now) {
        match fs::remove_file(&file) {
            // Another start of the app was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => outcome = Err(error).with_context(|| format!("deleting {}", file.display())),
            Ok(()) => {}
        }
    }
    outcome
}

/// Log files that nothing was written to for so long. The one written last stays, however long ago that was: it may be
/// open.
pub(crate) fn old_logs(folder: &Path, age: Duration, now: SystemTime) -> Vec<PathBuf> {
    let mut logs: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| is_log_file(&entry.file_name()))
        // Not what a link leads to.
        .filter_map(|entry| Some((entry.metadata().ok().filter(fs::Metadata::is_file)?, entry.path())))
        .filter_map(|(metadata, path)| Some((metadata.modified().ok()?, path)))
        .collect();
    logs.sort();
    logs.pop();
    logs.into_iter()
        .filter(|(written, _)| now.duration_since(*written).is_ok_and(|since| since > age))
        .map(|(_, path)| path)
        .collect()
}

#[cfg(test)]
mod tests {
    use cowork_store::{Answered, JournalChunk, JournalKind};

    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    fn answered(ask: &str, at: i64) -> Answered {
        Answered {
            ask: ask.to_owned(),
            thread: "ses_1".to_owned(),
            title: "A thread".to_owned(),
            folder: "/work".to_owned(),
            agent: "build".to_owned(),
            subject: "shell".to_owned(),
            about: "npm test".to_owned(),
            answer: "once".to_owned(),
            by: "person".to_owned(),
            because: String::new(),
            at,
        }
    }

    fn chunk(message: &str) -> JournalChunk {
        JournalChunk {
            session: "ses_1".to_owned(),
            message: message.to_owned(),
            part: "prt".to_owned(),
            kind: JournalKind::Text,
            at: 0,
            text: "said".to_owned(),
        }
    }

    #[test]
    fn each_thing_is_kept_for_as_long_as_was_set_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        let (store, _) = Store::open(&folder.path().join("cowork.db"), 0).unwrap();
        for days in [1, 5, 20] {
            let then = NOW - days * DAY;
            store.put_answered(&answered(&days.to_string(), then)).unwrap();
            store.journal_append(&[chunk(&days.to_string())], then).unwrap();
        }
        let left = || {
            let unfinished = store.journal_of("ses_1").unwrap().len();
            (store.answered(100).unwrap().0.len(), unfinished)
        };
        let kept = |answered_days, journal_days| Settings {
            journal_days,
            answered_days,
            ..Settings::default()
        };
        assert_eq!(apply(&store, &logs, &Settings::default(), NOW).unwrap(), 0);
        assert_eq!(left(), (3, 3));
        assert!(apply(&store, &logs, &kept(90, 10), NOW).unwrap() > 0);
        assert_eq!(left(), (3, 2));
        assert_eq!(apply(&store, &logs, &kept(3, 10), NOW).unwrap(), 0);
        assert_eq!(left(), (1, 2));
    }

    #[test]
    fn only_logs_that_are_old_enough_go_and_never_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let log = |name: &str, days: u64| {
            let path = folder.path().join(name);
            let file = fs::File::create(&path).unwrap();
            let written = now - Duration::from_hours(24 * days + 1);
            file.set_modified(written).unwrap();
            path
        };
        let day = Duration::from_hours(24);
        let old = log("cowork.2026-01-01.log", 3);
        let last = log("cowork.2026-01-03.log", 1);
        log("notes.txt", 9);
        log("build.log", 9);
        log("cowork.notes.log", 9);
        fs::create_dir(folder.path().join("folder.log")).unwrap();
        assert_eq!(old_logs(folder.path(), day, now), std::slice::from_ref(&old));
        fs::remove_file(&last).unwrap();
        assert!(old_logs(folder.path(), day, now).is_empty(), "the last one stays");
        log("cowork.2026-01-04.log", 0);
        assert_eq!(old_logs(folder.path(), day, now), std::slice::from_ref(&old));
        forget_logs(folder.path(), 7, now).unwrap();
        assert!(old.exists());
        forget_logs(folder.path(), 2, now).unwrap();
        assert!(!old.exists());
    }
}
