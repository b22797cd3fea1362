//! One session, projected from what was told of it.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use cowork_engine::{
    EngineEvent, MessageId, MessagePage, OlderMessages, Part, PartContent, PartId, PermissionAsk,
    QuestionAsk, Session as Listed, SessionId, SessionStatus, ToolCall,
};
use cowork_pairing_protocol::session::{SessionEvent, SharedThread, TurnEnd};
use cowork_transcript::{OUTPUT_LIMIT, Patch, TEXT_LIMIT, Transcript};

use crate::bounds;
use crate::log::Place;

/// What a conversation says where some of a message is left out.
const REST_LEFT_OUT: &str = "The rest of this message is not shown: it is larger than what is kept of one.";

/// Names the note in a message.
const NOTE: &str = "left-out";

/// A session that somebody looks at, or a sub-agent's of one.
#[derive(Debug)]
pub(crate) struct Session {
    transcript: Transcript,
    /// Everything up to this place is in it.
    through: Place,
    /// What is held of each message: its parts and their bytes.
    held: HashMap<MessageId, Held>,
    /// Whose a part is.
    owners: HashMap<PartId, MessageId>,
    bytes: usize,
    /// Calls that name a sub-agent.
    calls: usize,
    /// What it does, as it was told last, and when.
    status: Option<(SessionStatus, i64)>,
    /// Its last turn was cut off, as its row says.
    cut_off: bool,
    /// Texts of which a piece is missing, until they are told as a whole.
    holes: BTreeSet<(MessageId, PartId)>,
}

#[derive(Debug, Default)]
struct Held {
    parts: HashMap<PartId, usize>,
    bytes: usize,
    noted: bool,
}

impl Session {
    /// A session of which nothing was told up to `through`.
    pub(crate) fn new(id: SessionId, through: Place) -> Self {
        Self {
            transcript: Transcript::new(id),
            through,
            held: HashMap::new(),
            owners: HashMap::new(),
            bytes: 0,
            calls: 0,
            status: None,
            cut_off: false,
            holes: BTreeSet::new(),
        }
    }

    pub(crate) fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    pub(crate) fn through(&self) -> Place {
        self.through
    }

    /// Bytes of text that are held.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether pieces of it are missing.
    pub(crate) fn has_holes(&self) -> bool {
        !self.holes.is_empty()
    }

    /// Takes an event that happened at `now` and stands at `place`. One that was taken before changes nothing.
    pub(crate) fn apply(&mut self, event: &SessionEvent, place: Place, now: i64, patches: &mut Vec<Patch>) {
        if place <= self.through {
            return;
        }
        self.through = place;
        self.take(event, now, patches);
        // A prompt without an answer says nothing of itself.
        if self.cut_off && *self.transcript.status() == SessionStatus::Idle {
            self.transcript.prompt_cut_off(patches);
        }
    }

    fn take(&mut self, event: &SessionEvent, now: i64, patches: &mut Vec<Patch>) {
        match event {
            SessionEvent::Thread { thread } => {
                self.cut_off = thread.ended == Some(TurnEnd::Interrupted);
                let listed = self.listed(thread);
                self.tell(EngineEvent::SessionChanged(listed), now, patches);
            }
            SessionEvent::Began { cut } => self.begin(*cut, patches),
            SessionEvent::Message { message } => {
                self.tell(EngineEvent::MessageChanged(message.clone()), now, patches);
                // One that is older than all that are kept is not taken.
                if self.transcript.entry(&message.id).is_some() {
                    self.held.entry(message.id.clone()).or_default();
                    self.let_go(patches);
                }
            }
            SessionEvent::MessageGone { message } => {
                self.forget(message);
                let event = EngineEvent::MessageRemoved {
                    session: self.id(),
                    message: message.clone(),
                };
                self.tell(event, now, patches);
            }
            SessionEvent::Part { part } => self.part(part, now, patches),
            SessionEvent::Grew {
                message,
                part,
                from,
                delta,
            } => self.grew(message, part, *from, delta, patches),
            SessionEvent::PartGone { message, part } => {
                self.forget_part(message, part);
                let event = EngineEvent::PartRemoved {
                    session: self.id(),
                    message: message.clone(),
                    part: part.clone(),
                };
                self.tell(event, now, patches);
            }
            _ => {
                if let SessionEvent::Status { status } = event {
                    let idle = |status: &SessionStatus| *status == SessionStatus::Idle;
                    let since = match &self.status {
                        Some((before, since)) if !idle(before) && !idle(status) => *since,
                        _ => now,
                    };
                    self.status = Some((status.clone(), since));
                }
                if let Some(event) = self.small(event) {
                    self.tell(event, now, patches);
                }
            }
        }
    }

    /// What is told of a session beside its messages, in an engine's words.
    fn small(&self, event: &SessionEvent) -> Option<EngineEvent> {
        let session = self.id();
        let open = self.transcript.permissions().len() + self.transcript.questions().len();
        Some(match event {
            SessionEvent::Status { status } => EngineEvent::StatusChanged {
                session,
                status: status.clone(),
            },
            SessionEvent::Failed { error } => EngineEvent::TurnFailed {
                session: Some(session),
                error: error.clone(),
            },
            // That something waits, and which call: what it is about is held once, with the threads.
            SessionEvent::Permission { ask } if open < bounds::ASKS => {
                EngineEvent::PermissionAsked(PermissionAsk {
                    patterns: Vec::new(),
                    always: Vec::new(),
                    command: None,
                    path: None,
                    leads_to: None,
                    diff: None,
                    id: ask.id.clone(),
                    session: ask.session.clone(),
                    kind: ask.kind.clone(),
                    call: ask.call.clone(),
                })
            }
            SessionEvent::PermissionGone { permission } => EngineEvent::PermissionAnswered {
                session,
                permission: permission.clone(),
            },
            SessionEvent::Question { ask } if open < bounds::ASKS => {
                EngineEvent::QuestionAsked(QuestionAsk {
                    questions: Vec::new(),
                    id: ask.id.clone(),
                    session: ask.session.clone(),
                    call: ask.call.clone(),
                })
            }
            SessionEvent::QuestionGone { question } => EngineEvent::QuestionAnswered {
                session,
                question: question.clone(),
            },
            SessionEvent::Todos { todos } => EngineEvent::TodosChanged {
                session,
                todos: todos.clone(),
            },
            _ => return None,
        })
    }

    fn id(&self) -> SessionId {
        self.transcript.id().clone()
    }

    fn tell(&mut self, event: EngineEvent, now: i64, patches: &mut Vec<Patch>) {
        self.transcript.apply(event, now, patches);
    }

    fn listed(&self, thread: &SharedThread) -> Listed {
        Listed {
            id: self.id(),
            parent: thread.parent.as_deref().map(SessionId::from),
            // What a desktop tells has no paths but those it means to be read.
            folder: PathBuf::new(),
            title: thread.title.clone(),
            created: thread.created,
            updated: thread.updated,
            cost: thread.cost,
            reverted: None,
        }
    }

    /// Everything is told anew.
    fn begin(&mut self, cut: bool, patches: &mut Vec<Patch>) {
        let mut anew = Self::new(self.id(), self.through);
        anew.cut_off = self.cut_off;
        if let Some(session) = self.transcript.session() {
            let event = EngineEvent::SessionChanged(session.clone());
            anew.transcript.apply(event, 0, &mut Vec::new());
        }
        // What it does was not taken back.
        if let Some((status, since)) = self.status.take() {
            let event = EngineEvent::StatusChanged {
                session: anew.id(),
                status: status.clone(),
            };
            anew.transcript.apply(event, since, &mut Vec::new());
            anew.status = Some((status, since));
        }
        if cut {
            let page = MessagePage {
                messages: Vec::new(),
                older: Some(not_here()),
            };
            // All of it is drawn anew.
            let _ = anew.transcript.extend_back(page);
        }
        *self = anew;
        patches.push(Patch::Everything);
    }

    fn part(&mut self, part: &Part, now: i64, patches: &mut Vec<Patch>) {
        let Some(held) = self.held.get_mut(&part.message) else {
            return;
        };
        // One id in two messages would have one text drawn in the place of the other.
        if self
            .owners
            .get(&part.id)
            .is_some_and(|owner| *owner != part.message)
        {
            return;
        }
        let weight = weight(&part.content);
        let known = held.parts.get(&part.id).copied();
        let fits = (known.is_some() || held.parts.len() < bounds::PARTS)
            && held.bytes - known.unwrap_or(0) + weight <= bounds::SESSION_BYTES.1;
        if !fits {
            if !std::mem::replace(&mut held.noted, true) {
                self.note(&part.message.clone(), now, patches);
            }
            return;
        }
        held.bytes = held.bytes - known.unwrap_or(0) + weight;
        self.bytes = self.bytes - known.unwrap_or(0) + weight;
        held.parts.insert(part.id.clone(), weight);
        self.owners.insert(part.id.clone(), part.message.clone());
        self.holes.remove(&(part.message.clone(), part.id.clone()));
        let mut part = part.clone();
        if let PartContent::Tool(call) = &mut part.content {
            self.count_call(call, known.is_none());
        }
        let session = self.id();
        self.tell(EngineEvent::PartChanged { session, part }, now, patches);
        self.let_go(patches);
    }

    /// Of more calls than are looked after the sub-agents are not shown.
    fn count_call(&mut self, call: &mut ToolCall, new: bool) {
        if call.child.is_none() {
            return;
        }
        if self.calls >= bounds::SUB_AGENTS && new {
            call.child = None;
        } else {
            self.calls += usize::from(new);
        }
    }

    fn grew(&mut self, message: &MessageId, part: &PartId, from: u64, delta: &str, patches: &mut Vec<Patch>) {
        // What is not shown has no holes.
        if self.transcript.block(message, part).is_none() {
            return;
        }
        let place = (message.clone(), part.clone());
        if self.holes.contains(&place) {
            return;
        }
        let Some(held) = self.held.get_mut(message) else {
            return;
        };
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let known = held.parts.get(part).copied().unwrap_or_default();
        let added = from
            .saturating_add(delta.len())
            .min(TEXT_LIMIT)
            .saturating_sub(known);
        if held.bytes + added > bounds::SESSION_BYTES.1 {
            if !std::mem::replace(&mut held.noted, true) {
                self.note(message, 0, patches);
            }
            return;
        }
        if !self.transcript.grow_at(message, part, from, delta, patches) {
            self.holes.insert(place);
            return;
        }
        held.bytes += added;
        held.parts.insert(part.clone(), known + added);
        self.bytes += added;
        self.let_go(patches);
    }

    /// Says in a message that some of it is left out.
    fn note(&mut self, message: &MessageId, now: i64, patches: &mut Vec<Patch>) {
        let part = Part {
            id: PartId::new(format!("{NOTE}-{message}")),
            message: message.clone(),
            content: PartContent::Text {
                text: REST_LEFT_OUT.to_owned(),
                synthetic: false,
            },
        };
        let session = self.id();
        self.tell(EngineEvent::PartChanged { session, part }, now, patches);
    }

    /// Lets go of the oldest messages where there are more than are held.
    fn let_go(&mut self, patches: &mut Vec<Patch>) {
        let (most, left) = bounds::MESSAGES;
        let (most_bytes, left_bytes) = bounds::SESSION_BYTES;
        let count = self.transcript.messages().len();
        if count <= most && self.bytes <= most_bytes {
            return;
        }
        let mut gone = if count > most { count - left } else { 0 };
        let entries = self.transcript.messages();
        let weight = |place: usize| {
            let id = &entries[place].message.id;
            self.held.get(id).map_or(0, |held| held.bytes)
        };
        let mut bytes = self.bytes - (0..gone).map(weight).sum::<usize>();
        // The newest stays, however large it is.
        while self.bytes > most_bytes && bytes > left_bytes && gone + 1 < count {
            bytes -= weight(gone);
            gone += 1;
        }
        let ids: Vec<_> = entries[..gone]
            .iter()
            .map(|entry| entry.message.id.clone())
            .collect();
        for id in &ids {
            self.forget(id);
        }
        patches.extend(self.transcript.forget_oldest(gone, not_here()));
    }

    fn forget(&mut self, message: &MessageId) {
        if let Some(held) = self.held.remove(message) {
            self.bytes -= held.bytes;
            for part in held.parts.keys() {
                self.owners.remove(part);
            }
            self.holes.retain(|(of, _)| of != message);
        }
    }

    fn forget_part(&mut self, message: &MessageId, part: &PartId) {
        let held = self.held.get_mut(message);
        if let Some((held, weight)) =
            held.and_then(|held| held.parts.remove(part).map(|weight| (held, weight)))
        {
            held.bytes -= weight;
            self.bytes -= weight;
            self.owners.remove(part);
        }
        self.holes.remove(&(message.clone(), part.clone()));
    }
}

/// Older messages are there and are not told here.
fn not_here() -> OlderMessages {
    OlderMessages(String::new())
}

/// About how many bytes a part takes.
fn weight(content: &PartContent) -> usize {
    /// What a part takes that has no text.
    const BARE: usize = 256;
    let texts = match content {
        PartContent::Text { text, .. } | PartContent::Reasoning { text, .. } => text.len().min(TEXT_LIMIT),
        PartContent::Tool(call) => {
            let change = call.change.as_ref().map(|change| change.patch.len());
            let others = [&call.arguments, &call.error, &call.target, &call.description];
            let others = others.into_iter().flatten().map(String::len);
            let all = others.chain(change).chain([call.output.len()]);
            all.map(|bytes| bytes.min(OUTPUT_LIMIT)).sum()
        }
        PartContent::Patch { files } => files.iter().map(String::len).sum(),
        _ => 0,
    };
    texts + BARE
}
