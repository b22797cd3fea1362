//! Which of our own environment variables an engine gets to see.
//!
//! The engine hands its whole environment to every command that an agent runs. A variable that is not in [`PASSED`]
//! does not pass: a person's shell is full of tokens. Left out on purpose although a program might like them:
//! `SSH_AUTH_SOCK` and `DBUS_SESSION_BUS_ADDRESS` (they open the key ring), `XDG_RUNTIME_DIR`, `DISPLAY` and
//! `WAYLAND_DISPLAY` (they open the desktop), `SHELL` (permission rules are written for the default shell), `TERM`
//! (no terminal is attached, so tools should not colour), `LD_*`, `NODE_OPTIONS` and the like (they load code).

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::home::HomeLayout;

/// Carries the root of the private home, so that whatever the engine started can be recognised as its own, even after
/// it has left the engine's process group, session and family.
pub(crate) const HOME_MARK: &str = "ENGINE_HOME_MARK";

/// Carries the nonce of one run, which the registry of processes holds beside its process id.
pub(crate) const RUN_NONCE: &str = "ENGINE_RUN_NONCE";

/// One variable that passes from our environment to the engine's.
#[derive(Clone, Copy, Debug)]
pub struct PassedVariable {
    /// The exact name, or the beginning of it when `is_prefix`. On Windows letter case does not count.
    pub name: &'static str,
    /// Whether every name that begins so passes.
    pub is_prefix: bool,
    /// Why the engine needs it.
    pub reason: &'static str,
}

const fn exact(name: &'static str, reason: &'static str) -> PassedVariable {
    PassedVariable {
        name,
        is_prefix: false,
        reason,
    }
}

const fn prefix(name: &'static str, reason: &'static str) -> PassedVariable {
    PassedVariable {
        name,
        is_prefix: true,
        reason,
    }
}

/// The allowlist. `PATH`, the `NO_PROXY` pair and the directories are not in it: [`child_environment`] composes them.
pub const PASSED: &[PassedVariable] = &[
    exact("LANG", "language and encoding of what tools print"),
    exact("LANGUAGE", "preferred languages of messages"),
    prefix("LC_", "the same by category"),
    exact("TZ", "times that tools print are the person's"),
    exact("USER", "tools that ask who runs them, git among them"),
    exact("LOGNAME", "the same on System V"),
    exact(
        "HTTP_PROXY",
        "a company network is reached through its proxy only",
    ),
    exact("http_proxy", "the same; some tools read the lower case only"),
    exact("HTTPS_PROXY", "as HTTP_PROXY"),
    exact("https_proxy", "as HTTP_PROXY"),
    exact("ALL_PROXY", "as HTTP_PROXY"),
    exact("all_proxy", "as HTTP_PROXY"),
    exact("SSL_CERT_FILE", "a company's own certificate authority"),
    exact("SSL_CERT_DIR", "the same as a directory"),
    exact("NODE_EXTRA_CA_CERTS", "the same for JavaScript runtimes"),
];

/// What a Windows process cannot run without, or cannot find programs without. Applies on Windows only.
pub const PASSED_ON_WINDOWS: &[PassedVariable] = &[
    exact(
        "SystemRoot",
        "sockets and cryptography fail to initialise without it",
    ),
    exact("SystemDrive", "many installers and shells expand it"),
    exact("windir", "the older name of SystemRoot"),
    exact("ComSpec", "the command interpreter"),
    exact("PATHEXT", "which file endings are programs"),
    exact("OS", "scripts tell Windows by it"),
    exact(
        "NUMBER_OF_PROCESSORS",
        "build tools choose their parallelism by it",
    ),
    exact("PROCESSOR_ARCHITECTURE", "tools choose binaries by it"),
    prefix("ProgramFiles", "where programs are installed, git among them"),
    exact("ProgramData", "machine-wide settings of installed programs"),
    exact("USERNAME", "tools that ask who runs them"),
];

/// The value of `PATH` when we have none ourselves.
#[cfg(unix)]
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";
#[cfg(not(unix))]
const DEFAULT_PATH: &str = r"C:\Windows\System32;C:\Windows";

/// Hosts that are reached without a proxy whatever the person's settings say: the engine and our own listeners.
const LOOPBACK_HOSTS: &[&str] = &["127.0.0.1", "localhost", "::1"];

/// The environment of the engine: what passes from `parent`, the directories of the private home, and `added`, which
/// wins over both.
///
/// `PATH` begins with `tool_directories`; `search_path` (what the person's login shell has) and the parent's follow,
/// each entry once. Only absolute entries count, since an empty or relative one would run a program out of the folder
/// that the agent works in.
pub fn child_environment(
    parent: impl IntoIterator<Item = (OsString, OsString)>,
    layout: &HomeLayout,
    tool_directories: &[PathBuf],
    search_path: Option<&OsStr>,
    added: BTreeMap<OsString, OsString>,
) -> BTreeMap<OsString, OsString> {
    let parent: BTreeMap<OsString, OsString> = parent.into_iter().collect();
    let mut child: BTreeMap<OsString, OsString> = parent
        .iter()
        .filter(|(name, _)| passes(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    child.insert(
        "PATH".into(),
        joined_path(&[search_path, lookup(&parent, "PATH")], tool_directories),
    );
    for (name, other_case) in [("NO_PROXY", "no_proxy"), ("no_proxy", "NO_PROXY")] {
        let inherited = parent
            .get(OsStr::new(name))
            .or_else(|| parent.get(OsStr::new(other_case)));
        child.insert(name.into(), with_loopback(inherited.map(OsString::as_os_str)));
    }
    child.extend(directories(layout));
    child.extend(added);
    child.insert(HOME_MARK.into(), layout.root().as_os_str().to_owned());
    child
}

fn passes(name: &OsStr) -> bool {
    // A name that is not UTF-8 is in no table.
    let Some(name) = name.to_str() else { return false };
    let on_windows: &[PassedVariable] = if cfg!(windows) { PASSED_ON_WINDOWS } else { &[] };
    PASSED.iter().chain(on_windows).any(|variable| {
        let Some(head) = name.get(..variable.name.len()) else {
            return false;
        };
        let same = if cfg!(windows) {
            head.eq_ignore_ascii_case(variable.name)
        } else {
            head == variable.name
        };
        same && (variable.is_prefix || name.len() == variable.name.len())
    })
}

fn lookup<'a>(parent: &'a BTreeMap<OsString, OsString>, wanted: &str) -> Option<&'a OsStr> {
    parent
        .iter()
        .find(|(name, _)| {
            if cfg!(windows) {
                name.eq_ignore_ascii_case(wanted)
            } else {
                name.as_os_str() == wanted
            }
        })
        .map(|(_, value)| value.as_os_str())
}

fn joined_path(inherited: &[Option<&OsStr>], tool_directories: &[PathBuf]) -> OsString {
    let inherited: Vec<&OsStr> = match inherited.iter().copied().flatten().collect::<Vec<_>>() {
        none if none.is_empty() => vec![OsStr::new(DEFAULT_PATH)],
        some => some,
    };
    let mut seen = BTreeSet::new();
    let entries = tool_directories
        .iter()
        .cloned()
        .chain(inherited.into_iter().flat_map(std::env::split_paths));
    let usable =
        entries.filter(|entry| entry.is_absolute() && can_be_joined(entry) && seen.insert(entry.clone()));
    // `can_be_joined` took out the one reason for which joining fails.
    std::env::join_paths(usable).unwrap_or_else(|_| DEFAULT_PATH.into())
}

/// A directory with the separator of `PATH` in its name cannot be an entry of it.
fn can_be_joined(entry: &Path) -> bool {
    std::env::join_paths([entry]).is_ok()
}

fn with_loopback(inherited: Option<&OsStr>) -> OsString {
    let mut hosts = inherited
        .map(|value| value.to_string_lossy().into_owned())
        .unwrap_or_default();
    for loopback in LOOPBACK_HOSTS {
        if !hosts.split(',').any(|host| host.trim() == *loopback) {
            if !hosts.is_empty() {
                hosts.push(',');
            }
            hosts.push_str(loopback);
        }
    }
    hosts.into()
}

/// The variables by which programs find the person's directories, pointed at the private home instead.
fn directories(layout: &HomeLayout) -> Vec<(OsString, OsString)> {
    let mut variables = vec![
        ("HOME", layout.home_directory()),
        ("XDG_CONFIG_HOME", layout.config_directory()),
        ("XDG_DATA_HOME", layout.data_directory()),
        ("XDG_CACHE_HOME", layout.cache_directory()),
        ("XDG_STATE_HOME", layout.state_directory()),
        ("TMPDIR", layout.temporary_directory()),
    ];
    if cfg!(windows) {
        variables.extend([
            ("USERPROFILE", layout.home_directory()),
            ("APPDATA", layout.config_directory()),
            ("LOCALAPPDATA", layout.data_directory()),
            ("TEMP", layout.temporary_directory()),
            ("TMP", layout.temporary_directory()),
        ]);
    }
    variables
        .into_iter()
        .map(|(name, directory)| (name.into(), directory.into()))
        .collect()
}
