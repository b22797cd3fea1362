//! What a program that an agent starts may see, change, reach and use.
//!
//! The rules are data, so that whoever enforces them (a wrapper in front of every shell, on each system by its own
//! means), whoever proves them and whoever shows them to a person read the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Of the form in which rules are handed to the wrapper. One that reads another refuses to run anything.
pub const RULES_VERSION: u32 = 1;

/// The rules of all folders, as the wrapper reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// [`RULES_VERSION`].
    pub version: u32,
    /// The person's home directory. In a box another stands in its place.
    pub person_home: Option<PathBuf>,
    /// What is out of reach in every box, whatever else is granted: the app's own directories, credentials, the
    /// engine's home. Absolute, links resolved.
    pub hidden: Vec<PathBuf>,
    /// What of the person's home is there to be read in every box: the toolchains that are found in it.
    pub read_only: Vec<PathBuf>,
    /// What of the person's home a consent opened to every box, to be changed too: directories and files of SSH, GPG,
    /// clouds, developer tools. Absolute, as it is spelled in the home.
    pub opened: Vec<PathBuf>,
    /// Where the engine keeps its copies of what it changed. `git` alone may write there, and only when it is told to
    /// use a repository below it.
    pub snapshots: Option<PathBuf>,
    /// Variables a boxed program gets beside the fixed ones, by name and value.
    pub environment: BTreeMap<String, String>,
    /// How a box is made.
    pub means: Means,
    /// The folders a box may be made for.
    pub folders: Vec<FolderRules>,
}

/// How a box is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// Linux: namespaces of its own, by bubblewrap within the engine's box.
    Namespaces,
    /// Linux without bubblewrap: Landlock and a filter of system calls. No network at all, and programs that leave
    /// their parent are found by the registry instead of the kernel.
    Landlock,
    /// macOS: a Seatbelt profile. Unverified.
    Seatbelt,
    /// Windows: a restricted token and a job object. Unverified.
    RestrictedToken,
}

impl Means {
    /// Whether it holds less than the strongest one, or was never seen to hold.
    #[must_use]
    pub fn is_reduced(self) -> bool {
        self != Self::Namespaces
    }
}

/// The rules of one folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderRules {
    /// A name for it in file names: lower-case letters, digits and hyphens.
    pub id: String,
    /// Absolute, links resolved. What runs in it and below may write there.
    pub path: PathBuf,
    /// Other folders that the person opened to what runs here.
    pub granted: Vec<Grant>,
    /// What stands in the place of the person's home: kept between commands, one for each folder.
    pub home: PathBuf,
    /// Where it may connect to.
    pub network: Network,
    /// The socket at which the app's gateway answers for this folder, as the wrapper sees it. It is there when `network` is
    /// off too: what is wanted is refused by the gateway, which tells the app.
    pub gateway: Option<PathBuf>,
    /// Sockets the person opened to what runs here (an SSH agent, docker), each with the variable that names it.
    pub sockets: Vec<OpenedSocket>,
    /// How much it may use.
    pub limits: Limits,
    /// The person chose that commands run here without a box.
    pub unboxed: bool,
    /// Boxes were attacked from within in this run of the engine, and held. Without it nothing is run, but what attacks
    /// them; who is early waits.
    pub proven: bool,
}

/// A folder beside the session's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Absolute, links resolved.
    pub path: PathBuf,
    /// Whether it may be changed.
    pub writable: bool,
}

/// A socket that a consent opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedSocket {
    /// Absolute.
    pub path: PathBuf,
    /// The variable programs find it by, such as `SSH_AUTH_SOCK`, if there is one.
    pub variable: Option<String>,
}

/// Where what runs in a folder may connect to. The local network and this machine are never among it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "mode", content = "hosts")]
pub enum Network {
    /// Nowhere.
    #[default]
    Off,
    /// Package registries ([`REGISTRIES`]), and the hosts the person named.
    Listed(Vec<String>),
    /// Everywhere on the internet.
    Open,
}

/// How much a box may use. Each is held by the kernel where it can be, by a watching parent otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Processes and threads at once.
    pub processes: u64,
    /// Open files of each process.
    pub open_files: u64,
    /// Bytes of one file.
    pub file_size: u64,
    /// Bytes of data of each process (`RLIMIT_DATA`; an address space limit would kill JavaScript runtimes and Java).
    pub process_memory: u64,
    /// Bytes of resident memory of the whole box.
    pub memory: u64,
    /// Seconds on a processor for each process.
    pub processor_seconds: u64,
}

const GIB: u64 = 1 << 30;

impl Default for Limits {
    /// What a large build takes on a developer's machine, with room; less than what brings such a machine down.
    fn default() -> Self {
        Self {
            processes: 4_096,
            open_files: 16_384,
            file_size: 16 * GIB,
            process_memory: 16 * GIB,
            memory: 12 * GIB,
            processor_seconds: 4 * 60 * 60,
        }
    }
}

/// Where toolchains are in a person's home. Programs and their libraries: caches and credentials that
/// tools keep beside them are not among these.
pub const TOOLCHAINS: &[&str] = &[
    ".asdf",
    ".bun/bin",
    ".cargo/bin",
    ".deno/bin",
    ".dotnet/dotnet",
    ".dotnet/host",
    ".dotnet/packs",
    ".dotnet/sdk",
    ".dotnet/shared",
    ".dotnet/tools",
    ".fnm",
    ".ghcup",
    ".juliaup",
    ".local/bin",
    ".local/lib",
    ".local/pipx",
    ".local/share/fnm",
    ".local/share/mise",
    ".local/share/pnpm",
    ".local/share/uv/python",
    ".local/share/uv/tools",
    ".nvm",
    ".nodenv",
    ".pyenv",
    ".rbenv",
    ".rustup",
    ".rvm",
    ".sdkman/candidates",
    ".volta/bin",
    ".volta/tools",
    "anaconda3/bin",
    "anaconda3/lib",
    "go/bin",
    "miniconda3/bin",
    "miniconda3/lib",
    "miniforge3/bin",
    "miniforge3/lib",
];

/// Where packages of the usual languages come from, and the sources they refer to.
pub const REGISTRIES: &[&str] = &[
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "pypi.org",
    "files.pythonhosted.org",
    "index.crates.io",
    "static.crates.io",
    "crates.io",
    "proxy.golang.org",
    "sum.golang.org",
    "repo.maven.apache.org",
    "repo1.maven.org",
    "plugins.gradle.org",
    "services.gradle.org",
    "rubygems.org",
    "index.rubygems.org",
    "api.nuget.org",
    "static.rust-lang.org",
    "deb.debian.org",
];

impl Rules {
    /// The rules for a program that starts in `directory` (links resolved): those of the innermost folder around it.
    #[must_use]
    pub fn folder_of(&self, directory: &Path) -> Option<&FolderRules> {
        let around = self
            .folders
            .iter()
            .filter(|folder| directory.starts_with(&folder.path));
        around.max_by_key(|folder| folder.path.components().count())
    }
}

impl Network {
    /// Whether a host may be connected to by name. Where the name leads is judged apart.
    ///
    /// A host of the list also stands for what is below it when it is written with a leading dot.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        match self {
            Self::Off => false,
            Self::Open => true,
            Self::Listed(hosts) => REGISTRIES
                .iter()
                .copied()
                .chain(hosts.iter().map(String::as_str))
                .any(|listed| is_host(listed, &host)),
        }
    }
}

fn is_host(listed: &str, host: &str) -> bool {
    let listed = listed.trim_end_matches('.').to_ascii_lowercase();
    match listed.strip_prefix('.') {
        Some(domain) => host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        None => host == listed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &str) -> FolderRules {
        FolderRules {
            id: "one".to_owned(),
            path: path.into(),
            granted: Vec::new(),
            home: "/homes/one".into(),
            network: Network::Off,
            gateway: None,
            sockets: Vec::new(),
            limits: Limits::default(),
            unboxed: false,
            proven: true,
        }
    }

    fn rules(paths: &[&str]) -> Rules {
        Rules {
            version: RULES_VERSION,
            person_home: Some("/home/ada".into()),
            hidden: Vec::new(),
            read_only: Vec::new(),
            opened: Vec::new(),
            snapshots: None,
            environment: BTreeMap::new(),
            means: Means::Namespaces,
            folders: paths.iter().map(|path| folder(path)).collect(),
        }
    }

    #[test]
    fn the_innermost_folder_around_a_directory_counts_and_none_beside_it() {
        let rules = rules(&["/work", "/work/inner", "/other"]);
        let found = |directory: &str| rules.folder_of(Path::new(directory)).map(|folder| &folder.path);
        assert_eq!(found("/work/a/b"), Some(&PathBuf::from("/work")));
        assert_eq!(found("/work/inner/src"), Some(&PathBuf::from("/work/inner")));
        assert_eq!(found("/work/inner2"), Some(&PathBuf::from("/work")));
        assert_eq!(found("/workshop"), None);
        assert_eq!(found("/"), None);
    }

    #[test]
    fn rules_come_back_from_the_file_as_they_were_and_unknown_words_are_refused() {
        let mut rules = rules(&["/work"]);
        rules.folders[0].network = Network::Listed(vec![".example.org".to_owned()]);
        let written = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<Rules>(&written).unwrap(), rules);
        let more = written.replacen("\"version\"", "\"more\":1,\"version\"", 1);
        assert!(serde_json::from_str::<Rules>(&more).is_err());
    }

    #[test]
    fn a_listed_host_is_itself_alone_and_with_a_dot_all_below_it() {
        let network = Network::Listed(vec!["git.example.org".to_owned(), ".example.com".to_owned()]);
        for allowed in [
            "git.example.org",
            "GIT.example.org.",
            "example.com",
            "a.b.example.com",
            "pypi.org",
        ] {
            assert!(network.allows(allowed), "{allowed}");
        }
        for refused in [
            "example.org",
            "x.git.example.org",
            "badexample.com",
            "pypi.org.evil.net",
            "127.0.0.1",
            "",
        ] {
            assert!(!network.allows(refused), "{refused}");
        }
        assert!(!Network::Off.allows("pypi.org"));
        assert!(Network::Open.allows("anything.example"));
    }
}
