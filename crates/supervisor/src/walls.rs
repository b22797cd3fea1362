//! What the engine's box is made of: the options that bubblewrap reads.
//!
//! The box begins empty, and has what is put into it: the system to be read, the folders a person granted, the
//! toolchains of their home, the engine's own home. Whatever else is on the computer is not there, so that no link an
//! agent plants leads to it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use cowork_policy::confinement::SHELLS;

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
/// Where the programs are that the wrapper stands in front of, each at its own path below.
pub(crate) const REAL: &str = "/run/cowork-real";

/// Where programs are that an engine finds by a name, a setting or the system's list of shells. Those of its search path
/// come after.
const PROGRAMS: &[&str] = &[
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/usr/lib/git-core",
    "/usr/libexec/git-core",
    "/usr/local/libexec/git-core",
    "/run/current-system/sw/bin",
    "/nix/var/nix/profiles/default/bin",
    "/snap/bin",
    "/usr/games",
];

/// The system's list of shells, which engines offer and fall back to.
const LISTED_SHELLS: &str = "/etc/shells";

/// Bytes of that list that are looked at; a longer one was made to be.
const MOST_OF_LIST: u64 = 64 << 10;

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

/// The programs that the wrapper stands in front of, links resolved: shells, because an engine that does not find the one
/// it was told of takes another, and git, which runs programs that a folder names. What the list of shells has is one by
/// whatever name; the wrapper runs nothing by a name that it does not know.
///
/// Only what the box has of the system and of toolchains: a program of a folder is a folder's file, which an engine
/// finds by no name.
fn wrapped(search_path: Option<&OsStr>, listed: &str, toolchains: &[PathBuf]) -> BTreeSet<PathBuf> {
    let on_path = search_path.into_iter().flat_map(std::env::split_paths);
    let directories: Vec<PathBuf> = PROGRAMS.iter().map(PathBuf::from).chain(on_path).collect();
    let named = SHELLS.iter().chain(&["git"]).flat_map(|name| {
        let places = directories.iter().filter(|directory| directory.is_absolute());
        places.map(move |directory| directory.join(name))
    });
    let listed = listed.lines().map(str::trim).filter(|line| line.starts_with('/'));
    let found = named.chain(listed.map(PathBuf::from)).filter_map(|place| {
        let file = fs::canonicalize(place).ok()?;
        let known = SYSTEM.iter().chain(KEPT_OF_RUN).map(Path::new);
        let is_in_box = known
            .chain(toolchains.iter().map(PathBuf::as_path))
            .any(|part| file.starts_with(part));
        (file.is_file() && is_in_box).then_some(file)
    });
    found.collect()
}

fn listed_shells() -> String {
    let mut text = Vec::new();
    let read = fs::File::open(LISTED_SHELLS).and_then(|file| file.take(MOST_OF_LIST).read_to_end(&mut text));
    if let Err(error) = read {
        tracing::debug!(%error, "the system has no list of shells");
    }
    String::from_utf8_lossy(&text).into_owned()
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
    let toolchains = shelter.toolchains.iter().chain(furniture.programs);
    for path in toolchains.chain(&shelter.read_only) {
        words.bind("--ro-bind-try", path);
    }
    for (path, how) in outer_first(shelter) {
        words.bind(how, &path);
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
    if let Some(socket) = shelter.docker(&variable) {
        words.bind("--bind-try", &socket.path);
    }
    if let Some(yard) = furniture.yard {
        let search_path = furniture.environment.get(OsStr::new("PATH"));
        // What lies beside the engine's program is in the box too.
        let toolchains: Vec<PathBuf> = shelter
            .toolchains
            .iter()
            .chain(furniture.programs)
            .cloned()
            .collect();
        wrapper(
            &mut words,
            yard,
            search_path.map(OsString::as_os_str),
            &toolchains,
        );
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
fn wrapper(words: &mut Words, yard: &Path, search_path: Option<&OsStr>, toolchains: &[PathBuf]) {
    words.add(["--ro-bind".as_ref(), yard.as_ref(), YARD.as_ref()]);
    let wrapper = yard.join("bin/cowork-box");
    let mut files = wrapped(search_path, &listed_shells(), toolchains);
    // Its own names lead to the wrapper already.
    files.retain(|file| !file.starts_with(yard));
    for file in &files {
        let real = Path::new(REAL).join(file.strip_prefix("/").unwrap_or(file));
        words.add(["--ro-bind".as_ref(), file.as_ref(), real.as_ref()]);
    }
    for file in &files {
        words.add(["--ro-bind".as_ref(), wrapper.as_ref(), file.as_ref()]);
    }
}

/// What the person opened, each with how it is put in. An inner place comes after the one around it, which would cover it:
/// what is opened to be read stays so in a folder around it.
fn outer_first(shelter: &Shelter) -> Vec<(PathBuf, &'static str)> {
    let to_read = shelter.opened_to_read().into_iter();
    let to_change = shelter
        .opened_to_change()
        .into_iter()
        .chain(shelter.machine_places())
        .chain(shelter.folders.iter().cloned());
    let mut places: Vec<_> = to_read
        .map(|path| (path, "--ro-bind-try"))
        .chain(to_change.map(|path| (path, "--bind-try")))
        .collect();
    places.sort_by_key(|(path, _)| path.components().count());
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn docker_answers_in_the_box_where_a_person_opened_it_and_nowhere_else() {
        let directory = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(directory.path()).unwrap();
        let socket = root.join("docker.sock");
        let _docker = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let layout = HomeLayout::new(root.join("engine"));
        let mut shelter = Shelter {
            person_home: Some(root.join("home")),
            ..Shelter::default()
        };
        let bound = |shelter: &Shelter| {
            let furniture = Furniture {
                layout: &layout,
                shelter,
                yard: None,
                fixed: &[],
                programs: &[],
                environment: &BTreeMap::new(),
                current_directory: Path::new("/"),
            };
            let named = format!("unix://{}", socket.display());
            let words = walls(&furniture, |name| {
                (name == "DOCKER_HOST").then(|| named.clone().into())
            });
            let mut bound = words.windows(3).filter(|words| words[2] == *socket);
            bound
                .next_back()
                .map(|words| (words[0].clone(), words[1].clone()))
        };
        for category in Category::ALL {
            shelter
                .opened
                .extend((category != Category::Docker).then_some(category));
        }
        let closed = bound(&shelter);
        assert_eq!(
            closed,
            Some(("--ro-bind".into(), "/dev/null".into())),
            "it is covered"
        );
        shelter.opened = BTreeSet::from([Category::Docker]);
        assert_eq!(
            bound(&shelter),
            Some(("--bind-try".into(), socket.clone().into()))
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_beside_the_engine_s_program_is_behind_the_wrapper_and_the_wrapper_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(directory.path()).unwrap();
        for place in ["engine/bash", "engine/rg", "yard/bin/cowork-box"] {
            fs::create_dir_all(root.join(place).parent().unwrap()).unwrap();
            fs::write(root.join(place), "").unwrap();
        }
        let (engine, yard) = (root.join("engine"), root.join("yard"));
        std::os::unix::fs::symlink("cowork-box", yard.join("bin/git")).unwrap();
        let programs = [engine.clone(), yard.join("bin")];
        let path = std::env::join_paths([&yard.join("bin"), &engine]).unwrap();
        let furniture = Furniture {
            layout: &HomeLayout::new(root.join("home")),
            shelter: &Shelter::default(),
            yard: Some(&yard),
            fixed: &[],
            programs: &programs,
            environment: &BTreeMap::from([("PATH".into(), path)]),
            current_directory: Path::new("/"),
        };
        let words = walls(&furniture, |_| None);
        let wrapper = yard.join("bin/cowork-box");
        let put = |from: &Path, at: &Path| {
            words
                .windows(3)
                .any(|words| words[0] == "--ro-bind" && words[1] == *from && words[2] == *at)
        };
        let real = |file: &Path| Path::new(REAL).join(file.strip_prefix("/").unwrap());
        let shell = engine.join("bash");
        assert!(put(&wrapper, &shell) && put(&shell, &real(&shell)));
        assert!(!put(&wrapper, &engine.join("rg")));
        assert!(!put(&wrapper, &real(&wrapper)) && !put(&wrapper, &wrapper));
    }

    #[cfg(unix)]
    #[test]
    fn shells_are_found_by_every_name_and_way_and_nothing_else_is() {
        use std::os::unix::fs::symlink;
        let directory = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(directory.path()).unwrap();
        let place = |name: &str| root.join(name);
        for name in [
            "tools/nu",
            "tools/git",
            "tools/ls",
            "store/shell",
            "folder/bash",
            "own/odd",
        ] {
            fs::create_dir_all(place(name).parent().unwrap()).unwrap();
            fs::write(place(name), "").unwrap();
        }
        fs::create_dir_all(place("links")).unwrap();
        symlink(place("store/shell"), place("links/elvish")).unwrap();
        symlink(place("tools/ls"), place("links/ls")).unwrap();
        let path =
            std::env::join_paths([place("tools"), place("links"), place("folder"), "".into()]).unwrap();
        let listed = format!("# shells\n{}\n/gone/sh\nrelative\n", place("own/odd").display());
        let toolchains = ["tools", "store", "own"].map(place);
        let found = wrapped(Some(&path), &listed, &toolchains);
        let ours: Vec<_> = found.iter().filter(|file| file.starts_with(&root)).collect();
        let expected = ["own/odd", "store/shell", "tools/git", "tools/nu"].map(place);
        assert_eq!(ours, expected.iter().collect::<Vec<_>>());
        let system = wrapped(None, "", &[]);
        for name in ["/bin/sh", "/usr/bin/git"] {
            assert!(
                system.contains(&fs::canonicalize(name).unwrap()),
                "{name} in {system:?}"
            );
        }
        assert!(!system.contains(&fs::canonicalize("/bin/ls").unwrap()));
    }
}
