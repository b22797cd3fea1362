//! Files that git does not know: their lines, and those among them that are known files under another name.

use std::path::Path;

use super::compare::{self, Sides};
use super::git::{Git, Status};
use super::place::{self, Found};
use super::{Change, renames};
use crate::view::FileStatus;
use crate::workspace::blocking;

/// Files that git does not know whose lines are counted, and bytes of each.
const COUNTED: usize = 500;
const COUNTED_BYTES: u64 = 256 << 10;

/// Files that are gone which are looked for among those that git does not know: each is a call of git.
const LOOKED_FOR: usize = 8;

/// Finds files that are gone among those that git does not know: renamed without a word to git.
pub(crate) async fn pair_with_untracked(git: &Git, folder: &Path, status: &mut Status) {
    let is_gone = |change: &&Change| {
        change.file.status == FileStatus::Deleted && change.in_folder && !change.file.binary
    };
    let gone: Vec<String> = status
        .changes
        .iter()
        .filter(is_gone)
        .map(|change| change.file.path.clone())
        .collect();
    if gone.is_empty() || gone.len() > LOOKED_FOR || status.untracked == 0 {
        return;
    }
    let mut went = Vec::new();
    for path in &gone {
        let bytes = git.committed(status.base(), path).await.unwrap_or_default();
        went.push(String::from_utf8(bytes).unwrap_or_default());
    }
    let root = folder.to_owned();
    let untracked: Vec<String> = status
        .changes
        .iter()
        .filter(|change| change.file.untracked && change.in_folder)
        .take(100)
        .map(|change| change.file.path.clone())
        .collect();
    let looked = untracked.clone();
    let came = blocking(move || {
        let text = |path: &String| match place::read(&root, &place::below(path)?, COUNTED_BYTES) {
            Ok(Found::File(content)) => content.text().map(str::to_owned),
            _ => None,
        };
        looked
            .iter()
            .map(|path| text(path).unwrap_or_default())
            .collect::<Vec<_>>()
    });
    let Ok(came) = came.await else { return };
    for (from, to, similarity) in renames::pairs(&went, &came) {
        let (added, removed) = compare::counts(&Sides::whole(&went[from], &came[to]).edits(false));
        status.changes.retain(|change| change.file.path != gone[from]);
        let change = status
            .changes
            .iter_mut()
            .find(|change| change.file.path == untracked[to]);
        if let Some(change) = change {
            change.file.status = FileStatus::Renamed;
            change.file.old_path = Some(gone[from].clone());
            change.file.similarity = Some(similarity);
            (change.file.additions, change.file.deletions) = (Some(added), Some(removed));
            change.old_text = Some(went[from].clone());
        }
    }
}

/// Counts the lines of files that git does not know, and finds out which hold no text.
pub(crate) fn count_untracked(folder: &Path, changes: &mut [Change]) {
    let unknown = changes
        .iter_mut()
        .filter(|change| change.file.untracked && change.in_folder && change.file.additions.is_none());
    for change in unknown.take(COUNTED) {
        let Some(path) = place::below(&change.file.path) else {
            continue;
        };
        if let Ok(Found::File(content)) = place::read(folder, &path, COUNTED_BYTES) {
            match content.text() {
                Some(text) => {
                    change.file.additions = Some(text.split_inclusive('\n').count() as u64);
                    change.file.deletions = Some(0);
                }
                None => change.file.binary = true,
            }
        }
    }
}
