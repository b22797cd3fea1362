//! The proxy as a whole: one listener for the life of the app.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use cowork_outward::Outward;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::answer;
use crate::keys::KeySource;
use crate::limits::Limits;
use crate::news::ProxyNews;
use crate::request::Shared;
use crate::route::{Route, Routes, segment};
use crate::socket::{Activity, Socket};
use crate::token::{RunToken, ValidToken};
use crate::usage::{Ledger, ProviderUsage};

/// How long nothing is accepted after accepting failed. It fails when the process has all the files open that it may
/// have; those of other requests are closed meanwhile.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// News that a slow listener may be behind. Who is further behind misses the oldest: the newer ones say more.
const NEWS: usize = 64;

/// The least buffer the HTTP library works with.
const LEAST_HEAD_BYTES: usize = 8192;

/// The proxy. It answers until it is stopped or dropped, on one port for all runs of the engine.
pub struct KeyProxy {
    shared: Arc<Shared>,
    run: Arc<watch::Sender<u64>>,
    open: Mutex<Option<Open>>,
}

/// The port while it is open. Dropped, it is closed.
struct Open {
    listener: Arc<TcpListener>,
    accepting: JoinHandle<()>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.accepting.abort();
        // A program that is just being started holds a copy of the listener until it is another program.
        #[cfg(unix)]
        if let Err(error) = rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Both) {
            // Some systems do this to connections alone; there the port is closed with the last copy.
            tracing::debug!(%error, "the key proxy's port is closed when nothing holds it");
        }
    }
}

impl KeyProxy {
    /// Listens on a free port of 127.0.0.1. Nothing is answered before [`Self::begin_run`], and no provider is known
    /// before [`Self::set_routes`].
    ///
    /// # Errors
    /// There is no port to be had, or no tokio runtime to answer in.
    pub fn start(keys: Arc<dyn KeySource>, outward: Outward, limits: Limits) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Handle::try_current().map_err(std::io::Error::other)?;
        let _entered = runtime.enter();
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        // As many may wait as may be there: one that finds no place to wait tries again after a second at best.
        let listener = socket.listen(u32::try_from(limits.connections).unwrap_or(u32::MAX))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            port,
            limits,
            token: ValidToken::default(),
            routes: RwLock::default(),
            keys,
            outward,
            ledger: Ledger::new(limits.requests_in_a_run),
            news: broadcast::Sender::new(NEWS),
            strangers: AtomicU64::new(0),
            places: Arc::new(Semaphore::new(limits.requests)),
        });
        let run = Arc::new(watch::Sender::new(0));
        let listener = Arc::new(listener);
        let accepting = runtime.spawn(accept(
            Arc::clone(&listener),
            Arc::clone(&shared),
            Arc::clone(&run),
        ));
        Ok(Self {
            shared,
            run,
            open: Mutex::new(Some(Open { listener, accepting })),
        })
    }

    /// The port, the same until the end.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.shared.port
    }

    /// The base address of a provider for the engine's configuration, without a slash at its end.
    #[must_use]
    pub fn base_url(&self, provider: &str) -> String {
        format!("http://127.0.0.1:{}/{}", self.port(), segment(provider))
    }

    /// The providers that requests may be made of, in place of those before. Requests under way go on.
    pub fn set_routes(&self, routes: Vec<Route>) {
        *self.shared.routes.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Routes::new(routes));
    }

    /// A new run of the engine, with a token and a count of its own. The run before is over: its token is worth
    /// nothing from now on, and its connections are closed with all that goes on in them.
    ///
    /// # Errors
    /// The system has no randomness to give; the token before stays valid then.
    pub fn begin_run(&self) -> std::io::Result<RunToken> {
        let token = self.shared.token.replace()?;
        self.shared.ledger.begin_run();
        self.run.send_modify(|run| *run += 1);
        Ok(token)
    }

    /// No engine runs: until the next run nobody is answered.
    pub fn end_run(&self) {
        self.shared.token.clear();
        self.run.send_modify(|run| *run += 1);
    }

    /// What was asked of whom, ordered by provider. A provider is in it from its first request on.
    #[must_use]
    pub fn usage(&self) -> Vec<ProviderUsage> {
        self.shared.ledger.usage()
    }

    /// How often somebody without a valid token asked since the start.
    #[must_use]
    pub fn strangers(&self) -> u64 {
        self.shared.strangers.load(Ordering::Relaxed)
    }

    /// What the person should hear of, from now on.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<ProxyNews> {
        self.shared.news.subscribe()
    }

    /// Requests that a run may make of each provider from now on, in place of [`Limits::requests_in_a_run`].
    pub fn set_cap(&self, requests: u64) {
        self.shared.ledger.set_first_cap(requests);
    }

    /// Lets this run ask a provider as often again as it may.
    pub fn allow_more(&self, provider: &str) {
        self.shared.ledger.allow_more(provider);
    }

    /// Closes the port and all connections, and waits until they are closed.
    pub async fn stop(&self) {
        self.shared.token.clear();
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut open) = open {
            open.accepting.abort();
            // It was aborted, and that is all it can say.
            let _ = (&mut open.accepting).await;
        }
    }
}

/// Accepts connections for ever. A connection that fails, whatever it fails of, is no matter of the others.
async fn accept(listener: Arc<TcpListener>, shared: Arc<Shared>, run: Arc<watch::Sender<u64>>) {
    let places = Arc::new(Semaphore::new(shared.limits.connections));
    // Dropped with this task, and all connections with it.
    let mut connections = JoinSet::new();
    let mut failures: u64 = 0;
    loop {
        tokio::select! {
            Some(ended) = connections.join_next() => {
                if ended.is_err_and(|error| error.is_panic()) {
                    tracing::error!("a connection to the key proxy ended by a fault in the app");
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    failures = 0;
                    match Arc::clone(&places).try_acquire_owned() {
                        Ok(place) => {
                            connections.spawn(connection(stream, Arc::clone(&shared), run.subscribe(), place));
                        }
                        Err(_) => turn_away(&stream),
                    }
                }
                Err(error) => {
                    failures += 1;
                    if failures.is_power_of_two() {
                        tracing::warn!(%error, failures, "the key proxy cannot accept a connection");
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}

/// As much of an answer as the connection takes at once; a new one takes all of it.
fn turn_away(stream: &TcpStream) {
    if let Err(error) = stream.try_write(answer::ONE_TOO_MANY) {
        tracing::debug!(%error, "a connection was one too many");
    }
}

async fn connection(
    stream: TcpStream,
    shared: Arc<Shared>,
    mut run: watch::Receiver<u64>,
    _place: OwnedSemaphorePermit,
) {
    // Answers come in small pieces, each of which is waited for.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection ended before it began");
        return;
    }
    let limits = shared.limits;
    let activity = Activity::new();
    let socket = Socket::new(stream, activity.clone(), limits);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        let under_way = activity.request();
        async move { Ok::<_, Infallible>(shared.answered(request, under_way).await) }
    });
    let served = http1::Builder::new()
        // The socket has its own, which differ before a head and within one.
        .header_read_timeout(None)
        .max_buf_size(limits.head_bytes.max(LEAST_HEAD_BYTES))
        .serve_connection(TokioIo::new(socket), service);
    tokio::select! {
        ended = served => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection to the key proxy broke off");
            }
        }
        // The run it belonged to is over, so everything in it is.
        _ = run.changed() => {}
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::fd::AsFd;

    use cowork_vault::Sensitive;

    use super::*;
    use crate::keys::KeyUnavailable;

    struct NoKeys;

    #[async_trait::async_trait]
    impl KeySource for NoKeys {
        async fn key(&self, _provider: &str) -> Result<Sensitive, KeyUnavailable> {
            let message = String::new();
            Err(KeyUnavailable { message })
        }
    }

    #[tokio::test]
    async fn a_copy_in_a_program_that_is_being_started_holds_no_port_open() {
        let outward = Outward::new(cowork_outward::Options::default()).unwrap();
        let proxy = KeyProxy::start(Arc::new(NoKeys), outward, Limits::default()).unwrap();
        let copy = {
            let open = proxy.open.lock().unwrap();
            open.as_ref()
                .unwrap()
                .listener
                .as_fd()
                .try_clone_to_owned()
                .unwrap()
        };
        let connected = || TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()));
        assert!(connected().await.is_ok());
        proxy.stop().await;
        assert!(connected().await.is_err());
        drop(copy);
    }
}
