//! Where an app under test keeps its data, and what of its engine can be seen from outside.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Where an app's data and folders are; outlives the app, so that a test can start it again.
pub(crate) struct Home {
    root: TempDir,
}

impl Home {
    /// An empty home.
    pub(crate) fn new() -> Self {
        Self {
            root: tempfile::tempdir().expect("a temporary folder can be made"),
        }
    }

    /// A folder to work in, made when it is not there.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let folder = self.root.path().join("folders").join(name);
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        folder
    }

    /// Has the person chosen, before the app is started, that commands run in a folder without a box, without the dialog of
    /// the system's in which they do.
    pub(crate) fn unbox(&self, folder: &Path) {
        let data = self.data();
        std::fs::create_dir_all(&data).expect("a folder can be made");
        let database = cowork_brand::Places::under(&data)
            .expect("it is absolute")
            .database;
        let (store, _) = cowork_store::Store::open(&database, 0).expect("the index can be made");
        let folder = folder.canonicalize().expect("the folder is there");
        store
            .set_unboxed(&folder.display().to_string(), Some(0))
            .expect("the index can be written");
    }

    /// All of it.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Where the app keeps its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.root.path().join("app")
    }

    /// The command lines of all processes that carry this home's mark: the engine, and whatever it started.
    pub(crate) fn started_by_the_engine(&self) -> Vec<String> {
        self.marked().into_iter().map(|(_, command)| command).collect()
    }

    /// The engine's process.
    pub(crate) fn engine(&self) -> Option<u32> {
        let serves = |command: &String| command.split('\0').any(|word| word == "serve");
        self.marked()
            .into_iter()
            .find(|(_, command)| serves(command))
            .map(|(process, _)| process)
    }

    /// Kills the engine as a fault would.
    pub(crate) fn kill_engine(&self) {
        let engine = self.engine().expect("the engine runs");
        let sent = Command::new("kill").args(["-KILL", &engine.to_string()]).status();
        assert!(sent.expect("a signal can be sent").success());
    }

    /// All processes that carry this home's mark, with their command lines.
    fn marked(&self) -> Vec<(u32, String)> {
        let mark = format!("ENGINE_HOME_MARK={}", self.data().display());
        let processes = std::fs::read_dir("/proc")
            .expect("the system lists its processes")
            .flatten();
        let marked = processes.filter(|process| {
            // Of another user's processes, and of one that ends meanwhile, nothing can be read.
            let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable.starts_with(mark.as_bytes()))
        });
        marked
            .filter_map(|process| {
                let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
                let id = process.file_name().to_str()?.parse().ok()?;
                Some((id, String::from_utf8_lossy(&command).into_owned()))
            })
            .collect()
    }
}
