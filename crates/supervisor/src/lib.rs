//! The life of one engine process: its private home, its start, its output, its end.
//!
//! # Why it exists
//! An engine is a program that someone else wrote. It may be missing, hang, flood its pipes, lose a race for a port,
//! ignore a signal, or leave children that outlive it. All of that ends here: above this crate an engine is either
//! [`Running`] or a [`StartFailure`] whose message says what to do next.
//!
//! # When to use it
//! To start an engine: [`PrivateHome::claim`] the home, describe the engine in a [`LaunchPlan`], call [`start()`].
//! Nothing else in the workspace spawns an engine.
//!
//! # When not
//! - For words of an engine's API, or names of its environment variables: those come in with the [`LaunchPlan`].
//! - For programs that an agent asked for, or for anything that is not an engine.
//! - For restarting: this crate reports an end through [`Running::exit_watch`], the caller decides what follows.
//!
//! # What holds
//! - One engine per home, one owner per home: an operating-system lock that a `kill -9` releases.
//! - The engine sees the environment in [`environment::PASSED`] and what the plan adds, nothing else.
//! - Its output is always read and never kept beyond a bound ([`output`]).
//! - When an [`Exit`] is published, no process that the engine started is left, as far as the operating system lets
//!   us find it ([`Containment`] says how).
//!
//! macOS and Windows compile the same code without the parent-death signal and the pid namespace; there a killed
//! app leaves its engine behind until the next start in the same home ends it. Neither has been run yet.

mod address;
mod breaker;
mod containment;
mod control_group;
pub mod docker;
pub mod environment;
mod failure;
mod home;
mod life;
pub mod login_path;
#[cfg(target_os = "linux")]
mod options_file;
pub mod output;
mod plan;
mod process;
mod process_table;
mod registry;
mod running;
mod seed;
pub mod shelter;
mod shield;
mod start;
mod tie;
mod trial;
mod walls;

pub use address::{Address, EnginePassword};
pub use breaker::{Breaker, BreakerSettings, BreakerState, Verdict};
pub use containment::Containment;
pub use control_group::MemoryKeeper;
pub use failure::{Exit, StartFailure, StopFailure};
pub use home::{ClaimError, HeldClaim, Holder, HolderRecord, HomeLayout, PrivateHome};
pub use life::{Command, DegradedReason, Hope, Input, Life, LifeFailure, LifeState, StartCounts};
pub use output::{OutputLine, OutputStream};
pub use plan::{BoxedFuture, Confinement, Invocation, LaunchPlan, Limits, ProbeAnswer, SeedFile};
pub use process_table::machine_memory;
pub use running::Running;
pub use shield::forbid_inspection;
pub use start::{Step, start};
pub use trial::{Allowance, Trial, makes_box, run_in_box, try_in_box};
