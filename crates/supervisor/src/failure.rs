//! How a start, a run and a stop can end.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::output::OutputLine;

/// How many lines of output a message repeats: the reason is in the last few, the rest would bury it.
const QUOTED_LINES: usize = 5;

/// How an engine process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The exit code, when it ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it (Unix). In a pid namespace it is derived from the code 128 + signal, the only thing
    /// that comes through.
    pub signal: Option<i32>,
    /// Whether we were ending it. When not, it died.
    pub requested: bool,
    /// What it printed last, oldest first, already redacted.
    pub last_lines: Vec<OutputLine>,
}

impl fmt::Display for Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.signal) {
            (_, Some(signal)) => write!(formatter, "signal {signal}"),
            (Some(code), None) => write!(formatter, "exit code {code}"),
            (None, None) => formatter.write_str("unknown status"),
        }
    }
}

/// Why an engine is not running after [`crate::start()`]. Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StartFailure {
    /// Nothing at the program's path.
    #[error("the engine is not at {path}: install the app again, or fetch the engine again, then start it", path = path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// What is there cannot be executed: a directory, or a file without the permission.
    #[error("the engine at {path} is not a program that may be run: make it executable (chmod +x), or install it again", path = path.display())]
    NotExecutable {
        /// The path.
        path: PathBuf,
    },
    /// The operating system refused to run it.
    #[error("the engine at {path} could not be run ({source}): check that it was made for this computer, or install it again", path = path.display())]
    NotRunnable {
        /// The path.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// An engine already runs, or is just ending, in this home.
    #[error("an engine is already running in this home: stop it first, then start again")]
    AlreadyRunning,
    /// The private home could not be made ready.
    #[error("cannot prepare {path} for the engine ({source}): check that the disk has room and remove what stands in the way, then start again", path = path.display())]
    HomeNotReady {
        /// What could not be made or written.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// What stands in front of the shells and of git of an agent could not be put there. Without it they would run beside the
    /// engine and its password.
    #[error(
        "what holds the agent's commands could not be put in front of them ({0:#}): check that the disk has room and that the app is installed as a whole, then start again"
    )]
    NoWrapper(anyhow::Error),
    /// The operating system had no thread, port or random number for us.
    #[error("the computer has no room to start the engine ({0:#}): close other programs, then start again")]
    NoResources(anyhow::Error),
    /// It runs and is well, but it is another version than the app was made for.
    #[error("the engine has version {found}, the app needs {expected}: install the engine again")]
    WrongVersion {
        /// What it answered.
        found: String,
        /// What the plan asks for.
        expected: String,
    },
    /// Each port that was free a moment before was taken when the engine came for it.
    #[error(
        "no free network port was left for the engine after {attempts} attempts: close programs that open many connections, then start again"
    )]
    PortTaken {
        /// How many ports were tried.
        attempts: u32,
    },
    /// It ended before it was ready.
    #[error("the engine ended while starting ({exit}): start it again, and if that does not help install it again. {}", quoted(&exit.last_lines))]
    DiedAtStart {
        /// How it ended, with what it printed.
        exit: Exit,
    },
    /// It never said that it listens.
    #[error("the engine was not ready after {} s: start it again, and if that does not help restart the computer. {}", after.as_secs_f32(), quoted(last_lines))]
    HangsAtStart {
        /// How long we waited.
        after: Duration,
        /// What it printed.
        last_lines: Vec<OutputLine>,
    },
    /// It runs and is well, but did not show that its guard was loaded.
    #[error(
        "the engine started without its guard and was stopped: install the engine again. {}",
        quoted(last_lines)
    )]
    Unguarded {
        /// What it printed.
        last_lines: Vec<OutputLine>,
    },
    /// It said that it listens, but did not answer as it should.
    #[error(
        "the engine listens but did not answer {attempts} questions about its health ({last_error}): start it again; a firewall that closes 127.0.0.1 causes this too"
    )]
    Unhealthy {
        /// How many probes failed.
        attempts: u32,
        /// Why the last did.
        last_error: String,
    },
}

/// Why [`crate::Running::stop`] could not end an engine.
#[derive(Debug, thiserror::Error)]
pub enum StopFailure {
    /// It survived even the kill; only the kernel can hold a process so.
    #[error(
        "the engine (process {process_id}) does not end even when killed: it waits for a disk or a network drive; restart the computer if it stays"
    )]
    StillAlive {
        /// The process that stays.
        process_id: u32,
    },
}

fn quoted(lines: &[OutputLine]) -> String {
    let tail = &lines[lines.len().saturating_sub(QUOTED_LINES)..];
    if tail.is_empty() {
        return "It said nothing.".to_owned();
    }
    let texts: Vec<&str> = tail.iter().map(|line| line.text.as_str()).collect();
    format!("It said last:\n{}", texts.join("\n"))
}
