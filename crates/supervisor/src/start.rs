//! From a plan to a running engine.

use std::ffi::OsStr;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context as _;
use tokio::sync::oneshot;

use crate::address::{Address, EnginePassword};
use crate::containment::{Containment, Wrapper};
use crate::control_group;
use crate::environment::{RUN_NONCE, child_environment};
use crate::failure::{Exit, StartFailure};
use crate::home::{PrivateHome, Seat};
use crate::output::{OutputLine, OutputLog, OutputStream, ReadinessBell};
use crate::plan::{LaunchPlan, ProbeAnswer};
use crate::process::{EngineProcess, Spawn, check_program, next_exit};
use crate::process_table;
use crate::registry::{Nonce, Registry};
use crate::running::{Running, change_box};
use crate::seed;
use crate::shelter::{Category, Seal};
use crate::walls::{Furniture, walls};

/// The variable that names the SSH agent's socket.
const SSH_AGENT: &str = "SSH_AUTH_SOCK";

/// How far a start has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Emptying the temporary directory, ending what an earlier run left, writing the seeds.
    PreparingHome,
    /// The process is being spawned.
    Spawning {
        /// The port it is given.
        port: u16,
        /// Counts from 1; more than 1 when ports were taken.
        attempt: u32,
    },
    /// It runs; its readiness line has not come yet.
    AwaitingReadiness,
    /// It says that it listens; it has not answered a probe yet.
    Probing,
    /// It is up.
    Ready,
}

/// Starts the engine of `plan` in `home` and waits until it is up.
///
/// `progress` is called at each [`Step`]. Whoever drops the future gives the start up: the engine is killed then, as
/// it is before any failure is returned.
///
/// # Errors
/// See [`StartFailure`].
pub async fn start(
    home: &PrivateHome,
    plan: &LaunchPlan,
    progress: impl Fn(Step) + Send + Sync,
) -> Result<Running, StartFailure> {
    check_program(&plan.program)?;
    let seat = Arc::new(home.take_seat().ok_or(StartFailure::AlreadyRunning)?);
    progress(Step::PreparingHome);
    prepare(Arc::clone(&seat), plan).await?;
    let wrapper = Wrapper::choose(plan.confinement).await;
    let attempts = plan.limits.port_retries.saturating_add(1);
    for attempt in 1..=attempts {
        let address = free_address().map_err(StartFailure::NoResources)?;
        progress(Step::Spawning {
            port: address.port,
            attempt,
        });
        match attempt_start(&seat, plan, &wrapper, address, &progress).await? {
            Attempt::Up(running) => {
                progress(Step::Ready);
                return Ok(*running);
            }
            Attempt::PortTaken => tracing::info!(attempt, "the engine found its port taken"),
        }
    }
    Err(StartFailure::PortTaken { attempts })
}

/// Directories, seeds, and an end to whatever an earlier run in this home left behind: we hold the claim, so nothing
/// of it has a right to live, and its database must be closed before the next engine opens it.
async fn prepare(seat: Arc<Seat>, plan: &LaunchPlan) -> Result<(), StartFailure> {
    let (directories, files) = (plan.seed_directories.clone(), plan.seed_files.clone());
    let (links, reachable) = (plan.shelter.links(), plan.shelter.reachable.clone());
    let work = tokio::task::spawn_blocking(move || {
        let root = seat.layout().root();
        let reaped = Registry::new(seat.layout().registry_directory()).reap();
        if reaped.orphaned > 0 {
            tracing::warn!(?reaped, "an earlier engine was left behind and was ended");
        }
        seat.refresh_directories()
            .map_err(|source| (root.to_owned(), source))?;
        // What is not there when the box is made stays out of reach for as long as it stands.
        for path in reachable {
            std::fs::create_dir_all(&path).map_err(|source| (path, source))?;
        }
        seed::plant(&seat, &directories, &files)?;
        seed::link(root, &links)
    });
    work.await
        .map_err(|error| StartFailure::NoResources(anyhow::Error::new(error).context("preparing the home")))?
        .map_err(|(path, source)| StartFailure::HomeNotReady { path, source })
}

/// A port that was free a moment ago. It is released for the engine to take, so another program can be quicker; that
/// is why starts are retried.
fn free_address() -> anyhow::Result<Address> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
    let port = listener
        .local_addr()
        .context("reading the number of a free port")?
        .port();
    Ok(Address {
        port,
        password: EnginePassword::random()?,
    })
}

enum Attempt {
    Up(Box<Running>),
    PortTaken,
}

async fn attempt_start(
    seat: &Arc<Seat>,
    plan: &LaunchPlan,
    wrapper: &Wrapper,
    address: Address,
    progress: &(impl Fn(Step) + Send + Sync),
) -> Result<Attempt, StartFailure> {
    let (output, bell, ready) = ears(plan, &address);
    // Before the covers are made: what changes meanwhile is then seen to have changed.
    let covered = match wrapper.containment {
        Containment::Box => plan.shelter.seal(),
        _ => Seal::default(),
    };
    let nonce = Nonce::random().map_err(StartFailure::NoResources)?;
    let spawn = describe(seat, plan, wrapper, &address, nonce, Arc::clone(&output), bell);
    let process = EngineProcess::spawn(spawn, Arc::clone(seat))
        .await
        .map_err(|source| match source.kind() {
            io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::ExecutableFileBusy => StartFailure::NotRunnable {
                path: plan.program.clone(),
                source,
            },
            _ if says_no_program(&source) => StartFailure::NotRunnable {
                path: plan.program.clone(),
                source,
            },
            // No room for a process, a thread or a file now; there may be soon.
            _ => StartFailure::NoResources(anyhow::Error::new(source).context("starting its process")),
        })?;
    progress(Step::AwaitingReadiness);
    match await_readiness(&process, plan, ready).await {
        Readiness::Ready => {}
        Readiness::Exited(exit) if says_port_taken(plan, &exit) => return Ok(Attempt::PortTaken),
        Readiness::Exited(exit) => return Err(StartFailure::DiedAtStart { exit }),
        Readiness::TimedOut => {
            process.end(plan.limits.kill).await;
            return Err(StartFailure::HangsAtStart {
                after: plan.limits.readiness,
                last_lines: output.recent(),
            });
        }
    }
    progress(Step::Probing);
    // Before anything is asked of it but whether it is well: what it reads from then on is what lies in its folders.
    let ((engine, follows_links), probed) =
        tokio::join!(close(&process, plan), probe(&process, plan, &address));
    let version = match probed {
        Ok(answer) => answer.version,
        Err(failure) => {
            process.end(plan.limits.kill).await;
            return Err(failure);
        }
    };
    if lacks_required_line(plan, &output) {
        process.end(plan.limits.kill).await;
        return Err(StartFailure::Unguarded {
            last_lines: output.recent(),
        });
    }
    let buses = control_group::buses(|name| std::env::var_os(name));
    let memory_keeper = control_group::hold(process.process_id(), plan.ceiling, buses);
    Ok(Attempt::Up(Box::new(Running {
        process,
        engine,
        address,
        version,
        started_at: SystemTime::now(),
        output,
        probe: Arc::clone(&plan.probe),
        seal: covered,
        yard: plan.yard.clone(),
        shelter: plan.shelter.clone(),
        bars_links: plan.bars_links,
        follows_links,
        memory_keeper,
        wind_down: plan.wind_down.clone(),
        limits: plan.limits,
    })))
}

/// Whether the operating system could not read it as a program of its own, which has no kind of its own.
fn says_no_program(error: &io::Error) -> bool {
    /// `ENOEXEC` of Unix, and `ERROR_BAD_EXE_FORMAT` of Windows.
    const NO_PROGRAM: i32 = if cfg!(windows) { 193 } else { 8 };
    error.raw_os_error() == Some(NO_PROGRAM)
}

/// The log of one attempt, which knows the attempt's password, and the bell for its readiness line.
fn ears(plan: &LaunchPlan, address: &Address) -> (Arc<OutputLog>, ReadinessBell, oneshot::Receiver<()>) {
    let (redact, password) = (Arc::clone(&plan.redact), address.password.clone());
    let redact_both = move |line: &str| redact(&line.replace(password.expose(), "[engine password]"));
    let (ready, readiness) = oneshot::channel();
    let bell = ReadinessBell {
        prefix: plan.readiness_line_prefix.clone(),
        ready,
    };
    (Arc::new(OutputLog::new(Arc::new(redact_both))), bell, readiness)
}

fn describe(
    seat: &Seat,
    plan: &LaunchPlan,
    wrapper: &Wrapper,
    address: &Address,
    nonce: Nonce,
    output: Arc<OutputLog>,
    bell: ReadinessBell,
) -> Spawn {
    let layout = seat.layout();
    let invocation = (plan.compose)(address);
    let mut environment = child_environment(
        std::env::vars_os(),
        layout,
        &plan.tool_directories,
        plan.search_path.as_deref(),
        invocation.environment,
    );
    environment.insert(RUN_NONCE.into(), nonce.as_str().into());
    if plan.shelter.opened.contains(&Category::SshAgent)
        && let Some(socket) = std::env::var_os(SSH_AGENT)
    {
        environment.insert(SSH_AGENT.into(), socket);
    }
    let current_directory = plan
        .current_directory
        .clone()
        .unwrap_or_else(|| layout.home_directory());
    let walls = match wrapper.containment {
        Containment::Box => {
            let variable = |name: &str| std::env::var_os(name);
            let programs = plan.program_directories();
            let furniture = Furniture {
                layout,
                shelter: &plan.shelter,
                yard: plan.yard.as_deref(),
                fixed: &plan.fixed,
                programs: &programs,
                environment: &environment,
                current_directory: &current_directory,
            };
            walls(&furniture, variable)
        }
        _ => Vec::new(),
    };
    Spawn {
        program: plan.program.clone(),
        arguments: invocation.arguments,
        environment,
        current_directory,
        wrapper: wrapper.clone(),
        walls,
        behind_wrapper: plan.yard.is_some(),
        nonce,
        output,
        bell,
    }
}

enum Readiness {
    Ready,
    Exited(Exit),
    TimedOut,
}

async fn await_readiness(
    process: &EngineProcess,
    plan: &LaunchPlan,
    ready: oneshot::Receiver<()>,
) -> Readiness {
    // The bell goes silent when standard output ends; what counts then is the exit that follows, or the time.
    let ringing = async {
        if ready.await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        // In this order: an engine that rang and died at once is found dead by the first probe.
        biased;
        () = ringing => Readiness::Ready,
        exit = next_exit(process.exit_watch()) => Readiness::Exited(exit),
        () = tokio::time::sleep(plan.limits.readiness) => Readiness::TimedOut,
    }
}

/// Asked after the probe, so that a wrong version is called that. The guard speaks long before the engine listens.
fn lacks_required_line(plan: &LaunchPlan, output: &OutputLog) -> bool {
    let Some(prefix) = &plan.required_line_prefix else {
        return false;
    };
    let said =
        |line: &OutputLine| line.stream == OutputStream::Stdout && line.text.starts_with(prefix.as_str());
    !output.recent().iter().any(said)
}

fn says_port_taken(plan: &LaunchPlan, exit: &Exit) -> bool {
    let Some(pattern) = &plan.port_taken_pattern else {
        return false;
    };
    let mut said = exit
        .last_lines
        .iter()
        .filter(|line| line.stream == OutputStream::Stderr);
    exit.code.is_some_and(|code| code != 0) && said.any(|line| line.text.contains(pattern.as_str()))
}

async fn probe(
    process: &EngineProcess,
    plan: &LaunchPlan,
    address: &Address,
) -> Result<ProbeAnswer, StartFailure> {
    let limits = plan.limits;
    let mut last_error = String::new();
    for attempt in 1..=limits.probe_attempts {
        if attempt > 1 {
            tokio::time::sleep(limits.probe_pause).await;
        }
        let answer = tokio::select! {
            biased;
            exit = next_exit(process.exit_watch()) => return Err(StartFailure::DiedAtStart { exit }),
            answer = tokio::time::timeout(limits.probe, (plan.probe)(address.clone())) => answer,
        };
        match answer {
            Ok(Ok(answer)) => return check_version(answer, plan),
            Ok(Err(error)) => last_error = format!("{error:#}"),
            Err(_) => last_error = format!("no answer within {} ms", limits.probe.as_millis()),
        }
        tracing::debug!(attempt, last_error, "the engine did not answer a probe");
    }
    Err(StartFailure::Unhealthy {
        attempts: limits.probe_attempts,
        last_error,
    })
}

fn check_version(answer: ProbeAnswer, plan: &LaunchPlan) -> Result<ProbeAnswer, StartFailure> {
    match &plan.expected_version {
        Some(expected) if *expected != answer.version => Err(StartFailure::WrongVersion {
            found: answer.version,
            expected: expected.clone(),
        }),
        _ => Ok(answer),
    }
}

/// Finds the engine in its box, and keeps it from following links out of its folders. Gives why that could not be done.
async fn close(
    process: &EngineProcess,
    plan: &LaunchPlan,
) -> (Option<process_table::ProcessIdentity>, Option<String>) {
    match process.containment() {
        Containment::Box => {}
        Containment::ParentDeathSignal | Containment::Watched | Containment::Job => return (None, None),
    }
    let engine = find_engine(process.process_id()).await;
    let Some(yard) = plan.yard.as_deref().filter(|_| plan.bars_links) else {
        return (engine, None);
    };
    let id = engine.map_or(process.process_id(), process_table::ProcessIdentity::process_id);
    let barred = plan.shelter.without_links();
    let words: Vec<&OsStr> = barred
        .iter()
        .flat_map(|folder| [OsStr::new("--folder"), folder.as_ref()])
        .collect();
    let follows_links = change_box(yard, id, "bar-links", &words).await.err();
    if let Some(error) = &follows_links {
        tracing::warn!(
            error = format!("{error:#}"),
            "the engine's tools can follow links"
        );
    }
    (engine, follows_links.map(|error| format!("{error:#}")))
}

async fn find_engine(wrapper: u32) -> Option<process_table::ProcessIdentity> {
    let search = tokio::task::spawn_blocking(move || process_table::engine_below(wrapper));
    let found = search.await.unwrap_or_else(|error| {
        tracing::error!(%error, "looking for the engine below its wrapper");
        None
    });
    if found.is_none() {
        tracing::warn!(
            wrapper,
            "the engine below its wrapper was not found; it will be stopped through the wrapper"
        );
    }
    found
}
