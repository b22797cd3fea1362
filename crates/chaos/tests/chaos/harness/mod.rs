//! What every kind of fault is made and judged with.

mod app;
mod command_line;
mod conversation;
mod engine_watch;
mod home;
mod processes;
mod rounds;
mod screen;
mod script;
mod sleeper;

pub(crate) use app::App;
pub(crate) use command_line::Run;
pub(crate) use engine_watch::EngineWatch;
pub(crate) use home::Home;
pub(crate) use processes::{kill, signal, until};
pub(crate) use rounds::{Round, rounds};
pub(crate) use script::{Words, bash, prompt};
pub(crate) use sleeper::{sleeper, until_asleep, until_gone};

use std::path::PathBuf;
use std::time::Duration;

/// How long anything may take before a test gives up on it. Generous: it ends a hung test and measures nothing.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// A path the scripts hand over.
pub(crate) fn given(variable: &str) -> PathBuf {
    let value = std::env::var_os(variable).unwrap_or_else(|| {
        panic!("{variable} is not set: run these tests through scripts/test or scripts/chaos")
    });
    let path = PathBuf::from(value);
    assert!(path.is_file(), "{variable} names no file: {}", path.display());
    path
}
