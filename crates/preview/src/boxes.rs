//! The boxes that said they serve, and connections that are asked of them.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use cowork_gateway::FolderId;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot, watch};

use crate::limits::Limits;
use crate::secret;

/// Bytes in both directions.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection to a server in a box.
pub(crate) type Stream = Box<dyn Duplex>;

/// A port that listens in a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Whose box.
    pub folder: FolderId,
    /// Its port there.
    pub port: u16,
    /// When it was first seen.
    pub since: SystemTime,
}

/// Words to a box that wait to be written. Each stands for a connection, of which there are fewer.
const MOST_WORDS: usize = 256;

/// A box to be asked for a connection to one of its ports.
pub(crate) struct Wanted {
    pub(crate) port: u16,
    pub(crate) ticket: String,
}

/// A box that said it serves.
struct OneBox {
    number: u64,
    folder: FolderId,
    ports: Vec<(u16, SystemTime)>,
    asks: mpsc::Sender<Wanted>,
}

/// Who waits for a connection.
struct Waiting {
    folder: FolderId,
    give: oneshot::Sender<Stream>,
}

#[derive(Default)]
struct State {
    /// Oldest first.
    boxes: Vec<OneBox>,
    last: u64,
    waiting: HashMap<String, Waiting>,
}

pub(crate) struct Boxes {
    pub(crate) limits: Limits,
    state: Mutex<State>,
    servers: watch::Sender<Vec<Server>>,
}

/// A box among the others, until it is dropped.
pub(crate) struct Present<'a> {
    boxes: &'a Boxes,
    number: u64,
}

impl Present<'_> {
    /// What it serves now. The first of too many count.
    pub(crate) fn serves(&self, ports: &[u16]) {
        let mut state = self.boxes.state();
        if let Some(known) = state.boxes.iter_mut().find(|known| known.number == self.number) {
            let before = std::mem::take(&mut known.ports);
            let now = SystemTime::now();
            for port in ports.iter().take(self.boxes.limits.servers) {
                let since = before.iter().find(|(known, _)| known == port);
                known.ports.push((*port, since.map_or(now, |(_, since)| *since)));
            }
        }
        self.boxes.tell(&state);
    }
}

impl Drop for Present<'_> {
    fn drop(&mut self) {
        let mut state = self.boxes.state();
        state.boxes.retain(|known| known.number != self.number);
        self.boxes.tell(&state);
    }
}

/// Takes back a ticket that was not used.
struct Ticket<'a> {
    boxes: &'a Boxes,
    name: String,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.boxes.state().waiting.remove(&self.name);
    }
}

impl Boxes {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
            servers: watch::Sender::new(Vec::new()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn servers(&self) -> watch::Receiver<Vec<Server>> {
        self.servers.subscribe()
    }

    /// Tells what serves: each port of a folder once, and no more of one folder than are shown.
    fn tell(&self, state: &State) {
        let mut servers: Vec<Server> = Vec::new();
        for known in &state.boxes {
            for (port, since) in &known.ports {
                let of_folder = servers.iter().filter(|server| server.folder == known.folder);
                let is_known = of_folder.clone().any(|server| server.port == *port);
                if !is_known && of_folder.count() < self.limits.servers {
                    servers.push(Server {
                        folder: known.folder.clone(),
                        port: *port,
                        since: *since,
                    });
                }
            }
        }
        self.servers.send_if_modified(|told| {
            let changed = *told != servers;
            *told = servers;
            changed
        });
    }

    /// A box comes in. None when its folder has too many.
    pub(crate) fn enter(&self, folder: &FolderId) -> Option<(Present<'_>, mpsc::Receiver<Wanted>)> {
        let mut state = self.state();
        let of_folder = state.boxes.iter().filter(|known| known.folder == *folder);
        if of_folder.count() >= self.limits.boxes {
            return None;
        }
        let (asks, asked) = mpsc::channel(MOST_WORDS);
        state.last += 1;
        let number = state.last;
        state.boxes.push(OneBox {
            number,
            folder: folder.clone(),
            ports: Vec::new(),
            asks,
        });
        Some((Present { boxes: self, number }, asked))
    }

    /// A box hands over a connection. A ticket counts once, and in its own folder alone.
    pub(crate) fn hand_over(&self, folder: &FolderId, ticket: &str, stream: Stream) {
        if let Some(waiting) = self.take(folder, ticket) {
            // Who waited may have gone.
            drop(waiting.give.send(stream));
        } else {
            tracing::debug!(%folder, "a box handed over a connection that nobody waits for");
        }
    }

    /// A box could not make a connection.
    pub(crate) fn refuse(&self, folder: &FolderId, ticket: &str) {
        drop(self.take(folder, ticket));
    }

    fn take(&self, folder: &FolderId, ticket: &str) -> Option<Waiting> {
        let mut state = self.state();
        let is_of_folder = state
            .waiting
            .get(ticket)
            .is_some_and(|waiting| waiting.folder == *folder);
        is_of_folder.then(|| state.waiting.remove(ticket)).flatten()
    }

    /// A connection to a port of a folder's boxes, of the newest that has it.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when nothing serves there any more, others when the box makes none.
    pub(crate) async fn connect(&self, folder: &FolderId, port: u16) -> io::Result<Stream> {
        let name = secret::name()?;
        let (give, given) = oneshot::channel();
        let asks = {
            let mut state = self.state();
            let serving = |known: &&OneBox| {
                known.folder == *folder && known.ports.iter().any(|(served, _)| *served == port)
            };
            let found = state.boxes.iter().rev().find(serving);
            let asks = found.ok_or(io::ErrorKind::NotFound)?.asks.clone();
            let folder = folder.clone();
            state.waiting.insert(name.clone(), Waiting { folder, give });
            asks
        };
        let ticket = Ticket { boxes: self, name };
        let wanted = Wanted {
            port,
            ticket: ticket.name.clone(),
        };
        asks.try_send(wanted).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => io::ErrorKind::ResourceBusy,
            mpsc::error::TrySendError::Closed(_) => io::ErrorKind::NotFound,
        })?;
        tokio::time::timeout(self.limits.introduction, given)
            .await
            .map_err(|_| io::ErrorKind::TimedOut)?
            .map_err(|_| io::ErrorKind::ConnectionRefused.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> FolderId {
        FolderId::new(name)
    }

    #[test]
    fn each_port_of_a_folder_is_told_once_and_not_more_than_are_shown() {
        let boxes = Boxes::new(Limits {
            servers: 3,
            boxes: 2,
            ..Limits::default()
        });
        let told = boxes.servers();
        let ports = || -> Vec<u16> { told.borrow().iter().map(|server| server.port).collect() };
        let (first, _asked) = boxes.enter(&folder("a")).unwrap();
        let (second, _asked_too) = boxes.enter(&folder("a")).unwrap();
        assert!(boxes.enter(&folder("a")).is_none());
        first.serves(&[1, 2]);
        second.serves(&[2, 3, 4, 5]);
        assert_eq!(ports(), [1, 2, 3]);
        drop(first);
        assert_eq!(ports(), [2, 3, 4]);
        drop(second);
        assert_eq!(ports(), [0; 0]);
        assert!(boxes.enter(&folder("a")).is_some());
    }

    #[tokio::test]
    async fn a_ticket_counts_once_and_for_its_own_folder_alone() {
        let boxes = Boxes::new(Limits::default());
        let (present, mut asked) = boxes.enter(&folder("a")).unwrap();
        present.serves(&[80]);
        let own = folder("a");
        let answer = async {
            let wanted = asked.recv().await.unwrap();
            assert_eq!(wanted.port, 80);
            let (mut stream, _) = tokio::io::duplex(1);
            boxes.hand_over(&folder("b"), &wanted.ticket, Box::new(stream));
            (stream, _) = tokio::io::duplex(1);
            boxes.hand_over(&own, &wanted.ticket, Box::new(stream));
            assert!(boxes.take(&own, &wanted.ticket).is_none());
        };
        let (given, ()) = tokio::join!(boxes.connect(&own, 80), answer);
        given.unwrap();
        let refuse = async { boxes.refuse(&own, &asked.recv().await.unwrap().ticket) };
        let (given, ()) = tokio::join!(boxes.connect(&own, 80), refuse);
        assert_eq!(given.err().unwrap().kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(
            boxes.connect(&own, 81).await.err().unwrap().kind(),
            io::ErrorKind::NotFound
        );
        assert!(boxes.state().waiting.is_empty());
    }
}
