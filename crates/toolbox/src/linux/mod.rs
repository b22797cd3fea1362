//! The box as Linux makes it.

mod attack;
mod attacks;
mod bridge;
mod connect;
mod filter;
mod grant;
mod inside;
mod keeper;
mod landlock_box;
mod layers;
mod memory_file;
mod mounts;
mod namespaces;
mod needy_git;
mod probe;
mod processes;
mod programs;
mod prove;
mod run;
mod ssh;
mod view;
mod way_in;

use crate::{home, limits};

pub(crate) use attack::attack;
pub(crate) use connect::connect;
pub(crate) use grant::{bar_links, grant, revoke};
pub(crate) use inside::inside;
pub(crate) use probe::probe;
pub(crate) use prove::prove;
pub(crate) use run::run;
pub(crate) use ssh::ssh;
