//! What is remembered of the engine to find out what went wrong.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use cowork_opencode::{Client, Counters};
use cowork_supervisor::{MemoryKeeper, Running, StartCounts};
use tokio::sync::watch;

use crate::view::{BreakerView, Count, FailureRow, MemoryKeeperView};

/// Failures kept: those of a bad hour. Older ones are in the log.
const FAILURES: usize = 20;

/// What is remembered of the engine, over all of its runs.
pub(crate) struct Diagnosis {
    failures: VecDeque<FailureRow>,
    pub(super) starts: StartCounts,
    pub(super) breaker: BreakerView,
    pub(super) process_id: Option<u32>,
    pub(super) running_since: Option<i64>,
    pub(super) memory: Option<u64>,
    keeper: Option<watch::Receiver<MemoryKeeper>>,
    client: Option<Arc<Client>>,
    /// Of the last run, once it is over.
    counters: Counters,
}

impl Default for Diagnosis {
    fn default() -> Self {
        Self {
            failures: VecDeque::new(),
            starts: StartCounts::default(),
            breaker: BreakerView::Closed,
            process_id: None,
            running_since: None,
            memory: None,
            keeper: None,
            client: None,
            counters: Counters::default(),
        }
    }
}

impl Diagnosis {
    pub(super) fn failed(&mut self, failure: FailureRow) {
        if self.failures.len() == FAILURES {
            self.failures.pop_back();
        }
        self.failures.push_front(failure);
    }

    /// Newest first.
    pub(super) fn failures(&self) -> Vec<FailureRow> {
        self.failures.iter().cloned().collect()
    }

    pub(super) fn last_failure(&self) -> Option<FailureRow> {
        self.failures.front().cloned()
    }

    pub(super) fn runs(&mut self, running: &Running, client: &Arc<Client>) {
        self.process_id = Some(running.process_id());
        let since = running
            .started_at()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        self.running_since = i64::try_from(since.as_millis()).ok();
        self.keeper = Some(running.memory_keeper());
        self.client = Some(client.clone());
    }

    pub(super) fn gone(&mut self) {
        self.counters = self.counters_now();
        (self.process_id, self.running_since, self.memory) = (None, None, None);
        (self.keeper, self.client) = (None, None);
    }

    /// Who holds the memory of the engine that runs and all that it started.
    pub(super) fn memory_keeper(&self) -> MemoryKeeperView {
        let Some(keeper) = &self.keeper else {
            return MemoryKeeperView::Unknown;
        };
        match &*keeper.borrow() {
            MemoryKeeper::Unknown => MemoryKeeperView::Unknown,
            MemoryKeeper::ControlGroup { most, .. } => MemoryKeeperView::ControlGroup { most: *most },
            MemoryKeeper::Watchdog { reason } => MemoryKeeperView::Watchdog {
                reason: reason.clone(),
            },
        }
    }

    fn counters_now(&self) -> Counters {
        self.client
            .as_ref()
            .map_or_else(|| self.counters.clone(), |client| client.counters())
    }

    /// What came on the event stream of the engine that runs, or ran last.
    pub(super) fn counts(&self) -> Vec<Count> {
        let counters = self.counters_now();
        let single = [
            ("events", counters.events),
            ("duplicates", counters.duplicates),
            ("repaired", counters.repaired),
            ("garbage", counters.garbage),
            ("oversized", counters.oversized.events),
        ];
        let single = single.into_iter().map(|(name, count)| Count {
            name: name.to_owned(),
            count,
        });
        let named = [
            ("unreadable", &counters.unreadable),
            ("unknown field", &counters.unknown_fields),
            ("ignored", &counters.ignored),
        ];
        let named = named.into_iter().flat_map(|(kind, names)| {
            names
                .iter()
                .map(|(name, count)| Count {
                    name: format!("{kind} {name}"),
                    count,
                })
                .collect::<Vec<_>>()
        });
        single.chain(named).collect()
    }
}
