//! The box as Windows makes it: a restricted token in an `AppContainer` without capabilities, and a job. Unverified: it was
//! compiled, and never run.
//!
//! An `AppContainer` without capabilities connects nowhere, this machine included, and has no file but those that name it
//! or all containers: the system and installed programs, and nothing of a person's home. A token alone could cut neither
//! the network nor reading. The token under it has lost its privileges and the administrators' rights. The job ends
//! all that was started, with the command or with the wrapper, and holds the limits.

#[cfg(windows)]
mod container;
#[cfg(windows)]
mod job;
#[cfg(windows)]
mod process;
#[cfg(windows)]
mod rights;
#[cfg(windows)]
mod token;
mod words;

#[cfg(windows)]
pub(super) use entry::{may_end, may_look_into, run};

#[cfg(windows)]
mod entry {
    use std::io;
    use std::path::PathBuf;

    use windows_sys::Win32::Foundation::CloseHandle;
    use windows_sys::Win32::System::Threading::{OpenProcess, PROCESS_TERMINATE, PROCESS_VM_READ};

    use super::super::run::Boxed;
    use super::container::Container;
    use super::job::Job;
    use super::rights::{Right, give};
    use super::words::{command_line, container_name, environment_block, plain_spelling};
    use super::{process, token};
    use crate::Refusal;

    /// Shells of Git for Windows, of MSYS2 and of Cygwin make objects in a place that no container may write to, and so do
    /// not start in one.
    const START: [&str; 2] = ["powershell.exe", "pwsh.exe"];

    /// Runs it, and gives its exit code.
    pub(in crate::elsewhere) fn run(boxed: &Boxed<'_>) -> Result<u8, Refusal> {
        let failed = |what: &'static str| move |error: io::Error| Refusal::box_failed(what, error);
        let program = plain_spelling(&boxed.program);
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.strip_suffix(".exe").unwrap_or(&name);
        if cowork_policy::confinement::SHELLS.contains(&stem) && !START.contains(&&*name) {
            return Err(Refusal::new(
                format!("{name} does not start in a box of Windows"),
                "Run the command with PowerShell",
            ));
        }
        // What was granted before and taken back names a container that is not used any more.
        let container = Container::named(&container_name(boxed.rules, boxed.folder));
        let container = container.map_err(failed("its container"))?;
        for (path, right) in places(boxed) {
            give(&path, &container, right).map_err(failed("its rights to files"))?;
        }
        let token = token::restricted().map_err(failed("its token"))?;
        let job = Job::with(&boxed.folder.limits, boxed.background).map_err(failed("its limits"))?;
        let started = process::Start {
            command_line: command_line(program.as_os_str(), &boxed.arguments),
            environment: environment_block(&boxed.environment),
            directory: plain_spelling(&boxed.directory),
            token: &token,
            container: &container,
            job: &job,
        };
        let code = started.run().map_err(failed("starting it"))?;
        // What it left behind ends with the job, which is closed with us at the latest.
        drop(job);
        // Exit codes are wider there than what a wrapper hands on. None that is not 0 becomes 0.
        Ok(u8::try_from(code).unwrap_or(u8::MAX))
    }

    fn places(boxed: &Boxed<'_>) -> Vec<(PathBuf, Right)> {
        let mut places = vec![
            (boxed.folder.path.clone(), Right::Change),
            (boxed.folder.home.clone(), Right::Change),
            (boxed.wrapper.clone(), Right::Read),
        ];
        for grant in &boxed.folder.granted {
            let right = if grant.writable {
                Right::Change
            } else {
                Right::Read
            };
            places.push((grant.path.clone(), right));
        }
        let opened = boxed.rules.opened.iter().filter(|path| path.exists());
        places.extend(opened.map(|path| (path.clone(), Right::Change)));
        let to_read = boxed.rules.read_only.iter().chain(&boxed.rules.opened_to_read);
        let to_read = to_read.filter(|path| path.exists());
        places.extend(to_read.map(|path| (path.clone(), Right::Read)));
        places.extend(boxed.snapshot.clone().map(|path| (path, Right::Change)));
        places
    }

    /// Whether this process may end another one.
    pub(in crate::elsewhere) fn may_end(process: u32) -> bool {
        may(process, PROCESS_TERMINATE)
    }

    /// Whether this process may read the memory of another one, and with it its environment.
    pub(in crate::elsewhere) fn may_look_into(process: u32) -> bool {
        may(process, PROCESS_VM_READ)
    }

    fn may(process: u32, right: u32) -> bool {
        // SAFETY: opening a process takes no memory of ours.
        let handle = unsafe { OpenProcess(right, 0, process) };
        if handle.is_null() {
            return false;
        }
        // SAFETY: the handle is ours, and is not used again.
        unsafe { CloseHandle(handle) };
        true
    }
}
