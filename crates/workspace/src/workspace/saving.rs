//! What of the state is brought to the disk, in order, and what is said when it cannot be.

use std::sync::PoisonError;
use std::time::Duration;

use super::{Inner, blocking, now};
use crate::journal::Batch;
use crate::{feed, index, view};

/// Until the list of threads is written again that could not be written: a full disk is not free a moment later.
const SAVE_AGAIN: Duration = Duration::from_secs(10);

impl Inner {
    /// What a window is told next. Everything in it is on disk before it is told, if it can be.
    pub(super) async fn next_batch(&self) -> Option<feed::Batch> {
        let _whole = self.journal.lock().await;
        let (update, lasting, reads, unkept) = {
            let mut state = self.state();
            let update = state.update(self.snippets.take());
            let lasting = state.lasting_in(update.iter().flat_map(|update| &update.notices));
            let reads = state
                .open
                .as_mut()
                .map(crate::open::Open::take_reads)
                .unwrap_or_default();
            (update, lasting, reads, state.take_unkept())
        };
        self.write_journal(unkept).await;
        update.map(|update| feed::Batch {
            update,
            reads,
            lasting,
        })
    }

    /// Writes what of the answers is not on disk yet.
    pub(crate) async fn keep_now(&self) {
        let _whole = self.journal.lock().await;
        let batch = self.state().take_unkept();
        self.write_journal(batch).await;
    }

    /// The database is another file, which may lack any of what was written.
    pub(crate) async fn begin_journal_anew(&self) {
        // What is being written just now may have gone into the one before.
        let _whole = self.journal.lock().await;
        self.state().unkept.begin_anew();
    }

    pub(super) async fn write_journal(&self, batch: Batch) {
        if batch.is_empty() {
            return;
        }
        let store = self.store.clone();
        let written = blocking(move || {
            let outcome = index::write_journal(&store, &batch, now());
            (batch, outcome)
        })
        .await;
        let (batch, outcome) = match written {
            Ok(written) => written,
            // The task was cut off: the runtime is ending.
            Err(error) => return tracing::error!(%error, "writing the journal"),
        };
        let mut state = self.state();
        let reason = match outcome {
            Ok(()) => {
                state.unkept.written(batch);
                None
            }
            Err(error) => {
                state.unkept.not_written(batch);
                Some(format!("{error:#}"))
            }
        };
        let not_saving = reason.clone();
        if state.set_not_saving(reason) {
            if let Some(error) = not_saving {
                tracing::error!(error, "what is on screen is not being saved");
                state.notice(view::NoticeKind::NotSaved, error, now());
            } else {
                tracing::info!("what is on screen is being saved again");
            }
            drop(state);
            self.feed.changed();
        }
    }

    /// Keeps the index in step, one write at a time so that none overtakes another; runs for ever.
    pub(super) async fn save_rows(&self) {
        loop {
            self.save.notified().await;
            if !self.save_now().await {
                tokio::time::sleep(SAVE_AGAIN).await;
                self.save.notify_one();
            }
        }
    }

    /// Brings the index up to date. False when it could not be: what was to be written is kept for the next time, unless
    /// something newer is known of it by then.
    pub(crate) async fn save_now(&self) -> bool {
        let _whole = self.saving.lock().await;
        let rows = std::mem::take(&mut *self.unsaved.lock().unwrap_or_else(PoisonError::into_inner));
        if rows.is_empty() {
            return true;
        }
        let rows: Vec<_> = {
            let state = self.state();
            rows.into_iter()
                .map(|(id, row)| (id, row.map(|row| (state.folders.kind(&row.folder), row))))
                .collect()
        };
        let store = self.store.clone();
        let written = blocking(move || {
            let outcome = index::save_rows(&store, &rows);
            (rows, outcome)
        })
        .await;
        let (rows, outcome) = match written {
            Ok((rows, outcome)) => (rows, Ok(outcome)),
            // The task was cut off: the runtime is ending.
            Err(error) => (Vec::new(), Err(error)),
        };
        let saved = matches!(outcome, Ok(Ok(())));
        if !saved {
            let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
            for (id, row) in rows {
                unsaved.entry(id).or_insert(row.map(|(_, row)| row));
            }
        }
        self.saved(outcome);
        saved
    }

    /// Tells the person when something could not be saved; what is in memory stays usable.
    pub(crate) fn saved(&self, outcome: anyhow::Result<anyhow::Result<()>>) {
        if let Err(error) = outcome.and_then(std::convert::identity) {
            tracing::error!(error = format!("{error:#}"), "saving failed");
            self.state()
                .notice(view::NoticeKind::NotSaved, format!("{error:#}"), now());
            self.feed.changed();
        }
    }
}
