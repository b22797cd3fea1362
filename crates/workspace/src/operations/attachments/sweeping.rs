//! What was attached and is needed by nothing any more.

use std::fs;
use std::path::{Path, PathBuf};

use cowork_store::{DRAFT_HOLDER, DeliveryState, Store};

use super::forget;

/// What can go.
pub(super) struct Needless {
    /// Attached to prompts that the engine has by now.
    delivered: Vec<String>,
    /// Files that nobody knows.
    unknown: Vec<PathBuf>,
    /// How large they are together.
    pub(super) bytes: u64,
}

/// Looks for it. What is attached in a composer is needed, and so is what is held by whoever `stays`.
pub(super) fn needless(
    store: &Store,
    place: &Path,
    stays: impl Fn(&str) -> bool,
) -> anyhow::Result<Needless> {
    let mut needless = Needless {
        delivered: Vec::new(),
        unknown: Vec::new(),
        bytes: 0,
    };
    for id in store.attachment_ids()? {
        let Some(known) = store.attachment(&id)? else {
            continue;
        };
        if known.holder == DRAFT_HOLDER || stays(&known.holder) {
            continue;
        }
        let waits = store
            .queue(&known.session)?
            .iter()
            .any(|prompt| prompt.id == known.holder);
        let on_its_way = store
            .outbox_prompt(&known.holder)?
            .is_some_and(|prompt| prompt.state != DeliveryState::Sent);
        if !waits && !on_its_way {
            // It may have been given to a prompt while that was looked up.
            let again = store.attachment(&id)?;
            if again.is_some_and(|again| again.holder == known.holder) {
                needless.bytes += known.bytes;
                needless.delivered.push(id);
            }
        }
    }
    let known = store.attachment_ids()?;
    let files = fs::read_dir(place).into_iter().flatten();
    for file in files.filter_map(Result::ok) {
        let name = file.file_name();
        let is_known = known.iter().any(|id| name.as_os_str() == id.as_str());
        let Ok(metadata) = file.metadata() else {
            continue;
        };
        // One that is being written at this moment is a moment old.
        let is_new = metadata
            .modified()
            .is_ok_and(|made| made.elapsed().is_ok_and(|age| age.as_secs() < 60));
        if !is_known && !is_new {
            needless.bytes += metadata.len();
            needless.unknown.push(file.path());
        }
    }
    Ok(needless)
}

/// Has it go; the bytes that are free now.
pub(super) fn sweep(store: &Store, place: &Path, stays: impl Fn(&str) -> bool) -> anyhow::Result<u64> {
    let needless = needless(store, place, stays)?;
    forget(store, place, &needless.delivered)?;
    for file in &needless.unknown {
        fs::remove_file(file)?;
    }
    Ok(needless.bytes)
}
