//! Running the wrapper of the tools' box where the engine would run it, to see what holds.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::containment::{Containment, Wrapper};
use crate::environment::child_environment;
use crate::home::HomeLayout;
use crate::plan::Confinement;
use crate::process_table;
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
        run_within(PATIENCE, &mut command)
    });
    running.await?.context("running it")
}

/// What a program that is run for a person is given, and how much of it is waited for.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// What it reads from its standard input.
    pub input: Vec<u8>,
    /// How long it may take.
    pub patience: Duration,
    /// Bytes of its output and of its errors each that are read; what says more is ended.
    pub output: u64,
}

/// Runs `cowork-box` as [`try_in_box`] does, with an input and within other bounds.
///
/// # Errors
/// When it cannot be run, takes too long, or says more than it may.
pub async fn run_in_box(trial: Trial, allowance: Allowance) -> anyhow::Result<Output> {
    let wrapper = Wrapper::choose(trial.confinement).await;
    let running = tokio::task::spawn_blocking(move || {
        let environment = child_environment(std::env::vars_os(), &trial.layout, &[], None, BTreeMap::new());
        let mut command = command(&trial, wrapper.bubblewrap.as_deref(), &environment)?;
        run_allowed(&allowance, &mut command)
    });
    running.await?
}

/// How often is looked whether it has ended: a tenth of what a trial takes.
const LOOK_EACH: Duration = Duration::from_millis(10);

/// Runs it to its end, or to the end of its time: then it is killed with all it started, and waited for. Whoever gives up
/// waiting leaves nothing behind, for the time is kept here.
fn run_within(patience: Duration, command: &mut Command) -> anyhow::Result<Output> {
    let allowance = Allowance {
        input: Vec::new(),
        patience,
        output: u64::MAX,
    };
    run_allowed(&allowance, command)
}

fn run_allowed(allowance: &Allowance, command: &mut Command) -> anyhow::Result<Output> {
    let mut child = command
        .stdin(if allowance.input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        let input = allowance.input.clone();
        // In a thread of its own: what says much before it reads all would wait for us, and we for it.
        std::thread::spawn(move || {
            // What does not want to read it to the end says so by how it ends.
            let _unread = std::io::Write::write_all(&mut pipe, &input);
        });
    }
    let stdout = read(child.stdout.take(), allowance.output);
    let stderr = read(child.stderr.take(), allowance.output);
    let end = Instant::now() + allowance.patience;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < end => std::thread::sleep(LOOK_EACH),
            ended => {
                kill(&mut child);
                ended.context("waiting for it")?;
                anyhow::bail!("it took too long, and was ended");
            }
        }
    };
    // What it left behind may hold its output open; the rest of its time is for that.
    let rest = || end.saturating_duration_since(Instant::now()).max(LOOK_EACH);
    let read = |bytes: mpsc::Receiver<Vec<u8>>| {
        let bytes = bytes.recv_timeout(rest()).context("its output does not end")?;
        let fits = bytes.len() as u64 <= allowance.output;
        anyhow::ensure!(fits, "it said more than {} bytes", allowance.output);
        Ok(bytes)
    };
    Ok(Output {
        status,
        stdout: read(stdout)?,
        stderr: read(stderr)?,
    })
}

/// Kills it and what it started, and waits for it.
fn kill(child: &mut Child) {
    let below = process_table::descendants(child.id());
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        tracing::error!(%error, "ending a trial of the box");
    }
    let left = process_table::kill_survivors(&below);
    if left > 0 {
        tracing::error!(left, "processes of a trial of the box could not be ended");
    }
}

/// Reads one byte more than `most`, by which too much is told; what says more then meets a closed pipe.
fn read(pipe: Option<impl std::io::Read + Send + 'static>, most: u64) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    let Some(pipe) = pipe else { return receiver };
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut pipe = std::io::Read::take(pipe, most.saturating_add(1));
        if let Err(error) = std::io::Read::read_to_end(&mut pipe, &mut bytes) {
            tracing::warn!(%error, "reading what a trial of the box said");
        }
        // Nobody listens any more when its time is over.
        let _ = sender.send(bytes);
    });
    receiver
}

fn command(
    trial: &Trial,
    bubblewrap: Option<&Path>,
    environment: &BTreeMap<OsString, OsString>,
) -> anyhow::Result<Command> {
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
        let mut command = Command::new(bubblewrap);
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
    let wrapper = format!("cowork-box{}", std::env::consts::EXE_SUFFIX);
    let mut command = Command::new(trial.yard.join("bin").join(wrapper));
    command.args(&trial.arguments).env_clear().envs(environment);
    Ok(command)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_ends_in_time_says_what_it_said() {
        let output = run_within(PATIENCE, &mut shell("echo out; echo err >&2; exit 3")).unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!((&*output.stdout, &*output.stderr), (&b"out\n"[..], &b"err\n"[..]));
        let large = run_within(PATIENCE, &mut shell("head -c 300000 /dev/zero")).unwrap();
        assert_eq!(large.stdout.len(), 300_000, "more than a pipe holds");
    }

    #[test]
    fn what_is_given_is_read_and_what_says_too_much_is_told() {
        let allowed = |input: &[u8], output| Allowance {
            input: input.to_vec(),
            patience: PATIENCE,
            output,
        };
        let output = run_allowed(&allowed(b"given", 5), &mut shell("cat")).unwrap();
        assert_eq!(&*output.stdout, b"given");
        let error = run_allowed(&allowed(b"given", 4), &mut shell("cat")).unwrap_err();
        assert!(error.to_string().contains("more than 4 bytes"), "{error:#}");
        let endless = run_allowed(&allowed(b"", 1 << 20), &mut shell("yes"));
        assert!(endless.is_err(), "it meets a closed pipe, and ends");
        let large = vec![b'x'; 300_000];
        let unread = run_allowed(&allowed(&large, 10), &mut shell("echo done")).unwrap();
        assert_eq!(&*unread.stdout, b"done\n");
    }

    #[test]
    fn what_takes_too_long_is_ended_with_all_it_started() {
        let directory = tempfile::tempdir().unwrap();
        let list = directory.path().join("pids");
        let script = format!(
            "sleep 61 & echo $! >> {0}; setsid sleep 62 & echo $! >> {0}; echo $$ >> {0}; wait",
            list.display()
        );
        let begun = Instant::now();
        let error = run_within(Duration::from_millis(500), &mut shell(&script)).unwrap_err();
        assert!(error.to_string().contains("took too long"), "{error:#}");
        assert!(begun.elapsed() < Duration::from_secs(10));
        let started = std::fs::read_to_string(&list).unwrap();
        assert_eq!(started.lines().count(), 3);
        let alive = |pid: &str| {
            // One that nobody has taken in yet is no more than a line in a list.
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
            stat.is_ok_and(|stat| !stat.contains(") Z "))
        };
        let left: Vec<&str> = started.lines().filter(|pid| alive(pid)).collect();
        assert!(left.is_empty(), "{left:?}");
        assert!(alive(&std::process::id().to_string()), "the control");
    }
}
