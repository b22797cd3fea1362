//! What was streamed is on disk once, and comes back where the engine lost it.

use cowork_engine::{EngineEvent, Part, Session, SessionSnapshot, SessionStatus};
use cowork_store::Store;

use super::*;
use crate::index;

const ANSWER: &str = "msg_2";
const TEXT: &str = "prt_1";

struct Scene {
    store: Store,
    transcript: Transcript,
    unkept: Unkept,
    folder: tempfile::TempDir,
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
            folder,
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
fn in_a_file_that_was_begun_anew_nothing_is_missing_before_what_comes_next() {
    let mut scene = Scene::new();
    scene.grows("one ");
    scene.write();
    let (store, _) = Store::open(&scene.folder.path().join("another.db"), 0).unwrap();
    scene.store = store;
    scene.unkept.begin_anew();
    scene.write();
    assert_eq!(scene.kept(), "one ");
    scene.grows("two");
    scene.write();
    assert_eq!(scene.kept(), "one two");
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
        messages: vec![MessageWithParts {
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
    let mut snapshot = snapshot_of(engine_has, completed);
    let entries = index::journal(&scene.store, &session()).unwrap();
    fill_in(&mut snapshot.messages, entries);
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
