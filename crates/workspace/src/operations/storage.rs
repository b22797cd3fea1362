//! What takes how much of the disk, and what can be given back.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use cowork_store::{JOURNAL_LIMIT, StoreError, is_set_aside};

use crate::boxes;
use crate::error::{Result, WorkspaceError};
use crate::retention::old_logs;
use crate::review::kept;
use crate::view::{IndexProgress, IndexState, StorageReport};
use crate::workspace::{Workspace, blocking};

/// Files that are counted, in all places together: a second or two of looking.
const COUNTED: u32 = 300_000;
/// A log file that nothing was written to for so long is not the one of today, whatever clock names it.
const OLD_LOG: Duration = Duration::from_hours(24);

impl Workspace {
    /// What takes how much of the disk. It looks at every file, so it takes seconds.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn storage_report(&self) -> Result<StorageReport> {
        let (store, places) = (self.inner.store.clone(), self.inner.options.places.clone());
        let box_homes = boxes::homes(&self.inner);
        let journal_days = self.inner.state().settings.journal_days;
        let needless = self
            .needless_attachments()
            .await
            .map_err(WorkspaceError::Internal)?;
        let (reverted, folders) = self.kept_reverts();
        blocking(move || {
            let (sizes, indexing) = (store.sizes()?, store.indexing()?);
            let mut left = COUNTED;
            let aside = set_aside(&places.database);
            Ok::<_, StoreError>(StorageReport {
                database: sizes.file + sizes.log,
                index: sizes.index,
                journal: sizes.journal,
                journal_limit: JOURNAL_LIMIT,
                journal_days,
                usage: sizes.usage,
                answered: sizes.answered,
                pairing: sizes.pairing,
                free: sizes.free,
                logs: size_of(&places.logs, &mut left),
                old_logs: bytes_of(&old_logs(&places.logs, OLD_LOG, SystemTime::now())),
                engine_home: size_of(&places.private_home, &mut left),
                box_homes: size_of(&box_homes, &mut left),
                sandboxes: size_of(&places.sandbox_folder_root, &mut left),
                set_aside: bytes_of(&aside),
                set_aside_count: set_aside_count(&places.database),
                attachments: size_of(&places.data.join("attachments"), &mut left),
                needless_attachments: needless,
                kept_reverts: size_of(&reverted, &mut left),
                needless_reverts: kept::bytes_of(&reverted, &kept::needless(&reverted, &folders)),
                cut: left == 0,
                threads: indexing.sessions,
                unread: indexing.waiting,
            })
        })
        .await
        .map_err(WorkspaceError::Internal)?
        .map_err(|error| WorkspaceError::Internal(error.into()))
    }

    /// How far the index is, and what it does.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn index_progress(&self) -> Result<IndexProgress> {
        let store = self.inner.store.clone();
        let indexing = blocking(move || store.indexing())
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::Internal(error.into()))?;
        let state = if indexing.waiting == 0 {
            IndexState::Done
        } else if self.inner.engine.borrow().is_none() {
            IndexState::NoEngine
        } else if self.inner.state().is_at_work() {
            IndexState::GivesWay
        } else {
            IndexState::Reading
        };
        Ok(IndexProgress {
            threads: indexing.sessions,
            unread: indexing.waiting,
            read: self.inner.sessions_read.load(Ordering::Relaxed),
            state,
        })
    }

    /// Empties the index of messages and has it filled again from what the engine holds. Titles are found all the
    /// while; tags, saved searches and what answers took stay.
    ///
    /// # Errors
    /// When it cannot be written; then the index is as it was.
    pub async fn rebuild_index(&self) -> Result<()> {
        let store = self.inner.store.clone();
        blocking(move || store.clear_index())
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))?;
        self.inner.index_emptied.notify_one();
        Ok(())
    }

    /// Deletes the log files of earlier days. The bytes that are free now.
    ///
    /// # Errors
    /// When one cannot be deleted.
    pub async fn delete_old_logs(&self) -> Result<u64> {
        let logs = self.inner.options.places.logs.clone();
        delete(move || old_logs(&logs, OLD_LOG, SystemTime::now())).await
    }

    /// Deletes the damaged databases that were set aside. The bytes that are free now.
    ///
    /// # Errors
    /// When one cannot be deleted.
    pub async fn delete_set_aside(&self) -> Result<u64> {
        let database = self.inner.options.places.database.clone();
        delete(move || set_aside(&database)).await
    }
}

impl Workspace {
    /// Deletes what was kept of files before something was put back that cannot be undone any more. The bytes that are free
    /// now.
    ///
    /// # Errors
    /// When one cannot be deleted.
    pub async fn delete_needless_reverts(&self) -> Result<u64> {
        let (reverted, folders) = self.kept_reverts();
        blocking(move || kept::forget_needless(&reverted, &folders))
            .await
            .map_err(WorkspaceError::Internal)?
            .map_err(|error| WorkspaceError::NotSaved(error.to_string()))
    }

    /// Where it is kept, and the folders that there are.
    fn kept_reverts(&self) -> (PathBuf, Vec<PathBuf>) {
        let folders = self.inner.state().folders.snapshot();
        (
            super::review::store(&self.inner),
            folders.iter().map(|folder| folder.path.clone()).collect(),
        )
    }
}

/// Deletes files, and says how many bytes they had.
async fn delete(files: impl FnOnce() -> Vec<PathBuf> + Send + 'static) -> Result<u64> {
    let deleted = blocking(move || -> anyhow::Result<u64> {
        let mut bytes = 0;
        for file in files() {
            let length = bytes_of(std::slice::from_ref(&file));
            fs::remove_file(&file).with_context(|| format!("deleting {}", file.display()))?;
            bytes += length;
        }
        Ok(bytes)
    });
    deleted
        .await
        .and_then(std::convert::identity)
        .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))
}

/// The bytes of all files below a folder, without following links. What cannot be read counts as nothing.
fn size_of(folder: &Path, left: &mut u32) -> u64 {
    let mut folders = vec![folder.to_owned()];
    let mut bytes = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if *left == 0 {
                return bytes;
            }
            *left -= 1;
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push(entry.path()),
                Ok(metadata) => bytes += metadata.len(),
                // It went while it was looked at.
                Err(_) => {}
            }
        }
    }
    bytes
}

/// The files in a folder, without those that links lead to.
fn files_in(folder: &Path) -> impl Iterator<Item = (PathBuf, fs::Metadata)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let metadata = entry.metadata().ok()?;
        metadata.is_file().then(|| (entry.path(), metadata))
    })
}

fn bytes_of(files: &[PathBuf]) -> u64 {
    let lengths = files.iter().filter_map(|file| fs::metadata(file).ok());
    lengths.map(|metadata| metadata.len()).sum()
}

/// How many damaged databases were set aside.
pub(super) fn set_aside_count(database: &Path) -> u32 {
    let count = set_aside(database).iter().filter(|path| !is_beside(path)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Damaged databases beside the one in use, each with its log and its index.
fn set_aside(database: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(name)) = (database.parent(), database.file_name()) else {
        return Vec::new();
    };
    let is_aside = |path: &Path| path.file_name().is_some_and(|file| is_set_aside(name, file));
    files_in(folder)
        .map(|(path, _)| path)
        .filter(|path| is_aside(path))
        .collect()
}

/// Whether a file is the log or the index of a database.
fn is_beside(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.ends_with("-wal") || name.ends_with("-shm")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_aside_is_told_by_its_name_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("cowork.db");
        for name in [
            "cowork.db",
            "cowork.db-wal",
            "cowork.db.corrupt-5",
            "cowork.db.corrupt-5-wal",
            "cowork.db.corrupt-9-1",
            "other.db.corrupt-5",
            "cowork.db.corrupt-5.txt",
        ] {
            fs::write(folder.path().join(name), "12345").unwrap();
        }
        fs::create_dir(folder.path().join("cowork.db.corrupt-7")).unwrap();
        let mut aside = set_aside(&database);
        aside.sort();
        let names: Vec<_> = aside.iter().map(|path| path.file_name().unwrap()).collect();
        assert_eq!(
            names,
            [
                "cowork.db.corrupt-5",
                "cowork.db.corrupt-5-wal",
                "cowork.db.corrupt-9-1"
            ]
        );
        assert_eq!(bytes_of(&aside), 15);
        assert_eq!(aside.iter().filter(|path| !is_beside(path)).count(), 2);
    }
}
