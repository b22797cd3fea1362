//! The system's processes, and what can be done to them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::PATIENCE;

/// Between two looks at what tells nobody that it changed.
const AGAIN: Duration = Duration::from_millis(10);

/// A process that was there a moment ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    /// Its id.
    pub(crate) id: u32,
    /// Its arguments, with blanks between.
    pub(crate) command: String,
}

/// All processes of which `is_wanted` says so of their folder in `/proc`.
pub(crate) fn processes(is_wanted: impl Fn(&Path) -> bool) -> Vec<Process> {
    let all = std::fs::read_dir("/proc")
        .expect("the system lists its processes")
        .flatten();
    let wanted = all.map(|entry| entry.path()).filter(|folder| is_wanted(folder));
    wanted
        .filter_map(|folder| {
            let id = folder.file_name()?.to_str()?.parse().ok()?;
            let command = std::fs::read(folder.join("cmdline")).unwrap_or_default();
            Some(Process {
                id,
                command: String::from_utf8_lossy(&command).replace('\0', " "),
            })
        })
        .collect()
}

/// Whether a process carries `text` in its arguments or its environment. Of one that ended nothing can be read.
pub(crate) fn carries(folder: &Path, text: &[u8]) -> bool {
    let holds = |file: &str| {
        std::fs::read(folder.join(file)).is_ok_and(|held| held.windows(text.len()).any(|part| part == text))
    };
    holds("environ") || holds("cmdline")
}

/// The program a process runs.
pub(crate) fn program(folder: &Path) -> Option<PathBuf> {
    std::fs::read_link(folder.join("exe")).ok()
}

/// The process that started a process.
pub(crate) fn parent(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before it is in brackets and may hold anything.
    stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
}

/// Sends a signal; false when there is no such process any more.
pub(crate) fn signal(process: u32, signal: Signal) -> bool {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    kill_process(process.expect("a process has an id"), signal).is_ok()
}

/// Kills a process; false when there is no such process any more.
pub(crate) fn kill(process: u32) -> bool {
    signal(process, Signal::KILL)
}

/// Waits for something that has to be looked at again and again.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what} never came");
        std::thread::sleep(AGAIN);
    }
}
