//! git of a folder, as the app itself asks it.
//!
//! A folder's settings name programs that git runs: hooks, filters, monitors. So git runs nowhere but in the folder's own
//! box, which the wrapper makes as for a command, in surroundings like the engine's; where no box holds, git is not run,
//! and that is said. What of the settings would run a program beside what was asked for is overruled besides.

mod status;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cowork_supervisor::{Allowance, Trial, run_in_box};
use cowork_toolbox::{command_line, repository};

pub(crate) use self::status::Status;
use self::status::{Counted, counts};
use crate::boxes;
use crate::view::{BoxProof, GitState};
use crate::workspace::{Inner, blocking};

/// How long git may take to look, and to write: a hook may run tests.
const TO_LOOK: Duration = Duration::from_secs(20);
const TO_WRITE: Duration = Duration::from_mins(5);

/// Bytes that git may say. Names of some hundred thousand files.
const OUTPUT: u64 = 32 << 20;

/// Bytes of what git says to a person that are shown: its end, where hooks and git itself say why.
const SAID: usize = 8 << 10;

/// Branches that are listed.
const BRANCHES: usize = 200;

/// Told git each time. Nothing here is asked on a terminal, shown in a pager, sent over a network or signed: keys are not
/// in the box.
const SETTINGS: &[&str] = &[
    "core.fsmonitor=false",
    "core.quotePath=false",
    "core.editor=false",
    "sequence.editor=false",
    "core.askPass=false",
    "core.sshCommand=false",
    "color.ui=false",
    "commit.gpgSign=false",
    "credential.helper=",
    "diff.context=3",
    "diff.external=",
    "diff.interHunkContext=0",
    "diff.submodule=short",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.allow=never",
    "safe.directory=*",
    "submodule.recurse=false",
];

/// What every comparison is told: names and lines as they are, by no program of the folder's.
const PLAIN: &[&str] = &[
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--find-renames",
    "--relative",
    "--ignore-submodules=dirty",
];

/// Why git is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lacking {
    Repository,
    Elsewhere(PathBuf),
    NoBox(String),
    Failed(String),
}

impl From<Lacking> for GitState {
    fn from(lacking: Lacking) -> Self {
        match lacking {
            Lacking::Repository => Self::None,
            Lacking::Elsewhere(path) => Self::Elsewhere {
                path: path.display().to_string(),
            },
            Lacking::NoBox(reason) => Self::NoBox { reason },
            Lacking::Failed(reason) => Self::Failed { reason },
        }
    }
}

/// What git said.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) well: bool,
    pub(crate) output: Vec<u8>,
    pub(crate) errors: String,
}

impl Said {
    /// What it said to a person, without what the terminal would do with it.
    pub(crate) fn words(&self) -> String {
        let output = String::from_utf8_lossy(&self.output);
        let all = [self.errors.trim(), output.trim()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        let from = all.ceil_char_boundary(all.len().saturating_sub(SAID));
        all[from..]
            .chars()
            .filter(|letter| *letter == '\n' || *letter == '\t' || !letter.is_control())
            .collect()
    }
}

/// git of one folder.
pub(crate) struct Git {
    inner: Arc<Inner>,
    folder: PathBuf,
}

impl Git {
    /// git of a folder, where there is a repository and a box that holds.
    pub(crate) async fn of(inner: &Arc<Inner>, folder: &Path) -> Result<Self, Lacking> {
        let (at, home) = (folder.to_owned(), inner.options.home_directory.clone());
        let granted: Vec<PathBuf> = {
            let state = inner.state();
            let folders = state.folders.snapshot();
            let own = folders.into_iter().find(|known| known.path == folder);
            own.map(|own| {
                own.settings
                    .granted
                    .iter()
                    .map(|grant| grant.path.clone())
                    .collect()
            })
            .unwrap_or_default()
        };
        let found = blocking(move || {
            let own = std::fs::symlink_metadata(at.join(".git")).is_ok();
            (own, repository::elsewhere(&at, home.as_deref()))
        });
        match found
            .await
            .map_err(|error| Lacking::Failed(format!("{error:#}")))?
        {
            (_, Some(elsewhere)) => {
                let needed = elsewhere.needed();
                if !granted.iter().any(|grant| needed.starts_with(grant)) {
                    return Err(Lacking::Elsewhere(needed.to_owned()));
                }
            }
            (false, None) => return Err(Lacking::Repository),
            (true, None) => {}
        }
        let git = Self {
            inner: inner.clone(),
            folder: folder.to_owned(),
        };
        git.has_box().await.map_err(Lacking::NoBox)?;
        Ok(git)
    }

    /// Whether the folder's box holds.
    async fn has_box(&self) -> Result<(), String> {
        if self.inner.boxes.laid().is_none() {
            return Err(boxes::why_not_laid(&self.inner));
        }
        if self.inner.state().folders.is_unboxed(&self.folder) {
            // The person chose this for commands, each of which is asked for. git would run the filters and hooks that
            // the folder names, and nobody would be asked.
            return Err("Commands of this folder run without a box.".to_owned());
        }
        boxes::await_proof(&self.inner, &self.folder).await;
        match self.inner.state().folders.proof(&self.folder) {
            BoxProof::Proven { .. } => Ok(()),
            BoxProof::Failed { reason } => Err(reason),
            BoxProof::Unknown | BoxProof::Proving => {
                Err("Whether its box holds is not known yet. Try again.".to_owned())
            }
        }
    }

    async fn run(&self, arguments: &[&str], input: Vec<u8>, patience: Duration) -> Result<Said, Lacking> {
        let Some(laid) = self.inner.boxes.laid() else {
            return Err(Lacking::NoBox(boxes::why_not_laid(&self.inner)));
        };
        let settings = SETTINGS.iter().flat_map(|setting| ["-c", setting]);
        let words = ["--no-pager", "--no-optional-locks", "--literal-pathspecs"]
            .into_iter()
            .chain(settings)
            .chain(arguments.iter().copied())
            .map(OsString::from);
        let mut shelter = self.inner.shelter();
        if !shelter.folders.contains(&self.folder) {
            shelter.reachable.push(self.folder.clone());
        }
        let trial = Trial {
            layout: self.inner.home.layout().clone(),
            shelter,
            yard: laid.yard.root().to_owned(),
            confinement: self.inner.options.confinement,
            arguments: command_line::git(&self.folder, words),
        };
        let allowance = Allowance {
            input,
            patience,
            output: OUTPUT,
        };
        let output = run_in_box(trial, allowance)
            .await
            .map_err(|error| Lacking::Failed(format!("{error:#}")))?;
        let said = Said {
            well: output.status.success(),
            output: output.stdout,
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        // The wrapper's own refusal, not git's.
        if output.status.code() == Some(REFUSED) {
            return Err(Lacking::NoBox(said.words()));
        }
        Ok(said)
    }

    /// What git answers to a question.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> Result<Said, Lacking> {
        self.run(arguments, Vec::new(), TO_LOOK).await
    }

    /// The same, when it has to answer well.
    async fn told(&self, arguments: &[&str], input: Vec<u8>) -> Result<Vec<u8>, Lacking> {
        let said = self.run(arguments, input, TO_LOOK).await?;
        if said.well {
            return Ok(said.output);
        }
        Err(Lacking::Failed(said.words()))
    }

    /// Has git change something.
    pub(crate) async fn change(&self, arguments: &[&str], input: Vec<u8>) -> Result<Said, Lacking> {
        self.run(arguments, input, TO_WRITE).await
    }

    /// Which files changed since the last commit, and where the repository stands.
    pub(crate) async fn status(&self) -> Result<Status, Lacking> {
        let asked = [
            "status",
            "--porcelain=v2",
            "-z",
            "--branch",
            "--untracked-files=all",
            "--ignore-submodules=dirty",
            "--find-renames",
            "--",
            ".",
        ];
        let output = self.told(&asked, Vec::new()).await?;
        let prefix = self.prefix();
        let mut status = Status::read(&output, &prefix);
        if !prefix.is_empty() {
            // A commit takes along what is staged in the rest of the repository.
            let elsewhere = [
                "diff",
                "--cached",
                "--name-only",
                "-z",
                "--no-relative",
                "--no-ext-diff",
            ];
            let output = self.told(&elsewhere, Vec::new()).await?;
            let names = output.split(|byte| *byte == 0);
            let others = names.filter(|name| !name.is_empty() && !name.starts_with(prefix.as_bytes()));
            status.staged += u32::try_from(others.count()).unwrap_or(u32::MAX);
        }
        let mut counted = vec!["diff", "--numstat", "-z"];
        counted.extend(PLAIN);
        counted.extend([status.base(), "--", "."]);
        let counts = counts(&self.told(&counted, Vec::new()).await?);
        for change in &mut status.changes {
            match counts.get(&change.file.path) {
                Some(Counted { added, removed, .. }) => {
                    (change.file.additions, change.file.deletions) = (*added, *removed);
                    change.file.binary = added.is_none();
                }
                None if change.file.untracked => {}
                None => (change.file.additions, change.file.deletions) = (Some(0), Some(0)),
            }
        }
        Ok(status)
    }

    /// What lies between the repository's root and the folder, as git's names begin.
    fn prefix(&self) -> String {
        let root = self
            .folder
            .ancestors()
            .find(|around| std::fs::symlink_metadata(around.join(".git")).is_ok());
        let within = root.and_then(|root| self.folder.strip_prefix(root).ok());
        match within {
            Some(within) if !within.as_os_str().is_empty() => format!("{}/", within.display()),
            _ => String::new(),
        }
    }

    /// Branches, those of the newest commits first, and whether there are more.
    pub(crate) async fn branches(&self) -> Result<(Vec<String>, bool), Lacking> {
        let most = format!("--count={}", BRANCHES + 1);
        let asked = [
            "for-each-ref",
            &most,
            "--sort=-committerdate",
            "--format=%(refname:short)",
            "refs/heads",
        ];
        let output = self.told(&asked, Vec::new()).await?;
        let mut branches: Vec<String> = String::from_utf8_lossy(&output)
            .lines()
            .map(str::to_owned)
            .collect();
        let more = branches.len() > BRANCHES;
        branches.truncate(BRANCHES);
        Ok((branches, more))
    }

    /// The patch of some files against what was committed last.
    pub(crate) async fn patch(&self, base: &str, paths: &[&str]) -> Result<String, Lacking> {
        let mut asked = vec!["diff", "--src-prefix=a/", "--dst-prefix=b/"];
        asked.extend(PLAIN);
        asked.push(base);
        asked.push("--");
        asked.extend(paths);
        let output = self.told(&asked, Vec::new()).await?;
        Ok(String::from_utf8_lossy(&output).into_owned())
    }

    /// A file as it was committed last, as it would be checked out.
    pub(crate) async fn committed(&self, base: &str, path: &str) -> Result<Vec<u8>, Lacking> {
        let object = format!("{base}:./{path}");
        self.told(&["cat-file", "--filters", &object], Vec::new()).await
    }

    /// How large a file was when it was committed last.
    pub(crate) async fn committed_size(&self, base: &str, path: &str) -> Option<u64> {
        let object = format!("{base}:./{path}");
        let output = self.told(&["cat-file", "-s", &object], Vec::new()).await.ok()?;
        String::from_utf8_lossy(&output).trim().parse().ok()
    }
}

/// What the wrapper exits with when it refuses.
const REFUSED: i32 = 126;
