//! From a call of the wrapper to a program in a box.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use cowork_policy::confinement::{FolderRules, Limits, Means, Network, Rules};

use super::git::Call;
use super::layers::{self, Layers};
use super::{home, landlock_box, namespaces, programs};
use crate::environment::{self, Environment, MARK, OFFLINE, PASSED, PASSED_TO_GIT, WITHOUT_NETWORK};
use crate::plain::{self, Plain};
use crate::yard::{REAL_PROGRAMS, folder_around};
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
struct Task<'a> {
    folder: Option<&'a FolderRules>,
    directory: PathBuf,
    name: OsString,
    /// Where the program is now, and where it is in a box.
    here: PathBuf,
    in_box: OsString,
    arguments: Vec<OsString>,
    environment: Environment,
    snapshot: Option<PathBuf>,
    network: bool,
    /// Whether it runs beside what a person waits for.
    background: bool,
}

/// How long a command that is early waits for the proof, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_EACH: Duration = Duration::from_millis(20);

/// Runs what is wanted, and gives its exit code.
pub(crate) fn run(wanted: &Wanted) -> Result<ExitCode, Refusal> {
    if landlock_box::is_within() {
        return Err(become_real(wanted));
    }
    let yard =
        Yard::find().ok_or_else(|| Refusal::box_failed("finding the rules", "there is no such place"))?;
    // Links resolved, by the kernel itself.
    let current = std::env::current_dir().map_err(|error| {
        Refusal::new(
            format!("its directory is gone ({error})"),
            "Run it in another one",
        )
    })?;
    let is_trial = matches!(wanted, Wanted::Shell { trial: true, .. });
    let parent = rustix::process::getppid();
    let end = Instant::now() + PATIENCE;
    loop {
        // All of it anew each time: a person may have changed other rules as well.
        let rules = yard.read_rules()?;
        let task = task(&rules, &current, wanted)?;
        match task.folder {
            Some(folder) if folder.unboxed => return unboxed(&yard, &rules, task),
            Some(folder) if !folder.proven && !is_trial => {}
            _ => return boxed(&yard, &rules, task),
        }
        if rustix::process::getppid() != parent {
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

fn task<'a>(rules: &'a Rules, current: &Path, wanted: &Wanted) -> Result<Task<'a>, Refusal> {
    match wanted {
        Wanted::Shell { name, arguments, .. } => shell(rules, current, name, arguments),
        Wanted::Git { arguments } => git(rules, current, arguments),
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
) -> Result<Task<'a>, Refusal> {
    let folder = folder_around(rules, directory)?;
    let real = programs::real(name)?;
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

fn git<'a>(rules: &'a Rules, current: &Path, arguments: &[OsString]) -> Result<Task<'a>, Refusal> {
    let call = Call::read(arguments, |name| std::env::var_os(name));
    let found = call
        .places(current)
        .into_iter()
        .find_map(|place| rules.folder_of(&place));
    let real = programs::real("git")?;
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

/// Becomes the program itself, in the box that this process is in. Comes back only when that failed.
fn become_real(wanted: &Wanted) -> Refusal {
    let (name, arguments) = match wanted {
        Wanted::Shell { name, arguments, .. } => (name.as_str(), arguments),
        Wanted::Git { arguments } => ("git", arguments),
        Wanted::Program { .. } => {
            return Refusal::new("it is in a box already", "Run the command by itself");
        }
    };
    match programs::real(name) {
        Ok(real) => {
            let error = Command::new(&real.here).arg0(name).args(arguments).exec();
            Refusal::not_started(&real.here, &error)
        }
        Err(refusal) => refusal,
    }
}

/// Where the wrapper stands, which no search path of a program leads to.
fn left_out(yard: &Yard) -> Vec<PathBuf> {
    vec![yard.programs(), REAL_PROGRAMS.into()]
}

/// Becomes the program, without a box but also without the engine's secrets. Comes back only when that failed.
fn unboxed(yard: &Yard, rules: &Rules, task: Task<'_>) -> Result<ExitCode, Refusal> {
    let plain = Plain {
        program: task.here,
        name: task.name,
        arguments: task.arguments,
        directory: task.directory,
        environment: task.environment,
    };
    plain::start(rules, &plain, &left_out(yard))
}

fn boxed(yard: &Yard, rules: &Rules, task: Task<'_>) -> Result<ExitCode, Refusal> {
    let mut variables = environment::select(std::env::vars_os(), &[PASSED]);
    let path = environment::search_path(std::env::var_os("PATH").as_deref(), &left_out(yard));
    variables.insert("PATH".into(), path);
    variables.insert(MARK.into(), "1".into());
    variables.extend(environment::of_rules(rules));
    let settings = environment::git_settings(rules);
    let gateway = task
        .folder
        // Where there is no network the gateway says so, and tells the app what was wanted.
        .filter(|_| task.network)
        .and_then(|folder| folder.gateway.as_deref())
        .filter(|gateway| gateway.exists());
    match rules.means {
        Means::Namespaces => {
            if let Some(folder) = task.folder {
                home::prepare(folder).map_err(|error| Refusal::box_failed("its home", error))?;
            }
            let mut layers = Layers::new(rules, task.folder)?;
            if let Some(folder) = task.folder {
                for (index, socket) in folder.sockets.iter().enumerate() {
                    if !socket.path.exists() {
                        continue;
                    }
                    let named = socket.variable.is_some();
                    let place = layers.open_socket(index, &socket.path, named);
                    if let Some(name) = &socket.variable {
                        variables.insert(name.into(), place.into());
                    }
                }
            }
            if let Some(snapshot) = &task.snapshot {
                layers.open(snapshot, true);
                // Settings that a command left in its home would run its programs with the snapshot in reach.
                layers.forget_home(rules);
                variables.insert("GIT_CONFIG_GLOBAL".into(), "/dev/null".into());
            }
            if settings.is_some() {
                variables.insert("GIT_CONFIG_SYSTEM".into(), layers::GIT_SETTINGS.into());
            }
            layers::open_yard(&mut layers, &yard.wrapper(), gateway);
            environment::add_places(&mut variables, &layers::home_of(rules), Path::new("/tmp"));
            without_network(
                &mut variables,
                gateway.is_none(),
                task.folder.is_none_or(|folder| folder.network == Network::Off),
            );
            variables.extend(task.environment);
            namespaces::run(namespaces::Boxed {
                layers,
                environment: variables,
                limits: task.folder.map_or_else(Limits::default, |folder| folder.limits),
                bridge: gateway.is_some(),
                background: task.background,
                git_settings: settings,
                directory: task.directory,
                name: task.name,
                program: task.in_box,
                arguments: task.arguments,
            })
        }
        Means::Landlock => {
            let folder = task.folder.ok_or_else(|| {
                Refusal::new(
                    "it is in no folder that is open here",
                    "Run it in a folder that is open in the app",
                )
            })?;
            home::prepare(folder).map_err(|error| Refusal::box_failed("its home", error))?;
            environment::add_places(&mut variables, &folder.home, &home::temporary(folder));
            without_network(&mut variables, true, true);
            variables.extend(task.environment);
            if task.snapshot.is_some() {
                // What commands could have written names no programs beside a snapshot.
                variables.insert("GIT_CONFIG_GLOBAL".into(), "/dev/null".into());
            } else if let Some(settings) = settings {
                let written = home::write_git_settings(folder, &settings);
                let written = written.map_err(|error| Refusal::box_failed("its settings of git", error))?;
                variables.insert("GIT_CONFIG_SYSTEM".into(), written.into());
            }
            landlock_box::run(&landlock_box::Boxed {
                rules,
                folder,
                environment: variables,
                directory: task.directory,
                also_writable: task.snapshot,
                background: task.background,
                wrapper: yard.wrapper(),
                name: task.name,
                program: task.here,
                arguments: task.arguments,
            })
        }
        Means::Seatbelt | Means::RestrictedToken => Err(Refusal::new(
            "the rules ask for a box of another system",
            "Start the engine again from the app, which writes the rules anew",
        )),
    }
}

/// Without a way out tools are told that they are offline; where it lets nothing through, not to try again.
fn without_network(variables: &mut Environment, no_way: bool, off: bool) {
    let offline = OFFLINE.iter().filter(|_| no_way);
    for (name, value) in WITHOUT_NETWORK.iter().filter(|_| off || no_way).chain(offline) {
        variables.entry((*name).into()).or_insert_with(|| (*value).into());
    }
}
