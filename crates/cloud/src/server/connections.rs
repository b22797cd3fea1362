//! Taking connections, and bounding each.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::door::{Door, Ticket};
use super::full::Full;
use super::stalling::Stalling;
use crate::http::client::is_among;
use crate::http::outside;
use crate::shared::App;

/// What is said to a connection too many, before it is closed.
const NO_ROOM: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 5\r\n\
    cache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n";

/// Takes connections until the server drains, and then waits for those that are there, as long as may be.
pub(super) async fn take(app: App, listener: TcpListener, router: Router) {
    let door = Door::new(app.limits.connections, app.limits.connections_per_address);
    let tracker = TaskTracker::new();
    let mut full = Full::default();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = app.draining.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_gone(&error) => {
                tracing::debug!(%error, "a connection is already gone");
                continue;
            }
            Err(error) => {
                let now = Instant::now();
                if let Some(times) = full.say(now) {
                    tracing::warn!(
                        %error,
                        times,
                        "connections cannot be taken at the moment; whoever comes waits until some of those that are \
                         there end"
                    );
                }
                tokio::select! {
                    () = tokio::time::sleep(full.pause()) => {}
                    () = app.draining.cancelled() => break,
                }
                continue;
            }
        };
        full.over();
        let Some(ticket) = door.enter(peer.ip(), is_among(&app.trusted, peer.ip())) else {
            app.figures.turned_away.one();
            // It may read it or not; it is closed either way, and nothing waits for it.
            let _ = stream.try_write(NO_ROOM);
            continue;
        };
        tracker.spawn(serve(app.clone(), stream, peer, router.clone(), ticket));
    }
    drop(listener);
    tracker.close();
    let time = app.limits.drain_time;
    if tokio::time::timeout(time, tracker.wait()).await.is_err() {
        tracing::warn!(
            connections = tracker.len(),
            "some requests did not end in time and are cut off"
        );
    }
}

/// Whether what came went away again before it was taken, which says nothing of the next.
fn is_gone(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

async fn serve(app: App, stream: TcpStream, peer: SocketAddr, router: Router, ticket: Ticket) {
    let _ticket = ticket;
    let _counted = app.figures.connections.one();
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection is already gone");
        return;
    }
    let limits = app.limits;
    let io = TokioIo::new(Stalling::new(stream, limits.write_stall));
    let service = service_fn({
        let app = app.clone();
        move |request: Request<Incoming>| {
            let (app, router) = (app.clone(), router.clone());
            async move { Ok::<_, Infallible>(outside::answer(app, router, peer, request.map(Body::new)).await) }
        }
    });
    // What is over twice the bounds is cut off by the connection itself; what is between is answered as all else is.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_header_size(limits.head_bytes * 2)
        .max_headers(limits.headers * 2)
        .serve_connection(io, service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = app.draining.cancelled() => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(limits.drain_time, connection).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        // A client that went away, or sent what is no HTTP: nothing of ours is wrong.
        tracing::debug!(%error, "a connection ended");
    }
}
