//! What a desktop tells of a thread is what a page shows of it: the desktop's own teller, read by the server's room.

use cowork_engine::{
    EngineEvent, Message, MessageId, Part, PartContent, PartId, Role, SessionId, SessionStatus,
};
use cowork_pairing::leaving::{Leaving, Places};
use cowork_pairing::sharing::{Changes, Held, HeldContent, HeldMessage, HeldPart, Shared, Told};
use cowork_pairing_protocol::session::{SessionEvent, SharedThread};
use cowork_pairing_protocol::wire::Policy;
use cowork_transcript::{BlockContent, Transcript};
use proptest::prelude::*;

use crate::browser::Browser;
use crate::memory::Memory;
use crate::story::{self, SESSION};

/// What is written: words, what may not leave, what is cut in the middle, and more than one event holds.
const PIECES: [&str; 7] = [
    "words and more ",
    "\n",
    "in /home/ada/notes.txt ",
    "pass",
    "word=hunter2 ",
    "ünïcödé ",
    "sk-ant-abcdefghijklmnop ",
];

/// One thread at a desktop.
struct Desk {
    transcript: Transcript,
    shared: Shared,
    leaving: Leaving,
    /// Messages that were there when it told last.
    known: Vec<MessageId>,
    answers: usize,
}

fn session() -> SessionId {
    SessionId::from(SESSION)
}

fn thread() -> SharedThread {
    match story::thread("A thread", 1) {
        SessionEvent::Thread { thread } => thread,
        other => panic!("{other:?} is no row"),
    }
}

fn events(told: Vec<Told>) -> Vec<SessionEvent> {
    told.into_iter().map(|told| told.event).collect()
}

impl Desk {
    fn new() -> Self {
        let places = Places {
            home: Some("/home/ada".into()),
            ..Places::default()
        };
        let leaving = Leaving::new(&Policy::default(), &places);
        let mut desk = Self {
            transcript: Transcript::new(session()),
            shared: Shared::new(leaving.clone()),
            leaving,
            known: Vec::new(),
            answers: 0,
        };
        desk.is(SessionStatus::Busy);
        desk.answer();
        desk
    }

    fn apply(&mut self, event: EngineEvent) {
        self.transcript.apply(event, 7, &mut Vec::new());
    }

    fn is(&mut self, status: SessionStatus) {
        let session = session();
        self.apply(EngineEvent::StatusChanged { session, status });
    }

    fn id(&self) -> MessageId {
        MessageId::new(format!("msg_{:05}", self.answers))
    }

    fn part(&self) -> PartId {
        PartId::new(format!("prt_{:05}", self.answers))
    }

    fn message(&mut self, completed: bool) {
        let created = i64::try_from(self.answers).unwrap();
        let mut message = Message::new(self.id(), session(), Role::Assistant, created);
        message.completed = completed.then_some(created + 1);
        self.apply(EngineEvent::MessageChanged(message));
    }

    /// The next answer begins.
    fn answer(&mut self) {
        self.answers += 1;
        self.message(false);
        let part = Part {
            id: self.part(),
            message: self.id(),
            content: PartContent::Text {
                text: String::new(),
                synthetic: false,
            },
        };
        let session = session();
        self.apply(EngineEvent::PartChanged { session, part });
    }

    fn grow(&mut self, delta: String) {
        let (session, message, part) = (session(), self.id(), self.part());
        self.apply(EngineEvent::PartGrew {
            session,
            message,
            part,
            delta,
        });
    }

    fn held(&self) -> Held<'_> {
        let messages = self.transcript.messages().iter().map(|entry| HeldMessage {
            message: &entry.message,
            interrupted: entry.interrupted,
            parts: entry
                .blocks
                .iter()
                .map(|block| HeldPart {
                    id: &block.id,
                    content: match &block.content {
                        BlockContent::Text { text } => HeldContent::Text(text),
                        other => panic!("{other:?} was not written"),
                    },
                })
                .collect(),
        });
        Held {
            thread: thread(),
            messages: messages.collect(),
            status: self.transcript.status(),
            error: self.transcript.error(),
            permissions: self.transcript.permissions(),
            questions: self.transcript.questions(),
            todos: self.transcript.todos(),
        }
    }

    /// What is told of what changed, or of all of it.
    fn tell(&mut self, anew: bool) -> Vec<SessionEvent> {
        let mut shared = std::mem::replace(&mut self.shared, Shared::new(self.leaving.clone()));
        let held = self.held();
        let now: Vec<_> = held.messages.iter().map(|held| held.message.id.clone()).collect();
        let told = if anew {
            shared.begin(&held, false)
        } else {
            let mut gone = self.known.clone();
            gone.retain(|id| !now.contains(id));
            shared.tell(&Changes { held, gone: &gone })
        };
        self.shared = shared;
        self.known = now;
        events(told)
    }

    /// What stands in each answer, as it may leave.
    fn said(&self) -> Vec<(String, String)> {
        let text = |entry: &cowork_transcript::Entry| -> String {
            let texts = entry.blocks.iter().filter_map(|block| match &block.content {
                BlockContent::Text { text } => Some(self.leaving.text(text)),
                _ => None,
            });
            texts.collect()
        };
        let entries = self.transcript.messages().iter();
        entries
            .map(|entry| (entry.message.id.to_string(), text(entry)))
            .collect()
    }
}

async fn follow(steps: &[(u8, u8)]) {
    let memory = Memory::new();
    let mut desk = Desk::new();
    memory.tell("desk", SESSION, &desk.tell(true));
    let mut early = Browser::new(&memory.hub(), "desk").await;
    early.open(SESSION).await.unwrap();
    for (what, which) in steps {
        match what % 12 {
            0..=5 => desk.grow(PIECES[usize::from(*which) % PIECES.len()].to_owned()),
            6 => desk.grow("a long line of it ".repeat(usize::from(*which) * 8)),
            7 => {
                desk.message(true);
                desk.answer();
            }
            8 => {
                let (session, message) = (session(), desk.id());
                desk.apply(EngineEvent::MessageRemoved { session, message });
                desk.answer();
            }
            9 => memory.tell("desk", SESSION, &desk.tell(true)),
            10 => early.read().await,
            _ => memory.tell("desk", SESSION, &desk.tell(false)),
        }
    }
    desk.message(true);
    desk.is(SessionStatus::Idle);
    memory.tell("desk", SESSION, &desk.tell(false));
    early.read().await;
    let mut late = Browser::new(&memory.copy().hub(), "desk").await;
    late.open(SESSION).await.unwrap();
    late.read().await;
    assert_eq!(early.picture(), late.picture());
    for browser in [&early, &late] {
        let shown = browser.picture()["messages"].as_array().unwrap().len();
        assert_eq!(shown, desk.said().len());
        for (message, said) in desk.said() {
            assert_eq!(browser.watcher.source(SESSION, &message).await.unwrap(), said);
        }
        assert_eq!(browser.desktop["behind"], false, "nothing of it is missing");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn what_a_desktop_tells_is_what_a_page_shows(steps in prop::collection::vec(any::<(u8, u8)>(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        runtime.unwrap().block_on(follow(&steps));
    }
}
