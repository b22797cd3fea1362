//! The engine's life as the application sees it: one task that starts it, reads its events and notices its end.

mod configuration;
mod launch;
mod resync;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use cowork_engine::{Engine, EngineEvent, EventStream};
use cowork_opencode::{Client, Password};
use cowork_supervisor::{Exit, Holder, Running, StartFailure, Step};
use futures_util::StreamExt as _;
use tokio::sync::{mpsc, oneshot};

pub(crate) use configuration::{configuration_changed, offered, quiet};

use crate::view::{EngineState, EngineStep, NoticeKind};
use crate::workspace::{Inner, now};

/// Between two tries to open the event stream of an engine that lives. Loopback answers in milliseconds; this
/// only keeps a broken engine from costing a core.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);

/// Tries to open the event stream before the engine is called broken: 15 s.
const RECONNECTS: u32 = 30;

/// For all running turns to stop before the engine is ended; one takes some 30 ms.
const TURN_PATIENCE: Duration = Duration::from_secs(2);

/// What is wished of the engine's task.
pub(crate) enum Wish {
    /// Start it, anew when it runs.
    Start,
    /// End it for good, and say so.
    Stop(oneshot::Sender<()>),
}

/// Why a run of the engine ended.
enum Ended {
    Exited(Exit),
    StreamLost(String),
    Wished(Wish),
}

/// How long the first start waits for the window's first picture, which is there after half of it. Both want all of a
/// small computer's processors: begun at once, the engine would have the person look at nothing for a tenth longer.
const PICTURE_PATIENCE: Duration = Duration::from_secs(1);

/// Runs until the application ends.
pub(crate) async fn run(inner: Arc<Inner>, mut wishes: mpsc::Receiver<Wish>) {
    let mut has_window = inner.options.holder == Holder::App;
    loop {
        let first_picture = async {
            if std::mem::take(&mut has_window) {
                // A window that draws nothing is told about elsewhere; the engine starts all the same.
                let _ = tokio::time::timeout(PICTURE_PATIENCE, inner.feed.first_picture()).await;
            }
        };
        let started = tokio::select! {
            started = async { first_picture.await; start(&inner).await } => started,
            // Giving the start up kills what was started.
            stop = next_stop(&mut wishes) => {
                set_state(&inner, EngineState::Stopping);
                return answer(stop);
            }
        };
        let wish = match started {
            Ok(running) => {
                let running = Arc::new(running);
                let ended = serve(&inner, &running, &mut wishes).await;
                finish(&inner, &running, ended).await
            }
            Err(failed) => {
                set_state(&inner, failed);
                None
            }
        };
        let wish = match wish {
            Some(wish) => Some(wish),
            None => wishes.recv().await,
        };
        match wish {
            Some(Wish::Start) => {}
            Some(Wish::Stop(done)) => return answer(Some(done)),
            None => return,
        }
    }
}

/// Waits for the wish to end; a start that is under way needs no second one. None when nobody can wish any more.
async fn next_stop(wishes: &mut mpsc::Receiver<Wish>) -> Option<oneshot::Sender<()>> {
    loop {
        match wishes.recv().await {
            Some(Wish::Start) => {}
            Some(Wish::Stop(done)) => return Some(done),
            None => return None,
        }
    }
}

fn answer(stop: Option<oneshot::Sender<()>>) {
    if let Some(done) = stop {
        // Whoever asked may be gone already; there is nobody else to tell.
        done.send(()).ok();
    }
}

fn set_state(inner: &Inner, state: EngineState) {
    inner.state().set_engine(state);
    // Whoever waits for the engine looks at the state again.
    inner.engine.send_modify(|_| {});
    inner.feed.changed();
}

async fn start(inner: &Arc<Inner>) -> Result<Running, EngineState> {
    let since = now();
    let starting = |step| EngineState::Starting { step, since };
    set_state(inner, starting(EngineStep::Preparing));
    configuration::judge_providers(inner).await;
    let plan = launch::plan(inner);
    let progress = |step: Step| {
        let step = match step {
            Step::PreparingHome => EngineStep::Preparing,
            Step::Spawning { .. } | Step::AwaitingReadiness => EngineStep::Launching,
            Step::Probing | Step::Ready => EngineStep::Connecting,
        };
        set_state(inner, starting(step));
    };
    cowork_supervisor::start(&inner.home, &plan, progress)
        .await
        .map_err(|failure| {
            tracing::error!(%failure, "the engine did not start");
            EngineState::Failed {
                code: launch::code(&failure).to_owned(),
                message: sentence(&failure.to_string()),
                log: match &failure {
                    StartFailure::DiedAtStart { exit } => lines(&exit.last_lines),
                    StartFailure::HangsAtStart { last_lines, .. } => lines(last_lines),
                    _ => Vec::new(),
                },
            }
        })
}

/// A message that stands on its own.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", characters.as_str().trim_end_matches('.'))
}

fn lines(output: &[cowork_supervisor::OutputLine]) -> Vec<String> {
    output.iter().map(|line| line.text.clone()).collect()
}

/// Publishes the engine and applies its events until it ends or something is wished.
async fn serve(inner: &Arc<Inner>, running: &Arc<Running>, wishes: &mut mpsc::Receiver<Wish>) -> Ended {
    let address = running.address();
    let client: Arc<dyn Engine> = match Client::new(address.port, Password::new(address.password.expose())) {
        Ok(client) => Arc::new(client),
        Err(error) => return Ended::StreamLost(error.to_string()),
    };
    watch_output(inner, running);
    let mut stream = match connect(&client).await {
        Ok(stream) => stream,
        Err(error) => return Ended::StreamLost(error),
    };
    set_state(
        inner,
        EngineState::Ready {
            version: running.version().to_owned(),
        },
    );
    inner.engine.send_replace(Some(client.clone()));
    tokio::spawn(configuration::catch_up(inner.clone()));
    tokio::spawn(resync::choices(inner.clone(), client.clone()));
    if let Err(ended) = interruptible(running, wishes, async {
        resync::sessions(inner, &client).await;
        Ok(())
    })
    .await
    {
        return ended;
    }
    loop {
        tokio::select! {
            biased;
            exit = running.exited() => return Ended::Exited(exit),
            wish = wishes.recv() => match wish {
                Some(wish) => return Ended::Wished(wish),
                None => return Ended::StreamLost("the application is ending".into()),
            },
            batch = stream.next() => match batch {
                Some(Ok(batch)) => {
                    let mut effects = Vec::new();
                    let at = now();
                    let mut connected = false;
                    {
                        let mut state = inner.state();
                        for envelope in batch {
                            connected |= envelope.event == EngineEvent::Connected;
                            state.apply(envelope, at, &mut effects);
                        }
                    }
                    inner.carry_out(effects);
                    if connected {
                        tracing::debug!("the event stream is open");
                    }
                }
                lost => {
                    let reason = match lost {
                        Some(Err(error)) => error.to_string(),
                        _ => "it ended".to_owned(),
                    };
                    tracing::warn!(reason, "the event stream broke");
                    let resumed = interruptible(running, wishes, async {
                        let again = reconnect(&client).await.map_err(Ended::StreamLost)?;
                        // What happened in between is only to be had by reading everything again.
                        resync::sessions(inner, &client).await;
                        Ok(again)
                    });
                    match resumed.await {
                        Ok(again) => stream = again,
                        Err(ended) => return ended,
                    }
                    inner.state().notice(NoticeKind::StreamResumed, reason, now());
                    inner.feed.changed();
                }
            },
        }
    }
}

async fn connect(client: &Arc<dyn Engine>) -> Result<EventStream, String> {
    client.events().await.map_err(|error| error.to_string())
}

async fn reconnect(client: &Arc<dyn Engine>) -> Result<EventStream, String> {
    let mut last = String::new();
    for _ in 0..RECONNECTS {
        match connect(client).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
        tokio::time::sleep(RECONNECT_PAUSE).await;
    }
    Err(last)
}

/// Does something that takes long, unless the engine ends or its end is wished meanwhile.
async fn interruptible<T>(
    running: &Running,
    wishes: &mut mpsc::Receiver<Wish>,
    work: impl Future<Output = Result<T, Ended>>,
) -> Result<T, Ended> {
    tokio::select! {
        exit = running.exited() => Err(Ended::Exited(exit)),
        wish = wishes.recv() => Err(match wish {
            Some(wish) => Ended::Wished(wish),
            None => Ended::StreamLost("the application is ending".into()),
        }),
        outcome = work => outcome,
    }
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
            .map(|running| lines(&running.recent_output()))
            .unwrap_or_default()
    };
    *inner.recent_output.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(read);
}

/// Withdraws the engine, marks what it was doing as cut off, and makes sure that the process is gone.
async fn finish(inner: &Arc<Inner>, running: &Running, ended: Ended) -> Option<Wish> {
    let engine = inner.engine.send_replace(None);
    let (failed, wish) = match ended {
        Ended::Exited(exit) => {
            let message = format!(
                "The engine ended by itself ({exit}). Everything on screen was kept; start it again."
            );
            inner
                .state()
                .notice(NoticeKind::EngineEnded, message.clone(), now());
            let state = EngineState::Failed {
                code: "ended".into(),
                message,
                log: lines(&exit.last_lines),
            };
            (Some(state), None)
        }
        Ended::StreamLost(reason) => {
            let message = format!("The connection to the engine was lost: {reason}. Start it again.");
            inner
                .state()
                .notice(NoticeKind::EngineEnded, message.clone(), now());
            (
                Some(EngineState::Failed {
                    code: "connectionLost".into(),
                    message,
                    log: Vec::new(),
                }),
                None,
            )
        }
        Ended::Wished(wish) => {
            set_state(inner, EngineState::Stopping);
            (None, Some(wish))
        }
    };
    stop_turns(inner, engine).await;
    if let Err(error) = running.stop().await {
        tracing::error!(%error, "the engine could not be ended");
    }
    let last = lines(&running.recent_output());
    *inner.recent_output.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(move || last.clone());
    let mut effects = Vec::new();
    inner.state().engine_ended(now(), &mut effects);
    inner.carry_out(effects);
    if let Some(failed) = failed {
        set_state(inner, failed);
    }
    wish
}
