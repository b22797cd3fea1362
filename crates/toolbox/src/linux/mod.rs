//! The box as Linux makes it.

mod attack;
mod attacks;
mod bridge;
mod connect;
mod filter;
mod git;
mod grant;
mod home;
mod inside;
mod keeper;
mod landlock_box;
mod layers;
mod limits;
mod memory_file;
mod namespaces;
mod probe;
mod processes;
mod programs;
mod prove;
mod run;

pub(crate) use attack::attack;
pub(crate) use connect::connect;
pub(crate) use grant::{grant, revoke};
pub(crate) use inside::inside;
pub(crate) use probe::probe;
pub(crate) use prove::{Targets, prove};
pub(crate) use run::{Wanted, run};
