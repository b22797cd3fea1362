//! One gate: who asks there, by which rules, and what went through it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cowork_outward::{OutwardError, Reach, Stream};
use cowork_policy::Network;
use http::HeaderMap;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::JoinSet;

use crate::connection;
use crate::destination::Destination;
use crate::engine::Exceptions;
use crate::gateway::Dial;
use crate::limits::Limits;
use crate::news::{News, Source, Why};
use crate::password::Password;

/// What went through a gate since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Connections that are open now.
    pub open: u64,
    /// Connections that asked for something. One that says nothing is a look whether the gate is there.
    pub connections: u64,
    /// Connections that the rules were against.
    pub refused: u64,
    /// Bytes from the boxed programs, requests' heads included.
    pub sent: u64,
    /// Bytes to the boxed programs.
    pub received: u64,
}

#[derive(Default)]
pub(crate) struct Counters {
    open: AtomicU64,
    connections: AtomicU64,
    refused: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) received: AtomicU64,
}

impl Counters {
    /// A connection asked for something.
    pub(crate) fn asked(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Traffic {
        Traffic {
            open: self.open.load(Ordering::Relaxed),
            connections: self.connections.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
            received: self.received.load(Ordering::Relaxed),
        }
    }
}

/// One open connection among the counted ones.
struct Counted(Arc<Counters>);

impl Counted {
    fn new(counters: &Arc<Counters>) -> Self {
        counters.open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(counters))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is allowed at a gate. Both kinds can change while it is open.
#[derive(Clone)]
pub(crate) enum Rule {
    Folder(watch::Receiver<Network>),
    Engine {
        password: Arc<Password>,
        exceptions: watch::Receiver<Exceptions>,
    },
}

impl Rule {
    /// Waits for the next change; for ever when nobody can make one any more.
    pub(crate) async fn changed(&mut self) {
        let changed = match self {
            Self::Folder(network) => network.changed().await,
            Self::Engine { exceptions, .. } => exceptions.changed().await,
        };
        if changed.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Why there is no connection.
pub(crate) enum NoWay {
    /// The rules are against it.
    Refused(Why),
    /// Nobody is there.
    Failed(OutwardError),
    /// It took longer than [`Limits::connect`].
    TooSlow,
}

/// What the connections of a gate share.
pub(crate) struct Gate {
    pub(crate) source: Source,
    pub(crate) rule: Rule,
    pub(crate) dial: Arc<dyn Dial>,
    pub(crate) limits: Limits,
    pub(crate) news: Arc<News>,
    pub(crate) counters: Arc<Counters>,
}

impl Gate {
    /// Whether who asks may ask at all.
    pub(crate) fn knows(&self, headers: &HeaderMap) -> bool {
        match &self.rule {
            Rule::Folder(_) => true,
            Rule::Engine { password, .. } => password.is_in(headers),
        }
    }

    /// How far away it may be, by the rules of this moment.
    pub(crate) fn judge(&self, destination: &Destination) -> Result<Reach, Why> {
        match &self.rule {
            Rule::Folder(network) => destination
                .held_against(&network.borrow())
                .map(|()| Reach::Public),
            Rule::Engine { exceptions, .. } if exceptions.borrow().hold(destination) => {
                Ok(Reach::LocalNetwork)
            }
            Rule::Engine { .. } => Ok(Reach::Public),
        }
    }

    /// A connection to `destination`, if it is allowed.
    pub(crate) async fn connect(&self, destination: &Destination) -> Result<Stream, NoWay> {
        let reach = match self.judge(destination) {
            Ok(reach) => reach,
            Err(why) => return Err(self.refuse(destination, why)),
        };
        let dialled = async {
            match self.dial.dial(&destination.host, destination.port, reach).await {
                // An exception for what turns out to be on the internet is none, but needs none.
                Err(OutwardError::LeadsElsewhere {
                    found: Reach::Public, ..
                }) if reach != Reach::Public => {
                    self.dial
                        .dial(&destination.host, destination.port, Reach::Public)
                        .await
                }
                dialled => dialled,
            }
        };
        match tokio::time::timeout(self.limits.connect, dialled).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(OutwardError::Refused(_) | OutwardError::LeadsElsewhere { .. })) => {
                Err(self.refuse(destination, Why::Near))
            }
            Ok(Err(error)) => Err(NoWay::Failed(error)),
            Err(_) => Err(NoWay::TooSlow),
        }
    }

    fn refuse(&self, destination: &Destination, why: Why) -> NoWay {
        self.counters.refused.fetch_add(1, Ordering::Relaxed);
        self.news.refused(&self.source, destination, why);
        NoWay::Refused(why)
    }
}

/// Where connections come in.
pub(crate) enum Listener {
    #[cfg(unix)]
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Listener {
    async fn accept(&self) -> std::io::Result<Stream> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let stream = listener.accept().await?.0;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

/// Serves a gate until `stop` says so, or its sender is gone; then open connections have [`Limits::grace`].
pub(crate) async fn serve(gate: Arc<Gate>, listener: Listener, mut stop: oneshot::Receiver<()>) {
    let places = Arc::new(Semaphore::new(gate.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            // Taken before the connection is: one too many waits in the system's queue and costs nothing here.
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            _ = &mut stop => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok(stream) => {
                let (gate, counted) = (Arc::clone(&gate), Counted::new(&gate.counters));
                connections.spawn(async move {
                    connection::serve(gate, stream).await;
                    drop((place, counted));
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely. Trying again at once would only burn time.
                tracing::warn!(%error, "a connection to the gateway was not taken");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(gate.limits.grace, ended).await.is_err() {
        tracing::debug!(source = ?gate.source, "open connections of a closed gate are cut");
    }
}
