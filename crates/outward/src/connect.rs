//! From a host to a connection to it, by the steps a person would name.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use crate::error::OutwardError;
use crate::judge::{Reach, Target};
use crate::options::{Options, Patience, Resolve};
use crate::tunnel;

/// How long one address is tried alone before the next one is tried beside it (RFC 8305).
const HEAD_START: Duration = Duration::from_millis(250);

/// A step before a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectStep {
    /// The name is looked up, and where it leads is judged. Behind a proxy it is the proxy's name that is looked up.
    Resolve,
    /// One of the addresses takes the connection, or the proxy makes one.
    Connect,
    /// The encryption is agreed on and the certificate checked. Not taken for http.
    Secure,
}

/// Told of each step that is done, and how long it took.
pub(crate) type Told<'a> = &'a mut (dyn FnMut(ConnectStep, Duration) + Send);

/// Bytes in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection on which nothing was said yet.
pub type Stream = Box<dyn Duplex>;

/// Makes connections.
pub(crate) struct Dialler {
    resolver: Arc<dyn Resolve>,
    proxies: Option<Matcher>,
    patience: Patience,
    roots: Option<Vec<CertificateDer<'static>>>,
    /// Made at the first need, since it reads all certificates of the system; a failure is tried again.
    secure: OnceCell<TlsConnector>,
}

impl Dialler {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            proxies: tunnel::matcher(&options.proxies),
            resolver: options.resolver,
            patience: options.patience,
            roots: options.roots,
            secure: OnceCell::new(),
        }
    }

    /// A connection to `target`, which may be as far away as `reach`.
    pub(crate) async fn dial(
        &self,
        target: &Target,
        reach: Reach,
        told: Told<'_>,
    ) -> Result<Stream, (ConnectStep, OutwardError)> {
        target
            .judge_spelling(reach)
            .map_err(|error| (ConnectStep::Resolve, error))?;
        let stream = match self.proxy(target, reach) {
            Some(proxy) => self.dial_proxy(target, &proxy, told).await?,
            None => self.dial_direct(target, reach, told).await?,
        };
        if !target.secure {
            return Ok(stream);
        }
        let started = Instant::now();
        let stream = self
            .secured(stream, &target.name)
            .await
            .map_err(|error| (ConnectStep::Secure, error))?;
        told(ConnectStep::Secure, started.elapsed());
        Ok(stream)
    }

    /// A connection to `target` on which nothing is said yet, not even the encryption agreed on.
    ///
    /// Behind the system's proxy the name is looked up here all the same: what asks for such a connection may have been
    /// written to reach the person's network, and the proxy is in it. A name that only the proxy knows is left to it.
    pub(crate) async fn dial_plain(&self, target: &Target, reach: Reach) -> Result<Stream, OutwardError> {
        target.judge_spelling(reach)?;
        let stream = match self.proxy(target, reach) {
            Some(proxy) => {
                if target.literal.is_none()
                    && let Ok(addresses) = self.resolved(&target.name, target.port).await
                {
                    target.judge(&addresses, reach)?;
                }
                self.dial_proxy(target, &proxy, &mut |_, _| {}).await
            }
            None => self.dial_direct(target, reach, &mut |_, _| {}).await,
        };
        stream.map_err(|(_, error)| error)
    }

    pub(crate) fn proxy(&self, target: &Target, reach: Reach) -> Option<Intercept> {
        if reach != Reach::Public {
            return None;
        }
        let uri: http::Uri = format!("https://{}/", target.at()).parse().ok()?;
        self.proxies.as_ref()?.intercept(&uri)
    }

    async fn dial_direct(
        &self,
        target: &Target,
        reach: Reach,
        told: Told<'_>,
    ) -> Result<Stream, (ConnectStep, OutwardError)> {
        let started = Instant::now();
        let addresses = match target.literal {
            Some(address) => vec![SocketAddr::new(address, target.port)],
            None => self.resolved(&target.name, target.port).await?,
        };
        target
            .judge(&addresses, reach)
            .map_err(|error| (ConnectStep::Resolve, error))?;
        told(ConnectStep::Resolve, started.elapsed());

        let started = Instant::now();
        let stream = self
            .connected(&target.at(), addresses)
            .await
            .map_err(|error| (ConnectStep::Connect, error))?;
        told(ConnectStep::Connect, started.elapsed());
        Ok(Box::new(stream))
    }

    /// Where the proxy is, is the person's or their administrator's choice, and is not judged.
    async fn dial_proxy(
        &self,
        target: &Target,
        proxy: &Intercept,
        told: Told<'_>,
    ) -> Result<Stream, (ConnectStep, OutwardError)> {
        let at_connect = |error| (ConnectStep::Connect, error);
        let name = proxy.uri().host().unwrap_or_default();
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let over_tls = proxy.uri().scheme_str() == Some("https");
        let usual = match proxy.uri().scheme_str() {
            Some("https") => 443,
            Some("http") | None => 80,
            Some(_) => 1080,
        };
        let port = proxy.uri().port_u16().unwrap_or(usual);

        let started = Instant::now();
        let addresses = self.resolved(name, port).await?;
        told(ConnectStep::Resolve, started.elapsed());

        let started = Instant::now();
        let stream = self
            .connected(&format!("{name}:{port}"), addresses)
            .await
            .map_err(at_connect)?;
        let mut stream: Stream = Box::new(stream);
        if over_tls {
            stream = self.secured(stream, name).await.map_err(at_connect)?;
        }
        let asked = tunnel::through(stream, proxy, target);
        let stream = within(self.patience.connect, "the system's proxy", asked)
            .await
            .map_err(at_connect)?
            .map_err(|cause| OutwardError::NotConnected {
                at: target.at(),
                cause,
            })
            .map_err(at_connect)?;
        told(ConnectStep::Connect, started.elapsed());
        Ok(stream)
    }

    async fn resolved(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, (ConnectStep, OutwardError)> {
        let not_found = || OutwardError::NameNotFound {
            name: name.to_owned(),
        };
        let looked_up = self.resolver.resolve(name, port);
        let addresses = within(self.patience.resolve, "looking the name up", looked_up)
            .await
            .and_then(|found| found.map_err(|_| not_found()))
            .and_then(|found| {
                if found.is_empty() {
                    Err(not_found())
                } else {
                    Ok(found)
                }
            });
        addresses.map_err(|error| (ConnectStep::Resolve, error))
    }

    async fn connected(&self, at: &str, addresses: Vec<SocketAddr>) -> Result<TcpStream, OutwardError> {
        let connected = within(self.patience.connect, "connecting", first_of(addresses)).await?;
        connected.map_err(|error| OutwardError::NotConnected {
            at: at.to_owned(),
            cause: error.to_string(),
        })
    }

    async fn secured(&self, stream: Stream, name: &str) -> Result<Stream, OutwardError> {
        let not_secure = |cause: String| OutwardError::NotSecure {
            name: name.to_owned(),
            cause,
        };
        let connector = self
            .secure
            .get_or_try_init(|| async {
                let roots = self.roots.clone();
                tokio::task::spawn_blocking(move || crate::certificates::connector(roots))
                    .await
                    .map_err(|error| error.to_string())?
            })
            .await
            .map_err(&not_secure)?;
        let server = ServerName::try_from(name.to_owned()).map_err(|error| not_secure(error.to_string()))?;
        let agreed = connector.connect(server, stream);
        let stream = within(self.patience.secure, "agreeing on the encryption", agreed)
            .await?
            .map_err(|error| not_secure(error.to_string()))?;
        Ok(Box::new(stream))
    }
}

/// The first of the addresses that takes a connection; each has a short time before the next one is tried too.
async fn first_of(addresses: Vec<SocketAddr>) -> std::io::Result<TcpStream> {
    let mut waiting = addresses.into_iter();
    let mut trying = JoinSet::new();
    let mut last: std::io::Error = std::io::ErrorKind::AddrNotAvailable.into();
    loop {
        let next = waiting.next();
        let more = next.is_some();
        if let Some(address) = next {
            trying.spawn(async move {
                let stream = TcpStream::connect(address).await?;
                // Model requests are answered in small pieces, each of which is waited for.
                stream.set_nodelay(true)?;
                Ok::<_, std::io::Error>(stream)
            });
        }
        let head_start = if more { HEAD_START } else { Duration::MAX };
        match tokio::time::timeout(head_start, trying.join_next()).await {
            Ok(None) => return Err(last),
            Ok(Some(Ok(Ok(stream)))) => return Ok(stream),
            Ok(Some(Ok(Err(error)))) => last = error,
            Ok(Some(Err(error))) => last = std::io::Error::other(error),
            Err(_) => {}
        }
    }
}

async fn within<T>(
    patience: Duration,
    what: &'static str,
    work: impl Future<Output = T>,
) -> Result<T, OutwardError> {
    tokio::time::timeout(patience, work)
        .await
        .map_err(|_| OutwardError::TimedOut {
            what,
            seconds: patience.as_secs(),
        })
}
