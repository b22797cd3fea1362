//! From a call of the wrapper to a program in a box.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cowork_policy::confinement::{FolderRules, Means, Rules};

use crate::environment::{self, Environment, MARK, PASSED, PASSED_ON_WINDOWS};
use crate::git::{GAVE_UP, say_what_it_lacks};
use crate::plain::{self, Plain};
use crate::wanted::{self, Real, Ruled, Task, Wanted, without_network};
use crate::{Refusal, Yard};

/// What is to be run, with all that was decided of it.
pub(super) struct Boxed<'a> {
    pub(super) rules: &'a Rules,
    pub(super) folder: &'a FolderRules,
    pub(super) environment: Environment,
    pub(super) directory: PathBuf,
    /// A snapshot's repository, for git.
    pub(super) snapshot: Option<PathBuf>,
    pub(super) background: bool,
    pub(super) wrapper: PathBuf,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
}

/// Runs what is wanted, and gives its exit code.
pub(crate) fn run(wanted: &Wanted) -> Result<ExitCode, Refusal> {
    #[cfg(unix)]
    let parent = rustix::process::getppid();
    let has_asker = || {
        #[cfg(unix)]
        return rustix::process::getppid() == parent;
        // The engine's job ends this process with the engine.
        #[cfg(not(unix))]
        return true;
    };
    wanted::decide(wanted, find, has_asker, |yard, rules, ruled| match ruled {
        Ruled::Unboxed(task) => unboxed(yard, rules, task),
        Ruled::Boxed(task) => boxed(yard, rules, task),
    })
}

/// The program of this name that is not the wrapper.
fn find(name: &str) -> Result<Real, Refusal> {
    // On Windows programs are wherever they were installed, and the search path is the engine's. Elsewhere they are in
    // places of the system: what else is on that path a command may have written.
    let path = if cfg!(windows) {
        std::env::var_os("PATH").unwrap_or_default()
    } else {
        "/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin".into()
    };
    let left_out: Vec<PathBuf> = Yard::find().map(|yard| yard.programs()).into_iter().collect();
    let found = plain::real(name, &path, &left_out).ok_or_else(|| Refusal::missing_program(name))?;
    Ok(Real {
        in_box: found.clone(),
        here: found,
    })
}

/// Runs it without a box, and also without the engine's secrets.
fn unboxed(yard: &Yard, rules: &Rules, task: Task<'_>) -> Result<ExitCode, Refusal> {
    let plain = Plain {
        program: task.here,
        name: task.name,
        arguments: task.arguments,
        directory: task.directory,
        environment: task.environment,
    };
    plain::start(rules, &plain, &[yard.programs()])
}

fn boxed(yard: &Yard, rules: &Rules, task: Task<'_>) -> Result<ExitCode, Refusal> {
    let folder = task.folder.ok_or_else(|| {
        Refusal::new(
            "it is in no folder that is open here",
            "Run it in a folder that is open in the app",
        )
    })?;
    if let Some(hidden) = holds_hidden(rules, folder)
        && rules.means == Means::RestrictedToken
    {
        return Err(Refusal::new(
            format!(
                "its folder holds {}, which cannot be hidden in it on this system",
                hidden.display()
            ),
            "Open a folder in the app that holds the work alone",
        ));
    }
    let temporary = prepare(folder).map_err(|error| Refusal::box_failed("its home", error))?;
    #[cfg(unix)]
    if task.snapshot.is_none() {
        crate::home::see_person_s_python(rules, folder);
    }
    let mut environment = variables(yard, rules, folder, &temporary, task.snapshot.is_none());
    if task.snapshot.is_some() {
        // What commands could have written names no programs beside a snapshot.
        let nothing = if cfg!(windows) { "NUL" } else { "/dev/null" };
        environment.insert("GIT_CONFIG_GLOBAL".into(), nothing.into());
    } else if let Some(settings) = environment::git_settings(rules, Some(folder)) {
        let written = write_git_settings(folder, &settings);
        let written = written.map_err(|error| Refusal::box_failed("its settings of git", error))?;
        environment.insert("GIT_CONFIG_SYSTEM".into(), written.into());
    }
    let lacking = task.lacking().filter(|_| task.name == "git");
    let lacking = lacking.map(Path::to_owned);
    let path = environment.get(OsStr::new("PATH")).cloned();
    let program = placed(task.here, path.as_deref(), &[yard.programs()])?;
    environment.extend(task.environment);
    let code = start(&Boxed {
        rules,
        folder,
        environment,
        directory: task.directory,
        snapshot: task.snapshot,
        background: task.background,
        wrapper: yard.wrapper(),
        program,
        arguments: task.arguments,
    })?;
    if let Some(lacking) = lacking.filter(|_| code == GAVE_UP) {
        say_what_it_lacks(&lacking);
    }
    Ok(ExitCode::from(code))
}

/// Where a program is that may be named without a place. Left to the system it would be looked for beside the wrapper, or
/// in the folder, first.
fn placed(program: PathBuf, path: Option<&OsStr>, left_out: &[PathBuf]) -> Result<PathBuf, Refusal> {
    if program.components().count() > 1 || program.is_absolute() {
        return Ok(program);
    }
    let name = program.to_string_lossy();
    let name = name.strip_suffix(std::env::consts::EXE_SUFFIX).unwrap_or(&name);
    plain::real(name, path.unwrap_or_default(), left_out).ok_or_else(|| Refusal::missing_program(name))
}

/// What is hidden in what the box may have, or around it.
fn holds_hidden<'a>(rules: &'a Rules, folder: &FolderRules) -> Option<&'a Path> {
    let open = || {
        let granted = folder.granted.iter().map(|grant| &grant.path);
        granted
            .chain([&folder.path])
            .chain(&rules.opened)
            .chain(&rules.opened_to_read)
    };
    let touches = |hidden: &&PathBuf| {
        let hidden = hidden.as_path();
        open().any(|path| path.starts_with(hidden) || hidden.starts_with(path))
    };
    rules.hidden.iter().find(touches).map(PathBuf::as_path)
}

/// The environment of what runs in the folder's box.
fn variables(
    yard: &Yard,
    rules: &Rules,
    folder: &FolderRules,
    temporary: &Path,
    with_installs: bool,
) -> Environment {
    let system: &[_] = if cfg!(windows) { PASSED_ON_WINDOWS } else { &[] };
    let mut variables = environment::select(std::env::vars_os(), &[PASSED, system]);
    let path = environment::search_path(std::env::var_os("PATH").as_deref(), &[yard.programs()]);
    variables.insert("PATH".into(), path);
    variables.insert(MARK.into(), "1".into());
    variables.extend(environment::of_rules(rules));
    environment::add_places(&mut variables, &folder.home, temporary);
    if cfg!(windows) {
        places_of_windows(&mut variables, &folder.home, temporary);
    }
    if with_installs {
        environment::add_installs(&mut variables, &folder.home, |_| true);
    }
    for socket in &folder.sockets {
        // There is no other place for it to be in.
        if let Some(name) = &socket.variable {
            variables.insert(name.into(), socket.value(&socket.path));
        }
    }
    // There is no network, whatever the folder may have elsewhere.
    without_network(&mut variables, true, true);
    variables
}

/// The places that programs of Windows know by other names: of the box's home, and not of the person's.
fn places_of_windows(variables: &mut Environment, home: &Path, temporary: &Path) {
    let places = [
        ("APPDATA", home.join("AppData").join("Roaming")),
        ("LOCALAPPDATA", home.join("AppData").join("Local")),
        ("TEMP", temporary.to_owned()),
        ("TMP", temporary.to_owned()),
        ("USERPROFILE", home.to_owned()),
    ];
    // Names are the same there in capitals and without.
    let is_place = |name: &OsStr| places.iter().any(|(place, _)| name.eq_ignore_ascii_case(place));
    variables.retain(|name, _| !is_place(name) && name != "SHELL");
    variables.extend(places.map(|(name, place)| (name.into(), place.into())));
}

#[cfg(unix)]
fn prepare(folder: &FolderRules) -> std::io::Result<PathBuf> {
    crate::home::prepare(folder)?;
    Ok(crate::home::temporary(folder))
}

/// Commands cannot replace a directory by something that leads elsewhere there without being noticed: what is given to the
/// box is its home as a whole, and nothing by a path in it.
#[cfg(not(unix))]
fn prepare(folder: &FolderRules) -> std::io::Result<PathBuf> {
    let temporary = folder.home.join(".temporary");
    std::fs::create_dir_all(&temporary)?;
    Ok(temporary)
}

#[cfg(unix)]
use crate::home::write_git_settings;

/// Writes what git is told of the person. It replaces what is there, be it a link.
#[cfg(not(unix))]
fn write_git_settings(folder: &FolderRules, settings: &str) -> std::io::Result<PathBuf> {
    use std::io::Write as _;
    let place = folder.home.join(".gitconfig-of-system");
    let mut file = tempfile::Builder::new()
        .prefix(".git")
        .tempfile_in(&folder.home)?;
    file.write_all(settings.as_bytes())?;
    file.persist(&place)?;
    Ok(place)
}

#[cfg(unix)]
fn start(boxed: &Boxed<'_>) -> Result<u8, Refusal> {
    super::seatbelt::run(boxed)
}

#[cfg(windows)]
fn start(boxed: &Boxed<'_>) -> Result<u8, Refusal> {
    super::windows::run(boxed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elsewhere::testing::{folder, rules};

    #[test]
    fn a_box_has_the_folder_s_places_and_is_told_that_it_is_offline() {
        let rules = rules("/Users/ada/work");
        let folder = folder("/Users/ada/work");
        let yard = Yard::at("/yard");
        let variables = variables(&yard, &rules, &folder, Path::new("/homes/one/.temporary"), true);
        let get = |name: &str| variables.get(OsStr::new(name)).and_then(|value| value.to_str());
        assert_eq!(get("HOME"), Some("/homes/one"));
        assert_eq!(get("TMPDIR"), Some("/homes/one/.temporary"));
        assert_eq!(get("CARGO_NET_OFFLINE"), Some("true"));
        assert_eq!(get(MARK), Some("1"));
        assert!(get("PATH").unwrap().starts_with("/homes/one/.installed/bin:"));
        assert!(!variables.contains_key(OsStr::new("CARGO_MANIFEST_DIR")), "ours");
    }

    #[test]
    fn the_places_of_windows_are_the_box_s_however_they_are_spelled() {
        let mut variables: Environment = [
            ("LocalAppData", r"C:\Users\ada\AppData\Local"),
            ("Temp", "x"),
            ("SHELL", "/bin/sh"),
            ("SystemRoot", r"C:\Windows"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
        places_of_windows(&mut variables, Path::new("home"), Path::new("home/t"));
        assert!(
            !variables
                .values()
                .any(|value| value.to_string_lossy().contains("ada"))
        );
        assert!(!variables.contains_key(OsStr::new("SHELL")));
        assert_eq!(variables[OsStr::new("USERPROFILE")], "home");
        assert_eq!(variables[OsStr::new("SystemRoot")], r"C:\Windows");
    }

    #[test]
    fn a_program_without_a_place_is_none_of_the_wrapper_s_and_none_of_the_folder_s() {
        let directory = tempfile::tempdir().unwrap();
        let places = ["yard", "system"].map(|place| directory.path().join(place));
        for place in &places {
            std::fs::create_dir(place).unwrap();
            let file = format!("tool{}", std::env::consts::EXE_SUFFIX);
            std::fs::write(place.join(file), "").unwrap();
        }
        let path = std::env::join_paths([Path::new("."), &places[0], &places[1]]).unwrap();
        let found = |name: &str| placed(name.into(), Some(&path), &places[..1]);
        assert!(found("tool").unwrap().starts_with(&places[1]));
        assert_eq!(
            found("./tool").unwrap(),
            PathBuf::from("./tool"),
            "as it was meant"
        );
        assert_eq!(found("missing").unwrap_err().code, crate::refusal::NOT_FOUND);
    }

    #[test]
    fn what_is_hidden_in_a_folder_or_around_it_is_found() {
        let mut rules = rules("/work");
        rules.hidden = vec!["/other/.ssh".into()];
        let mut folder = folder("/work");
        assert_eq!(holds_hidden(&rules, &folder), None);
        folder.path = "/other".into();
        assert_eq!(holds_hidden(&rules, &folder), Some(Path::new("/other/.ssh")));
        folder.path = "/other/.ssh/deep".into();
        assert!(holds_hidden(&rules, &folder).is_some());
    }
}
