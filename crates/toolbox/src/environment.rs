//! What of the engine's environment a boxed program gets to see: what is listed here, and nothing else of it.
//!
//! The engine's environment holds the password of its server and tokens of its run. Left out on purpose: `EDITOR` and
//! the like (nobody sits at them), `SSH_AUTH_SOCK`, `DISPLAY` and `DBUS_SESSION_BUS_ADDRESS` (they open other doors),
//! proxies (a box has its own), `LD_*` and `NODE_OPTIONS` (they load code), `CARGO_HOME` and `GOPATH` (they lead to the
//! person's home, where a box cannot write).

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use cowork_policy::confinement::{FolderRules, GitElsewhere, Rules};

/// A variable that passes from the engine's environment into a box.
#[derive(Clone, Copy, Debug)]
pub struct Passed {
    /// Its name, or the beginning of it when that ends with an underscore.
    pub name: &'static str,
    /// Why.
    pub reason: &'static str,
}

const fn passed(name: &'static str, reason: &'static str) -> Passed {
    Passed { name, reason }
}

/// What every boxed program gets, if the engine has it. `PATH` is composed.
pub const PASSED: &[Passed] = &[
    passed(
        "ENGINE_RUN_NONCE",
        "what a box of Landlock's leaves behind is found by it",
    ),
    passed(
        "ENGINE_HOME_MARK",
        "the same for whoever looks at a list of processes",
    ),
    passed("LANG", "language and encoding of what tools print"),
    passed("LANGUAGE", "preferred languages of messages"),
    passed("LC_", "the same by category"),
    passed("TZ", "times that tools print are the person's"),
    passed("TERM", "what the terminal at the other end can do"),
    passed("COLORTERM", "how many colours it has"),
    passed("NO_COLOR", "that the reader wants none"),
    passed("COLUMNS", "how wide it is"),
    passed("LINES", "how high it is"),
    passed("USER", "tools that ask who runs them, git among them"),
    passed("LOGNAME", "the same on System V"),
    passed("RUSTUP_HOME", "where the Rust toolchains are"),
    passed("RUSTUP_TOOLCHAIN", "which of them is chosen"),
    passed("JAVA_HOME", "where Java is"),
    passed("GOROOT", "where Go is"),
    passed("PYENV_ROOT", "where the Python versions are"),
    passed("NVM_DIR", "where the Node versions are"),
    passed("VOLTA_HOME", "the same by Volta"),
    passed("SDKMAN_DIR", "where the versions of Java's tools are"),
    passed("DOTNET_ROOT", "where .NET is"),
    passed("ANDROID_HOME", "where the Android toolchain is"),
];

/// What of git's own variables passes to git: which repository is meant, and that nobody is to be asked.
pub const PASSED_TO_GIT: &[Passed] = &[
    passed("GIT_DIR", "the repository that is meant"),
    passed("GIT_WORK_TREE", "the files that belong to it"),
    passed("GIT_INDEX_FILE", "the index that is meant"),
    passed(
        "GIT_OPTIONAL_LOCKS",
        "that looking must not stand in a person's way",
    ),
    passed("GIT_TERMINAL_PROMPT", "that nobody is there to be asked"),
];

/// What programs of Windows do not start without, for those that run there without a box.
pub const PASSED_ON_WINDOWS: &[Passed] = &[
    passed("APPDATA", "where programs keep their settings"),
    passed("COMSPEC", "the system's own shell, which programs call"),
    passed("LOCALAPPDATA", "where programs keep their caches"),
    passed("PATHEXT", "which files are programs"),
    passed("ProgramData", "settings of programs for all"),
    passed("ProgramFiles", "where programs are"),
    passed("SystemDrive", "where the system is"),
    passed("SystemRoot", "the same, without which there is not even chance"),
    passed("TEMP", "where temporary files go"),
    passed("TMP", "the same"),
    passed("USERPROFILE", "the home, to programs of that system"),
];

/// With these a tool that is refused the network says so at once, instead of trying for a minute.
pub const WITHOUT_NETWORK: &[(&str, &str)] = &[
    ("CARGO_NET_RETRY", "0"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("PIP_RETRIES", "0"),
    ("npm_config_audit", "false"),
    ("npm_config_fetch_retries", "0"),
    ("npm_config_fund", "false"),
    ("npm_config_update_notifier", "false"),
];

/// With these a tool does not even try.
pub const OFFLINE: &[(&str, &str)] = &[
    ("CARGO_NET_OFFLINE", "true"),
    ("GOPROXY", "off"),
    ("GOTOOLCHAIN", "local"),
    ("UV_OFFLINE", "1"),
];

/// Where what a command installs goes, below the box's home. The places where tools would put it otherwise are the
/// person's, and there to be read only.
pub const INSTALLED: &str = ".installed";

/// A variable by which a tool is told where to install.
#[derive(Clone, Copy, Debug)]
pub struct Install {
    /// Its name.
    pub name: &'static str,
    /// The place, below [`INSTALLED`].
    pub place: &'static str,
    /// Why.
    pub reason: &'static str,
}

const fn install(name: &'static str, place: &'static str, reason: &'static str) -> Install {
    Install { name, place, reason }
}

/// With these what a command installs for its user is the folder's own, and found by the folder's next command.
pub const INSTALLS: &[Install] = &[
    install(
        "PYTHONUSERBASE",
        "",
        "`pip install --user` writes to ~/.local/lib and ~/.local/bin",
    ),
    install(
        "PIPX_HOME",
        "pipx",
        "the environments of pipx are in ~/.local/pipx",
    ),
    install("PIPX_BIN_DIR", "bin", "its programs are in ~/.local/bin"),
    install(
        "UV_TOOL_DIR",
        "uv/tools",
        "the tools of uv are in ~/.local/share/uv",
    ),
    install("UV_TOOL_BIN_DIR", "bin", "their programs are in ~/.local/bin"),
    install(
        NPM_PREFIX,
        "",
        "`npm install --global` writes to the system, or to the prefix of Node's own place",
    ),
    install(
        "PNPM_HOME",
        "pnpm",
        "the store of pnpm, which every install writes to, is in ~/.local/share/pnpm",
    ),
    install("BUN_INSTALL_BIN", "bin", "the programs of Bun are in ~/.bun/bin"),
    install("DENO_INSTALL_ROOT", "", "the programs of Deno are in ~/.deno/bin"),
    install("CARGO_INSTALL_ROOT", "", "`cargo install` writes to ~/.cargo/bin"),
    install("GOBIN", "bin", "`go install` writes to ~/go/bin"),
];

const NPM_PREFIX: &str = "npm_config_prefix";

/// Directories of [`INSTALLED`] with programs.
const INSTALLED_PROGRAMS: &[&str] = &["bin", "pnpm"];

/// Has what is installed go into a box's `home`. Where the person names a place of their own it is kept when it is one in
/// the home that `is_writable`: there it is the box's as well.
///
/// Debian's pip is told to install although the system has Python packages of its own: it cannot change these here.
pub fn add_installs(environment: &mut Environment, home: &Path, is_writable: impl Fn(&Path) -> bool) {
    let installed = home.join(INSTALLED);
    for Install { name, place, .. } in INSTALLS {
        // A node of nvm's refuses every command with a prefix that is not nvm's.
        if *name == NPM_PREFIX && environment.contains_key(OsStr::new("NVM_DIR")) {
            continue;
        }
        let own = environment.get(OsStr::new(name)).map(PathBuf::from);
        if own.is_none_or(|own| !own.starts_with(home) || !is_writable(&own)) {
            let place = if place.is_empty() {
                installed.clone()
            } else {
                installed.join(place)
            };
            environment.insert((*name).into(), place.into());
        }
    }
    environment
        .entry("PIP_BREAK_SYSTEM_PACKAGES".into())
        .or_insert_with(|| "1".into());
    let path = environment.get(OsStr::new("PATH")).cloned().unwrap_or_default();
    let first = INSTALLED_PROGRAMS.iter().map(|place| installed.join(place));
    // A home with a colon in its name has its programs called by their whole names.
    if let Ok(path) = std::env::join_paths(first.chain(std::env::split_paths(&path))) {
        environment.insert("PATH".into(), path);
    }
}

/// Tells a script that it runs in a box.
pub const MARK: &str = "COWORK_BOX";

const SYSTEM_PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/// An environment.
pub type Environment = BTreeMap<OsString, OsString>;

/// What of `source` passes by one of the `lists`.
pub fn select(source: impl IntoIterator<Item = (OsString, OsString)>, lists: &[&[Passed]]) -> Environment {
    let passes = |name: &OsStr| {
        let name = name.to_string_lossy();
        lists.iter().copied().flatten().any(|passed| {
            if cfg!(windows) {
                name.eq_ignore_ascii_case(passed.name)
            } else if passed.name.ends_with('_') {
                name.starts_with(passed.name)
            } else {
                name == passed.name
            }
        })
    };
    source.into_iter().filter(|(name, _)| passes(name)).collect()
}

/// The search path of a box: the engine's, without the directories where the wrapper stands, and the system's.
#[must_use]
pub fn search_path(engines: Option<&OsStr>, left_out: &[PathBuf]) -> OsString {
    let mut directories: Vec<PathBuf> = Vec::new();
    let all = engines
        .into_iter()
        .flat_map(std::env::split_paths)
        .chain(std::env::split_paths(SYSTEM_PATH));
    for directory in all {
        // One with a colon in its name cannot be written into a search path again.
        let speaks = directory.is_absolute() && (cfg!(windows) || !directory.to_string_lossy().contains(':'));
        if speaks && !left_out.contains(&directory) && !directories.contains(&directory) {
            directories.push(directory);
        }
    }
    std::env::join_paths(directories).unwrap_or_else(|_| SYSTEM_PATH.into())
}

/// The variables that name places, for a box whose home is `home`.
pub fn add_places(environment: &mut Environment, home: &Path, temporary: &Path) {
    let shell = if Path::new("/bin/bash").exists() {
        "/bin/bash"
    } else {
        "/bin/sh"
    };
    for (name, value) in [
        ("HOME", home.to_owned()),
        ("TMPDIR", temporary.to_owned()),
        ("SHELL", shell.into()),
        ("XDG_CACHE_HOME", home.join(".cache")),
        ("XDG_CONFIG_HOME", home.join(".config")),
        ("XDG_DATA_HOME", home.join(".local/share")),
        ("XDG_STATE_HOME", home.join(".local/state")),
    ] {
        environment.insert(name.into(), value.into());
    }
}

/// By these the rules say who the person is to git. They are no variables of a box: git would take them before a
/// repository's own settings.
const IDENTITY: [&str; 4] = [
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
];

/// The variables that the rules give every program.
#[must_use]
pub fn of_rules(rules: &Rules) -> Environment {
    let given = rules.environment.iter();
    given
        .filter(|(name, _)| !IDENTITY.contains(&name.as_str()))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// Settings of git with the person's name and address, to be read in place of the system's: those come first in it, and
/// a repository's and a home's come after. Nothing where there is nothing to say.
///
/// A repository that the folder is one worktree of must not be told to forget the others, whose files no box has.
#[must_use]
pub fn git_settings(rules: &Rules, folder: Option<&FolderRules>) -> Option<String> {
    let line = |variable: &str, key: &str| {
        let value = rules.environment.get(variable)?;
        Some(format!("\t{key} = {}\n", quoted_for_git(value)))
    };
    let [name, email] = [line(IDENTITY[0], "name"), line(IDENTITY[1], "email")];
    let user = [name, email].into_iter().flatten().collect::<String>();
    let mut settings = String::new();
    if !user.is_empty() {
        settings.push_str("[user]\n");
        settings.push_str(&user);
    }
    if folder.is_some_and(|folder| matches!(folder.git, Some(GitElsewhere::Repository { .. }))) {
        settings.push_str("[gc]\n\tworktreePruneExpire = never\n");
    }
    (!settings.is_empty()).then(|| format!("[include]\n\tpath = /etc/gitconfig\n{settings}"))
}

/// A value as git reads it from a file, whatever is in it. What no name has is left out.
fn quoted_for_git(value: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in value.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => {}
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// The variables by which programs find the proxy at `address`. A variable of [`ADDED`] is added to what is there.
#[must_use]
pub fn proxies(address: std::net::SocketAddr) -> Vec<(&'static str, String)> {
    let url = format!("http://{address}");
    let own = "localhost,127.0.0.1,::1";
    let mut variables: Vec<_> = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
        .into_iter()
        .chain(["http_proxy", "https_proxy", "all_proxy"])
        .chain(["npm_config_proxy", "npm_config_https_proxy"])
        .map(|name| (name, url.clone()))
        .collect();
    variables.extend([("NO_PROXY", own.to_owned()), ("no_proxy", own.to_owned())]);
    // Java reads none of these, and the variable that all of it reads has each program say so on standard error.
    // Its own address it asks no proxy for anyway.
    let (host, port) = (address.ip(), address.port());
    let java = format!(
        "-Dhttp.proxyHost={host} -Dhttp.proxyPort={port} -Dhttps.proxyHost={host} -Dhttps.proxyPort={port}"
    );
    variables.extend(ADDED.map(|name| (name, java.clone())));
    variables
}

/// Options of Java's build tools, which others may have set as well.
pub const ADDED: [&str; 2] = ["GRADLE_OPTS", "MAVEN_OPTS"];

/// How git reaches others by SSH, which knows of no proxies: through `wrapper`. git is told that it is SSH all the same,
/// or it would try out what the wrapper takes.
#[must_use]
pub fn ssh_of_git(wrapper: &str) -> [(&'static str, String); 2] {
    [
        ("GIT_SSH_COMMAND", format!("{wrapper} ssh")),
        ("GIT_SSH_VARIANT", "ssh".to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_does_not_pass() {
        let source = [
            "LANG",
            "LC_ALL",
            "GIT_DIR",
            "OPENCODE_SERVER_PASSWORD",
            "LD_PRELOAD",
            "LANGX",
        ]
        .map(|name| (OsString::from(name), OsString::from("x")));
        let names = |environment: Environment| environment.into_keys().collect::<Vec<_>>();
        assert_eq!(names(select(source.clone(), &[PASSED])), ["LANG", "LC_ALL"]);
        assert_eq!(
            names(select(source, &[PASSED, PASSED_TO_GIT])),
            ["GIT_DIR", "LANG", "LC_ALL"]
        );
    }

    #[test]
    fn a_name_cannot_say_more_to_git_than_a_name() {
        assert_eq!(
            quoted_for_git("A \"B\" \\C\n[alias]\tx; # d"),
            r#""A \"B\" \\C[alias]x; # d""#
        );
    }

    #[test]
    fn what_is_installed_goes_to_the_box_s_home_or_where_the_person_has_it_go_in_it() {
        let home = Path::new("/home/ada");
        let mut environment: Environment = [
            ("PATH", "/usr/bin"),
            ("GOBIN", "/home/ada/.local/bin"),
            ("CARGO_INSTALL_ROOT", "/opt/cargo"),
            ("npm_config_prefix", "/home/ada/.npm-global"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
        add_installs(&mut environment, home, |place| {
            !place.starts_with("/home/ada/.local")
        });
        let get = |name: &str| environment[OsStr::new(name)].to_str().unwrap();
        assert_eq!(
            get("GOBIN"),
            "/home/ada/.installed/bin",
            "the person's is read only"
        );
        assert_eq!(get("CARGO_INSTALL_ROOT"), "/home/ada/.installed");
        assert_eq!(get("npm_config_prefix"), "/home/ada/.npm-global");
        assert_eq!(
            get("PATH"),
            "/home/ada/.installed/bin:/home/ada/.installed/pnpm:/usr/bin"
        );

        let mut of_nvm: Environment = [("NVM_DIR".into(), "/home/ada/.nvm".into())].into();
        add_installs(&mut of_nvm, home, |_| true);
        assert!(!of_nvm.contains_key(OsStr::new(NPM_PREFIX)));
    }

    #[test]
    fn the_search_path_loses_the_wrapper_and_what_is_relative() {
        let path = search_path(
            Some("/run/cowork/bin:.:/home/ada/.cargo/bin:/usr/bin".as_ref()),
            &["/run/cowork/bin".into()],
        );
        assert_eq!(
            path,
            "/home/ada/.cargo/bin:/usr/bin:/usr/local/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
        );
    }
}
