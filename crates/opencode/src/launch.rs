//! How the engine's program is started.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::auth_content::AuthContent;
use crate::configuration::EngineConfiguration;
use crate::password::{Password, ProxyToken};

/// The variable in which the engine finds the token of the proxy that its requests go through.
pub const PROXY_TOKEN_VARIABLE: &str = "COWORK_PROXY_TOKEN";

/// The configuration file, below the private home.
const CONFIGURATION_FILE: &str = "engine/opencode.json";
/// The directory for what the app gives the engine besides (skills, agents), below the private home.
const CONFIGURATION_DIRECTORY: &str = "engine/directory";
/// What keeps a folder's own code and configuration out, below the private home.
const GUARD_FILE: &str = "engine/guard/folder_guard.cjs";
/// What the guard loads first: it lets links that stay within a folder be followed.
const LINKS_FILE: &str = "engine/guard/folder_links.cjs";
/// What the guard proves itself on: were it loaded, it would do nothing.
const BAIT_FILE: &str = "engine/guard/.opencode/bait.js";
/// The engine's own global directory, below the private home: `XDG_CONFIG_HOME` is `config` there.
const GLOBAL_DIRECTORY: &str = "config/opencode";

/// Tells the guard below which directories code may be loaded and configuration found.
const TRUSTED_VARIABLE: &str = "FOLDER_GUARD_TRUSTED";
/// Where a person's own plugins and settings of the engine stand, below their home.
const TRUSTED: [&str; 3] = [".config/opencode", ".cache/opencode", ".local/share/opencode"];

/// The variables by which the engine finds its home, for the person's own. The usual places: a person who moved them
/// by variables of their own is not followed.
fn machine_directories(home: &Path) -> [(&'static str, PathBuf); 5] {
    [
        ("HOME", home.to_owned()),
        ("XDG_CONFIG_HOME", home.join(".config")),
        ("XDG_DATA_HOME", machine_data(home)),
        ("XDG_CACHE_HOME", home.join(".cache")),
        ("XDG_STATE_HOME", home.join(".local/state")),
    ]
}

/// The data directory of the engine that lives in a person's own home.
#[must_use]
pub fn machine_data(home: &Path) -> PathBuf {
    home.join(".local/share")
}

/// Where the engine keeps the whole of outputs it gave a part of, below its data directory.
#[must_use]
pub fn kept_outputs(data: &Path) -> PathBuf {
    data.join("opencode/tool-output")
}

/// What one attempt to start is about.
#[derive(Clone, Copy, Debug)]
pub struct LaunchContext<'a> {
    /// The root of the private home, with the directories `config`, `data`, `cache` and `state` that the
    /// `XDG_*_HOME` variables name, and the files of [`Launch::seed_files`].
    pub home: &'a Path,
    /// The password of this run.
    pub password: &'a Password,
    /// The person's own home directory, when the engine is to live in their own home of it.
    pub machine_home: Option<&'a Path>,
    /// The proxy's token for this run; none when nothing goes through a proxy.
    pub proxy_token: Option<&'a ProxyToken>,
    /// What the engine runs commands with, as `SHELL -c COMMAND`; a shell it finds by itself when absent. Its name has
    /// to be one the engine knows to call that way, such as `bash`: it calls some others by paths of its own.
    pub shell: Option<&'a Path>,
    /// The way to the network; its own, and every address of this machine, when absent.
    pub egress: Option<&'a Egress>,
    /// Sign-ins that the app keeps and the engine only needs to know of. They stand in for the whole of the engine's own
    /// credentials, which are not looked at then; so none is given in a home where the engine is to keep its own.
    pub sign_ins: Option<&'a AuthContent>,
}

/// How the engine's own requests leave: what it fetches for a model, and its own sign-ins. It follows redirects, so
/// that judging an address before it is fetched would not be enough.
#[derive(Clone)]
pub struct Egress {
    /// A proxy's address, `http://NAME:PASSWORD@HOST:PORT`.
    pub proxy: String,
    /// `HOST:PORT` of the servers of ours that are reached without it, and no others.
    pub direct: Vec<String>,
}

impl std::fmt::Debug for Egress {
    /// Without the password in the proxy's address.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Egress")
            .field("direct", &self.direct)
            .finish_non_exhaustive()
    }
}

/// The facts a supervisor needs to start this engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Launch;

impl Launch {
    /// The version these facts were measured on and that must answer.
    pub const EXPECTED_VERSION: &'static str = "1.18.33";
    /// How the line on standard output begins that says the engine listens.
    pub const READINESS_PREFIX: &'static str = "opencode server listening on ";
    /// What standard error holds when the port was taken.
    pub const PORT_TAKEN_PATTERN: &'static str = "ServeError";

    /// How the line on standard output begins that says the guard against a folder's own code holds. An engine that did
    /// not print it must not be used: its switches stop only part of what a folder may bring.
    pub const GUARD_PREFIX: &'static str = "folder guard in place";

    /// The program's arguments. Port 0 must not be given: the engine would try 4096 first.
    #[must_use]
    pub fn arguments(port: u16) -> Vec<OsString> {
        let port = port.to_string();
        ["serve", "--hostname", "127.0.0.1", "--port", port.as_str()]
            .map(OsString::from)
            .to_vec()
    }

    /// What goes into the environment besides the private directories.
    #[must_use]
    pub fn environment(context: &LaunchContext<'_>) -> BTreeMap<OsString, OsString> {
        let switches = [
            // A snapshot of the model catalogue is inside; no request for a newer one.
            "OPENCODE_DISABLE_MODELS_FETCH",
            // The exact version is part of the product.
            "OPENCODE_DISABLE_AUTOUPDATE",
            // Language servers would be downloaded and run without an ask.
            "OPENCODE_DISABLE_LSP_DOWNLOAD",
            // Sharing sends whole sessions to the engine's makers.
            "OPENCODE_DISABLE_SHARE",
            // A folder's own configuration, agents, commands and plugins: code of whoever made the folder, which
            // would run when it is opened.
            "OPENCODE_DISABLE_PROJECT_CONFIG",
        ];
        // Plugins and skills that a person installed in their own home are theirs to use there.
        let private: &[&str] = match context.machine_home {
            None => &["OPENCODE_PURE", "OPENCODE_DISABLE_EXTERNAL_SKILLS"],
            Some(_) => &[],
        };
        let mut environment: BTreeMap<OsString, OsString> = switches
            .iter()
            .chain(private)
            .map(|name| (name.into(), "1".into()))
            .collect();
        let mut set = |name: &str, value: OsString| environment.insert(name.into(), value);
        set("OPENCODE_CLIENT", "desktop".into());
        // The one variable through which the engine's runtime loads a file before the engine.
        set("BUN_INSPECT_PRELOAD", context.home.join(GUARD_FILE).into());
        set("OPENCODE_SERVER_PASSWORD", context.password.reveal().into());
        if let Some(token) = context.proxy_token {
            set(PROXY_TOKEN_VARIABLE, token.reveal().into());
        }
        if let Some(sign_ins) = context.sign_ins {
            set("OPENCODE_AUTH_CONTENT", sign_ins.to_json().to_string().into());
        }
        if let Some(shell) = context.shell {
            set("SHELL", shell.into());
        }
        if let Some(egress) = context.egress {
            for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
                set(name, egress.proxy.as_str().into());
                set(&name.to_lowercase(), egress.proxy.as_str().into());
            }
            // The engine's runtime compares host and port.
            let direct = egress.direct.join(",");
            set("NO_PROXY", direct.as_str().into());
            set("no_proxy", direct.into());
        }
        if let Some(home) = context.machine_home {
            for (name, directory) in machine_directories(home) {
                set(name, directory.into());
            }
            let trusted = TRUSTED.map(|directory| home.join(directory));
            // A home with a colon in its name cannot be named here; then nothing in it is trusted.
            set(
                TRUSTED_VARIABLE,
                std::env::join_paths(trusted).unwrap_or_default(),
            );
        }
        set("OPENCODE_CONFIG", Self::configuration_file(context.home).into());
        set(
            "OPENCODE_CONFIG_DIR",
            context.home.join(CONFIGURATION_DIRECTORY).into(),
        );
        environment
    }

    /// Where the configuration file stands, to be rewritten while the engine runs.
    #[must_use]
    pub fn configuration_file(home: &Path) -> PathBuf {
        home.join(CONFIGURATION_FILE)
    }

    /// What of the private home says what the engine does: its configuration, the guard, its global directory. Whoever could
    /// write there could have it run anything. Relative to the home's root.
    #[must_use]
    pub fn fixed_places() -> Vec<PathBuf> {
        ["engine", GLOBAL_DIRECTORY].map(PathBuf::from).to_vec()
    }

    /// Directories to make before the start, relative to the root of the private home.
    #[must_use]
    pub fn seed_directories() -> Vec<PathBuf> {
        [GLOBAL_DIRECTORY, CONFIGURATION_DIRECTORY]
            .map(|directory| Path::new(directory).join("node_modules"))
            .to_vec()
    }

    /// Files to write before the start, relative to the root of the private home.
    ///
    /// Besides the configuration and the guard these make the engine believe that its plugin package, 63 MB from a
    /// registry, is installed in each of its configuration directories; there is no switch for it.
    #[must_use]
    pub fn seed_files(configuration: &EngineConfiguration) -> Vec<(PathBuf, Vec<u8>)> {
        let version = Self::EXPECTED_VERSION;
        let package = format!(r#"{{"dependencies":{{"@opencode-ai/plugin":"{version}"}}}}"#);
        let lock = format!(r#"{{"name":"opencode","lockfileVersion":3,"packages":{{"":{package}}}}}"#);
        let guard = include_bytes!("folder_guard.cjs").to_vec();
        let mut files = vec![
            (PathBuf::from(CONFIGURATION_FILE), configuration.to_bytes()),
            (PathBuf::from(GUARD_FILE), guard),
            (
                PathBuf::from(LINKS_FILE),
                include_bytes!("folder_links.cjs").to_vec(),
            ),
            (PathBuf::from(BAIT_FILE), b"export {};\n".to_vec()),
        ];
        for directory in [GLOBAL_DIRECTORY, CONFIGURATION_DIRECTORY].map(Path::new) {
            files.push((directory.join("package.json"), package.clone().into_bytes()));
            files.push((directory.join("package-lock.json"), lock.clone().into_bytes()));
            files.push((
                directory.join(".gitignore"),
                b"node_modules\npackage.json\npackage-lock.json\n".to_vec(),
            ));
        }
        files
    }
}
