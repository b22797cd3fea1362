//! The life of a prompt, as events tell of it.

use cowork_engine::{EngineEvent, Message, MessageWithParts, SessionSnapshot};

use super::*;
use crate::told;
use crate::view;

fn session() -> SessionId {
    SessionId::from("ses_1")
}

fn id(message: &str) -> MessageId {
    MessageId::from(message)
}

/// A state with one thread at rest, and what it asked for.
struct Thread {
    state: State,
    effects: Vec<Effect>,
}

impl Thread {
    fn new() -> Self {
        let mut state = State::new(view::EngineState::Stopping, view::Settings::default());
        state.restore(
            told::snapshot(&session(), Vec::new()),
            Vec::new(),
            1,
            &mut Vec::new(),
        );
        Self {
            state,
            effects: Vec::new(),
        }
    }

    /// One whose engine took a prompt.
    fn with_taken(message: &str) -> Self {
        let mut thread = Self::new();
        thread.take(message);
        thread
    }

    fn take(&mut self, message: &str) {
        self.hand_over(message);
        self.state.taken(&session(), &id(message), &mut self.effects);
    }

    fn hand_over(&mut self, message: &str) {
        self.state.hand_over(&session(), id(message), "words", None);
    }

    fn tell(&mut self, event: EngineEvent) {
        self.state.apply(told::envelope(event), 1, &mut self.effects);
    }

    fn tell_prompt(&mut self, message: &str, created: i64) {
        self.tell(EngineEvent::MessageChanged(prompt(message, created).message));
    }

    fn fail(&mut self, kind: TurnErrorKind) {
        self.tell(EngineEvent::TurnFailed {
            session: Some(session()),
            error: TurnError {
                kind,
                message: "why".to_owned(),
                status: None,
            },
        });
    }

    fn read(&mut self, snapshot: SessionSnapshot) {
        self.state.restore(snapshot, Vec::new(), 1, &mut self.effects);
    }

    /// What was asked for since, but for what is stored of rows.
    fn effects(&mut self) -> Vec<Effect> {
        let effects = std::mem::take(&mut self.effects);
        let of_prompts = effects
            .into_iter()
            .filter(|effect| !matches!(effect, Effect::Store(_) | Effect::Quiet(_)));
        of_prompts.collect()
    }

    fn ended_well(&self) -> bool {
        self.state.live[&session()].ended_well()
    }
}

fn prompt(message: &str, created: i64) -> MessageWithParts {
    MessageWithParts {
        message: Message::new(id(message), session(), Role::User, created),
        parts: Vec::new(),
    }
}

fn answered(message: &str) -> SessionSnapshot {
    let answer = told::finished(&session(), "msg_9", 9, Vec::new());
    told::snapshot(&session(), vec![prompt(message, 5), answer])
}

fn delivered(message: &str) -> Effect {
    Effect::Delivered(session(), id(message))
}

fn look_for(message: &str) -> Effect {
    Effect::LookFor(session(), id(message))
}

fn ended() -> Effect {
    Effect::TurnEnded(session())
}

fn returned(message: &str, sure: bool) -> Effect {
    Effect::Returned {
        session: session(),
        message: id(message),
        queued: None,
        sure,
    }
}

fn busy() -> EngineEvent {
    told::busy(&session())
}

fn idle() -> EngineEvent {
    EngineEvent::StatusChanged {
        session: session(),
        status: SessionStatus::Idle,
    }
}

#[test]
fn a_prompt_is_settled_when_it_is_seen_and_not_when_it_is_taken() {
    let mut thread = Thread::with_taken("msg_1");
    assert_eq!(thread.effects(), []);
    assert!(thread.state.is_underway("msg_1"));
    thread.tell_prompt("msg_1", 5);
    assert_eq!(thread.effects(), [delivered("msg_1")]);
    assert!(thread.state.is_underway("msg_1"), "its turn did not begin");
    assert!(!thread.state.may_come_back("msg_1"), "the engine has it");
    thread.tell(busy());
    assert!(!thread.state.is_underway("msg_1"));
    assert_eq!(thread.effects(), []);
}

#[test]
fn what_a_dead_engine_had_taken_comes_back_unless_the_next_one_has_it() {
    let mut thread = Thread::with_taken("msg_1");
    thread.state.engine_ended(2, &mut thread.effects);
    assert_eq!(thread.effects(), [], "only the next engine can tell");
    thread.read(told::snapshot(&session(), Vec::new()));
    assert_eq!(thread.effects(), [look_for("msg_1")]);
    thread
        .state
        .not_found(&session(), &id("msg_1"), &mut thread.effects);
    assert_eq!(thread.effects(), [returned("msg_1", true), ended()]);
    assert!(thread.state.live[&session()].is_free());

    let mut thread = Thread::with_taken("msg_1");
    thread.state.engine_ended(2, &mut thread.effects);
    thread.read(told::snapshot(&session(), vec![prompt("msg_1", 5)]));
    assert_eq!(thread.effects(), [delivered("msg_1"), ended()]);
    assert!(!thread.ended_well(), "nobody answered it");
}

#[test]
fn what_an_engine_had_and_did_not_begin_is_over_with_it() {
    let mut thread = Thread::with_taken("msg_1");
    thread.tell_prompt("msg_1", 5);
    thread.effects();
    thread.state.engine_ended(2, &mut thread.effects);
    assert_eq!(thread.effects(), [ended()], "what waits is told that it waits");
    assert!(thread.state.live[&session()].is_free() && !thread.ended_well());
}

#[test]
fn a_failure_of_any_kind_has_a_prompt_looked_for_that_was_not_seen() {
    let mut thread = Thread::with_taken("msg_1");
    thread.fail(TurnErrorKind::Other);
    thread.fail(TurnErrorKind::Other);
    assert_eq!(thread.effects(), [look_for("msg_1")], "once");
    thread
        .state
        .not_found(&session(), &id("msg_1"), &mut thread.effects);
    assert_eq!(thread.effects(), [returned("msg_1", false), ended()]);
    // It was only slow.
    thread.tell_prompt("msg_1", 5);
    assert_eq!(thread.effects(), [delivered("msg_1")]);

    let mut thread = Thread::new();
    thread.hand_over("msg_1");
    thread.fail(TurnErrorKind::Other);
    assert_eq!(thread.effects(), [], "it is being handed over");
    thread.state.taken(&session(), &id("msg_1"), &mut thread.effects);
    assert_eq!(thread.effects(), [look_for("msg_1")]);
}

#[test]
fn a_prompt_for_an_unknown_agent_comes_back_at_once_and_to_whoever_still_holds_it() {
    let mut thread = Thread::with_taken("msg_1");
    thread.fail(TurnErrorKind::UnknownAgent);
    assert_eq!(thread.effects(), [returned("msg_1", true), ended()]);
    assert!(!thread.ended_well(), "the failure is there to be looked at");

    let mut thread = Thread::new();
    thread.hand_over("msg_1");
    thread.fail(TurnErrorKind::UnknownAgent);
    assert_eq!(thread.effects(), []);
    let outcome = thread.state.taken(&session(), &id("msg_1"), &mut thread.effects);
    assert_eq!(outcome, HandedOver::ThrownAway("why".to_owned()));
    assert_eq!(thread.effects(), []);

    // Of two nobody knows which one it was.
    let mut thread = Thread::with_taken("msg_1");
    thread.take("msg_2");
    thread.fail(TurnErrorKind::UnknownAgent);
    assert_eq!(thread.effects(), [look_for("msg_1"), look_for("msg_2")]);
}

#[test]
fn a_turn_that_began_and_ended_unseen_ends_for_what_waits() {
    let mut thread = Thread::with_taken("msg_1");
    thread.read(answered("msg_1"));
    assert_eq!(thread.effects(), [delivered("msg_1"), ended()]);
    assert!(thread.ended_well());
}

#[test]
fn while_a_prompt_is_on_its_way_no_turn_ended_well() {
    let mut thread = Thread::new();
    thread.read(answered("msg_1"));
    assert!(thread.ended_well());
    thread.tell(busy());
    thread.hand_over("msg_a");
    thread.tell(idle());
    assert!(!thread.ended_well(), "one is being handed over");
    thread.state.taken(&session(), &id("msg_a"), &mut thread.effects);
    assert!(!thread.ended_well(), "it was taken");
    thread.tell_prompt("msg_a", 10);
    assert!(!thread.ended_well(), "its turn is about to begin");
    thread.effects();
    thread.tell(busy());
    let answer = told::finished(&session(), "msg_b", 11, Vec::new()).message;
    thread.tell(EngineEvent::MessageChanged(answer));
    thread.tell(idle());
    assert_eq!(thread.effects(), [ended()]);
    assert!(thread.ended_well());
}

#[test]
fn a_prompt_that_nobody_could_tell_of_and_that_was_seen_did_arrive() {
    let mut thread = Thread::new();
    thread.hand_over("msg_1");
    assert!(thread.state.not_taken(&session(), &id("msg_1"), true));
    thread.read(told::snapshot(&session(), vec![prompt("msg_1", 5)]));
    assert_eq!(thread.effects(), [delivered("msg_1")]);

    let mut thread = Thread::new();
    thread.hand_over("msg_1");
    thread.tell_prompt("msg_1", 5);
    assert!(!thread.state.not_taken(&session(), &id("msg_1"), true));
    assert!(thread.state.is_underway("msg_1"), "its turn is about to begin");
}

#[test]
fn one_that_waited_waits_again_and_a_thread_it_is_on_its_way_in_stays_in_memory() {
    let mut thread = Thread::new();
    let waited = QueuedPrompt {
        id: "queued-1".to_owned(),
        session: "ses_1".to_owned(),
        text: "words".to_owned(),
        agent: None,
        model: None,
        created: 1,
        message: None,
    };
    thread
        .state
        .hand_over(&session(), id("msg_1"), "words", Some(waited.clone()));
    thread.state.taken(&session(), &id("msg_1"), &mut thread.effects);
    for number in 0..100 {
        let other = SessionId::new(format!("other {number}"));
        thread
            .state
            .open(&other, None, String::new(), true, &mut Vec::new());
    }
    thread.state.engine_ended(2, &mut thread.effects);
    thread.read(told::snapshot(&session(), Vec::new()));
    thread
        .state
        .not_found(&session(), &id("msg_1"), &mut thread.effects);
    let back = Effect::Returned {
        session: session(),
        message: id("msg_1"),
        queued: Some(waited),
        sure: true,
    };
    assert_eq!(thread.effects(), [look_for("msg_1"), back, ended()]);
}
