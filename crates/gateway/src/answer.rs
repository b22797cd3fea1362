//! What a program is told that gets no connection.

use bytes::Bytes;
use cowork_outward::OutwardError;
use http::header::{CONNECTION, CONTENT_TYPE, PROXY_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};

use crate::destination::Destination;
use crate::news::{Source, Why};

pub(crate) type Body = BoxBody<Bytes, hyper::Error>;

pub(crate) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed()
}

pub(crate) fn text(status: StatusCode, words: String) -> Response<Body> {
    let body = Full::new(Bytes::from(words + "\n"))
        .map_err(|never| match never {})
        .boxed();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The rules are against it.
pub(crate) fn refused(source: &Source, destination: &Destination, why: Why) -> Response<Body> {
    let who = match source {
        Source::Folder(_) => "The box of this folder",
        Source::Engine => "Cowork",
    };
    let more = match why {
        Why::NetworkOff | Why::NotListed => "Allow it in the folder's settings.",
        Why::Port => {
            "Hosts of the folder's list are reached at ports 443, 80 and 22 alone; for others, open the whole \
             internet in the folder's settings."
        }
        Why::Address => {
            "The folder's list is one of names, not of addresses; use the host's name, or open the whole internet \
             in the folder's settings."
        }
        Why::Near => {
            "It leads to this computer or into a private network, which stays closed whatever the settings say."
        }
    };
    text(
        StatusCode::FORBIDDEN,
        format!("{who} lets no connection to {destination}. {more}"),
    )
}

/// It was allowed, but nobody is there.
pub(crate) fn unreachable(destination: &Destination, error: &OutwardError) -> Response<Body> {
    let status = match error {
        OutwardError::TimedOut { .. } => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    };
    text(status, format!("No connection to {destination}: {error}."))
}

pub(crate) fn too_slow(destination: &Destination) -> Response<Body> {
    text(
        StatusCode::GATEWAY_TIMEOUT,
        format!("No connection to {destination}: nobody answered in time."),
    )
}

pub(crate) fn no_password() -> Response<Body> {
    let mut response = text(
        StatusCode::PROXY_AUTHENTICATION_REQUIRED,
        "This way out is the engine's alone.".to_owned(),
    );
    response.headers_mut().insert(
        PROXY_AUTHENTICATE,
        HeaderValue::from_static("Basic realm=\"engine\""),
    );
    response
}

pub(crate) fn no_destination() -> Response<Body> {
    text(
        StatusCode::BAD_REQUEST,
        "This is a proxy: ask it to CONNECT to host:port, or for a whole http:// address.".to_owned(),
    )
}
