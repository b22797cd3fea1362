//! The one thread that talks to the keychain.
//!
//! A keychain's call may wait for a person, and cannot be called off. So it is made on a thread of its own, in order,
//! and whoever waits for it waits no longer than their patience. The call goes on, and what it comes to is kept. Until
//! it has come to something, further calls are refused at once. The thread is nobody's to wait for: it does not keep
//! the app from ending. It ends with the [`Worker`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Calls that may wait in line. One for each provider, sign-in and window is far below this.
const LINE: usize = 64;

/// What a call does, with what the thread has.
type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// Makes what the thread has, on the thread. The flag says later that the thread was given up.
pub(crate) type Make<S> = Box<dyn Fn(Arc<AtomicBool>) -> S + Send + Sync>;

/// A call did not come to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// Not in time. When it had begun, it goes on.
    NotYet,
    /// The thread could not be started, or the call panicked.
    Never,
}

/// What is known from outside about the call that is being made.
#[derive(Default)]
struct Progress {
    /// Since when the present call is being made.
    since: Option<Instant>,
    /// Whether somebody's patience ended meanwhile.
    overdue: bool,
}

struct Line<S> {
    sender: SyncSender<Job<S>>,
    progress: Arc<Mutex<Progress>>,
    given_up: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// A thread that is started when it is first needed.
pub(crate) struct Worker<S> {
    make: Arc<Make<S>>,
    patience: Duration,
    line: Mutex<Option<Line<S>>>,
}

impl<S: 'static> Worker<S> {
    pub(crate) fn new(patience: Duration, make: Make<S>) -> Self {
        Self {
            make: Arc::new(make),
            patience,
            line: Mutex::new(None),
        }
    }

    /// Makes a call and waits for its answer, no longer than the patience. Must be called within a runtime, whose
    /// clock the call has too.
    ///
    /// A call that has begun is made to its end even when nobody waits for it any more; one that has not is not made.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T, Unanswered> {
        let (answer, answered) = oneshot::channel();
        let runtime = Handle::current();
        let progress = self.enqueue(Box::new(move |having| {
            if answer.is_closed() {
                return;
            }
            let _clock = runtime.enter();
            // Nobody may be left to take it.
            let _ = answer.send(call(having));
        }))?;
        match tokio::time::timeout(self.patience, answered).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(Unanswered::Never),
            Err(_) => {
                let mut progress = lock(&progress);
                progress.overdue = progress.since.is_some();
                Err(Unanswered::NotYet)
            }
        }
    }

    /// Whether a call is being made that somebody has stopped waiting for.
    pub(crate) fn is_overdue(&self) -> bool {
        let line = lock(&self.line);
        line.as_ref()
            .is_some_and(|line| !line.thread.is_finished() && lock(&line.progress).overdue)
    }

    /// Leaves a thread to itself whose call has been made for longer than `limit`. What it has must look at its flag
    /// before it writes anything.
    pub(crate) fn give_up_after(&self, limit: Duration) {
        let mut line = lock(&self.line);
        let stuck = line.as_ref().is_some_and(|line| {
            let progress = lock(&line.progress);
            progress.overdue && progress.since.is_some_and(|since| since.elapsed() > limit)
        });
        if stuck && let Some(line) = line.take() {
            line.given_up.store(true, Ordering::Release);
            tracing::warn!("the keychain has not answered for long; its thread is left to itself");
        }
    }

    fn enqueue(&self, job: Job<S>) -> Result<Arc<Mutex<Progress>>, Unanswered> {
        let mut slot = lock(&self.line);
        // One that could not make what it needs is gone.
        if slot.as_ref().is_some_and(|line| line.thread.is_finished()) {
            *slot = None;
        }
        let line = match &mut *slot {
            Some(line) => line,
            None => slot.insert(self.start()?),
        };
        if lock(&line.progress).overdue {
            return Err(Unanswered::NotYet);
        }
        match line.sender.try_send(job) {
            Ok(()) => Ok(Arc::clone(&line.progress)),
            Err(TrySendError::Full(_)) => Err(Unanswered::NotYet),
            Err(TrySendError::Disconnected(_)) => Err(Unanswered::Never),
        }
    }

    fn start(&self) -> Result<Line<S>, Unanswered> {
        let (sender, jobs) = mpsc::sync_channel::<Job<S>>(LINE);
        let progress = Arc::new(Mutex::new(Progress::default()));
        let given_up = Arc::new(AtomicBool::new(false));
        let make = Arc::clone(&self.make);
        let (its_progress, its_flag) = (Arc::clone(&progress), Arc::clone(&given_up));
        let body = move || {
            let mut having = make(Arc::clone(&its_flag));
            for job in jobs {
                lock(&its_progress).since = Some(Instant::now());
                // What a call was in the middle of when it panicked is not used again.
                if catch_unwind(AssertUnwindSafe(|| job(&mut having))).is_err() {
                    having = make(Arc::clone(&its_flag));
                }
                *lock(&its_progress) = Progress::default();
            }
        };
        match std::thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(body)
        {
            Ok(thread) => Ok(Line {
                sender,
                progress,
                given_up,
                thread,
            }),
            Err(error) => {
                tracing::error!(%error, "starting the keychain's thread");
                Err(Unanswered::Never)
            }
        }
    }
}

/// What is behind these locks is whole at every moment, so that a panic elsewhere spoils nothing.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
