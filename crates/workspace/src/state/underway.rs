//! Prompts on their way: from when one is handed to the engine until its turn is seen to have begun.
//!
//! An engine that took a prompt does not have it yet: it may throw it away, fail to write it or end. So a prompt is kept until
//! it is seen in the conversation. One that may be missing is looked for by its id, and comes back when it is not there.

use cowork_engine::{MessageId, Role, SessionId, SessionStatus, TurnError, TurnErrorKind};
use cowork_store::QueuedPrompt;
use cowork_transcript::Transcript;

use super::{Effect, Live, State};

/// Prompts of a thread that came back and are still looked out for. Each is one that an engine answered too late, and who
/// looks for one later asks the engine.
const CAME_BACK: usize = 16;

/// A prompt on its way.
pub(crate) struct Underway {
    message: MessageId,
    text: String,
    /// Where it waited.
    queued: Option<QueuedPrompt>,
    stage: Stage,
    /// The engine it was handed to is gone: what the next one has of it is all there will be.
    orphaned: bool,
    /// Something speaks against its being there, and it is looked for, or will be.
    doubted: bool,
}

#[derive(Debug, PartialEq)]
enum Stage {
    /// It is being handed over. Whoever does that knows more in a moment, and says what becomes of it.
    HandedOver,
    /// The engine said meanwhile that it threw it away, and why.
    ThrownAway(String),
    /// The engine took it.
    Taken,
    /// The engine has it; its turn was not seen to begin.
    Seen,
}

/// What became of a prompt that was handed over.
#[derive(Debug, PartialEq)]
pub(crate) enum HandedOver {
    /// The engine has it, or will.
    Taken,
    /// It does not.
    ThrownAway(String),
}

impl State {
    /// A prompt begins to be handed over; `queued` is where it waited.
    pub(crate) fn hand_over(
        &mut self,
        session: &SessionId,
        message: MessageId,
        text: &str,
        queued: Option<QueuedPrompt>,
    ) {
        self.live(session).underway.push(Underway {
            message,
            text: text.to_owned(),
            queued,
            stage: Stage::HandedOver,
            orphaned: false,
            doubted: false,
        });
    }

    /// The engine took a prompt that was handed over.
    pub(crate) fn taken(
        &mut self,
        session: &SessionId,
        message: &MessageId,
        effects: &mut Vec<Effect>,
    ) -> HandedOver {
        let live = self.live(session);
        let Some(place) = place_of(live, message) else {
            // It was seen already.
            return HandedOver::Taken;
        };
        let prompt = &mut live.underway[place];
        match &prompt.stage {
            Stage::ThrownAway(reason) => {
                let reason = reason.clone();
                live.underway.remove(place);
                HandedOver::ThrownAway(reason)
            }
            Stage::HandedOver => {
                prompt.stage = Stage::Taken;
                if prompt.doubted {
                    effects.push(Effect::LookFor(session.clone(), message.clone()));
                }
                HandedOver::Taken
            }
            Stage::Taken | Stage::Seen => HandedOver::Taken,
        }
    }

    /// A prompt could not be handed over, or nobody can tell (`unsure`): then it is looked out for. False when it was seen.
    pub(crate) fn not_taken(&mut self, session: &SessionId, message: &MessageId, unsure: bool) -> bool {
        let live = self.live(session);
        if place_of(live, message).is_none_or(|place| live.underway[place].stage == Stage::Seen) {
            return false;
        }
        live.underway.retain(|prompt| prompt.message != *message);
        if unsure {
            look_out_for(live, message.clone());
        }
        true
    }

    /// Whether a prompt is on its way.
    pub(crate) fn is_underway(&self, message: &str) -> bool {
        let mut all = self.live.values().flat_map(|live| &live.underway);
        all.any(|prompt| prompt.message.as_str() == message)
    }

    /// Whether a prompt is on its way and the engine was not seen to have it: it may be thrown away yet.
    pub(crate) fn may_come_back(&self, message: &str) -> bool {
        let mut all = self.live.values().flat_map(|live| &live.underway);
        all.any(|prompt| prompt.message.as_str() == message && prompt.stage != Stage::Seen)
    }

    /// Nothing was seen of a prompt that should have been, or something speaks against it: it is to be looked for.
    pub(crate) fn doubt(&mut self, session: &SessionId, message: &MessageId, effects: &mut Vec<Effect>) {
        let Some(live) = self.live.get_mut(session) else {
            return;
        };
        let found = place_of(live, message).map(|place| &mut live.underway[place]);
        let Some(prompt) = found.filter(|prompt| prompt.stage != Stage::Seen && !prompt.doubted) else {
            return;
        };
        prompt.doubted = true;
        // One that is being handed over is looked for once that is done.
        if prompt.stage == Stage::Taken {
            effects.push(Effect::LookFor(session.clone(), message.clone()));
        }
    }

    /// Whether a prompt is still to be looked for, and whether the engine it went to is gone.
    pub(crate) fn is_missing(&self, session: &SessionId, message: &MessageId) -> Option<bool> {
        let live = self.live.get(session)?;
        let prompt = &live.underway[place_of(live, message)?];
        (prompt.stage == Stage::Taken).then_some(prompt.orphaned)
    }

    /// A prompt was looked for and found, further back than the conversation is read.
    pub(crate) fn found(&mut self, session: &SessionId, message: &MessageId, effects: &mut Vec<Effect>) {
        if self.is_missing(session, message).is_some() {
            self.live(session)
                .underway
                .retain(|prompt| prompt.message != *message);
            effects.push(Effect::Delivered(session.clone(), message.clone()));
            self.tell_of_rest(session, true, effects);
        }
    }

    /// A prompt was looked for and is not there.
    pub(crate) fn not_found(&mut self, session: &SessionId, message: &MessageId, effects: &mut Vec<Effect>) {
        if let Some(orphaned) = self.is_missing(session, message) {
            self.come_back(session, message, orphaned, true, effects);
        }
    }

    /// The engine is gone. What it had and did not begin it will never begin, and what it took it may not have.
    pub(super) fn orphan_prompts(&mut self, session: &SessionId, effects: &mut Vec<Effect>) {
        let live = self.live(session);
        let before = live.underway.len();
        live.underway.retain_mut(|prompt| {
            prompt.orphaned = true;
            prompt.stage != Stage::Seen
        });
        let rests = before > 0 && live.underway.is_empty();
        self.tell_of_rest(session, rests, effects);
    }

    /// What an engine that started has nothing of is looked for.
    pub(super) fn doubt_orphans(&mut self, session: &SessionId, effects: &mut Vec<Effect>) {
        let orphans = self.live(session).underway.iter();
        let orphans: Vec<_> = orphans
            .filter(|prompt| prompt.orphaned)
            .map(|prompt| prompt.message.clone())
            .collect();
        for message in orphans {
            self.doubt(session, &message, effects);
        }
    }

    /// Notes which prompts the conversation has by now, and whose turns began. True when none is on its way any more.
    pub(super) fn follow_prompts(
        &mut self,
        session: &SessionId,
        says_of_turn: bool,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let Live {
            transcript,
            underway,
            came_back,
            ..
        } = self.live(session);
        let mut seen = |message: &MessageId| {
            effects.push(Effect::Delivered(session.clone(), message.clone()));
        };
        came_back.retain(|message| {
            let is_there = transcript.entry(message).is_some();
            if is_there {
                seen(message);
            }
            !is_there
        });
        let before = underway.len();
        underway.retain_mut(|prompt| {
            if transcript.entry(&prompt.message).is_none() {
                // One that was there and was taken out again begins no turn.
                return prompt.stage != Stage::Seen;
            }
            if prompt.stage != Stage::Seen {
                prompt.stage = Stage::Seen;
                seen(&prompt.message);
            }
            !says_of_turn && !has_begun(transcript, &prompt.message)
        });
        before > 0 && underway.is_empty()
    }

    /// A turn failed. It may have been that of a prompt which the engine has nothing of then.
    pub(super) fn suspect_prompts(
        &mut self,
        session: &SessionId,
        error: &TurnError,
        effects: &mut Vec<Effect>,
    ) {
        let live = self.live(session);
        let unseen: Vec<_> = live
            .underway
            .iter_mut()
            .filter(|prompt| prompt.stage != Stage::Seen)
            .collect();
        let messages: Vec<_> = unseen.iter().map(|prompt| prompt.message.clone()).collect();
        // An engine that does not know the agent keeps nothing of the prompt.
        if error.kind == TurnErrorKind::UnknownAgent
            && let [message] = messages.as_slice()
        {
            for prompt in unseen {
                if prompt.stage == Stage::HandedOver {
                    prompt.stage = Stage::ThrownAway(error.message.clone());
                    return;
                }
            }
            return self.come_back(session, message, true, false, effects);
        }
        for message in messages {
            self.doubt(session, &message, effects);
        }
    }

    /// No prompt of a thread is on its way any more (`rests`): where no turn runs either, that is the end of one.
    pub(super) fn tell_of_rest(&mut self, session: &SessionId, rests: bool, effects: &mut Vec<Effect>) {
        let idle = |live: &Live| *live.transcript.status() == SessionStatus::Idle;
        if !rests || !self.live.get(session).is_some_and(idle) {
            return;
        }
        let ended = Effect::TurnEnded(session.clone());
        if effects.contains(&ended) {
            return;
        }
        if let Some(folder) = self.folder_of(session).filter(|folder| !self.busy(folder)) {
            effects.push(Effect::Quiet(folder));
        }
        effects.push(ended);
    }

    /// A prompt comes back. Where it is not `sure` that the engine will never have it, it is looked out for. One that waited
    /// `waits` again, unless something else has to be chosen for it.
    fn come_back(
        &mut self,
        session: &SessionId,
        message: &MessageId,
        sure: bool,
        waits: bool,
        effects: &mut Vec<Effect>,
    ) {
        let live = self.live(session);
        let Some(place) = place_of(live, message) else {
            return;
        };
        let prompt = live.underway.remove(place);
        if !sure {
            look_out_for(live, message.clone());
        }
        let rests = live.underway.is_empty();
        let queued = prompt.queued.filter(|_| waits);
        if queued.is_none()
            && let Some(open) = self.open.as_mut().filter(|open| open.session == *session)
        {
            open.note_draft(prompt.text);
        }
        effects.push(Effect::Returned {
            session: session.clone(),
            message: message.clone(),
            queued,
            sure,
        });
        self.tell_of_rest(session, rests, effects);
    }
}

fn place_of(live: &Live, message: &MessageId) -> Option<usize> {
    live.underway.iter().position(|prompt| prompt.message == *message)
}

fn look_out_for(live: &mut Live, message: MessageId) {
    live.came_back.push_back(message);
    while live.came_back.len() > CAME_BACK {
        live.came_back.pop_front();
    }
}

/// Whether the turn of a prompt is seen to have begun. The engine tells of the prompt a moment before it says that it works:
/// a thread that rests in between is not free.
fn has_begun(transcript: &Transcript, prompt: &MessageId) -> bool {
    let Some(place) = transcript.position(prompt) else {
        return false;
    };
    *transcript.status() != SessionStatus::Idle || place + 1 < transcript.messages().len()
}

impl Live {
    /// Whether the last turn ended, and so that what waits may go on by itself: nothing runs or is about to, and the last
    /// prompt was answered.
    pub(crate) fn ended_well(&self) -> bool {
        let last = self.transcript.messages().last();
        self.is_free()
            && self.transcript.error().is_none()
            && self.transcript.mark() != cowork_transcript::Mark::Interrupted
            // Cut off before the answer began.
            && last.is_none_or(|entry| entry.message.role != Role::User)
    }

    /// Whether no turn runs, and none is about to.
    pub(crate) fn is_free(&self) -> bool {
        *self.transcript.status() == SessionStatus::Idle && self.underway.is_empty()
    }
}

#[cfg(test)]
mod tests;
