//! Which kind of box this machine can do: by trying.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cowork_policy::confinement::Means;

use super::{landlock_box, namespaces, programs, view};
use crate::means::Possible;

/// bubblewrap covers what the administrator could write of `/proc`, and the kernel gives no second `/proc` where the
/// first one is covered.
const AS_ROOT: &str = "No box fits into the engine's when the app is run by the administrator. Run it as an ordinary \
                       user.";

/// Twenty times what it takes on an idle machine.
const TRIAL: Duration = Duration::from_secs(2);

/// What the engine's own box is made of, as far as it could stand in the way of another within.
const OUTER: &[&str] = &[
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--cap-drop",
    "ALL",
    "--bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
];

pub(crate) fn probe() -> Possible {
    let reason = match try_namespaces() {
        Ok(()) => {
            return Possible {
                means: Some(Means::Namespaces),
                bars_links: programs::system("bwrap").is_some_and(|program| view::is_possible(&program)),
                reason: "Commands run in namespaces of their own.".to_owned(),
            };
        }
        Err(reason) => reason,
    };
    let version = landlock_box::version();
    if version == 0 {
        return Possible {
            means: None,
            bars_links: false,
            reason: format!("{reason} This kernel has no Landlock to do without it."),
        };
    }
    let mut less = "no network at all, and file modes outside of the folder can be changed".to_owned();
    if version < 6 {
        less.push_str(", and signals reach your other programs");
    }
    Possible {
        means: Some(Means::Landlock),
        bars_links: false,
        reason: format!("{reason} Until then commands are held by Landlock {version}: {less}."),
    }
}

fn try_namespaces() -> Result<(), String> {
    if rustix::process::geteuid().is_root() {
        return Err(AS_ROOT.to_owned());
    }
    let Some(bubblewrap) = programs::system("bwrap") else {
        return Err(
            "bubblewrap is not installed. Install the package bubblewrap and start the engine again."
                .to_owned(),
        );
    };
    let allow = "Allow user namespaces for bubblewrap 0.8 or later (on Ubuntu by an AppArmor profile) and start the engine again.";
    let child = Command::new(&bubblewrap)
        .args(OUTER)
        .arg("--")
        .arg(&bubblewrap)
        .args(
            namespaces::WALLS
                .iter()
                .filter(|wall| **wall != "--die-with-parent"),
        )
        .args(["--size", "65536", "--tmpfs", "/tmp", "--"])
        .arg(&bubblewrap)
        .arg("--version")
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.map_err(|error| format!("bubblewrap could not be run: {error}. {allow}"))?;
    let end = Instant::now() + TRIAL;
    while Instant::now() < end {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(_)) => {
                let mut said = String::new();
                if let Some(mut stderr) = child.stderr.take() {
                    let _unread = std::io::Read::read_to_string(&mut stderr, &mut said);
                }
                return Err(format!("bubblewrap refused: {}. {allow}", said.trim()));
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
            Err(error) => return Err(format!("bubblewrap was lost: {error}. {allow}")),
        }
    }
    let _gone = child.kill();
    let _reaped = child.wait();
    Err(format!("bubblewrap did not answer. {allow}"))
}
