//! Starting a program with a token of its own in a container and a job, and waiting for it.

use std::ffi::OsString;
use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::PathBuf;
use std::ptr;

use windows_sys::Win32::Foundation::{
    DUPLICATE_SAME_ACCESS, DuplicateHandle, HANDLE, INVALID_HANDLE_VALUE, WAIT_OBJECT_0,
};
use windows_sys::Win32::Security::SECURITY_CAPABILITIES;
use windows_sys::Win32::System::Console::{
    GetStdHandle, STD_ERROR_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE,
};
use windows_sys::Win32::System::Threading::{
    CREATE_NO_WINDOW, CREATE_UNICODE_ENVIRONMENT, CreateProcessAsUserW, DeleteProcThreadAttributeList,
    EXTENDED_STARTUPINFO_PRESENT, GetCurrentProcess, GetExitCodeProcess, INFINITE,
    InitializeProcThreadAttributeList, LPPROC_THREAD_ATTRIBUTE_LIST, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
    PROC_THREAD_ATTRIBUTE_JOB_LIST, PROC_THREAD_ATTRIBUTE_SECURITY_CAPABILITIES, PROCESS_INFORMATION,
    STARTF_USESTDHANDLES, STARTUPINFOEXW, STARTUPINFOW, UpdateProcThreadAttribute, WaitForSingleObject,
};

use super::container::{Container, wide};
use super::job::Job;

/// What is to be started, and with what.
pub(super) struct Start<'a> {
    pub(super) command_line: OsString,
    pub(super) environment: Vec<u16>,
    pub(super) directory: PathBuf,
    pub(super) token: &'a OwnedHandle,
    pub(super) container: &'a Container,
    pub(super) job: &'a Job,
}

impl Start<'_> {
    /// Runs it to its end, and gives its exit code.
    ///
    /// # Errors
    /// When the system does not start it.
    pub(super) fn run(&self) -> io::Result<u32> {
        let capabilities = SECURITY_CAPABILITIES {
            AppContainerSid: self.container.identity(),
            ..SECURITY_CAPABILITIES::default()
        };
        let streams = Streams::of_ours()?;
        let inherited = streams.distinct();
        let jobs = [self.job.handle()];
        let mut attributes = Attributes::with_room(3)?;
        // SAFETY: each of the three lives, where it is, until the process was started.
        unsafe {
            attributes.set(
                PROC_THREAD_ATTRIBUTE_SECURITY_CAPABILITIES,
                std::slice::from_ref(&capabilities),
            )?;
            attributes.set(PROC_THREAD_ATTRIBUTE_JOB_LIST, &jobs)?;
            if !inherited.is_empty() {
                attributes.set(PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &inherited)?;
            }
        }
        let [input, output, error] = streams.raw();
        let startup = STARTUPINFOEXW {
            StartupInfo: STARTUPINFOW {
                cb: u32::try_from(size_of::<STARTUPINFOEXW>()).map_err(io::Error::other)?,
                dwFlags: STARTF_USESTDHANDLES,
                hStdInput: input,
                hStdOutput: output,
                hStdError: error,
                ..STARTUPINFOW::default()
            },
            lpAttributeList: attributes.list(),
        };
        let mut command_line = wide(&self.command_line);
        let directory = wide(self.directory.as_os_str());
        let mut flags = CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT;
        if !io::IsTerminal::is_terminal(&io::stdin()) {
            // None flashes up for a command of the engine's.
            flags |= CREATE_NO_WINDOW;
        }
        let mut started = PROCESS_INFORMATION::default();
        // SAFETY: all that is pointed to lives through the call: the strings and the environment end with their zeros, the
        // line is ours to be written in, and the longer form of the startup information is announced by its size and a
        // flag. The first word of the line is quoted, so that no part of its path is taken for the program.
        let answer = unsafe {
            CreateProcessAsUserW(
                self.token.as_raw_handle(),
                ptr::null(),
                command_line.as_mut_ptr(),
                ptr::null(),
                ptr::null(),
                i32::from(!inherited.is_empty()),
                flags,
                self.environment.as_ptr().cast(),
                directory.as_ptr(),
                (&raw const startup).cast(),
                &raw mut started,
            )
        };
        if answer == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: both handles are ours alone.
        let (process, _thread) = unsafe {
            (
                OwnedHandle::from_raw_handle(started.hProcess),
                OwnedHandle::from_raw_handle(started.hThread),
            )
        };
        drop(streams);
        exit_code(&process)
    }
}

fn exit_code(process: &OwnedHandle) -> io::Result<u32> {
    // SAFETY: the handle is open.
    if unsafe { WaitForSingleObject(process.as_raw_handle(), INFINITE) } != WAIT_OBJECT_0 {
        return Err(io::Error::last_os_error());
    }
    let mut code = 0;
    // SAFETY: the handle is open, and the number is written to a place of ours.
    if unsafe { GetExitCodeProcess(process.as_raw_handle(), &raw mut code) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(code)
}

/// Copies of our input, output and errors that a child has as well. It has no other handle of ours.
struct Streams([Option<OwnedHandle>; 3]);

impl Streams {
    fn of_ours() -> io::Result<Self> {
        let copy = |which: u32| {
            // SAFETY: nothing is given.
            let own = unsafe { GetStdHandle(which) };
            if own.is_null() || own == INVALID_HANDLE_VALUE {
                return Ok(None);
            }
            let mut copy = ptr::null_mut();
            // SAFETY: the handle is one of this process, which needs none to name itself; the copy is written to a place
            // of ours.
            let answer = unsafe {
                let this = GetCurrentProcess();
                DuplicateHandle(this, own, this, &raw mut copy, 0, 1, DUPLICATE_SAME_ACCESS)
            };
            if answer == 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: the copy is ours alone.
            Ok(Some(unsafe { OwnedHandle::from_raw_handle(copy) }))
        };
        Ok(Self([
            copy(STD_INPUT_HANDLE)?,
            copy(STD_OUTPUT_HANDLE)?,
            copy(STD_ERROR_HANDLE)?,
        ]))
    }

    fn raw(&self) -> [HANDLE; 3] {
        [0, 1, 2].map(|index: usize| {
            let stream = self.0[index].as_ref();
            stream.map_or(ptr::null_mut(), OwnedHandle::as_raw_handle)
        })
    }

    /// The system takes no list with nothing in it.
    fn distinct(&self) -> Vec<HANDLE> {
        self.raw()
            .into_iter()
            .filter(|handle| !handle.is_null())
            .collect()
    }
}

/// What a process is started with beside the usual.
struct Attributes(Vec<usize>);

impl Attributes {
    fn with_room(count: u32) -> io::Result<Self> {
        let mut bytes = 0;
        // SAFETY: without a list the call says how long one is, and fails.
        unsafe { InitializeProcThreadAttributeList(ptr::null_mut(), count, 0, &raw mut bytes) };
        // In words, which are aligned as a list of pointers has to be.
        let mut list = Self(vec![0; bytes.div_ceil(size_of::<usize>())]);
        // SAFETY: the list has as many bytes as the call asked for.
        if unsafe { InitializeProcThreadAttributeList(list.list(), count, 0, &raw mut bytes) } == 0 {
            // It is not one, and so must not be deleted as one.
            list.0.clear();
            return Err(io::Error::last_os_error());
        }
        Ok(list)
    }

    fn list(&mut self) -> LPPROC_THREAD_ATTRIBUTE_LIST {
        self.0.as_mut_ptr().cast()
    }

    /// # Safety
    /// The list keeps where `values` are: they must live there until the process was started.
    unsafe fn set<Value>(&mut self, attribute: u32, values: &[Value]) -> io::Result<()> {
        // SAFETY: the list is one, and the values are as long as is said; the caller keeps them.
        let answer = unsafe {
            UpdateProcThreadAttribute(
                self.list(),
                0,
                attribute as usize,
                values.as_ptr().cast(),
                size_of_val(values),
                ptr::null_mut(),
                ptr::null(),
            )
        };
        if answer == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            // SAFETY: the list is one, and no process is being started with it any more.
            unsafe { DeleteProcThreadAttributeList(self.list()) };
        }
    }
}
