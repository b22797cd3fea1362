//! What works and what does not: asked of the app that runs, or found out by starting the engine once.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cowork_api::view::{
    BoxProof, BoxState, BreakerView, EngineHealth, EngineHome, EngineState, EngineStep, MemoryKeeperView,
};
use cowork_workspace::{OpenError, Workspace};
use tokio::sync::Notify;

use crate::arguments::Doctor;
use crate::program::{Program, explain};
use crate::signals::RequestsToEnd;
use crate::terminal::Terminal;

/// For the engine to become ready or say why not: longer than a supervisor lets a start take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Says what works. The status is 0 when the engine takes prompts.
pub(crate) async fn run(doctor: Doctor, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
    let mut requests = RequestsToEnd::listen()?;
    let program = Program::begin(&doctor.programs)?;
    let options = program.options(Vec::new());
    let workspace = match Workspace::open(options).await {
        Ok(workspace) => workspace,
        Err(OpenError::Claimed(held)) if !doctor.report => {
            terminal.answer(&format!("Data:     {held}\n"));
            let health = cowork_workspace::published_health(&program.places)?;
            return Ok(show(&health, terminal));
        }
        Err(error) => return Err(explain(error)),
    };
    let found = tokio::select! {
        found = find_out(&workspace, doctor.report, terminal) => found,
        status = requests.next() => {
            terminal.note("\nStopped.");
            Ok(ExitCode::from(status))
        }
    };
    workspace.close().await;
    found
}

async fn find_out(workspace: &Workspace, report: bool, terminal: &mut Terminal) -> anyhow::Result<ExitCode> {
    let changed = Arc::new(Notify::new());
    let (wake, window) = (changed.clone(), workspace.clone());
    workspace.subscribe(move |update| {
        window.acknowledge(update.sequence);
        wake.notify_one();
        true
    });
    let mut last = None;
    let settled = async {
        loop {
            let state = workspace.engine_state();
            if last.as_ref() != Some(&state) {
                terminal.note(&format!("… {}", words(&state)));
            }
            // One failure says enough; nobody waits here for the third.
            let tools = workspace.safety().tools;
            let is_tried = !state.takes_requests() || !matches!(tools, BoxProof::Unknown | BoxProof::Proving);
            if !matches!(state, EngineState::Starting { .. }) && is_tried {
                return;
            }
            last = Some(state);
            changed.notified().await;
        }
    };
    if tokio::time::timeout(PATIENCE, settled).await.is_err() {
        terminal.note("The engine neither started nor failed in time.");
    }
    let health = workspace.engine_health().await?;
    if report {
        terminal.answer(&workspace.diagnostics_report().await?);
        return Ok(status(&health.state));
    }
    Ok(show(&health, terminal))
}

/// Whether a box of commands holds, in words.
fn held(proof: &BoxProof) -> String {
    match proof {
        BoxProof::Unknown => "their box was not tried yet".to_owned(),
        BoxProof::Proving => "their box is being attacked, to see whether it holds".to_owned(),
        BoxProof::Proven { reduced: None } => "boxed; every attack on their box failed".to_owned(),
        BoxProof::Proven {
            reduced: Some(reduced),
        } => format!("boxed, with less than usual; every attack failed. {reduced}"),
        BoxProof::Failed { reason } => {
            format!("denied, but in folders where you chose otherwise: {reason}")
        }
    }
}

/// Who holds the memory of all commands together, in words.
fn memory_held(keeper: &MemoryKeeperView) -> String {
    match keeper {
        MemoryKeeperView::Unknown => "not known; no engine runs, or the system was not heard yet".to_owned(),
        MemoryKeeperView::ControlGroup { most } => format!(
            "a control group of the system: the engine and all commands together use up to {} MB",
            most / (1024 * 1024)
        ),
        MemoryKeeperView::Watchdog { reason } => {
            format!("a watchdog in each box; no control group, because {reason}")
        }
    }
}

fn show(health: &EngineHealth, terminal: &mut Terminal) -> ExitCode {
    let mut line = |name: &str, words: &str| terminal.answer(&format!("{name:<10}{words}\n"));
    line("Engine:", &words(&health.state));
    let boxed = match &health.safety.boxed {
        BoxState::Unknown => "not known before the engine has started".to_owned(),
        BoxState::Boxed => "yes; credentials, buses and other processes are out of its reach".to_owned(),
        BoxState::Unboxed { reason } => format!("no: {reason}"),
    };
    line("Box:", &boxed);
    line("Commands:", &held(&health.safety.tools));
    for folder in &health.safety.folders {
        if let BoxProof::Failed { .. } = folder.proof {
            line("", &format!("in {}: {}", folder.label, held(&folder.proof)));
        }
    }
    line(
        "Home:",
        match health.safety.home {
            EngineHome::Private => "the app's own",
            EngineHome::Machine => "your own OpenCode; promises about keys do not hold in it",
        },
    );
    line("Saving:", health.safety.not_saving.as_deref().unwrap_or("yes"));
    if !health.safety.pending.is_empty() {
        line(
            "Waiting:",
            &format!("changed settings, in {}", health.safety.pending.join(", ")),
        );
    }
    let restarts = match health.breaker {
        BreakerView::Closed => "by itself",
        BreakerView::Open => "by you only, for now: it failed too often",
        BreakerView::HalfOpen => "one is being tried",
    };
    line("Restarts:", restarts);
    if let Some(memory) = health.memory {
        let megabytes = |bytes: u64| bytes / (1024 * 1024);
        let words = format!(
            "{} MB of {} MB",
            megabytes(memory),
            megabytes(health.memory_limit)
        );
        line("Memory:", &words);
    }
    line("Held by:", &memory_held(&health.memory_keeper));
    for failure in &health.failures {
        line("Failed:", &failure.message);
    }
    status(&health.state)
}

fn status(state: &EngineState) -> ExitCode {
    if state.takes_requests() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn words(state: &EngineState) -> String {
    match state {
        EngineState::Absent { message, .. } => format!("absent. {message}"),
        EngineState::Starting { step, .. } => match step {
            EngineStep::Preparing => "starting: preparing its home".to_owned(),
            EngineStep::Launching => "starting: waiting for it to listen".to_owned(),
            EngineStep::Connecting => "starting: asking whether it is well".to_owned(),
        },
        EngineState::Ready { version } => format!("ready, version {version}"),
        EngineState::Degraded { message, .. } => format!("degraded. {message}"),
        EngineState::BackingOff { attempt, message, .. } => {
            format!("backing off before attempt {attempt}. {message}")
        }
        EngineState::Broken { message, .. } => format!("broken, not started by itself for now. {message}"),
        EngineState::Stopping => "stopping".to_owned(),
        EngineState::Stopped => "stopped".to_owned(),
    }
}
