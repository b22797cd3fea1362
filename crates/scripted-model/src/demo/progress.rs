//! How far a programme has come, read from the conversation since it began.

use serde_json::Value;

use super::outcome::Outcome;
use crate::conversation::{Conversation, Message};

/// The replies given since a programme began, and what became of their tool calls.
#[derive(Debug)]
pub(super) struct Progress {
    /// Whether any reply was given.
    pub(super) begun: bool,
    /// Whether a reply held the words that end a programme.
    ended: bool,
    calls: Vec<Called>,
    replies: usize,
}

/// A tool call and its end.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) tool: String,
    pub(super) arguments: Value,
    pub(super) outcome: Outcome,
    /// In which reply it was made, counted from 1.
    reply: usize,
}

impl Progress {
    /// Reads the conversation after the prompt at `start`.
    pub(super) fn since(conversation: &Conversation, start: usize) -> Self {
        let later = || conversation.messages.iter().skip(start + 1);
        let result_of = |id: &str| {
            later().find_map(|message| match message {
                Message::Tool { call_id, text } if call_id == id => Some(text.as_str()),
                _ => None,
            })
        };
        let mut progress = Self {
            begun: false,
            ended: false,
            calls: Vec::new(),
            replies: 0,
        };
        for message in later() {
            let Message::Assistant { text, calls } = message else {
                continue;
            };
            progress.begun = true;
            progress.ended |= text.contains(super::texts::ENDING);
            progress.replies += 1;
            progress.calls.extend(calls.iter().map(|call| Called {
                tool: call.name.clone(),
                arguments: call.arguments.clone(),
                outcome: Outcome::read(&call.name, result_of(&call.id)),
                reply: progress.replies,
            }));
        }
        progress
    }

    /// Whether the programme has said its last words.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// The first call of a tool.
    pub(super) fn call(&self, tool: &str) -> Option<&Called> {
        self.calls.iter().find(|called| called.tool == tool)
    }

    /// What became of the first call of a tool.
    pub(super) fn outcome(&self, tool: &str) -> Option<&Outcome> {
        self.call(tool).map(|called| &called.outcome)
    }

    /// The call of the last reply that is worth a word: todo lists speak for themselves.
    pub(super) fn latest(&self) -> Option<&Called> {
        self.calls
            .iter()
            .rev()
            .find(|called| called.reply == self.replies && called.tool != "todowrite")
    }

    /// Whether a todo list with nothing left to do was written.
    pub(super) fn todos_finished(&self) -> bool {
        self.calls.iter().any(|called| {
            let todos = called.arguments.get("todos").and_then(Value::as_array);
            called.tool == "todowrite"
                && todos.is_some_and(|todos| {
                    todos.iter().all(|todo| {
                        matches!(
                            todo.get("status").and_then(Value::as_str),
                            Some("completed" | "cancelled")
                        )
                    })
                })
        })
    }
}
