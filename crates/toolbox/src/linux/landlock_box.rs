//! The box without namespaces: Landlock for files, a filter of system calls for the network.
//!
//! It holds less than namespaces do. Files' modes and times can be changed outside of the folder, where the person may;
//! other processes can be seen in the list, though not looked into; programs that leave their parent are ended when the
//! wrapper ends, not when it is killed; and before version 6 signals reach the person's other programs. There is no
//! network at all, and no sockets to files: Landlock does not stand in front of those, and the person's session answers
//! at them.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use cowork_policy::confinement::{FolderRules, Means, Rules};
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr as _,
    RulesetCreated, RulesetCreatedAttr as _, RulesetStatus, Scope,
};

use super::keeper::{self, Bounds, Signals, Way};
use super::layers::{exchanged, opened};
use super::limits::Kernel;
use super::{filter, inside, processes};
use crate::Refusal;
use crate::environment::Environment;

/// The newest version whose rights are asked for; an older kernel leaves out what it does not know.
const NEWEST: ABI = ABI::V6;

/// What of the system is there to be read and run.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc",
    "/opt",
    "/nix",
    "/proc",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
    "/run/current-system",
    "/var/lib/dpkg",
    "/var/lib/alternatives",
    crate::yard::REAL_PROGRAMS,
];

/// Devices that every program may use.
const DEVICES: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
];

/// The version of the kernel's Landlock, 0 when it has none.
pub(crate) fn version() -> u32 {
    const ASK_VERSION: u32 = 1;
    // SAFETY: with this flag the kernel takes no rules, reads nothing and answers with a number.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<u8>(),
            0_usize,
            ASK_VERSION,
        )
    };
    u32::try_from(answer).unwrap_or(0)
}

/// Whether this process is in such a box already. Where the wrapper stands in place of the system's shells it does so in
/// the box as well, since nothing can be put back in their places without a namespace.
///
/// No variable tells, because one can be set by whoever asks; that there are no sockets to files is our filter's alone.
pub(crate) fn is_within() -> bool {
    use rustix::net::{AddressFamily, SocketType, socket};
    matches!(
        socket(AddressFamily::UNIX, SocketType::STREAM, None),
        Err(rustix::io::Errno::PERM)
    )
}

/// What is to be run.
pub(crate) struct Boxed<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) folder: &'a FolderRules,
    pub(crate) environment: Environment,
    pub(crate) directory: PathBuf,
    /// A snapshot's repository, for git.
    pub(crate) also_writable: Option<PathBuf>,
    pub(crate) background: bool,
    pub(crate) wrapper: PathBuf,
    pub(crate) name: OsString,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
}

/// Runs it, and gives its exit code.
pub(crate) fn run(boxed: &Boxed<'_>) -> Result<ExitCode, Refusal> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |error: std::io::Error| Refusal::box_failed(&what, error)
    };
    if version() == 0 {
        return Err(Refusal::box_failed("Landlock", "this kernel has none"));
    }
    keeper::tie().map_err(failed("parent"))?;
    let signals = Signals::catch().map_err(failed("signals"))?;
    let ruleset = ruleset(boxed)?;
    let filter = filter::program(Means::Landlock);
    let limits = Kernel::of(
        &boxed.folder.limits,
        processes::threads_of_user(),
        boxed.background,
    );
    let mut command = Command::new(&boxed.program);
    command
        .arg0(&boxed.name)
        .args(&boxed.arguments)
        .env_clear()
        .envs(&boxed.environment)
        .current_dir(&boxed.directory);
    if !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        command.process_group(0);
    }
    let mut ruleset = Some(ruleset);
    let background = boxed.background;
    // SAFETY: this process has one thread, so that what runs between fork and exec finds every lock free; it makes
    // system calls and allocates nothing that matters to the program it is replaced by.
    unsafe {
        command.pre_exec(move || {
            keeper::let_signals_through()?;
            limits.apply()?;
            if background {
                inside::stand_back()?;
            }
            let status = ruleset
                .take()
                .ok_or(std::io::ErrorKind::Other)?
                .restrict_self()
                .map_err(std::io::Error::other)?;
            if status.ruleset == RulesetStatus::NotEnforced || !status.no_new_privs {
                return Err(std::io::Error::from(std::io::ErrorKind::PermissionDenied));
            }
            filter::install(&filter)
        });
    }
    let child = command.spawn().map_err(failed("starting it"))?;
    drop(command);
    let bounds = Bounds {
        limits: boxed.folder.limits,
        background,
    };
    Ok(keeper::keep(child, &signals, &Way::Direct, &bounds))
}

fn ruleset(boxed: &Boxed<'_>) -> Result<RulesetCreated, Refusal> {
    let failed = |error: landlock::RulesetError| Refusal::box_failed("Landlock", error);
    let mut ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(NEWEST)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(NEWEST)))
        .and_then(Ruleset::create)
        .map_err(failed)?;
    let read = AccessFs::from_read(NEWEST);
    let all = AccessFs::from_all(NEWEST);
    let mut allow = |path: &Path, access: BitFlags<AccessFs>| {
        // What is not there cannot be allowed, and need not be.
        let Ok(descriptor) = PathFd::new(path) else {
            return Ok(());
        };
        let directory = fs::metadata(path).is_ok_and(|metadata| metadata.is_dir());
        let access = if directory {
            access
        } else {
            access & AccessFs::from_file(NEWEST)
        };
        (&mut ruleset)
            .add_rule(PathBeneath::new(descriptor, access))
            .map(drop)
            .map_err(failed)
    };
    let folder = boxed.folder;
    let writable = folder.granted.iter().filter(|grant| grant.writable);
    let writable = writable.map(|grant| &grant.path).chain([&folder.path]);
    for path in writable {
        if let Some(hidden) = boxed.rules.hidden.iter().find(|hidden| touches(hidden, path)) {
            return Err(Refusal::new(
                format!(
                    "its folder holds {}, which cannot be hidden without namespaces",
                    hidden.display()
                ),
                "Install bubblewrap, or open a folder in the app that holds the work alone",
            ));
        }
        is_as_opened(path)?;
        allow(path, all)?;
    }
    for (path, writable) in opened(boxed.rules) {
        let Ok(path) = fs::canonicalize(path) else {
            continue;
        };
        for part in without_hidden(&path, &boxed.rules.hidden) {
            allow(&part, if writable { all } else { read })?;
        }
    }
    // The home kept for the folder lies among what is hidden, and is the folder's all the same.
    for path in [Some(&folder.home), boxed.also_writable.as_ref()]
        .into_iter()
        .flatten()
    {
        allow(path, all)?;
    }
    for device in DEVICES {
        allow(
            Path::new(device),
            read & !AccessFs::Execute | AccessFs::WriteFile | AccessFs::IoctlDev,
        )?;
    }
    let granted = folder.granted.iter().filter(|grant| !grant.writable);
    for grant in granted.clone() {
        is_as_opened(&grant.path)?;
    }
    let readable = SYSTEM
        .iter()
        .map(PathBuf::from)
        .chain(boxed.rules.read_only.iter().cloned())
        .chain(granted.map(|grant| grant.path.clone()));
    for path in readable {
        for part in without_hidden(&path, &boxed.rules.hidden) {
            allow(&part, read)?;
        }
    }
    allow(&boxed.wrapper, read)?;
    Ok(ruleset)
}

/// Whether what the person opened still stands at its place: they opened it with links resolved.
fn is_as_opened(path: &Path) -> Result<(), Refusal> {
    if fs::canonicalize(path).is_ok_and(|resolved| resolved != *path) {
        return Err(exchanged(path, "a link leads elsewhere"));
    }
    Ok(())
}

/// Whether one of two places lies in the other.
fn touches(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// What of `path` there is without what is hidden. Landlock can only allow, so around a hidden place each other entry
/// is allowed by itself.
fn without_hidden(path: &Path, hidden: &[PathBuf]) -> Vec<PathBuf> {
    let Ok(path) = fs::canonicalize(path) else {
        return Vec::new();
    };
    if hidden.iter().any(|hidden| path.starts_with(hidden)) {
        return Vec::new();
    }
    if !hidden.iter().any(|hidden| hidden.starts_with(&path)) {
        return vec![path];
    }
    let entries = fs::read_dir(&path).into_iter().flatten().flatten();
    let own: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    let inside = own.iter().filter(|entry| {
        // A link out of it would allow what it leads to.
        fs::canonicalize(entry).is_ok_and(|target| target.starts_with(&path))
    });
    inside.flat_map(|entry| without_hidden(entry, hidden)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn around_what_is_hidden_the_rest_is_allowed() {
        let directory = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(directory.path()).unwrap();
        for name in ["bin", "registry/a", "keys"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        fs::write(root.join("keys/secret"), "").unwrap();
        std::os::unix::fs::symlink("/etc", root.join("out")).unwrap();
        let found = |hidden: &[PathBuf]| {
            let mut found = without_hidden(&root, hidden);
            found.sort();
            found
        };
        assert_eq!(found(&[]), std::slice::from_ref(&root));
        assert_eq!(
            found(&[root.join("keys")]),
            [root.join("bin"), root.join("registry")]
        );
        assert_eq!(found(std::slice::from_ref(&root)), Vec::<PathBuf>::new());
    }
}
