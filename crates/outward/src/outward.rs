//! Requests, and the connections that are kept for them.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

use crate::Body;
use crate::connect::{ConnectStep, Dialler, Stream};
use crate::error::OutwardError;
use crate::judge::{Reach, Target};
use crate::options::Options;

/// The most that is taken of an answer's headers, in bytes: twice what servers commonly allow themselves.
const HEADER_BYTES: usize = 64 * 1024;

/// Sends requests, keeping connections for the next one. Cheap to clone.
#[derive(Clone)]
pub struct Outward {
    dialler: Arc<Dialler>,
    // One for each reach: a connection that was made for one is not to be taken for another.
    loopback: Client<Connector, Body>,
    local_network: Client<Connector, Body>,
    public: Client<Connector, Body>,
}

impl Outward {
    /// Reads the proxies from the environment; the certificates are read at the first request by https.
    ///
    /// # Errors
    /// None at present; certificates that cannot be read are an error of the request that needs them.
    pub fn new(options: Options) -> Result<Self, OutwardError> {
        let (idle, idle_connections) = (options.idle, options.idle_connections);
        let dialler = Arc::new(Dialler::new(options));
        let client = |reach| {
            Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(idle)
                .pool_max_idle_per_host(idle_connections)
                .http1_max_buf_size(HEADER_BYTES)
                .build(Connector {
                    dialler: Arc::clone(&dialler),
                    reach,
                })
        };
        Ok(Self {
            loopback: client(Reach::Loopback),
            local_network: client(Reach::LocalNetwork),
            public: client(Reach::Public),
            dialler,
        })
    }

    /// One request, to an absolute address. Redirects are never followed: a 3xx is a response like any other. It is
    /// waited for without limit once it is connected; dropping the future or the response's body closes the
    /// connection.
    ///
    /// # Errors
    /// [`OutwardError`] where no response began. A body that breaks off later says so itself.
    pub async fn send(
        &self,
        request: http::Request<Body>,
        reach: Reach,
    ) -> Result<http::Response<Body>, OutwardError> {
        let target = Target::of(request.uri())?;
        target.judge_spelling(reach)?;
        let client = match reach {
            Reach::Loopback => &self.loopback,
            Reach::LocalNetwork => &self.local_network,
            Reach::Public => &self.public,
        };
        let response = client
            .request(request)
            .await
            .map_err(|error| explained(&error, &target.name))?;
        Ok(response.map(|body| body.map_err(std::io::Error::other).boxed()))
    }

    /// A small request with its whole answer, at most `limit` bytes: for sign-ins and tests. `patience` is for all
    /// of it.
    ///
    /// # Errors
    /// [`OutwardError`] where the answer is not there whole and in time.
    pub async fn call(
        &self,
        request: http::Request<Body>,
        reach: Reach,
        limit: usize,
        patience: Duration,
    ) -> Result<http::Response<Bytes>, OutwardError> {
        let name = Target::of(request.uri())?.name;
        let answered = async {
            let (head, body) = self.send(request, reach).await?.into_parts();
            match Limited::new(body, limit).collect().await {
                Ok(whole) => Ok(http::Response::from_parts(head, whole.to_bytes())),
                Err(error) if error.is::<LengthLimitError>() => Err(OutwardError::TooLong { name, limit }),
                Err(error) => Err(OutwardError::Broken {
                    name,
                    cause: innermost(error.as_ref()),
                }),
            }
        };
        tokio::time::timeout(patience, answered)
            .await
            .map_err(|_| OutwardError::TimedOut {
                what: "the answer",
                seconds: patience.as_secs(),
            })?
    }

    /// A new connection to `host` (a name or an address) at `port`, on which nothing is said yet, for who passes on
    /// bytes of others. It is judged like a request; whether what is sent on it is encrypted is the sender's choice.
    /// Behind the system's proxy the name is looked up and judged here too, where it can be found.
    ///
    /// # Errors
    /// [`OutwardError`] where there is no connection.
    pub async fn connect(&self, host: &str, port: u16, reach: Reach) -> Result<Stream, OutwardError> {
        self.dialler.dial_plain(&Target::opaque(host, port)?, reach).await
    }

    /// The proxy a request to `url` would take, by name and port; none where it goes there itself. Where it leads is then
    /// not known here, and is not judged.
    #[must_use]
    pub fn proxy(&self, url: &url::Url, reach: Reach) -> Option<String> {
        let target = Target::of(&url.as_str().parse().ok()?).ok()?;
        let proxy = self.dialler.proxy(&target, reach)?;
        Some(proxy.uri().authority()?.as_str().rsplit('@').next()?.to_owned())
    }

    /// The steps before a request one by one, told as they are done and how long each took, for the connection test.
    /// The connection is new, and closed at the end; only scheme, host and port of `url` count.
    ///
    /// # Errors
    /// The step that failed, and why.
    pub async fn connect_by_steps(
        &self,
        url: &url::Url,
        reach: Reach,
        told: &mut (dyn FnMut(ConnectStep, Duration) + Send),
    ) -> Result<(), (ConnectStep, OutwardError)> {
        let target = url
            .as_str()
            .parse()
            .map_err(|_| cowork_policy::UrlRefusal::NotAnAddress.into())
            .and_then(|uri| Target::of(&uri))
            .map_err(|error| (ConnectStep::Resolve, error))?;
        self.dialler.dial(&target, reach, told).await.map(drop)
    }
}

/// What the pool makes its connections with.
#[derive(Clone)]
struct Connector {
    dialler: Arc<Dialler>,
    reach: Reach,
}

impl tower_service::Service<Uri> for Connector {
    type Response = Pooled;
    type Error = OutwardError;
    type Future = Pin<Box<dyn Future<Output = Result<Pooled, OutwardError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OutwardError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Self { dialler, reach } = self.clone();
        Box::pin(async move {
            let target = Target::of(&uri)?;
            let stream = dialler
                .dial(&target, reach, &mut |_, _| {})
                .await
                .map_err(|(_, error)| error)?;
            Ok(Pooled(TokioIo::new(stream)))
        })
    }
}

/// A connection as the pool knows it.
struct Pooled(TokioIo<Stream>);

impl Connection for Pooled {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Pooled {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl Write for Pooled {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, buffers)
    }
}

/// Our own error, where the pool wraps one; else what broke.
fn explained(error: &(dyn Error + 'static), name: &str) -> OutwardError {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        if let Some(ours) = inner.downcast_ref::<OutwardError>() {
            return ours.clone();
        }
        cause = inner.source();
    }
    OutwardError::Broken {
        name: name.to_owned(),
        cause: innermost(error),
    }
}

/// The last cause: the ones around it only say that something failed.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last.to_string()
}
