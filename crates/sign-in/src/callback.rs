//! Waits for the browser to come back.
//!
//! Whatever page the person has open may send requests here too. So only a request that brings the state of the
//! sign-in ends the waiting; any other is answered and forgotten. It listens on this machine's own addresses alone,
//! from the beginning of the sign-in to its end, and takes small requests only.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cowork_vault::Sensitive;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::error::SignInError;
use crate::redirect::{Arrival, RedirectError, read_query};

/// Where the engine's registration lets the browser come back to.
pub(crate) const CALLBACK_PATH: &str = "/auth/callback";
/// The least that hyper takes; the address has a few hundred characters, and a browser sends its usual headers.
const LONGEST_HEAD: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;
/// A browser on this machine needs no time.
const PATIENCE: Duration = Duration::from_secs(10);
/// A browser opens a few connections; more at once are nobody's sign-in.
const MOST_CONNECTIONS: usize = 16;
/// How long to wait when the system gives no more connections.
const BACK_OFF: Duration = Duration::from_millis(50);

/// The port, taken.
pub(crate) struct Port {
    listeners: Vec<TcpListener>,
    number: u16,
}

impl Port {
    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}

/// Waits for the browser at a port.
pub(crate) struct Callback {
    port: Port,
    state: Arc<Sensitive>,
}

impl Callback {
    /// Takes the port at both of this machine's own addresses, since a browser may try either one first.
    pub(crate) fn free_port(wanted: u16) -> Result<Port, SignInError> {
        let first = listen(Ipv4Addr::LOCALHOST.into(), wanted).map_err(|error| not_free(&error, wanted))?;
        let number = first
            .local_addr()
            .map_err(|error| not_free(&error, wanted))?
            .port();
        let mut listeners = vec![first];
        match listen(Ipv6Addr::LOCALHOST.into(), number) {
            Ok(second) => listeners.push(second),
            // Where there is no such address nobody else answers at it either.
            Err(error) if !is_taken(&error) => {}
            Err(error) => return Err(not_free(&error, number)),
        }
        Ok(Port { listeners, number })
    }

    pub(crate) fn new(port: Port, state: Arc<Sensitive>) -> Self {
        Self { port, state }
    }

    /// What the browser brings, when it is the one that was sent out. Ends with the port free again; the page that
    /// says so is still sent.
    pub(crate) async fn arrival(self) -> Arrival {
        let (found, mut arrivals) = mpsc::channel(1);
        let visit = Arc::new(Visit {
            port: self.port.number,
            state: self.state,
            found,
        });
        let mut visits = JoinSet::new();
        loop {
            tokio::select! {
                arrival = arrivals.recv() => if let Some(arrival) = arrival {
                    visits.detach_all();
                    return arrival;
                },
                Some(_) = visits.join_next() => {}
                stream = accept(&self.port.listeners), if visits.len() < MOST_CONNECTIONS => {
                    visits.spawn(Arc::clone(&visit).serve(stream));
                }
            }
        }
    }
}

fn listen(address: IpAddr, port: u16) -> std::io::Result<TcpListener> {
    let listener = StdListener::bind(SocketAddr::new(address, port))?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// Windows reserves ranges of ports and refuses them as forbidden.
fn is_taken(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied)
}

fn not_free(error: &std::io::Error, port: u16) -> SignInError {
    if is_taken(error) {
        SignInError::PortTaken { port }
    } else {
        SignInError::NoCallback {
            cause: error.to_string(),
        }
    }
}

async fn accept(listeners: &[TcpListener]) -> TcpStream {
    loop {
        let accepted = match listeners {
            [first, second, ..] => tokio::select! {
                accepted = first.accept() => accepted,
                accepted = second.accept() => accepted,
            },
            [only] => only.accept().await,
            [] => std::future::pending().await,
        };
        match accepted {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::debug!(%error, "a connection of the browser could not be taken");
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
}

/// Who comes by.
struct Visit {
    port: u16,
    state: Arc<Sensitive>,
    found: mpsc::Sender<Arrival>,
}

impl Visit {
    async fn serve(self: Arc<Self>, stream: TcpStream) {
        let service = service_fn(move |request| {
            let page = self.page(&request);
            async move { Ok::<_, Infallible>(page) }
        });
        let served = http1::Builder::new()
            .keep_alive(false)
            .max_buf_size(LONGEST_HEAD)
            .max_headers(MOST_HEADERS)
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .serve_connection(TokioIo::new(stream), service);
        // What a visitor does wrong is no matter of ours, and its address may hold the code.
        let _ = tokio::time::timeout(PATIENCE, served).await;
    }

    fn page(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if !self.is_for_us(request) {
            return page(StatusCode::MISDIRECTED_REQUEST, "Nothing is here", "");
        }
        if request.uri().path() != CALLBACK_PATH {
            return page(StatusCode::NOT_FOUND, "Nothing is here", "");
        }
        if request.method() != Method::GET {
            return page(StatusCode::METHOD_NOT_ALLOWED, "Nothing is here", "");
        }
        match read_query(request.uri().query().unwrap_or_default(), &self.state) {
            Ok(arrival) => {
                let denied = matches!(arrival, Arrival::Denied(_));
                if self.found.try_send(arrival).is_err() {
                    return page(
                        StatusCode::GONE,
                        "This sign-in is over",
                        "You can close this page.",
                    );
                }
                if denied {
                    page(
                        StatusCode::OK,
                        "Access was not granted",
                        "You can close this page and go back to the app, which says more.",
                    )
                } else {
                    page(
                        StatusCode::OK,
                        "Back to the app",
                        "You can close this page. The app finishes the sign-in.",
                    )
                }
            }
            Err(RedirectError::AnotherState) => page(
                StatusCode::BAD_REQUEST,
                "This page belongs to another sign-in",
                "Close it, and go on with the page the app opened last.",
            ),
            Err(RedirectError::Nothing) => page(
                StatusCode::BAD_REQUEST,
                "Nothing was brought back",
                "Close this page, and start the sign-in again in the app.",
            ),
        }
    }

    /// A name that only leads here is some web page's trick.
    fn is_for_us(&self, request: &Request<Incoming>) -> bool {
        let host = request
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default();
        ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|name| host.strip_prefix(name) == Some(&format!(":{}", self.port)))
    }
}

/// A page without scripts, styles or anything to load.
fn page(status: StatusCode, title: &str, text: &str) -> Response<Full<Bytes>> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
         <body><h1>{title}</h1><p>{text}</p></body></html>\n"
    );
    let mut response = Response::new(Full::new(Bytes::from(html)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
