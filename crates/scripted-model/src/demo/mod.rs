//! The demo model: a guided tour through a session, and small programmes on demand.
//!
//! Everything it says is fixed text that says so. It understands nothing of a prompt but single
//! [keywords](KEYWORDS); what it does next depends on the tool calls and results that the request
//! carries back, so it reacts to a denied permission or to an answer, and goes on after a restart.
//!
//! The first prompt of a session plays the tour, unless it is one keyword alone. Later prompts play the
//! programme of the keyword they contain; `continue` takes up what was stopped.

mod outcome;
mod programme;
mod progress;
mod texts;

use crate::casting;
use crate::conversation::{Conversation, Message};
use crate::marker;
use crate::script::Step;
use programme::Programme;
use progress::Progress;

pub use texts::DEMO_FILE;

/// The words a prompt can ask with, and what each shows.
pub const KEYWORDS: [(&str, &str); 11] = [
    ("tour", "the guided tour, from its beginning"),
    ("todo", "a todo list that fills up"),
    (
        "edit",
        "a new file and a change to it, each with its permission and diff",
    ),
    ("question", "a question with options"),
    ("bash", "a command with its permission and its output"),
    ("agent", "a sub-agent in a session of its own"),
    ("table", "a table"),
    ("code", "highlighted code"),
    ("error", "a server that fails twice before it answers"),
    ("slow", "a long, slow answer to stop half-way"),
    ("continue", "what a rejection or a stop has interrupted"),
];

/// The demo's reply to a request.
pub(crate) fn play(conversation: &Conversation, pace_milliseconds: u64) -> Step {
    let (start, programme) = programme_of(conversation);
    let progress = Progress::since(conversation, start);
    programme.next_step(conversation, &progress, pace_milliseconds)
}

/// The programme that is on, and the prompt it began with: the last prompt that chose one. `continue`
/// chooses none, so what came before it goes on.
fn programme_of(conversation: &Conversation) -> (usize, Programme) {
    let first = conversation.prompts().next().map(|(index, _)| index);
    // After a compaction the first prompt is the engine's own, and the tour has been.
    let compacted = conversation
        .messages
        .iter()
        .any(|message| matches!(message, Message::Assistant { text, .. } if casting::is_summary(text)));
    let mut asked_to_continue = false;
    let last = conversation.prompts().next_back().map_or(0, |(index, _)| index);
    for (index, prompt) in conversation.prompts().rev() {
        match choose(prompt, Some(index) == first && !compacted) {
            Choice::Programme(programme) => return (index, programme),
            Choice::Continue => asked_to_continue = true,
            // Talk in between does not end a programme that is to be continued.
            Choice::Nothing if asked_to_continue => {}
            Choice::Nothing => return (index, Programme::FollowUp),
        }
    }
    (last, Programme::FollowUp)
}

enum Choice {
    Programme(Programme),
    Continue,
    Nothing,
}

fn choose(prompt: &str, is_first: bool) -> Choice {
    let prompt = marker::strip(prompt).to_lowercase();
    if prompt.starts_with(&texts::SUBAGENT_PROMPT.to_lowercase()) {
        return Choice::Programme(Programme::Subagent);
    }
    let words: Vec<&str> = prompt
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let alone = if let [word] = words[..] { Some(word) } else { None };
    if alone == Some("continue") || matches!(words[..], ["go", "on"]) {
        return if is_first {
            Choice::Programme(Programme::Tour)
        } else {
            Choice::Continue
        };
    }
    if is_first {
        return Choice::Programme(alone.and_then(Programme::of_keyword).unwrap_or(Programme::Tour));
    }
    match words.into_iter().find_map(Programme::of_keyword) {
        Some(programme) => Choice::Programme(programme),
        None => Choice::Nothing,
    }
}
