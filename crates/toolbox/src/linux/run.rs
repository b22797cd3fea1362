//! From a call of the wrapper to a program in a box.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use cowork_policy::confinement::{FolderRules, Limits, Means, Network, Rules};

use super::layers::{self, Layer, Layers};
use super::{home, landlock_box, namespaces, needy_git, programs};
use crate::environment::{self, Environment, MARK, PASSED};
use crate::plain::{self, Plain};
use crate::wanted::{self, Ruled, Task, Wanted, without_network};
use crate::yard::REAL_PROGRAMS;
use crate::{Refusal, Yard};

/// Runs what is wanted, and gives its exit code.
pub(crate) fn run(wanted: &Wanted) -> Result<ExitCode, Refusal> {
    if let Wanted::Git { arguments } = wanted
        && let Some(program) = needy_git::real()
    {
        return needy_git::run(&program, arguments);
    }
    if landlock_box::is_within() {
        return match (wanted, programs::real("git")) {
            (Wanted::Git { arguments }, Ok(real)) if needy_git::is_needy() => {
                needy_git::run(&real.here, arguments)
            }
            _ => Err(become_real(wanted)),
        };
    }
    let parent = rustix::process::getppid();
    let has_asker = || rustix::process::getppid() == parent;
    wanted::decide(
        wanted,
        programs::real,
        has_asker,
        |yard, rules, ruled| match ruled {
            Ruled::Unboxed(task) => unboxed(yard, rules, task),
            Ruled::Boxed(task) => boxed(yard, rules, task),
        },
    )
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
    if let Some(lacking) = task.lacking() {
        variables.insert(needy_git::LACKS.into(), lacking.into());
    }
    match rules.means {
        Means::Namespaces => in_namespaces(yard, rules, task, variables),
        Means::Landlock => with_landlock(yard, rules, task, variables),
        Means::Seatbelt | Means::RestrictedToken => Err(Refusal::new(
            "the rules ask for a box of another system",
            "Start the engine again from the app, which writes the rules anew",
        )),
    }
}

fn in_namespaces(
    yard: &Yard,
    rules: &Rules,
    task: Task<'_>,
    mut variables: Environment,
) -> Result<ExitCode, Refusal> {
    let settings = environment::git_settings(rules, task.folder);
    let gateway = task
        .folder
        // Where there is no network the gateway says so, and tells the app what was wanted.
        .filter(|_| task.network)
        .and_then(|folder| folder.gateway.as_deref())
        .filter(|gateway| gateway.exists());
    if let Some(folder) = task.folder {
        home::prepare(folder).map_err(|error| Refusal::box_failed("its home", error))?;
    }
    let mut layers = Layers::new(rules, task.folder)?;
    open_sockets(&mut layers, task.folder, &mut variables);
    if let Some(snapshot) = &task.snapshot {
        layers.open(snapshot, true);
        // Settings that a command left in its home would run its programs with the snapshot in reach.
        layers.forget_home(rules);
        variables.insert("GIT_CONFIG_GLOBAL".into(), "/dev/null".into());
    }
    if settings.is_some() {
        variables.insert("GIT_CONFIG_SYSTEM".into(), layers::GIT_SETTINGS.into());
    }
    // What git runs serves nobody.
    let way_in = task
        .folder
        .filter(|_| task.network)
        .map(|folder| yard.way_in(&folder.id));
    let way_in = way_in.filter(|way_in| way_in.exists());
    layers::open_yard(&mut layers, &yard.wrapper(), gateway, way_in.as_deref());
    // Public, and still a list of where the person goes: only for what may go there as them.
    let has_agent = task.folder.is_some_and(FolderRules::has_ssh_agent);
    if has_agent && yard.known_hosts().is_file() {
        layers.open_at(super::ssh::known_hosts(), &yard.known_hosts());
    }
    let ssh = rules.person_home.as_ref().map(|home| home.join(".ssh"));
    if ssh.is_some_and(|ssh| rules.opened.contains(&ssh)) {
        layers.put(super::ssh::of_person(), Layer::Blank);
    }
    if task.lacking().is_some() {
        needy_git::stand_before(&mut layers, &yard.wrapper());
    }
    let home = layers::home_of(rules);
    environment::add_places(&mut variables, &home, Path::new("/tmp"));
    // What commands installed is not called with a snapshot in reach.
    if let Some(folder) = task.folder.filter(|_| task.snapshot.is_none()) {
        home::see_person_s_python(rules, folder);
        let is_writable = |place: &Path| !rules.read_only.iter().any(|fixed| place.starts_with(fixed));
        environment::add_installs(&mut variables, &home, is_writable);
    }
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
        links_barred: rules.links_barred,
        background: task.background,
        git_settings: settings,
        directory: task.directory,
        name: task.name,
        program: task.in_box,
        arguments: task.arguments,
    })
}

/// Opens what a consent did, under the variables that programs find it by.
fn open_sockets(layers: &mut Layers, folder: Option<&FolderRules>, variables: &mut Environment) {
    let sockets = folder.map_or(&[][..], |folder| folder.sockets.as_slice());
    for (index, socket) in sockets.iter().enumerate() {
        if !socket.path.exists() {
            continue;
        }
        let place = layers.open_socket(index, &socket.path, socket.variable.is_some());
        if let Some(name) = &socket.variable {
            variables.insert(name.into(), socket.value(&place));
        }
    }
}

fn with_landlock(
    yard: &Yard,
    rules: &Rules,
    task: Task<'_>,
    mut variables: Environment,
) -> Result<ExitCode, Refusal> {
    let program = if task.lacking().is_some() && task.name == "git" {
        // The wrapper goes into the box with it where there is something to say of git.
        yard.wrapper()
    } else {
        task.here.clone()
    };
    let folder = task.folder.ok_or_else(|| {
        Refusal::new(
            "it is in no folder that is open here",
            "Run it in a folder that is open in the app",
        )
    })?;
    home::prepare(folder).map_err(|error| Refusal::box_failed("its home", error))?;
    environment::add_places(&mut variables, &folder.home, &home::temporary(folder));
    if task.snapshot.is_none() {
        home::see_person_s_python(rules, folder);
        environment::add_installs(&mut variables, &folder.home, |_| true);
    }
    without_network(&mut variables, true, true);
    variables.extend(task.environment);
    if task.snapshot.is_some() {
        // What commands could have written names no programs beside a snapshot.
        variables.insert("GIT_CONFIG_GLOBAL".into(), "/dev/null".into());
    } else if let Some(settings) = environment::git_settings(rules, task.folder) {
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
        program,
        arguments: task.arguments,
    })
}
