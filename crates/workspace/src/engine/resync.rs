//! Reading anew what cannot be known from events: after the stream was opened, and after a change of providers.

use std::path::PathBuf;
use std::sync::Arc;

use cowork_engine::{Engine, EngineError};

use crate::workspace::{Inner, now};

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

/// Reads every conversation that is held in memory anew.
pub(super) async fn sessions(inner: &Arc<Inner>, engine: &Arc<dyn Engine>) {
    let held: Vec<_> = {
        let state = inner.state();
        state
            .live
            .keys()
            .filter_map(|id| Some((id.clone(), state.folder_of(id)?)))
            .collect()
    };
    for (session, folder) in held {
        match engine.snapshot(&folder, &session).await {
            Ok(snapshot) => {
                let mut effects = Vec::new();
                inner.state().restore(snapshot, Vec::new(), now(), &mut effects);
                inner.carry_out(effects);
            }
            // It has no such session: one that was deleted while nobody listened.
            Err(EngineError::NotFound(_)) => {}
            Err(error) => tracing::warn!(%error, %session, "reading a conversation anew"),
        }
    }
}
