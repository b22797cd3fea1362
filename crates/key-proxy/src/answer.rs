//! What the proxy answers by itself.

use std::fmt;

use bytes::Bytes;
use cowork_outward::{Body, OutwardError};
pub(crate) use cowork_policy::OWN_WORDS as MARK;
use http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, Full};

/// Why a request got no answer of a provider. Engines fail at once on most statuses and try again on 503, so what
/// time alone does not heal must not be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No valid token. Says nothing else: who has none learns nothing.
    Stranger,
    /// A web page, or a name that was led here.
    NotFromHere,
    UnknownProvider,
    NotAModelRequest,
    /// The whole run's requests are used up.
    Cap {
        provider: String,
        cap: u64,
    },
    TooMany,
    TooLong {
        limit: u64,
    },
    BodyTooSlow,
    KeyUnavailable {
        message: String,
    },
    /// The address may not be sent to, or no safe connection to it is possible.
    NotSafe {
        message: String,
    },
    /// The provider cannot be reached just now.
    NotReached {
        message: String,
    },
    RedirectsElsewhere {
        provider: String,
    },
    /// An answer that cannot be seen through. With what the provider's status said, where that was no success.
    Compressed {
        provider: String,
        status: StatusCode,
    },
}

/// What stands in place of a mark that is not ours.
pub(crate) const TYPE: &str = "cowork_proxy";

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl Refusal {
    /// Why a request was not answered, as it is told to the engine.
    pub(crate) fn of(error: &OutwardError) -> Self {
        let message = error.to_string();
        match error {
            OutwardError::Refused(_)
            | OutwardError::LeadsElsewhere { .. }
            | OutwardError::NotEncrypted { .. }
            | OutwardError::NotSecure { .. } => Self::NotSafe { message },
            OutwardError::NameNotFound { .. }
            | OutwardError::NotConnected { .. }
            | OutwardError::TimedOut { .. }
            | OutwardError::Broken { .. }
            | OutwardError::TooLong { .. } => Self::NotReached { message },
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Stranger => StatusCode::UNAUTHORIZED,
            Self::UnknownProvider => StatusCode::NOT_FOUND,
            Self::NotFromHere
            | Self::NotAModelRequest
            | Self::Cap { .. }
            | Self::KeyUnavailable { .. }
            | Self::NotSafe { .. } => StatusCode::FORBIDDEN,
            Self::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Compressed { status, .. } if !status.is_success() => *status,
            Self::RedirectsElsewhere { .. } | Self::Compressed { .. } => StatusCode::BAD_GATEWAY,
            Self::TooMany | Self::NotReached { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Stranger => "no_valid_token",
            Self::NotFromHere => "not_from_here",
            Self::UnknownProvider => "unknown_provider",
            Self::NotAModelRequest => "not_a_model_request",
            Self::Cap { .. } => "cap_reached",
            Self::TooMany => "too_many_requests",
            Self::TooLong { .. } => "too_long",
            Self::BodyTooSlow => "too_slow",
            Self::KeyUnavailable { .. } => "key_unavailable",
            Self::NotSafe { .. } => "not_safe",
            Self::NotReached { .. } => "not_reached",
            Self::RedirectsElsewhere { .. } => "redirects_elsewhere",
            Self::Compressed { .. } => "compressed",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Stranger => "This address answers only the engine of the running app.".to_owned(),
            Self::NotFromHere => "This address does not answer web pages.".to_owned(),
            Self::UnknownProvider => "No such provider is connected.".to_owned(),
            Self::NotAModelRequest => "Only model requests are passed on; this is none.".to_owned(),
            Self::Cap { provider, cap } => format!(
                "{provider} was asked {cap} times since the engine was started, which is as often as it may. Allow \
                 more in the app, under Models and keys."
            ),
            Self::TooMany => "Too many requests at the same time; try again in a moment.".to_owned(),
            Self::TooLong { limit } => {
                format!("The request is longer than {} MB.", limit / (1024 * 1024))
            }
            Self::BodyTooSlow => "The request did not come to its end in time.".to_owned(),
            Self::KeyUnavailable { message } | Self::NotSafe { message } | Self::NotReached { message } => {
                message.clone()
            }
            Self::RedirectsElsewhere { provider } => format!(
                "{provider} redirects elsewhere, and a key is not sent after a redirect. Correct its address in the \
                 app, under Models and keys."
            ),
            Self::Compressed { provider, status } if !status.is_success() => format!(
                "{provider} answered with status {}. Its words are compressed, though they were asked for as they are, \
                 and cannot be looked through for the key.",
                status.as_u16()
            ),
            Self::Compressed { provider, .. } => format!(
                "{provider} compressed its answer, though it was asked not to. It cannot be looked through for the key \
                 and was not passed on. Choose another provider, or switch compression off there."
            ),
        }
    }

    /// In the form in which most providers say what is wrong.
    pub(crate) fn response(&self) -> Response<Body> {
        let body = serde_json::json!({
            "type": "error",
            "error": {"type": TYPE, "code": self.code(), "message": format!("{MARK}{}", self.message())},
        });
        let body = Full::new(Bytes::from(body.to_string()));
        let mut response = Response::new(body.map_err(|never| match never {}).boxed());
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // The rest of the request is not read.
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        if *self == Self::TooMany {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// For a connection that is one too many, before anything of it is read.
pub(crate) const ONE_TOO_MANY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
