mod steps;

use cowork_engine::{
    CallId, EngineEvent, MessageId, Part, PartContent, PartId, Role, SessionId, SessionStatus, ToolCall,
    ToolKind, ToolState,
};
use cowork_pairing_protocol::session::{STRING_LIMIT, SessionEvent, SharedThread};
use cowork_pairing_protocol::wire::Policy;
use cowork_told::retold::{Retelling, Retold};
use cowork_transcript::{Block, BlockContent, Entry, Transcript};
use proptest::prelude::*;

use self::steps::{message, steps};
use super::{Changes, Held, HeldContent, HeldMessage, HeldPart, Shared, Told};
use crate::leaving::{Leaving, Places};

fn leaving() -> Leaving {
    let places = Places {
        folder: Some("/home/ada/project".into()),
        home: Some("/home/ada".into()),
        roots: Vec::new(),
    };
    Leaving::new(&Policy::default(), &places)
}

fn session() -> SessionId {
    SessionId::from("ses_1")
}

fn thread() -> SharedThread {
    SharedThread {
        title: "A thread".to_owned(),
        folder: Some("project".to_owned()),
        throw_away: false,
        parent: None,
        agent: None,
        model: None,
        created: 1,
        updated: 2,
        cost: 0.0,
        demo: false,
        ended: None,
    }
}

fn held_content(block: &Block) -> HeldContent<'_> {
    match &block.content {
        BlockContent::Text { text } => HeldContent::Text(text),
        BlockContent::Reasoning { text, started, ended } => HeldContent::Reasoning {
            text,
            started: *started,
            ended: *ended,
        },
        BlockContent::Tool(tool) => HeldContent::Tool(&tool.call),
        BlockContent::File { name, media_type } => HeldContent::File { name, media_type },
        BlockContent::Compaction => HeldContent::Compaction,
    }
}

fn held_message(entry: &Entry) -> HeldMessage<'_> {
    HeldMessage {
        message: &entry.message,
        interrupted: entry.interrupted,
        parts: entry
            .blocks
            .iter()
            .map(|block| HeldPart {
                id: &block.id,
                content: held_content(block),
            })
            .collect(),
    }
}

fn held(transcript: &Transcript) -> Held<'_> {
    Held {
        thread: thread(),
        messages: transcript.messages().iter().map(held_message).collect(),
        status: transcript.status(),
        error: transcript.error(),
        permissions: transcript.permissions(),
        questions: transcript.questions(),
        todos: transcript.todos(),
    }
}

/// The other side.
struct Watched {
    retold: Retold,
    transcript: Transcript,
}

impl Watched {
    fn new() -> Self {
        Self {
            retold: Retold::new(session()),
            transcript: Transcript::new(session()),
        }
    }

    fn take(&mut self, told: Vec<Told>) {
        for told in told {
            // As it is on the wire.
            let json = serde_json::to_string(&told.event).unwrap();
            self.take_event(serde_json::from_str(&json).unwrap());
        }
    }

    fn take_event(&mut self, event: SessionEvent) {
        match self.retold.take(event) {
            Retelling::Events(events) => {
                for event in events {
                    self.transcript.apply(event, 7, &mut Vec::new());
                }
            }
            Retelling::Anew { .. } => {
                // What it does was not taken back.
                let status = self.transcript.status().clone();
                self.transcript = Transcript::new(session());
                let event = EngineEvent::StatusChanged {
                    session: session(),
                    status,
                };
                self.transcript.apply(event, 7, &mut Vec::new());
            }
            Retelling::Gone => {}
        }
    }
}

fn over(entry: &Entry) -> bool {
    entry.message.role == Role::User
        || entry.message.completed.is_some()
        || entry.message.error.is_some()
        || entry.interrupted
}

/// What a block shows, as text, with what may not leave taken out, and a call as `call` says.
fn shown(
    content: &BlockContent,
    leaving: &Leaving,
    call: impl Fn(&ToolCall) -> ToolCall,
) -> (String, String) {
    match content {
        BlockContent::Text { text } => ("text".to_owned(), leaving.text(text)),
        BlockContent::Reasoning { text, started, ended } => {
            (format!("reasoning {started:?} {ended:?}"), leaving.text(text))
        }
        BlockContent::Tool(tool) => (format!("{:?}", call(&tool.call)), String::new()),
        BlockContent::File { name, media_type } => (format!("{name} {media_type}"), String::new()),
        BlockContent::Compaction => ("compaction".to_owned(), String::new()),
    }
}

/// Fails where the other side is not what this one is without what may not leave. Texts that are being written may be
/// shorter there, and never anything else.
fn compare(here: &Transcript, there: &Transcript, whole: bool) -> Result<(), TestCaseError> {
    let leaving = leaving();
    let plain = Leaving::new(
        &Policy {
            expose_local_paths: true,
            expose_artifact_bodies: true,
            ..Policy::default()
        },
        &Places::default(),
    );
    let asks = here.permissions().len() + here.questions().len();
    let idle = *here.status() == SessionStatus::Idle && asks == 0;
    let ids = |transcript: &Transcript| -> Vec<_> {
        transcript
            .messages()
            .iter()
            .map(|entry| entry.message.id.clone())
            .collect()
    };
    prop_assert_eq!(ids(here), ids(there));
    for (ours, theirs) in here.messages().iter().zip(there.messages()) {
        prop_assert_eq!(leaving.message(&ours.message), theirs.message.clone());
        let blocks = |entry: &Entry| {
            entry
                .blocks
                .iter()
                .map(|block| block.id.clone())
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(blocks(ours), blocks(theirs), "of {:?}", ours.message.id);
        for (our, their) in ours.blocks.iter().zip(&theirs.blocks) {
            let leaves = |call: &ToolCall| {
                if over(ours) {
                    leaving.call_of_finished(call)
                } else {
                    leaving.call(call)
                }
            };
            let (expected, expected_text) = shown(&our.content, &leaving, leaves);
            let (found, found_text) = shown(&their.content, &plain, ToolCall::clone);
            // A thought that nobody ended has ended for whoever hears last that nothing runs.
            if !expected.ends_with(" None") {
                prop_assert_eq!(expected, found);
            }
            if over(ours) && whole {
                prop_assert_eq!(expected_text, found_text, "of {:?}", our.id);
            } else {
                prop_assert!(
                    expected_text.starts_with(&found_text),
                    "{expected_text:?} {found_text:?}"
                );
            }
        }
        if idle && ours.message.role == Role::Assistant {
            prop_assert!(!ours.interrupted || theirs.interrupted, "of {:?}", ours.message);
        }
    }
    if idle || *here.status() != SessionStatus::Idle {
        prop_assert_eq!(here.status(), there.status());
    }
    if idle {
        prop_assert_eq!(here.error(), there.error());
    }
    prop_assert_eq!(here.permissions().len(), there.permissions().len());
    prop_assert_eq!(here.questions(), there.questions());
    prop_assert_eq!(here.todos(), there.todos());
    Ok(())
}

#[test]
fn of_a_call_that_runs_nothing_is_told_twice_and_all_of_it_once_nothing_follows() {
    let message = message(1, false, false);
    let id = PartId::from("prt_1");
    let mut call = ToolCall::new(
        CallId::from("call"),
        "bash".to_owned(),
        ToolKind::Shell,
        ToolState::Running,
    );
    let mut shared = Shared::new(leaving());
    let mut outputs = |output: &str, interrupted: bool| {
        output.clone_into(&mut call.output);
        let parts = vec![HeldPart {
            id: &id,
            content: HeldContent::Tool(&call),
        }];
        let held = Held {
            thread: thread(),
            messages: vec![HeldMessage {
                message: &message,
                interrupted,
                parts,
            }],
            status: &SessionStatus::Busy,
            error: None,
            permissions: &[],
            questions: &[],
            todos: &[],
        };
        let told = shared.tell(&Changes { held, gone: &[] });
        let outputs = told.into_iter().filter_map(|told| match told.event {
            SessionEvent::Part { part } => match part.content {
                PartContent::Tool(call) => Some(call.output),
                _ => None,
            },
            _ => None,
        });
        outputs.collect::<Vec<_>>()
    };
    assert_eq!(outputs("one\n", false), ["one\n"]);
    assert!(outputs("one\ntw", false).is_empty());
    assert!(outputs("one\ntwo", false).is_empty());
    assert_eq!(outputs("one\ntwo\nth", false), ["one\ntwo\n"]);
    assert_eq!(outputs("one\ntwo\nthree", true), ["one\ntwo\nthree"]);
}

#[derive(Clone, Debug)]
enum Step {
    Event(Box<EngineEvent>),
    /// Tells what changed.
    Tick,
    /// Tells everything anew.
    Anew,
}

/// Runs the steps, and gives the other side what `deliver` lets through.
fn run(
    steps: Vec<Step>,
    mut deliver: impl FnMut(&mut Watched, Vec<Told>),
    mut check: impl FnMut(&Transcript, &Transcript) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let (mut here, mut there) = (Transcript::new(session()), Watched::new());
    let idle = EngineEvent::StatusChanged {
        session: session(),
        status: SessionStatus::Idle,
    };
    here.apply(idle, 7, &mut Vec::new());
    let mut shared = Shared::new(leaving());
    let told = shared.begin(&held(&here), false);
    there.take(told);
    let mut known: Vec<MessageId> = Vec::new();
    for step in steps.into_iter().chain([Step::Tick, Step::Anew]) {
        let anew = matches!(step, Step::Anew);
        match step {
            Step::Event(event) => {
                here.apply(*event, 7, &mut Vec::new());
                continue;
            }
            Step::Tick => {
                let held = held(&here);
                let gone: Vec<_> = known
                    .iter()
                    .filter(|id| !held.messages.iter().any(|message| message.message.id == **id))
                    .cloned()
                    .collect();
                let told = shared.tell(&Changes { held, gone: &gone });
                for one in &told {
                    let json = serde_json::to_value(&one.event).unwrap();
                    assert_strings_are_short(&json)?;
                }
                deliver(&mut there, told);
            }
            Step::Anew => there.take(shared.begin(&held(&here), false)),
        }
        known = here
            .messages()
            .iter()
            .map(|entry| entry.message.id.clone())
            .collect();
        if anew {
            compare(&here, &there.transcript, true)?;
        }
        check(&here, &there.transcript)?;
        let again = shared.tell(&Changes {
            held: held(&here),
            gone: &[],
        });
        prop_assert!(again.is_empty(), "what was told is not told again: {again:?}");
    }
    Ok(())
}

#[test]
fn a_call_that_another_one_takes_the_place_of_is_told_as_that_one() {
    let changed = |content: PartContent| {
        let part = Part {
            id: PartId::from("prt_1"),
            message: MessageId::from("msg_1"),
            content,
        };
        Step::Event(Box::new(EngineEvent::PartChanged {
            session: session(),
            part,
        }))
    };
    let call = |state, output: &str, child: bool| {
        let mut call = ToolCall::new(CallId::from("call"), "bash".to_owned(), ToolKind::Shell, state);
        output.clone_into(&mut call.output);
        call.child = child.then(|| SessionId::from("ses_child"));
        changed(PartContent::Tool(Box::new(call)))
    };
    let nothing = || {
        changed(PartContent::Text {
            text: String::new(),
            synthetic: false,
        })
    };
    let begun = || Step::Event(Box::new(EngineEvent::MessageChanged(message(1, false, false))));
    for (before, after) in [
        (
            call(ToolState::Running, "", false),
            call(ToolState::Pending, "", false),
        ),
        (
            call(ToolState::Running, "", true),
            call(ToolState::Running, "", false),
        ),
        (
            call(ToolState::Running, "one\n", false),
            call(ToolState::Failed, "", false),
        ),
    ] {
        let busy = Step::Event(Box::new(EngineEvent::StatusChanged {
            session: session(),
            status: SessionStatus::Busy,
        }));
        let steps = vec![busy, begun(), before, Step::Tick, nothing(), after, Step::Tick];
        run(steps, Watched::take, |here, there| compare(here, there, true)).unwrap();
    }
}

fn assert_strings_are_short(value: &serde_json::Value) -> Result<(), TestCaseError> {
    match value {
        serde_json::Value::String(text) => prop_assert!(text.len() <= STRING_LIMIT),
        serde_json::Value::Array(values) => {
            for value in values {
                assert_strings_are_short(value)?;
            }
        }
        serde_json::Value::Object(fields) => {
            for value in fields.values() {
                assert_strings_are_short(value)?;
            }
        }
        _ => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_other_side_ends_with_the_same_conversation_however_it_is_batched(steps in steps()) {
        run(steps, Watched::take, |here, there| compare(here, there, true))?;
    }

    #[test]
    fn growth_that_is_missed_or_comes_twice_never_makes_another_text(
        steps in steps(), fates in prop::collection::vec(0..3_u8, 1..12),
    ) {
        let mut fates = fates.into_iter().cycle();
        let deliver = |there: &mut Watched, told: Vec<Told>| {
            for told in told {
                let times = if matches!(told.event, SessionEvent::Grew { .. }) { fates.next().unwrap_or(1) } else { 1 };
                for _ in 0..times {
                    there.take_event(told.event.clone());
                }
            }
        };
        run(steps, deliver, |here, there| compare(here, there, false))?;
    }
}
