//! What takes how much of the disk.

use std::fs;
use std::path::Path;

use cowork_store::StoreError;

use crate::boxes;
use crate::error::{Result, WorkspaceError};
use crate::view::StorageReport;
use crate::workspace::{Workspace, blocking};

/// Files that are counted, in all places together: a second or two of looking.
const COUNTED: u32 = 300_000;

impl Workspace {
    /// What takes how much of the disk. It looks at every file, so it takes seconds.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn storage_report(&self) -> Result<StorageReport> {
        let (store, places) = (self.inner.store.clone(), self.inner.options.places.clone());
        let box_homes = boxes::homes(&self.inner);
        blocking(move || {
            let (sizes, indexing) = (store.sizes()?, store.indexing()?);
            let mut left = COUNTED;
            Ok::<_, StoreError>(StorageReport {
                database: sizes.file + sizes.log,
                index: sizes.index,
                journal: sizes.journal,
                free: sizes.free,
                logs: size_of(&places.logs, &mut left),
                engine_home: size_of(&places.private_home, &mut left),
                box_homes: size_of(&box_homes, &mut left),
                sandboxes: size_of(&places.sandbox_folder_root, &mut left),
                set_aside: set_aside(&places.database),
                cut: left == 0,
                threads: indexing.sessions,
                unread: indexing.waiting,
            })
        })
        .await
        .map_err(WorkspaceError::Internal)?
        .map_err(|error| WorkspaceError::Internal(error.into()))
    }
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

/// Damaged databases beside the one in use.
fn set_aside(database: &Path) -> u64 {
    let (Some(folder), Some(name)) = (database.parent(), database.file_name()) else {
        return 0;
    };
    let begins = format!("{}.corrupt-", name.to_string_lossy());
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&begins))
        .filter_map(|entry| entry.metadata().ok())
        .map(|metadata| metadata.len())
        .sum()
}
