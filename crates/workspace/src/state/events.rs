//! How what an engine tells changes what is held.

use cowork_engine::{
    EngineEvent, Envelope, MessagePage, OlderMessages, SessionId, SessionSnapshot, SessionStatus,
};
use cowork_store::JournalEntry;
use cowork_transcript::Patch;

use super::{Effect, State};
use crate::journal;
use crate::search::News;

impl State {
    /// Takes in everything the engine holds of a session, over what the journal holds of answers that the engine
    /// never finished.
    pub(crate) fn restore(
        &mut self,
        mut snapshot: SessionSnapshot,
        kept: Vec<JournalEntry>,
        now: i64,
        effects: &mut Vec<Effect>,
    ) {
        let (session, updated) = (snapshot.session.id.clone(), snapshot.session.updated);
        self.session_changed(&snapshot.session, effects);
        let asks = std::mem::take(&mut snapshot.permissions);
        snapshot.permissions = self.sift(asks, &snapshot.messages, &snapshot.session.folder, effects);
        let open = snapshot.permissions.iter().map(|ask| ask.id.to_string());
        for id in open.chain(snapshot.questions.iter().map(|ask| ask.id.to_string())) {
            self.asked.entry(id).or_insert(now);
        }
        if self.live(&session).loaded {
            self.unindexed.overtake(&session);
        }
        let live = self.live(&session);
        if !live.loaded {
            // Of what streams just now the journal has less than is here already: the longer text stays.
            journal::fill_in(&mut snapshot.messages, kept);
        }
        // A conversation that was in memory already is read anew because events were missed.
        let patches = if live.loaded {
            live.transcript.restore_after_gap(snapshot, now)
        } else {
            live.transcript.restore(snapshot, now)
        };
        live.loaded = true;
        live.seen_since = Some(updated);
        let patches: Vec<Patch> = patches.into_iter().collect();
        // The status was read after the messages. A turn may have begun and ended unseen.
        let rests = self.follow_prompts(&session, true, effects);
        self.told(&session, patches, effects);
        self.tell_of_rest(&session, rests, effects);
        self.doubt_orphans(&session, effects);
    }

    /// The engine ended: whatever ran in it is cut off.
    pub(crate) fn engine_ended(&mut self, now: i64, effects: &mut Vec<Effect>) {
        let sessions: Vec<_> = self.live.keys().cloned().collect();
        for session in sessions {
            let live = self.live(&session);
            live.stopping = false;
            let patches: Vec<Patch> = live.transcript.interrupt(now).into_iter().collect();
            self.told(&session, patches, effects);
            self.orphan_prompts(&session, effects);
        }
    }

    /// Applies one event.
    pub(crate) fn apply(&mut self, envelope: Envelope, now: i64, effects: &mut Vec<Effect>) {
        match &envelope.event {
            // The adapter counts those it has no use for.
            EngineEvent::Connected | EngineEvent::Heartbeat | EngineEvent::Ignored { .. } => return,
            EngineEvent::SessionChanged(session) => self.session_changed(session, effects),
            EngineEvent::SessionRemoved(session) => {
                effects.push(Effect::Remove(session.clone()));
                self.remove_session(session);
                return;
            }
            EngineEvent::PermissionAsked(ask) => {
                let folder = self
                    .folder_of(&ask.session)
                    .or_else(|| envelope.folder.clone())
                    .unwrap_or_default();
                if self.sift(vec![ask.clone()], &[], &folder, effects).is_empty() {
                    return;
                }
            }
            EngineEvent::FolderReset(folder) => {
                let affected: Vec<_> = self
                    .live
                    .keys()
                    .filter(|id| self.folder_of(id).as_deref() == Some(folder))
                    .cloned()
                    .collect();
                for session in affected {
                    self.apply_to(&session, envelope.event.clone(), now, effects);
                }
                return;
            }
            _ => {}
        }
        if let EngineEvent::TurnFailed { session: None, error } = &envelope.event {
            tracing::warn!(kind = ?error.kind, "a failure that belongs to no conversation");
        }
        if let Some(session) = session_of(&envelope.event).filter(|session| !self.deleted.contains(session)) {
            self.apply_to(&session.clone(), envelope.event, now, effects);
        }
    }

    pub(super) fn apply_to(
        &mut self,
        session: &SessionId,
        event: EngineEvent,
        now: i64,
        effects: &mut Vec<Effect>,
    ) {
        let mut patches = Vec::new();
        let asked = match &event {
            EngineEvent::PermissionAsked(ask) => Some(ask.id.to_string()),
            EngineEvent::QuestionAsked(ask) => Some(ask.id.to_string()),
            _ => None,
        };
        if let Some(id) = asked {
            self.asked.entry(id).or_insert(now);
        }
        let failure = match &event {
            EngineEvent::TurnFailed { error, .. } => Some(error.clone()),
            _ => None,
        };
        let says_of_turn = matches!(
            &event,
            EngineEvent::StatusChanged { .. } | EngineEvent::TurnFailed { .. }
        );
        let news = News::of(&event);
        let live = self.live(session);
        live.applied += 1;
        live.transcript.apply(event, now, &mut patches);
        if let Some((news, live)) = news.zip(self.live.get(session)) {
            self.unindexed.note(session, news, &live.transcript);
        }
        let rests = self.follow_prompts(session, says_of_turn, effects);
        let live = self.live(session);
        if *live.transcript.status() == SessionStatus::Idle {
            live.stopped |= live.stopping;
            live.stopping = false;
        }
        self.told(session, patches, effects);
        self.tell_of_rest(session, rests, effects);
        if let Some(error) = failure {
            self.suspect_prompts(session, &error, effects);
        }
    }

    /// Spreads what changed in one transcript to the open conversation and to the session's row.
    fn told(&mut self, session: &SessionId, patches: Vec<Patch>, effects: &mut Vec<Effect>) {
        if let Some(live) = self.live.get(session) {
            self.unkept.note(session, &patches, &live.transcript);
        }
        self.note_for_pairings(session, &patches);
        let row_may_change = patches.iter().any(|patch| {
            matches!(
                patch,
                Patch::Everything | Patch::Status | Patch::Asks | Patch::Error
            )
        });
        let asks = patches
            .iter()
            .any(|patch| matches!(patch, Patch::Everything | Patch::Asks));
        self.untold.inbox |= asks;
        if patches
            .iter()
            .any(|patch| matches!(patch, Patch::MessageRemoved { .. }))
            && self.open.as_ref().is_some_and(|open| open.session == *session)
            && self.live.get(session).is_some_and(|live| {
                live.transcript.messages().is_empty() && live.transcript.older().is_some()
            })
        {
            effects.push(Effect::ReadOlder(session.clone()));
        }
        if let Some(open) = self.open.as_ref().map(|open| open.session.clone()) {
            let child = (!patches.is_empty() && open != *session)
                .then(|| self.child_towards(session, &open))
                .flatten();
            if let Some(open) = &mut self.open {
                if open.session == *session {
                    for patch in patches {
                        open.note(patch);
                    }
                } else if let Some(child) = child {
                    open.note_child(&child, asks);
                }
            }
        }
        if row_may_change {
            self.refresh_mark(session, effects);
        }
    }

    /// Takes in messages that were read from `place`, unless others were meanwhile.
    pub(crate) fn extend_back(
        &mut self,
        session: &SessionId,
        place: &OlderMessages,
        page: MessagePage,
        effects: &mut Vec<Effect>,
    ) {
        let live = self.live(session);
        if live.transcript.older() != Some(place) {
            return;
        }
        let patches: Vec<Patch> = live.transcript.extend_back(page).into_iter().collect();
        self.told(session, patches, effects);
    }
}

pub(super) fn session_of(event: &EngineEvent) -> Option<&SessionId> {
    match event {
        EngineEvent::SessionChanged(session) => Some(&session.id),
        EngineEvent::StatusChanged { session, .. }
        | EngineEvent::MessageRemoved { session, .. }
        | EngineEvent::PartChanged { session, .. }
        | EngineEvent::PartGrew { session, .. }
        | EngineEvent::PartRemoved { session, .. }
        | EngineEvent::PermissionAnswered { session, .. }
        | EngineEvent::QuestionAnswered { session, .. }
        | EngineEvent::TodosChanged { session, .. } => Some(session),
        EngineEvent::TurnFailed { session, .. } => session.as_ref(),
        EngineEvent::MessageChanged(message) => Some(&message.session),
        EngineEvent::PermissionAsked(ask) => Some(&ask.session),
        EngineEvent::QuestionAsked(ask) => Some(&ask.session),
        EngineEvent::Connected
        | EngineEvent::Heartbeat
        | EngineEvent::SessionRemoved(_)
        | EngineEvent::FolderReset(_)
        | EngineEvent::Ignored { .. } => None,
    }
}
