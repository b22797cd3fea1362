//! Telling other processes, and hearing of them, through PostgreSQL.
//!
//! What changed is told after its transaction, keys of many together and outside of it: a transaction that notifies
//! holds a lock of the whole database while it is written to the disk, so that no two would be written at a time. A
//! process that dies in between tells nobody; whoever asked it has no answer and asks again, and what is asked again is
//! told again.

use std::sync::Arc;
use std::time::Duration;

use sqlx::AnyPool;
use sqlx::postgres::PgListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::{CommandId, OrganizationId, PairingId, StoreError, UserId, WakeKey, Wakes};

const CHANNEL: &str = "cowork_wakes";
/// The longest message, in bytes; PostgreSQL takes 7,999.
const MESSAGE_LIMIT: usize = 7_900;
/// How often we tell ourselves that the line is there. A connection that died without a word would be taken for silence.
const PULSE: Duration = Duration::from_secs(5);
/// How long no pulse is waited for.
const SILENCE: Duration = Duration::from_secs(16);
/// Between two attempts to listen again.
const PAUSE: Duration = Duration::from_millis(250);

/// The line to other processes. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Listening {
    inner: Arc<Inner>,
}

struct Inner {
    tell: mpsc::UnboundedSender<Vec<WakeKey>>,
    stop: watch::Sender<bool>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Inner {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Listening {
    pub(crate) async fn start(address: &str, pool: &AnyPool, wakes: &Wakes) -> Result<Self, StoreError> {
        // Names this process, which needs not be told what it knows.
        let origin = CommandId::random().to_string();
        // Without a bound, because what waits is bounded by transactions that ended within one round to the database;
        // while that is away nothing ends.
        let (tell, told) = mpsc::unbounded_channel();
        let (stop, stopped) = watch::channel(false);
        let listener = listen(address).await?;
        let hears = tokio::spawn(hear(
            listener,
            address.to_owned(),
            origin.clone(),
            wakes.clone(),
            stopped.clone(),
        ));
        let tells = tokio::spawn(tell_others(told, pool.clone(), origin, stopped));
        Ok(Self {
            inner: Arc::new(Inner {
                tell,
                stop,
                tasks: [hears, tells],
            }),
        })
    }

    pub(crate) fn tell(&self, keys: Vec<WakeKey>) {
        // Nobody is there any more only while the server stops.
        let _ = self.inner.tell.send(keys);
    }

    pub(crate) async fn stop(&self) {
        self.inner.stop.send_replace(true);
        while !self.inner.tasks.iter().all(JoinHandle::is_finished) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

async fn listen(address: &str) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect(address).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Listens once more, unless it is stopped before: a database that takes a connection and says nothing is waited for much
/// longer than a server may take to end.
async fn listen_again(
    address: &str,
    stopped: &mut watch::Receiver<bool>,
) -> Option<Result<PgListener, sqlx::Error>> {
    tokio::select! {
        _ = stopped.wait_for(|stopped| *stopped) => None,
        listened = listen(address) => Some(listened),
    }
}

async fn hear(
    listener: PgListener,
    address: String,
    origin: String,
    wakes: Wakes,
    mut stopped: watch::Receiver<bool>,
) {
    let mut current = Some(listener);
    loop {
        if let Some(listener) = &mut current {
            let heard = tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => return,
                heard = tokio::time::timeout(SILENCE, listener.try_recv()) => heard,
            };
            match heard {
                Ok(Ok(Some(notification))) => {
                    let (from, keys) = read(notification.payload());
                    if from != origin {
                        wakes.wake(&keys);
                    }
                    continue;
                }
                // It was cut and is there again.
                Ok(Ok(None)) => wakes.wake_everybody(),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the line between processes broke");
                    current = None;
                }
                Err(_) => {
                    tracing::warn!("the line between processes is silent");
                    current = None;
                }
            }
            continue;
        }
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
        match listen_again(&address, &mut stopped).await {
            Some(Ok(listener)) => {
                current = Some(listener);
                // Whatever was told in the meantime was missed.
                wakes.wake_everybody();
            }
            Some(Err(error)) => tracing::debug!(%error, "the line between processes is still broken"),
            None => return,
        }
    }
}

async fn tell_others(
    mut told: mpsc::UnboundedReceiver<Vec<WakeKey>>,
    pool: AnyPool,
    origin: String,
    mut stopped: watch::Receiver<bool>,
) {
    let mut more = Vec::new();
    let mut stopping = false;
    while !stopping {
        let mut keys = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => { stopping = true; Vec::new() }
            keys = told.recv() => match keys { Some(keys) => keys, None => return },
            () = tokio::time::sleep(PULSE) => Vec::new(),
        };
        while let Ok(next) = told.try_recv() {
            more.push(next);
        }
        keys.extend(more.drain(..).flatten());
        keys.sort_unstable();
        keys.dedup();
        for message in messages(&origin, &keys) {
            let mut attempts = 0;
            while let Err(error) = sqlx::query("SELECT pg_notify('cowork_wakes', $1)")
                .bind(message.as_str())
                .execute(&pool)
                .await
            {
                attempts += 1;
                if attempts >= 20 || *stopped.borrow() {
                    // Everybody looks at everything when their own line is there again.
                    tracing::warn!(%error, "other processes could not be told of a change");
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Who tells, and then a key in each line. Ids have no line breaks in them.
fn messages(origin: &str, keys: &[WakeKey]) -> Vec<String> {
    let mut messages = vec![origin.to_owned()];
    for key in keys {
        let (kind, id) = match key {
            WakeKey::Commands(id) => ('c', id.as_str()),
            WakeKey::Answers(id) => ('a', id.as_str()),
            WakeKey::Events(id) => ('e', id.as_str()),
            WakeKey::Pairing(id) => ('p', id.as_str()),
            WakeKey::Organization(id) => ('o', id.as_str()),
            WakeKey::User(id) => ('u', id.as_str()),
        };
        if messages
            .last()
            .is_some_and(|message| message.len() + id.len() + 2 > MESSAGE_LIMIT)
        {
            messages.push(origin.to_owned());
        }
        if let Some(message) = messages.last_mut() {
            message.push('\n');
            message.push(kind);
            message.push_str(id);
        }
    }
    messages
}

/// What a message says. What a later version tells besides is passed over.
fn read(message: &str) -> (&str, Vec<WakeKey>) {
    let mut lines = message.split('\n');
    let origin = lines.next().unwrap_or_default();
    let keys = lines
        .filter_map(|line| {
            let mut rest = line.chars();
            let kind = rest.next()?;
            let id = rest.as_str();
            match kind {
                'c' => PairingId::parse(id).ok().map(WakeKey::Commands),
                'a' => PairingId::parse(id).ok().map(WakeKey::Answers),
                'e' => PairingId::parse(id).ok().map(WakeKey::Events),
                'p' => PairingId::parse(id).ok().map(WakeKey::Pairing),
                'o' => OrganizationId::parse(id).ok().map(WakeKey::Organization),
                'u' => UserId::parse(id).ok().map(WakeKey::User),
                _ => None,
            }
        })
        .collect();
    (origin, keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_stops_does_not_wait_for_a_database_that_says_nothing() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("postgres://cowork@{}/cowork", silent.local_addr().unwrap());
        let (stop, mut stopped) = watch::channel(false);
        let stops = async {
            let connection = silent.accept().await.unwrap();
            stop.send_replace(true);
            connection
        };
        let both = async { tokio::join!(listen_again(&address, &mut stopped), stops) };
        let (listened, _connection) = tokio::time::timeout(Duration::from_secs(10), both).await.unwrap();
        assert!(listened.is_none());
    }

    #[test]
    fn what_is_told_is_heard() {
        let keys: Vec<_> = (0..1_000)
            .map(|number| WakeKey::Events(PairingId::parse(&format!("dsk, {number}")).unwrap()))
            .chain([
                WakeKey::User(UserId::random()),
                WakeKey::Organization(OrganizationId::random()),
                WakeKey::Pairing(PairingId::random()),
                WakeKey::Answers(PairingId::random()),
                WakeKey::Commands(PairingId::random()),
            ])
            .collect();
        let messages = messages("me", &keys);
        assert!(messages.len() > 1 && messages.iter().all(|message| message.len() < 8_000));
        let heard: Vec<_> = messages.iter().flat_map(|message| read(message).1).collect();
        assert_eq!(heard, keys);
        assert!(messages.iter().all(|message| read(message).0 == "me"));
        assert_eq!(read("them\nxwhat\n"), ("them", vec![]));
    }
}
