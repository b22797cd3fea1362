//! Reading anew what cannot be known from events: after the stream was opened, and after a change of providers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cowork_engine::{Engine, EngineError, SessionId};

use crate::boxes;
use crate::index;
use crate::operations::NEWEST_READ;
use crate::workspace::{Inner, blocking, now};

/// A folder that belongs to no session, to ask the engine about what is the same everywhere.
pub(super) fn neutral_folder(inner: &Inner) -> PathBuf {
    inner.home.layout().home_directory()
}

/// Reads the models and agents there are.
pub(super) async fn choices(inner: Arc<Inner>, engine: Arc<dyn Engine>) {
    let folder = neutral_folder(&inner);
    match tokio::join!(engine.models(&folder), engine.agents(&folder)) {
        (Ok(models), Ok(agents)) => {
            inner.state().set_choices(models, agents);
            inner.feed.changed();
        }
        (models, agents) => {
            for error in [models.err(), agents.err()].into_iter().flatten() {
                tracing::warn!(%error, "reading the engine's models and agents");
            }
        }
    }
}

/// Between two tries to read what could not be read.
const AGAIN: Duration = Duration::from_secs(1);

/// Reads every conversation that is held in memory anew, each until it was read: what was missed of it is not to be
/// had in another way. Those of sub-agents that began meanwhile, and ask, come into memory. Goes on for as long as the
/// engine lives.
pub(super) async fn sessions(inner: &Arc<Inner>, engine: &Arc<dyn Engine>) {
    let mut held: Vec<_> = {
        let state = inner.state();
        state
            .live
            .keys()
            .filter_map(|id| Some((id.clone(), state.folder_of(id)?)))
            .collect()
    };
    // Where something may run; the engine would begin to work in any other folder that it is asked about.
    let mut folders: BTreeSet<PathBuf> = held.iter().map(|(_, folder)| folder.clone()).collect();
    while !held.is_empty() || !folders.is_empty() {
        let mut unread = Vec::new();
        for folder in std::mem::take(&mut folders) {
            match engine.waiting(&folder).await {
                Ok(asking) => {
                    let unknown = |session: &SessionId| {
                        !inner.state().live.contains_key(session)
                            && !held.iter().any(|(known, _)| known == session)
                    };
                    let unknown: Vec<_> = asking.into_iter().filter(unknown).collect();
                    held.extend(unknown.into_iter().map(|session| (session, folder.clone())));
                }
                Err(error) => {
                    tracing::warn!(%error, folder = %folder.display(), "asking what waits for an answer; it is tried again");
                    folders.insert(folder);
                }
            }
        }
        for (session, folder) in held {
            match read(inner, engine, &session, &folder).await {
                // The engine has no such session: one that was deleted while nobody listened.
                Ok(()) | Err(EngineError::NotFound(_)) => {}
                Err(error) => {
                    tracing::warn!(%error, %session, "reading a conversation anew; it is tried again");
                    unread.push((session, folder));
                }
            }
        }
        held = unread;
        if !held.is_empty() || !folders.is_empty() {
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Reads a conversation anew that is in memory.
pub(crate) async fn read(
    inner: &Arc<Inner>,
    engine: &Arc<dyn Engine>,
    session: &SessionId,
    folder: &Path,
) -> Result<(), EngineError> {
    let mut snapshot = engine.snapshot(folder, session, Some(NEWEST_READ)).await?;
    boxes::resolve_asks(&mut snapshot.permissions, folder).await;
    let (store, wanted) = (inner.store.clone(), session.clone());
    let kept = blocking(move || index::journal(&store, &wanted))
        .await
        .and_then(std::convert::identity)
        .unwrap_or_else(|error| {
            tracing::warn!(error = format!("{error:#}"), "reading what was streamed");
            Vec::new()
        });
    let mut effects = Vec::new();
    inner.state().restore(snapshot, kept, now(), &mut effects);
    inner.carry_out(effects);
    Ok(())
}

#[cfg(test)]
mod tests {
    use cowork_engine::PermissionKind;

    use super::*;
    use crate::providers::testing::{FakeEngine, Ring, given_up, open};
    use crate::told;

    #[tokio::test]
    async fn what_a_sub_agent_asks_that_began_while_nobody_listened_is_shown() {
        let (_root, workspace) = open(&Ring::default()).await;
        given_up(&workspace).await;
        let (thread, child) = (SessionId::from("ses_0"), SessionId::from("ses_1"));
        let parent = told::snapshot(&thread, Vec::new());
        workspace
            .inner
            .state()
            .restore(parent.clone(), Vec::new(), 1, &mut Vec::new());
        let mut asking = told::snapshot(&child, Vec::new());
        asking.session = told::listed(&child, Some(&thread));
        asking
            .permissions
            .push(told::ask(PermissionKind::Edit, &["a.txt"], &["*"]));
        let fake = FakeEngine::default();
        *fake.snapshots.lock().unwrap() = [(thread, parent), (child, asking)].into();
        let engine: Arc<dyn Engine> = Arc::new(fake);
        sessions(&workspace.inner, &engine).await;
        let inbox = workspace.inner.state().inbox();
        let rows: Vec<_> = inbox
            .rows
            .iter()
            .map(|row| (row.session.as_str(), row.thread.as_str()))
            .collect();
        assert_eq!(rows, [("ses_1", "ses_0")]);
    }
}
