//! The way through the system's proxy.

use std::future::Ready;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tower_service::Service;

use crate::connect::Stream;
use crate::judge::Target;
use crate::options::Proxies;

/// Which proxies there are.
pub(crate) fn matcher(proxies: &Proxies) -> Option<Matcher> {
    match proxies {
        Proxies::None => None,
        Proxies::System => Some(Matcher::from_system()),
        Proxies::Fixed { https, no } => {
            Some(Matcher::builder().https(https.as_str()).no(no.as_str()).build())
        }
    }
}

/// A connection that is there already, for what wants to make one by itself.
struct Connected(Option<Stream>);

impl Service<Uri> for Connected {
    type Response = TokioIo<Stream>;
    type Error = std::io::Error;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let stream = self.0.take().map(TokioIo::new);
        std::future::ready(stream.ok_or_else(|| std::io::ErrorKind::NotConnected.into()))
    }
}

/// Gives one byte after the other until it is told that the proxy has answered. The library reads as much as there is
/// and forgets what comes behind the answer; a server that speaks first, as for SSH, would never be heard.
struct Frugal {
    stream: Stream,
    answered: Arc<AtomicBool>,
}

impl AsyncRead for Frugal {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.answered.load(Ordering::Relaxed) {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        let read = Pin::new(&mut self.stream).poll_read(context, &mut one);
        buffer.put_slice(one.filled());
        read
    }
}

impl AsyncWrite for Frugal {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Asks the proxy at the other end of `stream` for a connection to `target`.
///
/// # Errors
/// What the proxy said, in words.
pub(crate) async fn through(stream: Stream, proxy: &Intercept, target: &Target) -> Result<Stream, String> {
    let destination: Uri = format!("https://{}", target.at())
        .parse()
        .map_err(|_| "it cannot be asked of a proxy".to_owned())?;
    let answered = Arc::new(AtomicBool::new(false));
    let there = Connected(Some(Box::new(Frugal {
        stream,
        answered: Arc::clone(&answered),
    })));
    let scheme = proxy.uri().scheme_str().unwrap_or("http");
    let tunnelled = if matches!(scheme, "socks5" | "socks5h") {
        let mut socks = SocksV5::new(proxy.uri().clone(), there);
        if let Some((user, password)) = proxy.raw_auth() {
            socks = socks.with_auth(user.to_owned(), password.to_owned());
        }
        socks.call(destination).await.map_err(|error| error.to_string())
    } else if matches!(scheme, "http" | "https") {
        let mut tunnel = Tunnel::new(proxy.uri().clone(), there);
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        tunnel.call(destination).await.map_err(|error| error.to_string())
    } else {
        return Err(format!(
            "the system's proxy speaks {scheme}; http, https and socks5 can be used"
        ));
    };
    answered.store(true, Ordering::Relaxed);
    tunnelled
        .map(TokioIo::into_inner)
        .map_err(|error| format!("the system's proxy refused: {error}"))
}
