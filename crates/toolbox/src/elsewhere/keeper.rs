//! Staying with what runs in a box until it ends, and then ending all that it started.

use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use rustix::process::{Pid, getppid, kill_process_group};

/// Reads until the pipe closes, which it does when the one process that holds its other end is gone, and then kills the
/// group. By this nothing of the group outlives a wrapper that was killed.
const WATCH: &str = r#"read -r _; kill -9 "-$1""#;

/// What ends a wrapper ends what it runs.
const CAUGHT: [Signal; 4] = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP, Signal::SIGQUIT];

/// The one that came last, 0 for none.
static ARRIVED: AtomicI32 = AtomicI32::new(0);

extern "C" fn note(signal: i32) {
    ARRIVED.store(signal, Ordering::Relaxed);
}

/// How often is looked whether it has ended: at once first, and twenty times a second where it takes long.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(50);

/// Runs it as a group of its own, and gives how it ended. `end_others` ends what left the group.
pub(super) fn keep(command: &mut Command, end_others: impl Fn()) -> io::Result<ExitStatus> {
    let action = SigAction::new(SigHandler::Handler(note), SaFlags::empty(), SigSet::empty());
    for signal in CAUGHT {
        // SAFETY: the handler stores a number, which is safe at any time.
        unsafe { sigaction(signal, &action) }?;
    }
    let parent = getppid();
    command.process_group(0);
    let mut child = command.spawn()?;
    let group = Pid::from_child(&child);
    let mut watcher = match watch(&child) {
        Ok(watcher) => watcher,
        Err(error) => {
            end(&mut child, group);
            return Err(error);
        }
    };
    let ended = wait(&mut child, group, parent);
    end(&mut child, group);
    end_others();
    // Only now: until here it stands for us.
    let _gone = watcher.kill();
    let _reaped = watcher.wait();
    ended
}

fn wait(child: &mut Child, group: Pid, parent: Option<Pid>) -> io::Result<ExitStatus> {
    let mut pause = SHORTEST;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        let arrived = ARRIVED.swap(0, Ordering::Relaxed);
        if let Some(signal) = rustix::process::Signal::from_named_raw(arrived) {
            // Who has ended by itself between is no failure.
            let _gone = kill_process_group(group, signal);
        }
        if getppid() != parent {
            // Who asked for it is gone, and nobody reads what it says.
            end(child, group);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(LONGEST);
    }
}

fn watch(child: &Child) -> io::Result<Child> {
    Command::new("/bin/sh")
        .args(["-c", WATCH, "box-watcher", &child.id().to_string()])
        .env_clear()
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// Kills the group, whose number belongs to nobody else while the child was not taken in or one of it is left.
fn end(child: &mut Child, group: Pid) {
    let _none_left = kill_process_group(group, rustix::process::Signal::KILL);
    let _reaped = child.wait();
}

/// The exit code of a wrapper, as shells hand it on.
pub(super) fn code(status: ExitStatus) -> u8 {
    const BY_SIGNAL: i32 = 128;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| BY_SIGNAL + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn what_is_left_in_the_group_ends_with_the_command() {
        let directory = tempfile::tempdir().unwrap();
        let list = directory.path().join("left");
        let mut command = Command::new("/bin/sh");
        let script = format!("sleep 63 & echo $! > {}; exit 7", list.display());
        command.args(["-c", &script]);
        let begun = Instant::now();
        let status = keep(&mut command, || {}).unwrap();
        assert_eq!(code(status), 7);
        assert!(begun.elapsed() < Duration::from_secs(20));
        let left = std::fs::read_to_string(&list).unwrap();
        let end = Instant::now() + Duration::from_secs(5);
        let is_there = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", left.trim()));
            stat.is_ok_and(|stat| !stat.contains(") Z "))
        };
        while is_there() {
            assert!(Instant::now() < end, "it is still there");
            std::thread::sleep(SHORTEST);
        }
    }

    #[test]
    fn a_signal_that_ended_it_is_handed_on() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "kill -9 $$"]);
        assert_eq!(code(keep(&mut command, || {}).unwrap()), 137);
    }
}
