//! What is known of one desktop, and what of it a browser is shown. Pure: events come in, pictures go out.

mod asks;
mod lists;
mod reading;
mod session;
mod threads;

use std::collections::{BTreeSet, HashMap};

use cowork_engine::SessionId;
use cowork_pairing_protocol::session::{DesktopStatus, SessionEvent};
use cowork_pairing_protocol::wire::{Policy, RemoteAuthority};
use cowork_screen::view::{AgentChoice, EngineState};
use cowork_transcript::{Patch, Transcript};
use serde::Serialize;

pub(crate) use self::reading::Read;
pub(crate) use self::session::Session;
pub(crate) use self::threads::{Changed, Threads};
use crate::bounds;
use crate::log::{Entry, Place, Presence};
use crate::told::Told;

/// Whether a desktop is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DesktopState {
    /// It never said anything.
    Never,
    /// It is connected.
    Online,
    /// It is not connected at the moment.
    Offline,
    /// The person there paused it.
    Paused,
    /// Its pairing is over; what it told stays to be read.
    Revoked,
}

/// What a desktop lets in and out, as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SharedPolicy {
    /// Prompts, and new sessions.
    pub prompts: bool,
    /// Stopping what runs.
    pub abort: bool,
    /// How answers to requests for permission are taken.
    pub approvals: RemoteAuthority,
    /// How answers to questions are taken.
    pub questions: RemoteAuthority,
}

impl From<&Policy> for SharedPolicy {
    fn from(policy: &Policy) -> Self {
        Self {
            prompts: policy.allow_remote_prompts,
            abort: policy.allow_remote_abort,
            approvals: policy.remote_approvals,
            questions: policy.remote_questions,
        }
    }
}

/// How a desktop stands, honestly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DesktopView {
    /// Whether it is there.
    pub state: DesktopState,
    /// Since when it is not, in milliseconds since the epoch; none while it is there.
    pub since: Option<i64>,
    /// Something it told did not arrive yet: what is shown may lack it.
    pub behind: bool,
    /// Its app's version; none before it said how it stands.
    pub version: Option<String>,
    /// Whether its engine is there to work.
    pub engine_ready: bool,
    /// What it lets in and out; none before it said so.
    pub policy: Option<SharedPolicy>,
}

/// A desktop.
#[derive(Debug, Default)]
pub(crate) struct Desktop {
    pub(crate) threads: Threads,
    /// Those that somebody looks at, and their sub-agents'.
    pub(crate) sessions: HashMap<SessionId, Session>,
    pub(crate) status: Option<DesktopStatus>,
    pub(crate) presence: Presence,
    /// Everything up to this place was taken.
    pub(crate) cursor: Place,
}

/// What changed since it was told.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) threads: Changed,
    /// How the desktop stands.
    pub(crate) status: bool,
    /// What changed in the sessions that are held.
    pub(crate) patches: Vec<(SessionId, Patch)>,
    /// Sessions that are held and lack one below them: what was told of it before is to be read.
    pub(crate) lacking: BTreeSet<SessionId>,
}

impl Desktop {
    /// Takes what is known of its threads as such. A row is as it is now, whatever its place: without it nothing else of its
    /// thread could be taken. Of all else what is beyond `newest` is read with everything else that comes.
    pub(crate) fn take_head(&mut self, entry: &Entry, newest: Place) {
        match Told::of(entry) {
            Told::Desktop(status) => self.status = Some(*status),
            Told::Session(id, event)
                if entry.place <= newest || matches!(*event, SessionEvent::Thread { .. }) =>
            {
                self.threads
                    .apply(&id, &event, entry.occurred, &mut Changed::default());
            }
            Told::Session(..) | Told::Nothing => {}
        }
    }

    /// Takes the next event. One that was taken before changes nothing.
    pub(crate) fn apply(&mut self, entry: &Entry, changes: &mut Changes) {
        if entry.place <= self.cursor {
            return;
        }
        let before = std::mem::replace(&mut self.cursor, entry.place);
        match Told::of(entry) {
            Told::Desktop(status) => {
                self.status = Some(*status);
                changes.status = true;
            }
            Told::Session(id, event) => self.apply_to(&id, &event, entry, before, changes),
            Told::Nothing => {}
        }
    }

    fn apply_to(
        &mut self,
        id: &SessionId,
        event: &SessionEvent,
        entry: &Entry,
        before: Place,
        changes: &mut Changes,
    ) {
        let new = matches!(event, SessionEvent::Thread { .. }) && self.threads.get(id).is_none();
        self.threads
            .apply(id, event, entry.occurred, &mut changes.threads);
        for gone in &changes.threads.gone {
            self.sessions.remove(gone);
        }
        if new && let Some(above) = self.held_above(id) {
            if self.threads.more {
                // It may have been let go of, and come back.
                changes.lacking.insert(above);
            } else if self.sessions.len() < bounds::CHILDREN * bounds::LOOKS
                && self.held_bytes() < bounds::HELD_BYTES
            {
                // Nothing was told of it before, so that it needs not be read.
                self.sessions.insert(id.clone(), Session::new(id.clone(), before));
            }
        }
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let mut patches = Vec::new();
        session.apply(event, entry.place, entry.occurred, &mut patches);
        let patches = patches.into_iter().map(|patch| (id.clone(), patch));
        changes.patches.extend(patches);
    }

    /// Bytes of text of the conversations that are held.
    pub(crate) fn held_bytes(&self) -> usize {
        self.sessions.values().map(Session::bytes).sum()
    }

    /// The nearest session above one that is held.
    fn held_above(&self, id: &SessionId) -> Option<SessionId> {
        self.threads
            .above(id)
            .find(|above| self.sessions.contains_key(above))
    }

    pub(crate) fn transcript(&self, id: &SessionId) -> Option<&Transcript> {
        self.sessions.get(id).map(Session::transcript)
    }

    /// How it stands at `now`.
    pub(crate) fn view(&self, now: i64) -> DesktopView {
        let presence = &self.presence;
        let seen = presence.seen;
        let (state, since) = match (presence.revoked, seen) {
            (Some(revoked), _) => (DesktopState::Revoked, Some(revoked)),
            (None, None) => (DesktopState::Never, None),
            (None, seen) if presence.paused => (DesktopState::Paused, seen),
            (None, Some(seen)) if !presence.left && now - seen <= bounds::ONLINE => {
                (DesktopState::Online, None)
            }
            (None, seen) => (DesktopState::Offline, seen),
        };
        let status = self.status.as_ref();
        DesktopView {
            state,
            since,
            behind: presence.behind || self.sessions.values().any(Session::has_holes),
            version: status.map(|status| status.version.clone()),
            engine_ready: status.is_some_and(|status| status.engine_ready),
            policy: status.map(|status| SharedPolicy::from(&status.policy)),
        }
    }

    /// Its engine, as the page's first picture has it.
    pub(crate) fn engine(&self, now: i64) -> EngineState {
        let view = self.view(now);
        let absent = |code: &str, message: &str| EngineState::Absent {
            code: code.to_owned(),
            message: message.to_owned(),
        };
        match view.state {
            DesktopState::Online if view.engine_ready => EngineState::Ready {
                version: String::new(),
            },
            DesktopState::Online => absent(
                "engine_not_ready",
                "The desktop is there; its engine is not ready.",
            ),
            DesktopState::Never => absent("desktop_never", "The desktop did not connect yet."),
            DesktopState::Offline => absent("desktop_offline", "The desktop is not connected."),
            DesktopState::Paused => absent(
                "desktop_paused",
                "The person at the desktop paused the connection.",
            ),
            DesktopState::Revoked => absent("desktop_revoked", "The pairing with this desktop is over."),
        }
    }

    pub(crate) fn agents(&self) -> Vec<AgentChoice> {
        let agents = self.status.iter().flat_map(|status| &status.agents);
        agents
            .map(|agent| AgentChoice {
                name: agent.name.clone(),
                description: agent.description.clone(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
