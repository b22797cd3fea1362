//! What the demo says. Each text is shown alone somewhere, so each says that it is scripted.

use std::fmt::Write as _;

use super::KEYWORDS;
use super::outcome::Outcome;
use super::progress::Progress;

/// The file the demo writes in the session's folder: a name nobody's own file has.
pub const DEMO_FILE: &str = "scripted-demo.md";

/// The words that end a programme; the next request knows by them that it has ended.
pub(super) const ENDING: &str = "*End of the scripted demo. Nothing here was written by an AI.*";

/// The tour's todo list: the tool that does an item, the item, its priority.
pub(super) const TODOS: [(&str, &str, &str); 4] = [
    ("write", "Write a small file (scripted)", "high"),
    ("edit", "Change it (scripted)", "high"),
    ("question", "Ask a question (scripted)", "medium"),
    ("bash", "Run a command (scripted)", "low"),
];

pub(super) const TOUR_REASONING: &str = "(Scripted reasoning.) A model that reasons shows its thoughts here, \
apart from its answer. This one has none: it plays a file, a change, a question and a command, in this order.";

pub(super) const TOUR_OPENING: &str = "**This is a scripted demo.** No AI answers you, and nothing leaves this \
machine: whatever you type, the same tour plays. What is real is everything around it: the engine, its tools, \
its permissions and this window.\n\nIt begins with a plan.";

pub(super) const LINE_BEFORE: &str = "- [ ] change this line";
pub(super) const LINE_AFTER: &str = "- [x] change this line (done by the second step)";

pub(super) const FILE_CONTENT: &str = "\
# Scripted demo

A scripted demo wrote this file. No AI was involved, and you can delete it.

- [x] write this file
- [ ] change this line
";

pub(super) const OPTION_LIST: &str = "List the folder";
pub(super) const OPTION_SHOW: &str = "Show the file";
pub(super) const OPTION_FINISH: &str = "Run nothing";

pub(super) const DENIED: &str =
    "You said no, and so it did not happen. The scripted demo goes on without it.";

pub(super) const SUBAGENT_PROMPT: &str =
    "Scripted sub-agent job: look at the folder and report. (This prompt is part of the scripted demo.)";

pub(super) const SUBAGENT_REPORT: &str =
    "**Scripted report:** the folder was looked at, by a script that understands nothing of it.";

pub(super) const TABLE: &str = "\
**Scripted:** a table.

| Part of the window | Real | Scripted |
|:---|:---:|:---:|
| Engine, tools, permissions | yes | |
| Diffs, command output | yes | |
| The words of the model | | yes |

*End of the scripted demo. Nothing here was written by an AI.*";

pub(super) const CODE: &str = "\
**Scripted:** highlighted code.

```rust
/// Counts the words of a text.
fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}
```

```python
def count_words(text: str) -> int:
    return len(text.split())
```

*End of the scripted demo. Nothing here was written by an AI.*";

pub(super) const AFTER_ERRORS: &str = "\
**Scripted:** the server answered twice with *503, overloaded*, and the engine tried again each time. This is the \
third try.

*End of the scripted demo. Nothing here was written by an AI.*";

/// A long text to stop half-way.
pub(super) fn slow() -> String {
    let mut text =
        "**Scripted:** a slow answer. Press Esc to stop it; what has been said stays.\n\n".to_owned();
    for line in 1..=24 {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{line}. This line of the scripted answer is slow.");
    }
    text.push('\n');
    text.push_str(ENDING);
    text
}

/// What the demo says to a prompt it has no programme for.
pub(super) fn follow_up() -> String {
    let mut text =
        "This is the scripted demo: no AI has read your prompt. To talk with a real model, connect one in \
**Settings**. What the demo can show, one word each:\n\n"
            .to_owned();
    for (keyword, shows) in KEYWORDS {
        let _ = writeln!(text, "- `{keyword}`: {shows}");
    }
    text
}

pub(super) fn denied_with_feedback(feedback: &str) -> String {
    let quoted = feedback.lines().collect::<Vec<_>>().join("\n> ");
    format!(
        "You said no, so it did not happen, and you said why:\n\n> {quoted}\n\nA real model reads that and finds \
         another way. The scripted demo only goes on."
    )
}

pub(super) fn failed(tool: &str, error: &str) -> String {
    format!(
        "The `{tool}` tool failed: {error}\n\nA real model would try to mend that. The scripted demo goes on."
    )
}

pub(super) fn answered(answer: Option<&str>) -> String {
    match answer {
        Some(OPTION_FINISH) => "Your answer: **Run nothing**. So no command runs.".to_owned(),
        Some(answer @ (OPTION_LIST | OPTION_SHOW)) => format!("Your answer: **{answer}**."),
        Some(other) => {
            format!("Your answer, in your own words: {other}. The scripted demo cannot understand it.")
        }
        None => "There was no answer. The scripted demo goes on.".to_owned(),
    }
}

/// The tour's last words, true to what happened in it.
pub(super) fn tour_ending(progress: &Progress) -> String {
    let mut text = "\
## The scripted tour is over

What you have seen:

- a **plan** that was kept up to date
- tools that **asked first**
- a **question** that decided what came next

| Step | What became of it |
|:---|:---|
"
    .to_owned();
    for (tool, step) in [
        ("write", "Write a file"),
        ("edit", "Change it"),
        ("question", "Question"),
        ("bash", "Command"),
    ] {
        let became = match progress.outcome(tool) {
            Some(Outcome::Done(_)) => "done",
            Some(Outcome::Denied { .. }) => "you said no",
            Some(Outcome::Interrupted) => "interrupted",
            Some(Outcome::Failed(_)) => "failed",
            None => "left out",
        };
        let _ = writeln!(text, "| {step} | {became} |");
    }
    text.push_str(
        "
Code looks like this:

```python
def greet(name: str) -> str:
    return f\"Hello, {name}. I am scripted.\"
```

Type `table`, `code`, `error`, `slow` or `agent` to see more. To talk with a real model, connect one in **Settings**; \
the engine's documentation lists [providers](https://opencode.ai/docs/providers/) (the link opens your browser).

",
    );
    text.push_str(ENDING);
    text
}
