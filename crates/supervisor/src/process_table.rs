//! The operating system's list of processes: who descends from the engine, and what it left behind.
//!
//! Only processes that are proved to be ours are killed: by id together with start time, or by the mark that the
//! engine's environment carries and its children inherit.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, Signal, System, UpdateKind};

use crate::environment::HOME_MARK;

/// Rounds of killing, [`ROUND_PAUSE`] apart: a killed process may need a moment, and one that forks while we look
/// shows up in the next round.
const ROUNDS: u32 = 50;
const ROUND_PAUSE: Duration = Duration::from_millis(20);

/// A process as it can be found again: an id alone may belong to someone else by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ProcessIdentity {
    pid: Pid,
    /// Seconds since the epoch.
    started: u64,
}

impl ProcessIdentity {
    fn of(process: &Process) -> Self {
        Self {
            pid: process.pid(),
            started: process.start_time(),
        }
    }

    pub(crate) fn process_id(self) -> u32 {
        self.pid.as_u32()
    }

    /// Asks it to terminate; `false` when it is gone, or the system knows no such request.
    pub(crate) fn terminate(self) -> bool {
        read(ProcessesToUpdate::Some(&[self.pid]), false).is_some_and(|system| {
            system
                .process(self.pid)
                .filter(|process| Self::of(process) == self)
                .and_then(|process| process.kill_with(Signal::Term))
                .unwrap_or(false)
        })
    }
}

fn read(which: ProcessesToUpdate<'_>, with_environment: bool) -> Option<System> {
    let mut kind = ProcessRefreshKind::nothing().without_tasks();
    if with_environment {
        kind = kind.with_environ(UpdateKind::Always);
    }
    let mut system = System::new()
        .inspect_err(|error| tracing::warn!(%error, "the list of processes cannot be read"))
        .ok()?;
    system.refresh_processes_specifics(which, true, kind);
    Some(system)
}

/// Everything below `ancestor`, without itself.
pub(crate) fn descendants(ancestor: u32) -> Vec<ProcessIdentity> {
    let Some(system) = read(ProcessesToUpdate::All, false) else {
        return Vec::new();
    };
    let mut family = HashSet::from([Pid::from_u32(ancestor)]);
    let mut found = Vec::new();
    // One pass per generation; each pass but the last adds someone, so it ends.
    loop {
        let next: Vec<&Process> = system
            .processes()
            .values()
            .filter(|process| !family.contains(&process.pid()))
            .filter(|process| process.parent().is_some_and(|parent| family.contains(&parent)))
            .collect();
        if next.is_empty() {
            return found;
        }
        for process in next {
            family.insert(process.pid());
            found.push(ProcessIdentity::of(process));
        }
    }
}

/// The engine below the wrapper: bubblewrap → its init → the engine. The init's oldest child is the engine, since it
/// is what the init started; later ones are orphans it adopted.
pub(crate) fn engine_below(wrapper: u32) -> Option<ProcessIdentity> {
    let system = read(ProcessesToUpdate::All, false)?;
    let oldest_child = |parent: Pid| {
        let children = system
            .processes()
            .values()
            .filter(|process| process.parent() == Some(parent));
        children
            .map(ProcessIdentity::of)
            .min_by_key(|child| (child.started, child.pid))
    };
    oldest_child(oldest_child(Pid::from_u32(wrapper))?.pid)
}

/// Kills those of `survivors` that still are what they were, and waits until they are gone. How many stay.
pub(crate) fn kill_survivors(survivors: &[ProcessIdentity]) -> usize {
    let pids: Vec<Pid> = survivors.iter().map(|survivor| survivor.pid).collect();
    kill_until_gone(|| {
        let Some(system) = read(ProcessesToUpdate::Some(&pids), false) else {
            return 0;
        };
        let alive = survivors.iter().filter_map(|survivor| {
            system
                .process(survivor.pid)
                .filter(|process| ProcessIdentity::of(process) == *survivor)
        });
        alive.filter(|process| kill(process)).count()
    })
}

/// Kills every process whose environment carries the mark of the home at `root`, and waits until they are gone. How
/// many stay. Only for whoever holds the claim on that home: then nothing marked has a right to live.
pub(crate) fn kill_marked(root: &Path) -> usize {
    let mut mark = OsString::from(HOME_MARK);
    mark.push("=");
    mark.push(root);
    kill_until_gone(|| {
        let Some(system) = read(ProcessesToUpdate::All, true) else {
            return 0;
        };
        let ourselves = own_line(&system);
        let marked = system
            .processes()
            .values()
            .filter(|process| process.environ().contains(&mark));
        marked
            .filter(|process| !ourselves.contains(&process.pid()))
            .filter(|process| kill(process))
            .count()
    })
}

/// We and our ancestors: an app that was started from a command of an agent carries the mark of that engine's home.
fn own_line(system: &System) -> HashSet<Pid> {
    let own = Pid::from_u32(std::process::id());
    let mut line = HashSet::from([own]);
    let mut next = system.process(own).and_then(Process::parent);
    while let Some(ancestor) = next.filter(|ancestor| line.insert(*ancestor)) {
        next = system.process(ancestor).and_then(Process::parent);
    }
    line
}

/// `true` while there is something to wait for. A zombie is dead already and waits for its parent, not for us.
fn kill(process: &Process) -> bool {
    let alive = !matches!(
        process.status(),
        sysinfo::ProcessStatus::Zombie | sysinfo::ProcessStatus::Dead
    );
    alive && {
        process.kill();
        true
    }
}

fn kill_until_gone(mut kill_round: impl FnMut() -> usize) -> usize {
    let mut left = 0;
    for _ in 0..ROUNDS {
        left = kill_round();
        if left == 0 {
            break;
        }
        std::thread::sleep(ROUND_PAUSE);
    }
    left
}
