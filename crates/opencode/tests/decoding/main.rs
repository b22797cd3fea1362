//! What streams of the engine become.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod recorded;
mod single;

use std::path::{Path, PathBuf};

use cowork_engine::{
    EngineEvent, Envelope, PartContent, PermissionKind, SessionStatus, TodoState, ToolCall, ToolKind,
    ToolState, TurnErrorKind,
};
use cowork_opencode::{Decoder, Memory};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn decoded(name: &str) -> (Vec<EngineEvent>, Memory) {
    let bytes = std::fs::read(fixtures().join(format!("{name}.sse"))).unwrap();
    let mut memory = Memory::default();
    let events = Decoder::new()
        .push(&bytes, &mut memory)
        .into_iter()
        .map(|envelope| envelope.event)
        .collect();
    (events, memory)
}

fn decode_one(payload: &str) -> (Vec<Envelope>, Memory) {
    let mut memory = Memory::default();
    let stream = format!("data: {{\"directory\":\"/p\",\"payload\":{payload}}}\n\n");
    (Decoder::new().push(stream.as_bytes(), &mut memory), memory)
}

fn tools(events: &[EngineEvent]) -> Vec<&ToolCall> {
    events
        .iter()
        .filter_map(|event| match event {
            EngineEvent::PartChanged { part, .. } => match &part.content {
                PartContent::Tool(call) => Some(call.as_ref()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

fn last_tool<'a>(events: &'a [EngineEvent], name: &str) -> &'a ToolCall {
    tools(events).into_iter().rfind(|call| call.name == name).unwrap()
}

fn statuses(events: &[EngineEvent]) -> Vec<&SessionStatus> {
    events
        .iter()
        .filter_map(|event| match event {
            EngineEvent::StatusChanged { status, .. } => Some(status),
            _ => None,
        })
        .collect()
}

fn failures(events: &[EngineEvent]) -> Vec<(TurnErrorKind, &str)> {
    events
        .iter()
        .filter_map(|event| match event {
            EngineEvent::TurnFailed { error, .. } => Some((error.kind, error.message.as_str())),
            _ => None,
        })
        .collect()
}
