//! What an event is about, as far as the server has to know it: to list sessions, and to let go of what is superseded.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use cowork_pairing_protocol::session::VERSION;
use cowork_pairing_protocol::wire::EventType;

use super::words::word;

word! {
    /// What an event of a session tells.
    Detail {
        /// The session's row.
        Thread = "thread",
        /// It is not shared any more.
        ThreadGone = "threadGone",
        /// It is told anew.
        Began = "began",
        /// What it is doing.
        Status = "status",
        /// A turn failed.
        Failed = "failed",
        /// A message.
        Message = "message",
        /// A message is gone.
        MessageGone = "messageGone",
        /// A part as a whole.
        Part = "part",
        /// More text of a part.
        Grew = "grew",
        /// A part is gone.
        PartGone = "partGone",
        /// Something is asked for.
        Permission = "permission",
        /// It was answered.
        PermissionGone = "permissionGone",
        /// Questions.
        Question = "question",
        /// They were answered.
        QuestionGone = "questionGone",
        /// The plan.
        Todos = "todos",
        /// How the desktop stands.
        Desktop = "desktop",
        /// Anything else: what is of another version, what has no payload, and what is about no session.
        Other = "other",
    }
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What it tells.
    pub detail: Detail,
    /// The message or the ask that it is about.
    pub subject: Option<String>,
    /// The message's part that it is about.
    pub piece: Option<String>,
}

impl About {
    fn only(detail: Detail) -> Self {
        Self {
            detail,
            subject: None,
            piece: None,
        }
    }
}

/// What an event is about. A payload that is not understood is kept like any other and never superseded.
#[must_use]
pub fn about(kind: EventType, payload: Option<&Value>) -> About {
    let nothing = About::only(Detail::Other);
    let Some(payload) = payload.filter(|payload| payload["v"].as_u64() == Some(u64::from(VERSION))) else {
        return nothing;
    };
    match kind {
        EventType::Status => return About::only(Detail::Desktop),
        EventType::SessionEvent => {}
        _ => return nothing,
    }
    let event = &payload["event"];
    let Some(detail) = event["kind"]
        .as_str()
        .and_then(Detail::parse)
        .filter(|detail| *detail != Detail::Desktop)
    else {
        return nothing;
    };
    let (subject, piece) = match detail {
        Detail::Message => (&event["message"]["id"], &Value::Null),
        Detail::MessageGone => (&event["message"], &Value::Null),
        Detail::Part => (&event["part"]["message"], &event["part"]["id"]),
        Detail::Grew | Detail::PartGone => (&event["message"], &event["part"]),
        Detail::Permission | Detail::Question => (&event["ask"]["id"], &Value::Null),
        Detail::PermissionGone => (&event["permission"], &Value::Null),
        Detail::QuestionGone => (&event["question"], &Value::Null),
        _ => return About::only(detail),
    };
    let needs_a_piece = matches!(detail, Detail::Part | Detail::Grew | Detail::PartGone);
    match (name(subject), name(piece)) {
        (Some(subject), Some(piece)) if needs_a_piece => About {
            detail,
            subject: Some(subject),
            piece: Some(piece),
        },
        (Some(subject), _) if !needs_a_piece => About {
            detail,
            subject: Some(subject),
            piece: None,
        },
        _ => nothing,
    }
}

/// An id of an engine's, when it can be stored.
fn name(value: &Value) -> Option<String> {
    value
        .as_str()
        .and_then(|text| crate::ids::EventId::parse(text).ok())
        .map(String::from)
}
