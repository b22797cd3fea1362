//! What is wanted of the wrapper, and what the rules say of it: the same on every system.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cowork_policy::confinement::{FolderRules, Rules};

use crate::environment::{self, Environment, OFFLINE, PASSED_TO_GIT, WITHOUT_NETWORK};
use crate::git::Call;
use crate::yard::folder_around;
use crate::{Refusal, Yard};

/// What is wanted of the wrapper.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// A shell, by the name it was called.
    Shell {
        name: String,
        arguments: Vec<OsString>,
        /// Whether it is there to prove that boxes hold, and so does not wait for the proof.
        trial: bool,
    },
    /// git.
    Git { arguments: Vec<OsString> },
    /// Any program for a folder, with variables for it alone.
    Program {
        folder: PathBuf,
        environment: Environment,
        program: OsString,
        arguments: Vec<OsString>,
    },
}

/// A program, the place it starts in, and what its box differs in.
pub(crate) struct Task<'a> {
    pub(crate) folder: Option<&'a FolderRules>,
    pub(crate) directory: PathBuf,
    pub(crate) name: OsString,
    /// Where the program is now, and where it is in a box.
    pub(crate) here: PathBuf,
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "elsewhere a box has programs where they are")
    )]
    pub(crate) in_box: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Environment,
    pub(crate) snapshot: Option<PathBuf>,
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "elsewhere no box has a network")
    )]
    pub(crate) network: bool,
    /// Whether it runs beside what a person waits for.
    pub(crate) background: bool,
}

impl Task<'_> {
    /// What git lacks in its folder. A snapshot of the engine's lacks nothing.
    pub(crate) fn lacking(&self) -> Option<&Path> {
        let folder = self.folder.filter(|_| self.snapshot.is_none())?;
        folder.git_lacks()
    }
}

/// How long a command that is early waits for the proof, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_EACH: Duration = Duration::from_millis(20);

/// A program that the wrapper stands in front of.
#[derive(Clone, Debug)]
pub(crate) struct Real {
    /// Where it is now.
    pub(crate) here: PathBuf,
    /// Where it is in a box, which has everything in its place again.
    pub(crate) in_box: PathBuf,
}

/// How a system finds the program of a name that is not the wrapper.
pub(crate) type Find = fn(&str) -> Result<Real, Refusal>;

/// What the rules say of a task.
pub(crate) enum Ruled<'a> {
    /// The person chose that it runs without a box.
    Unboxed(Task<'a>),
    Boxed(Task<'a>),
}

/// Waits until the rules let what is wanted run, and has `go` run it. `has_asker` tells whether what asked for it is still
/// there.
pub(crate) fn decide(
    wanted: &Wanted,
    find: Find,
    has_asker: impl Fn() -> bool,
    go: impl Fn(&Yard, &Rules, Ruled<'_>) -> Result<ExitCode, Refusal>,
) -> Result<ExitCode, Refusal> {
    let yard =
        Yard::find().ok_or_else(|| Refusal::box_failed("finding the rules", "there is no such place"))?;
    // Links resolved: by the kernel itself, but on Windows, which keeps the way that was taken.
    let current = std::env::current_dir().and_then(|current| {
        if cfg!(windows) {
            std::fs::canonicalize(current)
        } else {
            Ok(current)
        }
    });
    let current = current.map_err(|error| {
        Refusal::new(
            format!("its directory is gone ({error})"),
            "Run it in another one",
        )
    })?;
    let is_trial = matches!(wanted, Wanted::Shell { trial: true, .. });
    let end = Instant::now() + PATIENCE;
    loop {
        // All of it anew each time: a person may have changed other rules as well.
        let rules = yard.read_rules()?;
        let task = task(&rules, &current, wanted, find)?;
        match task.folder {
            Some(folder) if folder.unboxed => return go(&yard, &rules, Ruled::Unboxed(task)),
            _ if rules.no_box.is_some() => {
                return Err(Refusal::new(
                    format!(
                        "no box can be made for it here ({})",
                        rules.no_box.as_deref().unwrap_or_default().trim_end_matches('.')
                    ),
                    "Do what helps and start the engine again, or choose in the app for this folder to run commands without a box",
                ));
            }
            Some(folder) if !folder.proven && !is_trial => {}
            _ => return go(&yard, &rules, Ruled::Boxed(task)),
        }
        if !has_asker() {
            return Err(Refusal::new("what asked for it has ended", "Run it again"));
        }
        if Instant::now() >= end {
            return Err(Refusal::new(
                "boxes were not proven in this run of the engine",
                "See in the app why, or start the engine again",
            ));
        }
        std::thread::sleep(LOOK_EACH);
    }
}

fn task<'a>(rules: &'a Rules, current: &Path, wanted: &Wanted, find: Find) -> Result<Task<'a>, Refusal> {
    match wanted {
        Wanted::Shell { name, arguments, .. } => shell(rules, current, name, arguments, find),
        Wanted::Git { arguments } => git(rules, current, arguments, find),
        Wanted::Program {
            folder,
            environment,
            program,
            arguments,
        } => {
            let directory = std::fs::canonicalize(folder).map_err(|error| {
                Refusal::new(
                    format!("{} is not there ({error})", folder.display()),
                    "Open the folder again",
                )
            })?;
            Ok(Task {
                folder: Some(folder_around(rules, &directory)?),
                directory,
                name: program.clone(),
                here: PathBuf::from(program),
                in_box: program.clone(),
                arguments: arguments.clone(),
                environment: environment.clone(),
                snapshot: None,
                network: true,
                background: true,
            })
        }
    }
}

fn shell<'a>(
    rules: &'a Rules,
    directory: &Path,
    name: &str,
    arguments: &[OsString],
    find: Find,
) -> Result<Task<'a>, Refusal> {
    let folder = folder_around(rules, directory)?;
    let real = find(name)?;
    Ok(Task {
        folder: Some(folder),
        directory: directory.to_owned(),
        name: name.into(),
        here: real.here,
        in_box: real.in_box.into(),
        arguments: arguments.to_vec(),
        environment: Environment::new(),
        snapshot: None,
        network: true,
        background: false,
    })
}

fn git<'a>(
    rules: &'a Rules,
    current: &Path,
    arguments: &[OsString],
    find: Find,
) -> Result<Task<'a>, Refusal> {
    let call = Call::read(arguments, |name| std::env::var_os(name));
    let found = call
        .places(current)
        .into_iter()
        .find_map(|place| rules.folder_of(&place));
    let real = find("git")?;
    let snapshot = rules
        .snapshots
        .as_deref()
        .and_then(|snapshots| call.snapshot(current, snapshots));
    let folder = match found {
        Some(folder) => Some(folder),
        None if call.asks_version() => None,
        None => Some(folder_around(rules, current)?),
    };
    // The engine also calls it from where the snapshot is, or from a place that a box does not have.
    let is_there = |place: &Path| {
        let in_folder = folder.is_some_and(|folder| place.starts_with(&folder.path));
        in_folder
            || snapshot
                .as_ref()
                .is_some_and(|snapshot| place.starts_with(snapshot))
    };
    let directory = if is_there(current) {
        current.to_owned()
    } else {
        folder.map_or_else(|| "/".into(), |folder| folder.path.clone())
    };
    Ok(Task {
        folder,
        directory,
        name: "git".into(),
        here: real.here,
        in_box: real.in_box.into(),
        arguments: arguments.to_vec(),
        environment: environment::select(std::env::vars_os(), &[PASSED_TO_GIT]),
        snapshot,
        network: false,
        background: false,
    })
}

/// Without a way out tools are told that they are offline; where it lets nothing through, not to try again.
pub(crate) fn without_network(variables: &mut Environment, no_way: bool, off: bool) {
    let offline = OFFLINE.iter().filter(|_| no_way);
    for (name, value) in WITHOUT_NETWORK.iter().filter(|_| off || no_way).chain(offline) {
        variables.entry((*name).into()).or_insert_with(|| (*value).into());
    }
}
