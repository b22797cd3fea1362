//! Taking events: those of many requests in one transaction.
//!
//! Nothing waits for company: what came while the transaction before was written goes into the next one together. A
//! pairing's requests always go to the same writer, so that none overtakes another.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::write::{Request, write};
use super::{EVENTS_LIMIT, PAYLOAD_LIMIT, ROW_BYTES};
use crate::database::{Attempts, Database};
use crate::rows::written;
use crate::rules::events::{About, about};
use crate::{Dialect, IngestFigures, Ingested, Limits, NewEvent, Proven, Store, StoreError};

/// Bytes of events that may wait to be written. More than that are a database that does not keep up, and whoever brings
/// them is told to come again.
const WAITING_BYTES: u32 = 64 * 1024 * 1024;
/// How long a request waits for room.
const ROOM: Duration = Duration::from_secs(2);
/// Requests that may wait for each writer; their bytes are the bound that counts.
const WAITING: usize = 4_096;
/// Events of one transaction.
const AT_ONCE: usize = 2_000;
/// Pairings of one transaction.
const PAIRINGS_AT_ONCE: usize = 128;
/// Bytes of one transaction.
const BYTES_AT_ONCE: usize = 8 * 1024 * 1024;
/// Writers with PostgreSQL: while one waits for the disk another one works.
const WRITERS: usize = 2;
/// For how long a transaction is begun again whose end nobody saw: with the wait for a connection (five seconds) that comes
/// on top, well within a client's fifteen. Each event is kept once however often it is written.
const LOST_FOR: Duration = Duration::from_secs(4);
/// The first and the longest pause before that, in milliseconds.
const LOST_PAUSE: (u64, u64) = (25, 400);

/// An event that is ready to be written.
pub(crate) struct Prepared {
    pub(crate) event: NewEvent,
    pub(crate) about: About,
    pub(crate) payload: Option<String>,
}

impl Prepared {
    /// What it takes in the log.
    pub(crate) fn bytes(&self) -> usize {
        self.payload.as_ref().map_or(0, String::len) + ROW_BYTES
    }
}

/// The tasks that write.
pub(crate) struct Ingest {
    writers: Mutex<Option<Vec<mpsc::Sender<Waiting>>>>,
    tasks: tokio::sync::Mutex<Vec<JoinHandle<()>>>,
    room: Arc<Semaphore>,
    counts: Arc<Counts>,
}

/// A request that counts as waiting, until it is answered or whoever asked is gone before it was handed over.
struct Counted(Arc<Counts>);

impl Counted {
    fn new(counts: &Arc<Counts>) -> Self {
        counts.waiting.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(counts))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Waiting {
    request: Request,
    bytes: usize,
    answer: oneshot::Sender<Result<Ingested, StoreError>>,
    /// Given back when it is answered.
    room: OwnedSemaphorePermit,
    counted: Counted,
}

#[derive(Default)]
struct Counts {
    transactions: AtomicU64,
    requests: AtomicU64,
    events: AtomicU64,
    retries: AtomicU64,
    failures: AtomicU64,
    microseconds: AtomicU64,
    waiting: AtomicU64,
}

impl Ingest {
    pub(crate) fn start(database: &Database, limits: Limits) -> Self {
        let counts = Arc::new(Counts::default());
        let writers = match database.dialect() {
            Dialect::Sqlite => 1,
            Dialect::Postgres => WRITERS,
        };
        let (senders, tasks) = (0..writers)
            .map(|_| {
                let (send, receive) = mpsc::channel(WAITING);
                let writer = Writer {
                    database: database.clone(),
                    limits,
                    counts: Arc::clone(&counts),
                };
                (send, tokio::spawn(writer.run(receive)))
            })
            .unzip();
        Self {
            writers: Mutex::new(Some(senders)),
            tasks: tokio::sync::Mutex::new(tasks),
            room: Arc::new(Semaphore::new(WAITING_BYTES as usize)),
            counts,
        }
    }

    /// Writes what was taken, and takes nothing more.
    pub(crate) async fn close(&self) {
        self.writers.lock().unwrap_or_else(PoisonError::into_inner).take();
        for task in self.tasks.lock().await.drain(..) {
            // A writer that panicked has nothing left to write.
            let _ = task.await;
        }
    }

    /// A writer failed, or all ended: what is brought to it is not written any more.
    pub(crate) fn has_ended(&self) -> bool {
        let writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        writers
            .as_ref()
            .is_none_or(|writers| writers.iter().any(mpsc::Sender::is_closed))
    }

    pub(crate) fn waiting(&self) -> u64 {
        self.counts.waiting.load(Ordering::Relaxed)
    }

    fn writer_of(&self, proven: &Proven) -> Result<mpsc::Sender<Waiting>, StoreError> {
        let writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        let writers = writers.as_ref().ok_or(StoreError::Closed)?;
        let mut hasher = DefaultHasher::new();
        proven.pairing.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % writers.len() as u64).unwrap_or(0);
        writers.get(place).cloned().ok_or(StoreError::Closed)
    }

    fn figures(&self) -> IngestFigures {
        let counts = &self.counts;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        IngestFigures {
            transactions: read(&counts.transactions),
            requests: read(&counts.requests),
            events: read(&counts.events),
            retries: read(&counts.retries),
            failures: read(&counts.failures),
            microseconds: read(&counts.microseconds),
            waiting: read(&counts.waiting),
        }
    }
}

impl Store {
    /// Keeps events, in any order, each once by its id. It comes back when they are on the disk. At most 500.
    pub async fn ingest(
        &self,
        proven: &Proven,
        events: Vec<NewEvent>,
        now: i64,
    ) -> Result<Ingested, StoreError> {
        if events.len() > EVENTS_LIMIT {
            return Err(StoreError::Invalid {
                what: "events",
                why: format!("are more than {EVENTS_LIMIT}"),
            });
        }
        let events = events.into_iter().map(prepare).collect::<Result<Vec<_>, _>>()?;
        let bytes: usize = events.iter().map(Prepared::bytes).sum();
        let ingest = self.ingest_task();
        let permits = u32::try_from(bytes)
            .unwrap_or(WAITING_BYTES)
            .clamp(1, WAITING_BYTES);
        let room = tokio::time::timeout(ROOM, Arc::clone(&ingest.room).acquire_many_owned(permits)).await;
        let Ok(Ok(room)) = room else {
            return Err(StoreError::Busy);
        };
        let writer = ingest.writer_of(proven)?;
        let (answer, answered) = oneshot::channel();
        let counted = Counted::new(&ingest.counts);
        let request = Request {
            proven: proven.clone(),
            events,
            now,
        };
        let sent = writer
            .send(Waiting {
                request,
                bytes,
                answer,
                room,
                counted,
            })
            .await;
        drop(writer);
        match sent {
            Ok(()) => answered.await.unwrap_or(Err(StoreError::Closed)),
            Err(_) => Err(StoreError::Closed),
        }
    }

    /// What this process took of events since it started.
    #[must_use]
    pub fn ingest_figures(&self) -> IngestFigures {
        self.ingest_task().figures()
    }
}

fn prepare(event: NewEvent) -> Result<Prepared, StoreError> {
    let payload = event.payload.as_ref().map(written).transpose()?;
    crate::error::bounded(
        "the payload",
        payload.as_deref().unwrap_or_default(),
        PAYLOAD_LIMIT,
    )?;
    if event.sequence.is_some_and(|sequence| sequence < 1) {
        return Err(StoreError::Invalid {
            what: "sequence",
            why: "begins at 1".to_owned(),
        });
    }
    Ok(Prepared {
        about: about(event.kind, event.payload.as_ref()),
        payload,
        event,
    })
}

struct Writer {
    database: Database,
    limits: Limits,
    counts: Arc<Counts>,
}

impl Writer {
    async fn run(self, mut queue: mpsc::Receiver<Waiting>) {
        let mut next = None;
        loop {
            let first = match next.take() {
                Some(first) => first,
                None => match queue.recv().await {
                    Some(first) => first,
                    None => return,
                },
            };
            let mut batch = vec![first];
            let mut events = batch[0].request.events.len();
            let mut bytes = batch[0].bytes;
            while let Ok(more) = queue.try_recv() {
                events += more.request.events.len();
                bytes += more.bytes;
                if events > AT_ONCE || bytes > BYTES_AT_ONCE || batch.len() >= PAIRINGS_AT_ONCE {
                    next = Some(more);
                    break;
                }
                batch.push(more);
            }
            self.keep(batch).await;
        }
    }

    async fn keep(&self, batch: Vec<Waiting>) {
        let (requests, answers): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|waiting| (waiting.request, (waiting.answer, (waiting.room, waiting.counted))))
            .unzip();
        let results = match self.attempt(&requests).await {
            Ok(results) => results,
            Err(error) if error.may_pass() => {
                tracing::warn!(%error, requests = requests.len(), "events could not be written");
                requests.iter().map(|_| Err(StoreError::Busy)).collect()
            }
            Err(error) if requests.len() == 1 => vec![Err(error)],
            Err(error) => {
                // Something in one of them: it shall not keep the others out.
                tracing::warn!(%error, requests = requests.len(), "events are written one request at a time");
                let mut results = Vec::new();
                for request in &requests {
                    results.extend(match self.attempt(std::slice::from_ref(request)).await {
                        Ok(results) => results,
                        Err(error) if error.may_pass() => vec![Err(StoreError::Busy)],
                        Err(error) => vec![Err(error)],
                    });
                }
                results
            }
        };
        self.counts
            .requests
            .fetch_add(requests.len() as u64, Ordering::Relaxed);
        for (result, (answer, waited)) in results.into_iter().zip(answers) {
            match &result {
                Ok(ingested) => {
                    self.counts
                        .events
                        .fetch_add(ingested.fresh as u64, Ordering::Relaxed);
                }
                Err(error) if !error.is_about_the_request() => {
                    self.counts.failures.fetch_add(1, Ordering::Relaxed);
                }
                Err(_) => {}
            }
            drop(waited);
            // Whoever asked may have gone; what is kept is kept.
            let _ = answer.send(result);
        }
    }

    async fn attempt(&self, requests: &[Request]) -> Result<Vec<Result<Ingested, StoreError>>, StoreError> {
        let mut attempts = Attempts::new();
        let since = Instant::now();
        let mut lost = 0_u32;
        loop {
            let began = Instant::now();
            let result = write(&self.database, &self.limits, requests, &self.counts.transactions).await;
            let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.counts.microseconds.fetch_add(took, Ordering::Relaxed);
            match result {
                Err(error) if attempts.again(&error).await => {}
                Err(error) if error.lost_the_database() && since.elapsed() < LOST_FOR => {
                    let (first, longest) = LOST_PAUSE;
                    tokio::time::sleep(Duration::from_millis((first << lost.min(8)).min(longest))).await;
                    lost += 1;
                }
                other => return other,
            }
            self.counts.retries.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    #[tokio::test]
    async fn a_writer_that_failed_is_noticed_before_somebody_brings_events() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::at(format!("sqlite:{}/cloud.db", folder.path().display()));
        Store::migrate(&options).await.unwrap();
        let store = Store::open(&options).await.unwrap();
        store.ready(1).await.unwrap();
        let writer = store.ingest_task().tasks.lock().await.remove(0);
        writer.abort();
        assert!(writer.await.is_err());
        assert!(matches!(store.ready(2).await, Err(StoreError::Closed)));
    }
}
