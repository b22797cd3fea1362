//! A server, asked over the network.
//!
//! Every request is judged again by `cowork_outward` when a connection is made for it, and goes to exactly the address
//! that was judged: a name that stood for a server on the internet and now leads into a private network gets nothing,
//! the token least of all. Redirects are failures.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cowork_outward::{Body, Outward, OutwardError};
use cowork_pairing_protocol::extension::{EXTENSIONS_HEADER, EventsReceived, Extension};
use cowork_pairing_protocol::wire::{
    Answered, BASE_PATH, Claim, Claimed, DEVICE_HEADER, Events, FAILURE_CHARACTERS, Heartbeat,
    PAIRING_HEADER, RemoteEvent, Revoke, TIMEOUT_SECONDS,
};
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::address::BrokerAddress;
use crate::broker::{Broker, BrokerError, Outcome, Reply};
use crate::token::Token;

/// The most that is read of an answer: ten commands, each with a long prompt, with room to spare.
const ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// The most that is read of a failure, of which the first characters are kept.
const FAILURE_BYTES: usize = 64 * 1024;

/// The extensions this client knows.
pub const EXTENSIONS: [Extension; 3] = [Extension::Wait, Extension::Redelivery, Extension::Resume];

/// Asks a server on behalf of one pairing.
pub struct Client {
    outward: Outward,
    address: BrokerAddress,
    pairing_id: String,
    device_id: String,
    token: Token,
    patience: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("address", &self.address.as_str())
            .field("pairing_id", &self.pairing_id)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client for a pairing. `outward` says whether a proxy is taken.
    #[must_use]
    pub fn new(
        outward: Outward,
        address: BrokerAddress,
        pairing_id: String,
        device_id: String,
        token: Token,
    ) -> Self {
        Self {
            outward,
            address,
            pairing_id,
            device_id,
            token,
            patience: Duration::from_secs(TIMEOUT_SECONDS),
        }
    }

    /// With another patience than the protocol's fifteen seconds, for tests.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Sends one request. None for an answer without a body.
    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Reply<Option<T>>, BrokerError> {
        let request = self.request(path, body)?;
        let answered = async {
            let (head, body) = self
                .outward
                .send(request, self.address.reach())
                .await
                .map_err(|error| not_sent(&error))?
                .into_parts();
            let status = head.status;
            if !status.is_success() {
                let text = beginning(body).await;
                return Err(refused(status, &head.headers, &text));
            }
            let date = date(&head.headers);
            if status == StatusCode::NO_CONTENT {
                return Ok(Reply { body: None, date });
            }
            let bytes = whole(body).await?;
            if bytes.iter().all(u8::is_ascii_whitespace) {
                return Ok(Reply { body: None, date });
            }
            let body =
                serde_json::from_slice(&bytes).map_err(|error| BrokerError::Unreadable(error.to_string()))?;
            Ok(Reply {
                body: Some(body),
                date,
            })
        };
        tokio::time::timeout(self.patience, answered)
            .await
            .unwrap_or_else(|_| {
                Err(BrokerError::Unreachable(format!(
                    "{} did not answer within {} s",
                    self.address.host(),
                    self.patience.as_secs()
                )))
            })
    }

    fn request(&self, path: &str, body: &impl Serialize) -> Result<http::Request<Body>, BrokerError> {
        // Everything here is made on this desktop: what cannot be put into a request is a mistake of its own.
        let odd = |what: &str| BrokerError::Unreadable(format!("{what} cannot be sent"));
        let body = serde_json::to_vec(body).map_err(|_| odd("the request"))?;
        let body = Full::new(Bytes::from(body))
            .map_err(|never| match never {})
            .boxed();
        let mut request = http::Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self
            .address
            .at(&format!("{BASE_PATH}{path}"))
            .parse()
            .map_err(|_| odd("the address"))?;
        let value = |text: &str, what: &str| HeaderValue::from_str(text).map_err(|_| odd(what));
        let mut token = value(&format!("Bearer {}", self.token.expose()), "the token")?;
        token.set_sensitive(true);
        let extensions = EXTENSIONS.map(spelled).join(",");
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, token);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            HeaderName::from_static(PAIRING_HEADER),
            value(&self.pairing_id, "the pairing's id")?,
        );
        headers.insert(
            HeaderName::from_static(DEVICE_HEADER),
            value(&self.device_id, "the device's id")?,
        );
        headers.insert(
            HeaderName::from_static(EXTENSIONS_HEADER),
            value(&extensions, "the extensions")?,
        );
        Ok(request)
    }
}

#[async_trait]
impl Broker for Client {
    async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<Reply<Option<EventsReceived>>, BrokerError> {
        let reply = self.post::<serde_json::Value>("/heartbeat", heartbeat).await?;
        Ok(Reply {
            body: reply.body.and_then(received),
            date: reply.date,
        })
    }

    async fn claim(&self, claim: &Claim) -> Result<Reply<Claimed>, BrokerError> {
        let reply = self.post::<Given>("/commands/claim", claim).await?;
        let given = reply.body.unwrap_or_default();
        Ok(Reply {
            body: Claimed {
                commands: given.commands.into_iter().filter_map(readable).collect(),
                remote_status: given.remote_status.and_then(readable),
            },
            date: reply.date,
        })
    }

    async fn answer(&self, command: &str, outcome: Outcome, answer: &Answered) -> Result<(), BrokerError> {
        let path = match outcome {
            Outcome::Ack => "ack",
            Outcome::Fail => "fail",
        };
        let path = format!("/commands/{}/{path}", segment(command));
        self.post::<serde::de::IgnoredAny>(&path, answer).await.map(drop)
    }

    async fn events(&self, events: &[RemoteEvent]) -> Result<Option<EventsReceived>, BrokerError> {
        let events = Events {
            events: events.to_vec(),
        };
        let reply = self.post::<serde_json::Value>("/events", &events).await?;
        Ok(reply.body.and_then(received))
    }

    async fn revoke(&self) -> Result<(), BrokerError> {
        let revoke = Revoke {
            pairing_id: self.pairing_id.clone(),
            device_id: self.device_id.clone(),
        };
        self.post::<serde::de::IgnoredAny>("/revoke", &revoke)
            .await
            .map(drop)
    }
}

/// The answer to a claim, of which one thing that cannot be read must not keep the others from being read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    commands: Vec<serde_json::Value>,
    #[serde(default)]
    remote_status: Option<serde_json::Value>,
}

/// What a server of another version gives is left to it: a command that is not answered is given again, or given up.
fn readable<T: DeserializeOwned>(value: serde_json::Value) -> Option<T> {
    serde_json::from_value(value)
        .inspect_err(|error| tracing::warn!(%error, "what the server gave out cannot be read"))
        .ok()
}

/// How far events arrived, from a server that says so; another answers whatever it likes.
fn received(body: serde_json::Value) -> Option<EventsReceived> {
    serde_json::from_value(body).ok()
}

fn spelled(extension: Extension) -> &'static str {
    match extension {
        Extension::Wait => "wait",
        Extension::Redelivery => "redelivery",
        Extension::Resume => "resume",
        Extension::Unknown => "unknown",
    }
}

/// An id as a segment of a path. It comes from the server, and must not lead to another path of it.
fn segment(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value)]);
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out
}

fn not_sent(error: &OutwardError) -> BrokerError {
    match error {
        OutwardError::Refused(_)
        | OutwardError::LeadsElsewhere { .. }
        | OutwardError::NotEncrypted { .. }
        | OutwardError::NotSecure { .. } => BrokerError::Unsafe(error.to_string()),
        _ => BrokerError::Unreachable(error.to_string()),
    }
}

fn refused(status: StatusCode, headers: &HeaderMap, text: &str) -> BrokerError {
    let retry_after = retry_after(headers);
    let is_over = says_revoked(text);
    let text: String = cowork_redact::redact(text)
        .chars()
        .filter(|character| !character.is_control() || *character == '\n')
        .take(FAILURE_CHARACTERS)
        .collect();
    let status_number = status.as_u16();
    match status {
        _ if status.is_redirection() => BrokerError::Redirect(status_number),
        StatusCode::UNAUTHORIZED => BrokerError::Unknown,
        // An end cannot be taken back. A page that somebody took down says `410` too, and means itself.
        StatusCode::FORBIDDEN | StatusCode::GONE if is_over => BrokerError::Revoked,
        StatusCode::TOO_MANY_REQUESTS => BrokerError::Busy { retry_after, text },
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => BrokerError::Failed {
            status: status_number,
            retry_after,
            text,
        },
        _ if status.is_client_error() => BrokerError::Refused {
            status: status_number,
            text,
        },
        _ => BrokerError::Failed {
            status: status_number,
            retry_after,
            text,
        },
    }
}

/// Whether a refusal says that the pairing is over: `{"error":"revoked"}`, or the same as a code.
fn says_revoked(text: &str) -> bool {
    let Ok(body) = serde_json::from_str::<serde_json::Value>(text) else {
        return false;
    };
    ["error", "code"]
        .iter()
        .any(|field| body.get(field).and_then(serde_json::Value::as_str) == Some("revoked"))
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // Against the server's own clock, where it says what that is.
    let until = parse_date(text)?;
    let now = date(headers).unwrap_or_else(Timestamp::now);
    Duration::try_from(until.duration_since(now)).ok()
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    parse_date(headers.get(DATE)?.to_str().ok()?)
}

fn parse_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

async fn whole(body: Body) -> Result<Bytes, BrokerError> {
    match Limited::new(body, ANSWER_BYTES).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(BrokerError::Unreadable(format!(
            "it is longer than {ANSWER_BYTES} bytes"
        ))),
        Err(error) => Err(BrokerError::Unreachable(format!(
            "the connection broke off: {error}"
        ))),
    }
}

/// The first part of a failure. That it breaks off or goes on is no failure of its own.
async fn beginning(mut body: Body) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < FAILURE_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    bytes.truncate(FAILURE_BYTES);
    String::from_utf8_lossy(&bytes).into_owned()
}
