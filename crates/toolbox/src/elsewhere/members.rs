//! Which processes are in a box, as macOS tells: it has neither a control group nor a process namespace, but every process
//! keeps the profile it was started under, and the system answers what a process may do.

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

// Of `libSystem`, which everything is linked to.
unsafe extern "C" {
    /// 0 when the process may do the operation, 1 when not. For a path that is not there it says 1 of everybody.
    fn sandbox_check(
        process: libc::pid_t,
        operation: *const libc::c_char,
        filter: libc::c_int,
        ...
    ) -> libc::c_int;
}

/// The operation is asked about for a path.
const FILTER_PATH: libc::c_int = 1;

/// It is a question, and no try that is to be logged.
const NO_REPORT: libc::c_int = 0x4000_0000;

/// Processes by the user who runs them.
const PROC_UID_ONLY: u32 = 4;

/// A box that starts processes faster than they are ended is left to the next round, and after these to the engine's end.
const ROUNDS: usize = 50;

/// Ends every process that has `with` and not `without`.
pub(super) fn end(without: &Path, with: &Path) {
    let name = |path: &Path| CString::new(path.as_os_str().as_bytes()).ok();
    let (Some(without), Some(with)) = (name(without), name(with)) else {
        return;
    };
    let own = std::process::id().cast_signed();
    // This process has both, or the answers are worth nothing.
    if !may_see(own, &without) || !may_see(own, &with) {
        return;
    }
    for _ in 0..ROUNDS {
        let members: Vec<_> = of_person()
            .into_iter()
            .filter(|process| *process != own && !may_see(*process, &without) && may_see(*process, &with))
            .filter_map(Pid::from_raw)
            .collect();
        if members.is_empty() {
            return;
        }
        for member in members {
            // One that has ended by itself meanwhile is no failure.
            let _gone = kill_process(member, Signal::KILL);
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

fn may_see(process: libc::pid_t, path: &CStr) -> bool {
    // SAFETY: both strings end with a zero and live through the call, which takes one path for this filter.
    let answer = unsafe {
        sandbox_check(
            process,
            c"file-read-metadata".as_ptr(),
            FILTER_PATH | NO_REPORT,
            path.as_ptr(),
        )
    };
    answer == 0
}

/// The processes of the person.
pub(super) fn of_person() -> Vec<libc::pid_t> {
    let user = rustix::process::geteuid().as_raw();
    // SAFETY: without a place to write to it answers with how many bytes it would write.
    let bytes = unsafe { libc::proc_listpids(PROC_UID_ONLY, user, std::ptr::null_mut(), 0) };
    let size = size_of::<libc::pid_t>();
    // Some are started between the two calls.
    let room = usize::try_from(bytes).unwrap_or(0) / size + 64;
    let mut processes: Vec<libc::pid_t> = vec![0; room];
    let Ok(length) = libc::c_int::try_from(room * size) else {
        return Vec::new();
    };
    // SAFETY: the vector has room for as many bytes as are said.
    let bytes = unsafe { libc::proc_listpids(PROC_UID_ONLY, user, processes.as_mut_ptr().cast(), length) };
    processes.truncate(usize::try_from(bytes).unwrap_or(0) / size);
    processes.retain(|process| *process > 0);
    processes
}
