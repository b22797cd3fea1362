//! What an engine may say, in any order.

use cowork_engine::{
    CallId, EngineEvent, Message, MessageId, Part, PartContent, PartId, PermissionAsk, PermissionId,
    PermissionKind, QuestionAsk, QuestionId, Role, SessionStatus, Todo, TodoState, ToolCall, ToolKind,
    ToolState, TurnError, TurnErrorKind,
};
use proptest::prelude::*;

use super::{Step, session};

fn message_id() -> impl Strategy<Value = usize> {
    0..4_usize
}

pub(super) fn message(index: usize, completed: bool, failed: bool) -> Message {
    let role = if index.is_multiple_of(2) {
        Role::User
    } else {
        Role::Assistant
    };
    let created = i64::try_from(index).unwrap();
    let mut message = Message::new(id_of(index), session(), role, created);
    if role == Role::Assistant {
        message.completed = completed.then_some(100 + created);
        message.error = failed.then(failure);
    }
    message
}

fn failure() -> TurnError {
    TurnError {
        kind: TurnErrorKind::Provider,
        message: "it failed".to_owned(),
        status: None,
    }
}

fn id_of(index: usize) -> MessageId {
    MessageId::new(format!("msg_{index}"))
}

fn part_id() -> impl Strategy<Value = PartId> {
    (0..4_u8).prop_map(|part| PartId::new(format!("prt_{part}")))
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("words and more ".to_owned()),
        Just("\n".to_owned()),
        Just("/home/ada/notes ".to_owned()),
        Just("/home/ada/project/src/x.rs".to_owned()),
        Just("pass".to_owned()),
        Just("word=hunter2".to_owned()),
        Just("sk-ant-abcdefghijklmnop".to_owned()),
        Just("ünïcödé line\n".repeat(1_500)),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn tool() -> impl Strategy<Value = PartContent> {
    (0..4_u8, text()).prop_map(|(state, output)| {
        let state = [
            ToolState::Pending,
            ToolState::Running,
            ToolState::Completed,
            ToolState::Failed,
        ][usize::from(state)];
        let mut call = ToolCall::new(CallId::from("call"), "bash".to_owned(), ToolKind::Shell, state);
        call.target = Some("cat /home/ada/x".to_owned());
        call.output = output;
        PartContent::Tool(Box::new(call))
    })
}

fn permission(id: u8) -> PermissionAsk {
    PermissionAsk {
        id: PermissionId::new(format!("per_{id}")),
        session: session(),
        kind: PermissionKind::Shell,
        patterns: vec!["ls".to_owned()],
        always: Vec::new(),
        command: Some("ls".to_owned()),
        path: None,
        leads_to: None,
        diff: None,
        call: Some((id_of(1), CallId::from("call"))),
    }
}

fn event() -> impl Strategy<Value = EngineEvent> {
    let part = |content| {
        (message_id(), part_id(), content).prop_map(|(message, id, content)| EngineEvent::PartChanged {
            session: session(),
            part: Part {
                id,
                message: id_of(message),
                content,
            },
        })
    };
    let status = prop_oneof![
        Just(SessionStatus::Idle),
        Just(SessionStatus::Busy),
        Just(SessionStatus::Retry {
            attempt: 1,
            message: "again".to_owned(),
            next: 9
        }),
    ];
    prop_oneof![
        3 => (message_id(), any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(index, completed, failed)| EngineEvent::MessageChanged(message(index, completed, failed))),
        3 => part(text().prop_map(|text| PartContent::Text { text, synthetic: false }).boxed()),
        2 => part(
            (text(), any::<bool>())
                .prop_map(|(text, ended)| PartContent::Reasoning {
                    text,
                    started: Some(1),
                    ended: ended.then_some(2),
                })
                .boxed()
        ),
        2 => part(tool().boxed()),
        1 => part(Just(PartContent::Compaction).boxed()),
        1 => message_id().prop_map(|message| EngineEvent::PartChanged {
            session: session(),
            // A step is never the same part as a text.
            part: Part { id: PartId::from("stp_0"), message: id_of(message), content: PartContent::StepStarted },
        }),
        5 => (message_id(), part_id(), text()).prop_map(|(message, part, delta)| EngineEvent::PartGrew {
            session: session(),
            message: id_of(message),
            part,
            delta,
        }),
        1 => (message_id(), part_id()).prop_map(|(message, part)| EngineEvent::PartRemoved {
            session: session(),
            message: id_of(message),
            part,
        }),
        1 => message_id().prop_map(|message| EngineEvent::MessageRemoved {
            session: session(),
            message: id_of(message),
        }),
        3 => status.prop_map(|status| EngineEvent::StatusChanged { session: session(), status }),
        1 => Just(EngineEvent::TurnFailed { session: Some(session()), error: failure() }),
        1 => (0..3_u8).prop_map(|id| EngineEvent::PermissionAsked(permission(id))),
        1 => (0..3_u8).prop_map(|id| EngineEvent::PermissionAnswered {
            session: session(),
            permission: PermissionId::new(format!("per_{id}")),
        }),
        1 => (0..3_u8).prop_map(|id| EngineEvent::QuestionAsked(QuestionAsk {
            id: QuestionId::new(format!("que_{id}")),
            session: session(),
            questions: Vec::new(),
            call: None,
        })),
        1 => Just(EngineEvent::TodosChanged {
            session: session(),
            todos: vec![Todo { content: "do it".to_owned(), state: TodoState::Pending }],
        }),
    ]
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        10 => event().prop_map(|event| Step::Event(Box::new(event))),
        4 => Just(Step::Tick),
        1 => Just(Step::Anew),
    ];
    prop::collection::vec(step, 1..40)
}
