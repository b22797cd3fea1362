//! One connection to a gate: one request, answered, forwarded or turned into a tunnel.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use cowork_outward::Stream;
use http::header::{CONNECTION, HOST};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::task::JoinSet;

use crate::answer::{self, Body};
use crate::destination::Destination;
use crate::gate::{Gate, NoWay};
use crate::hop::without_hop;
use crate::metered::{Activity, Metered};

/// What became of the request.
#[derive(Default)]
struct Progress {
    /// Where it leads; none before it was allowed.
    destination: Option<Destination>,
    /// A tunnel that begins when the answer is written.
    tunnel: Option<(OnUpgrade, Stream)>,
    /// What drives the connection to the target of a forwarded request. It ends with this.
    driver: JoinSet<()>,
}

type Shared = Arc<Mutex<Progress>>;

fn locked(progress: &Shared) -> std::sync::MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves one connection to its end: by itself, by silence, or because the rules do not allow it any more.
pub(crate) async fn serve(gate: Arc<Gate>, stream: Stream) {
    let activity = Activity::new();
    let metered = Metered::new(stream, Arc::clone(&activity), Arc::clone(&gate.counters));
    let progress = Shared::default();
    tokio::select! {
        () = converse(Arc::clone(&gate), metered, Arc::clone(&progress)) => {}
        () = activity.silence(gate.limits.idle) => tracing::debug!("a silent connection was cut"),
        () = disallowed(&gate, &progress) => tracing::info!("a connection was cut, the rules have changed"),
    }
}

/// Waits until the rules are against what the connection leads to.
async fn disallowed(gate: &Gate, progress: &Shared) {
    let mut rule = gate.rule.clone();
    loop {
        rule.changed().await;
        let destination = locked(progress).destination.clone();
        if destination.is_some_and(|destination| gate.judge(&destination).is_err()) {
            return;
        }
    }
}

async fn converse(gate: Arc<Gate>, metered: Metered, progress: Shared) {
    let limits = gate.limits;
    let asked = Arc::clone(&progress);
    let service = service_fn(move |request| {
        let (gate, progress) = (Arc::clone(&gate), Arc::clone(&asked));
        async move { Ok::<_, Infallible>(answered(&gate, request, &progress).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_bytes.max(8192))
        // One request for each connection: whatever a target answers cannot be taken for another one's.
        .keep_alive(false)
        .half_close(true)
        .serve_connection(TokioIo::new(metered), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        // Its words may hold parts of what was sent; its kind does not.
        tracing::debug!(
            timeout = error.is_timeout(),
            parse = error.is_parse(),
            "a connection to the gateway broke off"
        );
        return;
    }
    let tunnel = locked(&progress).tunnel.take();
    if let Some((upgrade, mut there)) = tunnel
        && let Ok(here) = upgrade.await
    {
        // Passes each side's end on to the other, which may still have something to say.
        let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(here), &mut there).await;
    }
}

async fn answered(gate: &Gate, mut request: Request<Incoming>, progress: &Shared) -> Response<Body> {
    gate.counters.asked();
    if !gate.knows(request.headers()) {
        return answer::no_password();
    }
    let tunnel = request.method() == Method::CONNECT;
    let destination = if tunnel {
        Destination::of_tunnel(request.uri())
    } else {
        Destination::of_request(request.uri())
    };
    let Some(destination) = destination else {
        return answer::no_destination();
    };
    let there = match gate.connect(&destination).await {
        Ok(there) => there,
        Err(NoWay::Refused(why)) => return answer::refused(&gate.source, &destination, why),
        Err(NoWay::Failed(error)) => return answer::unreachable(&destination, &error),
        Err(NoWay::TooSlow) => return answer::too_slow(&destination),
    };
    locked(progress).destination = Some(destination.clone());
    // The rules may have changed while it was connected; the watch over them begins with the line above.
    if let Err(why) = gate.judge(&destination) {
        return answer::refused(&gate.source, &destination, why);
    }
    if tunnel {
        let upgrade = hyper::upgrade::on(&mut request);
        locked(progress).tunnel = Some((upgrade, there));
        return Response::new(answer::empty());
    }
    match forwarded(request, &destination, there, progress).await {
        Ok(response) => response,
        Err(_) => answer::text(
            StatusCode::BAD_GATEWAY,
            format!("{destination} did not answer in HTTP."),
        ),
    }
}

/// The answer of `there` to a request for an `http://` address. Redirects are answers: who follows one asks again.
async fn forwarded(
    request: Request<Incoming>,
    destination: &Destination,
    there: Stream,
    progress: &Shared,
) -> Result<Response<Body>, hyper::Error> {
    let (mut head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    head.uri = path.parse().unwrap_or(Uri::from_static("/"));
    head.version = Version::HTTP_11;
    without_hop(&mut head.headers);
    // What was judged, and not what the program wrote there: one server may answer for many names.
    let host = if destination.port == 80 {
        HeaderValue::from_str(&destination.host)
    } else {
        HeaderValue::from_str(&destination.to_string())
    };
    if let Ok(host) = host {
        head.headers.insert(HOST, host);
    }
    head.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .handshake::<_, Incoming>(TokioIo::new(there))
        .await?;
    locked(progress).driver.spawn(async move {
        let _ = connection.await;
    });
    let response = sender.send_request(Request::from_parts(head, body)).await?;
    let (mut head, body) = response.into_parts();
    without_hop(&mut head.headers);
    head.version = Version::HTTP_11;
    Ok(Response::from_parts(head, body.boxed()))
}
