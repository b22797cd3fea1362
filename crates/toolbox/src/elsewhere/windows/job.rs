//! The job of a box: all that runs in it, how much it may use, and its end.

use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr;

use cowork_policy::confinement::{Limit, Limits};
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::JobObjects::{
    CreateJobObjectW, JOB_OBJECT_LIMIT_ACTIVE_PROCESS, JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
    JOB_OBJECT_LIMIT_JOB_MEMORY, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOB_OBJECT_LIMIT_PRIORITY_CLASS,
    JOB_OBJECT_LIMIT_PROCESS_MEMORY, JOB_OBJECT_LIMIT_PROCESS_TIME, JOB_OBJECT_UILIMIT_DESKTOP,
    JOB_OBJECT_UILIMIT_DISPLAYSETTINGS, JOB_OBJECT_UILIMIT_EXITWINDOWS, JOB_OBJECT_UILIMIT_GLOBALATOMS,
    JOB_OBJECT_UILIMIT_HANDLES, JOB_OBJECT_UILIMIT_READCLIPBOARD, JOB_OBJECT_UILIMIT_SYSTEMPARAMETERS,
    JOB_OBJECT_UILIMIT_WRITECLIPBOARD, JOBOBJECT_BASIC_LIMIT_INFORMATION, JOBOBJECT_BASIC_UI_RESTRICTIONS,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectBasicUIRestrictions, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::BELOW_NORMAL_PRIORITY_CLASS;

/// A job. With its last handle, which is this one, all that is in it ends.
pub(super) struct Job(OwnedHandle);

/// Nothing in it speaks to windows of others, takes or leaves something at the clipboard, or changes the session.
const ALONE: u32 = JOB_OBJECT_UILIMIT_DESKTOP
    | JOB_OBJECT_UILIMIT_DISPLAYSETTINGS
    | JOB_OBJECT_UILIMIT_EXITWINDOWS
    | JOB_OBJECT_UILIMIT_GLOBALATOMS
    | JOB_OBJECT_UILIMIT_HANDLES
    | JOB_OBJECT_UILIMIT_READCLIPBOARD
    | JOB_OBJECT_UILIMIT_SYSTEMPARAMETERS
    | JOB_OBJECT_UILIMIT_WRITECLIPBOARD;

/// Time there is counted in ten-millionths of a second.
const TICKS: u64 = 10_000_000;

impl Job {
    /// One with these limits. Open files and the size of a file are not among what a job holds.
    ///
    /// # Errors
    /// When the system makes none, or takes not all of the limits.
    pub(super) fn with(limits: &Limits, background: bool) -> io::Result<Self> {
        // SAFETY: nothing is given; the handle is ours alone, once it is one.
        let job = unsafe {
            let handle = CreateJobObjectW(ptr::null(), ptr::null());
            if handle.is_null() {
                return Err(io::Error::last_os_error());
            }
            Self(OwnedHandle::from_raw_handle(handle))
        };
        let processor = if background {
            Limit::BackgroundProcessor
        } else {
            Limit::Processor
        };
        let ticks = processor.of(limits).saturating_mul(TICKS);
        let mut flags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
            | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION
            | JOB_OBJECT_LIMIT_ACTIVE_PROCESS
            | JOB_OBJECT_LIMIT_JOB_MEMORY
            | JOB_OBJECT_LIMIT_PROCESS_MEMORY
            | JOB_OBJECT_LIMIT_PROCESS_TIME;
        if background {
            flags |= JOB_OBJECT_LIMIT_PRIORITY_CLASS;
        }
        job.set(
            JobObjectExtendedLimitInformation,
            &JOBOBJECT_EXTENDED_LIMIT_INFORMATION {
                BasicLimitInformation: JOBOBJECT_BASIC_LIMIT_INFORMATION {
                    PerProcessUserTimeLimit: i64::try_from(ticks).unwrap_or(i64::MAX),
                    LimitFlags: flags,
                    ActiveProcessLimit: u32::try_from(limits.processes).unwrap_or(u32::MAX),
                    PriorityClass: BELOW_NORMAL_PRIORITY_CLASS,
                    ..JOBOBJECT_BASIC_LIMIT_INFORMATION::default()
                },
                ProcessMemoryLimit: usize::try_from(limits.process_memory).unwrap_or(usize::MAX),
                JobMemoryLimit: usize::try_from(limits.memory).unwrap_or(usize::MAX),
                ..JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default()
            },
        )?;
        job.set(
            JobObjectBasicUIRestrictions,
            &JOBOBJECT_BASIC_UI_RESTRICTIONS {
                UIRestrictionsClass: ALONE,
            },
        )?;
        Ok(job)
    }

    pub(super) fn handle(&self) -> HANDLE {
        self.0.as_raw_handle()
    }

    fn set<Said>(&self, kind: i32, said: &Said) -> io::Result<()> {
        let length = u32::try_from(size_of::<Said>()).map_err(io::Error::other)?;
        // SAFETY: what is said lives through the call, and is as long as is said.
        let answer =
            unsafe { SetInformationJobObject(self.handle(), kind, ptr::from_ref(said).cast(), length) };
        if answer == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}
