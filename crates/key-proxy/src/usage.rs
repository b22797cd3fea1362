//! What was asked of whom.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What was asked of one provider since the proxy started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderUsage {
    /// The provider's id.
    pub provider: String,
    /// Requests that were sent to it or would have been.
    pub requests: u64,
    /// Those among them that were answered with an error, not answered, or whose answer broke off.
    pub failures: u64,
    /// Bytes of bodies sent to it.
    pub bytes_up: u64,
    /// Bytes of bodies it sent.
    pub bytes_down: u64,
    /// The status of its last answer; none before the first.
    pub last_status: Option<u16>,
    /// Requests of the run that goes on.
    pub run_requests: u64,
    /// Requests this run may make.
    pub run_cap: u64,
}

/// What is counted for one provider.
#[derive(Default)]
pub(crate) struct Tally {
    requests: AtomicU64,
    failures: AtomicU64,
    bytes_up: AtomicU64,
    bytes_down: AtomicU64,
    /// Zero before the first answer.
    last_status: AtomicU16,
    run: Mutex<Run>,
}

#[derive(Default)]
struct Run {
    requests: u64,
    /// What the person allowed beyond the first cap.
    more: u64,
    told_near: bool,
    told_reached: bool,
}

/// Whether a request may be made, and whether something is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Admitted,
    /// It may, and the person is to be warned.
    Near {
        requests: u64,
        cap: u64,
    },
    /// It may not; `first` says whether the person was not told yet.
    Reached {
        cap: u64,
        first: bool,
    },
}

impl Tally {
    /// Counts a request, unless the run has made all it may.
    pub(crate) fn admit(&self, first_cap: u64) -> Admission {
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let cap = first_cap.saturating_add(run.more);
        if run.requests >= cap {
            let first = !run.told_reached;
            run.told_reached = true;
            return Admission::Reached { cap, first };
        }
        run.requests += 1;
        self.requests.fetch_add(1, Ordering::Relaxed);
        if !run.told_near && run.requests >= cap - cap / 5 {
            run.told_near = true;
            return Admission::Near {
                requests: run.requests,
                cap,
            };
        }
        Admission::Admitted
    }

    pub(crate) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn answered(&self, status: u16) {
        self.last_status.store(status, Ordering::Relaxed);
    }

    pub(crate) fn sent(&self, bytes: usize) {
        self.bytes_up.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.bytes_down.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn usage(&self, provider: &str, first_cap: u64) -> ProviderUsage {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        ProviderUsage {
            provider: provider.to_owned(),
            requests: self.requests.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            bytes_up: self.bytes_up.load(Ordering::Relaxed),
            bytes_down: self.bytes_down.load(Ordering::Relaxed),
            last_status: Some(self.last_status.load(Ordering::Relaxed)).filter(|status| *status != 0),
            run_requests: run.requests,
            run_cap: first_cap.saturating_add(run.more),
        }
    }
}

/// The tallies of all providers that were ever asked, by id.
pub(crate) struct Ledger {
    first_cap: AtomicU64,
    tallies: Mutex<BTreeMap<String, Arc<Tally>>>,
}

impl Ledger {
    pub(crate) fn new(first_cap: u64) -> Self {
        Self {
            first_cap: AtomicU64::new(first_cap),
            tallies: Mutex::default(),
        }
    }

    /// Requests that a run may make of a provider before the person allows more.
    pub(crate) fn first_cap(&self) -> u64 {
        self.first_cap.load(Ordering::Relaxed)
    }

    pub(crate) fn set_first_cap(&self, cap: u64) {
        self.first_cap.store(cap, Ordering::Relaxed);
    }

    /// `provider` is the id of a route: what a stranger may name grows no list.
    pub(crate) fn tally(&self, provider: &str) -> Arc<Tally> {
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        match tallies.get(provider) {
            Some(tally) => Arc::clone(tally),
            None => Arc::clone(tallies.entry(provider.to_owned()).or_default()),
        }
    }

    pub(crate) fn allow_more(&self, provider: &str) {
        let tally = self.tally(provider);
        let mut run = tally.run.lock().unwrap_or_else(PoisonError::into_inner);
        run.more = run.more.saturating_add(self.first_cap());
        run.told_near = false;
        run.told_reached = false;
    }

    pub(crate) fn begin_run(&self) {
        for tally in self
            .tallies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            *tally.run.lock().unwrap_or_else(PoisonError::into_inner) = Run::default();
        }
    }

    pub(crate) fn usage(&self) -> Vec<ProviderUsage> {
        let tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        tallies
            .iter()
            .map(|(provider, tally)| tally.usage(provider, self.first_cap()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_warned_once_then_stopped_and_goes_on_when_more_is_allowed() {
        let ledger = Ledger::new(5);
        let tally = ledger.tally("p");
        let admitted: Vec<Admission> = (0..7).map(|_| tally.admit(5)).collect();
        let near = Admission::Near { requests: 4, cap: 5 };
        let reached = |first| Admission::Reached { cap: 5, first };
        assert_eq!(
            admitted,
            [
                Admission::Admitted,
                Admission::Admitted,
                Admission::Admitted,
                near,
                Admission::Admitted
            ]
            .into_iter()
            .chain([reached(true), reached(false)])
            .collect::<Vec<_>>()
        );
        ledger.allow_more("p");
        assert_eq!(tally.admit(5), Admission::Admitted);
        assert_eq!(ledger.usage()[0].run_cap, 10);
        ledger.begin_run();
        assert_eq!(
            (ledger.usage()[0].run_requests, ledger.usage()[0].run_cap),
            (0, 5)
        );
        assert_eq!(ledger.usage()[0].requests, 6, "the whole is counted on");
    }
}
