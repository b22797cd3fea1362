//! One engine, from its start to its end.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use cowork_engine::Engine;
use cowork_opencode::{Client, Password};
use cowork_supervisor::{Exit, Hope, LifeFailure, Running, StartFailure, Step};
use tokio::sync::{mpsc, oneshot};

use super::{Report, configuration, launch, resync, show, stream, watch};
use crate::boxes;
use crate::view::BoxState;
use crate::workspace::{Inner, now};

/// For all running turns to stop before the engine is ended; one takes some 30 ms.
const TURN_PATIENCE: Duration = Duration::from_secs(2);

/// How it ended. Nothing of it is left then.
pub(super) enum End {
    /// As it was told to.
    Stopped,
    /// Before it was up.
    NotStarted {
        failure: LifeFailure,
        hope: Hope,
        log: Vec<String>,
    },
    /// By itself.
    Died { failure: LifeFailure, log: Vec<String> },
    /// It was ended, because it had not answered for too long.
    Unresponsive { failure: LifeFailure, log: Vec<String> },
}

/// Why a run of the engine is over.
enum Over {
    Exited(Exit),
    Unresponsive(String),
    Told,
}

/// Starts an engine and keeps it until it ends or `stop` says so.
pub(super) async fn live(
    inner: Arc<Inner>,
    reports: mpsc::Sender<Report>,
    mut stop: oneshot::Receiver<()>,
) -> End {
    let started = tokio::select! {
        started = start(&inner, &reports) => Some(started),
        _ = &mut stop => None,
    };
    let Some(started) = started else {
        inner.proxy.end_run();
        // Giving the start up killed what was started; its thread sees to what that left.
        return given_up(&inner).await;
    };
    let running = match started {
        Ok(running) => Arc::new(running),
        Err(failure) => {
            inner.proxy.end_run();
            return not_started(&failure);
        }
    };
    let over = serve(&inner, &running, &reports, stop).await;
    finish(&inner, &running, over).await
}

/// For a start that was given up to be gone: what a kill takes at most, and looking for what was left.
const GIVING_UP: Duration = Duration::from_secs(6);

async fn given_up(inner: &Inner) -> End {
    let gone = async {
        while inner.home.is_occupied() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    if tokio::time::timeout(GIVING_UP, gone).await.is_err() {
        tracing::warn!("an engine whose start was given up is not gone yet");
    }
    End::Stopped
}

async fn start(inner: &Arc<Inner>, reports: &mpsc::Sender<Report>) -> Result<Running, StartFailure> {
    configuration::judge_providers(inner).await;
    // One choice for the whole run, whatever a person chooses meanwhile.
    let surroundings = inner.surroundings().clone();
    inner.state().set_home(surroundings.home);
    *inner.running_surroundings() = surroundings;
    let opened = inner.shelter().opened_to_change();
    inner.state().folders.opened = opened;
    inner.tell_whether_restart_is_needed();
    boxes::lay_out(inner).await.map_err(StartFailure::NoWrapper)?;
    let plan = launch::plan(inner).await;
    let progress = |step: Step| {
        // The channel holds more than all steps of a start.
        reports.try_send(Report::Step(step)).ok();
    };
    let running = cowork_supervisor::start(&inner.home, &plan, progress).await?;
    let boxed = match running.unboxed() {
        None => BoxState::Boxed,
        Some(reason) => BoxState::Unboxed {
            reason: reason.to_owned(),
        },
    };
    inner.state().set_boxed(boxed);
    inner.feed.changed();
    Ok(running)
}

fn not_started(failure: &StartFailure) -> End {
    tracing::error!(%failure, "the engine did not start");
    let hope = match failure {
        StartFailure::Missing { .. }
        | StartFailure::NotExecutable { .. }
        | StartFailure::NotRunnable { .. }
        // Nor is anything of the agent's held: a person has to see to it.
        | StartFailure::NoWrapper(_) => Hope::NoProgram,
        StartFailure::WrongVersion { .. } | StartFailure::Unguarded { .. } => Hope::Useless,
        _ => Hope::Retry,
    };
    let log = match failure {
        StartFailure::DiedAtStart { exit } => show::lines(&exit.last_lines),
        StartFailure::HangsAtStart { last_lines, .. } | StartFailure::Unguarded { last_lines } => {
            show::lines(last_lines)
        }
        _ => Vec::new(),
    };
    End::NotStarted {
        failure: LifeFailure {
            code: show::code(failure),
            message: show::sentence(&crate::render::plain(&failure.to_string())),
        },
        hope,
        log,
    }
}

/// Publishes the engine, follows its events and watches its health until it is over.
async fn serve(
    inner: &Arc<Inner>,
    running: &Arc<Running>,
    reports: &mpsc::Sender<Report>,
    mut stop: oneshot::Receiver<()>,
) -> Over {
    let address = running.address();
    let client = match Client::new(address.port, Password::new(address.password.expose())) {
        Ok(client) => Arc::new(client),
        Err(error) => return Over::Unresponsive(error.to_string()),
    };
    watch_output(inner, running);
    boxes::engine_runs(inner, running).await;
    inner.diagnosis().runs(running, &client);
    let engine: Arc<dyn Engine> = client;
    let is_up = tokio::sync::Notify::new();
    let up = async {
        let version = running.version().to_owned();
        reports.send(Report::Up { version }).await.ok();
        // Before it is up nothing can be said of how it is.
        is_up.notify_one();
        inner.engine.send_replace(Some(engine.clone()));
        // What was changed while it started.
        inner.tell_whether_restart_is_needed();
        tokio::spawn(configuration::catch_up(inner.clone()));
        tokio::spawn(resync::choices(inner.clone(), engine.clone()));
    };
    let lost = tokio::select! {
        exit = running.exited() => return Over::Exited(exit),
        _ = &mut stop => return Over::Told,
        lost = stream::follow(inner, &engine, reports, up) => lost,
        lost = async {
            is_up.notified().await;
            watch::health(inner, running, reports).await
        } => lost,
    };
    Over::Unresponsive(lost)
}

/// Stops what runs before the engine is ended: a stopped turn keeps the text it has, an ended engine loses it.
async fn stop_turns(inner: &Inner, engine: Option<Arc<dyn Engine>>) {
    let Some(engine) = engine else { return };
    let running = inner.state().running();
    let stops = running
        .iter()
        .map(|(session, folder)| engine.abort(folder, session));
    let stopped = tokio::time::timeout(TURN_PATIENCE, futures_util::future::join_all(stops)).await;
    let Ok(outcomes) = stopped else {
        tracing::warn!("turns did not stop in time before the engine was ended");
        return;
    };
    for error in outcomes.into_iter().filter_map(Result::err) {
        tracing::warn!(%error, "a turn could not be stopped before the engine was ended");
    }
}

/// Lets the log be read while this run lasts. Weakly: reading a log must not keep an ended engine's home taken.
fn watch_output(inner: &Inner, running: &Arc<Running>) {
    let running = Arc::downgrade(running);
    let read = move || {
        running
            .upgrade()
            .map(|running| show::lines(&running.recent_output()))
            .unwrap_or_default()
    };
    *inner.recent_output.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(read);
}

/// Withdraws the engine, marks what it was doing as cut off, and makes sure that the process is gone.
async fn finish(inner: &Arc<Inner>, running: &Running, over: Over) -> End {
    let engine = inner.engine.send_replace(None);
    inner.tell_whether_restart_is_needed();
    if let Over::Told = over {
        stop_turns(inner, engine).await;
    }
    if let Err(error) = running.stop().await {
        tracing::error!(%error, "the engine could not be ended");
    }
    let last = show::lines(&running.recent_output());
    let kept = last.clone();
    *inner.recent_output.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(move || kept.clone());
    inner.diagnosis().gone();
    inner.proxy.end_run();
    let mut effects = Vec::new();
    inner.state().engine_ended(now(), &mut effects);
    inner.carry_out(effects);
    match over {
        Over::Told => End::Stopped,
        Over::Exited(exit) => End::Died {
            failure: LifeFailure {
                code: "ended",
                message: format!("The engine ended by itself ({exit}). Everything on screen was kept."),
            },
            log: show::lines(&exit.last_lines),
        },
        Over::Unresponsive(reason) => End::Unresponsive {
            failure: LifeFailure {
                code: "unresponsive",
                message: format!(
                    "{} It was ended. Everything on screen was kept.",
                    show::sentence(&reason)
                ),
            },
            log: last,
        },
    }
}
