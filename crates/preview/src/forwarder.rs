//! The HTTP proxy of one preview's window.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cowork_gateway::FolderId;
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::boxes::{Boxes, Server};
use crate::exchange::{Form, Next, Target, Work};
use crate::headers::Names;
use crate::secret;

/// Below `localhost`, which no name server knows: without the proxy the name leads nowhere but to this machine, and an
/// engine that does not ask the proxy for it shows nothing.
const DOMAIN: &str = "preview.localhost";

/// The way of one window to a port in a folder's boxes. Dropped, it is closed and open connections are cut.
pub struct Preview {
    names: Names,
    proxy: SocketAddr,
    folder: FolderId,
    servers: watch::Receiver<Vec<Server>>,
    // Dropped, it ends the task with all that it spawned.
    _task: JoinSet<()>,
}

impl Preview {
    pub(crate) async fn open(boxes: Arc<Boxes>, folder: FolderId, port: u16) -> io::Result<Self> {
        let names = Names {
            host: format!("{}.{DOMAIN}", secret::name()?),
            port,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let proxy = listener.local_addr()?;
        let servers = boxes.servers();
        let target = Target {
            boxes,
            folder: folder.clone(),
            names: names.clone(),
        };
        let mut task = JoinSet::new();
        task.spawn(serve(Arc::new(target), listener));
        Ok(Self {
            names,
            proxy,
            folder,
            servers,
            _task: task,
        })
    }

    /// The one host that the window may reach.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.names.host
    }

    /// The server's port, in its box and in the address.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.names.port
    }

    /// What the window shows.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}/", self.names.origin())
    }

    /// The proxy that the window, and nobody else, is told of.
    #[must_use]
    pub fn proxy(&self) -> String {
        format!("http://{}", self.proxy)
    }

    /// Whether something serves there, as it changes.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch {
            folder: self.folder.clone(),
            port: self.names.port,
            servers: self.servers.clone(),
            served: None,
        }
    }
}

/// Whether something serves at a port, as it changes.
pub struct Watch {
    folder: FolderId,
    port: u16,
    servers: watch::Receiver<Vec<Server>>,
    served: Option<bool>,
}

/// A development server that starts itself anew is away for less.
const RESTART: Duration = Duration::from_secs(3);

impl Watch {
    fn now(&mut self) -> bool {
        let servers = self.servers.borrow_and_update();
        servers
            .iter()
            .any(|server| server.folder == self.folder && server.port == self.port)
    }

    /// Whether something serves there, when that is another answer than the one before; the first one at once. What comes
    /// back after a moment was not away. None when there will be no further one.
    pub async fn changed(&mut self) -> Option<bool> {
        loop {
            let mut now = self.now();
            if self.served == Some(true) && !now {
                let back = async {
                    while self.servers.changed().await.is_ok() {
                        if self.now() {
                            return;
                        }
                    }
                    std::future::pending::<()>().await;
                };
                now = tokio::time::timeout(RESTART, back).await.is_ok();
            }
            if self.served != Some(now) {
                self.served = Some(now);
                return Some(now);
            }
            self.servers.changed().await.ok()?;
        }
    }
}

async fn serve(target: Arc<Target>, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(target.boxes.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        // Taken before the connection is: one too many waits in the system's queue and costs nothing here.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = listener.accept().await;
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                let target = Arc::clone(&target);
                connections.spawn(async move {
                    connection(target, stream).await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely. Trying again at once would only burn time.
                tracing::warn!(%error, "a connection of a preview was not taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(target: Arc<Target>, stream: TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection of a preview is gone already");
        return;
    }
    let work = Work::default();
    let next = conversation(&target, TokioIo::new(stream), Form::Proxy, &work).await;
    if let Next::Tunnel(upgrade) = next
        && let Ok(tunnel) = upgrade.await
    {
        // In a tunnel there is none.
        let _ = conversation(&target, tunnel, Form::Tunnelled, &work).await;
    }
    work.finish().await;
}

/// Serves requests to the end of a connection, or until it becomes a tunnel.
async fn conversation<I>(target: &Arc<Target>, io: I, form: Form, work: &Work) -> Next
where
    I: Read + Write + Unpin + Send + 'static,
{
    let next = Arc::new(Mutex::new(Next::Over));
    let (asked, target, limits) = (Arc::clone(&next), Arc::clone(target), target.boxes.limits);
    let going_on = work.clone();
    let service = service_fn(move |request| {
        let (target, asked, work) = (Arc::clone(&target), Arc::clone(&asked), going_on.clone());
        async move {
            let (response, next) = target.answer(request, form, &work).await;
            *asked.lock().unwrap_or_else(PoisonError::into_inner) = next;
            Ok::<_, Infallible>(response)
        }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_bytes.max(8192))
        .serve_connection(io, service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        // Its words may hold parts of what was sent; its kind does not.
        tracing::debug!(
            timeout = error.is_timeout(),
            parse = error.is_parse(),
            "a connection of a preview broke off"
        );
    }
    let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut *next, Next::Over)
}
