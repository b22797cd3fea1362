//! The lines on standard input and output.

use cowork_workspace::view::EngineState;
use serde::{Deserialize, Serialize};

/// One line to the app.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Comes back with the answer.
    pub number: u64,
    /// What is to be done.
    pub command: Command,
}

/// What the app can be asked to do. The commands run beside each other: one that waits for the engine holds up none.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Begins a session in the folder handed over at the start, and shows it. Answers its id.
    NewSession,
    /// Shows a session, as a person does who clicks on it.
    OpenSession {
        /// Which.
        session: String,
    },
    /// Sends a prompt. Answers the id of the message it became.
    SendPrompt {
        /// To which session.
        session: String,
        /// What.
        text: String,
    },
    /// Allows once what waits for the person.
    Allow {
        /// In which session.
        session: String,
        /// Which request.
        permission: String,
    },
    /// Sets the clock of the wall forward, or back.
    JumpClock {
        /// By how much.
        seconds: i64,
    },
    /// Takes what is left of the disk, and keeps it taken.
    FillDisk,
    /// Gives the disk back.
    FreeDisk,
    /// Answers how often the engine was started by itself and by a person, as two numbers with a blank between.
    Starts,
    /// Ends, as the app does when its last window closes.
    Quit,
}

/// How a request ended: what it answered, or why it was refused.
pub type Outcome = Result<String, String>;

/// One line from the app.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum Report {
    /// A request is done.
    Answer {
        /// Which.
        number: u64,
        /// How it ended.
        outcome: Outcome,
    },
    /// What the shown session looks like now. It was on disk before this line, if it could be.
    Seen {
        /// All its messages, in order.
        messages: Vec<Shown>,
        /// A turn runs.
        busy: bool,
        /// Why the last turn failed.
        error: Option<String>,
    },
    /// What waits for the person in the shown session: the ids of requests for permission.
    Asks {
        /// All of them.
        permissions: Vec<String>,
    },
    /// What the engine is doing.
    Engine {
        /// Its state, as the app shows it.
        state: EngineState,
    },
    /// Whether what is on screen is being saved.
    Saving {
        /// Why it is not; none while it is.
        trouble: Option<String>,
    },
    /// News, by the name of its kind.
    Notice {
        /// The kind.
        kind: String,
        /// Particulars.
        detail: String,
    },
}

/// A message as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its id.
    pub id: String,
    /// For an answer, the prompt it answers.
    pub parent: Option<String>,
    /// It is an answer, and no prompt.
    pub is_answer: bool,
    /// All its text that can be seen.
    pub text: String,
    /// The engine has the whole of it.
    pub is_complete: bool,
    /// The turn was cut off in it.
    pub is_interrupted: bool,
    /// Why it failed.
    pub error: Option<String>,
    /// The tools it called.
    pub tools: Vec<Tool>,
}

/// A call of a tool as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// The tool's name.
    pub name: String,
    /// It runs.
    pub is_running: bool,
    /// It was cut off.
    pub is_interrupted: bool,
    /// What it printed.
    pub output: String,
}
