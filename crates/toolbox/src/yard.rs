//! The directory the app makes for the engine: the wrapper under the names of what it wraps, and the rules it reads.
//!
//! ```text
//! bin/cowork-box           the wrapper          rules.json       what it may let a command do
//! bin/bash, sh, zsh, git   links to it          gateway/ID.sock  where the app's gateway answers for a folder
//!                                               in/ID.sock       where the app hears of servers in a folder's boxes
//! ```
//!
//! In the engine's outer box it is mounted read-only at [`IN_ENGINES_BOX`].

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use cowork_policy::confinement::{FolderRules, RULES_VERSION, Rules};

use crate::Refusal;

/// Where the yard is found in the engine's outer box, and what is left of it in a command's.
pub const IN_ENGINES_BOX: &str = "/run/cowork";

/// Where the engine's outer box keeps the programs that the wrapper stands in front of, each below it at its own path.
pub const REAL_PROGRAMS: &str = "/run/cowork-real";

/// The wrapper's own name.
pub const WRAPPER: &str = "cowork-box";

/// The names it answers to in a yard.
pub const WRAPPED: &[&str] = if cfg!(windows) {
    &["bash", "git", "powershell", "pwsh", "sh", "zsh"]
} else {
    &["bash", "git", "sh", "zsh"]
};

/// What the engine is told to use as its shell. The other shells of Windows do not start in a box.
const SHELL: &str = if cfg!(windows) { "powershell" } else { "bash" };

/// In the yard, and in what a box has of it.
pub(crate) const KNOWN_HOSTS: &str = "known_hosts";

const RULES_FILE: &str = "rules.json";

/// No rules are larger; reading stops there.
const MOST_RULES: u64 = 16 << 20;

/// What rules of every form begin with.
#[derive(serde::Deserialize)]
struct Versioned {
    version: u32,
}

/// A yard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Yard {
    root: PathBuf,
}

impl Yard {
    /// Makes the yard at `root`, or brings it up to date, with the wrapper that was built at `built`.
    ///
    /// The wrapper is replaced and not overwritten, because commands of an engine that is ending may still run it.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn create(root: &Path, built: &Path) -> io::Result<Self> {
        let yard = Self {
            root: root.to_owned(),
        };
        for directory in [
            yard.root.clone(),
            yard.programs(),
            yard.gateways(),
            yard.ways_in(),
        ] {
            private_directory(&directory)?;
        }
        let wrapper = yard.wrapper();
        let fresh = yard.programs().join(format!(".{WRAPPER}.new"));
        remove_if_there(&fresh)?;
        // A copy, not a link: what the yard's wrapper is must not change with the file it was made from.
        fs::copy(built, &fresh)?;
        set_mode(&fresh, 0o500)?;
        if cfg!(windows) {
            put_aside(&wrapper)?;
        }
        fs::rename(&fresh, &wrapper)?;
        for name in WRAPPED {
            yard.link(name)?;
        }
        Ok(yard)
    }

    /// A yard that is there.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The one this process belongs to.
    ///
    /// In the engine's outer box it is at a fixed place. A place that can be written by whoever asks proves nothing, so
    /// then, and outside of the box, it is the directory around this program.
    #[must_use]
    pub fn find() -> Option<Self> {
        let fixed = Self::at(IN_ENGINES_BOX);
        let rules = fixed.rules_file();
        if rules.is_file() && !is_writable(&rules) {
            return Some(fixed);
        }
        let program = std::env::current_exe().ok()?;
        Some(Self::at(program.parent()?.parent()?))
    }

    /// Where it is.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directory that comes first on the engine's search path.
    #[must_use]
    pub fn programs(&self) -> PathBuf {
        self.root.join("bin")
    }

    /// The wrapper itself.
    #[must_use]
    pub fn wrapper(&self) -> PathBuf {
        self.program(WRAPPER)
    }

    fn program(&self, name: &str) -> PathBuf {
        self.programs()
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// What the engine is told to use as its shell.
    #[must_use]
    pub fn shell(&self) -> PathBuf {
        self.program(SHELL)
    }

    /// Where the rules are.
    #[must_use]
    pub fn rules_file(&self) -> PathBuf {
        self.root.join(RULES_FILE)
    }

    /// Where the gateway's sockets are.
    #[must_use]
    pub fn gateways(&self) -> PathBuf {
        self.root.join("gateway")
    }

    /// What the person's SSH knows of hosts, for boxes that may sign in with their agent.
    #[must_use]
    pub fn known_hosts(&self) -> PathBuf {
        self.root.join(KNOWN_HOSTS)
    }

    /// Replaces what boxes know of hosts; they know none without `hosts`.
    ///
    /// # Errors
    /// When it cannot be written or removed.
    pub fn write_known_hosts(&self, hosts: Option<&[u8]>) -> io::Result<()> {
        let Some(hosts) = hosts else {
            return remove_if_there(&self.known_hosts());
        };
        let mut file = tempfile::Builder::new()
            .prefix(".hosts.")
            .tempfile_in(&self.root)?;
        file.write_all(hosts)?;
        set_mode(file.path(), 0o600)?;
        file.persist(self.known_hosts())?;
        Ok(())
    }

    /// The socket for the folder with this id.
    #[must_use]
    pub fn gateway(&self, folder_id: &str) -> PathBuf {
        self.gateways().join(format!("{folder_id}.sock"))
    }

    /// Where the sockets are at which boxes tell the app of their servers.
    #[must_use]
    pub fn ways_in(&self) -> PathBuf {
        self.root.join("in")
    }

    /// The one for the folder with this id.
    #[must_use]
    pub fn way_in(&self, folder_id: &str) -> PathBuf {
        self.ways_in().join(format!("{folder_id}.sock"))
    }

    /// Replaces the rules. A command that starts meanwhile reads the old ones or the new ones, whole.
    ///
    /// # Errors
    /// When they cannot be written; the old ones stay.
    pub fn write_rules(&self, rules: &Rules) -> io::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix(".rules.")
            .tempfile_in(&self.root)?;
        serde_json::to_writer(&mut file, rules)?;
        file.flush()?;
        set_mode(file.path(), 0o600)?;
        file.persist(self.rules_file())?;
        Ok(())
    }

    /// The rules, when they are there, whole and of a form that is understood.
    ///
    /// # Errors
    /// With what to say to whoever wanted a command run.
    pub fn read_rules(&self) -> Result<Rules, Refusal> {
        use std::io::Read as _;
        let again = "Start the engine again from the app, which writes them anew";
        let mut text = Vec::new();
        fs::File::open(self.rules_file())
            .and_then(|file| file.take(MOST_RULES).read_to_end(&mut text))
            .map_err(|error| Refusal::new(format!("the rules for its box are not there ({error})"), again))?;
        // The version first: rules of another form are not merely garbled.
        let version = serde_json::from_slice::<Versioned>(&text).map(|found| found.version);
        if version.as_ref().is_ok_and(|version| *version != RULES_VERSION) {
            let reason = "the rules for its box are of another version than the wrapper";
            return Err(Refusal::new(reason, again));
        }
        serde_json::from_slice(&text)
            .map_err(|error| Refusal::new(format!("the rules for its box are garbled ({error})"), again))
    }

    fn link(&self, name: &str) -> io::Result<()> {
        let at = self.program(name);
        put_aside(&at)?;
        #[cfg(unix)]
        return std::os::unix::fs::symlink(WRAPPER, &at);
        #[cfg(not(unix))]
        return fs::hard_link(self.wrapper(), &at);
    }
}

/// The folder whose rules hold in `directory`.
///
/// # Errors
/// When there is none: what no folder allows is not run.
pub fn folder_around<'a>(rules: &'a Rules, directory: &Path) -> Result<&'a FolderRules, Refusal> {
    rules.folder_of(directory).ok_or_else(|| {
        Refusal::new(
            format!("{} is in no folder that is open here", directory.display()),
            "Open the folder in the app, or run the command in the session's folder",
        )
    })
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Takes a program away. On Windows one that runs cannot be removed, and can be renamed: it goes at the next time.
fn put_aside(program: &Path) -> io::Result<()> {
    if !cfg!(windows) || !program.exists() {
        return remove_if_there(program);
    }
    let aside = program.with_extension("old");
    // As long as it runs it stays, and then the new one cannot be put there either, which says so.
    let _still_running = fs::remove_file(&aside);
    if aside.exists() {
        return remove_if_there(program);
    }
    fs::rename(program, aside)
}

/// Makes a directory that nobody else can enter.
pub(crate) fn private_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    set_mode(path, 0o700)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// The directory of the app's data is the person's alone there.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it fails")]
fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn is_writable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

/// Only Linux has the fixed place.
#[cfg(not(target_os = "linux"))]
fn is_writable(_path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use cowork_policy::confinement::Means;

    use super::*;

    fn rules() -> Rules {
        Rules::closed(Means::Namespaces)
    }

    #[test]
    fn a_yard_is_made_twice_over_and_its_rules_come_back() {
        let directory = tempfile::tempdir().unwrap();
        let built = directory.path().join("built");
        fs::write(&built, "program").unwrap();
        let root = directory.path().join("yard");
        Yard::create(&root, &built).unwrap();
        let yard = Yard::create(&root, &built).unwrap();
        assert_eq!(fs::read(yard.shell()).unwrap(), b"program");
        yard.write_rules(&rules()).unwrap();
        assert_eq!(yard.read_rules().unwrap(), rules());
    }

    #[test]
    fn no_garbled_and_foreign_rules_are_refused_with_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let yard = Yard::at(directory.path());
        for (text, expected) in [
            (None, "not there"),
            (Some("{"), "garbled"),
            (Some(r#"{"version":999,"new":[]}"#), "another version"),
        ] {
            if let Some(text) = text {
                fs::write(yard.rules_file(), text).unwrap();
            }
            let refusal = yard.read_rules().unwrap_err();
            assert!(refusal.reason.contains(expected), "{refusal}");
            assert!(refusal.next_step.contains("Start the engine again"), "{refusal}");
        }
    }
}
