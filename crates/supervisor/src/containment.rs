//! How an engine is bound to us, so that it and its children end when we do, and what it cannot reach meanwhile.

use std::path::{Path, PathBuf};

use crate::plan::Confinement;
use crate::process_table::{descendants, kill_survivors};
use crate::walls::NAMESPACES;
#[cfg(target_os = "linux")]
use crate::walls::REAL;

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
/// Where a wrapper stands in front of the shells, the shell behind it is called: it is there at its own path, links
/// resolved.
#[cfg(target_os = "linux")]
pub(crate) fn threshold(behind_wrapper: bool) -> Vec<String> {
    let shell = Path::new("/bin/sh");
    let mut words = if behind_wrapper {
        let own = std::fs::canonicalize(shell).unwrap_or_else(|_| shell.to_owned());
        by_own_name(&own, &Path::new(REAL).join(own.strip_prefix("/").unwrap_or(&own)))
    } else {
        vec![shell.to_string_lossy().into_owned()]
    };
    let wait = r#"echo "$0"; read -r _ && exec "$@" < /dev/null"#;
    words.extend(["-c", wait, BOX_STANDS].map(str::to_owned));
    words
}

/// How the shell at `own` is called where it is `now`. What is many programs in one is told which by a word: its name, which
/// told it otherwise, is its own there.
#[cfg(target_os = "linux")]
fn by_own_name(own: &Path, now: &Path) -> Vec<String> {
    let name = own.file_name().unwrap_or_default().to_string_lossy();
    let is_many = ["busybox", "toybox"].iter().any(|many| name.starts_with(many));
    let word = is_many.then(|| "sh".to_owned());
    [now.to_string_lossy().into_owned()]
        .into_iter()
        .chain(word)
        .collect()
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
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("bubblewrap could not be run")?;
    let process = trial.id();
    let mut ended = Box::pin(trial.wait_with_output());
    let Ok(output) = tokio::time::timeout(TRIAL, &mut ended).await else {
        // Its inner half does not end with it: it waits for ever for what the outer half did not say.
        let ending = tokio::task::spawn_blocking(move || {
            let below = process.map(descendants).unwrap_or_default();
            drop(ended);
            kill_survivors(&below)
        });
        let left = ending.await.context("ending bubblewrap")?;
        anyhow::ensure!(left == 0, "bubblewrap did not answer, and could not be ended");
        anyhow::bail!("bubblewrap did not answer");
    };
    let output = output.context("bubblewrap could not be run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "bubblewrap refused: {}", said.trim());
    WORKED.get_or_init(|| bubblewrap.to_owned());
    Ok(())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_shell_that_is_one_of_many_programs_in_one_is_told_that_it_is_meant() {
        let call = |own: &str| by_own_name(Path::new(own), Path::new("/real/it"));
        for many in ["/bin/busybox", "/usr/bin/busybox.static", "/bin/toybox"] {
            assert_eq!(call(many), ["/real/it", "sh"], "{many}");
        }
        for one in ["/usr/bin/dash", "/usr/bin/bash", "/opt/my-shell"] {
            assert_eq!(call(one), ["/real/it"], "{one}");
        }
        let words = threshold(true);
        assert_eq!(words.last().map(String::as_str), Some(BOX_STANDS));
        assert!(words[0].starts_with(REAL));
    }

    #[tokio::test]
    async fn a_bubblewrap_that_hangs_is_ended_with_its_inner_half() {
        let directory = tempfile::tempdir().unwrap();
        let (program, list) = (directory.path().join("bwrap"), directory.path().join("pids"));
        let script = format!(
            "#!/bin/sh\nsetsid sleep 63 &\necho $! > {0}; echo $$ >> {0}; wait\n",
            list.display()
        );
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let error = try_box(&program).await.unwrap_err();
        assert_eq!(error.to_string(), "bubblewrap did not answer");
        let started = std::fs::read_to_string(&list).unwrap();
        assert_eq!(started.lines().count(), 2);
        let lives = |pid: &str| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
            stat.is_ok_and(|stat| !stat.contains(") Z "))
        };
        // The outer half is killed as it is let go, and is gone a moment later.
        for _ in 0..100 {
            if !started.lines().any(lives) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("something is left of {started}");
    }
}
