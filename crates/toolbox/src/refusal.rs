//! Why a command was not run, in words for whoever reads its output: the model, and the person behind it.

use std::process::ExitCode;

/// What a shell answers for a program that is there and cannot be run.
pub const NOT_RUN: u8 = 126;

/// What a shell answers for a program that is not there.
pub const NOT_FOUND: u8 = 127;

/// A command that was not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("command not run: {reason}. {next_step}")]
pub struct Refusal {
    /// What stands in the way.
    pub reason: String,
    /// What helps.
    pub next_step: String,
    /// The exit code of the wrapper.
    pub code: u8,
}

impl Refusal {
    /// A refusal with the code of a program that cannot be run.
    #[must_use]
    pub fn new(reason: impl Into<String>, next_step: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            next_step: next_step.into(),
            code: NOT_RUN,
        }
    }

    /// Of a program that this machine does not have.
    #[must_use]
    pub fn missing_program(name: &str) -> Self {
        Self {
            code: NOT_FOUND,
            ..Self::new(
                format!("this computer has no {name}"),
                format!("Install {name}, or use another program"),
            )
        }
    }

    /// When a program is there, or not, and could not be started.
    #[must_use]
    pub fn not_started(program: &std::path::Path, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::NotFound {
            Self::missing_program(&program.to_string_lossy())
        } else {
            Self::new(
                format!("{} could not be started ({error})", program.display()),
                "Try another program",
            )
        }
    }

    /// When the system refuses what a box is made of.
    #[must_use]
    pub fn box_failed(what: &str, error: impl std::fmt::Display) -> Self {
        Self::new(
            format!("its box could not be made: {what}: {error}"),
            "Start the engine again; if that does not help, choose for this folder to run commands without a box",
        )
    }

    /// Says it on standard error, and gives the exit code.
    #[must_use]
    pub fn report(&self) -> ExitCode {
        complain(&format!("{self}."));
        ExitCode::from(self.code)
    }
}

/// Writes a line to standard error; whether anybody reads it is not for us to fail over.
pub(crate) fn complain(line: &str) {
    use std::io::Write as _;
    let _unread = writeln!(std::io::stderr(), "{line}");
}
