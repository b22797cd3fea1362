//! What a program that an agent starts may see, change, reach and use.
//!
//! The rules are data, so that whoever enforces them (a wrapper in front of every shell, on each system by its own
//! means), whoever proves them and whoever shows them to a person read the same.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use crate::limits::{Ceiling, Limit, Limits, OwnLimits, Range};

/// Of the form in which rules are handed to the wrapper. One that reads another refuses to run anything.
pub const RULES_VERSION: u32 = 3;

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
    /// What of the person's home a consent opened to every box, to be changed too: the directories of SSH and GPG. Absolute,
    /// as it is spelled in the home.
    pub opened: Vec<PathBuf>,
    /// The same, to be read alone: directories and files of clouds and developer tools. Their settings name programs, which
    /// whoever may write there has run outside of every box when the person next uses the tool.
    pub opened_to_read: Vec<PathBuf>,
    /// Where the engine keeps its copies of what it changed. `git` alone may write there, and only when it is told to
    /// use a repository below it.
    pub snapshots: Option<PathBuf>,
    /// Variables a boxed program gets beside the fixed ones, by name and value.
    pub environment: BTreeMap<String, String>,
    /// How a box is made.
    pub means: Means,
    /// Why none can be made here, in words for a person: then nothing runs but what runs without one.
    pub no_box: Option<String>,
    /// The engine's box follows no link in the folders it has; a box of namespaces follows them in a view of its own.
    pub links_barred: bool,
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
    /// macOS: a Seatbelt profile. No network at all. Unverified.
    Seatbelt,
    /// Windows: a restricted token in a container without capabilities, and a job object. No network at all. Unverified.
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
    /// What git of the folder needs that is not in it. It is open only when it is among `granted`.
    pub git: Option<GitElsewhere>,
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

/// Where git of a folder is, when it is not in the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "kind")]
pub enum GitElsewhere {
    /// The folder is a linked worktree or a submodule.
    Repository {
        /// The directory of the repository, such as `/code/first/.git`. Absolute, links resolved.
        directory: PathBuf,
        /// What in it is the folder's own.
        own: PathBuf,
    },
    /// The folder lies in a worktree, whose root this is. Its git directory alone would not do: git would take every file
    /// that is not there for deleted.
    Around {
        /// Absolute, links resolved.
        root: PathBuf,
    },
}

impl GitElsewhere {
    /// What has to be open for git to work.
    #[must_use]
    pub fn needed(&self) -> &Path {
        match self {
            Self::Repository { directory, .. } => directory,
            Self::Around { root } => root,
        }
    }
}

impl Rules {
    /// Rules by which nothing runs, because they know of no folder, and which show nothing of the person's home.
    #[must_use]
    pub fn closed(means: Means) -> Self {
        Self {
            version: RULES_VERSION,
            person_home: None,
            hidden: Vec::new(),
            read_only: Vec::new(),
            opened: Vec::new(),
            opened_to_read: Vec::new(),
            snapshots: None,
            environment: BTreeMap::new(),
            means,
            no_box: None,
            links_barred: false,
            folders: Vec::new(),
        }
    }
}

impl FolderRules {
    /// Rules of a folder to which nothing else is open, and in which nothing runs before its box was proven.
    #[must_use]
    pub fn closed(id: &str, path: impl Into<PathBuf>, home: impl Into<PathBuf>) -> Self {
        Self {
            id: id.to_owned(),
            path: path.into(),
            granted: Vec::new(),
            git: None,
            home: home.into(),
            network: Network::Off,
            gateway: None,
            sockets: Vec::new(),
            limits: Limits::default(),
            unboxed: false,
            proven: false,
        }
    }

    /// Whether what runs here may sign in with the person's SSH agent.
    #[must_use]
    pub fn has_ssh_agent(&self) -> bool {
        let mut named = self
            .sockets
            .iter()
            .filter_map(|socket| socket.variable.as_deref());
        named.any(|variable| variable == "SSH_AUTH_SOCK")
    }

    /// What git lacks here.
    #[must_use]
    pub fn git_lacks(&self) -> Option<&Path> {
        let needed = self.git.as_ref()?.needed();
        let is_open = self.granted.iter().any(|grant| needed.starts_with(&grant.path));
        (!is_open).then_some(needed)
    }
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

impl OpenedSocket {
    /// What its variable says when the socket is at `place`: docker's is an address, others' a path.
    #[must_use]
    pub fn value(&self, place: &Path) -> OsString {
        let scheme = match self.variable.as_deref() {
            Some("DOCKER_HOST") => "unix://",
            _ => "",
        };
        let mut value = OsString::from(scheme);
        value.push(place);
        value
    }
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

/// Shells by all the names they have: what stands in front of shells stands in front of each that a computer has.
pub const SHELLS: &[&str] = &[
    "ash",
    "bash",
    "bash-static",
    "busybox",
    "csh",
    "dash",
    "elvish",
    "fish",
    "ion",
    "ksh",
    "ksh93",
    "lksh",
    "loksh",
    "mksh",
    "mksh-static",
    "nu",
    "oksh",
    "osh",
    "pdksh",
    "posh",
    "powershell",
    "pwsh",
    "rbash",
    "rksh",
    "rzsh",
    "sash",
    "sh",
    "tcsh",
    "xonsh",
    "yash",
    "ysh",
    "zsh",
    "zsh-static",
    "zsh5",
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
            proven: true,
            ..FolderRules::closed("one", path, "/homes/one")
        }
    }

    fn rules(paths: &[&str]) -> Rules {
        Rules {
            person_home: Some("/home/ada".into()),
            folders: paths.iter().map(|path| folder(path)).collect(),
            ..Rules::closed(Means::Namespaces)
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
