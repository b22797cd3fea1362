//! Keeps the words of conversations in the index.
//!
//! Two ways lead there. What happens while the app runs is taken from the conversations in memory when a message is
//! finished. What the index does not have for whatever reason (it was done by another app, the database is new, a
//! write failed) is read from the engine, one session after the other, in the background: the index knows of each
//! session up to when it holds it, so that a start goes on where the last one stopped.

mod documents;
mod import;
mod unindexed;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use cowork_engine::SessionId;

use crate::workspace::{Inner, blocking};

pub(crate) use import::import;
pub(crate) use unindexed::{Batch, News, Unindexed};

/// Between two looks for finished messages: they are found a moment after they were written.
const PAUSE: Duration = Duration::from_secs(1);

/// Brings finished messages into the index; runs for ever.
pub(crate) async fn keep_index(inner: Arc<Inner>) {
    loop {
        while index_some(&inner).await {}
        tokio::time::sleep(PAUSE).await;
    }
}

/// Writes one batch. Whether there was one.
async fn index_some(inner: &Arc<Inner>) -> bool {
    let index_made = inner.store.index_made();
    let (batch, seen) = {
        let mut state = inner.state();
        let batch = state.take_unindexed();
        let seen: Vec<(SessionId, (i64, i64))> = batch
            .whole
            .iter()
            .filter_map(|session| Some((session.clone(), state.seen(session, inner.started, index_made)?)))
            .collect();
        (batch, seen)
    };
    if batch.is_empty() {
        return false;
    }
    // A session's row has to be there before its messages.
    inner.save_now().await;
    let store = inner.store.clone();
    let written = blocking(move || -> anyhow::Result<()> {
        store
            .index_messages(&batch.documents)
            .context("indexing messages")?;
        for (session, message) in &batch.removed {
            store
                .remove_message(session.as_str(), message.as_str())
                .context("taking a message out of the index")?;
        }
        for (session, (since, until)) in &seen {
            store
                .extend_indexed(session.as_str(), *since, *until, index_made)
                .context("noting what is indexed")?;
        }
        Ok(())
    })
    .await;
    if let Err(error) = written.and_then(std::convert::identity) {
        // The sessions stay marked as not indexed, and are read from the engine again.
        tracing::warn!(
            error = format!("{error:#}"),
            "what was said cannot be searched yet"
        );
    }
    true
}

#[cfg(test)]
mod tests {
    use cowork_engine::{Session, SessionSnapshot, SessionStatus};

    use crate::state::State;
    use crate::view;

    const STARTED: i64 = 1_000;

    fn state() -> State {
        let starting = view::EngineState::Starting {
            step: view::EngineStep::Preparing,
            since: 0,
        };
        State::new(starting, view::Settings::default())
    }

    fn session(created: i64, updated: i64) -> Session {
        Session {
            id: "ses_1".into(),
            folder: "/work".into(),
            parent: None,
            title: "T".to_owned(),
            created,
            updated,
            cost: 0.0,
            reverted: None,
        }
    }

    fn seen(state: &State, index_made: u64) -> Option<(i64, i64)> {
        state.seen(&"ses_1".into(), STARTED, index_made)
    }

    #[test]
    fn a_session_that_began_here_is_seen_whole_unless_the_index_was_emptied() {
        let mut state = state();
        state.session_changed(&session(1_500, 1_600), &mut Vec::new());
        assert_eq!(seen(&state, 0), Some((i64::MIN, 1_600)));
        assert_eq!(seen(&state, 1), None);
    }

    #[test]
    fn a_session_from_before_is_seen_only_since_it_was_read() {
        let mut state = state();
        state.session_changed(&session(500, 600), &mut Vec::new());
        assert_eq!(seen(&state, 0), None);
        let snapshot = SessionSnapshot {
            session: session(500, 600),
            messages: Vec::new(),
            older: None,
            status: SessionStatus::Idle,
            permissions: Vec::new(),
            questions: Vec::new(),
            todos: Vec::new(),
        };
        state.restore(snapshot, Vec::new(), 0, &mut Vec::new());
        state.session_changed(&session(500, 900), &mut Vec::new());
        assert_eq!(seen(&state, 0), Some((600, 900)));
        assert_eq!(
            seen(&state, 3),
            Some((600, 900)),
            "the index says whether it holds what is older"
        );
    }
}
