//! Conversations of every kind, each as the events that tell it and as what the engine has of it at the end.

use cowork_engine::{
    EngineEvent, MessageWithParts, PartContent, SessionSnapshot, ToolState, TurnErrorKind, Usage,
};
use proptest::prelude::*;

use crate::support::*;

/// One thing an answer holds.
#[derive(Clone, Debug)]
enum Piece {
    Text(Vec<String>),
    Thought(Vec<String>),
    Tool { asks: bool },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Well,
    Refused,
    Stopped,
}

/// A prompt and the answers to it, each with what requests had streamed before they failed.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    answers: Vec<(Vec<Vec<Piece>>, Vec<Piece>)>,
    ending: Ending,
}

fn words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-cé ]{1,4}", 1..5)
}

fn texts_only() -> impl Strategy<Value = Piece> {
    prop_oneof![words().prop_map(Piece::Text), words().prop_map(Piece::Thought)]
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let tool = any::<bool>().prop_map(|asks| Piece::Tool { asks });
    prop::collection::vec(prop_oneof![3 => texts_only(), 1 => tool], 1..4)
}

pub(crate) fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let failed = prop::collection::vec(prop::collection::vec(texts_only(), 1..3), 0..3);
    let answers = prop::collection::vec((failed, pieces()), 1..4);
    let ending = prop_oneof![Just(Ending::Well), Just(Ending::Refused), Just(Ending::Stopped)];
    let turn = (answers, ending).prop_map(|(answers, ending)| Turn { answers, ending });
    prop::collection::vec(turn, 1..4)
}

/// A conversation as events and as what the engine has of it at the end.
#[derive(Default)]
pub(crate) struct Conversation {
    pub(crate) events: Vec<EngineEvent>,
    pub(crate) messages: Vec<MessageWithParts>,
    next: u32,
}

impl Conversation {
    pub(crate) fn of(turns: &[Turn]) -> Self {
        let mut conversation = Self::default();
        conversation.events.push(EngineEvent::SessionChanged(listed()));
        for turn in turns {
            conversation.turn(turn);
        }
        conversation
    }

    pub(crate) fn snapshot(&self) -> SessionSnapshot {
        SessionSnapshot {
            messages: self.messages.clone(),
            ..snapshot(Vec::new())
        }
    }

    fn id(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}_{:04}", self.next)
    }

    fn turn(&mut self, turn: &Turn) {
        let prompt_id = self.id("msg");
        let prompt = user(&prompt_id, i64::from(self.next));
        self.events.push(head(prompt.clone()));
        self.messages.push(MessageWithParts {
            message: prompt,
            parts: Vec::new(),
        });
        let prompt_text = self.id("prt");
        self.tell(&prompt_id, &prompt_text, written("do it"));
        self.keep(&prompt_id, &prompt_text, written("do it"));
        self.events.push(busy());
        for (index, (failed, pieces)) in turn.answers.iter().enumerate() {
            let last = index + 1 == turn.answers.len();
            self.answer(
                &prompt_id,
                failed,
                pieces,
                if last { turn.ending } else { Ending::Well },
            );
        }
        self.events.push(idle());
    }

    fn answer(&mut self, prompt: &str, failed: &[Vec<Piece>], pieces: &[Piece], ending: Ending) {
        let id = self.id("msg");
        let mut message = answer(&id, i64::from(self.next), prompt);
        self.events.push(head(message.clone()));
        self.messages.push(MessageWithParts {
            message: message.clone(),
            parts: Vec::new(),
        });
        for pieces in failed {
            self.step(&id, PartContent::StepStarted);
            for piece in pieces {
                self.piece(&id, piece, false);
            }
            self.events.extend([retry(1), busy()]);
        }
        self.step(&id, PartContent::StepStarted);
        for piece in pieces {
            self.piece(&id, piece, true);
        }
        if ending == Ending::Well {
            self.step(
                &id,
                PartContent::StepFinished {
                    usage: Usage::default(),
                },
            );
        }
        message.usage = Usage {
            input: u64::from(self.next),
            cost: 0.5,
            ..Usage::default()
        };
        self.events.push(head(message.clone()));
        let kind = match ending {
            Ending::Well => None,
            Ending::Refused => Some(TurnErrorKind::Unauthorized),
            Ending::Stopped => Some(TurnErrorKind::Aborted),
        };
        if let Some(kind) = kind {
            self.events.extend([crate::support::failed(kind), idle()]);
            message.error = Some(failure(kind));
        }
        message = finished(message);
        self.events.push(head(message.clone()));
        self.messages.last_mut().unwrap().message = message;
    }

    fn step(&mut self, message: &str, content: PartContent) {
        let id = self.id("prt");
        self.tell(message, &id, content.clone());
        self.keep(message, &id, content);
    }

    fn piece(&mut self, message: &str, piece: &Piece, ends_well: bool) {
        let id = self.id("prt");
        let (words, content): (_, fn(&str, bool) -> PartContent) = match piece {
            Piece::Text(words) => (words, |text, _| written(text)),
            Piece::Thought(words) => (words, |text, ended| thought(text, ended.then_some(7))),
            Piece::Tool { asks } => return self.tool(message, &id, *asks),
        };
        self.tell(message, &id, content("", false));
        self.events
            .extend(words.iter().map(|word| delta(message, &id, word)));
        let whole = words.concat();
        if ends_well {
            self.tell(message, &id, content(&whole, true));
        }
        self.keep(
            message,
            &id,
            if ends_well {
                content(&whole, true)
            } else {
                content("", false)
            },
        );
    }

    fn tool(&mut self, message: &str, id: &str, asks: bool) {
        let with = |state| {
            let mut call = call(state);
            call.call = id.into();
            if state == ToolState::Completed {
                "done".clone_into(&mut call.output);
            }
            PartContent::Tool(Box::new(call))
        };
        self.tell(message, id, with(ToolState::Pending));
        self.tell(message, id, with(ToolState::Running));
        if asks {
            let mut ask = permission(&format!("per_{id}"));
            ask.call = Some((message.into(), id.into()));
            self.events.push(EngineEvent::PermissionAsked(ask));
            self.events.push(permission_answered(&format!("per_{id}")));
        }
        self.tell(message, id, with(ToolState::Completed));
        self.keep(message, id, with(ToolState::Completed));
    }

    fn tell(&mut self, message: &str, id: &str, content: PartContent) {
        self.events.push(changed(message, id, content));
    }

    fn keep(&mut self, message: &str, id: &str, content: PartContent) {
        self.messages
            .last_mut()
            .unwrap()
            .parts
            .push(part(message, id, content));
    }
}
