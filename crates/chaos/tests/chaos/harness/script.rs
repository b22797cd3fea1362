//! What the scripted model is told to say and do.

use cowork_scripted_model::{Action, Script, Step};
use serde_json::json;

/// A text of which every part is in it once, so that nothing can be doubled or left out unseen.
pub(crate) struct Words {
    text: String,
}

impl Words {
    /// So many words, numbered, all with the same mark.
    pub(crate) fn new(mark: &str, count: usize) -> Self {
        let words = (0..count).map(|number| {
            let end = if number % 12 == 11 { "\n" } else { " " };
            format!("w{mark}-{number:04}{end}")
        });
        Self {
            text: words.collect::<String>().trim_end().to_owned(),
        }
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Said slowly, a few characters at a time.
    pub(crate) fn slowly(&self, pace_milliseconds: u64) -> Action {
        Action::paced_text(&self.text, pace_milliseconds, 24)
    }

    /// Said at once.
    pub(crate) fn at_once(&self) -> Action {
        Action::text(&self.text)
    }
}

/// A prompt that has the scripted model play these steps, one per model request.
pub(crate) fn prompt<const STEPS: usize>(words: &str, steps: [Vec<Action>; STEPS]) -> String {
    let script = Script::new(steps.map(Step::new));
    format!(
        "{words} {}",
        script.to_marker().expect("a script fits into a prompt")
    )
}

/// A call of the shell.
pub(crate) fn bash(command: &str) -> Action {
    Action::tool("bash", json!({ "command": command, "description": "as told" }))
}
