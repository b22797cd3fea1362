//! Reading what the engine holds and the index does not.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use cowork_engine::{Engine, EngineError, SessionId};
use cowork_store::{StoreError, ToIndex};

use super::documents;
use crate::journal;
use crate::operations::threads;
use crate::workspace::{Inner, blocking};

/// Sessions that are looked up in the index at once.
const PAGE: u32 = 50;
/// Messages that are read at once: the engine takes a tenth of a second for them.
const READ: u32 = 500;
/// Messages of one write: a few milliseconds in which nobody else writes.
const BATCH: usize = 32;
/// Between two sessions, so that the engine and the disk have time for the person.
const BREATH: Duration = Duration::from_millis(20);
/// While a turn runs: the engine is the person's then.
const GIVE_WAY: Duration = Duration::from_secs(1);
/// Between two looks for what was missed.
const AGAIN: Duration = Duration::from_mins(5);

/// Brings what the engine holds into the list and the index; runs for ever.
pub(crate) async fn import(inner: Arc<Inner>) {
    inner.feed.has_drawn().await;
    let mut engines = inner.engine.subscribe();
    loop {
        let engine = engines.borrow_and_update().clone();
        if let Some(engine) = engine {
            list(&inner, &engine).await;
            // Until the engine is another: then everything is looked at anew.
            loop {
                tokio::select! {
                    () = read(&inner, &engine) => {}
                    // A round passes over what it has read, which is not in the index any more.
                    () = inner.index_emptied.notified() => continue,
                    changed = engines.changed() => {
                        if changed.is_err() { return }
                        break;
                    }
                }
                tokio::select! {
                    () = tokio::time::sleep(AGAIN) => {}
                    () = inner.index_emptied.notified() => {}
                    changed = engines.changed() => {
                        if changed.is_err() { return }
                        break;
                    }
                }
            }
        } else if engines.changed().await.is_err() {
            return;
        }
    }
}

/// Takes the sessions of all folders into the list.
async fn list(inner: &Arc<Inner>, engine: &Arc<dyn Engine>) {
    let folders: Vec<_> = inner
        .state()
        .folders
        .snapshot()
        .into_iter()
        .map(|folder| folder.path)
        .collect();
    for folder in folders {
        let sessions = match engine.sessions(&folder).await {
            Ok(sessions) => sessions,
            Err(error) => {
                tracing::warn!(%error, "the threads that the engine holds of a folder are not known");
                continue;
            }
        };
        threads::take_in(inner, sessions).await;
        tokio::time::sleep(BREATH).await;
    }
}

/// Reads the messages of sessions that are not in the index, those that changed last first.
async fn read(inner: &Arc<Inner>, engine: &Arc<dyn Engine>) {
    inner.save_now().await;
    // What could not be read is not tried again in this round.
    let mut passed_over: HashSet<String> = HashSet::new();
    loop {
        let store = inner.store.clone();
        let limit = PAGE.saturating_add(u32::try_from(passed_over.len()).unwrap_or(u32::MAX));
        let page = blocking(move || store.sessions_to_index(limit)).await;
        let page = match page.and_then(|page| page.context("looking for what is not indexed")) {
            Ok(page) => page,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "reading what the engine holds");
                return;
            }
        };
        let fresh: Vec<_> = page
            .into_iter()
            .filter(|session| !passed_over.contains(&session.session))
            .collect();
        if fresh.is_empty() {
            return;
        }
        for session in fresh {
            while inner.state().is_at_work() {
                tokio::time::sleep(GIVE_WAY).await;
            }
            if let Err(error) = read_one(inner, engine, &session).await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    session = session.session,
                    "a thread is not indexed yet"
                );
                if matches!(error.downcast_ref(), Some(EngineError::Unreachable(_))) {
                    return;
                }
            }
            passed_over.insert(session.session);
            tokio::time::sleep(BREATH).await;
        }
    }
}

/// A session that is being read. When it is dropped the reading has ended, wherever it was.
struct Reading {
    inner: Arc<Inner>,
    session: SessionId,
}

impl Reading {
    fn begin(inner: &Arc<Inner>, session: &SessionId) -> Self {
        inner.state().unindexed().begin_reading(session);
        Self {
            inner: inner.clone(),
            session: session.clone(),
        }
    }

    /// Whether nothing happened in the session since. Messages may have come or gone that what was read knows nothing
    /// of, and files may have been changed by messages that it lacks.
    fn is_current(&self) -> bool {
        self.inner.state().unindexed().is_current(&self.session)
    }

    /// Everything that was read is in the index. Whether that is all there is.
    fn end(self) -> bool {
        self.inner.state().unindexed().end_reading(&self.session, true)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.inner.state().unindexed().end_reading(&self.session, false);
    }
}

async fn read_one(inner: &Arc<Inner>, engine: &Arc<dyn Engine>, wanted: &ToIndex) -> anyhow::Result<()> {
    let id = SessionId::from(wanted.session.as_str());
    let index_made = inner.store.index_made();
    let reading = Reading::begin(inner, &id);
    // What comes into the index while the engine is read is not known to be gone.
    let (store, session) = (inner.store.clone(), wanted.session.clone());
    let mut gone = blocking(move || store.messages_of(&session))
        .await?
        .context("looking what of a thread is indexed")?;
    let mut changed_files = BTreeSet::new();
    let mut place = None;
    let is_held = loop {
        let page = engine
            .older_messages(Path::new(&wanted.folder), &id, place.as_ref(), READ)
            .await;
        let page = match page {
            Ok(page) => page,
            // Gone from the engine: what the index has of it is all there is.
            Err(EngineError::NotFound(_)) => break false,
            Err(error) => return Err(error.into()),
        };
        // A message of this page may be gone by now, and out of the index.
        if !reading.is_current() {
            return read_again(inner, reading, wanted).await;
        }
        let (store, mut messages) = (inner.store.clone(), page.messages);
        let session = wanted.session.clone();
        let changed = blocking(move || {
            if messages.iter().any(|of| journal::is_unfinished(&of.message)) {
                // As it is shown, so that it is found.
                journal::fill_in(&mut messages, store.journal_of(&session)?);
            }
            let mut changed = Vec::new();
            for some in messages.chunks(BATCH) {
                let documents: Vec<_> = some.iter().map(documents::of_message).collect();
                store.index_messages(&documents)?;
                changed.extend(
                    documents
                        .into_iter()
                        .map(|document| (document.message, document.changed_files)),
                );
            }
            Ok::<_, StoreError>(changed)
        })
        .await?
        .context("indexing a thread")?;
        for (message, files) in changed {
            gone.remove(&message);
            changed_files.extend(files);
        }
        place = page.older;
        if place.is_none() {
            break true;
        }
        tokio::time::sleep(BREATH).await;
    };
    if is_held && !gone.is_empty() {
        // What happens now changes files that it does not know of.
        if !reading.is_current() {
            return read_again(inner, reading, wanted).await;
        }
        let (store, session) = (inner.store.clone(), wanted.session.clone());
        let gone: Vec<_> = gone.into_iter().collect();
        blocking(move || {
            gone.chunks(BATCH)
                .try_for_each(|some| store.remove_messages(&session, some, &changed_files).map(drop))
        })
        .await?
        .context("taking what a thread no longer holds out of the index")?;
    }
    if !reading.end() {
        return forget_indexed(inner, wanted).await;
    }
    let (store, wanted) = (inner.store.clone(), wanted.clone());
    blocking(move || store.set_indexed(&wanted.session, wanted.updated, index_made))
        .await?
        .context("indexing a thread")?;
    inner.sessions_read.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// Leaves a session in which something happened to the next round.
async fn read_again(inner: &Arc<Inner>, reading: Reading, wanted: &ToIndex) -> anyhow::Result<()> {
    drop(reading);
    forget_indexed(inner, wanted).await
}

/// Has a session wait to be read, whatever was written of it while it was.
async fn forget_indexed(inner: &Arc<Inner>, wanted: &ToIndex) -> anyhow::Result<()> {
    let (store, session) = (inner.store.clone(), wanted.session.clone());
    blocking(move || store.forget_indexed(&session))
        .await?
        .context("noting that a thread is to be read again")
}

#[cfg(test)]
mod tests;
