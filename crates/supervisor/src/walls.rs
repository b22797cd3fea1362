//! What the engine's box is made of: the options that bubblewrap reads.
//!
//! The box begins empty, and has what is put into it: the system to be read, the folders a person granted, the
//! toolchains of their home, the engine's own home. Whatever else is on the computer is not there, so that no link an
//! agent plants leads to it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use crate::home::HomeLayout;
use crate::shelter::{Category, Cover, Shelter};

/// Its own processes, devices, and no rights to undo any of that; the network stays, for the engine has to be asked.
pub(crate) const NAMESPACES: &[&str] = &[
    "--die-with-parent",
    "--new-session",
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--cap-drop",
    "ALL",
];

/// Where programs and the settings of the system are. Links are made anew, since `/bin` is one on most systems.
///
/// Of `/var` and `/nix` only what tools read: sockets of services lie there, which a mount that cannot be written does not
/// close, and the memory of programs that crashed.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc",
    "/opt",
    "/sys",
    "/nix/store",
    "/nix/var/nix/profiles",
    "/gnu/store",
    "/snap",
    "/var/cache/fontconfig",
    "/var/lib/alternatives",
    "/var/lib/ca-certificates",
    "/var/lib/ca-certificates-java",
    "/var/lib/dpkg",
    "/var/lib/rpm",
    "/var/lib/texmf",
];

/// What of `/run` holds no key: the resolver's settings, drives, and the programs of NixOS.
const KEPT_OF_RUN: &[&str] = &[
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager/resolv.conf",
    "/run/netconfig",
    "/run/current-system",
];

/// Places that begin empty, and are gone with the box.
const EMPTY: &[&str] = &["/run", "/tmp", "/var/tmp"];

/// Where the yard of the tools' box is inside: the wrapper under the names of shells, and its rules.
pub(crate) const YARD: &str = "/run/cowork";
/// Where the programs are that the wrapper stands in front of.
pub(crate) const REAL: &str = "/run/cowork-real";

/// Shells by all the names they have, and git, which runs programs that a folder names. In the box the wrapper stands in
/// place of each that is there, because an engine that does not find the shell it was told of takes another.
const WRAPPED: &[&str] = &[
    "sh", "bash", "dash", "zsh", "ksh", "ksh93", "mksh", "fish", "tcsh", "csh", "yash", "rbash", "git",
];

/// What is put into the box.
pub(crate) struct Furniture<'a> {
    pub(crate) layout: &'a HomeLayout,
    pub(crate) shelter: &'a Shelter,
    /// The yard of the tools' box; none where programs of the agent run in the engine's box alone.
    pub(crate) yard: Option<&'a Path>,
    /// What of the home cannot be changed from inside, relative to its root.
    pub(crate) fixed: &'a [PathBuf],
    /// Folders with programs that the engine is, or calls.
    pub(crate) programs: &'a [PathBuf],
    pub(crate) environment: &'a BTreeMap<OsString, OsString>,
    pub(crate) current_directory: &'a Path,
}

/// A program that the wrapper stands in front of: its name, and the file behind the name.
struct Wrapped {
    name: &'static str,
    file: PathBuf,
}

fn wrapped() -> Vec<Wrapped> {
    let found = WRAPPED.iter().filter_map(|name| {
        let file = ["/usr/bin", "/bin"]
            .iter()
            .find_map(|place| fs::canonicalize(Path::new(place).join(name)).ok())?;
        file.is_file().then_some(Wrapped { name, file })
    });
    found.collect()
}

/// Options, one behind the other.
#[derive(Default)]
struct Words(Vec<OsString>);

impl Words {
    fn add<const N: usize>(&mut self, words: [&OsStr; N]) {
        self.0.extend(words.iter().map(Into::into));
    }

    /// The same place inside as outside.
    fn bind(&mut self, how: &str, path: &Path) {
        self.add([how.as_ref(), path.as_ref(), path.as_ref()]);
    }
}

/// The options that make the box for a home. The environment goes the same way, because what bubblewrap has in its own
/// stays readable inside as that of process 1.
pub(crate) fn walls(furniture: &Furniture<'_>, variable: impl Fn(&str) -> Option<OsString>) -> Vec<OsString> {
    let Furniture { layout, shelter, .. } = furniture;
    let mut words = Words(NAMESPACES.iter().map(Into::into).collect());
    system(&mut words);
    if let Some(home) = &shelter.person_home {
        words.add([
            "--perms".as_ref(),
            "0700".as_ref(),
            "--tmpfs".as_ref(),
            home.as_ref(),
        ]);
    }
    for path in shelter.read_only.iter().chain(furniture.programs) {
        words.bind("--ro-bind-try", path);
    }
    for path in shelter
        .opened_paths()
        .iter()
        .chain(&outer_first(&shelter.folders))
    {
        words.bind("--bind-try", path);
    }
    for cover in shelter.covers(&variable) {
        match &cover {
            Cover::Directory(path) => {
                words.add([
                    "--perms".as_ref(),
                    "0700".as_ref(),
                    "--tmpfs".as_ref(),
                    path.as_ref(),
                ]);
            }
            Cover::File(path) => words.add(["--ro-bind".as_ref(), "/dev/null".as_ref(), path.as_ref()]),
        }
    }
    for path in shelter
        .reachable
        .iter()
        .map(PathBuf::as_path)
        .chain([layout.root()])
    {
        words.bind("--bind-try", path);
    }
    // The claim on the home is ours to give up, not the engine's; and what it is told, ours to say.
    let fixed = furniture.fixed.iter().map(|path| layout.root().join(path));
    for path in layout.claim_files().into_iter().chain(fixed) {
        words.bind("--ro-bind-try", &path);
    }
    if shelter.opened.contains(&Category::SshAgent)
        && let Some(socket) = variable("SSH_AUTH_SOCK")
    {
        words.bind("--bind-try", Path::new(&socket));
    }
    if let Some(yard) = furniture.yard {
        wrapper(&mut words, yard);
    }
    for (name, value) in furniture.environment {
        words.add(["--setenv".as_ref(), name, value]);
    }
    words.add(["--chdir".as_ref(), furniture.current_directory.as_ref()]);
    words.0
}

fn system(words: &mut Words) {
    for path in SYSTEM {
        match fs::read_link(path) {
            Ok(target) => words.add(["--symlink".as_ref(), target.as_ref(), path.as_ref()]),
            Err(_) => words.bind("--ro-bind-try", Path::new(path)),
        }
    }
    words.add([
        "--dev".as_ref(),
        "/dev".as_ref(),
        "--proc".as_ref(),
        "/proc".as_ref(),
    ]);
    for path in EMPTY {
        words.add([
            "--perms".as_ref(),
            "1777".as_ref(),
            "--tmpfs".as_ref(),
            path.as_ref(),
        ]);
    }
    words.add(["--symlink".as_ref(), "/run".as_ref(), "/var/run".as_ref()]);
    for path in KEPT_OF_RUN {
        words.bind("--ro-bind-try", Path::new(path));
    }
}

/// The wrapper before every shell, and the shells where it alone looks for them.
fn wrapper(words: &mut Words, yard: &Path) {
    words.add(["--ro-bind".as_ref(), yard.as_ref(), YARD.as_ref()]);
    let wrapper = yard.join("bin/cowork-box");
    let all = wrapped();
    for program in &all {
        let real = Path::new(REAL).join(program.name);
        words.add(["--ro-bind".as_ref(), program.file.as_ref(), real.as_ref()]);
    }
    let files: BTreeSet<&Path> = all.iter().map(|program| program.file.as_path()).collect();
    for file in files {
        words.add(["--ro-bind".as_ref(), wrapper.as_ref(), file.as_ref()]);
    }
}

/// An inner folder is put in after the one around it, which would cover it.
fn outer_first(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders = folders.to_vec();
    folders.sort_by_key(|folder| folder.components().count());
    folders
}
