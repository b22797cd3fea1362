//! What of the answers on screen is not on disk yet.
//!
//! An engine writes a text down when it ended, so that a killed one has lost what it streamed. The journal holds it:
//! everything a window is sent was written first. Nothing is queued here either. What is remembered is which texts
//! changed and up to where they are written; what to write is read from the transcript of the moment.

use std::collections::{BTreeSet, HashMap, HashSet};

use cowork_engine::{EngineEvent, Message, MessageId, Part, PartContent, PartId, Role, SessionId};
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

/// Puts what was streamed into answers that the engine never finished into a transcript, before the engine's snapshot
/// is taken over it: it fills what the snapshot has nothing of. `unfinished` are the heads of those answers.
pub(crate) fn recall(
    transcript: &mut Transcript,
    entries: Vec<JournalEntry>,
    unfinished: &[Message],
    now: i64,
) {
    let unread = &mut Vec::new();
    for message in unfinished {
        let known = entries.iter().any(|entry| entry.message == message.id.as_str());
        if known {
            transcript.apply(EngineEvent::MessageChanged(message.clone()), now, unread);
        }
    }
    for entry in entries {
        let Some(message) = unfinished
            .iter()
            .find(|message| message.id.as_str() == entry.message)
        else {
            continue;
        };
        let content = match entry.kind {
            JournalKind::Text => PartContent::Text {
                text: entry.text,
                synthetic: false,
            },
            JournalKind::Reasoning => PartContent::Reasoning {
                text: entry.text,
                started: None,
                ended: None,
            },
        };
        let part = Part {
            id: PartId::new(entry.part),
            message: message.id.clone(),
            content,
        };
        transcript.apply(
            EngineEvent::PartChanged {
                session: message.session.clone(),
                part,
            },
            now,
            unread,
        );
    }
}

#[cfg(test)]
mod tests {
    use cowork_engine::{Session, SessionSnapshot, SessionStatus};
    use cowork_store::Store;

    use super::*;
    use crate::index;

    const ANSWER: &str = "msg_2";
    const TEXT: &str = "prt_1";

    struct Scene {
        store: Store,
        transcript: Transcript,
        unkept: Unkept,
        _folder: tempfile::TempDir,
    }

    fn session() -> SessionId {
        SessionId::from("ses_1")
    }

    fn answer(completed: Option<i64>) -> Message {
        Message {
            completed,
            ..Message::new(MessageId::from(ANSWER), session(), Role::Assistant, 1)
        }
    }

    fn part(text: &str) -> Part {
        Part {
            id: PartId::from(TEXT),
            message: MessageId::from(ANSWER),
            content: PartContent::Text {
                text: text.to_owned(),
                synthetic: false,
            },
        }
    }

    impl Scene {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let (store, _) = Store::open(&folder.path().join("index.db"), 0).unwrap();
            let mut scene = Self {
                store,
                transcript: Transcript::new(session()),
                unkept: Unkept::default(),
                _folder: folder,
            };
            scene.happens(EngineEvent::StatusChanged {
                session: session(),
                status: SessionStatus::Busy,
            });
            scene.happens(EngineEvent::MessageChanged(answer(None)));
            scene.becomes("");
            scene
        }

        fn happens(&mut self, event: EngineEvent) {
            let mut patches = Vec::new();
            self.transcript.apply(event, 2, &mut patches);
            self.unkept.note(&session(), &patches, &self.transcript);
        }

        fn grows(&mut self, delta: &str) {
            self.happens(EngineEvent::PartGrew {
                session: session(),
                message: MessageId::from(ANSWER),
                part: PartId::from(TEXT),
                delta: delta.to_owned(),
            });
        }

        fn becomes(&mut self, text: &str) {
            self.happens(EngineEvent::PartChanged {
                session: session(),
                part: part(text),
            });
        }

        fn take(&mut self) -> Batch {
            let transcript = &self.transcript;
            self.unkept.take(|_| Some(transcript))
        }

        fn write(&mut self) {
            let batch = self.take();
            index::write_journal(&self.store, &batch, 3).unwrap();
            self.unkept.written(batch);
        }

        fn fails_to_write(&mut self) {
            let batch = self.take();
            self.unkept.not_written(batch);
        }

        fn kept(&self) -> String {
            let entries = index::journal(&self.store, &session()).unwrap();
            entries.into_iter().map(|entry| entry.text).collect()
        }
    }

    #[test]
    fn each_write_adds_what_came_since_the_last() {
        let mut scene = Scene::new();
        scene.grows("Grüße");
        scene.write();
        scene.grows(", Welt");
        let batch = scene.take();
        assert_eq!((batch.chunks[0].at, batch.chunks[0].text.as_str()), (7, ", Welt"));
        scene.unkept.not_written(batch);
        scene.write();
        assert_eq!(scene.kept(), "Grüße, Welt");
        assert!(scene.take().is_empty(), "nothing is written twice");
    }

    #[test]
    fn what_could_not_be_written_is_written_with_the_next() {
        let mut scene = Scene::new();
        scene.grows("one ");
        scene.write();
        scene.grows("two ");
        scene.fails_to_write();
        scene.grows("three");
        scene.fails_to_write();
        assert_eq!(scene.kept(), "one ");
        scene.write();
        assert_eq!(scene.kept(), "one two three");
    }

    #[test]
    fn a_text_that_is_taken_away_does_not_come_back() {
        let mut scene = Scene::new();
        scene.grows("a failed beginning");
        scene.write();
        scene.happens(EngineEvent::PartRemoved {
            session: session(),
            message: MessageId::from(ANSWER),
            part: PartId::from(TEXT),
        });
        scene.write();
        assert_eq!(scene.kept(), "");
        scene.becomes("");
        scene.grows("good");
        scene.write();
        assert_eq!(scene.kept(), "good");
    }

    #[test]
    fn an_answer_the_engine_has_the_whole_of_is_forgotten() {
        let mut scene = Scene::new();
        scene.grows("the whole");
        scene.write();
        scene.becomes("the whole answer");
        scene.happens(EngineEvent::MessageChanged(answer(Some(9))));
        scene.write();
        assert_eq!(scene.kept(), "");
    }

    #[test]
    fn an_answer_that_ends_while_it_is_written_is_forgotten_all_the_same() {
        let mut scene = Scene::new();
        scene.grows("short");
        let batch = scene.take();
        scene.happens(EngineEvent::MessageChanged(answer(Some(9))));
        index::write_journal(&scene.store, &batch, 3).unwrap();
        scene.unkept.written(batch);
        scene.write();
        assert_eq!(scene.kept(), "");
        assert!(!scene.unkept.has_changed());
    }

    #[test]
    fn a_thread_that_is_deleted_while_it_is_written_leaves_nothing() {
        let mut scene = Scene::new();
        scene.grows("secret");
        let batch = scene.take();
        scene.unkept.forget(&session());
        index::write_journal(&scene.store, &batch, 3).unwrap();
        scene.unkept.written(batch);
        scene.write();
        assert_eq!(scene.kept(), "");
    }

    fn snapshot_of(text: &str, completed: Option<i64>) -> SessionSnapshot {
        SessionSnapshot {
            older: None,
            session: Session {
                id: session(),
                parent: None,
                folder: "/work".into(),
                title: String::new(),
                created: 1,
                updated: 1,
                cost: 0.0,
                reverted: None,
            },
            messages: vec![cowork_engine::MessageWithParts {
                message: answer(completed),
                parts: vec![part(text)],
            }],
            todos: Vec::new(),
            status: SessionStatus::Idle,
            permissions: Vec::new(),
            questions: Vec::new(),
        }
    }

    /// What is on screen after the app was started anew and read what the engine has.
    fn after_a_restart(scene: &Scene, engine_has: &str, completed: Option<i64>) -> String {
        let mut transcript = Transcript::new(session());
        let snapshot = snapshot_of(engine_has, completed);
        let unfinished: Vec<_> = snapshot
            .messages
            .iter()
            .map(|message| message.message.clone())
            .filter(|message| message.completed.is_none())
            .collect();
        let entries = index::journal(&scene.store, &session()).unwrap();
        recall(&mut transcript, entries, &unfinished, 5);
        let _ = transcript.restore(snapshot, 6);
        let block = transcript.block(&MessageId::from(ANSWER), &PartId::from(TEXT));
        let text = block.and_then(|block| match &block.content {
            BlockContent::Text { text } => Some(text.clone()),
            _ => None,
        });
        text.unwrap_or_default()
    }

    #[test]
    fn what_was_streamed_is_there_after_engine_and_app_were_killed() {
        let mut scene = Scene::new();
        scene.grows("seen by a person");
        scene.write();
        assert_eq!(after_a_restart(&scene, "", None), "seen by a person");
    }

    #[test]
    fn an_answer_the_engine_finished_is_shown_as_the_engine_has_it() {
        let mut scene = Scene::new();
        scene.grows("seen by a person");
        scene.write();
        assert_eq!(
            after_a_restart(&scene, "seen by a person, and more", Some(9)),
            "seen by a person, and more"
        );
    }
}
