//! A program without a box, as a person chose it for a folder: with all of their reach, and still without the engine's
//! secrets.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use cowork_policy::confinement::Rules;

use crate::Refusal;
use crate::environment::{self, Environment, PASSED, PASSED_ON_WINDOWS};

/// What is to be run.
pub(crate) struct Plain {
    pub(crate) program: PathBuf,
    /// What it is to think it is called.
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "no program is told another name there")
    )]
    pub(crate) name: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) directory: PathBuf,
    /// Variables for it alone.
    pub(crate) environment: Environment,
}

/// Runs it, or becomes it where a program can.
pub(crate) fn start(rules: &Rules, plain: &Plain, left_out: &[PathBuf]) -> Result<ExitCode, Refusal> {
    let mut variables = environment::select(std::env::vars_os(), &[PASSED, PASSED_ON_WINDOWS]);
    let home = rules.person_home.clone().unwrap_or_else(|| "/".into());
    environment::add_places(&mut variables, &home, &std::env::temp_dir());
    let path = environment::search_path(std::env::var_os("PATH").as_deref(), left_out);
    variables.insert("PATH".into(), path);
    // git finds the person's own settings here, and needs not be told who they are.
    variables.extend(environment::of_rules(rules));
    variables.extend(plain.environment.clone());
    let mut command = Command::new(&plain.program);
    command
        .args(&plain.arguments)
        .env_clear()
        .envs(variables)
        .current_dir(&plain.directory);
    finish(command, plain)
}

#[cfg(unix)]
fn finish(mut command: Command, plain: &Plain) -> Result<ExitCode, Refusal> {
    use std::os::unix::process::CommandExt as _;
    let error = command.arg0(&plain.name).exec();
    Err(Refusal::not_started(&plain.program, &error))
}

/// No program there becomes another, so this one stays until it ends, and none is told another name than its own.
#[cfg(not(unix))]
fn finish(mut command: Command, plain: &Plain) -> Result<ExitCode, Refusal> {
    let status = command
        .status()
        .map_err(|error| Refusal::not_started(&plain.program, &error))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(u8::MAX)))
}

/// The first program of this name on a search path that is not the wrapper.
#[cfg(any(not(target_os = "linux"), test))]
pub(crate) fn real(name: &str, path: &std::ffi::OsStr, left_out: &[PathBuf]) -> Option<PathBuf> {
    let resolved = |path: &std::path::Path| std::fs::canonicalize(path).ok();
    let own = std::env::current_exe().ok().and_then(|own| resolved(&own));
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(path)
        // What is relative would be found in the folder.
        .filter(|directory| directory.is_absolute() && !left_out.contains(directory))
        .map(|directory| directory.join(&file))
        .find(|program| program.is_file() && resolved(program) != own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_program_is_neither_the_wrapper_nor_a_file_of_the_folder() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for name in ["yard", "links", "system"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        let file = |place: &str| {
            root.join(place)
                .join(format!("git{}", std::env::consts::EXE_SUFFIX))
        };
        for place in ["yard", "system"] {
            std::fs::write(file(place), "").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(std::env::current_exe().unwrap(), file("links")).unwrap();
        let path = |places: &[&str]| {
            let places = places.iter().map(|place| root.join(place));
            std::env::join_paths(places.chain([".".into()])).unwrap()
        };
        let left_out = [root.join("yard")];
        let found = |places: &[&str]| real("git", &path(places), &left_out);
        assert_eq!(found(&["yard", "links", "system"]), Some(file("system")));
        assert_eq!(found(&["yard", "links"]), None);
    }
}
