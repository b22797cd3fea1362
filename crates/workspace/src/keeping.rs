//! What is written beside the feed: answers nobody looks at, and where the engine stands.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use cowork_store::{Rebuilt, StoreError};

use crate::state::Effect;
use crate::view::{EngineHealth, NoticeKind};
use crate::workspace::{Inner, Workspace, blocking, now};
use crate::{engine, index, retention};

/// Between two writes of what no window is told of. A fault may lose this much of an answer nobody looked at.
const PAUSE: Duration = Duration::from_millis(250);

/// Between two tries while the disk takes nothing.
const RETRY: Duration = Duration::from_secs(2);

/// Between two looks at what is kept too long. Whoever shortens how long something is kept has until then to take it back.
const PRUNE_EVERY: Duration = Duration::from_mins(10);

/// Between two writes of where the engine stands: a machine that changes its mind must not wear out a disk.
const PUBLISH: Duration = Duration::from_millis(500);

/// Between two looks at what nobody wakes for.
const LOOK: Duration = Duration::from_secs(10);

/// Keeps what streams in the background on disk, and the journal within its bound; runs for ever.
pub(crate) async fn keep_journal(inner: Arc<Inner>) {
    let mut prune = tokio::time::interval(PRUNE_EVERY);
    let mut kept_for = retention::days(&inner.state().settings);
    loop {
        let (changed, failing, now_kept_for) = {
            let state = inner.state();
            let days = retention::days(&state.settings);
            (
                state.unkept.has_changed(),
                state.safety().not_saving.is_some(),
                days,
            )
        };
        if now_kept_for != kept_for {
            kept_for = now_kept_for;
            prune.reset();
        }
        if changed {
            inner.keep_now().await;
        }
        tokio::select! {
            () = tokio::time::sleep(if failing { RETRY } else { PAUSE }) => {}
            _ = prune.tick() => {
                let (store, logs) = (inner.store.clone(), inner.options.places.logs.clone());
                let settings = inner.state().settings.clone();
                let pruned = blocking(move || retention::apply(&store, &logs, &settings, now()))
                    .await.and_then(std::convert::identity);
                match pruned {
                    Ok(0) => {}
                    Ok(bytes) => tracing::warn!(bytes, "the oldest unfinished answers were forgotten"),
                    Err(error) => tracing::warn!(error = format!("{error:#}"), "forgetting what is kept too long"),
                }
            }
        }
    }
}

/// Whether an error is that of a damaged database.
pub(crate) fn is_damage(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::Corrupt))
}

/// What a person is told of a database that was begun anew.
pub(crate) fn rebuilt_words(rebuilt: &Rebuilt) -> String {
    let kept = if rebuilt.salvage.whole {
        "Everything in it could be read and was taken over, but rules of \"always allow\": give them again."
    } else {
        "What could be read of it was taken over. Look through your folders, providers and settings, and give rules of \
         \"always allow\" again."
    };
    format!(
        "The damaged file is kept at {}. {kept} Threads are read from the engine again.",
        rebuilt.set_aside.display()
    )
}

/// Has no further start say that the database was begun anew, once somebody saw it.
async fn told_of_rebuild(inner: &Inner) {
    let notices = inner.state().lasting_notices();
    if notices == 0 {
        return;
    }
    inner.feed.has_shown(notices).await;
    let store = inner.store.clone();
    let told = blocking(move || store.told_of_rebuild()).await;
    if let Err(error) = told.and_then(|told| told.context("noting that the person was told")) {
        tracing::warn!(
            error = format!("{error:#}"),
            "a start may say once more what was said"
        );
    }
}

/// Looks once whether the database is whole, beside the first picture, and begins it anew when it is not. That is said,
/// at each start, until somebody saw it.
pub(crate) async fn check_store(inner: Arc<Inner>) {
    inner.feed.has_drawn().await;
    look_at_store(&inner).await;
    // After it: what it did is one of the news.
    told_of_rebuild(&inner).await;
}

async fn look_at_store(inner: &Arc<Inner>) {
    let store = inner.store.clone();
    let checked = blocking(move || {
        if store.is_sound()? {
            return Ok::<_, StoreError>(None);
        }
        store.rebuild(now()).map(Some)
    })
    .await
    .and_then(|checked| checked.context("looking whether the database is whole"));
    match checked {
        Ok(None) => {}
        Ok(Some(rebuilt)) => {
            tracing::error!(salvage = ?rebuilt.salvage, "the database was damaged and begun anew");
            inner.begin_journal_anew().await;
            let (effects, folders) = {
                let mut state = inner.state();
                // A rule out of a damaged file is not what the person said; those in memory came from there.
                state.allowances.clear();
                state.notice(NoticeKind::StoreRebuilt, rebuilt_words(&rebuilt), now());
                let effects = state.rows.values().cloned().map(Effect::Store).collect();
                (effects, state.folders.snapshot())
            };
            inner.carry_out(effects);
            // What is not in memory and could not be read of the file is the engine's to tell.
            let workspace = Workspace { inner: inner.clone() };
            for folder in folders {
                workspace.recall_in_background(folder.path);
            }
        }
        Err(error) => {
            tracing::error!(
                error = format!("{error:#}"),
                "the database could not be looked at"
            );
            inner
                .state()
                .notice(NoticeKind::NotSaved, format!("{error:#}"), now());
            inner.feed.changed();
        }
    }
}

/// Writes where the engine stands to where `cowork doctor` reads it; runs for ever.
pub(crate) async fn publish_health(inner: Arc<Inner>) {
    let mut shown = None;
    loop {
        // The state wakes at once; what else is shown is looked at in passing.
        tokio::select! {
            () = inner.health_changed.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
        let now_shown = {
            let state = inner.state();
            (state.safety(), state.engine.clone())
        };
        if shown.as_ref() == Some(&now_shown) {
            continue;
        }
        shown = Some(now_shown);
        write_health(&inner).await;
        tokio::time::sleep(PUBLISH).await;
    }
}

/// The file that says where the engine stands, for whoever finds the data claimed.
fn health_file(inner: &Inner) -> PathBuf {
    health_file_in(&inner.options.places)
}

fn health_file_in(places: &cowork_brand::Places) -> PathBuf {
    places.data.join("engine-state.json")
}

/// Bytes of that file: states, failures and counts are bounded far below.
const HEALTH_BYTES: u64 = 4 * 1024 * 1024;

/// Reads where the engine of the process that holds the data stands, as it last wrote it down.
///
/// # Errors
/// When there is nothing, or nothing that can be read.
pub fn published_health(places: &cowork_brand::Places) -> anyhow::Result<EngineHealth> {
    use std::io::Read as _;
    let path = health_file_in(places);
    let mut text = Vec::new();
    std::fs::File::open(&path)
        .with_context(|| format!("opening {}", path.display()))?
        .take(HEALTH_BYTES)
        .read_to_end(&mut text)
        .context("reading where the engine stands")?;
    serde_json::from_slice(&text).context("understanding where the engine stands")
}

pub(crate) async fn write_health(inner: &Arc<Inner>) {
    let health = engine::health(inner, 0);
    let path = health_file(inner);
    let written = blocking(move || engine::write_private(&path, &serde_json::to_vec(&health)?)).await;
    if let Err(error) = written.and_then(std::convert::identity) {
        // It is for a second process to read; a full disk is told about elsewhere.
        tracing::debug!(
            error = format!("{error:#}"),
            "writing down where the engine stands"
        );
    }
}

impl Workspace {
    /// Everything the health view shows of the engine.
    ///
    /// # Errors
    /// When a background task was cut off.
    pub async fn engine_health(&self) -> crate::Result<EngineHealth> {
        let store = self.inner.store.clone();
        let bytes = blocking(move || index::journal_bytes(&store))
            .await
            .map_err(crate::WorkspaceError::Internal)?;
        Ok(engine::health(&self.inner, bytes))
    }

    /// A report about the app and its engine, redacted, to be read before it is shared.
    ///
    /// # Errors
    /// As [`Self::engine_health`].
    pub async fn diagnostics_report(&self) -> crate::Result<String> {
        let (health, parts) = (self.engine_health().await?, self.health_rows().await?);
        Ok(engine::report(&self.inner, &health, &parts, &self.engine_log()))
    }

    /// Returns when everything of the answers that is in memory now is on disk, or could not be written.
    pub async fn kept(&self) {
        self.inner.keep_now().await;
    }
}

#[cfg(test)]
mod tests {
    use cowork_store::{Opened, Store};

    use super::*;
    use crate::providers::testing::{Ring, a_while, open_as, until};

    /// What another start would find.
    fn found(workspace: &Workspace) -> Opened {
        let (_, opened) = Store::open(&workspace.inner.options.places.database, 0).unwrap();
        opened
    }

    #[tokio::test]
    async fn it_is_said_at_each_start_that_the_database_was_begun_anew_until_somebody_saw_it() {
        let (_root, workspace) = open_as(&Ring::default(), |options| {
            let path = &options.places.database;
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "no database ".repeat(1_000)).unwrap();
        })
        .await;
        assert!(matches!(found(&workspace), Opened::Rebuilt { .. }));
        workspace.subscribe(|_| true);
        workspace.show(false);
        assert_eq!(workspace.start().await.unwrap().notices.len(), 1);
        workspace.acknowledge(0);
        a_while().await;
        assert!(
            matches!(found(&workspace), Opened::Rebuilt { .. }),
            "nobody looked at it"
        );
        workspace.show(true);
        until("the note that it was seen", || {
            found(&workspace) == Opened::Existing
        })
        .await;
    }

    #[tokio::test]
    async fn what_others_took_the_place_of_is_not_taken_for_seen() {
        let (_root, workspace) = open_as(&Ring::default(), |_| {}).await;
        let mut state = workspace.inner.state();
        let told = |state: &mut crate::state::State| {
            let update = state.update(Vec::new()).unwrap_or_default();
            state.lasting_in(&update.notices)
        };
        state.notice(NoticeKind::StoreRebuilt, "begun anew", 1);
        assert_eq!((told(&mut state), told(&mut state)), (1, 0));
        state.notice(NoticeKind::StoreRebuilt, "begun anew", 1);
        for _ in 0..100 {
            state.notice(NoticeKind::NotSaved, "the disk is full", 2);
        }
        assert_eq!(told(&mut state), 0);
        assert_eq!(state.lasting_in(&state.notices), 0);
        assert_eq!(state.lasting_notices(), 2);
    }
}
