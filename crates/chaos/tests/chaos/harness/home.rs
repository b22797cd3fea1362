//! Where a round's data is, and whose processes are whose.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::given;
use super::processes::{Process, carries, parent, processes, program, until};

/// A home for the app's data and a folder to work in. Outlives the app, so that it can be started again.
pub(crate) struct Home {
    root: TempDir,
    engine: PathBuf,
}

impl Home {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder can be made");
        for folder in ["app", "work"] {
            std::fs::create_dir(root.path().join(folder)).expect("a folder can be made");
        }
        Self {
            root,
            engine: given("COWORK_ENGINE")
                .canonicalize()
                .expect("the engine's program is there"),
        }
    }

    /// Everything of this round is below it.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Where the app keeps its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.root().join("app")
    }

    /// The folder to work in.
    pub(crate) fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    /// Everything that runs for this home: the app, the engine, and whatever they started.
    pub(crate) fn processes(&self) -> Vec<Process> {
        let root = self.root().as_os_str().as_encoded_bytes();
        processes(|folder| carries(folder, root))
    }

    /// The engines that live. One that is just about to become a command of an agent is none.
    pub(crate) fn engines(&self) -> Vec<u32> {
        let mark = format!("ENGINE_HOME_MARK={}", self.data().display());
        let is_engine = |folder: &Path| {
            // A stand-in has a copy of it.
            program(folder).is_some_and(|program| program.file_name() == self.engine.file_name())
                && carries(folder, mark.as_bytes())
        };
        let all: Vec<u32> = processes(is_engine)
            .into_iter()
            .map(|process| process.id)
            .collect();
        all.iter()
            .copied()
            .filter(|engine| parent(*engine).is_none_or(|parent| !all.contains(&parent)))
            .collect()
    }

    /// Waits for an engine to live.
    pub(crate) fn engine(&self) -> u32 {
        until("an engine", || self.engines().first().copied())
    }

    /// Waits until nothing runs for this home any more.
    pub(crate) fn until_empty(&self) {
        until("the end of all processes", || {
            self.processes().is_empty().then_some(())
        });
    }

    /// Nothing runs for this home.
    #[track_caller]
    pub(crate) fn is_empty(&self) {
        assert_eq!(self.processes(), Vec::new(), "something was left behind");
    }

    /// A stand-in for the engine, by its name.
    pub(crate) fn stand_in(&self, name: &str) -> StandIn {
        let folder = self.root().join("stand-in");
        std::fs::create_dir(&folder).expect("a folder can be made");
        // The engine's box has the folder of the program it is given, and no other place.
        let engine = folder.join("opencode");
        std::fs::copy(&self.engine, &engine).expect("the engine can be copied");
        std::fs::write(folder.join("engine"), engine.as_os_str().as_encoded_bytes())
            .expect("a file can be written");
        symlink(env!("CARGO_BIN_EXE_chaos-app"), folder.join(name)).expect("a link can be made");
        StandIn {
            program: folder.join(name),
            folder,
        }
    }

    /// The last of what the app wrote into its log, and of what the engine wrote into its own.
    pub(crate) fn logs(&self) -> String {
        let engine = self.data().join("data/engine-home/data/opencode/log");
        let [app, engine] = [self.data().join("logs"), engine].map(|folder| last_lines(&folder));
        format!("The app's log ends so:\n{app}\nThe engine's log ends so:\n{engine}")
    }
}

/// The last lines of the files in a folder. They cannot be read where the disk is one that only the app sees.
fn last_lines(folder: &Path) -> String {
    const LINES: usize = 40;
    const COLUMNS: usize = 300;
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let text: String = files
        .filter_map(|file| std::fs::read_to_string(file.path()).ok())
        .collect();
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.chars().take(COLUMNS).collect())
        .collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

/// A program in the engine's place, and the files by which it is told what to do.
pub(crate) struct StandIn {
    folder: PathBuf,
    program: PathBuf,
}

impl StandIn {
    /// What the app is given for an engine.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Writes one of its files.
    pub(crate) fn tell(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join(name), text).expect("a file can be written");
    }

    /// What one of its files says; none when it is not there.
    pub(crate) fn says(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.join(name)).ok()
    }
}
