//! Which programs there are, and what of the person's home they need.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

/// Where programs of the system are, besides the person's search path.
const SYSTEM: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/go/bin";
/// What is in every box, to be read.
pub(crate) const SYSTEM_ROOTS: [&str; 8] = [
    "/usr", "/opt", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
];

/// A program, and the directories beside the system's that it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// As it is called in the box.
    pub(crate) path: PathBuf,
    /// Bound at the same place, to be read. Empty for a program of the system.
    pub(crate) needs: Vec<PathBuf>,
}

/// Looks for programs.
#[derive(Clone, Debug)]
pub(crate) struct Finder {
    directories: Vec<PathBuf>,
    home: Option<PathBuf>,
}

impl Finder {
    /// With the person's search path and home.
    pub(crate) fn new(search_path: &OsStr, home: Option<&Path>) -> Self {
        let mut directories: Vec<PathBuf> = Vec::new();
        for directory in env::split_paths(search_path).chain(env::split_paths(&OsString::from(SYSTEM))) {
            // A relative one would mean another place at each time.
            if directory.is_absolute() && !directories.contains(&directory) {
                directories.push(directory);
            }
        }
        Self {
            directories,
            home: home.and_then(|home| fs::canonicalize(home).ok()),
        }
    }

    /// The first program of this name that can be used in a box.
    pub(crate) fn find(&self, name: &str) -> Option<Program> {
        self.directories
            .iter()
            .map(|directory| directory.join(name))
            .filter(|candidate| is_executable(candidate))
            .find_map(|candidate| self.program(&candidate, name))
    }

    fn program(&self, candidate: &Path, name: &str) -> Option<Program> {
        if is_of_the_system(candidate) {
            let real = fs::canonicalize(candidate).ok()?;
            let needs = if is_of_the_system(&real) {
                Vec::new()
            } else {
                self.root(&real)
            };
            return Some(Program {
                // As it was found: programs that are many look at what they were called as.
                path: candidate.to_owned(),
                needs,
            });
        }
        let real = fs::canonicalize(behind_a_shim(candidate, name)?).ok()?;
        let needs = if is_of_the_system(&real) {
            Vec::new()
        } else {
            self.root(&real)
        };
        Some(Program { path: real, needs })
    }

    /// The directory of a toolchain, if its program lies in one that holds nothing else; else the program alone.
    fn root(&self, program: &Path) -> Vec<PathBuf> {
        if program.starts_with("/nix/store") {
            return vec![PathBuf::from("/nix/store")];
        }
        let alone = vec![program.to_owned()];
        let Some(directory) = program.parent() else {
            return alone;
        };
        let Some(root) = directory.parent() else {
            return alone;
        };
        if directory.file_name() != Some(OsStr::new("bin")) {
            return alone;
        }
        let depth = match self.home.as_deref().and_then(|home| root.strip_prefix(home).ok()) {
            Some(below) => below.components().count(),
            None if self.home.as_deref().is_some_and(|home| home.starts_with(root)) => 0,
            None => root.components().count().saturating_sub(1),
        };
        // `~/.local` and its like hold much that is no toolchain. Go's own directory is known by what is in it.
        if depth >= 2 || (depth == 1 && root.join("src/runtime").is_dir() && root.join("pkg/tool").is_dir()) {
            vec![root.to_owned()]
        } else {
            alone
        }
    }
}

fn is_of_the_system(path: &Path) -> bool {
    SYSTEM_ROOTS.iter().any(|root| path.starts_with(root))
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// The program that a version manager's stand-in would start. The stand-in itself needs the manager's settings and
/// starts slowly. None for one whose manager is not known here: the search goes on.
fn behind_a_shim(candidate: &Path, name: &str) -> Option<PathBuf> {
    let directory = candidate.parent()?;
    let manager = directory.parent()?;
    if directory.ends_with("shims") {
        // pyenv and rbenv: the version is named in a file.
        let version = fs::read_to_string(manager.join("version")).ok()?;
        return version.split_whitespace().find_map(|version| {
            let program = manager.join("versions").join(version).join("bin").join(name);
            is_executable(&program).then_some(program)
        });
    }
    if manager.ends_with(".volta") {
        return None;
    }
    let real = fs::canonicalize(candidate).ok()?;
    if real.file_name() == Some(OsStr::new("rustup")) || manager.ends_with(".cargo") && name == "rustc" {
        let rustup = manager.parent()?.join(".rustup");
        let settings = fs::read_to_string(rustup.join("settings.toml")).ok()?;
        let toolchain = settings.lines().find_map(|line| {
            let value = line.trim().strip_prefix("default_toolchain")?.trim_start();
            Some(value.strip_prefix('=')?.trim().trim_matches('"').to_owned())
        })?;
        let program = rustup.join("toolchains").join(toolchain).join("bin").join(name);
        return is_executable(&program).then_some(program);
    }
    Some(candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn program(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn stand_ins_are_seen_through_and_only_toolchains_are_opened() {
        let home = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(home.path()).unwrap();
        program(&home.join(".pyenv/shims/one"));
        program(&home.join(".pyenv/versions/3.11.7/bin/one"));
        fs::write(home.join(".pyenv/version"), "3.11.7\n").unwrap();
        program(&home.join(".cargo/bin/rustup"));
        symlink("rustup", home.join(".cargo/bin/rustc")).unwrap();
        program(&home.join(".rustup/toolchains/stable-x/bin/rustc"));
        fs::write(
            home.join(".rustup/settings.toml"),
            "version = \"12\"\ndefault_toolchain = \"stable-x\"\n",
        )
        .unwrap();
        program(&home.join(".local/bin/two"));
        program(&home.join("bin/three"));
        program(&home.join(".nvm/versions/node/v20/bin/four"));
        program(&home.join(".volta/bin/five"));
        program(&home.join(".asdf/shims/six"));
        let search = [
            ".pyenv/shims",
            ".cargo/bin",
            ".local/bin",
            "bin",
            ".nvm/versions/node/v20/bin",
            ".volta/bin",
            ".asdf/shims",
        ];
        let search = env::join_paths(search.iter().map(|directory| home.join(directory))).unwrap();
        let finder = Finder::new(&search, Some(&home));
        for (name, path, needs) in [
            ("one", ".pyenv/versions/3.11.7/bin/one", ".pyenv/versions/3.11.7"),
            (
                "rustc",
                ".rustup/toolchains/stable-x/bin/rustc",
                ".rustup/toolchains/stable-x",
            ),
            ("two", ".local/bin/two", ".local/bin/two"),
            ("three", "bin/three", "bin/three"),
            (
                "four",
                ".nvm/versions/node/v20/bin/four",
                ".nvm/versions/node/v20",
            ),
        ] {
            let found = finder.find(name).unwrap();
            assert_eq!(found.path, home.join(path), "{name}");
            assert_eq!(found.needs, [home.join(needs)], "{name}");
        }
        assert_eq!(finder.find("five"), None);
        assert_eq!(finder.find("six"), None);
        let shell = finder.find("sh").unwrap();
        assert_eq!(shell.needs, Vec::<PathBuf>::new());
    }
}
