//! Events and snapshots as an engine tells them.

use std::path::PathBuf;

use cowork_engine::{
    CallId, EngineEvent, Message, MessageId, MessageWithParts, Part, PartContent, PartId, Role, Session,
    SessionId, SessionSnapshot, SessionStatus, ToolCall, ToolKind, ToolState,
};
use cowork_transcript::Transcript;

pub(crate) fn message(session: &SessionId, id: &str, created: i64) -> Message {
    Message::new(MessageId::from(id), session.clone(), Role::Assistant, created)
}

fn text(message: &MessageId, part: &str, text: &str) -> Part {
    Part {
        id: PartId::from(part),
        message: message.clone(),
        content: PartContent::Text {
            text: text.to_owned(),
            synthetic: false,
        },
    }
}

pub(crate) fn delta(session: &SessionId, message: &MessageId, part: &PartId) -> EngineEvent {
    EngineEvent::PartGrew {
        session: session.clone(),
        message: message.clone(),
        part: part.clone(),
        delta: "word ".to_owned(),
    }
}

fn call(number: usize, kind: ToolKind) -> ToolCall {
    ToolCall {
        target: Some("cargo test".to_owned()),
        output: "running 12 tests\n".repeat(number % 8),
        started: Some(1),
        ..ToolCall::new(
            CallId::new(format!("call_chatcmpl-{number}")),
            "bash".to_owned(),
            kind,
            ToolState::Running,
        )
    }
}

/// A call, in one of the places that calls of a run take turns in.
pub(crate) fn called(message: &MessageId, number: usize) -> Part {
    Part {
        id: PartId::new(format!("prt_1fa0e5a8c001tool{:08}", number / 4)),
        message: message.clone(),
        content: PartContent::Tool(Box::new(call(number, ToolKind::Shell))),
    }
}

/// A call that hands work to a sub-agent.
pub(crate) fn handed_over(message: &MessageId, number: usize, child: SessionId) -> Part {
    let call = ToolCall {
        output: String::new(),
        child: Some(child),
        ..call(number, ToolKind::Task)
    };
    Part {
        id: PartId::new(format!("prt_1fa0e5a8c001task{number:08}")),
        message: message.clone(),
        content: PartContent::Tool(Box::new(call)),
    }
}

pub(crate) fn tool(session: &SessionId, message: &MessageId, number: usize) -> EngineEvent {
    EngineEvent::PartChanged {
        session: session.clone(),
        part: called(message, number),
    }
}

/// A message that has one text.
pub(crate) fn written(session: &SessionId, id: &str, created: i64, words: &str) -> MessageWithParts {
    let message = message(session, id, created);
    let parts = vec![text(&message.id, &format!("prt_{id}"), words)];
    MessageWithParts { message, parts }
}

pub(crate) fn snapshot(
    session: &SessionId,
    status: SessionStatus,
    messages: Vec<MessageWithParts>,
) -> SessionSnapshot {
    SessionSnapshot {
        older: None,
        session: Session {
            id: session.clone(),
            parent: None,
            folder: PathBuf::from("folder"),
            title: String::new(),
            created: 0,
            updated: 0,
            cost: 0.0,
            reverted: None,
        },
        messages,
        todos: Vec::new(),
        status,
        permissions: Vec::new(),
        questions: Vec::new(),
    }
}

/// A session with one open answer that has one empty text.
pub(crate) fn opened(session: &SessionId, message_id: &str, part: &str) -> Transcript {
    let mut transcript = Transcript::new(session.clone());
    let mut patches = Vec::new();
    let head = message(session, message_id, 1);
    let part = text(&head.id, part, "");
    let session = session.clone();
    transcript.apply(EngineEvent::PartChanged { session, part }, 1, &mut patches);
    transcript.apply(EngineEvent::MessageChanged(head), 1, &mut patches);
    transcript
}
