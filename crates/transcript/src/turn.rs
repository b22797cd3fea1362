//! How a turn begins, fails and ends.

use cowork_engine::{Message, Role, SessionStatus, TurnError, TurnErrorKind};

use crate::timeline::Surroundings;
use crate::{Patch, Transcript};

impl Transcript {
    pub(crate) fn message_changed(&mut self, message: Message, now: i64, patches: &mut Vec<Patch>) {
        if self.is_unread(&message) {
            return;
        }
        let id = message.id.clone();
        let error = message.error.clone();
        let answers = message.role == Role::Assistant;
        let news = error.is_some()
            && self
                .timeline
                .entry(&id)
                .is_none_or(|entry| entry.message.error != error);
        let surroundings = Surroundings {
            ended: self.ended,
            asks: &self.asks,
        };
        let new = self.timeline.put(message, surroundings, patches);
        if !answers {
            return;
        }
        let position = self.timeline.records.get(&id).map_or(0, |record| record.position);
        let newest = self.timeline.last_answer() == Some(position);
        if new {
            self.timeline.mark_previous(position, now, patches);
        }
        if news && newest {
            // The same failure is reported twice, for the turn and in the message, in either order.
            self.set_error(
                error.filter(|error| error.kind != TurnErrorKind::Aborted),
                patches,
            );
        } else if new && newest && self.status != SessionStatus::Idle {
            // The turn goes on with another answer: what failed did not end it.
            self.set_error(None, patches);
        }
    }

    /// Whether a message is among those that are older than all that were read. Engines tell of a prompt with each step of
    /// its turn; put here alone, without its parts, it would keep those between from being read.
    fn is_unread(&self, message: &Message) -> bool {
        self.older.is_some()
            && !self.timeline.records.contains_key(&message.id)
            && self.timeline.entries.first().is_some_and(|first| {
                (message.created, &message.id) < (first.message.created, &first.message.id)
            })
    }

    pub(crate) fn status_changed(&mut self, status: SessionStatus, now: i64, patches: &mut Vec<Patch>) {
        let idle = status == SessionStatus::Idle;
        self.idle_inferred = false;
        self.ended = idle;
        if !idle && self.status == SessionStatus::Idle {
            self.repeated = None;
            self.set_error(None, patches);
        }
        self.set_status(status, now, patches);
        if idle {
            self.close_asks(patches);
            self.timeline.mark_interrupted(true, Some(now), patches);
        }
    }

    /// Takes a failure. An engine that does not know the agent or the model, or fails with no answer begun, may
    /// never say that it is idle; waiting for that would leave the session at work for ever.
    pub(crate) fn turn_failed(&mut self, error: TurnError, patches: &mut Vec<Patch>) {
        let aborted = error.kind == TurnErrorKind::Aborted;
        // Such a prompt is refused before its answer holds anything: one that does is another prompt's.
        let refused = matches!(
            error.kind,
            TurnErrorKind::UnknownAgent | TurnErrorKind::UnknownModel
        );
        let newest = self
            .timeline
            .last_answer()
            .and_then(|index| self.timeline.entries.get_mut(index));
        let open = newest.filter(|entry| entry.message.completed.is_none() && !entry.interrupted);
        let answering = open.is_some();
        if let Some(entry) = open
            && (!refused || entry.blocks.is_empty())
            && entry.message.error.is_none()
        {
            entry.message.error = Some(error.clone());
            patches.push(Patch::Message {
                message: entry.message.id.clone(),
            });
        }
        if !aborted {
            self.set_error(Some(error), patches);
        }
        if (refused || !answering) && self.status != SessionStatus::Idle {
            self.idle_inferred = true;
            self.status = SessionStatus::Idle;
            self.working_since = None;
            patches.push(Patch::Status);
        }
    }

    /// The engine forgot all that it was doing for this session: nothing that ran will end, nothing that was
    /// asked takes an answer.
    pub(crate) fn cut_off(&mut self, now: i64, patches: &mut Vec<Patch>) {
        let working = self.status != SessionStatus::Idle;
        self.status_changed(SessionStatus::Idle, now, patches);
        if working {
            self.prompt_cut_off(patches);
        }
    }

    /// Nothing will answer the newest prompt, if it is the newest message: what was to do so ended before it began. For
    /// whoever sees that by itself, and was not told of the engine's end.
    pub fn prompt_cut_off(&mut self, patches: &mut Vec<Patch>) {
        if let Some(last) = self.timeline.entries.last_mut()
            && last.message.role == Role::User
            && !last.interrupted
        {
            last.interrupted = true;
            patches.push(Patch::Message {
                message: last.message.id.clone(),
            });
        }
    }

    fn set_status(&mut self, status: SessionStatus, now: i64, patches: &mut Vec<Patch>) {
        let since = match status {
            SessionStatus::Idle => None,
            _ => self.working_since.or(Some(now)),
        };
        if self.status != status || self.working_since != since {
            self.status = status;
            self.working_since = since;
            patches.push(Patch::Status);
        }
    }

    fn set_error(&mut self, error: Option<TurnError>, patches: &mut Vec<Patch>) {
        if self.error != error {
            self.error = error;
            patches.push(Patch::Error);
        }
    }

    fn close_asks(&mut self, patches: &mut Vec<Patch>) {
        let calls = self.asks.close_all();
        if !calls.is_empty() {
            self.asks_changed(&calls, patches);
        }
    }
}
