//! Events, from the engine's names to the workspace's.

use std::path::PathBuf;

use cowork_engine::{
    EngineEvent, Envelope, MessageId, PartId, PermissionId, QuestionId, SessionId, SessionStatus,
};
use serde::de::DeserializeOwned;

use crate::convert;
use crate::counters::Counters;
use crate::failure::turn_error;
use crate::memory::Memory;
use crate::message;
use crate::wire;

/// Why the data of an event became no event.
#[derive(Debug)]
pub(crate) enum Unread {
    /// A durable duplicate of an event that comes on its own as well.
    Duplicate,
    /// No JSON, or no event.
    Garbage,
}

/// How far into an event its type is looked for before the short way is taken. Folder and project stand before
/// it; beyond this the long way gives the same.
const TYPE_WITHIN: usize = 512;

/// Reads the data of one event.
pub(crate) fn read(data: &[u8], memory: &mut Memory) -> Result<Envelope, Unread> {
    let head = &data[..data.len().min(TYPE_WITHIN)];
    if memchr::memmem::find(head, b"\"message.part.delta\"").is_some()
        && let Some(envelope) = delta(data)
    {
        return Ok(envelope);
    }
    let wire: wire::GlobalEvent<'_> = serde_json::from_slice(data).map_err(|_| Unread::Garbage)?;
    let kind = wire.payload.kind.as_ref();
    if kind == "sync" {
        return Err(Unread::Duplicate);
    }
    let properties = wire
        .payload
        .properties
        .map_or("{}", |properties| properties.get());
    let event = match translate(kind, properties, memory) {
        Ok(Some(event)) => event,
        Ok(None) => {
            memory.counters_mut().ignored.add(kind);
            EngineEvent::Ignored {
                kind: kind.to_owned(),
            }
        }
        // Half a surrogate pair is only noticed when the text it stands in is read.
        Err(error) if error.is_syntax() => return Err(Unread::Garbage),
        Err(error) => {
            tracing::debug!(kind, %error, "an event of the engine has a content that cannot be read");
            memory.counters_mut().unreadable.add(kind);
            EngineEvent::Ignored {
                kind: kind.to_owned(),
            }
        }
    };
    Ok(Envelope {
        folder: wire.directory.and_then(|directory| folder(&directory)),
        event,
    })
}

/// The short way for the event that comes by the thousand: one pass, nothing copied that is not kept.
fn delta(data: &[u8]) -> Option<Envelope> {
    let wire: wire::DeltaEvent<'_> = serde_json::from_slice(data).ok()?;
    let properties = wire.payload.properties;
    if wire.payload.kind != "message.part.delta" || properties.field != "text" {
        return None;
    }
    Some(Envelope {
        folder: wire.directory.and_then(|directory| folder(&directory)),
        event: EngineEvent::PartGrew {
            session: SessionId::new(properties.session),
            message: MessageId::new(properties.message),
            part: PartId::new(properties.part),
            delta: properties.delta.into_owned(),
        },
    })
}

/// The engine says `global` for itself.
fn folder(directory: &str) -> Option<PathBuf> {
    (!directory.is_empty() && directory != "global").then(|| PathBuf::from(directory))
}

/// None for an event this product has no use for.
fn translate(
    kind: &str,
    properties: &str,
    memory: &mut Memory,
) -> Result<Option<EngineEvent>, serde_json::Error> {
    let event = match kind {
        "server.connected" => EngineEvent::Connected,
        "server.heartbeat" => EngineEvent::Heartbeat,
        "session.created" | "session.updated" => {
            let wire: wire::WithInfo<wire::SessionInfo> = parse(properties)?;
            let counters = memory.counters_mut();
            counters.note_fields(kind, &wire.rest, &["sessionID"]);
            counters.note_fields("session", &wire.info.rest, UNUSED_OF_SESSION);
            EngineEvent::SessionChanged(convert::session(wire.info))
        }
        "session.deleted" => {
            let wire: wire::WithSession = parse(properties)?;
            memory.counters_mut().note_fields(kind, &wire.rest, &["info"]);
            EngineEvent::SessionRemoved(SessionId::new(wire.session))
        }
        "session.status" => {
            let wire: wire::StatusEvent = parse(properties)?;
            memory.counters_mut().note_fields(kind, &wire.rest, &[]);
            let session = SessionId::new(wire.session);
            return Ok(
                convert::status(&wire.status).map(|status| EngineEvent::StatusChanged { session, status })
            );
        }
        "session.idle" => {
            let wire: wire::WithSession = parse(properties)?;
            memory.counters_mut().note_fields(kind, &wire.rest, &[]);
            EngineEvent::StatusChanged {
                session: SessionId::new(wire.session),
                status: SessionStatus::Idle,
            }
        }
        "session.error" => {
            let wire: wire::ErrorEvent = parse(properties)?;
            memory.counters_mut().note_fields(kind, &wire.rest, &[]);
            let Some(failure) = wire.error else {
                return Ok(None);
            };
            EngineEvent::TurnFailed {
                session: wire.session.map(SessionId::new),
                error: turn_error(&failure),
            }
        }
        "todo.updated" => {
            let wire: wire::TodoEvent = parse(properties)?;
            memory.counters_mut().note_fields(kind, &wire.rest, &[]);
            EngineEvent::TodosChanged {
                session: SessionId::new(wire.session),
                todos: convert::todos(wire.todos),
            }
        }
        "server.instance.disposed" => {
            let wire: wire::DisposedEvent = parse(properties)?;
            EngineEvent::FolderReset(PathBuf::from(wire.directory))
        }
        _ if kind.starts_with("message.") => return translate_message(kind, properties, memory),
        _ => return translate_ask(kind, properties, memory.counters_mut()),
    };
    Ok(Some(event))
}

fn translate_message(
    kind: &str,
    properties: &str,
    memory: &mut Memory,
) -> Result<Option<EngineEvent>, serde_json::Error> {
    let event = match kind {
        "message.updated" => {
            let wire: wire::WithInfo<wire::MessageInfo> = parse(properties)?;
            let counters = memory.counters_mut();
            counters.note_fields(kind, &wire.rest, &["sessionID"]);
            counters.note_fields("message", &wire.info.rest, UNUSED_OF_MESSAGE);
            return Ok(message::message(wire.info).map(EngineEvent::MessageChanged));
        }
        "message.removed" => {
            let wire: wire::MessageRemovedEvent = parse(properties)?;
            memory.counters_mut().note_fields(kind, &wire.rest, &[]);
            EngineEvent::MessageRemoved {
                session: SessionId::new(wire.session),
                message: MessageId::new(wire.message),
            }
        }
        "message.part.updated" => {
            let wire: wire::PartEvent = parse(properties)?;
            let counters = memory.counters_mut();
            counters.note_fields(kind, &wire.rest, &["time"]);
            counters.note_fields("part", &wire.part.rest, UNUSED_OF_PART);
            counters.note_fields("tool", &wire.part.state.rest, UNUSED_OF_TOOL);
            let Some(session) = wire.session.or_else(|| wire.part.session.clone()) else {
                return Ok(None);
            };
            EngineEvent::PartChanged {
                session: SessionId::new(session),
                part: message::part(wire.part, memory),
            }
        }
        "message.part.delta" => {
            let wire: wire::DeltaLongWay = parse(properties)?;
            memory.counters_mut().note_fields(kind, &wire.rest, &[]);
            if wire.field != "text" {
                return Ok(None);
            }
            EngineEvent::PartGrew {
                session: SessionId::new(wire.session),
                message: MessageId::new(wire.message),
                part: PartId::new(wire.part),
                delta: wire.delta,
            }
        }
        "message.part.removed" => {
            let wire: wire::PartRemovedEvent = parse(properties)?;
            memory.counters_mut().note_fields(kind, &wire.rest, &[]);
            EngineEvent::PartRemoved {
                session: SessionId::new(wire.session),
                message: MessageId::new(wire.message),
                part: PartId::new(wire.part),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(event))
}

fn translate_ask(
    kind: &str,
    properties: &str,
    counters: &mut Counters,
) -> Result<Option<EngineEvent>, serde_json::Error> {
    let event = match kind {
        "permission.asked" => {
            let wire: wire::PermissionRequest = parse(properties)?;
            counters.note_fields(kind, &wire.rest, &[]);
            EngineEvent::PermissionAsked(convert::permission(wire))
        }
        "permission.replied" => {
            let wire: wire::AnsweredEvent = parse(properties)?;
            counters.note_fields(kind, &wire.rest, &["reply"]);
            EngineEvent::PermissionAnswered {
                session: SessionId::new(wire.session),
                permission: PermissionId::new(wire.request),
            }
        }
        "question.asked" => {
            let wire: wire::QuestionRequest = parse(properties)?;
            counters.note_fields(kind, &wire.rest, &[]);
            EngineEvent::QuestionAsked(convert::question(wire))
        }
        "question.replied" | "question.rejected" => {
            let wire: wire::AnsweredEvent = parse(properties)?;
            counters.note_fields(kind, &wire.rest, &["answers"]);
            EngineEvent::QuestionAnswered {
                session: SessionId::new(wire.session),
                question: QuestionId::new(wire.request),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(event))
}

fn parse<T: DeserializeOwned>(properties: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(properties)
}

const UNUSED_OF_SESSION: &[&str] = &[
    "slug",
    "version",
    "projectID",
    "workspaceID",
    "path",
    "summary",
    "tokens",
    "share",
    "agent",
    "model",
    "metadata",
    "permission",
];
const UNUSED_OF_MESSAGE: &[&str] = &[
    "mode",
    "path",
    "structured",
    "variant",
    "format",
    "system",
    "tools",
];
/// `attempt`, `error`, `name`, `source`, `prompt`, `description` and so on belong to parts that are passed on by
/// their kind alone.
const UNUSED_OF_PART: &[&str] = &[
    "metadata",
    "ignored",
    "snapshot",
    "reason",
    "hash",
    "source",
    "auto",
    "overflow",
    "tail_start_id",
    "attempt",
    "error",
    "name",
    "prompt",
    "description",
    "agent",
    "model",
    "command",
];
const UNUSED_OF_TOOL: &[&str] = &["title", "raw", "attachments"];
