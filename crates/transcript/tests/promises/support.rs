//! Events by hand, and a transcript that is fed with them.

use std::path::PathBuf;

use cowork_engine::{
    CallId, EngineEvent, Message, MessageId, MessageWithParts, Part, PartContent, PartId, PermissionAsk,
    PermissionKind, Question, QuestionAsk, Role, Session, SessionId, SessionSnapshot, SessionStatus,
    ToolCall, ToolKind, ToolState, TurnError, TurnErrorKind, Usage,
};
use cowork_transcript::{Block, BlockContent, Patch, ToolView, Transcript};

pub(crate) const SESSION: &str = "ses_1";
pub(crate) const FOLDER: &str = "/home/ada/project";
pub(crate) const NOW: i64 = 5_000;

pub(crate) fn session() -> SessionId {
    SessionId::from(SESSION)
}

pub(crate) fn listed() -> Session {
    Session {
        id: session(),
        parent: None,
        folder: PathBuf::from(FOLDER),
        title: "A title".to_owned(),
        created: 1,
        updated: 1,
        cost: 0.0,
        reverted: None,
    }
}

pub(crate) fn user(id: &str, created: i64) -> Message {
    Message::new(MessageId::from(id), session(), Role::User, created)
}

pub(crate) fn answer(id: &str, created: i64, parent: &str) -> Message {
    Message {
        role: Role::Assistant,
        parent: Some(MessageId::from(parent)),
        ..user(id, created)
    }
}

pub(crate) fn finished(message: Message) -> Message {
    Message {
        completed: Some(message.created + 10),
        ..message
    }
}

pub(crate) fn head(message: Message) -> EngineEvent {
    EngineEvent::MessageChanged(message)
}

pub(crate) fn part(message: &str, id: &str, content: PartContent) -> Part {
    Part {
        id: PartId::from(id),
        message: MessageId::from(message),
        content,
    }
}

pub(crate) fn changed(message: &str, id: &str, content: PartContent) -> EngineEvent {
    EngineEvent::PartChanged {
        session: session(),
        part: part(message, id, content),
    }
}

pub(crate) fn written(text: &str) -> PartContent {
    PartContent::Text {
        text: text.to_owned(),
        synthetic: false,
    }
}

pub(crate) fn thought(text: &str, ended: Option<i64>) -> PartContent {
    PartContent::Reasoning {
        text: text.to_owned(),
        started: Some(1),
        ended,
    }
}

pub(crate) fn text(message: &str, id: &str, text: &str) -> EngineEvent {
    changed(message, id, written(text))
}

pub(crate) fn step(message: &str, id: &str) -> EngineEvent {
    changed(message, id, PartContent::StepStarted)
}

pub(crate) fn step_done(message: &str, id: &str) -> EngineEvent {
    changed(
        message,
        id,
        PartContent::StepFinished {
            usage: Usage::default(),
        },
    )
}

pub(crate) fn delta(message: &str, part: &str, delta: &str) -> EngineEvent {
    EngineEvent::PartGrew {
        session: session(),
        message: MessageId::from(message),
        part: PartId::from(part),
        delta: delta.to_owned(),
    }
}

pub(crate) fn call(state: ToolState) -> ToolCall {
    ToolCall::new(CallId::from("call_1"), "bash".to_owned(), ToolKind::Shell, state)
}

pub(crate) fn tool(message: &str, id: &str, state: ToolState) -> EngineEvent {
    changed(message, id, PartContent::Tool(Box::new(call(state))))
}

pub(crate) fn status(status: SessionStatus) -> EngineEvent {
    EngineEvent::StatusChanged {
        session: session(),
        status,
    }
}

pub(crate) fn busy() -> EngineEvent {
    status(SessionStatus::Busy)
}

pub(crate) fn idle() -> EngineEvent {
    status(SessionStatus::Idle)
}

pub(crate) fn retry(attempt: u32) -> EngineEvent {
    status(SessionStatus::Retry {
        attempt,
        message: "Connection reset by server".to_owned(),
        next: NOW + 2_000,
    })
}

pub(crate) fn failure(kind: TurnErrorKind) -> TurnError {
    TurnError {
        kind,
        message: "in the provider's words".to_owned(),
        status: None,
    }
}

pub(crate) fn failed(kind: TurnErrorKind) -> EngineEvent {
    EngineEvent::TurnFailed {
        session: Some(session()),
        error: failure(kind),
    }
}

pub(crate) fn permission(id: &str) -> PermissionAsk {
    PermissionAsk {
        id: id.into(),
        session: session(),
        kind: PermissionKind::Shell,
        patterns: vec!["echo hi".to_owned()],
        always: vec!["echo *".to_owned()],
        command: Some("echo hi".to_owned()),
        path: None,
        leads_to: None,
        diff: None,
        call: Some((MessageId::from("msg_2"), CallId::from("call_1"))),
    }
}

pub(crate) fn permission_answered(id: &str) -> EngineEvent {
    EngineEvent::PermissionAnswered {
        session: session(),
        permission: id.into(),
    }
}

pub(crate) fn question(id: &str) -> QuestionAsk {
    let question = Question {
        header: "Colour".to_owned(),
        text: "Which colour?".to_owned(),
        options: Vec::new(),
        multiple: false,
        custom: true,
    };
    QuestionAsk {
        id: id.into(),
        session: session(),
        questions: vec![question],
        call: Some((MessageId::from("msg_2"), CallId::from("call_1"))),
    }
}

pub(crate) fn question_answered(id: &str) -> EngineEvent {
    EngineEvent::QuestionAnswered {
        session: session(),
        question: id.into(),
    }
}

pub(crate) fn snapshot(messages: Vec<(Message, Vec<(&str, PartContent)>)>) -> SessionSnapshot {
    let messages = messages.into_iter().map(|(message, parts)| {
        let parts = parts
            .into_iter()
            .map(|(id, content)| part(message.id.as_str(), id, content))
            .collect();
        MessageWithParts { message, parts }
    });
    SessionSnapshot {
        older: None,
        session: listed(),
        messages: messages.collect(),
        todos: Vec::new(),
        status: SessionStatus::Idle,
        permissions: Vec::new(),
        questions: Vec::new(),
    }
}

/// A transcript after these events.
pub(crate) fn after(events: impl IntoIterator<Item = EngineEvent>) -> Transcript {
    let mut transcript = Transcript::new(session());
    feed(&mut transcript, events);
    transcript
}

/// What these events changed.
pub(crate) fn feed(transcript: &mut Transcript, events: impl IntoIterator<Item = EngineEvent>) -> Vec<Patch> {
    let mut patches = Vec::new();
    for event in events {
        transcript.apply(event, NOW, &mut patches);
    }
    patches
}

/// The beginning of a turn: a prompt `msg_1` and an open answer `msg_2`.
pub(crate) fn opening() -> Vec<EngineEvent> {
    vec![
        EngineEvent::SessionChanged(listed()),
        head(user("msg_1", 100)),
        text("msg_1", "prt_1", "do it"),
        busy(),
        head(answer("msg_2", 200, "msg_1")),
    ]
}

pub(crate) fn opening_then(events: impl IntoIterator<Item = EngineEvent>) -> Transcript {
    after(opening().into_iter().chain(events))
}

/// The texts and thoughts that a message shows.
pub(crate) fn texts<'a>(transcript: &'a Transcript, message: &str) -> Vec<&'a str> {
    let entry = transcript.entry(&message.into()).unwrap();
    entry.blocks.iter().filter_map(text_of).collect()
}

pub(crate) fn text_of(block: &Block) -> Option<&str> {
    match &block.content {
        BlockContent::Text { text } | BlockContent::Reasoning { text, .. } => Some(text),
        _ => None,
    }
}

pub(crate) fn tool_view<'a>(transcript: &'a Transcript, message: &str, part: &str) -> &'a ToolView {
    match &transcript.block(&message.into(), &part.into()).unwrap().content {
        BlockContent::Tool(tool) => tool,
        other => panic!("not a tool call: {other:?}"),
    }
}

pub(crate) fn interrupted(transcript: &Transcript, message: &str) -> bool {
    transcript.entry(&message.into()).unwrap().interrupted
}

/// All that can be read of a transcript.
pub(crate) fn everything(transcript: &Transcript) -> String {
    format!(
        "{:#?}",
        (
            transcript.messages(),
            (transcript.status(), transcript.working_since(), transcript.mark()),
            (
                transcript.permissions(),
                transcript.questions(),
                transcript.todos()
            ),
            (transcript.error(), transcript.error_message()),
            (transcript.usage(), transcript.context()),
        )
    )
}
