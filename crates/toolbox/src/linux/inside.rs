//! What runs first in a box of namespaces: it checks that what was bound is what was meant, opens the ways to
//! the gateway and to what serves in it, binds itself and what follows to their limits, and starts the program.
//!
//! Process 1 of the box is bubblewrap's: it takes in orphans, and ends everything with itself when this ends.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::os::fd::{FromRawFd as _, OwnedFd, RawFd};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode, ExitStatus};

use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::unistd::Pid;

use super::limits::Kernel;
use crate::Refusal;
use crate::environment::{ADDED, proxies, ssh_of_git};
use crate::refusal::{NOT_FOUND, NOT_RUN, complain};
use crate::yard::{IN_ENGINES_BOX, WRAPPER};

/// The word the wrapper hears when everything stands.
pub(crate) const STANDS: u8 = b'!';

/// What it is told on its command line.
#[derive(Debug)]
pub(crate) struct Orders {
    /// The number of the socket to the wrapper.
    pub(crate) control: RawFd,
    pub(crate) limits: Kernel,
    /// Places, and which file must be there.
    pub(crate) identities: Vec<(PathBuf, u64, u64)>,
    pub(crate) bridge: bool,
    /// Whether it stands back behind what a person waits for.
    pub(crate) background: bool,
    /// What the program is to think it is called.
    pub(crate) name: OsString,
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
}

impl Orders {
    /// The command line after the name of the wrapper.
    pub(crate) fn words(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["inside".into(), self.control.to_string().into()];
        words.push(self.limits.to_string().into());
        words.push(if self.bridge { "bridge" } else { "-" }.into());
        words.push(if self.background { "background" } else { "-" }.into());
        words.push(self.identities.len().to_string().into());
        for (path, device, number) in &self.identities {
            words.push(format!("{device}:{number}").into());
            words.push(path.into());
        }
        words.extend([self.name.clone(), self.program.clone()]);
        words.extend(self.arguments.iter().cloned());
        words
    }

    fn read(words: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let mut words = words.into_iter();
        let mut text = || words.next()?.into_string().ok();
        let control = text()?.parse().ok()?;
        let limits = text()?.parse().ok()?;
        let bridge = text()? == "bridge";
        let background = text()? == "background";
        let count: usize = text()?.parse().ok()?;
        let mut identities = Vec::new();
        for _ in 0..count {
            let identity = words.next()?.into_string().ok()?;
            let (device, number) = identity.split_once(':')?;
            let path = words.next()?.into();
            identities.push((path, device.parse().ok()?, number.parse().ok()?));
        }
        Some(Self {
            control,
            limits,
            identities,
            bridge,
            background,
            name: words.next()?,
            program: words.next()?,
            arguments: words.collect(),
        })
    }
}

/// Does what the wrapper ordered, and gives the program's exit code.
pub(crate) fn inside(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Some(orders) = Orders::read(words) else {
        let refusal = Refusal::new(
            "this is for the wrapper itself to call",
            "Call a shell by its name",
        );
        return refusal.report();
    };
    match obey(&orders) {
        Ok(status) => exit_code(status),
        Err(refusal) => refusal.report(),
    }
}

fn obey(orders: &Orders) -> Result<ExitStatus, Refusal> {
    // SAFETY: the number is that of a socket which the wrapper had this process inherit and nothing else here owns.
    let control = UnixStream::from(unsafe { OwnedFd::from_raw_fd(orders.control) });
    rustix::io::fcntl_setfd(&control, rustix::io::FdFlags::CLOEXEC)
        .map_err(|error| Refusal::box_failed("control", error))?;
    for (path, device, number) in &orders.identities {
        let found = std::fs::symlink_metadata(path).map(|metadata| (metadata.dev(), metadata.ino()));
        if found.ok() != Some((*device, *number)) {
            let error = "something else was put there meanwhile";
            return Err(Refusal::box_failed(&path.display().to_string(), error));
        }
    }
    let mut command = Command::new(&orders.program);
    command.arg0(&orders.name).args(&orders.arguments);
    let mut own_port = None;
    if orders.bridge {
        let address =
            super::bridge::open().map_err(|error| Refusal::box_failed("the way to the gateway", error))?;
        own_port = Some(address.port());
        for (variable, value) in proxies(address) {
            let own = std::env::var(variable).ok().filter(|_| ADDED.contains(&variable));
            command.env(
                variable,
                own.map_or(value.clone(), |own| format!("{value} {own}")),
            );
        }
        // A server of tools may have been given its own.
        if std::env::var_os("GIT_SSH_COMMAND").is_none() {
            command.envs(ssh_of_git(&format!("{IN_ENGINES_BOX}/bin/{WRAPPER}")));
        }
    }
    super::way_in::watch(own_port).map_err(|error| Refusal::box_failed("the way to its servers", error))?;
    if orders.background {
        stand_back().map_err(|error| Refusal::box_failed("standing back", error))?;
    }
    orders
        .limits
        .apply()
        .map_err(|error| Refusal::box_failed("limits", error))?;
    for key in [Signal::SIGINT, Signal::SIGQUIT] {
        // What a person presses is for the program, which gets it from the terminal as well.
        // SAFETY: no handler is installed, a signal is only no longer ignored when the program starts.
        let _ = unsafe { signal(key, SigHandler::SigIgn) };
    }
    // SAFETY: the closure runs between fork and exec and makes two system calls that are async-signal-safe.
    unsafe {
        command.pre_exec(|| {
            for key in [Signal::SIGINT, Signal::SIGQUIT] {
                signal(key, SigHandler::SigDfl)?;
            }
            Ok(())
        });
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let code = if error.kind() == std::io::ErrorKind::NotFound {
                NOT_FOUND
            } else {
                NOT_RUN
            };
            let program = orders.program.to_string_lossy();
            let _unheard = (&control).write_all(&[STANDS]);
            complain(&format!("{program}: {error}"));
            return Ok(ExitStatus::from_raw(i32::from(code) << 8));
        }
    };
    let _unheard = (&control).write_all(&[STANDS]);
    if let Ok(pid) = i32::try_from(child.id()) {
        let heard = std::thread::Builder::new()
            .stack_size(64 << 10)
            .spawn(move || pass_signals(control, pid));
        // Without it a signal still ends the wrapper, and the box with it.
        drop(heard);
    }
    child
        .wait()
        .map_err(|error| Refusal::box_failed("waiting", error))
}

/// How far a server of tools stands back behind what a person waits for; 19 is the farthest.
const NICENESS: i32 = 5;

/// Has this process and what it starts stand back. What stands back farther already stays so.
pub(crate) fn stand_back() -> rustix::io::Result<()> {
    let current = rustix::process::getpriority_process(None)?;
    rustix::process::setpriority_process(None, current.max(NICENESS))
}

/// Sends the program what the wrapper was sent.
fn pass_signals(mut control: UnixStream, pid: i32) {
    let mut word = [0];
    while let Ok(1) = control.read(&mut word) {
        if let Ok(signal) = Signal::try_from(i32::from(word[0])) {
            let _gone = kill(Pid::from_raw(pid), signal);
        }
    }
}

/// [`number`] as a code to end with.
pub(crate) fn exit_code(status: ExitStatus) -> ExitCode {
    ExitCode::from(number(status))
}

/// As a shell gives it: 128 and the number of the signal.
pub(crate) fn number(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .and_then(|code| u8::try_from(code).ok());
    code.unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use cowork_policy::confinement::Limits;

    use super::*;

    #[test]
    fn orders_arrive_as_they_were_given() {
        let orders = Orders {
            control: 5,
            limits: Kernel::of(&Limits::default(), 0, true),
            identities: vec![("/work/a b".into(), 3, 4)],
            bridge: true,
            background: true,
            name: "bash".into(),
            program: "/usr/bin/bash".into(),
            arguments: vec!["-c".into(), "true".into()],
        };
        let read = Orders::read(orders.words().into_iter().skip(1)).unwrap();
        assert_eq!(format!("{read:?}"), format!("{orders:?}"));
        assert!(Orders::read(["5".into(), "x".into()]).is_none());
    }
}
