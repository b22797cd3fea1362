//! The engine's life as the application sees it: one task that carries out what [`Life`] decides.

mod configuration;
mod diagnosis;
mod launch;
mod one;
mod report;
mod resync;
mod show;
mod stream;
mod watch;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use cowork_supervisor::{BreakerSettings, Command, DegradedReason, Holder, Input, Life, LifeState, Step};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

pub(crate) use configuration::{configuration_changed, offered, quiet, write_private};
pub(crate) use diagnosis::Diagnosis;
pub(crate) use report::{health, report};
pub(crate) use resync::read as read_anew;
pub(crate) use show::sentence;

use crate::view::{self, EngineHome, EngineState, NoticeKind};
use crate::workspace::{Inner, now};
use one::End;

/// What is wished of the engine's task.
pub(crate) enum Wish {
    /// Start it, anew when it runs.
    Start,
    /// End it for good, and say so.
    Stop(oneshot::Sender<()>),
}

/// Whether the engine that runs was told of other sign-ins than there are now.
pub(crate) fn sign_ins_changed(inner: &Inner) -> bool {
    let private = inner.running_surroundings().home == EngineHome::Private;
    let told = inner
        .told_sign_ins
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    private && told != launch::signed_in(inner)
}

/// Starts the engine anew for what it is told at its start alone, unless something runs in it; then the window says
/// that a restart is needed.
pub(crate) async fn start_anew_if_quiet(inner: &Inner) {
    if inner.engine.borrow().is_none() || !sign_ins_changed(inner) {
        return;
    }
    // No prompt may be on its way there meanwhile.
    let _gate = inner.gate.write().await;
    if !inner.state().running().is_empty() {
        inner.tell_whether_restart_is_needed();
        return;
    }
    // The task that takes it ends with the application alone.
    inner.wishes.send(Wish::Start).await.ok();
}

/// What is known of an engine while it is started and runs.
enum Report {
    Step(Step),
    Up { version: String },
    Degraded(DegradedReason, String),
    Recovered(DegradedReason),
}

/// How long the first start waits for the window's first picture, which is there after half of it. Both want all of a
/// small computer's processors: begun at once, the engine would have the person look at nothing for a tenth longer.
const PICTURE_PATIENCE: Duration = Duration::from_secs(1);

/// Reports that wait for the task: each is a step of one engine, and the task does nothing that takes long.
const REPORTS: usize = 16;

/// An engine from its start to its end, and how to have it ended.
struct Current {
    life: Pin<Box<dyn Future<Output = End> + Send>>,
    stop: Option<oneshot::Sender<()>>,
}

struct Driver {
    inner: Arc<Inner>,
    life: Life,
    origin: Instant,
    wake: Option<Instant>,
    current: Option<Current>,
    reports: mpsc::Sender<Report>,
    /// Shown while starting.
    starting_since: i64,
    version: String,
    /// Why it is degraded, in words, and since when.
    trouble: (String, i64),
    /// The engine ended by itself since it was ready last: when it is ready again, that is news.
    came_back: bool,
}

/// Runs until the application ends.
pub(crate) async fn run(inner: Arc<Inner>, mut wishes: mpsc::Receiver<Wish>) {
    let (reports, mut told) = mpsc::channel(REPORTS);
    let settings = breaker_settings(&inner.state().settings);
    let mut driver = Driver {
        life: Life::new(settings),
        origin: Instant::now(),
        wake: None,
        current: None,
        reports,
        starting_since: now(),
        version: String::new(),
        trouble: (String::new(), 0),
        came_back: false,
        inner,
    };
    let mut begins = Box::pin(first_picture(driver.inner.clone()));
    let mut has_begun = false;
    let mut stopped = Vec::new();
    loop {
        let wake = driver.wake;
        let timer = async move {
            match wake {
                Some(wake) => tokio::time::sleep_until(wake).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // What an engine said before it ended comes before its end.
            biased;
            () = &mut begins, if !has_begun => {
                has_begun = true;
                driver.tell(Input::WantStart);
            }
            Some(report) = told.recv() => driver.reported(report),
            end = driver.current_end() => driver.ended(end),
            wish = wishes.recv() => match wish {
                Some(Wish::Start) => {
                    has_begun = true;
                    driver.tell(Input::PersonRetry);
                }
                Some(Wish::Stop(done)) => {
                    stopped.push(done);
                    driver.tell(Input::Shutdown);
                }
                // The application holds a sender, and this task the application.
                None => return,
            },
            () = timer => {
                driver.wake = None;
                driver.tell(Input::Tick);
            }
        }
        // Before its first start it is stopped too.
        if *driver.life.state() == LifeState::Stopped && !stopped.is_empty() {
            break;
        }
    }
    for done in stopped {
        // Whoever asked may be gone already; there is nobody else to tell.
        done.send(()).ok();
    }
}

async fn first_picture(inner: Arc<Inner>) {
    if inner.options.holder == Holder::App {
        // A window that draws nothing is told about elsewhere; the engine starts all the same.
        let _ = tokio::time::timeout(PICTURE_PATIENCE, inner.feed.has_drawn()).await;
    }
}

fn breaker_settings(settings: &view::Settings) -> BreakerSettings {
    BreakerSettings {
        failures: settings.restart_failures,
        window: Duration::from_secs(settings.restart_window.into()),
        ..BreakerSettings::default()
    }
}

impl Driver {
    /// Waits for the engine that is there to end; for ever when there is none.
    async fn current_end(&mut self) -> End {
        match &mut self.current {
            Some(current) => {
                let end = current.life.as_mut().await;
                self.current = None;
                end
            }
            None => std::future::pending().await,
        }
    }

    fn reported(&mut self, report: Report) {
        match report {
            Report::Step(step) => self.tell(Input::Step(step)),
            Report::Up { version } => {
                self.version = version;
                self.tell(Input::Up);
                if std::mem::take(&mut self.came_back) {
                    self.notice(NoticeKind::EngineRestarted, String::new());
                }
            }
            Report::Degraded(reason, why) => {
                self.trouble = (why, now());
                self.tell(Input::Degrade(reason));
            }
            Report::Recovered(reason) => self.tell(Input::Recovered(reason)),
        }
    }

    fn ended(&mut self, end: End) {
        let input = match end {
            End::Stopped => Input::Ended,
            End::NotStarted { failure, hope, log } => {
                self.note_failure(failure.code, &failure.message, log);
                Input::StartFailed { failure, hope }
            }
            End::Died { failure, log } => {
                self.came_back = true;
                self.notice(NoticeKind::EngineEnded, failure.message.clone());
                self.note_failure(failure.code, &failure.message, log);
                Input::Died { failure }
            }
            End::Unresponsive { failure, log } => {
                self.came_back = true;
                self.notice(NoticeKind::EngineUnresponsive, failure.message.clone());
                self.note_failure(failure.code, &failure.message, log);
                Input::Died { failure }
            }
        };
        self.tell(input);
    }

    fn note_failure(&self, code: &str, message: &str, log: Vec<String>) {
        let running = self.inner.state().running().len();
        let context = format!("{}; turns that ran: {running}", show::name(self.life.state()));
        self.inner.diagnosis().failed(view::FailureRow {
            at: now(),
            code: code.to_owned(),
            message: message.to_owned(),
            context,
            log,
        });
    }

    fn notice(&self, kind: NoticeKind, detail: String) {
        self.inner.state().notice(kind, detail, now());
        self.inner.feed.changed();
    }

    /// Tells the machine, carries out what it decides, and shows where it is.
    fn tell(&mut self, input: Input) {
        let at = self.origin.elapsed();
        self.life
            .reconfigure(breaker_settings(&self.inner.state().settings));
        for command in self.life.handle(input, at, random()) {
            match command {
                Command::Start => self.start(),
                Command::Stop => self.stop(),
                Command::WakeAt(time) => self.wake = Some(self.origin + time),
            }
        }
        self.show();
    }

    fn start(&mut self) {
        self.starting_since = now();
        let (stop, stopped) = oneshot::channel();
        self.current = Some(Current {
            life: Box::pin(one::live(self.inner.clone(), self.reports.clone(), stopped)),
            stop: Some(stop),
        });
    }

    fn stop(&mut self) {
        if let Some(stop) = self.current.as_mut().and_then(|current| current.stop.take()) {
            // One that just ended by itself does not listen any more; its end is on its way.
            stop.send(()).ok();
        }
    }

    fn show(&self) {
        let state = self.view();
        {
            let mut diagnosis = self.inner.diagnosis();
            diagnosis.starts = self.life.starts();
            diagnosis.breaker = show::breaker(self.life.breaker());
        }
        self.inner.state().set_engine(state);
        // Whoever waits for the engine looks at the state again.
        self.inner.engine.send_modify(|_| {});
        self.inner.feed.changed();
        self.inner.health_changed.notify_one();
    }

    fn view(&self) -> EngineState {
        let epoch = |time: Duration| {
            let from_now = time.saturating_sub(self.origin.elapsed());
            now().saturating_add(i64::try_from(from_now.as_millis()).unwrap_or(i64::MAX))
        };
        let last = self.inner.diagnosis().last_failure();
        match self.life.state() {
            LifeState::Absent { failure } => EngineState::Absent {
                code: failure.code.to_owned(),
                message: failure.message.clone(),
            },
            LifeState::Starting { step, .. } => EngineState::Starting {
                step: show::step(*step),
                since: self.starting_since,
            },
            LifeState::Ready => EngineState::Ready {
                version: self.version.clone(),
            },
            LifeState::Degraded { reason } => EngineState::Degraded {
                trouble: show::trouble(*reason),
                message: self.trouble.0.clone(),
                since: self.trouble.1,
            },
            LifeState::BackingOff { attempt, until } => EngineState::BackingOff {
                attempt: *attempt,
                until: epoch(*until),
                code: last.as_ref().map(|last| last.code.clone()).unwrap_or_default(),
                message: last.map(|last| last.message).unwrap_or_default(),
            },
            LifeState::Broken { failure, probe_at } => EngineState::Broken {
                code: failure.code.to_owned(),
                message: failure.message.clone(),
                probe_at: probe_at.map(epoch),
                log: last.map(|last| last.log).unwrap_or_default(),
            },
            LifeState::Stopping => EngineState::Stopping,
            // Before the first start: it is about to come.
            LifeState::Stopped if self.life.starts() == cowork_supervisor::StartCounts::default() => {
                EngineState::Starting {
                    step: view::EngineStep::Preparing,
                    since: self.starting_since,
                }
            }
            LifeState::Stopped => EngineState::Stopped,
        }
    }
}

/// Spreads the delays of restarts; nothing secret hangs on it. Without a random source they are not spread.
fn random() -> f64 {
    let mut bytes = [0_u8; 4];
    if getrandom::fill(&mut bytes).is_err() {
        return 0.5;
    }
    f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}
