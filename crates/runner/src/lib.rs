//! Runs a code block in a box of its own.
//!
//! What a model wrote is not known to be harmless, and a person who presses "Run" has hardly read it. So it runs where
//! it can harm nobody: without a network, without the person's files, with a scratch directory that goes with it, and
//! with bounds on time, memory, processes and output ([`Limits`]). On Linux the box is made by bubblewrap; where that
//! cannot be, a container engine that is there already does it by its own means; where neither can, nothing runs
//! ([`Refusal::NoBox`]). On Windows none is made yet.
//!
//! Compiled languages are compiled in a box too, and what came out is kept for the next run of the same source.
//!
//! Use it for code blocks. Do not use it for the agent's own commands, which work in the person's folders (that is
//! `cowork_toolbox`), and do not put here how output looks.

#[cfg(unix)]
mod artifacts;
#[cfg(unix)]
mod container;
#[cfg(unix)]
mod decode;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(unix)]
mod find;
#[cfg(unix)]
mod keeper;
mod language;
mod limits;
#[cfg(unix)]
mod means;
mod news;
mod options;
#[cfg(unix)]
mod output;
#[cfg(unix)]
mod queue;
#[cfg(unix)]
mod recipe;
#[cfg(unix)]
mod runner;
#[cfg(unix)]
mod stop;
#[cfg(unix)]
mod tree;
#[cfg(target_os = "linux")]
mod walls;
#[cfg(not(unix))]
mod without_boxes;

pub use language::{Language, language_of_fence};
pub use limits::{Limits, PhaseLimits};
pub use news::{Means, Outcome, OutputStream, Phase, Reason, Refusal, RunEvent};
pub use options::{Installed, Options};
#[cfg(unix)]
pub use runner::{Run, Runner, Stopper};
#[cfg(not(unix))]
pub use without_boxes::{Run, Runner, Stopper};
