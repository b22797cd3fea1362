//! The wrapper while its box runs: it passes on signals, watches what the box uses, and ends with the box's exit code.

use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, ExitCode, ExitStatus};

use cowork_policy::bytes_in_words;
use cowork_policy::confinement::Limits;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal as Kill, kill_process};

use super::inside::{STANDS, number};
use super::limits::ended_by_processor;
use super::processes::{self, Family};
use crate::Refusal;
use crate::refusal::complain;

/// Fast enough that a runaway does not fill a machine, and seldom enough to cost nothing that can be measured.
const LOOK_EACH: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 500_000_000,
};

/// What is passed on to the program.
const PASSED_ON: [Signal; 6] = [
    Signal::SIGTERM,
    Signal::SIGINT,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
];

/// Signals as they come in. Made before the box, so that none is lost.
pub(crate) struct Signals(SignalFd);

impl Signals {
    pub(crate) fn catch() -> io::Result<Self> {
        let mut set = SigSet::from_iter(PASSED_ON);
        set.add(Signal::SIGCHLD);
        set.thread_block()?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        Ok(Self(SignalFd::with_flags(&set, flags)?))
    }
}

/// Lets a child of the wrapper have what the wrapper catches: a mask is inherited. Safe between fork and exec.
pub(crate) fn let_signals_through() -> io::Result<()> {
    Ok(SigSet::empty().thread_set_mask()?)
}

/// How signals get to the program.
pub(crate) enum Way {
    /// By a socket to what runs first in the box; what it says first is that the box stands.
    Control(UnixStream),
    /// Straight, since the child is the program itself.
    Direct,
}

/// Has this process end with the one that started it, and be the parent of what loses its own.
pub(crate) fn tie() -> io::Result<()> {
    end_with_parent()?;
    Ok(rustix::process::set_child_subreaper(Some(
        rustix::process::getpid(),
    ))?)
}

/// Has a program that is to be started be asked to end when this process ends.
pub(crate) fn end_with_this(command: &mut std::process::Command) {
    let own = rustix::process::getpid();
    // SAFETY: the closure runs between fork and exec and makes system calls that are async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            rustix::process::set_parent_process_death_signal(Some(Kill::TERM))?;
            if rustix::process::getppid() == Some(own) {
                Ok(())
            } else {
                Err(io::ErrorKind::Interrupted.into())
            }
        });
    }
}

/// Ends this process when the one that started it ends.
fn end_with_parent() -> io::Result<()> {
    let parent = rustix::process::getppid();
    rustix::process::set_parent_process_death_signal(Some(Kill::KILL))?;
    if rustix::process::getppid() == parent {
        Ok(())
    } else {
        Err(io::Error::other("what asked for it has ended"))
    }
}

/// How much a box may use, and as what.
pub(crate) struct Bounds {
    pub(crate) limits: Limits,
    /// Whether it runs beside what a person waits for.
    pub(crate) background: bool,
}

/// Stays with the box until it ends.
pub(crate) fn keep(mut child: Child, signals: &Signals, way: &Way, bounds: &Bounds) -> ExitCode {
    let result = wait(&mut child, signals, way, &bounds.limits);
    if result.is_err() {
        let _gone = child.kill();
        let _reaped = child.wait();
    }
    match way {
        Way::Direct => end_orphans(),
        // bubblewrap ends as soon as it knows the exit code. Its process 1, which became ours then, is killed by that,
        // and is gone when all of the box is.
        Way::Control(_) => while rustix::process::wait(rustix::process::WaitOptions::empty()).is_ok() {},
    }
    let status = match result {
        Ok(status) => status,
        Err(refusal) => return refusal.report(),
    };
    if let Way::Control(control) = way
        && !stands(control)
        && !status.success()
    {
        let error = "the reason stands above";
        return Refusal::box_failed("bubblewrap refused", error).report();
    }
    let code = number(status);
    if let Some(ended) = ended_by_processor(&bounds.limits, bounds.background, code.into()) {
        complain(&ended);
    }
    ExitCode::from(code)
}

fn wait(child: &mut Child, signals: &Signals, way: &Way, limits: &Limits) -> Result<ExitStatus, Refusal> {
    let broken = |error: io::Error| Refusal::box_failed("watching it", error);
    let pid = i32::try_from(child.id()).unwrap_or(i32::MAX);
    loop {
        if let Some(status) = child.try_wait().map_err(broken)? {
            return Ok(status);
        }
        let descriptor = signals.0.as_fd();
        let mut waiting = [PollFd::new(&descriptor, PollFlags::IN)];
        match poll(&mut waiting, Some(&LOOK_EACH)) {
            Ok(0) => {
                let family = family(pid, way);
                if let Some(excess) = excess(&family, limits) {
                    complain(&excess);
                    // The outermost first: the kernel ends a box with the process it belongs to. What is missed of one
                    // without namespaces is ended as orphans are.
                    for member in family.members {
                        kill_pid(member);
                    }
                    let _reaped = child.wait();
                    return Ok(ExitStatus::from_raw(Signal::SIGKILL as i32));
                }
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(broken(error.into())),
        }
        if matches!(way, Way::Direct) {
            reap_orphans(pid);
        }
        while let Ok(Some(caught)) = signals.0.read_signal() {
            pass_on(caught.ssi_signo, caught.ssi_code, pid, way);
        }
    }
}

/// Takes in what lost its parent and ended, but not the program itself, whose status is wanted.
fn reap_orphans(program: i32) {
    use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    while let Ok(ended) = waitid(Id::All, look) {
        match ended.pid() {
            Some(pid) if pid.as_raw() != program => {
                let _reaped = waitpid(pid, None);
            }
            _ => return,
        }
    }
}

fn pass_on(number: u32, code: i32, pid: i32, way: &Way) {
    let Ok(signal) = i32::try_from(number)
        .map_err(drop)
        .and_then(|number| Signal::try_from(number).map_err(drop))
    else {
        return;
    };
    // What a terminal sends it has sent to the program as well.
    if signal == Signal::SIGCHLD || code == libc::SI_KERNEL {
        return;
    }
    match way {
        Way::Control(control) => {
            if let Ok(word) = u8::try_from(number) {
                let _gone = (&mut &*control).write_all(&[word]);
            }
        }
        Way::Direct => {
            let _gone = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), signal);
        }
    }
}

/// The processes of the box. Without namespaces orphans are our own children, and the program is one of several.
fn family(pid: i32, way: &Way) -> Family {
    match way {
        Way::Control(_) => processes::family(pid),
        Way::Direct => {
            let own = i32::try_from(std::process::id()).unwrap_or(i32::MAX);
            let mut family = processes::family(own);
            family.members.retain(|member| *member != own);
            family
        }
    }
}

/// What the box used too much of, in words.
fn excess(family: &Family, limits: &Limits) -> Option<String> {
    // Without a user namespace, and for the system's administrator, the kernel does not count.
    if u64::try_from(family.members.len()).unwrap_or(u64::MAX) > limits.processes {
        return Some(format!(
            "stopped by the box: it had more than {} processes at once. Raise the limit of this folder in the app, or \
             run less at a time.",
            limits.processes
        ));
    }
    let files = processes::memory_files(family);
    // The quick sum counts what is shared for each, and so is never below the exact one.
    let at_most = family.resident.saturating_add(files);
    if at_most > limits.memory && processes::exact(family, files) > limits.memory {
        return Some(format!(
            "stopped by the box: it used more than {} of memory. Raise the limit of this folder in the app, or run \
             less at a time.",
            bytes_in_words(limits.memory)
        ));
    }
    // What only the kernel holds is found nowhere. Then every box ends: whose it is cannot be told, and a moment later
    // the kernel would choose among the person's own programs.
    processes::memory_is_short().then(|| {
        "stopped by the box: the computer has almost no memory left. Close other programs, or run less at a time."
            .to_owned()
    })
}

/// What lost its parent became the wrapper's child where no pid namespace ended it.
fn end_orphans() {
    // Twice as deep as anything was seen: what forks while it is ended is ended in the next round.
    for _ in 0..64 {
        let orphans = family(0, &Way::Direct).members;
        if orphans.is_empty() {
            return;
        }
        for orphan in orphans {
            kill_pid(orphan);
        }
        while let Ok(Some(_)) = rustix::process::wait(rustix::process::WaitOptions::NOHANG) {}
    }
}

fn kill_pid(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _gone = kill_process(pid, Kill::KILL);
    }
}

/// Whether the box said that it stands.
fn stands(control: &UnixStream) -> bool {
    let mut word = [0];
    control.set_nonblocking(true).is_ok()
        && matches!((&mut &*control).read(&mut word), Ok(1) if word[0] == STANDS)
}
