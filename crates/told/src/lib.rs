//! What an engine tells, for tests: sessions, messages, parts, asks and events, each made in a line.
//!
//! Several rooms follow what an engine tells; they are held against the same words. What a desktop tells a server of a
//! session becomes such words again by [`retold`].

pub mod retold;

use std::path::PathBuf;

use cowork_engine::{
    CallId, EngineEvent, Envelope, Message, MessageId, MessageWithParts, Part, PartContent, PartId,
    PermissionAsk, PermissionKind, Role, Session, SessionId, SessionSnapshot, SessionStatus, ToolCall,
    ToolKind, ToolState,
};

/// The folder of every session that is told of.
pub const FOLDER: &str = "/work";

/// An answer that is being written.
#[must_use]
pub fn answer(session: &SessionId, id: &str, created: i64) -> Message {
    Message::new(MessageId::from(id), session.clone(), Role::Assistant, created)
}

/// A text as a part has it.
#[must_use]
pub fn text(text: &str) -> PartContent {
    PartContent::Text {
        text: text.to_owned(),
        synthetic: false,
    }
}

/// A call of a tool.
#[must_use]
pub fn call(kind: ToolKind, state: ToolState) -> ToolCall {
    ToolCall::new(CallId::from("call_1"), "tool".to_owned(), kind, state)
}

/// A call as a part has it.
#[must_use]
pub fn tool(call: ToolCall) -> PartContent {
    PartContent::Tool(Box::new(call))
}

/// A part of a message.
#[must_use]
pub fn part(message: &str, id: &str, content: PartContent) -> Part {
    Part {
        id: PartId::from(id),
        message: MessageId::from(message),
        content,
    }
}

/// What an agent of a session asks for.
#[must_use]
pub fn ask(kind: PermissionKind, patterns: &[&str], always: &[&str]) -> PermissionAsk {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    PermissionAsk {
        id: "per_1".into(),
        session: "ses_1".into(),
        command: (kind == PermissionKind::Shell).then(|| patterns.join(" && ")),
        kind,
        patterns: owned(patterns),
        always: owned(always),
        path: None,
        leads_to: None,
        diff: None,
        call: None,
    }
}

/// A part came or is another one.
#[must_use]
pub fn changed(session: &SessionId, part: Part) -> EngineEvent {
    EngineEvent::PartChanged {
        session: session.clone(),
        part,
    }
}

/// A text grew.
#[must_use]
pub fn delta(session: &SessionId, message: &str, part: &str, delta: &str) -> EngineEvent {
    EngineEvent::PartGrew {
        session: session.clone(),
        message: MessageId::from(message),
        part: PartId::from(part),
        delta: delta.to_owned(),
    }
}

/// A session is at work.
#[must_use]
pub fn busy(session: &SessionId) -> EngineEvent {
    EngineEvent::StatusChanged {
        session: session.clone(),
        status: SessionStatus::Busy,
    }
}

/// A message is gone.
#[must_use]
pub fn removed(session: &SessionId, message: &str) -> EngineEvent {
    EngineEvent::MessageRemoved {
        session: session.clone(),
        message: MessageId::from(message),
    }
}

/// A session as a list has it.
#[must_use]
pub fn listed(session: &SessionId, parent: Option<&SessionId>) -> Session {
    Session {
        id: session.clone(),
        parent: parent.cloned(),
        folder: PathBuf::from(FOLDER),
        title: "A title".to_owned(),
        created: 1,
        updated: 1,
        cost: 0.0,
        reverted: None,
    }
}

/// A session at rest, as it is read.
#[must_use]
pub fn snapshot(session: &SessionId, messages: Vec<MessageWithParts>) -> SessionSnapshot {
    SessionSnapshot {
        older: None,
        session: listed(session, None),
        messages,
        todos: Vec::new(),
        status: SessionStatus::Idle,
        permissions: Vec::new(),
        questions: Vec::new(),
    }
}

/// A finished answer with these parts.
#[must_use]
pub fn finished(session: &SessionId, id: &str, created: i64, parts: Vec<Part>) -> MessageWithParts {
    let message = Message {
        completed: Some(created),
        ..answer(session, id, created)
    };
    MessageWithParts { message, parts }
}

/// An event as it comes out of the stream.
#[must_use]
pub fn envelope(event: EngineEvent) -> Envelope {
    Envelope { folder: None, event }
}
