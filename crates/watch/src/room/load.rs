//! Reading the log.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cowork_engine::SessionId;
use cowork_pairing_protocol::session::SessionEvent;

use super::Room;
use crate::bounds;
use crate::desktop::Session;
use crate::hub::Shared;
use crate::log::{Entry, Key, LogError, Place};
use crate::told::Told;

/// Sessions that were read, and the one somebody asked for.
pub(crate) struct Loaded {
    /// The one that the others stand below.
    above: SessionId,
    pub(super) sessions: Vec<Session>,
    pub(super) asked: Vec<SessionId>,
    pub(super) failed: Option<LogError>,
}

impl Room {
    /// Reads what the desktop said of itself and its threads.
    pub(super) async fn read_heads(&mut self) -> Result<(), LogError> {
        let standing = self.shared.log.standing(&self.key).await?;
        self.desktop.presence = standing.presence;
        let mut after = Place::default();
        loop {
            let page = self.shared.log.heads(&self.key, after, bounds::READ).await?;
            self.shared.figures.reads.fetch_add(1, Ordering::Relaxed);
            for entry in &page.entries {
                self.desktop.take_head(entry, standing.newest);
            }
            if !page.more || page.next <= after {
                break;
            }
            after = page.next;
        }
        self.desktop.cursor = standing.newest;
        Ok(())
    }

    /// Reads everything that came since.
    pub(super) async fn read_on(&mut self) -> Result<(), LogError> {
        loop {
            let after = self.desktop.cursor;
            let page = self.shared.log.since(&self.key, after, bounds::READ).await?;
            self.shared.figures.reads.fetch_add(1, Ordering::Relaxed);
            for entry in &page.entries {
                self.take(entry);
            }
            self.desktop.cursor = self.desktop.cursor.max(page.next);
            if !page.more || self.desktop.cursor <= after {
                return Ok(());
            }
            // Of very much what is there is told meanwhile.
            self.flush();
        }
    }

    /// Has a session and those below it read that are not held, beside everything else.
    pub(super) fn load(&mut self, asked: &SessionId) {
        let mut wanted = vec![asked.clone()];
        wanted.extend(self.desktop.threads.below(asked));
        wanted.retain(|id| !self.desktop.sessions.contains_key(id) && self.loading.insert(id.clone()));
        let room = bounds::HELD_BYTES.saturating_sub(self.desktop.held_bytes());
        if wanted.is_empty() || room == 0 {
            self.loading.retain(|id| !wanted.contains(id));
            return;
        }
        let above = asked.clone();
        let (shared, key, done) = (Arc::clone(&self.shared), self.key.clone(), self.loaded.0.clone());
        tokio::spawn(async move {
            let mut loaded = Loaded {
                above,
                sessions: Vec::new(),
                asked: wanted.clone(),
                failed: None,
            };
            let mut bytes = 0;
            for id in wanted {
                // Those below are left out where they are too much.
                if bytes >= room {
                    break;
                }
                let mut session = Session::new(id, Place::default());
                match read(&shared, &key, &mut session, Place::END).await {
                    Ok(()) => {
                        bytes += session.bytes();
                        loaded.sessions.push(session);
                    }
                    Err(error) => {
                        loaded.failed = Some(error);
                        break;
                    }
                }
            }
            // The room may be gone.
            let _ = done.send(loaded).await;
        });
    }

    /// Takes sessions that were read, and opens what waited for them.
    pub(super) async fn take_loaded(&mut self, loaded: Loaded) -> Result<(), LogError> {
        for id in &loaded.asked {
            self.loading.remove(id);
        }
        if let Some(error) = loaded.failed {
            return Err(error);
        }
        self.tell().await?;
        let mut late = Vec::new();
        for mut session in loaded.sessions {
            let id = session.transcript().id().clone();
            if self.desktop.threads.get(&id).is_none() || self.desktop.sessions.contains_key(&id) {
                continue;
            }
            // What the room took while it was read.
            read(&self.shared, &self.key, &mut session, self.desktop.cursor).await?;
            self.desktop.sessions.insert(id.clone(), session);
            late.push(id);
        }
        self.note_late(&late);
        let ready: Vec<_> = std::mem::take(&mut self.pending);
        for pending in ready {
            self.open(pending);
        }
        self.forget();
        // What began below it while it was read was not held, because it was not.
        if self.desktop.sessions.contains_key(&loaded.above) {
            self.load(&loaded.above);
        }
        Ok(())
    }

    /// Sessions are there that those who look at one above them do not know yet.
    fn note_late(&mut self, late: &[SessionId]) {
        let threads = &self.desktop.threads;
        for id in late {
            for (number, look) in &mut self.looks {
                if threads.descends(id, &look.session) {
                    look.open.note_child(id, false);
                    self.dirty.insert(*number);
                    self.due = true;
                }
            }
        }
    }
}

/// Brings a session up to what is in the log, or up to `most`.
async fn read(shared: &Shared, key: &Key, session: &mut Session, most: Place) -> Result<(), LogError> {
    let id = session.transcript().id().to_string();
    let mut after = session.through();
    loop {
        let page = shared.log.session(key, &id, after, bounds::READ).await?;
        shared.figures.reads.fetch_add(1, Ordering::Relaxed);
        for entry in page.entries.iter().filter(|entry| entry.place <= most) {
            take(session, entry);
        }
        if !page.more || page.next <= after || page.next > most {
            return Ok(());
        }
        after = page.next;
        // A long one must not keep others from running.
        tokio::task::yield_now().await;
    }
}

fn take(session: &mut Session, entry: &Entry) {
    if let Told::Session(id, event) = Told::of(entry)
        && id == *session.transcript().id()
        && *event != SessionEvent::ThreadGone
    {
        session.apply(&event, entry.place, entry.occurred, &mut Vec::new());
    }
}
