//! From a call of the wrapper to a program in a box.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use cowork_policy::confinement::{FolderRules, Limits, Means, Network, Rules};

use super::git::Call;
use super::layers::{self, Layers};
use super::{landlock_box, namespaces, programs};
use crate::environment::{self, Environment, MARK, OFFLINE, PASSED, PASSED_TO_GIT, WITHOUT_NETWORK};
use crate::yard::{REAL_PROGRAMS, folder_around};
use crate::{Refusal, Yard};

/// What is wanted of the wrapper.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// A shell, by the name it was called.
    Shell { name: String, arguments: Vec<OsString> },
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
}

/// Runs what is wanted, and gives its exit code.
pub(crate) fn run(wanted: Wanted) -> Result<ExitCode, Refusal> {
    if landlock_box::is_within() {
        return Err(become_real(wanted));
    }
    let yard =
        Yard::find().ok_or_else(|| Refusal::box_failed("finding the rules", "there is no such place"))?;
    let rules = yard.read_rules()?;
    // Links resolved, by the kernel itself.
    let current = std::env::current_dir().map_err(|error| {
        Refusal::new(
            format!("its directory is gone ({error})"),
            "Run it in another one",
        )
    })?;
    let task = match wanted {
        Wanted::Shell { name, arguments } => shell(&rules, current, &name, arguments)?,
        Wanted::Git { arguments } => git(&rules, current, arguments)?,
        Wanted::Program {
            folder,
            environment,
            program,
            arguments,
        } => {
            let directory = std::fs::canonicalize(&folder).map_err(|error| {
                Refusal::new(
                    format!("{} is not there ({error})", folder.display()),
                    "Open the folder again",
                )
            })?;
            Task {
                folder: Some(folder_around(&rules, &directory)?),
                directory,
                name: program.clone(),
                here: PathBuf::from(&program),
                in_box: program,
                arguments,
                environment,
                snapshot: None,
                network: true,
            }
        }
    };
    match task.folder {
        Some(folder) if folder.unboxed => Err(unboxed(&yard, &rules, task)),
        _ => boxed(&yard, &rules, task),
    }
}

fn shell<'a>(
    rules: &'a Rules,
    directory: PathBuf,
    name: &str,
    arguments: Vec<OsString>,
) -> Result<Task<'a>, Refusal> {
    let folder = folder_around(rules, &directory)?;
    let real = programs::real(name)?;
    Ok(Task {
        folder: Some(folder),
        directory,
        name: name.into(),
        here: real.here,
        in_box: real.in_box.into(),
        arguments,
        environment: Environment::new(),
        snapshot: None,
        network: true,
    })
}

fn git(rules: &Rules, current: PathBuf, arguments: Vec<OsString>) -> Result<Task<'_>, Refusal> {
    let call = Call::read(&arguments, |name| std::env::var_os(name));
    let found = call
        .places(&current)
        .into_iter()
        .find_map(|place| rules.folder_of(&place));
    let real = programs::real("git")?;
    let snapshot = rules
        .snapshots
        .as_deref()
        .and_then(|snapshots| call.snapshot(&current, snapshots));
    let folder = match found {
        Some(folder) => Some(folder),
        None if call.asks_version() => None,
        None => Some(folder_around(rules, &current)?),
    };
    // The engine also calls it from where the snapshot is, or from a place that a box does not have.
    let is_there = |place: &Path| {
        let in_folder = folder.is_some_and(|folder| place.starts_with(&folder.path));
        in_folder
            || snapshot
                .as_ref()
                .is_some_and(|snapshot| place.starts_with(snapshot))
    };
    let directory = if is_there(&current) {
        current
    } else {
        folder.map_or_else(|| "/".into(), |folder| folder.path.clone())
    };
    Ok(Task {
        folder,
        directory,
        name: "git".into(),
        here: real.here,
        in_box: real.in_box.into(),
        arguments,
        environment: environment::select(std::env::vars_os(), &[PASSED_TO_GIT]),
        snapshot,
        network: false,
    })
}

/// Becomes the program itself, in the box that this process is in. Comes back only when that failed.
fn become_real(wanted: Wanted) -> Refusal {
    let (name, arguments) = match wanted {
        Wanted::Shell { name, arguments } => (name, arguments),
        Wanted::Git { arguments } => ("git".to_owned(), arguments),
        Wanted::Program { .. } => {
            return Refusal::new("it is in a box already", "Run the command by itself");
        }
    };
    match programs::real(&name) {
        Ok(real) => not_started(
            &real.here,
            &Command::new(&real.here).arg0(&name).args(&arguments).exec(),
        ),
        Err(refusal) => refusal,
    }
}

fn not_started(program: &Path, error: &std::io::Error) -> Refusal {
    if error.kind() == std::io::ErrorKind::NotFound {
        Refusal::missing_program(&program.to_string_lossy())
    } else {
        Refusal::new(
            format!("{} could not be started ({error})", program.display()),
            "Try another program",
        )
    }
}

/// Where the wrapper stands, which no search path of a program leads to.
fn left_out(yard: &Yard) -> Vec<PathBuf> {
    vec![yard.programs(), REAL_PROGRAMS.into()]
}

/// Becomes the program, without a box but also without the engine's secrets. Comes back only when that failed.
fn unboxed(yard: &Yard, rules: &Rules, task: Task<'_>) -> Refusal {
    let mut variables = environment::select(std::env::vars_os(), &[PASSED]);
    let home = rules.person_home.clone().unwrap_or_else(|| "/".into());
    environment::add_places(&mut variables, &home, Path::new("/tmp"));
    let path = environment::search_path(std::env::var_os("PATH").as_deref(), &left_out(yard));
    variables.insert("PATH".into(), path);
    for (name, value) in &rules.environment {
        variables.insert(name.into(), value.into());
    }
    variables.extend(task.environment);
    let error = Command::new(&task.here)
        .arg0(&task.name)
        .args(&task.arguments)
        .env_clear()
        .envs(variables)
        .current_dir(&task.directory)
        .exec();
    not_started(&task.here, &error)
}

fn boxed(yard: &Yard, rules: &Rules, task: Task<'_>) -> Result<ExitCode, Refusal> {
    let mut variables = environment::select(std::env::vars_os(), &[PASSED]);
    let path = environment::search_path(std::env::var_os("PATH").as_deref(), &left_out(yard));
    variables.insert("PATH".into(), path);
    variables.insert(MARK.into(), "1".into());
    for (name, value) in &rules.environment {
        variables.insert(name.into(), value.into());
    }
    let gateway = task
        .folder
        // Where there is no network the gateway says so, and tells the app what was wanted.
        .filter(|_| task.network)
        .and_then(|folder| folder.gateway.as_deref())
        .filter(|gateway| gateway.exists());
    match rules.means {
        Means::Namespaces => {
            let mut layers = Layers::new(rules, task.folder)?;
            if let Some(folder) = task.folder {
                crate::yard::private_directory(&folder.home)
                    .map_err(|error| Refusal::box_failed("its home", error))?;
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
            environment::add_places(&mut variables, &folder.home, &landlock_box::temporary(folder));
            without_network(&mut variables, true, true);
            variables.extend(task.environment);
            if task.snapshot.is_some() {
                variables.insert("GIT_CONFIG_GLOBAL".into(), "/dev/null".into());
            }
            landlock_box::run(&landlock_box::Boxed {
                rules,
                folder,
                environment: variables,
                directory: task.directory,
                also_writable: task.snapshot,
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
