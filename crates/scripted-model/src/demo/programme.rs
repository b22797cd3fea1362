//! The programmes: which tool calls each makes in which order, and what it says between them.

use serde_json::{Value, json};

use super::outcome::Outcome;
use super::progress::{Called, Progress};
use super::texts;
use crate::conversation::Conversation;
use crate::script::{Action, Step};

/// Characters per delta of the demo's texts: a word or so, as hosted models send them.
const CHUNK_CHARACTERS: usize = 6;
/// The slow programme's pause before each delta, in milliseconds: with its text, about half a minute.
const SLOW_PACE_MILLISECONDS: u64 = 150;
/// How often the error programme fails: enough to see a retry and its countdown, over in ten seconds.
const FAILURES: u32 = 2;

/// What the demo plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Programme {
    Tour,
    Todo,
    Edit,
    Question,
    Bash,
    Agent,
    Subagent,
    Table,
    Code,
    Error,
    Slow,
    FollowUp,
}

/// A request's worth of tool calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Plan,
    Write,
    Edit,
    Question,
    Command,
    Finish,
    Task,
    Look,
}

impl Programme {
    pub(super) fn of_keyword(word: &str) -> Option<Self> {
        Some(match word {
            "tour" => Self::Tour,
            "todo" | "todos" => Self::Todo,
            "edit" => Self::Edit,
            "question" => Self::Question,
            "bash" => Self::Bash,
            "agent" | "subagent" => Self::Agent,
            "table" => Self::Table,
            "code" => Self::Code,
            "error" => Self::Error,
            "slow" => Self::Slow,
            _ => return None,
        })
    }

    fn phases(self) -> &'static [Phase] {
        use Phase::{Command, Edit, Finish, Look, Plan, Question, Task, Write};
        match self {
            Self::Tour => &[Plan, Write, Edit, Question, Command, Finish],
            Self::Todo => &[Plan, Finish],
            Self::Edit => &[Write, Edit],
            Self::Question => &[Question],
            Self::Bash => &[Command],
            Self::Agent => &[Task],
            Self::Subagent => &[Look],
            Self::Table | Self::Code | Self::Error | Self::Slow | Self::FollowUp => &[],
        }
    }

    /// The next reply: what is said about the last result, then the next phase that is open, offered
    /// by the engine and makes sense, or the ending.
    pub(super) fn next_step(
        self,
        conversation: &Conversation,
        progress: &Progress,
        pace_milliseconds: u64,
    ) -> Step {
        if progress.ended() {
            return Self::FollowUp.ending(progress, pace_milliseconds);
        }
        let mut actions = Vec::new();
        let text = |text: String| Action::paced_text(text, pace_milliseconds, CHUNK_CHARACTERS);
        if !progress.begun {
            if self == Self::Tour {
                actions.push(Action::paced_reasoning(
                    texts::TOUR_REASONING,
                    pace_milliseconds,
                    CHUNK_CHARACTERS,
                ));
            }
            actions.extend(self.opening().map(|opening| text(format!("{opening}\n\n"))));
        } else if let Some(called) = progress.latest() {
            actions.push(text(format!("{}\n\n", remark(called))));
        }
        let next = self.phases().iter().find(|phase| {
            !phase.reached(progress) && conversation.offers(phase.tool()) && phase.makes_sense(progress)
        });
        if let Some(phase) = next {
            actions.extend(phase.announcement().map(|words| text(words.to_owned())));
            if self == Self::Tour {
                actions.extend(phase.todos_before(conversation, progress));
            }
            actions.push(Action::tool(
                phase.tool(),
                phase.arguments(self, conversation, progress),
            ));
        } else {
            actions.extend(self.ending(progress, pace_milliseconds).actions);
        }
        Step::new(actions)
    }

    fn opening(self) -> Option<&'static str> {
        match self {
            Self::Tour => Some(texts::TOUR_OPENING),
            Self::Todo => Some("**Scripted:** a todo list that fills up."),
            Self::Edit => {
                Some("**Scripted:** a new file, then a change to it. Each waits for your permission.")
            }
            Self::Question => Some("**Scripted:** a question."),
            Self::Bash => Some("**Scripted:** a command. It waits for your permission."),
            Self::Agent => {
                Some("**Scripted:** a sub-agent. It works in a session of its own and reports back.")
            }
            Self::Subagent => Some("**Scripted sub-agent:** I look at the folder."),
            Self::Table | Self::Code | Self::Error | Self::Slow | Self::FollowUp => None,
        }
    }

    fn ending(self, progress: &Progress, pace_milliseconds: u64) -> Step {
        let (words, pace) = match self {
            Self::Tour => (texts::tour_ending(progress), pace_milliseconds),
            Self::Table => (texts::TABLE.to_owned(), pace_milliseconds),
            Self::Code => (texts::CODE.to_owned(), pace_milliseconds),
            Self::Error => (texts::AFTER_ERRORS.to_owned(), pace_milliseconds),
            // At pace 0 the whole demo is to be played at once.
            Self::Slow => (texts::slow(), pace_milliseconds.min(1) * SLOW_PACE_MILLISECONDS),
            Self::FollowUp => (texts::follow_up(), pace_milliseconds),
            Self::Subagent => (texts::SUBAGENT_REPORT.to_owned(), pace_milliseconds),
            Self::Todo | Self::Edit | Self::Question | Self::Bash | Self::Agent => {
                (texts::ENDING.to_owned(), pace_milliseconds)
            }
        };
        let mut step = Step::new([Action::paced_text(words, pace, CHUNK_CHARACTERS)]);
        if self == Self::Error {
            step.actions.insert(0, Action::status(503, Some(FAILURES)));
        }
        step
    }
}

impl Phase {
    fn tool(self) -> &'static str {
        match self {
            Self::Plan | Self::Finish => "todowrite",
            Self::Write => "write",
            Self::Edit => "edit",
            Self::Question => "question",
            Self::Command => "bash",
            Self::Task => "task",
            Self::Look => "glob",
        }
    }

    fn reached(self, progress: &Progress) -> bool {
        match self {
            Self::Finish => progress.todos_finished(),
            _ => progress.call(self.tool()).is_some(),
        }
    }

    /// Whether what came before leaves anything for this phase to do.
    fn makes_sense(self, progress: &Progress) -> bool {
        match self {
            Self::Edit => progress.outcome("write").is_some_and(Outcome::is_done),
            Self::Command => answer(progress) != Some(texts::OPTION_FINISH),
            _ => true,
        }
    }

    fn announcement(self) -> Option<&'static str> {
        match self {
            Self::Write => Some("Next, a small file. The engine asks you before it is written."),
            Self::Edit => Some("Next, a change to that file. What you see is its diff."),
            Self::Question => Some("Next, a question to you."),
            Self::Command => Some("Next, a command. The engine asks you before it runs."),
            Self::Plan | Self::Finish | Self::Task | Self::Look => None,
        }
    }

    /// The tour's todo list as it stands when this phase begins.
    fn todos_before(self, conversation: &Conversation, progress: &Progress) -> Option<Action> {
        let current = match self {
            Self::Edit => 1,
            Self::Question => 2,
            Self::Command => 3,
            Self::Plan | Self::Write | Self::Finish | Self::Task | Self::Look => return None,
        };
        let list = || todos(|index| todo_status(progress, current, index));
        conversation
            .offers("todowrite")
            .then(|| Action::tool("todowrite", list()))
    }

    fn arguments(self, programme: Programme, conversation: &Conversation, progress: &Progress) -> Value {
        let file = format!("{{{{directory}}}}/{}", texts::DEMO_FILE);
        match self {
            Self::Plan => todos(|index| todo_status(progress, 0, index)),
            Self::Finish if programme == Programme::Tour => {
                todos(|index| todo_status(progress, texts::TODOS.len(), index))
            }
            Self::Finish => todos(|_| "completed"),
            Self::Write => json!({ "filePath": file, "content": texts::FILE_CONTENT }),
            Self::Edit => {
                json!({ "filePath": file, "oldString": texts::LINE_BEFORE, "newString": texts::LINE_AFTER })
            }
            Self::Question => question(progress),
            Self::Command => command(conversation, progress),
            Self::Task => json!({
                "description": "Look at the folder (scripted)",
                "prompt": texts::SUBAGENT_PROMPT,
                "subagent_type": "general",
            }),
            Self::Look => json!({ "pattern": "*" }),
        }
    }
}

/// What the demo says about the end of a tool call.
fn remark(called: &Called) -> String {
    let tool = &called.tool;
    match &called.outcome {
        Outcome::Denied {
            feedback: Some(feedback),
        } => texts::denied_with_feedback(feedback),
        Outcome::Denied { feedback: None } => texts::DENIED.to_owned(),
        Outcome::Interrupted => "That was interrupted. The scripted demo goes on.".to_owned(),
        Outcome::Failed(error) => texts::failed(tool, error),
        Outcome::Done(_) => match tool.as_str() {
            "write" => "The file is written.".to_owned(),
            "edit" => "The change is made.".to_owned(),
            "question" => texts::answered(called.outcome.answer()),
            "bash" => "The command ran; its output is in the card above.".to_owned(),
            "glob" => "I have looked.".to_owned(),
            "task" => "The sub-agent has reported back.".to_owned(),
            _ => "That worked.".to_owned(),
        },
    }
}

fn answer(progress: &Progress) -> Option<&str> {
    progress.outcome("question").and_then(Outcome::answer)
}

fn question(progress: &Progress) -> Value {
    let mut options = vec![json!({
        "label": texts::OPTION_LIST, "description": "Runs a command that lists what is in the folder"
    })];
    if progress.outcome("write").is_some_and(Outcome::is_done) {
        options.push(json!({
            "label": texts::OPTION_SHOW, "description": "Runs a command that prints the file the demo wrote"
        }));
    }
    options.push(json!({ "label": texts::OPTION_FINISH, "description": "Runs nothing" }));
    json!({ "questions": [{
        "question": "Scripted question: what shall the demo do next?",
        "header": "Next step",
        "options": options,
    }] })
}

fn command(conversation: &Conversation, progress: &Progress) -> Value {
    if answer(progress) == Some(texts::OPTION_SHOW) {
        let command = format!("cat {}", texts::DEMO_FILE);
        return json!({ "command": command, "description": "Print the file the demo wrote" });
    }
    // PowerShell's `ls` knows no `-la`.
    let command = if conversation.on_windows() { "ls" } else { "ls -la" };
    json!({ "command": command, "description": "List the folder" })
}

/// The tour's todo list, true to what happened: what was denied or left out is cancelled.
fn todos(item_status: impl Fn(usize) -> &'static str) -> Value {
    let todos: Vec<_> = texts::TODOS
        .iter()
        .enumerate()
        .map(|(index, (_, content, priority))| {
            json!({
                "content": content,
                "status": item_status(index),
                "priority": priority,
                "id": (index + 1).to_string(),
            })
        })
        .collect();
    json!({ "todos": todos })
}

/// The status of an item of the tour's list when the item at `current` begins.
fn todo_status(progress: &Progress, current: usize, index: usize) -> &'static str {
    let tool = texts::TODOS.get(index).map_or("", |(tool, _, _)| tool);
    match progress.outcome(tool) {
        Some(outcome) if outcome.is_done() => "completed",
        Some(_) => "cancelled",
        None if index == current => "in_progress",
        None if index < current => "cancelled",
        None => "pending",
    }
}
