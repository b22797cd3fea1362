//! How an engine is bound to us, so that it and its children end when we do.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::plan::Confinement;

/// How the running engine is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Containment {
    /// Linux: it lives in a pid namespace of its own, which the kernel empties when the wrapper or we die. Nothing
    /// in it can escape, not even a child with a session of its own.
    PidNamespace,
    /// Linux: the kernel kills the engine when we die. Children with a session of their own are found by their
    /// environment when the engine ends under our eyes, or else at the next start in the same home.
    ParentDeathSignal,
    /// macOS, Windows: nothing ties it to our death; the next start in the same home ends what was left.
    Unbound,
}

/// The program that is really spawned, and its arguments before those of the engine.
#[derive(Clone, Debug)]
pub(crate) struct Wrapper {
    pub(crate) containment: Containment,
    pub(crate) command: Option<(PathBuf, Vec<OsString>)>,
}

impl Wrapper {
    /// The strongest that `wanted` allows and this machine can do.
    pub(crate) async fn choose(wanted: Confinement) -> Self {
        if cfg!(target_os = "linux") {
            if wanted == Confinement::Strongest
                && let Some(bubblewrap) = find_bubblewrap()
            {
                match try_namespace(&bubblewrap).await {
                    Ok(()) => {
                        let arguments = [&["--die-with-parent"][..], NAMESPACE, &["--"]].concat();
                        let arguments = arguments.into_iter().map(OsString::from).collect();
                        return Self {
                            containment: Containment::PidNamespace,
                            command: Some((bubblewrap, arguments)),
                        };
                    }
                    Err(error) => {
                        tracing::info!(error = format!("{error:#}"), "no pid namespace for the engine");
                    }
                }
            }
            return Self {
                containment: Containment::ParentDeathSignal,
                command: None,
            };
        }
        Self {
            containment: Containment::Unbound,
            command: None,
        }
    }
}

/// The whole file system as it is, with devices, and a `/proc` that fits the new namespace.
const NAMESPACE: &[&str] = &[
    "--unshare-pid",
    "--bind",
    "/",
    "/",
    "--dev-bind",
    "/dev",
    "/dev",
    "--proc",
    "/proc",
];

/// Twenty times what it takes on an idle machine.
const TRIAL: std::time::Duration = std::time::Duration::from_secs(2);

fn find_bubblewrap() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .filter(|entry| entry.is_absolute())
        .map(|entry| entry.join("bwrap"))
        .find(|candidate| candidate.is_file())
}

/// Whether namespaces can be made is a matter of kernel settings, security modules and containers; trying is the
/// only way to know. What is run inside is the one program that is certainly there: bubblewrap itself.
async fn try_namespace(bubblewrap: &Path) -> anyhow::Result<()> {
    use anyhow::Context as _;
    let trial = tokio::process::Command::new(bubblewrap)
        .args(NAMESPACE)
        .arg("--")
        .arg(bubblewrap)
        .arg("--version")
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(TRIAL, trial)
        .await
        .context("bubblewrap did not answer")?
        .context("running bubblewrap")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "bubblewrap refused: {}", said.trim());
    Ok(())
}
