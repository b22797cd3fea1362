//! How an engine is bound to us, so that it and its children end when we do, and what it cannot reach meanwhile.

use std::path::{Path, PathBuf};

use crate::plan::Confinement;
use crate::walls::{NAMESPACES, REAL};

/// How the running engine is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Containment {
    /// Linux: it lives in a box of bubblewrap's: a pid namespace of its own, which the kernel empties when the wrapper
    /// or we die, with a `/proc` and a `/run` of its own and covers over what a [`Shelter`] names. Nothing in it can
    /// escape, not even a child with a session of its own.
    Box,
    /// Linux: the kernel kills the engine when we die. Children with a session of their own are found by the nonce
    /// in their environment when the engine ends under our eyes, or else at the next start in the same home.
    ParentDeathSignal,
    /// macOS: a watcher that holds the other end of a pipe of ours kills the engine's process group when we die.
    Watched,
    /// Windows: a job object, which the system empties when we die.
    Job,
}

/// The program that is really spawned, and its options.
#[derive(Clone, Debug)]
pub(crate) struct Wrapper {
    pub(crate) containment: Containment,
    /// Why there is no box, and what would help.
    pub(crate) unboxed: Option<String>,
    pub(crate) bubblewrap: Option<PathBuf>,
}

const INSTALL: &str = "Install the package bubblewrap and start the engine again.";
const ALLOW: &str =
    "Allow user namespaces for bubblewrap (on Ubuntu by an AppArmor profile) and start the engine again.";

impl Wrapper {
    /// The strongest that `wanted` allows and this machine can do.
    pub(crate) async fn choose(wanted: Confinement) -> Self {
        let without = |containment, reason: String| Self {
            containment,
            unboxed: Some(reason),
            bubblewrap: None,
        };
        if cfg!(windows) {
            return without(
                Containment::Job,
                "There is no box for it on Windows yet.".to_owned(),
            );
        }
        if !cfg!(target_os = "linux") {
            let reason = "There is no box for it on this system yet.";
            return without(Containment::Watched, reason.to_owned());
        }
        match wanted {
            Confinement::Watched => without(Containment::Watched, "A watcher was asked for.".to_owned()),
            Confinement::WithoutBox => {
                without(Containment::ParentDeathSignal, "No box was asked for.".to_owned())
            }
            Confinement::Strongest => match find_bubblewrap() {
                None => {
                    let reason = format!("bubblewrap is not installed. {INSTALL}");
                    without(Containment::ParentDeathSignal, reason)
                }
                Some(bubblewrap) => match try_box(&bubblewrap).await {
                    Ok(()) => Self {
                        containment: Containment::Box,
                        unboxed: None,
                        bubblewrap: Some(bubblewrap),
                    },
                    Err(error) => {
                        let reason = format!("{error:#}. {ALLOW}");
                        tracing::warn!(reason, "no box for the engine");
                        without(Containment::ParentDeathSignal, reason)
                    }
                },
            },
        }
    }
}

/// What runs in the box before the engine: it says that the box stands, and goes on only when it is told to.
///
/// bubblewrap arms its own parent-death signal in the middle of making the box. An app that is killed before would leave
/// an engine to nobody; one that is killed cannot say go on, and this ends with its input.
///
/// Where a wrapper stands in front of the shells, the shell behind it is called.
pub(crate) fn threshold(behind_wrapper: bool) -> [String; 4] {
    let shell = if behind_wrapper {
        format!("{REAL}/sh")
    } else {
        "/bin/sh".to_owned()
    };
    let wait = r#"echo "$0"; read -r _ && exec "$@" < /dev/null"#;
    [shell, "-c".to_owned(), wait.to_owned(), BOX_STANDS.to_owned()]
}

/// The line that says so. No engine prints it.
pub(crate) const BOX_STANDS: &str = "the engine's box stands";

/// Twenty times what it takes on an idle machine.
const TRIAL: std::time::Duration = std::time::Duration::from_secs(2);

fn find_bubblewrap() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|entry| entry.is_absolute())
        .map(|entry| entry.join("bwrap"))
        .find(|candidate| candidate.is_file())
}

/// Whether a box can be made is a matter of kernel settings, security modules and containers; trying is the only way
/// to know. What is run inside is the one program that is certainly there: bubblewrap itself.
///
/// Once is enough: a restart costs less then, and one that is given up leaves no trial behind.
async fn try_box(bubblewrap: &Path) -> anyhow::Result<()> {
    use anyhow::Context as _;
    static WORKED: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    if WORKED.get().is_some_and(|worked| worked == bubblewrap) {
        return Ok(());
    }
    let trial = tokio::process::Command::new(bubblewrap)
        // The thread it is spawned from may end before it does.
        .args(NAMESPACES.iter().filter(|wall| **wall != "--die-with-parent"))
        .args(["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"])
        .arg("--")
        .arg(bubblewrap)
        .arg("--version")
        .env_clear()
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(TRIAL, trial)
        .await
        .context("bubblewrap did not answer")?
        .context("bubblewrap could not be run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "bubblewrap refused: {}", said.trim());
    WORKED.get_or_init(|| bubblewrap.to_owned());
    Ok(())
}
