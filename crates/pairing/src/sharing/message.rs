//! What was told of one message.

use std::hash::{DefaultHasher, Hash, Hasher};

use cowork_engine::{Message, MessageId, Part, PartContent, PartId, Role, ToolCall, ToolState};
use cowork_pairing_protocol::session::SessionEvent;

use super::held::{HeldContent, HeldMessage, HeldPart};
use super::text::{Next, ToldText, pieces};
use crate::leaving::Leaving;

/// What was told of one message.
#[derive(Debug)]
pub(super) enum ToldMessage {
    /// It was told whole. Stands for all it held.
    Whole(u64),
    /// It is being written.
    Open {
        head: Box<Message>,
        parts: Vec<ToldPart>,
    },
}

/// What was told of one part.
#[derive(Debug)]
pub(super) struct ToldPart {
    id: PartId,
    content: ToldContent,
}

#[derive(Debug)]
enum ToldContent {
    Text(ToldText),
    Reasoning {
        text: ToldText,
        started: Option<i64>,
        ended: Option<i64>,
    },
    Tool {
        /// The same call, when this is the same.
        held: u64,
        /// What was told is the same, when this is: of what a call that runs prints not everything can be told.
        told: u64,
        /// What the other side keeps of it, whatever is told next.
        kept: Kept,
    },
    Other(u64),
}

/// What whoever was told of a call does not let go of again: an older state that comes late must not take it back.
#[derive(Clone, Copy, Debug)]
struct Kept {
    progress: u8,
    child: bool,
    output: bool,
}

impl Kept {
    fn of(call: &ToolCall) -> Self {
        Self {
            progress: match call.state {
                ToolState::Pending => 0,
                ToolState::Running => 1,
                ToolState::Completed | ToolState::Failed => 2,
            },
            child: call.child.is_some(),
            output: !call.output.is_empty(),
        }
    }

    /// Whether a call is another one than that which was told, under its name: it goes on from none of that.
    fn is_of_another(self, call: &ToolCall) -> bool {
        let now = Self::of(call);
        now.progress < self.progress
            || (self.child && !now.child)
            || (self.output && !now.output && call.state == ToolState::Failed)
    }
}

impl ToldMessage {
    /// Tells of a message for the first time.
    pub(super) fn begin(held: &HeldMessage<'_>, leaving: &Leaving, events: &mut Vec<SessionEvent>) -> Self {
        if is_finished(held) {
            tell_whole(held, leaving, events);
            return Self::Whole(stands_for(held));
        }
        events.push(SessionEvent::Message {
            message: leaving.message(held.message),
        });
        let mut parts = Vec::new();
        for (at, part) in held.parts.iter().enumerate() {
            let ended = at + 1 < held.parts.len();
            parts.push(ToldPart::begin(
                &held.message.id,
                part,
                ended,
                false,
                leaving,
                events,
            ));
        }
        Self::Open {
            head: Box::new(held.message.clone()),
            parts,
        }
    }

    /// Tells what is new.
    pub(super) fn tell(&mut self, held: &HeldMessage<'_>, leaving: &Leaving, events: &mut Vec<SessionEvent>) {
        match self {
            Self::Whole(before) => {
                let now = stands_for(held);
                if *before != now {
                    // A finished message takes no growth, so that what is told whole again begins as a new one.
                    events.push(gone(&held.message.id));
                    *self = Self::begin(held, leaving, events);
                }
            }
            Self::Open { head, parts } => {
                parts.retain(|told| {
                    let there = held.parts.iter().any(|part| *part.id == told.id);
                    if !there {
                        events.push(SessionEvent::PartGone {
                            message: held.message.id.clone(),
                            part: told.id.clone(),
                        });
                    }
                    there
                });
                let in_order = parts.len() <= held.parts.len()
                    && parts.iter().zip(&held.parts).all(|(told, part)| {
                        told.id == *part.id
                            && told.is_of_kind(&part.content)
                            && !told.was_emptied(&part.content)
                            && !told.began_anew(&part.content)
                    });
                if !in_order {
                    events.push(gone(&held.message.id));
                    *self = Self::begin(held, leaving, events);
                    return;
                }
                if is_finished(held) {
                    tell_whole(held, leaving, events);
                    *self = Self::Whole(stands_for(held));
                    return;
                }
                if **head != *held.message {
                    events.push(SessionEvent::Message {
                        message: leaving.message(held.message),
                    });
                    **head = held.message.clone();
                }
                for (at, part) in held.parts.iter().enumerate() {
                    let ended = at + 1 < held.parts.len();
                    match parts.get_mut(at) {
                        Some(told) => told.tell(&held.message.id, part, ended, leaving, events),
                        None => parts.push(ToldPart::begin(
                            &held.message.id,
                            part,
                            ended,
                            false,
                            leaving,
                            events,
                        )),
                    }
                }
            }
        }
    }
}

impl ToldPart {
    /// Tells of a part for the first time. `ended` says that a text grows no more, `over` that nothing of its message does.
    fn begin(
        message: &MessageId,
        part: &HeldPart<'_>,
        ended: bool,
        over: bool,
        leaving: &Leaving,
        events: &mut Vec<SessionEvent>,
    ) -> Self {
        let id = part.id;
        let content = match part.content {
            HeldContent::Text(text) => {
                let (told, first) = ToldText::begin(text, ended, leaving);
                tell_text(message, id, &first, text_of, events);
                ToldContent::Text(told)
            }
            HeldContent::Reasoning {
                text,
                started,
                ended: end,
            } => {
                let (told, first) = ToldText::begin(text, ended || end.is_some(), leaving);
                tell_text(
                    message,
                    id,
                    &first,
                    |text| reasoning_of(text, started, end),
                    events,
                );
                ToldContent::Reasoning {
                    text: told,
                    started,
                    ended: end,
                }
            }
            HeldContent::Tool(call) => {
                let leaves = if over {
                    leaving.call_of_finished(call)
                } else {
                    leaving.call(call)
                };
                let (held, told, kept) = (of_call(call), of_call(&leaves), Kept::of(&leaves));
                events.push(part_event(message, id, PartContent::Tool(Box::new(leaves))));
                ToldContent::Tool { held, told, kept }
            }
            HeldContent::File { .. } | HeldContent::Compaction => {
                events.push(part_event(message, id, other_of(&part.content, leaving)));
                ToldContent::Other(of_other(&part.content))
            }
        };
        Self {
            id: id.clone(),
            content,
        }
    }

    fn is_of_kind(&self, content: &HeldContent<'_>) -> bool {
        matches!(
            (&self.content, content),
            (ToldContent::Text(_), HeldContent::Text(_))
                | (ToldContent::Reasoning { .. }, HeldContent::Reasoning { .. })
                | (ToldContent::Tool { .. }, HeldContent::Tool(_))
                | (
                    ToldContent::Other(_),
                    HeldContent::File { .. } | HeldContent::Compaction
                )
        )
    }

    /// A text that is there cannot be taken back by an empty one: that is how engines begin one.
    fn was_emptied(&self, content: &HeldContent<'_>) -> bool {
        match (&self.content, content) {
            (ToldContent::Text(told), HeldContent::Text(text))
            | (ToldContent::Reasoning { text: told, .. }, HeldContent::Reasoning { text, .. }) => {
                told.length > 0 && text.is_empty()
            }
            _ => false,
        }
    }

    /// A call that was told cannot be taken back by one that is not as far.
    fn began_anew(&self, content: &HeldContent<'_>) -> bool {
        match (&self.content, content) {
            (ToldContent::Tool { kept, .. }, HeldContent::Tool(call)) => kept.is_of_another(call),
            _ => false,
        }
    }

    fn tell(
        &mut self,
        message: &MessageId,
        part: &HeldPart<'_>,
        over: bool,
        leaving: &Leaving,
        events: &mut Vec<SessionEvent>,
    ) {
        let id = &self.id;
        match (&mut self.content, part.content) {
            (ToldContent::Text(told), HeldContent::Text(text)) => {
                tell_next(message, id, told, text, over, leaving, text_of, events);
            }
            (
                ToldContent::Reasoning {
                    text: told,
                    started,
                    ended,
                },
                HeldContent::Reasoning {
                    text,
                    started: new_start,
                    ended: new_end,
                },
            ) => {
                if (*started, *ended) != (new_start, new_end) {
                    (*started, *ended) = (new_start, new_end);
                    // An empty text leaves the one that is there.
                    events.push(part_event(
                        message,
                        id,
                        reasoning_of(String::new(), new_start, new_end),
                    ));
                }
                let over = over || new_end.is_some();
                let of = |text| reasoning_of(text, new_start, new_end);
                tell_next(message, id, told, text, over, leaving, of, events);
            }
            (ToldContent::Tool { held, told, kept }, HeldContent::Tool(call)) => {
                let now = of_call(call);
                if *held != now {
                    *held = now;
                    let leaves = leaving.call(call);
                    let now = of_call(&leaves);
                    if *told != now {
                        *told = now;
                        *kept = Kept::of(&leaves);
                        events.push(part_event(message, id, PartContent::Tool(Box::new(leaves))));
                    }
                }
            }
            (ToldContent::Other(before), content) => {
                let now = of_other(&content);
                if *before != now {
                    *before = now;
                    events.push(part_event(message, id, other_of(&content, leaving)));
                }
            }
            // Told anew before it comes to this.
            _ => {}
        }
    }
}

/// Tells of a finished message in one run. Until all of it is there it is told as if it were being written, because a
/// finished message takes no growth.
fn tell_whole(held: &HeldMessage<'_>, leaving: &Leaving, events: &mut Vec<SessionEvent>) {
    let message = leaving.message(held.message);
    let open = Message {
        completed: None,
        error: None,
        ..message.clone()
    };
    let finished = open != message;
    events.push(SessionEvent::Message { message: open });
    for part in &held.parts {
        let _ = ToldPart::begin(&held.message.id, part, true, true, leaving, events);
    }
    if finished {
        events.push(SessionEvent::Message { message });
    }
}

#[expect(clippy::too_many_arguments, reason = "what is told and of what")]
fn tell_next(
    message: &MessageId,
    id: &PartId,
    told: &mut ToldText,
    text: &str,
    ended: bool,
    leaving: &Leaving,
    of: impl Fn(String) -> PartContent,
    events: &mut Vec<SessionEvent>,
) {
    let from = told.length;
    match told.next(text, ended) {
        Next::Nothing => {}
        Next::Grew(grew) => tell_growth(message, id, from, &grew, events),
        Next::Another => {
            let (another, first) = ToldText::begin(text, ended, leaving);
            *told = another;
            if first.is_empty() && from > 0 {
                // Nothing can be told of it yet. What stands there belongs to no text any more.
                events.push(SessionEvent::PartGone {
                    message: message.clone(),
                    part: id.clone(),
                });
            }
            tell_text(message, id, &first, of, events);
        }
    }
}

/// Tells of a text from its beginning.
fn tell_text(
    message: &MessageId,
    id: &PartId,
    text: &str,
    of: impl Fn(String) -> PartContent,
    events: &mut Vec<SessionEvent>,
) {
    let first = pieces(text).next().unwrap_or_default();
    events.push(part_event(message, id, of(first.to_owned())));
    tell_growth(message, id, first.len() as u64, &text[first.len()..], events);
}

fn tell_growth(message: &MessageId, id: &PartId, from: u64, text: &str, events: &mut Vec<SessionEvent>) {
    let mut from = from;
    for piece in pieces(text) {
        events.push(SessionEvent::Grew {
            message: message.clone(),
            part: id.clone(),
            from,
            delta: piece.to_owned(),
        });
        from += piece.len() as u64;
    }
}

fn part_event(message: &MessageId, id: &PartId, content: PartContent) -> SessionEvent {
    SessionEvent::Part {
        part: Box::new(Part {
            id: id.clone(),
            message: message.clone(),
            content,
        }),
    }
}

fn gone(message: &MessageId) -> SessionEvent {
    SessionEvent::MessageGone {
        message: message.clone(),
    }
}

/// A person's message is whole when it is there; an answer when it ended, well or not.
fn is_finished(held: &HeldMessage<'_>) -> bool {
    let message = held.message;
    message.role == Role::User || message.completed.is_some() || message.error.is_some() || held.interrupted
}

fn text_of(text: String) -> PartContent {
    PartContent::Text {
        text,
        synthetic: false,
    }
}

fn reasoning_of(text: String, started: Option<i64>, ended: Option<i64>) -> PartContent {
    PartContent::Reasoning { text, started, ended }
}

fn other_of(content: &HeldContent<'_>, leaving: &Leaving) -> PartContent {
    match content {
        HeldContent::File { name, media_type } => PartContent::File {
            name: leaving.name(name),
            media_type: leaving.line(media_type),
        },
        _ => PartContent::Compaction,
    }
}

fn of_other(content: &HeldContent<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    match content {
        HeldContent::File { name, media_type } => (name, media_type).hash(&mut hasher),
        _ => hasher.write_u8(0),
    }
    hasher.finish()
}

/// Stands for a call: equal when all that leaves of it is.
fn of_call(call: &ToolCall) -> u64 {
    let mut hasher = DefaultHasher::new();
    call.call.hash(&mut hasher);
    (&call.name, &call.target, &call.description, &call.arguments).hash(&mut hasher);
    (&call.output, call.shortened, &call.kept_output, &call.error).hash(&mut hasher);
    (call.denied, &call.child, call.exit, call.started, call.ended).hash(&mut hasher);
    (call.kind as u8, call.state as u8).hash(&mut hasher);
    if let Some(change) = &call.change {
        (&change.path, &change.patch, change.additions, change.deletions).hash(&mut hasher);
    }
    hasher.finish()
}

/// Stands for a finished message with all it holds.
fn stands_for(held: &HeldMessage<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    // A head is small, and has no number that can be hashed as it is.
    (format!("{:?}", held.message), held.interrupted).hash(&mut hasher);
    for part in &held.parts {
        part.id.hash(&mut hasher);
        match part.content {
            HeldContent::Text(text) => (0_u8, text).hash(&mut hasher),
            HeldContent::Reasoning { text, started, ended } => (1_u8, text, started, ended).hash(&mut hasher),
            HeldContent::Tool(call) => (2_u8, of_call(call)).hash(&mut hasher),
            content => (3_u8, of_other(&content)).hash(&mut hasher),
        }
    }
    hasher.finish()
}
