//! What the adapter keeps between events.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use cowork_engine::{
    CallId, EngineEvent, Envelope, PermissionAsk, PermissionId, SessionId, SessionStatus, TurnError,
};

use crate::counters::Counters;
use crate::failure::is_wordless;

/// Open asks kept. A turn waits at each, so there are at most as many as turns and sub-agents run at once.
const MOST_ASKS: usize = 256;
/// Diffs kept, and bytes of all of them: a diff is needed from the ask to the end of the call it belongs to.
const MOST_DIFFS: usize = 64;
const MOST_DIFF_BYTES: usize = 16 * 1024 * 1024;
/// Sessions whose last failure is kept: as many as may fail within one second.
const MOST_FAILURES: usize = 32;

/// What the adapter keeps between events, over all streams of one engine run.
///
/// The engine leaves three gaps that take a memory to close: it cannot list its open permissions while one of
/// them holds a value it cannot encode; it does not say what a write to an existing file changed, except in the
/// ask before; and it repeats some errors with a stack trace instead of words.
#[derive(Debug, Default)]
pub struct Memory {
    counters: Counters,
    asks: VecDeque<(Option<PathBuf>, PermissionAsk)>,
    diffs: VecDeque<(CallId, String)>,
    failures: VecDeque<(SessionId, TurnError)>,
}

impl Memory {
    /// What was met so far.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(crate) fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }

    /// The permissions that were asked for in `folder` and not answered, as the stream told.
    pub(crate) fn open_asks(&self, folder: &Path) -> Vec<PermissionAsk> {
        self.asks
            .iter()
            .filter(|(asked_in, _)| asked_in.as_deref() == Some(folder))
            .map(|(_, ask)| ask.clone())
            .collect()
    }

    pub(crate) fn diff_of(&self, call: &CallId) -> Option<&str> {
        self.diffs
            .iter()
            .rev()
            .find(|(of, _)| of == call)
            .map(|(_, diff)| diff.as_str())
    }

    /// Takes note of an event; false when it is an echo that should not be passed on.
    pub(crate) fn note(&mut self, envelope: &Envelope) -> bool {
        match &envelope.event {
            EngineEvent::PermissionAsked(ask) => self.asked(envelope.folder.clone(), ask),
            EngineEvent::PermissionAnswered { permission, .. } => self.answered(permission),
            EngineEvent::FolderReset(folder) => self
                .asks
                .retain(|(asked_in, _)| asked_in.as_ref() != Some(folder)),
            EngineEvent::StatusChanged { session, status } if *status != SessionStatus::Idle => {
                self.failures.retain(|(of, _)| of != session);
            }
            EngineEvent::SessionRemoved(session) => {
                self.asks.retain(|(_, ask)| ask.session != *session);
                self.failures.retain(|(of, _)| of != session);
            }
            EngineEvent::TurnFailed {
                session: Some(session),
                error,
            } => return self.failed(session, error),
            _ => {}
        }
        true
    }

    fn asked(&mut self, folder: Option<PathBuf>, ask: &PermissionAsk) {
        self.asks.retain(|(_, known)| known.id != ask.id);
        if self.asks.len() == MOST_ASKS {
            self.asks.pop_front();
        }
        self.asks.push_back((folder, ask.clone()));
        if let (Some(diff), Some((_, call))) = (&ask.diff, &ask.call) {
            self.diffs.push_back((call.clone(), diff.clone()));
            while self.diffs.len() > MOST_DIFFS
                || self.diffs.len() > 1
                    && self.diffs.iter().map(|(_, diff)| diff.len()).sum::<usize>() > MOST_DIFF_BYTES
            {
                self.diffs.pop_front();
            }
        }
    }

    pub(crate) fn answered(&mut self, permission: &PermissionId) {
        self.asks.retain(|(_, ask)| ask.id != *permission);
    }

    fn failed(&mut self, session: &SessionId, error: &TurnError) -> bool {
        let known = self
            .failures
            .iter()
            .any(|(of, known)| of == session && (known == error || is_wordless(error)));
        if !known {
            if self.failures.len() == MOST_FAILURES {
                self.failures.pop_front();
            }
            self.failures.push_back((session.clone(), error.clone()));
        }
        !known
    }
}
