//! The search path as the person's login shell has it.
//!
//! An app started from a desktop's menu has the desktop's search path, without what the person's shell adds: version
//! managers, tools in the home directory. The shell is asked once, beside everything else, and cut off when it is slow.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;

/// For the shell to start and say it. Slow version managers take a second or two.
pub const PATIENCE: Duration = Duration::from_secs(4);
/// Read at most. A shell that prints without end would fill the memory else; a search path has some kilobytes.
const OUTPUT_BYTES: u64 = 256 * 1024;
/// Stands before and after the answer, since start-up files print what they like.
const MARK: &str = "__search_path__";

/// The person's shell, as the environment names it.
#[must_use]
pub fn shell() -> Option<PathBuf> {
    std::env::var_os("SHELL")
        .map(PathBuf::from)
        .filter(|shell| shell.is_absolute())
}

/// Asks `shell` for its search path, as a login shell that reads what an interactive one reads too. `None` when it
/// does not answer in time or in a way that can be read. Unix only; elsewhere the search path is the system's.
pub async fn discover(shell: &Path, patience: Duration) -> Option<OsString> {
    if !cfg!(unix) {
        return None;
    }
    match tokio::time::timeout(patience, ask(shell)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::warn!(%error, shell = %shell.display(), "the login shell did not say its search path");
            None
        }
        Err(_) => {
            tracing::warn!(shell = %shell.display(), ?patience, "the login shell took too long to say its search path");
            None
        }
    }
}

async fn ask(shell: &Path) -> std::io::Result<Option<OsString>> {
    // Asked of a program, because shells spell a variable in different ways.
    let question = format!("printf '%s' '{MARK}'; /usr/bin/env printenv PATH; printf '%s' '{MARK}'");
    let mut command = tokio::process::Command::new(shell);
    command
        .args(["-l", "-i", "-c", &question])
        .env("TERM", "dumb")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // An interactive shell takes over the terminal's foreground else, and stops us.
        .kill_on_drop(true);
    #[cfg(unix)]
    detach(&mut command);
    let mut child = command.spawn()?;
    let output = child.stdout.take();
    // Whatever it started goes with it, also when the time is up.
    let _group = Group(child);
    let mut said = Vec::new();
    let Some(output) = output else { return Ok(None) };
    let mut output = output.take(OUTPUT_BYTES);
    // Not until its end: what a start-up file leaves running may hold the pipe open.
    while output.read_buf(&mut said).await? > 0 {
        if let Some(path) = between_marks(&said) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// A child with a session of its own. Dropping it kills all of that session's first process group.
struct Group(
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "there the child is killed with itself alone")
    )]
    tokio::process::Child,
);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self
            .0
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(rustix::process::Pid::from_raw)
        {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// In a session of its own, so that it has no terminal to take over.
#[cfg(unix)]
fn detach(command: &mut tokio::process::Command) {
    // SAFETY: the closure runs between fork and exec, where only async-signal-safe calls are allowed. It makes one
    // system call, setsid, takes no lock and does not allocate; its error holds a plain number.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            Ok(())
        });
    }
}

fn between_marks(said: &[u8]) -> Option<OsString> {
    let text = String::from_utf8_lossy(said);
    let (_, rest) = text.split_once(MARK)?;
    let (path, _) = rest.split_once(MARK)?;
    let path = path.trim_end_matches(['\r', '\n']);
    let names_directories =
        !path.contains('\n') && std::env::split_paths(OsStr::new(path)).any(|entry| entry.is_absolute());
    names_directories.then(|| path.into())
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn shell_that(does: &str) -> (tempfile::TempDir, PathBuf) {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shell");
        std::fs::write(&path, format!("#!/bin/sh\n{does}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        (directory, path)
    }

    #[tokio::test]
    async fn what_start_up_files_print_is_not_taken_for_the_path() {
        let (_directory, shell) = shell_that(
            "echo welcome; PATH=/opt/tools:/usr/bin:/bin; export PATH; shift 2; exec /bin/sh \"$@\"",
        );
        let found = discover(&shell, Duration::from_secs(20)).await;
        assert_eq!(found, Some("/opt/tools:/usr/bin:/bin".into()));
    }

    #[tokio::test]
    async fn a_shell_that_hangs_or_fails_or_talks_without_end_gives_nothing() {
        for does in ["sleep 3600", "exit 1", "while :; do echo no; done"] {
            let (_directory, shell) = shell_that(does);
            assert_eq!(discover(&shell, Duration::from_millis(500)).await, None, "{does}");
        }
        assert_eq!(discover(Path::new("/does/not/exist"), PATIENCE).await, None);
    }
}
