//! Code blocks that run on a click.

use serde::Serialize;
use ts_rs::TS;

/// A language that can run on this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SnippetLanguage {
    /// Its name for people.
    pub label: String,
    /// The words after a code fence that name it.
    pub fences: Vec<String>,
}

/// What of a run is new. A window adds the output to what it has, and takes the state as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SnippetUpdate {
    /// The run.
    pub run: String,
    /// What it wrote since the last update, in order.
    pub output: Vec<SnippetChunk>,
    /// What it is at.
    pub state: SnippetState,
}

/// A piece of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SnippetChunk {
    /// It went to standard error.
    pub is_error: bool,
    /// It is the compiler's.
    pub is_compiler: bool,
    /// What was written; bytes that are no text are replaced, control sequences are taken out.
    pub text: String,
}

/// What a run is at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SnippetState {
    /// All places are taken.
    Waiting {
        /// How many wait before it.
        before: u32,
    },
    /// It is compiled.
    Compiling,
    /// It runs.
    Running,
    /// It is over, and nothing of it is left.
    Ended {
        /// How.
        how: SnippetEnd,
        /// Milliseconds the last phase took.
        elapsed: u64,
        /// It had been compiled before.
        from_cache: bool,
    },
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SnippetEnd {
    /// By itself.
    Finished {
        /// Its exit code.
        code: i32,
    },
    /// It could not be compiled.
    NotCompiled,
    /// By a signal from inside.
    Signalled {
        /// Its number.
        signal: i32,
    },
    /// It took too long.
    TimedOut {
        /// Seconds it was given.
        seconds: u64,
    },
    /// The person stopped it.
    Stopped,
    /// It wrote too much.
    OutputLimit {
        /// Bytes it was given.
        bytes: u64,
    },
    /// It took too much memory.
    MemoryLimit {
        /// Bytes it was given.
        bytes: u64,
    },
    /// It wrote too much into files.
    DiskLimit {
        /// Bytes it was given.
        bytes: u64,
    },
    /// It started too many processes.
    ProcessLimit {
        /// How many it was given.
        processes: u64,
    },
    /// The box could not be made.
    NotStarted {
        /// What went wrong and what helps, in words.
        advice: String,
    },
}
