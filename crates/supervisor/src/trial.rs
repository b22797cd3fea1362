//! Running the wrapper of the tools' box where the engine would run it, to see what holds.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::Context as _;

use crate::containment::{Containment, Wrapper};
use crate::environment::child_environment;
use crate::home::HomeLayout;
use crate::plan::Confinement;
use crate::shelter::Shelter;
#[cfg(target_os = "linux")]
use crate::walls::{Furniture, YARD, walls};

/// What a trial takes at most. It takes a tenth of a second on an idle machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where, and in what surroundings, the wrapper is tried: those of the engine.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The home of the engine.
    pub layout: HomeLayout,
    /// What is in its reach.
    pub shelter: Shelter,
    /// Where the wrapper is.
    pub yard: PathBuf,
    /// How tightly the engine is bound.
    pub confinement: Confinement,
    /// The arguments of `cowork-box`.
    pub arguments: Vec<OsString>,
}

/// Whether an engine that is bound so runs in a box on this computer.
pub async fn makes_box(confinement: Confinement) -> bool {
    Wrapper::choose(confinement).await.containment == Containment::Box
}

/// Runs `cowork-box` in a box of its own that is made like the engine's, or without one where the engine has none, and
/// waits for its end.
///
/// # Errors
/// When it cannot be run, or takes too long.
pub async fn try_in_box(trial: Trial) -> anyhow::Result<Output> {
    let wrapper = Wrapper::choose(trial.confinement).await;
    // bubblewrap dies with the thread that spawned it, so one thread spawns it and waits.
    let running = tokio::task::spawn_blocking(move || {
        let environment = child_environment(std::env::vars_os(), &trial.layout, &[], None, BTreeMap::new());
        let mut command = command(&trial, wrapper.bubblewrap.as_deref(), &environment)?;
        command.stdin(Stdio::null()).output().map_err(anyhow::Error::new)
    });
    let output = tokio::time::timeout(PATIENCE, running)
        .await
        .context("it took too long")?;
    output?.context("running it")
}

fn command(
    trial: &Trial,
    bubblewrap: Option<&Path>,
    environment: &BTreeMap<OsString, OsString>,
) -> anyhow::Result<std::process::Command> {
    #[cfg(target_os = "linux")]
    if let Some(bubblewrap) = bubblewrap {
        let directory = trial.layout.home_directory();
        let furniture = Furniture {
            layout: &trial.layout,
            shelter: &trial.shelter,
            yard: Some(&trial.yard),
            fixed: &[],
            programs: &[],
            environment,
            current_directory: &directory,
        };
        let walls = walls(&furniture, |name| std::env::var_os(name));
        let mut command = std::process::Command::new(bubblewrap);
        crate::options_file::hand_over(&mut command, &walls)?;
        command
            .arg("--")
            .arg(Path::new(YARD).join("bin/cowork-box"))
            .args(&trial.arguments)
            .env_clear();
        return Ok(command);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = bubblewrap;
    let mut command = std::process::Command::new(trial.yard.join("bin/cowork-box"));
    command.args(&trial.arguments).env_clear().envs(environment);
    Ok(command)
}
