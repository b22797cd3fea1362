//! Conversations that somebody looks at, by where in them they stand.

use std::collections::BTreeSet;
use std::path::Path;

use bytes::Bytes;
use cowork_engine::{MessageId, SessionId};
use cowork_screen::open::Open;
use cowork_screen::view::ConversationPage;

use super::{Pending, Room, json};
use crate::bounds;
use crate::watcher::{NotThere, WatcherId};

/// Between the numbers that two looks count their patches with: further apart than any of them counts in years, so that
/// what was told to one is never taken for what is told to another. 2²¹ looks stay below what a browser counts exactly.
const APART: u32 = 32;

/// A place in a conversation, and who stands there: each change of it is drawn once for all of them.
pub(crate) struct Look {
    pub(super) session: SessionId,
    pub(super) open: Open,
    pub(super) watchers: BTreeSet<WatcherId>,
    /// Somebody went on by themselves; nobody joins.
    own: bool,
    /// All of it is to be asked for anew; nobody joins.
    pub(super) void: bool,
}

impl Room {
    /// Opens a conversation, once it is read.
    pub(super) fn open(&mut self, pending: Pending) {
        let Pending { id, session, .. } = &pending;
        let answer = if self.desktop.threads.get(session).is_none() {
            Err(NotThere::Thread)
        } else if self.loading.contains(session) {
            return self.wait(pending);
        } else if !self.desktop.sessions.contains_key(session)
            && self.desktop.held_bytes() >= bounds::HELD_BYTES
        {
            Err(NotThere::TooMany)
        } else if !self.desktop.sessions.contains_key(session) {
            let session = session.clone();
            self.wait(pending);
            return self.load(&session);
        } else if !self.seats.contains_key(id) {
            Err(NotThere::Gone)
        } else {
            self.look_at(*id, &session.clone(), pending.around.as_deref())
        };
        // Who asked may be gone.
        let _ = pending.answer.send(answer);
    }

    fn wait(&mut self, pending: Pending) {
        // One browser waits for one conversation: the one it asked for last.
        self.pending.retain(|other| other.id != pending.id);
        self.pending.push(pending);
    }

    fn look_at(
        &mut self,
        id: WatcherId,
        session: &SessionId,
        around: Option<&str>,
    ) -> Result<Bytes, NotThere> {
        if around.is_none()
            && let Some((look, picture)) = self.join(session)
        {
            self.stand(id, look);
            return Ok(picture);
        }
        if self.looks.len() >= bounds::LOOKS {
            return Err(NotThere::TooMany);
        }
        let mut open = Open::new(session.clone(), self.next_number());
        let transcript = self.desktop.transcript(session).ok_or(NotThere::Thread)?;
        let around = around.map(MessageId::from);
        let lanes = |child: &SessionId| self.desktop.transcript(child);
        let surroundings = self.desktop.surroundings(session);
        let draft = String::new();
        let picture = open.conversation(
            transcript,
            around.as_ref(),
            Path::new(""),
            &lanes,
            surroundings,
            draft,
        );
        let look = self.put(Look {
            session: session.clone(),
            open,
            watchers: BTreeSet::new(),
            own: around.is_some(),
            void: false,
        });
        self.stand(id, look);
        Ok(json(&picture))
    }

    /// The newest messages of a conversation, as somebody else looks at them already.
    fn join(&mut self, session: &SessionId) -> Option<(u64, Bytes)> {
        let desktop = &self.desktop;
        let transcript = desktop.transcript(session)?;
        let (number, look) = self.looks.iter_mut().find(|(_, look)| {
            look.session == *session
                && !look.own
                && !look.void
                && look.open.count(transcript) <= bounds::JOINED
        })?;
        let lanes = |child: &SessionId| desktop.transcript(child);
        let picture =
            look.open
                .once_more(transcript, Path::new(""), &lanes, desktop.surroundings(session))?;
        Some((*number, json(&picture)))
    }

    fn next_number(&mut self) -> u64 {
        self.next_look += 1;
        self.next_look << APART
    }

    fn put(&mut self, look: Look) -> u64 {
        self.next_look += 1;
        self.looks.insert(self.next_look, look);
        self.next_look
    }

    /// Has a watcher stand there, and nowhere else.
    fn stand(&mut self, id: WatcherId, number: u64) {
        let Some(seat) = self.seats.get_mut(&id) else {
            return;
        };
        let before = seat.look.replace(number).filter(|before| *before != number);
        if let Some(look) = self.looks.get_mut(&number) {
            look.watchers.insert(id);
            let session = look.session.clone();
            self.idle.retain(|idle| *idle != session);
        }
        if let Some(before) = before {
            self.leave_look(id, before);
        }
    }

    /// A watcher wants other messages, and goes on by itself, where there is room for that. One that does not look there any
    /// more wants none.
    pub(super) fn turn(
        &mut self,
        id: WatcherId,
        session: &SessionId,
        page: ConversationPage,
    ) -> Result<(), NotThere> {
        let number = self.seats.get(&id).and_then(|seat| seat.look);
        let look = number.and_then(|number| Some((number, self.looks.get_mut(&number)?)));
        let Some((number, look)) = look.filter(|(_, look)| look.session == *session && !look.void) else {
            return Ok(());
        };
        let mut stands = number;
        if look.watchers.len() > 1 {
            if self.looks.len() >= bounds::LOOKS {
                return Err(NotThere::TooMany);
            }
            let apart = self.next_number();
            let Some(look) = self.looks.get_mut(&number) else {
                return Ok(());
            };
            let own = Look {
                session: session.clone(),
                open: look.open.branch(apart),
                watchers: BTreeSet::new(),
                own: true,
                void: false,
            };
            stands = self.put(own);
            self.stand(id, stands);
        }
        if let Some(look) = self.looks.get_mut(&stands) {
            look.own = true;
            look.open.note_page(page);
            self.dirty.insert(stands);
            self.due = true;
        }
        Ok(())
    }

    /// A watcher looks at nothing any more.
    pub(super) fn look_away(&mut self, id: WatcherId) {
        if let Some(number) = self.seats.get_mut(&id).and_then(|seat| seat.look.take()) {
            self.leave_look(id, number);
        }
    }

    fn leave_look(&mut self, id: WatcherId, number: u64) {
        if let Some(look) = self.looks.get_mut(&number) {
            look.watchers.remove(&id);
            if look.watchers.is_empty() {
                self.end(number);
            }
        }
    }

    /// Nobody stands there any more.
    pub(super) fn end(&mut self, number: u64) {
        self.dirty.remove(&number);
        let Some(look) = self.looks.remove(&number) else {
            return;
        };
        for id in look.watchers {
            if let Some(seat) = self.seats.get_mut(&id)
                && seat.look == Some(number)
            {
                seat.look = None;
            }
        }
        if !self.looks.values().any(|other| other.session == look.session) {
            self.idle.retain(|idle| *idle != look.session);
            self.idle.push(look.session);
            self.forget();
        }
    }

    /// Lets go of sessions that nobody looks at, but for the last ones.
    pub(super) fn forget(&mut self) {
        let (most, bytes) = bounds::IDLE;
        let sessions = &self.desktop.sessions;
        self.idle
            .retain(|id| sessions.get(id).is_some_and(|session| session.bytes() <= bytes));
        let over = self.idle.len().saturating_sub(most);
        self.idle.drain(..over);
        let threads = &self.desktop.threads;
        let kept: Vec<_> = self
            .looks
            .values()
            .map(|look| &look.session)
            .chain(&self.idle)
            .collect();
        let is_kept = |id: &SessionId| kept.iter().any(|kept| *kept == id || threads.descends(id, kept));
        self.desktop.sessions.retain(|id, _| is_kept(id));
    }
}
