//! What of the answers on screen is not on disk yet.
//!
//! An engine writes a text down when it ended, so that a killed one has lost what it streamed. The journal holds it:
//! everything a window is sent was written first. Nothing is queued here either. What is remembered is which texts
//! changed and up to where they are written; what to write is read from the transcript of the moment.

use std::collections::{BTreeSet, HashMap, HashSet};

use cowork_engine::{Message, MessageId, MessageWithParts, PartContent, PartId, Role, SessionId};
use cowork_store::{JournalChunk, JournalEntry, JournalKind};
use cowork_transcript::{BlockContent, Patch, Transcript};

type Place = (SessionId, MessageId, PartId);

/// Texts that changed, and how far each is written.
#[derive(Default)]
pub(crate) struct Unkept {
    /// Bytes of each text that are on disk. Only of answers that are not finished, so a few.
    written: HashMap<Place, usize>,
    /// Texts that changed, and from which byte on; zero for one that may have changed in any way.
    changed: HashMap<Place, usize>,
    /// Answers the engine has the whole of.
    settled: BTreeSet<(SessionId, MessageId)>,
    /// Texts that are being written just now.
    in_flight: HashSet<Place>,
}

/// What is to be written now, and what is then known to be.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) chunks: Vec<JournalChunk>,
    pub(crate) settled: Vec<(SessionId, MessageId)>,
    lengths: Vec<(Place, usize)>,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.settled.is_empty()
    }
}

impl Unkept {
    /// Notes what changed in a session's transcript.
    pub(crate) fn note(&mut self, session: &SessionId, patches: &[Patch], transcript: &Transcript) {
        for patch in patches {
            match patch {
                Patch::TextGrew { message, block, from } => {
                    self.grew((session.clone(), message.clone(), block.clone()), *from);
                }
                Patch::Block { message, block } if is_open_text(transcript, message, block) => {
                    self.grew((session.clone(), message.clone(), block.clone()), 0);
                }
                Patch::BlockRemoved { message, block } => {
                    let place = (session.clone(), message.clone(), block.clone());
                    if self.written.contains_key(&place) {
                        self.changed.insert(place, 0);
                    }
                }
                Patch::Message { message } => self.finished(session, message, transcript),
                Patch::MessageRemoved { message } => self.settle(session, message),
                Patch::Everything => {
                    let known: HashSet<MessageId> = self
                        .written
                        .keys()
                        .chain(self.changed.keys())
                        .filter(|(of, _, _)| of == session)
                        .map(|(_, message, _)| message.clone())
                        .collect();
                    for message in known {
                        self.finished(session, &message, transcript);
                    }
                }
                _ => {}
            }
        }
    }

    fn grew(&mut self, place: Place, from: usize) {
        self.changed
            .entry(place)
            .and_modify(|known| *known = (*known).min(from))
            .or_insert(from);
    }

    fn finished(&mut self, session: &SessionId, message: &MessageId, transcript: &Transcript) {
        if transcript
            .entry(message)
            .is_some_and(|entry| entry.message.completed.is_some())
        {
            self.settle(session, message);
        }
    }

    fn settle(&mut self, session: &SessionId, message: &MessageId) {
        let other = |place: &Place| place.0 != *session || place.1 != *message;
        let known = self.written.len() + self.in_flight.len();
        self.written.retain(|place, _| other(place));
        self.changed.retain(|place, _| other(place));
        self.in_flight.retain(other);
        if self.written.len() + self.in_flight.len() < known {
            self.settled.insert((session.clone(), message.clone()));
        }
    }

    pub(crate) fn forget(&mut self, session: &SessionId) {
        self.written.retain(|place, _| place.0 != *session);
        self.changed.retain(|place, _| place.0 != *session);
        self.settled.retain(|(of, _)| of != session);
        let writing: Vec<_> = self
            .in_flight
            .iter()
            .filter(|place| place.0 == *session)
            .cloned()
            .collect();
        for place in writing {
            self.in_flight.remove(&place);
            // It reaches the disk after the rest of the session was removed from it.
            self.settled.insert((place.0, place.1));
        }
    }

    pub(crate) fn has_changed(&self) -> bool {
        !self.changed.is_empty() || !self.settled.is_empty()
    }

    /// The file is another one, which may lack any of it: all is to be written again.
    pub(crate) fn begin_anew(&mut self) {
        for (place, _) in std::mem::take(&mut self.written) {
            self.grew(place, 0);
        }
    }

    /// Whether some of a session is not on disk.
    pub(crate) fn lacks(&self, session: &SessionId) -> bool {
        let mut places = self.changed.keys().chain(&self.in_flight);
        places.any(|(of, ..)| of == session)
    }

    /// What is to be written, with the texts as they are now. Give it back with [`Self::written`] or
    /// [`Self::not_written`].
    pub(crate) fn take<'a>(&mut self, transcript: impl Fn(&SessionId) -> Option<&'a Transcript>) -> Batch {
        let mut batch = Batch {
            settled: std::mem::take(&mut self.settled).into_iter().collect(),
            ..Batch::default()
        };
        for (place, from) in std::mem::take(&mut self.changed) {
            let (session, message, part) = &place;
            let block = transcript(session).and_then(|transcript| transcript.block(message, part));
            let (kind, text) = match block.map(|block| &block.content) {
                Some(BlockContent::Text { text }) => (JournalKind::Text, text.as_str()),
                Some(BlockContent::Reasoning { text, .. }) => (JournalKind::Reasoning, text.as_str()),
                // It is gone: what was written of it must not come back.
                None => (JournalKind::Text, ""),
                Some(_) => continue,
            };
            let known = self.written.get(&place).copied();
            if known.is_none() && text.is_empty() {
                continue;
            }
            let at = from.min(known.unwrap_or(0)).min(text.len());
            let at = text.floor_char_boundary(at);
            batch.chunks.push(JournalChunk {
                session: session.to_string(),
                message: message.to_string(),
                part: part.to_string(),
                kind,
                at: at as u64,
                text: text[at..].to_owned(),
            });
            batch.lengths.push((place.clone(), text.len()));
            self.in_flight.insert(place);
        }
        batch
    }

    pub(crate) fn written(&mut self, batch: Batch) {
        for (place, length) in batch.lengths {
            // One that was settled or forgotten meanwhile is not known any more.
            if self.in_flight.remove(&place) {
                self.written.insert(place, length);
            }
        }
    }

    /// It is to be written the next time: from where it was written up to before.
    pub(crate) fn not_written(&mut self, batch: Batch) {
        for ((place, _), chunk) in batch.lengths.into_iter().zip(&batch.chunks) {
            if !self.in_flight.remove(&place) {
                continue;
            }
            self.grew(place, usize::try_from(chunk.at).unwrap_or(0));
        }
        self.settled.extend(batch.settled);
    }
}

fn is_open_text(transcript: &Transcript, message: &MessageId, block: &PartId) -> bool {
    let is_open = transcript
        .entry(message)
        .is_some_and(|entry| entry.message.role == Role::Assistant && entry.message.completed.is_none());
    is_open
        && transcript.block(message, block).is_some_and(|block| {
            matches!(
                block.content,
                BlockContent::Text { .. } | BlockContent::Reasoning { .. }
            )
        })
}

/// An answer of which the engine knows no end.
pub(crate) fn is_unfinished(message: &Message) -> bool {
    message.role == Role::Assistant && message.completed.is_none()
}

/// Puts what was streamed into answers that the engine never finished into messages as it gives them, where it has less.
pub(crate) fn fill_in(messages: &mut [MessageWithParts], entries: Vec<JournalEntry>) {
    let places = entries
        .into_iter()
        .map(|entry| ((entry.message, entry.part), entry.text));
    let mut kept: HashMap<_, _> = places.collect();
    for of in messages.iter_mut().filter(|of| is_unfinished(&of.message)) {
        for part in &mut of.parts {
            let (PartContent::Text { text, .. } | PartContent::Reasoning { text, .. }) = &mut part.content
            else {
                continue;
            };
            let streamed = kept.remove(&(of.message.id.to_string(), part.id.to_string()));
            if let Some(streamed) = streamed.filter(|streamed| streamed.len() > text.len()) {
                *text = streamed;
            }
        }
    }
}

#[cfg(test)]
mod tests;
