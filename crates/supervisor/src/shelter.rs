//! What of the person's computer is within the engine's reach while it runs in its box.
//!
//! The system is there to be read, and what the person granted: folders, and toolchains of their home. What in a granted
//! folder opens other doors is covered: credentials, key rings, browsers' profiles, the app's own data, sockets of the
//! session. A cover is made at the engine's start and goes when what it covers is replaced, as tools do that write beside
//! and rename; [`Shelter::seal`] tells whether all of them still hold.

mod categories;
mod seal;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

pub use self::categories::Category;
use self::categories::{MACHINE_HOME, MOVED, NEVER};
pub use self::seal::Seal;

/// What is kept from the engine, and what of that it may have all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelter {
    /// The person's home directory; nothing below it is covered when there is none.
    pub person_home: Option<PathBuf>,
    /// The app's own directories, covered but for the engine's home and `reachable`.
    pub app_directories: Vec<PathBuf>,
    /// Folders the person granted.
    pub folders: Vec<PathBuf>,
    /// Toolchains of the person's own home, to be read.
    pub toolchains: Vec<PathBuf>,
    /// Folders that the person opened to be read.
    pub read_only: Vec<PathBuf>,
    /// Directories that stay in reach although they lie in one that is covered.
    pub reachable: Vec<PathBuf>,
    /// Categories the person opened.
    pub opened: BTreeSet<Category>,
    /// The engine lives in the person's own home of it.
    pub machine_home: bool,
}

/// A path to cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cover {
    Directory(PathBuf),
    File(PathBuf),
}

impl Shelter {
    /// What to cover now, links resolved, and only what is there: a cover over nothing would make a directory in the
    /// person's home.
    pub(crate) fn covers(&self, variable: impl Fn(&str) -> Option<OsString>) -> Vec<Cover> {
        let home = self.person_home.as_deref();
        let closed = Category::ALL
            .into_iter()
            .filter(|category| !self.opened.contains(category))
            .flat_map(|category| category.paths().iter().copied());
        let machine = if self.machine_home { &[] } else { MACHINE_HOME };
        let below_home = closed
            .chain(NEVER.iter().copied())
            .chain(machine.iter().copied())
            .filter_map(|path| Some(home?.join(path)));
        let moved = MOVED
            .iter()
            .filter(|(category, _)| category.is_none_or(|category| !self.opened.contains(&category)))
            .filter_map(|(_, name)| variable(name))
            .flat_map(|value| std::env::split_paths(&value).collect::<Vec<_>>());
        let sockets = ["XAUTHORITY", "SSH_AUTH_SOCK", "GPG_AGENT_INFO"]
            .into_iter()
            .filter(|name| *name != "SSH_AUTH_SOCK" || !self.opened.contains(&Category::SshAgent))
            .filter_map(&variable)
            .map(PathBuf::from);
        let docker = crate::docker::socket(home, &variable)
            .filter(|_| !self.opened.contains(&Category::Docker))
            .map(|socket| socket.path);
        let docker = docker.into_iter().chain(
            home.filter(|_| !self.opened.contains(&Category::Docker))
                .into_iter()
                .flat_map(crate::docker::ways_to_it),
        );
        let buses = variable("DBUS_SESSION_BUS_ADDRESS")
            .into_iter()
            .filter_map(|address| {
                let address = address.into_string().ok()?;
                let path = address
                    .split([',', ';'])
                    .find_map(|part| part.strip_prefix("unix:path="))?;
                Some(PathBuf::from(path))
            });
        let all = below_home
            .chain(self.app_directories.iter().cloned())
            .chain(moved)
            .chain(sockets)
            .chain(buses)
            .chain(docker)
            .chain(session_sockets(Path::new("/tmp")));
        let mut covers: Vec<Cover> = Vec::new();
        let mut seen = BTreeSet::new();
        for path in all.filter(|path| path.is_absolute()) {
            let Ok(path) = fs::canonicalize(path) else {
                continue;
            };
            // The covered `/run` holds it already, and a mount point below it could not be made.
            if path.starts_with("/run") || !seen.insert(path.clone()) {
                continue;
            }
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => covers.push(Cover::Directory(path)),
                Ok(_) => covers.push(Cover::File(path)),
                Err(_) => {}
            }
        }
        // Outer ones first, so that an inner one lies within them and is dropped.
        covers.sort_by(|one, other| one.path().cmp(other.path()));
        let mut outer: Option<PathBuf> = None;
        covers.retain(|cover| {
            let inside = outer
                .as_deref()
                .is_some_and(|outer| cover.path().starts_with(outer));
            if !inside && let Cover::Directory(path) = cover {
                outer = Some(path.clone());
            }
            !inside
        });
        covers
    }

    /// What is covered of a person's own: credentials, key rings, browsers.
    #[must_use]
    pub fn covered_paths(&self) -> Vec<PathBuf> {
        let covers = self.covers(|name| std::env::var_os(name));
        covers.iter().map(|cover| cover.path().to_owned()).collect()
    }

    /// What consent opened to be changed, where it is.
    #[must_use]
    pub fn opened_to_change(&self) -> Vec<PathBuf> {
        self.opened_where(Category::is_writable)
    }

    /// What consent opened to be read alone, where it is.
    #[must_use]
    pub fn opened_to_read(&self) -> Vec<PathBuf> {
        self.opened_where(|category| !category.is_writable())
    }

    fn opened_where(&self, is_meant: impl Fn(Category) -> bool) -> Vec<PathBuf> {
        let Some(home) = self.person_home.as_deref() else {
            return Vec::new();
        };
        // The one socket of docker that is used is opened by itself.
        let categories = self
            .opened
            .iter()
            .filter(|category| **category != Category::Docker && is_meant(**category));
        categories
            .flat_map(|category| category.paths().iter().chain(category.plain_settings()))
            .map(|path| home.join(path))
            .collect()
    }

    /// The person's own home of OpenCode, when the engine lives in it: for the engine to change, and for nothing that it
    /// starts, because the engine loads code from there.
    #[must_use]
    pub fn machine_places(&self) -> Vec<PathBuf> {
        let home = self.person_home.as_deref().filter(|_| self.machine_home);
        home.map_or_else(Vec::new, |home| {
            MACHINE_HOME.iter().map(|path| home.join(path)).collect()
        })
    }

    /// What of the person's home the engine's box has open beside folders and toolchains.
    fn opened_paths(&self) -> Vec<PathBuf> {
        let mut opened = self.opened_to_change();
        opened.extend(self.opened_to_read());
        opened.extend(self.machine_places());
        opened
    }

    /// Whether a folder can be put into a box that stands: nothing in it has to be covered, and it lies in nothing
    /// that is.
    #[must_use]
    pub fn is_plain(&self, folder: &Path) -> bool {
        let variable = |name: &str| std::env::var_os(name);
        !self
            .covers(variable)
            .iter()
            .any(|cover| cover.path().starts_with(folder) || folder.starts_with(cover.path()))
    }

    /// Whether a place is in the box at all.
    fn is_within_reach(&self, path: &Path) -> bool {
        let opened = self.opened_paths();
        let read_only = self.toolchains.iter().chain(&self.read_only);
        let mut within = self.folders.iter().chain(read_only).chain(&opened);
        within.any(|folder| path.starts_with(folder))
    }

    /// What the engine's own tools follow no links in: whatever a command may have written, and folders that were opened to
    /// be read. Toolchains are made of links.
    pub(crate) fn without_links(&self) -> Vec<PathBuf> {
        let written = self.folders.iter().chain(&self.reachable);
        let opened = self.opened_paths();
        // Settings that are files by themselves hold no links.
        let opened = opened.iter().filter(|path| path.is_dir());
        written.chain(&self.read_only).chain(opened).cloned().collect()
    }

    /// The socket of docker, if a consent opened it and there is one.
    #[must_use]
    pub fn docker(&self, variable: impl Fn(&str) -> Option<OsString>) -> Option<crate::docker::Socket> {
        let is_open = self.opened.contains(&Category::Docker);
        is_open
            .then(|| crate::docker::socket(self.person_home.as_deref(), variable))
            .flatten()
    }

    /// Links in the engine's home to what the person opened: tools look for it there. Each is a place relative to the
    /// root of the private home, and what it leads to.
    pub(crate) fn links(&self) -> Vec<(PathBuf, Option<PathBuf>)> {
        let Some(home) = self.person_home.as_deref() else {
            return Vec::new();
        };
        let mut links = Vec::new();
        // Docker is found by its variable, and a link to it would lie in a directory that may be a link itself.
        for category in Category::ALL
            .into_iter()
            .filter(|category| *category != Category::Docker)
        {
            let open = self.opened.contains(&category) && !self.machine_home;
            for path in category.paths().iter().chain(category.plain_settings()) {
                let target = home.join(path);
                let target = (open && fs::symlink_metadata(&target).is_ok()).then_some(target);
                links.push((Path::new("home").join(path), target.clone()));
                if let Some(rest) = path.strip_prefix(".config/") {
                    links.push((Path::new("config").join(rest), target));
                }
            }
        }
        links
    }
}

impl Cover {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Directory(path) | Self::File(path) => path,
        }
    }
}

/// Sockets of desktop sessions in the shared temporary directory: displays, agents, buses.
fn session_sockets(temporary: &Path) -> Vec<PathBuf> {
    let is_one = |name: &OsStr| {
        let name = name.to_string_lossy();
        [".X11-unix", ".ICE-unix"].contains(&&*name)
            || [
                "dbus-", "emacs", "fcitx", "gpg-", "ibus", "keyring-", "kwallet", "screen", "screens",
                "ssh-", "tmux-", "uscreens", "vscode-",
            ]
            .iter()
            .any(|beginning| name.starts_with(beginning))
    };
    let entries = fs::read_dir(temporary).into_iter().flatten().flatten();
    entries
        .filter(|entry| is_one(&entry.file_name()))
        .map(|entry| entry.path())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home_with(paths: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(directory.path()).unwrap();
        for path in paths {
            fs::create_dir_all(home.join(path)).unwrap();
        }
        (directory, home)
    }

    fn covered(shelter: &Shelter, home: &Path) -> Vec<String> {
        let covers = shelter.covers(|_| None);
        let below = covers
            .iter()
            .filter_map(|cover| cover.path().strip_prefix(home).ok());
        below.map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn what_is_there_is_covered_and_consent_uncovers_its_category_alone() {
        let (_directory, home) = home_with(&[".ssh", ".aws", ".gnupg", ".mozilla", "work"]);
        let mut shelter = Shelter {
            person_home: Some(home.clone()),
            ..Shelter::default()
        };
        assert_eq!(covered(&shelter, &home), [".aws", ".gnupg", ".mozilla", ".ssh"]);
        shelter.opened = BTreeSet::from(Category::ALL);
        assert_eq!(
            covered(&shelter, &home),
            [".mozilla"],
            "no consent opens a browser"
        );
    }

    #[test]
    fn settings_that_name_programs_are_opened_to_be_read_and_the_engine_s_own_home_to_no_command() {
        let home = PathBuf::from("/home/ada");
        let shelter = Shelter {
            person_home: Some(home.clone()),
            opened: BTreeSet::from(Category::ALL),
            machine_home: true,
            ..Shelter::default()
        };
        let to_read = shelter.opened_to_read();
        for place in [
            ".gitconfig",
            ".cargo/config.toml",
            ".npmrc",
            ".kube",
            ".aws",
            ".docker",
        ] {
            assert!(to_read.contains(&home.join(place)), "{place} in {to_read:?}");
        }
        let to_change = shelter.opened_to_change();
        assert_eq!(to_change, [".ssh", ".gnupg"].map(|place| home.join(place)));
        // What the guard lets the engine load code from.
        for place in [".config/opencode", ".cache/opencode", ".local/share/opencode"] {
            let place = home.join(place);
            assert!(shelter.machine_places().contains(&place));
            let mut opened = to_read.iter().chain(&to_change);
            assert!(
                !opened.any(|opened| place.starts_with(opened)),
                "{}",
                place.display()
            );
        }
        let private = Shelter {
            machine_home: false,
            ..shelter
        };
        assert_eq!(private.machine_places(), Vec::<PathBuf>::new());
    }

    #[cfg(unix)]
    #[test]
    fn what_opens_clouds_does_not_open_a_docker_that_lies_among_them() {
        let (_directory, home) = home_with(&[".docker/run"]);
        let socket = home.join(".docker/run/docker.sock");
        let _docker = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let mut shelter = Shelter {
            person_home: Some(home.clone()),
            opened: BTreeSet::from([Category::Cloud]),
            ..Shelter::default()
        };
        // By other names it is docker all the same, also where it comes later.
        fs::create_dir_all(home.join(".docker/desktop")).unwrap();
        fs::create_dir_all(home.join(".docker/machine/of-mine")).unwrap();
        let _raw = std::os::unix::net::UnixListener::bind(home.join(".docker/machine/of-mine/raw.sock"));
        fs::create_dir_all(home.join(".colima/_lima/colima")).unwrap();
        assert_eq!(
            covered(&shelter, &home),
            [
                ".colima",
                ".docker/desktop",
                ".docker/machine/of-mine/raw.sock",
                ".docker/run"
            ]
        );
        fs::remove_dir_all(home.join(".colima")).unwrap();
        assert_eq!(shelter.docker(|_| None), None);
        shelter.opened.insert(Category::Docker);
        assert!(covered(&shelter, &home).is_empty());
        let linked = shelter
            .links()
            .into_iter()
            .filter(|(_, target)| target.as_ref() == Some(&socket));
        assert_eq!(linked.count(), 0, "it would be made in what a link leads to");
        // This machine may have a docker of its own, which comes first.
        assert!(shelter.docker(|_| None).is_some());
    }

    #[test]
    fn a_link_is_covered_where_it_leads() {
        let (_directory, home) = home_with(&["elsewhere"]);
        #[cfg(unix)]
        std::os::unix::fs::symlink(home.join("elsewhere"), home.join(".ssh")).unwrap();
        let shelter = Shelter {
            person_home: Some(home.clone()),
            ..Shelter::default()
        };
        #[cfg(unix)]
        assert_eq!(covered(&shelter, &home), ["elsewhere"]);
    }

    #[test]
    fn nothing_is_covered_twice_nor_inside_of_what_is_covered() {
        let (_directory, home) = home_with(&["app/inner", ".ssh"]);
        let shelter = Shelter {
            person_home: Some(home.clone()),
            app_directories: vec![home.join("app/inner"), home.join("app"), home.join("app")],
            ..Shelter::default()
        };
        assert_eq!(covered(&shelter, &home), [".ssh", "app"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_credential_that_is_new_or_replaced_breaks_the_seal() {
        let (_directory, home) = home_with(&[".ssh"]);
        fs::write(home.join(".netrc"), "one").unwrap();
        let shelter = Shelter {
            person_home: Some(home.clone()),
            folders: vec![home.clone()],
            ..Shelter::default()
        };
        let seal = shelter.seal();
        fs::write(home.join(".netrc"), "changed in its place").unwrap();
        fs::write(home.join(".ssh/key"), "new inside").unwrap();
        assert_eq!(seal.broken_at(&shelter.seal()), None);
        fs::write(home.join("beside"), "two").unwrap();
        fs::rename(home.join("beside"), home.join(".netrc")).unwrap();
        assert_eq!(
            seal.broken_at(&shelter.seal()),
            Some(home.join(".netrc").as_path())
        );
        let seal = shelter.seal();
        fs::create_dir(home.join(".aws")).unwrap();
        assert_eq!(seal.broken_at(&shelter.seal()), Some(home.join(".aws").as_path()));
        fs::remove_dir(home.join(".aws")).unwrap();
        assert_eq!(
            seal.broken_at(&shelter.seal()),
            None,
            "what is gone cannot be read"
        );
    }

    #[test]
    fn links_lead_only_to_what_was_opened() {
        let (_directory, home) = home_with(&[".aws", ".config/git"]);
        let mut shelter = Shelter {
            person_home: Some(home.clone()),
            ..Shelter::default()
        };
        assert!(shelter.links().iter().all(|(_, target)| target.is_none()));
        shelter.opened.insert(Category::Developer);
        let links: Vec<_> = shelter
            .links()
            .into_iter()
            .filter(|(_, target)| target.is_some())
            .collect();
        let target = Some(home.join(".config/git"));
        assert_eq!(
            links,
            [
                (PathBuf::from("home/.config/git"), target.clone()),
                (PathBuf::from("config/git"), target),
            ]
        );
    }
}
