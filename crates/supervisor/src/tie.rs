//! What ends an engine when we die, where no signal of the kernel does.

use std::io;
use std::process::Child;

use crate::containment::Containment;

/// Held while the engine lives. What it stands for acts when this process dies without having dropped it.
pub(crate) struct Tie {
    #[cfg(unix)]
    watcher: Option<Child>,
    #[cfg(windows)]
    _job: win32job::Job,
}

/// Reads until the pipe closes, which it does when the one process that holds its other end is gone, and then kills
/// the group. A person's Ctrl+C or an end of the session does not reach it: it has a group of its own.
#[cfg(unix)]
const WATCH: &str = r#"read -r _; kill -9 "-$1""#;

#[cfg(unix)]
impl Tie {
    /// # Errors
    /// When there is no watcher to be had; the engine is killed then.
    pub(crate) fn bind(mut child: Child, containment: Containment) -> io::Result<(Child, Self)> {
        use std::os::unix::process::CommandExt as _;
        if containment != Containment::Watched {
            return Ok((child, Self { watcher: None }));
        }
        let watcher = std::process::Command::new("/bin/sh")
            .args(["-c", WATCH, "engine-watcher", &child.id().to_string()])
            .env_clear()
            .current_dir("/")
            .process_group(0)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn();
        match watcher {
            Ok(watcher) => Ok((
                child,
                Self {
                    watcher: Some(watcher),
                },
            )),
            Err(error) => {
                end(&mut child, "an engine without a watcher");
                Err(error)
            }
        }
    }
}

#[cfg(unix)]
impl Drop for Tie {
    fn drop(&mut self) {
        if let Some(watcher) = &mut self.watcher {
            end(watcher, "the engine's watcher");
        }
    }
}

#[cfg(windows)]
impl Tie {
    /// # Errors
    /// When there is no job to be had; the engine is killed then.
    pub(crate) fn bind(mut child: Child, _containment: Containment) -> io::Result<(Child, Self)> {
        use std::os::windows::io::AsRawHandle as _;
        let assigned = (|| {
            let mut limits = win32job::ExtendedLimitInfo::new();
            limits.limit_kill_on_job_close();
            let job = win32job::Job::create_with_limit_info(&limits)?;
            job.assign_process(child.as_raw_handle() as isize)?;
            Ok::<_, win32job::JobError>(job)
        })();
        match assigned {
            Ok(job) => Ok((child, Self { _job: job })),
            Err(error) => {
                end(&mut child, "an engine without a job");
                Err(io::Error::other(error))
            }
        }
    }
}

fn end(child: &mut Child, what: &str) {
    if let Err(error) = child.kill().and_then(|()| child.wait().map(drop)) {
        tracing::warn!(%error, what, "ending a process");
    }
}
