//! The strongest box: namespaces of its own, made by bubblewrap within the engine's.
//!
//! bubblewrap 0.8 or later is asked for (`--disable-userns`, `--size`); with an older one [`crate::means`] chooses
//! Landlock.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use cowork_policy::confinement::{Limits, Means};
use nix::sys::signal::{SigHandler, Signal, signal};

use super::inside::Orders;
use super::keeper::{self, Bounds, Signals, Way};
use super::layers::Layers;
use super::limits::Kernel;
use super::view::OwnView;
use super::{filter, memory_file, programs};
use crate::Refusal;
use crate::environment::Environment;
use crate::yard::IN_ENGINES_BOX;

/// What is unshared and given up. The order matters to nobody.
pub(crate) const WALLS: &[&str] = &[
    "--unshare-all",
    "--unshare-user",
    "--disable-userns",
    "--die-with-parent",
    "--cap-drop",
    "ALL",
    "--hostname",
    "box",
    "--ro-bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
];

/// What is to be run in a box, with everything decided.
pub(crate) struct Boxed {
    pub(crate) layers: Layers,
    pub(crate) environment: Environment,
    pub(crate) limits: Limits,
    pub(crate) bridge: bool,
    /// Whether links are followed here that the engine's box does not follow.
    pub(crate) links_barred: bool,
    pub(crate) background: bool,
    /// What git reads in place of the system's settings.
    pub(crate) git_settings: Option<String>,
    pub(crate) directory: PathBuf,
    pub(crate) name: OsString,
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
}

/// Runs it, and gives its exit code.
pub(crate) fn run(boxed: Boxed) -> Result<ExitCode, Refusal> {
    let failed = |error: std::io::Error| Refusal::box_failed("starting it", error);
    let bubblewrap = programs::system("bwrap").ok_or_else(|| {
        Refusal::new(
            "bubblewrap, which makes its box, is not installed any more",
            "Install the package bubblewrap and start the engine again",
        )
    })?;
    keeper::tie().map_err(failed)?;
    let signals = Signals::catch().map_err(failed)?;
    let (own, theirs) = UnixStream::pair().map_err(failed)?;
    // A terminal's person wants to stop and continue jobs, which a new session would take from them. Pushing
    // characters into that terminal is refused by the filter.
    let terminal = std::io::stdin().is_terminal();

    let mut options: Vec<OsString> = WALLS.iter().map(Into::into).collect();
    if !terminal {
        options.push("--new-session".into());
    }
    let mut layers = boxed.layers;
    for (from, place) in programs::moved() {
        if layers.has(&place) {
            continue;
        }
        layers.put(
            place,
            super::layers::Layer::Bound {
                from,
                writable: false,
            },
        );
    }
    let mut command = Command::new(bubblewrap);
    // What bubblewrap has in its own environment stays readable inside as that of process 1.
    command.env_clear();
    if let Some(settings) = &boxed.git_settings {
        let file = memory_file::file_of("gitconfig", settings.as_bytes()).map_err(failed)?;
        let descriptor = memory_file::inherit(&mut command, file);
        layers.put(
            super::layers::GIT_SETTINGS.into(),
            super::layers::Layer::Handed { descriptor },
        );
    }
    layers.fasten()?;
    options.extend(devices(boxed.limits.memory));
    options.extend(layers.options());
    for (name, value) in &boxed.environment {
        options.extend(["--setenv".into(), name.clone(), value.clone()]);
    }
    options.extend(["--chdir".into(), boxed.directory.into()]);

    let rules = filter::bytes(&filter::program(Means::Namespaces));
    let rules = memory_file::file_of("filter", &rules).map_err(failed)?;
    let rules = memory_file::inherit(&mut command, rules);
    options.extend(["--seccomp".into(), rules.to_string().into()]);
    let options = memory_file::file_of("options", &written(&options)?).map_err(failed)?;
    let options = memory_file::inherit(&mut command, options);
    let control = memory_file::inherit(&mut command, OwnedFd::from(theirs));
    let orders = Orders {
        control,
        limits: Kernel::of(&boxed.limits, 0, boxed.background),
        identities: layers.identities(),
        bridge: boxed.bridge,
        background: boxed.background,
        name: boxed.name,
        program: boxed.program,
        arguments: boxed.arguments,
    };
    command
        .arg("--args")
        .arg(options.to_string())
        .arg("--")
        .arg(format!("{IN_ENGINES_BOX}/bin/cowork-box"))
        .args(orders.words());
    let view = boxed.links_barred.then(OwnView::new);
    // SAFETY: the closure runs between fork and exec and makes system calls that are async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            if let Some(view) = &view {
                view.enter()?;
            }
            keeper::let_signals_through()?;
            for key in [Signal::SIGINT, Signal::SIGQUIT].into_iter().filter(|_| terminal) {
                signal(key, SigHandler::SigIgn)?;
            }
            Ok(())
        });
    }
    if !terminal {
        // A signal to the engine's group is for us to pass on: bubblewrap would end on it and take the box along.
        command.process_group(0);
    }
    let child = command.spawn().map_err(failed)?;
    // The child's ends: our own copies would keep the box from noticing that we are gone.
    drop(command);
    let bounds = Bounds {
        limits: boxed.limits,
        background: boxed.background,
    };
    Ok(keeper::keep(child, &signals, &Way::Control(own), &bounds))
}

/// `/dev` is memory without a bound, and writable, unless it is said otherwise.
fn devices(memory: u64) -> Vec<OsString> {
    let bytes = MOST_SHARED.min(memory / 4).to_string();
    let words = ["--perms", "1777", "--size", &bytes, "--tmpfs", "/dev/shm"];
    words
        .into_iter()
        .chain(["--remount-ro", "/dev"])
        .map(Into::into)
        .collect()
}

/// Bytes that programs may share in `/dev/shm`, which browsers and databases use most.
const MOST_SHARED: u64 = 1 << 30;

fn written(options: &[OsString]) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    for option in options {
        if option.as_bytes().contains(&0) {
            return Err(Refusal::box_failed("options", "one of them holds a zero byte"));
        }
        bytes.extend_from_slice(option.as_bytes());
        bytes.push(0);
    }
    Ok(bytes)
}
