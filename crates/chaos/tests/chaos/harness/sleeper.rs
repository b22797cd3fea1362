//! A process that leaves its family, so that only a search or a box can end it.

use super::Round;
use super::processes::{Process, processes, until};

/// An argument that no other process has, and a command that leaves a sleeper with it behind and goes on itself.
pub(crate) fn sleeper(round: &mut Round) -> (String, String) {
    let argument = format!("86400.{}", round.mark());
    // Forked twice, with a session of its own: it is nobody's child and in nobody's group.
    let command = format!("(( setsid sleep {argument} >/dev/null 2>&1 & ) & ); echo begun; sleep 600");
    (argument, command)
}

fn sleepers(argument: &str) -> Vec<Process> {
    let wanted = format!("sleep\0{argument}\0");
    processes(|folder| {
        std::fs::read(folder.join("cmdline")).is_ok_and(|command| command == wanted.as_bytes())
    })
}

/// Waits until it runs.
pub(crate) fn until_asleep(argument: &str) {
    until("the sleeper", || (!sleepers(argument).is_empty()).then_some(()));
}

/// Waits until it is gone.
pub(crate) fn until_gone(argument: &str) {
    until("the sleeper's end", || {
        sleepers(argument).is_empty().then_some(())
    });
}
