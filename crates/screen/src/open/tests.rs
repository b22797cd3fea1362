//! A window that turns pages while messages come, change and go holds one stretch of the conversation.

mod texts;

use cowork_engine::{EngineEvent, Message as EngineMessage};
use proptest::prelude::*;

use super::*;
use crate::open::range::{MOST_HELD, PAGE, STEP};
use crate::told;
use crate::view::{AnswerUsage, WorkState};

fn session() -> SessionId {
    SessionId::from("ses_1")
}

fn id(number: usize) -> MessageId {
    MessageId::from(format!("msg_{number:06}").as_str())
}

fn said(number: usize) -> [EngineEvent; 2] {
    spoken(number, &format!("text {number}"))
}

fn spoken(number: usize, text: &str) -> [EngineEvent; 2] {
    let id = id(number);
    let created = i64::try_from(number).unwrap();
    let message = EngineMessage {
        completed: Some(1),
        ..told::answer(&session(), id.as_str(), created)
    };
    let part = told::part(id.as_str(), &format!("prt_{number:06}"), told::text(text));
    [
        EngineEvent::MessageChanged(message),
        told::changed(&session(), part),
    ]
}

fn surroundings() -> Surroundings {
    Surroundings {
        status: ConversationStatus {
            state: WorkState::Idle,
            since: None,
            usage: AnswerUsage::default(),
            context_used: 0,
            context_size: 0,
            failure: None,
            repeated: None,
        },
        permissions: Vec::new(),
        questions: Vec::new(),
        todos: Vec::new(),
    }
}

fn no_lanes(_: &SessionId) -> Option<&'static Transcript> {
    None
}

/// A session, what the core keeps of a window, and a window that knows only what it was told.
struct Desk {
    transcript: Transcript,
    open: Open,
    window: Conversation,
    /// The most messages the window held at any time.
    most: usize,
}

impl Desk {
    fn new(messages: usize, around: Option<usize>) -> Self {
        Self::with((0..messages).flat_map(said), around)
    }

    fn with(events: impl Iterator<Item = EngineEvent>, around: Option<usize>) -> Self {
        let mut transcript = Transcript::new(session());
        for event in events {
            transcript.apply(event, 0, &mut Vec::new());
        }
        let mut open = Open::new(session(), 0);
        let around = around.map(id);
        let window = open.conversation(
            &transcript,
            around.as_ref(),
            Path::new("/"),
            &no_lanes,
            surroundings(),
            String::new(),
        );
        let most = window.messages.len();
        Self {
            transcript,
            open,
            window,
            most,
        }
    }

    fn apply(&mut self, event: EngineEvent) {
        let mut patches = Vec::new();
        self.transcript.apply(event, 0, &mut patches);
        for patch in patches {
            self.open.note(patch);
        }
    }

    /// Tells the window what changed, as the interface takes it in.
    fn tell(&mut self) {
        let patch = self
            .open
            .patch(&self.transcript, Path::new("/"), &no_lanes, surroundings);
        let Some(patch) = patch else { return };
        let window = &mut self.window;
        assert_eq!(patch.base, window.revision);
        window
            .messages
            .retain(|message| !patch.removed_messages.contains(&message.id));
        for change in patch.messages {
            let known = window
                .messages
                .iter()
                .position(|message| message.id == change.message.id);
            if let Some(at) = known {
                assert_eq!(at, change.index, "it stays where it is");
            } else {
                assert!(change.fresh && change.index <= window.messages.len());
                window.messages.insert(change.index, change.message);
            }
        }
        window.before = patch.before.unwrap_or(window.before);
        window.after = patch.after.unwrap_or(window.after);
        window.revision = patch.revision;
        self.most = self.most.max(window.messages.len());
    }

    fn go(&mut self, numbers: impl Iterator<Item = usize>) {
        for number in numbers {
            self.apply(told::removed(&session(), id(number).as_str()));
        }
    }

    /// All that the window holds goes.
    fn go_held(&mut self) {
        for message in self.held() {
            self.apply(told::removed(&session(), &message));
        }
    }

    fn turn(&mut self, page: ConversationPage) {
        self.open.note_page(page);
        self.tell();
    }

    fn held(&self) -> Vec<String> {
        let ids = self.window.messages.iter().map(|message| message.id.clone());
        ids.collect()
    }

    /// What the window holds is what stands there, with nothing missing in between.
    fn check(&self) {
        let entries = self.transcript.messages();
        let (before, after) = (self.window.before as usize, self.window.after as usize);
        let expected: Vec<String> = entries[before..entries.len() - after]
            .iter()
            .map(|entry| entry.message.id.to_string())
            .collect();
        assert_eq!(self.held(), expected, "{before} before, {after} after");
        assert!(
            self.window
                .messages
                .iter()
                .all(|message| message.blocks.len() == 1),
            "each came with what it holds"
        );
    }
}

#[test]
fn a_long_conversation_opens_at_its_end_and_is_read_to_its_beginning_and_back() {
    let mut desk = Desk::new(1_000, None);
    let before = 1_000 - PAGE;
    assert_eq!(
        (desk.window.messages.len(), desk.window.before as usize),
        (PAGE, before)
    );
    let mut pages = 0;
    while desk.window.before > 0 {
        desk.turn(ConversationPage::Older);
        desk.check();
        pages += 1;
    }
    assert_eq!(pages, before.div_ceil(STEP));
    assert_eq!(desk.window.after, 700);
    while desk.window.after > 0 {
        desk.turn(ConversationPage::Newer);
        desk.check();
    }
    assert_eq!(desk.most, MOST_HELD);
    // At the end again it goes on to what comes.
    for event in said(1_000) {
        desk.apply(event);
    }
    desk.tell();
    desk.check();
    assert_eq!(desk.held().last(), Some(&id(1_000).to_string()));
}

#[test]
fn a_page_of_large_messages_has_fewer_of_them_and_all_are_reached() {
    const MEGABYTE: usize = 1024 * 1024;
    let large = |number| spoken(number, &"a word ".repeat(300 * 1024 / 7));
    // One that is larger than a page may be stands among them.
    let huge = spoken(20, &"a word ".repeat(4 * MEGABYTE / 7));
    let events = (0..20)
        .flat_map(large)
        .chain(huge)
        .chain((21..40).flat_map(large));
    let mut desk = Desk::with(events, None);
    assert_eq!(desk.window.messages.len(), 3);
    let mut seen = BTreeSet::from_iter(desk.held());
    while desk.window.before > 0 {
        desk.turn(ConversationPage::Older);
        desk.check();
        seen.extend(desk.held());
    }
    assert_eq!(seen.len(), 40);
    assert!(desk.most <= 10, "{}", desk.most);
    let mut seen = BTreeSet::from_iter(desk.held());
    while desk.window.after > 0 {
        desk.turn(ConversationPage::Newer);
        desk.check();
        seen.extend(desk.held());
    }
    assert_eq!(seen.len(), 40);
}

#[test]
fn a_message_is_jumped_to_and_what_comes_meanwhile_is_counted() {
    let mut desk = Desk::new(1_000, None);
    let message = id(100).to_string();
    desk.turn(ConversationPage::Around {
        message: message.clone(),
    });
    desk.check();
    assert!(desk.held().contains(&message));
    let after = desk.window.after;
    for event in (1_000..1_005).flat_map(said) {
        desk.apply(event);
    }
    desk.tell();
    desk.check();
    assert_eq!(desk.window.after, after + 5);
    desk.turn(ConversationPage::Around {
        message: "msg_none".to_owned(),
    });
    desk.check();
    desk.turn(ConversationPage::Latest);
    desk.check();
    assert_eq!(
        (desk.window.after, desk.window.before as usize),
        (0, 1_005 - PAGE)
    );
    let around = Desk::new(1_000, Some(500));
    around.check();
    assert!(around.held().contains(&id(500).to_string()));
}

#[test]
fn who_looks_again_after_hundreds_of_messages_is_told_the_newest_page() {
    let mut desk = Desk::new(50, None);
    for event in (50..750).flat_map(said) {
        desk.apply(event);
    }
    desk.tell();
    desk.check();
    assert_eq!(
        (
            desk.window.messages.len(),
            desk.window.before as usize,
            desk.window.after
        ),
        (PAGE, 750 - PAGE, 0)
    );
    assert_eq!(desk.most, PAGE);
}

#[test]
fn a_window_that_only_listens_does_not_grow_without_end() {
    let mut desk = Desk::new(0, None);
    for number in 0..2_000 {
        for event in said(number) {
            desk.apply(event);
        }
        if number % 7 == 0 {
            desk.tell();
        }
    }
    desk.tell();
    desk.check();
    assert!(desk.most <= 2 * MOST_HELD + 7, "{}", desk.most);
    assert!(desk.window.after > 0);
    desk.turn(ConversationPage::Latest);
    desk.check();
    assert_eq!(desk.window.after, 0);
}

#[test]
fn what_is_left_is_told_when_all_that_was_held_is_gone() {
    let left = PAGE / 2;
    let mut desk = Desk::new(left + PAGE, None);
    assert_eq!(desk.window.before as usize, left);
    desk.go(left..left + PAGE);
    desk.tell();
    desk.check();
    assert_eq!((desk.window.messages.len(), desk.window.before), (left, 0));
    desk.go(0..left);
    desk.tell();
    desk.check();
    assert!(desk.held().is_empty());
    for event in said(200) {
        desk.apply(event);
    }
    desk.tell();
    desk.check();
    assert_eq!(desk.held(), [id(200).to_string()]);
}

#[test]
fn where_a_window_looks_it_is_told_what_is_near_when_all_that_it_held_is_gone() {
    let around = || Desk::new(1_000, Some(500));
    let mut desk = around();
    let before = desk.window.before as usize;
    desk.go_held();
    desk.tell();
    desk.check();
    let near = id(before - 1).to_string();
    assert!(desk.held().contains(&near), "{:?}", desk.held());
    assert_eq!(desk.window.messages.len(), PAGE);

    // A page that is asked for at the same time is one from there.
    let mut desk = around();
    desk.go_held();
    desk.turn(ConversationPage::Older);
    desk.check();
    assert!(desk.held().contains(&near), "{:?}", desk.held());
    assert!(desk.most <= MOST_HELD);
    let mut desk = around();
    desk.go_held();
    desk.turn(ConversationPage::Around {
        message: id(900).to_string(),
    });
    desk.check();
    assert!(desk.held().contains(&id(900).to_string()) && desk.most <= MOST_HELD);
}

#[derive(Clone, Debug)]
enum Happening {
    Comes,
    ComesEarlier(usize),
    Goes(usize),
    HeldGo,
    Older,
    Newer,
    Latest,
    Around(usize),
    Told,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => Just(Happening::Comes),
        1 => any::<usize>().prop_map(Happening::ComesEarlier),
        2 => any::<usize>().prop_map(Happening::Goes),
        1 => Just(Happening::HeldGo),
        2 => Just(Happening::Older),
        2 => Just(Happening::Newer),
        1 => Just(Happening::Latest),
        1 => any::<usize>().prop_map(Happening::Around),
        2 => Just(Happening::Told),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_the_window_holds_a_stretch_without_a_gap(
        count in 0_usize..700,
        around in proptest::option::of(0_usize..700),
        happenings in proptest::collection::vec(happening(), 0..60),
    ) {
        let mut desk = Desk::new(count, around);
        // Even numbers stand already or come in order, odd ones come late, between them.
        let mut next = count.max(1);
        for happening in happenings {
            match happening {
                Happening::Comes => {
                    next += 1;
                    for event in said(next) {
                        desk.apply(event);
                    }
                }
                Happening::ComesEarlier(at) => {
                    for event in said(at % next) {
                        desk.apply(event);
                    }
                }
                Happening::Goes(at) => desk.go(std::iter::once(at % next)),
                Happening::HeldGo => desk.go_held(),
                Happening::Older => desk.open.note_page(ConversationPage::Older),
                Happening::Newer => desk.open.note_page(ConversationPage::Newer),
                Happening::Latest => desk.open.note_page(ConversationPage::Latest),
                Happening::Around(at) => desk.open.note_page(ConversationPage::Around { message: id(at % next).to_string() }),
                Happening::Told => {
                    desk.tell();
                    desk.check();
                }
            }
        }
        desk.tell();
        desk.check();
    }
}
