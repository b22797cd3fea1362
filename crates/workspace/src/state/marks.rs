//! What runs where, and the mark that a thread has of it.

use std::path::{Path, PathBuf};

use cowork_engine::{SessionId, SessionStatus};
use cowork_transcript::Mark;

use super::{Effect, Live, State};
use crate::view;

impl State {
    /// Whether `session` is a sub-agent of `ancestor`, at any depth.
    pub(super) fn descends(&self, session: &SessionId, ancestor: &SessionId) -> bool {
        self.child_towards(session, ancestor).is_some()
    }

    /// The sub-agent of `ancestor` that `session` is, or below which it is.
    pub(super) fn child_towards(&self, session: &SessionId, ancestor: &SessionId) -> Option<SessionId> {
        // Sub-agents start sub-agents only a few levels deep; the bound ends a loop in what an engine reports.
        const DEEPEST: usize = 16;
        let mut current = session;
        for _ in 0..DEEPEST {
            match self.rows.get(current).and_then(|row| row.parent.as_ref()) {
                Some(parent) if parent == ancestor => return Some(current.clone()),
                Some(parent) => current = parent,
                None => return None,
            }
        }
        None
    }

    pub(crate) fn root_of(&self, session: &SessionId) -> SessionId {
        let mut current = session.clone();
        for _ in 0..16 {
            match self.rows.get(&current).and_then(|row| row.parent.clone()) {
                Some(parent) => current = parent,
                None => break,
            }
        }
        current
    }

    /// Brings the mark of a session, and of the one its sub-agents work for, up to date.
    pub(super) fn refresh_mark(&mut self, session: &SessionId, effects: &mut Vec<Effect>) {
        let root = self.root_of(session);
        let (permissions, questions) = self.asks(&root);
        let (permissions, questions) = (!permissions.is_empty(), !questions.is_empty());
        let Some(mark) = self.live.get(&root).map(|live| live.transcript.mark()) else {
            return;
        };
        let watched = self.open.as_ref().is_some_and(|open| open.session == root);
        let Some(row) = self.rows.get_mut(&root) else {
            return;
        };
        let next = match mark {
            _ if permissions => view::SessionMark::AsksPermission,
            _ if questions => view::SessionMark::AsksQuestion,
            Mark::AsksPermission => view::SessionMark::AsksPermission,
            Mark::AsksQuestion => view::SessionMark::AsksQuestion,
            Mark::Working => view::SessionMark::Working,
            Mark::Retrying => view::SessionMark::Retrying,
            Mark::Failed => view::SessionMark::Failed,
            Mark::Interrupted => view::SessionMark::Interrupted,
            Mark::Idle if watched => view::SessionMark::Idle,
            Mark::Idle if is_running(row.mark) => view::SessionMark::Done,
            Mark::Idle if row.mark == view::SessionMark::Done => view::SessionMark::Done,
            Mark::Idle => view::SessionMark::Idle,
        };
        if row.mark == next {
            return;
        }
        let before = std::mem::replace(&mut row.mark, next);
        let ended = is_running(before) && !is_running(next);
        effects.push(Effect::Store(row.clone()));
        let folder = row.folder.clone();
        let stopped = self.live.get_mut(&root).is_some_and(|live| {
            // Asked for once: a later end is news again.
            live.stopping || (!is_running(next) && std::mem::take(&mut live.stopped))
        });
        if let Some(row) = self.rows.get(&root) {
            self.tell_of(row, before, stopped);
        }
        self.untold.rows.insert(root.clone());
        if ended && !self.busy(&folder) {
            effects.push(Effect::Quiet(folder));
        }
        // After that, so that the next prompt goes out with what was changed meanwhile.
        if ended {
            effects.push(Effect::TurnEnded(root));
        }
    }

    /// Every session a turn runs in, with its folder.
    pub(crate) fn running(&self) -> Vec<(SessionId, PathBuf)> {
        self.live
            .iter()
            .filter(|(_, live)| *live.transcript.status() != SessionStatus::Idle)
            .filter_map(|(id, _)| Some((id.clone(), self.folder_of(id)?)))
            .collect()
    }

    /// Whether agents work by themselves just now. An ask that waits for the person may wait until tomorrow, and nothing
    /// else is to wait for it.
    pub(crate) fn is_at_work(&self) -> bool {
        let asks = |live: &Live| {
            !live.transcript.permissions().is_empty() || !live.transcript.questions().is_empty()
        };
        let busy = |live: &Live| *live.transcript.status() != SessionStatus::Idle;
        self.live.values().any(busy) && !self.live.values().any(asks)
    }

    /// Whether a turn runs in a folder, or is about to.
    pub(crate) fn busy(&self, folder: &Path) -> bool {
        self.live
            .iter()
            .any(|(id, live)| !live.is_free() && self.rows.get(id).is_some_and(|row| row.folder == folder))
    }
}

pub(crate) fn is_running(mark: view::SessionMark) -> bool {
    matches!(
        mark,
        view::SessionMark::Working
            | view::SessionMark::AsksPermission
            | view::SessionMark::AsksQuestion
            | view::SessionMark::Retrying
    )
}
