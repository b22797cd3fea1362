//! Telling the watchers what changed: each change is drawn once, and its bytes go to all who stand there.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use cowork_engine::SessionId;
use cowork_screen::view::Update;
use cowork_transcript::Patch;

use super::Room;
use crate::desktop::Changes;
use crate::queue::{Frame, Pushed, shared};
use crate::watcher::WatcherId;

impl Room {
    /// Tells everything that changed.
    pub(super) fn flush(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        self.note(&changes);
        self.tell_desktop();
        self.tell_list(&changes);
        self.tell_looks();
        for above in &changes.lacking {
            self.load(above);
        }
    }

    /// Remembers in each look what of it changed.
    fn note(&mut self, changes: &Changes) {
        let threads = &self.desktop.threads;
        for (session, patch) in &changes.patches {
            let asks = *patch == Patch::Asks;
            for (number, look) in &mut self.looks {
                if look.session == *session {
                    look.void |= *patch == Patch::Everything;
                    look.open.note(patch.clone());
                    if matches!(
                        patch,
                        Patch::Message { .. } | Patch::MessageRemoved { .. } | Patch::Asks
                    ) {
                        // Whether its last turn was cut off is seen from its messages and from what waits.
                        look.open.note_status();
                    }
                } else if threads.descends(session, &look.session) {
                    look.open.note_child(session, asks);
                } else {
                    continue;
                }
                self.dirty.insert(*number);
            }
        }
        if !changes.threads.gone.is_empty() {
            let sessions = &self.desktop.sessions;
            let gone = self
                .looks
                .iter()
                .filter(|(_, look)| !sessions.contains_key(&look.session));
            self.dirty.extend(gone.map(|(number, _)| *number));
        }
        if changes.threads.asks {
            // What asks may be a sub-agent's that is not held.
            for (number, look) in &mut self.looks {
                look.open.note(Patch::Asks);
                self.dirty.insert(*number);
            }
        }
    }

    fn tell_desktop(&mut self) {
        let view = self.desktop.view(self.shared.now());
        if self.told.desktop.as_ref() == Some(&view) {
            return;
        }
        let frame = Frame::Desktop(Arc::new(view.clone()));
        for seat in self.seats.values() {
            seat.queue.put(frame.clone());
        }
        self.told.desktop = Some(view);
    }

    /// Tells what changed beside conversations.
    fn tell_list(&mut self, changes: &Changes) {
        let mut update = Update {
            sessions: changes
                .threads
                .rows
                .iter()
                .filter_map(|id| self.desktop.row(id))
                .collect(),
            removed_sessions: changes.threads.gone.iter().map(ToString::to_string).collect(),
            ..Update::default()
        };
        let rows = !changes.threads.rows.is_empty() || !changes.threads.gone.is_empty();
        if rows || changes.status {
            update.folders = other(&mut self.told.folders, self.desktop.folders());
        }
        if changes.status {
            update.agents = other(&mut self.told.agents, self.desktop.agents());
        }
        if rows || changes.threads.asks {
            update.inbox = other(&mut self.told.inbox, self.desktop.inbox());
        }
        let engine = self.desktop.engine(self.shared.now());
        update.engine = other(&mut self.told.engine, Some(engine)).flatten();
        if update != Update::default() {
            let everybody: Vec<_> = self.seats.keys().copied().collect();
            self.send(&update, everybody);
        }
    }

    fn tell_looks(&mut self) {
        for number in std::mem::take(&mut self.dirty) {
            let Some(look) = self.looks.get_mut(&number) else {
                continue;
            };
            let desktop = &self.desktop;
            let Some(transcript) = desktop.transcript(&look.session) else {
                // The thread is gone, and its row was told so.
                self.end(number);
                continue;
            };
            let lanes = |child: &SessionId| desktop.transcript(child);
            let surroundings = || desktop.surroundings(&look.session);
            let patch = look.open.patch(transcript, Path::new(""), &lanes, surroundings);
            // What is timed at a desktop is nothing here.
            look.open.take_reads();
            let (void, watchers) = (look.void, look.watchers.iter().copied().collect());
            if let Some(patch) = patch {
                let update = Update {
                    conversation: Some(patch),
                    ..Update::default()
                };
                self.send(&update, watchers);
            }
            if void {
                self.end(number);
            }
        }
    }

    /// Sends an update, serialized once.
    fn send(&mut self, update: &Update, watchers: Vec<WatcherId>) {
        self.shared.figures.batches.fetch_add(1, Ordering::Relaxed);
        let written = match serde_json::to_vec(update) {
            Ok(written) => written,
            Err(error) => return tracing::error!(%error, "an update cannot be written"),
        };
        let Some(body) = shared(written) else {
            return tracing::error!("an update does not begin with its sequence");
        };
        for id in watchers {
            self.give(id, &body);
        }
    }

    fn give(&mut self, id: WatcherId, body: &Bytes) {
        let Some(seat) = self.seats.get_mut(&id).filter(|seat| seat.begun) else {
            return;
        };
        if seat.hidden {
            // It begins anew when somebody sees it.
            seat.begun = false;
            return self.look_away(id);
        }
        self.shared.figures.frames.fetch_add(1, Ordering::Relaxed);
        if seat.queue.update(body) != Pushed::Waits {
            seat.begun = false;
            self.shared.figures.overruns.fetch_add(1, Ordering::Relaxed);
            self.look_away(id);
        }
    }
}

/// What is another one than was told.
fn other<Of: Clone + PartialEq>(told: &mut Of, now: Of) -> Option<Of> {
    if *told == now {
        return None;
    }
    told.clone_from(&now);
    Some(now)
}
