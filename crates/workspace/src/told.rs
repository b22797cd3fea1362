//! What an engine tells, for tests.

use std::path::PathBuf;

use cowork_engine::{
    CallId, EngineEvent, Envelope, Message, MessageId, MessageWithParts, Part, PartContent, PartId,
    PermissionAsk, PermissionKind, Role, Session, SessionId, SessionSnapshot, SessionStatus, ToolCall,
    ToolKind, ToolState,
};

pub(crate) const FOLDER: &str = "/work";

/// An answer that is being written.
pub(crate) fn answer(session: &SessionId, id: &str, created: i64) -> Message {
    Message::new(MessageId::from(id), session.clone(), Role::Assistant, created)
}

pub(crate) fn text(text: &str) -> PartContent {
    PartContent::Text {
        text: text.to_owned(),
        synthetic: false,
    }
}

pub(crate) fn call(kind: ToolKind, state: ToolState) -> ToolCall {
    ToolCall::new(CallId::from("call_1"), "tool".to_owned(), kind, state)
}

pub(crate) fn tool(call: ToolCall) -> PartContent {
    PartContent::Tool(Box::new(call))
}

pub(crate) fn part(message: &str, id: &str, content: PartContent) -> Part {
    Part {
        id: PartId::from(id),
        message: MessageId::from(message),
        content,
    }
}

/// What an agent of a session asks for.
pub(crate) fn ask(kind: PermissionKind, patterns: &[&str], always: &[&str]) -> PermissionAsk {
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

pub(crate) fn changed(session: &SessionId, part: Part) -> EngineEvent {
    EngineEvent::PartChanged {
        session: session.clone(),
        part,
    }
}

pub(crate) fn delta(session: &SessionId, message: &str, part: &str, delta: &str) -> EngineEvent {
    EngineEvent::PartGrew {
        session: session.clone(),
        message: MessageId::from(message),
        part: PartId::from(part),
        delta: delta.to_owned(),
    }
}

pub(crate) fn busy(session: &SessionId) -> EngineEvent {
    EngineEvent::StatusChanged {
        session: session.clone(),
        status: SessionStatus::Busy,
    }
}

pub(crate) fn removed(session: &SessionId, message: &str) -> EngineEvent {
    EngineEvent::MessageRemoved {
        session: session.clone(),
        message: MessageId::from(message),
    }
}

pub(crate) fn listed(session: &SessionId, parent: Option<&SessionId>) -> Session {
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
pub(crate) fn snapshot(session: &SessionId, messages: Vec<MessageWithParts>) -> SessionSnapshot {
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
pub(crate) fn finished(session: &SessionId, id: &str, created: i64, parts: Vec<Part>) -> MessageWithParts {
    let message = Message {
        completed: Some(created),
        ..answer(session, id, created)
    };
    MessageWithParts { message, parts }
}

/// An event as it comes out of the stream.
pub(crate) fn envelope(event: EngineEvent) -> Envelope {
    Envelope { folder: None, event }
}
