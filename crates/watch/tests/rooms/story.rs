//! What a desktop tells.

use cowork_engine::{
    Message, MessageId, Part, PartContent, PartId, PermissionKind, Role, SessionId, SessionStatus, Todo,
    TodoState, ToolKind, ToolState,
};
use cowork_pairing_protocol::session::{SessionEvent, SharedThread, TurnEnd};

pub(crate) const SESSION: &str = "ses_1";

pub(crate) fn thread(title: &str, updated: i64) -> SessionEvent {
    child(title, updated, None)
}

pub(crate) fn child(title: &str, updated: i64, parent: Option<&str>) -> SessionEvent {
    SessionEvent::Thread {
        thread: SharedThread {
            title: title.to_owned(),
            folder: Some("project".to_owned()),
            throw_away: false,
            parent: parent.map(str::to_owned),
            agent: Some("build".to_owned()),
            model: Some("demo/scripted".to_owned()),
            created: 1,
            updated,
            cost: 0.25,
            demo: true,
            ended: None,
        },
    }
}

/// The row of a thread whose last turn ended so.
pub(crate) fn ended(title: &str, updated: i64, end: TurnEnd) -> SessionEvent {
    let mut event = thread(title, updated);
    if let SessionEvent::Thread { thread } = &mut event {
        thread.ended = Some(end);
    }
    event
}

pub(crate) fn busy() -> SessionEvent {
    SessionEvent::Status {
        status: SessionStatus::Busy,
    }
}

pub(crate) fn idle() -> SessionEvent {
    SessionEvent::Status {
        status: SessionStatus::Idle,
    }
}

pub(crate) fn message(session: &str, id: &str, role: Role, created: i64, completed: bool) -> SessionEvent {
    let mut message = Message::new(MessageId::from(id), SessionId::from(session), role, created);
    message.completed = completed.then_some(created + 1);
    SessionEvent::Message { message }
}

pub(crate) fn part(message: &str, id: &str, content: PartContent) -> SessionEvent {
    SessionEvent::Part {
        part: Box::new(Part {
            id: PartId::from(id),
            message: MessageId::from(message),
            content,
        }),
    }
}

pub(crate) fn text(message: &str, id: &str, text: &str) -> SessionEvent {
    part(message, id, cowork_told::text(text))
}

pub(crate) fn grew(message: &str, id: &str, from: usize, delta: &str) -> SessionEvent {
    SessionEvent::Grew {
        message: MessageId::from(message),
        part: PartId::from(id),
        from: from as u64,
        delta: delta.to_owned(),
    }
}

pub(crate) fn ask(session: &str, id: &str) -> SessionEvent {
    let mut ask = cowork_told::ask(PermissionKind::Shell, &["rm -rf build"], &["rm *"]);
    ask.session = SessionId::from(session);
    ask.id = id.into();
    SessionEvent::Permission { ask: Box::new(ask) }
}

/// A prompt and its answer.
pub(crate) fn turn(session: &str, number: usize, answer: &str) -> Vec<SessionEvent> {
    let (prompt, reply) = (format!("msg_{number:05}_a"), format!("msg_{number:05}_b"));
    let created = i64::try_from(number).unwrap() * 10;
    vec![
        message(session, &prompt, Role::User, created, true),
        text(&prompt, &format!("prt_{number}_a"), "Do it."),
        message(session, &reply, Role::Assistant, created + 1, true),
        text(&reply, &format!("prt_{number}_b"), answer),
    ]
}

/// Words that are markdown in the middle of it.
const WORDS: [&str; 12] = [
    "word ",
    "**bold** ",
    "\n\n",
    "- item\n",
    "```rust\nfn main() {\n",
    "}\n```\n\n",
    "| a | b |\n|---|---|\n",
    "| 1 | 2 |\n",
    "<b>no</b> ",
    "$x^2$ ",
    "ünïcode 日本 ",
    "`code` ",
];

/// A part and what it holds.
type Known = (String, String);

/// A desktop that tells a story, chosen by numbers: what it holds, so that what it tells fits.
#[derive(Default)]
pub(crate) struct Teller {
    /// Their ids, their parts with what they hold, and whether they are complete.
    messages: Vec<(String, Vec<Known>, bool)>,
    /// A turn runs, and a text was begun last: it grows. One that grows late is drawn as one that may go on, until its
    /// message is complete; whoever comes then sees it ended.
    grows: bool,
    idle: bool,
    count: usize,
    pub(crate) told: Vec<SessionEvent>,
}

impl Teller {
    pub(crate) fn new() -> Self {
        let mut teller = Self::default();
        teller.told.push(thread("A title", 1));
        teller.told.push(busy());
        teller
    }

    fn next(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    /// Tells something more.
    pub(crate) fn go_on(&mut self, what: u8, which: u8) {
        let which = usize::from(which);
        match what % 16 {
            0 | 1 if self.messages.len() < 12 => self.begin_message(which),
            2 | 3 => self.begin_part(which),
            4..=8 => self.grow(which),
            9 => self.complete(),
            10 => self.tool(which),
            11 => self.again(which),
            12 => self.remove(which),
            13 => self.asks(which),
            14 => self.small(which),
            _ => self.tell_anew(which),
        }
    }

    fn begin_message(&mut self, which: usize) {
        let number = self.next();
        let id = format!("msg_{number:05}");
        let role = if which.is_multiple_of(4) {
            Role::User
        } else {
            Role::Assistant
        };
        let created = i64::try_from(number).unwrap();
        self.told
            .push(message(SESSION, &id, role, created, role == Role::User));
        self.messages.push((id, Vec::new(), role == Role::User));
        self.grows = false;
    }

    fn begin_part(&mut self, which: usize) {
        let number = self.next();
        let Some((message, parts, _)) = self.messages.last_mut() else {
            return;
        };
        let id = format!("prt_{number:05}");
        let begun = WORDS[which % WORDS.len()];
        self.told.push(text(message, &id, begun));
        parts.push((id, begun.to_owned()));
        self.grows = true;
    }

    fn grow(&mut self, which: usize) {
        let Some((message, parts, complete)) = self.messages.last_mut() else {
            return;
        };
        let Some((id, known)) = parts
            .last_mut()
            .filter(|_| self.grows && !self.idle && !*complete)
        else {
            return;
        };
        let delta = WORDS[which % WORDS.len()];
        self.told.push(grew(message, id, known.len(), delta));
        known.push_str(delta);
    }

    /// As a desktop does it: the message, its parts as a whole, and of long ones the rest in pieces.
    fn complete(&mut self) {
        let Some((id, parts, complete)) = self.messages.last_mut().filter(|(_, _, complete)| !complete)
        else {
            return;
        };
        *complete = true;
        let created = id.trim_start_matches("msg_").parse::<i64>().unwrap();
        self.told
            .push(message(SESSION, id, Role::Assistant, created, true));
        for (part, known) in parts {
            let cut = known.floor_char_boundary(known.len() / 2);
            self.told.push(text(id, part, &known[..cut]));
            self.told.push(grew(id, part, cut, &known[cut..]));
        }
    }

    fn tool(&mut self, which: usize) {
        let number = self.next();
        let Some((message, _, _)) = self.messages.last() else {
            return;
        };
        let states = [ToolState::Running, ToolState::Completed, ToolState::Failed];
        let mut call = cowork_told::call(ToolKind::Shell, states[which % 3]);
        call.output = format!("\u{1b}[31mprinted {number}\u{1b}[0m\n");
        call.target = Some("make <b>".to_owned());
        let id = format!("prt_{}", number % 7);
        self.told
            .push(part(message, &format!("{id}_{message}"), cowork_told::tool(call)));
        self.grows = false;
    }

    /// What was told is told again.
    fn again(&mut self, which: usize) {
        let void = self.told.iter().rposition(|event| {
            matches!(
                event,
                SessionEvent::Began { .. } | SessionEvent::MessageGone { .. } | SessionEvent::PartGone { .. }
            )
        });
        let since = &self.told[void.map_or(0, |place| place + 1)..];
        let Some(again) = since.iter().rev().take(4).nth(which % 4).cloned() else {
            return;
        };
        // Of what is void nothing is told again.
        if matches!(again, SessionEvent::Grew { .. } | SessionEvent::Message { .. }) {
            self.told.push(again);
        }
    }

    fn remove(&mut self, which: usize) {
        if self.messages.is_empty() {
            return;
        }
        self.grows = false;
        if which.is_multiple_of(3) {
            let place = which % self.messages.len();
            let (id, _, _) = self.messages.remove(place);
            self.told.push(SessionEvent::MessageGone {
                message: MessageId::from(id.as_str()),
            });
        } else if let Some((message, parts, _)) = self.messages.last_mut()
            && let Some((part, _)) = parts.pop()
        {
            self.told.push(SessionEvent::PartGone {
                message: MessageId::from(message.as_str()),
                part: PartId::from(part.as_str()),
            });
        }
    }

    fn asks(&mut self, which: usize) {
        let id = format!("per_{}", which % 3);
        if which.is_multiple_of(2) {
            self.told.push(ask(SESSION, &id));
        } else {
            self.told.push(SessionEvent::PermissionGone {
                permission: id.as_str().into(),
            });
        }
    }

    fn small(&mut self, which: usize) {
        self.idle = if which % 4 < 2 {
            which.is_multiple_of(4)
        } else {
            self.idle
        };
        self.grows &= which % 4 > 1;
        self.told.push(match which % 4 {
            0 => idle(),
            1 => busy(),
            2 => thread(&format!("Title {which}"), i64::try_from(which).unwrap()),
            _ => SessionEvent::Todos {
                todos: vec![Todo {
                    content: format!("Step {which}"),
                    state: TodoState::InProgress,
                }],
            },
        });
    }

    fn tell_anew(&mut self, which: usize) {
        // Seldom: most of a story is about what goes on.
        if which.is_multiple_of(5) {
            self.told.push(SessionEvent::Began {
                cut: which.is_multiple_of(2),
            });
            self.messages.clear();
        }
    }
}
