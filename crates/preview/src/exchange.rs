//! One request of a window, and the server's answer to it.

use std::io;
use std::sync::Arc;

use cowork_gateway::FolderId;
use http::header::UPGRADE;
use http::uri::Authority;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use crate::boxes::{Boxes, Stream};
use crate::headers::Names;
use crate::pages::{self, Body, Page};

/// What a preview is for, and where its requests go.
pub(crate) struct Target {
    pub(crate) boxes: Arc<Boxes>,
    pub(crate) folder: FolderId,
    pub(crate) names: Names,
}

/// How a request says what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As to a proxy: by the whole address, or as a tunnel.
    Proxy,
    /// As to the server itself, in a tunnel that leads to it.
    Tunnelled,
}

/// Where a tunnel or a changed connection goes on, when the answer is written.
pub(crate) enum Next {
    /// Nowhere.
    Over,
    /// The window's requests follow in the tunnel.
    Tunnel(hyper::upgrade::OnUpgrade),
}

impl Target {
    /// Whether an address is the preview's own.
    fn is_own(&self, authority: &Authority, without_port: u16) -> bool {
        authority.host().eq_ignore_ascii_case(&self.names.host)
            && authority.port_u16().unwrap_or(without_port) == self.names.port
            && !authority.as_str().contains('@')
    }

    fn is_for_us(&self, request: &Request<Incoming>, form: Form) -> bool {
        let uri = request.uri();
        match form {
            Form::Proxy if request.method() == Method::CONNECT => {
                uri.authority().is_some_and(|authority| self.is_own(authority, 0))
            }
            Form::Proxy => {
                matches!(uri.scheme_str(), Some("http" | "ws"))
                    && uri
                        .authority()
                        .is_some_and(|authority| self.is_own(authority, 80))
            }
            Form::Tunnelled => {
                let host = request.headers().get(http::header::HOST);
                let named = host.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
                request.method() != Method::CONNECT
                    && uri.authority().is_none()
                    && named.is_some_and(|authority| self.is_own(&authority, 80))
            }
        }
    }

    /// The answer to a request of the window, which goes nowhere but to its server. What a connection changes to goes on
    /// in `work`.
    pub(crate) async fn answer(
        &self,
        mut request: Request<Incoming>,
        form: Form,
        work: &Work,
    ) -> (Response<Body>, Next) {
        if !self.is_for_us(&request, form) {
            tracing::info!(folder = %self.folder, "a previewed page wanted to reach something else");
            return (Page::NoNetwork.answer(request.headers()), Next::Over);
        }
        if request.method() == Method::CONNECT {
            let upgrade = hyper::upgrade::on(&mut request);
            return (Response::new(pages::empty()), Next::Tunnel(upgrade));
        }
        let headers = request.headers().clone();
        let stream = match self.boxes.connect(&self.folder, self.names.port).await {
            Ok(stream) => stream,
            Err(error) => {
                tracing::debug!(%error, folder = %self.folder, "no connection to a previewed server");
                let page = match error.kind() {
                    io::ErrorKind::NotFound => Page::Ended,
                    _ => Page::Refused,
                };
                return (page.answer(&headers), Next::Over);
            }
        };
        let asked = self.forwarded(request, stream, work);
        let response = match tokio::time::timeout(self.boxes.limits.answer, asked).await {
            Ok(Ok(response)) => response,
            // What ended before it said a word was stopped, most likely; what said something else is no server of pages.
            Ok(Err(error)) if error.is_parse() => Page::NoHttp.answer(&headers),
            Ok(Err(_)) => Page::Refused.answer(&headers),
            Err(_) => Page::TooSlow.answer(&headers),
        };
        (response, Next::Over)
    }

    async fn forwarded(
        &self,
        mut request: Request<Incoming>,
        stream: Stream,
        work: &Work,
    ) -> Result<Response<Body>, hyper::Error> {
        let upgrade: Option<HeaderValue> = request.headers().get(UPGRADE).cloned();
        let window = upgrade.is_some().then(|| hyper::upgrade::on(&mut request));
        let (mut head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = path.parse().unwrap_or(Uri::from_static("/"));
        head.version = Version::HTTP_11;
        self.names.to_server(&mut head.headers, upgrade.as_ref());
        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_buf_size(self.boxes.limits.head_bytes.max(8192))
            .handshake::<_, Incoming>(TokioIo::new(stream))
            .await?;
        work.spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(
                    parse = error.is_parse(),
                    "a connection to a previewed server broke off"
                );
            }
        });
        let mut response = sender.send_request(Request::from_parts(head, body)).await?;
        let changed = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        let upgraded = changed
            .then(|| response.headers().get(UPGRADE).cloned())
            .flatten();
        if changed && let Some(window) = window {
            let server = hyper::upgrade::on(&mut response);
            work.spawn(async move {
                if let (Ok(window), Ok(server)) = tokio::join!(window, server) {
                    // Either side may end it, and is heard by the other.
                    let _ =
                        tokio::io::copy_bidirectional(&mut TokioIo::new(window), &mut TokioIo::new(server))
                            .await;
                }
            });
        }
        let (mut head, body) = response.into_parts();
        self.names.to_window(&mut head.headers, upgraded.as_ref());
        head.version = Version::HTTP_11;
        Ok(Response::from_parts(head, body.boxed()))
    }
}

/// What goes on for one connection of a window, and ends with it.
#[derive(Clone, Default)]
pub(crate) struct Work(Arc<std::sync::Mutex<JoinSet<()>>>);

impl Work {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Waits for all of it.
    pub(crate) async fn finish(&self) {
        loop {
            let mut tasks = {
                let mut tasks = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                std::mem::take(&mut *tasks)
            };
            if tasks.is_empty() {
                return;
            }
            while tasks.join_next().await.is_some() {}
        }
    }
}
