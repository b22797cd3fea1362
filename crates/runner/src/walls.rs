//! The box of a code block, as bubblewrap is told to make it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Seek as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::MemfdFlags;
use rustix::io::FdFlags;
use rustix::pipe::PipeFlags;

use crate::filter;
use crate::find::SYSTEM_ROOTS;
use crate::keeper::Boxed;
use crate::limits::PhaseLimits;
use crate::recipe::Job;

/// What of `/etc` programs need: where libraries and alternatives are, certificates, the clock, Java's settings. No
/// names of users, no secrets.
const SETTINGS: [&str; 9] = [
    "alternatives",
    "ca-certificates",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "pki/tls/certs",
    "ssl/certs",
    "ssl/openssl.cnf",
];

/// Directories that programs expect and that are empty.
const EMPTY: [&str; 9] = [
    "/etc", "/home", "/root", "/run", "/var/tmp", "/mnt", "/media", "/srv", "/boot",
];

/// How far what runs in a box stands back behind the person's own programs; 19 is the farthest.
const NICENESS: i32 = 10;

/// How bubblewrap is used here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bubblewrap {
    pub(crate) program: PathBuf,
    /// Whether it knows how to close user namespaces inside; since 0.8. Without, the filter of system calls does.
    pub(crate) disables_user_namespaces: bool,
}

/// A box for `job`.
///
/// # Errors
/// The system gives no descriptors.
pub(crate) fn boxed(bubblewrap: &Bubblewrap, job: &Job<'_>, limits: &PhaseLimits) -> io::Result<Boxed> {
    let mut command = Command::new(&bubblewrap.program);
    // What bubblewrap has in its environment can be read inside.
    command.env_clear();
    let mut handed = Vec::new();
    let program = filter::program();
    if !program.is_empty() {
        let mut file = fs::File::from(rustix::fs::memfd_create("filter", MemfdFlags::CLOEXEC)?);
        file.write_all(&program)?;
        file.rewind()?;
        command.arg("--seccomp").arg(file.as_raw_fd().to_string());
        handed.push(OwnedFd::from(file));
    }
    let (status, said) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    command.arg("--json-status-fd").arg(said.as_raw_fd().to_string());
    handed.push(said);
    command.args(options(bubblewrap, job, limits));
    let inherit = move || {
        // Only in the child, so that no other program that is started meanwhile inherits them.
        for descriptor in &handed {
            rustix::io::fcntl_setfd(descriptor.as_fd(), FdFlags::empty())?;
        }
        // So that a box full of work does not keep its watch from looking, nor the window from drawing.
        rustix::process::setpriority_process(None, NICENESS)?;
        Ok(())
    };
    // SAFETY: the closure runs between fork and exec, where only async-signal-safe calls are allowed. It walks a list
    // that is there already and makes one system call, fcntl, for each entry, and one more, setpriority; it takes no lock
    // and does not allocate, and its error holds a plain number.
    unsafe {
        command.pre_exec(inherit);
    }
    Ok(Boxed {
        command,
        status: Some(status),
        end: None,
        grows: job.grows(),
    })
}

fn options(bubblewrap: &Bubblewrap, job: &Job<'_>, limits: &PhaseLimits) -> Vec<OsString> {
    let mut options = Options::default();
    options.add(&[
        "--unshare-all",
        "--unshare-user",
        "--uid",
        "65534",
        "--gid",
        "65534",
    ]);
    if bubblewrap.disables_user_namespaces {
        options.add(&["--disable-userns"]);
    }
    options.add(&[
        "--die-with-parent",
        "--new-session",
        "--cap-drop",
        "ALL",
        "--hostname",
        "box",
    ]);
    options.add(&["--clearenv"]);
    for (name, value) in job.environment() {
        options.add(&["--setenv", name]);
        options.path(&value);
    }
    for root in SYSTEM_ROOTS {
        match fs::read_link(root) {
            Ok(target) => {
                options.add(&["--symlink"]);
                options.path(&target).path(root);
            }
            Err(_) => options.bind("--ro-bind-try", root, root),
        }
    }
    for directory in EMPTY {
        options.add(&["--dir", directory]);
    }
    for name in SETTINGS {
        let path = Path::new("/etc").join(name);
        options.bind("--ro-bind-try", &path, &path);
    }
    for path in settings_of_java() {
        options.bind("--ro-bind-try", &path, &path);
    }
    for need in job.needs {
        options.bind("--ro-bind", need, need);
    }
    options.add(&["--proc", "/proc", "--dev", "/dev"]);
    // `/dev` is memory without a bound, and writable, unless it is said otherwise.
    options.add(&[
        "--size",
        "16777216",
        "--tmpfs",
        "/dev/shm",
        "--remount-ro",
        "/dev",
    ]);
    options.add(&["--size", &limits.scratch.to_string(), "--tmpfs", "/tmp"]);
    if let Some(work) = job.work {
        options.bind("--ro-bind", work, "/code");
    }
    if let Some((out, writable)) = job.out {
        options.bind(if writable { "--bind" } else { "--ro-bind" }, out, "/out");
    }
    options.add(&["--remount-ro", "/", "--chdir", "/tmp", "--"]);
    // Set inside, where processes are counted for each box; a limit set outside counts all of the person's.
    options.add(&["prlimit", &format!("--nproc={}", limits.processes)]);
    options.add(&[&format!("--nofile={}", limits.open_files)]);
    // Killed two seconds after it was told, if that did not end it.
    let processor = limits.processor_seconds;
    options.add(&[&format!("--cpu={processor}:{}", processor + 2)]);
    options.add(&[&format!("--fsize={}", limits.file_size)]);
    options.add(&[&format!("--data={}", limits.memory)]);
    options.add(&["--core=0", "--"]);
    for argument in job.command {
        options.path(argument);
    }
    options.0
}

fn settings_of_java() -> Vec<PathBuf> {
    let entries = fs::read_dir("/etc").into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("java"))
        .map(|entry| entry.path())
        .collect()
}

#[derive(Default)]
struct Options(Vec<OsString>);

impl Options {
    fn add(&mut self, options: &[&str]) {
        self.0.extend(options.iter().map(OsString::from));
    }

    fn path(&mut self, path: impl AsRef<OsStr>) -> &mut Self {
        self.0.push(path.as_ref().to_owned());
        self
    }

    fn bind(&mut self, how: &str, from: impl AsRef<OsStr>, to: impl AsRef<OsStr>) {
        self.add(&[how]);
        self.path(from).path(to);
    }
}
