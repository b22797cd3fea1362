//! What a run tells.

use std::time::Duration;

use crate::language::Language;

/// What the box is made by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// bubblewrap, on Linux.
    Namespaces,
    /// docker or podman, by their own means.
    Container,
}

/// What a run is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The source is compiled.
    Compile,
    /// The program runs.
    Run,
}

/// Where output came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputStream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// What a run tells, in order. [`RunEvent::Ended`] is the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEvent {
    /// All places are taken, and so many runs wait before this one.
    Waiting {
        /// How many.
        before: usize,
    },
    /// A phase begins.
    Phase(Phase),
    /// A piece of output. The two streams come in the order in which they were read, which is that of writing but for
    /// what was written to both within the same moment.
    Output {
        /// What wrote it.
        phase: Phase,
        /// To where.
        stream: OutputStream,
        /// What it wrote; bytes that are no text are replaced.
        text: String,
    },
    /// It is over, and nothing of it is left.
    Ended(Outcome),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The last phase. A run that ended while it was compiled did not run.
    pub phase: Phase,
    /// Why it ended.
    pub reason: Reason,
    /// How long the last phase took.
    pub elapsed: Duration,
    /// It had been compiled before.
    pub from_cache: bool,
}

/// Why a phase ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// By itself.
    Finished {
        /// Its exit code.
        code: i32,
    },
    /// By a signal from inside.
    Signalled {
        /// Its number.
        signal: i32,
    },
    /// It took too long, of time or of a processor's.
    TimedOut {
        /// What it was given.
        seconds: u64,
    },
    /// It was stopped.
    Stopped,
    /// It wrote too much.
    OutputLimit {
        /// What it was given, in bytes.
        bytes: usize,
    },
    /// It took too much memory.
    MemoryLimit {
        /// What it was given, in bytes.
        bytes: u64,
    },
    /// What was compiled became too large.
    DiskLimit {
        /// What it was given, in bytes.
        bytes: u64,
    },
    /// It started too many processes.
    ProcessLimit {
        /// What it was given.
        processes: u64,
    },
    /// The box could not be made after all.
    NotStarted {
        /// What went wrong and what helps, in words.
        advice: String,
    },
}

/// Why nothing runs, in words for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The language's programs are not there.
    #[error("{language} is not installed; Cowork looked for {programs}")]
    NotInstalled {
        /// Which language.
        language: Language,
        /// What would have done.
        programs: String,
    },
    /// No box can be made, and nothing runs without one.
    #[error("a code block runs only in a box, and none can be made here: {advice}")]
    NoBox {
        /// What went wrong and what helps.
        advice: String,
    },
    /// The container engine has no image for the language.
    #[error("the container image {image} is not there; get it with: {command}")]
    NoImage {
        /// Which.
        image: String,
        /// What a person would type.
        command: String,
    },
    /// Too many runs wait already.
    #[error("{waiting} code blocks wait to run already; stop one, or try again later")]
    QueueFull {
        /// How many.
        waiting: usize,
    },
    /// The source is too long.
    #[error("the code block is longer than {limit} bytes")]
    TooLong {
        /// How long it may be.
        limit: usize,
    },
    /// Its files could not be written.
    #[error("the code block could not be prepared: {0}")]
    NotPrepared(String),
}
