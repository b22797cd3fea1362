//! What is found without looking through a conversation is what looking through it finds.

use cowork_engine::{
    EngineEvent, Message, MessageId, MessagePage, OlderMessages, PartContent, PartId, Role, SessionId,
    ToolCall, ToolKind, ToolState, Usage,
};
use cowork_transcript::{BlockContent, ToolView, Transcript};
use proptest::prelude::*;

use crate::support::*;

const MESSAGES: usize = 12;
const CHILDREN: usize = 3;

fn message_id(number: usize) -> String {
    format!("msg_{number:02}")
}

fn child(number: usize) -> SessionId {
    SessionId::new(format!("ses_child_{number}"))
}

/// A message that was made at its place in the conversation, or somewhere else in it.
fn of(number: usize, created: usize, tokens: u64) -> Message {
    Message {
        usage: Usage {
            input: tokens,
            cost: 0.25,
            ..Usage::default()
        },
        ..answer(&message_id(number), i64::try_from(created).unwrap(), "msg_prompt")
    }
}

fn handed(number: usize, state: ToolState, to: Option<usize>) -> PartContent {
    PartContent::Tool(Box::new(ToolCall {
        kind: ToolKind::Task,
        description: Some(format!("task {number}")),
        child: to.map(child),
        ..call(state)
    }))
}

#[derive(Clone, Copy, Debug)]
enum Happening {
    Said(usize, usize, u64),
    Handed(usize, usize, bool, Option<usize>),
    Wrote(usize, usize),
    PartGone(usize, usize),
    Gone(usize),
    ReadAnew(usize),
    ReadBack(usize),
}

fn happening() -> impl Strategy<Value = Happening> {
    let message = 0..MESSAGES;
    let part = 0_usize..3;
    prop_oneof![
        3 => (message.clone(), message.clone(), 0_u64..9).prop_map(|(number, created, tokens)| Happening::Said(number, created, tokens)),
        6 => (message.clone(), part.clone(), any::<bool>(), proptest::option::of(0..CHILDREN))
            .prop_map(|(message, part, ended, to)| Happening::Handed(message, part, ended, to)),
        2 => (message.clone(), part.clone()).prop_map(|(message, part)| Happening::Wrote(message, part)),
        2 => (message.clone(), part).prop_map(|(message, part)| Happening::PartGone(message, part)),
        2 => message.clone().prop_map(Happening::Gone),
        1 => message.clone().prop_map(Happening::ReadAnew),
        1 => message.prop_map(Happening::ReadBack),
    ]
}

fn part_id(message: usize, part: usize) -> String {
    format!("prt_{message:02}_{part}")
}

/// Messages as the engine would give them: each with a call.
fn read(numbers: impl Iterator<Item = usize>) -> Vec<cowork_engine::MessageWithParts> {
    let told = numbers.map(|number| {
        let content = handed(number, ToolState::Completed, Some(number % CHILDREN));
        cowork_engine::MessageWithParts {
            message: of(number, number, 1),
            parts: vec![part(&message_id(number), &part_id(number, 0), content)],
        }
    });
    told.collect()
}

fn happen(transcript: &mut Transcript, happening: Happening) {
    match happening {
        Happening::Said(number, created, tokens) => {
            feed(transcript, [head(of(number, created, tokens))]);
        }
        Happening::Handed(message, at, ended, to) => {
            let state = if ended {
                ToolState::Completed
            } else {
                ToolState::Running
            };
            let mut content = handed(message, state, to);
            if at == 0
                && message % 3 == 0
                && let PartContent::Tool(call) = &mut content
            {
                call.kind = ToolKind::Other;
            }
            feed(
                transcript,
                [changed(&message_id(message), &part_id(message, at), content)],
            );
        }
        Happening::Wrote(message, at) => {
            feed(
                transcript,
                [text(&message_id(message), &part_id(message, at), "words")],
            );
        }
        Happening::PartGone(message, at) => {
            let event = EngineEvent::PartRemoved {
                session: session(),
                message: MessageId::new(message_id(message)),
                part: PartId::new(part_id(message, at)),
            };
            feed(transcript, [event]);
        }
        Happening::Gone(message) => {
            let event = EngineEvent::MessageRemoved {
                session: session(),
                message: MessageId::new(message_id(message)),
            };
            feed(transcript, [event]);
        }
        Happening::ReadAnew(from) => {
            let mut told = snapshot(Vec::new());
            told.messages = read(from..MESSAGES);
            told.older = (from > 0).then(|| OlderMessages("older".to_owned()));
            let _ = transcript.restore(told, NOW);
        }
        Happening::ReadBack(to) => {
            let _ = transcript.extend_back(MessagePage {
                messages: read(0..to),
                older: None,
            });
        }
    }
}

fn task(content: &BlockContent) -> Option<&ToolView> {
    match content {
        BlockContent::Tool(tool) if tool.call.kind == ToolKind::Task => Some(tool),
        _ => None,
    }
}

/// Compares what is kept with what a walk over all of it gives.
fn check(transcript: &Transcript) {
    let entries = transcript.messages();
    let walked: Vec<&ToolView> = entries
        .iter()
        .rev()
        .flat_map(|entry| entry.blocks.iter().rev())
        .filter_map(|block| task(&block.content))
        .collect();
    assert_eq!(transcript.tasks().collect::<Vec<_>>(), walked);
    for child in (0..CHILDREN).map(child) {
        let mut walked: Vec<_> = entries
            .iter()
            .flat_map(|entry| entry.blocks.iter().map(move |block| (&entry.message.id, block)))
            .filter(|(_, block)| matches!(&block.content, BlockContent::Tool(tool) if tool.call.child.as_ref() == Some(&child)))
            .map(|(message, block)| (message, &block.id))
            .collect();
        let mut kept: Vec<_> = transcript.calls_of(&child).collect();
        walked.sort();
        kept.sort();
        assert_eq!(kept, walked, "{child:?}");
    }
    let answers = || {
        entries
            .iter()
            .filter(|entry| entry.message.role == Role::Assistant)
    };
    let usage = transcript.usage();
    assert_eq!(
        usage.input,
        answers().map(|entry| entry.message.usage.input).sum::<u64>()
    );
    let cost: f64 = answers().map(|entry| entry.message.usage.cost).sum();
    assert!((usage.cost - cost).abs() < 1e-9, "{} is not {cost}", usage.cost);
}

proptest! {
    #[test]
    fn sub_agents_and_sums_are_those_of_the_messages_that_are_there(happenings in prop::collection::vec(happening(), 1..60)) {
        let mut transcript = Transcript::new(session());
        for happening in happenings {
            happen(&mut transcript, happening);
            check(&transcript);
        }
    }
}
