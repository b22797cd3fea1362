//! Opens gates.

use std::io;
use std::net::Ipv4Addr;
#[cfg(unix)]
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use cowork_outward::{Outward, OutwardError, Reach, Stream};
#[cfg(unix)]
use cowork_policy::Network;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

use crate::engine::{EngineGate, Exceptions, Open};
#[cfg(unix)]
use crate::gate::Traffic;
use crate::gate::{Counters, Gate, Listener, Rule, serve};
use crate::limits::Limits;
#[cfg(unix)]
use crate::news::FolderId;
use crate::news::{GatewayEvent, News, Source};
use crate::password::Password;
#[cfg(unix)]
use crate::socket_file::SocketFile;

/// Makes connections; tests put their own in its place. It looks the name up once, judges all its addresses against
/// `reach` and connects to one of exactly these.
#[async_trait]
pub trait Dial: Send + Sync {
    /// A connection to `host` (a name or an address; IPv6 in brackets) at `port`.
    ///
    /// # Errors
    /// [`OutwardError::Refused`] and [`OutwardError::LeadsElsewhere`] are refusals; others say that nobody is there.
    async fn dial(&self, host: &str, port: u16, reach: Reach) -> Result<Stream, OutwardError>;
}

#[async_trait]
impl Dial for Outward {
    async fn dial(&self, host: &str, port: u16, reach: Reach) -> Result<Stream, OutwardError> {
        self.connect(host, port, reach).await
    }
}

/// Opens gates. Those that are open outlive it.
pub struct Gateway {
    dial: Arc<dyn Dial>,
    limits: Limits,
    news: Arc<News>,
}

impl Gateway {
    /// With the events of all its gates: at most 64 wait, further ones are dropped.
    pub fn new(dial: Arc<dyn Dial>, limits: Limits) -> (Self, mpsc::Receiver<GatewayEvent>) {
        let (news, events) = News::new(limits.tell_again);
        let gateway = Self {
            dial,
            limits,
            news: Arc::new(news),
        };
        (gateway, events)
    }

    /// Opens the gate of a folder at a socket of the file system, in a directory that is this user's alone. A change of
    /// `rules` counts at once, for open connections too. A box that was given the socket itself loses it when the gate
    /// is closed and opened again; one that was given its directory does not.
    ///
    /// Must be called in a runtime of tokio.
    ///
    /// # Errors
    /// [`io::ErrorKind::AddrInUse`] where something else is at `path`; others of the operating system.
    #[cfg(unix)]
    pub fn serve_folder(
        &self,
        path: &Path,
        id: FolderId,
        rules: watch::Receiver<Network>,
    ) -> io::Result<FolderGate> {
        let (file, listener) = SocketFile::bind(path)?;
        let (counters, open) = self.open(Source::Folder(id), Rule::Folder(rules), Listener::Unix(listener));
        Ok(FolderGate { file, counters, open })
    }

    /// Opens the engine's gate at a random port of this machine: to everything on the internet, and to `exceptions`.
    ///
    /// # Errors
    /// The system gives no port or no randomness.
    pub async fn serve_engine(&self, exceptions: watch::Receiver<Exceptions>) -> io::Result<EngineGate> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let password = Arc::new(Password::new()?);
        let rule = Rule::Engine {
            password: Arc::clone(&password),
            exceptions,
        };
        let (counters, open) = self.open(Source::Engine, rule, Listener::Tcp(listener));
        Ok(EngineGate {
            address,
            password,
            counters,
            open,
        })
    }

    fn open(&self, source: Source, rule: Rule, listener: Listener) -> (Arc<Counters>, Open) {
        let counters = Arc::<Counters>::default();
        let gate = Gate {
            source,
            rule,
            dial: Arc::clone(&self.dial),
            limits: self.limits,
            news: Arc::clone(&self.news),
            counters: Arc::clone(&counters),
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(Arc::new(gate), listener, stopped));
        (counters, Open::new(stop, task))
    }
}

/// The gate of a folder. It is open until it is closed or dropped; dropped, open connections are cut. Either way the
/// socket goes.
#[cfg(unix)]
pub struct FolderGate {
    file: SocketFile,
    counters: Arc<Counters>,
    open: Open,
}

#[cfg(unix)]
impl FolderGate {
    /// What went through it.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.counters.read()
    }

    /// Takes no more connections, and waits [`Limits::grace`] for the open ones to end.
    pub async fn close(self) {
        drop(self.file);
        self.open.close().await;
    }
}
