//! The operating system's list of processes: who descends from the engine, and what it left behind.
//!
//! Only processes that are proved to be ours are killed: by id together with start time, or by the nonce that the
//! engine's environment carries and its children inherit.

use std::collections::HashSet;
use std::ffi::OsString;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, Signal, System, UpdateKind};

use crate::environment::RUN_NONCE;
use crate::registry::Record;

/// Rounds of killing, [`ROUND_PAUSE`] apart: a killed process may need a moment, and one that forks while we look
/// shows up in the next round.
const ROUNDS: u32 = 50;
const ROUND_PAUSE: Duration = Duration::from_millis(20);

/// A process as it can be found again: an id alone may belong to someone else by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct ProcessIdentity {
    process_id: u32,
    /// Seconds since the epoch.
    started: u64,
}

impl ProcessIdentity {
    fn of(process: &Process) -> Self {
        Self {
            process_id: process.pid().as_u32(),
            started: process.start_time(),
        }
    }

    /// Of a process that is about to be started: no process has this id, and none that is ours began before now.
    pub(crate) fn not_started_yet() -> Self {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            process_id: 0,
            started: since.as_secs(),
        }
    }

    pub(crate) fn process_id(self) -> u32 {
        self.process_id
    }

    fn pid(self) -> Pid {
        Pid::from_u32(self.process_id)
    }

    /// Whether it is there and no zombie.
    pub(crate) fn is_alive(self) -> bool {
        read(ProcessesToUpdate::Some(&[self.pid()]), Details::None).is_some_and(|system| {
            system
                .process(self.pid())
                .is_some_and(|process| Self::of(process) == self && is_living(process))
        })
    }

    /// Asks it to terminate; `false` when it is gone, or the system knows no such request.
    pub(crate) fn terminate(self) -> bool {
        read(ProcessesToUpdate::Some(&[self.pid()]), Details::None).is_some_and(|system| {
            system
                .process(self.pid())
                .filter(|process| Self::of(process) == self)
                .and_then(|process| process.kill_with(Signal::Term))
                .unwrap_or(false)
        })
    }
}

/// What is read of each process beside its family.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Details {
    None,
    Environment,
    CommandLine,
    Memory,
}

fn read(which: ProcessesToUpdate<'_>, details: Details) -> Option<System> {
    let kind = ProcessRefreshKind::nothing().without_tasks();
    let kind = match details {
        Details::None => kind,
        Details::Environment => kind.with_environ(UpdateKind::Always).with_cmd(UpdateKind::Always),
        Details::CommandLine => kind.with_cmd(UpdateKind::Always),
        Details::Memory => kind.with_memory(),
    };
    let mut system = System::new()
        .inspect_err(|error| tracing::warn!(%error, "the list of processes cannot be read"))
        .ok()?;
    system.refresh_processes_specifics(which, true, kind);
    Some(system)
}

/// Who a process is, and its arguments.
pub(crate) fn look_up(process_id: u32) -> Option<(ProcessIdentity, Vec<String>)> {
    let pid = Pid::from_u32(process_id);
    let system = read(ProcessesToUpdate::Some(&[pid]), Details::CommandLine)?;
    let process = system.process(pid)?;
    Some((ProcessIdentity::of(process), command_line(process)))
}

fn command_line(process: &Process) -> Vec<String> {
    let words = process.cmd().iter();
    words.map(|word| word.to_string_lossy().into_owned()).collect()
}

/// Memory of a process and everything below it, in bytes, as far as it can be read. What they share counts for each.
pub(crate) fn memory_of_tree(ancestor: u32) -> Option<u64> {
    let system = read(ProcessesToUpdate::All, Details::Memory)?;
    let own = system.process(Pid::from_u32(ancestor))?.memory();
    let below = family(&system, ancestor);
    let of_each = below.iter().filter_map(|member| system.process(member.pid()));
    Some(own + of_each.map(Process::memory).sum::<u64>())
}

/// Memory of this computer, in bytes; `None` when it cannot be read.
#[must_use]
pub fn machine_memory() -> Option<u64> {
    let mut system = System::new()
        .inspect_err(|error| tracing::warn!(%error, "the size of the memory cannot be read"))
        .ok()?;
    system.refresh_memory();
    Some(system.total_memory()).filter(|bytes| *bytes > 0)
}

/// Everything below `ancestor`, without itself.
pub(crate) fn descendants(ancestor: u32) -> Vec<ProcessIdentity> {
    read(ProcessesToUpdate::All, Details::None)
        .map(|system| family(&system, ancestor))
        .unwrap_or_default()
}

fn family(system: &System, ancestor: u32) -> Vec<ProcessIdentity> {
    let mut known = HashSet::from([Pid::from_u32(ancestor)]);
    let mut found = Vec::new();
    // One pass per generation; each pass but the last adds someone, so it ends.
    loop {
        let next: Vec<&Process> = system
            .processes()
            .values()
            .filter(|process| !known.contains(&process.pid()))
            .filter(|process| process.parent().is_some_and(|parent| known.contains(&parent)))
            .collect();
        if next.is_empty() {
            return found;
        }
        for process in next {
            known.insert(process.pid());
            found.push(ProcessIdentity::of(process));
        }
    }
}

/// The engine below the wrapper: bubblewrap → its init → the engine. The init's oldest child is the engine, since it
/// is what the init started; later ones are orphans it adopted.
pub(crate) fn engine_below(wrapper: u32) -> Option<ProcessIdentity> {
    let system = read(ProcessesToUpdate::All, Details::None)?;
    let oldest_child = |parent: Pid| {
        let children = system
            .processes()
            .values()
            .filter(|process| process.parent() == Some(parent));
        children
            .map(ProcessIdentity::of)
            .min_by_key(|child| (child.started, child.process_id))
    };
    oldest_child(oldest_child(Pid::from_u32(wrapper))?.pid())
}

/// Kills those of `survivors` that still are what they were, and waits until they are gone. How many stay.
pub(crate) fn kill_survivors(survivors: &[ProcessIdentity]) -> usize {
    let pids: Vec<Pid> = survivors.iter().map(|survivor| survivor.pid()).collect();
    kill_until_gone(|| {
        let Some(system) = read(ProcessesToUpdate::Some(&pids), Details::None) else {
            return 0;
        };
        let alive = survivors.iter().filter_map(|survivor| {
            system
                .process(survivor.pid())
                .filter(|process| ProcessIdentity::of(process) == *survivor)
        });
        alive.filter(|process| kill(process)).count()
    })
}

/// Kills the process of a record, if it still is what was recorded, and every process whose environment carries the
/// nonce of its run, and waits until they are gone. How many stay.
pub(crate) fn kill_run(record: &Record) -> usize {
    let mut mark = OsString::from(RUN_NONCE);
    mark.push("=");
    mark.push(record.nonce.as_str());
    kill_until_gone(|| {
        let Some(system) = read(ProcessesToUpdate::All, Details::Environment) else {
            return 0;
        };
        let ourselves = own_line(&system);
        let is_ours = |process: &&Process| {
            process.environ().contains(&mark)
                || (command_line(process) == record.command_line
                    && (ProcessIdentity::of(process) == record.process
                        || is_half_made(process, &system, record)))
        };
        system
            .processes()
            .values()
            .filter(is_ours)
            .filter(|process| !ourselves.contains(&process.pid()))
            .filter(|process| kill(process))
            .count()
    })
}

/// Whether it is a box that was being made when its maker was killed: it runs the recorded command, began after it was
/// recorded, and has nobody any more. bubblewrap's inner half waits for ever then for what the outer half did not say.
fn is_half_made(process: &Process, system: &System, record: &Record) -> bool {
    // The two clocks may disagree by the second they are counted in.
    let began = process.start_time() + 1 >= record.process.started;
    let parent = process.parent().filter(|parent| parent.as_u32() != 1);
    began && parent.is_none_or(|parent| system.process(parent).is_none())
}

/// We and our ancestors: an app that was started from a command of an agent carries the nonce of that engine's run.
fn own_line(system: &System) -> HashSet<Pid> {
    let own = Pid::from_u32(std::process::id());
    let mut line = HashSet::from([own]);
    let mut next = system.process(own).and_then(Process::parent);
    while let Some(ancestor) = next.filter(|ancestor| line.insert(*ancestor)) {
        next = system.process(ancestor).and_then(Process::parent);
    }
    line
}

/// A zombie is dead already and waits for its parent, not for us.
fn is_living(process: &Process) -> bool {
    !matches!(
        process.status(),
        sysinfo::ProcessStatus::Zombie | sysinfo::ProcessStatus::Dead
    )
}

/// `true` while there is something to wait for.
fn kill(process: &Process) -> bool {
    let alive = is_living(process);
    if alive {
        process.kill();
    }
    alive
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
