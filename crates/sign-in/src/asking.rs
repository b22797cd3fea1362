//! One question to a sign-in server, and its answer.

use std::time::Duration;

use bytes::Bytes;
use cowork_outward::{Outward, Reach};
use cowork_vault::Sensitive;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::error::SignInError;
use crate::tokens::{Tokens, is_token};
use crate::words::said;

/// Tokens and explanations are short; what is longer is no answer of a sign-in.
const LONGEST_ANSWER: usize = 256 * 1024;
/// A server that takes longer has trouble.
const PATIENCE: Duration = Duration::from_secs(30);
/// Whose registrations the sign-ins are under.
const USER_AGENT: &str = "opencode";
/// A token that claims to live longer than ten years has no known end.
const LONGEST_LIFE_SECONDS: u64 = 10 * 365 * 24 * 3600;

/// What is asked with.
pub(crate) enum Question<'a> {
    /// A JSON object.
    Json(Value),
    /// The fields of a form.
    Form(&'a [(&'a str, &'a str)]),
}

/// Who is asked through.
#[derive(Clone)]
pub(crate) struct Asking {
    pub(crate) outward: Outward,
    pub(crate) reach: Reach,
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) host: String,
    pub(crate) status: StatusCode,
    body: Bytes,
}

impl Asking {
    /// Asks once.
    pub(crate) async fn ask(&self, url: &Url, question: Question<'_>) -> Result<Answer, SignInError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let (kind, body) = match question {
            Question::Json(value) => ("application/json", value.to_string()),
            Question::Form(fields) => (
                "application/x-www-form-urlencoded",
                Serializer::new(String::new()).extend_pairs(fields).finish(),
            ),
        };
        let request = Request::builder()
            .method(Method::POST)
            .uri(url.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, kind)
            .header(header::USER_AGENT, USER_AGENT)
            .body(
                Full::new(Bytes::from(body))
                    .map_err(|never| match never {})
                    .boxed(),
            )
            .map_err(|_| SignInError::Unexpected {
                host: host.clone(),
                what: "its address cannot be asked".to_owned(),
            })?;
        let response = self
            .outward
            .call(request, self.reach, LONGEST_ANSWER, PATIENCE)
            .await
            .map_err(|error| SignInError::Unreachable {
                host: host.clone(),
                cause: error.to_string(),
            })?;
        let (parts, body) = response.into_parts();
        tracing::debug!(%host, status = parts.status.as_u16(), "a sign-in server answered");
        Ok(Answer {
            host,
            status: parts.status,
            body,
        })
    }
}

impl Answer {
    /// The answer as what it should be. What it was instead is said in general words: the text may hold tokens.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, SignInError> {
        serde_json::from_slice(&self.body).map_err(|_| self.unexpected())
    }

    /// Whether it is JSON at all.
    pub(crate) fn is_json(&self) -> bool {
        serde_json::from_slice::<serde::de::IgnoredAny>(&self.body).is_ok()
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.body.trim_ascii().is_empty()
    }

    /// The error that this is no answer of a sign-in, or that the server has trouble.
    pub(crate) fn unexpected(&self) -> SignInError {
        let host = self.host.clone();
        let status = self.status;
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return SignInError::Trouble {
                host,
                status: status.as_u16(),
            };
        }
        let start = self.body.trim_ascii_start();
        let what = if status.is_redirection() {
            "it wanted to send the request elsewhere"
        } else if start.starts_with(b"<") {
            "it sent a web page"
        } else if start.is_empty() {
            "it sent nothing"
        } else if self.is_json() {
            "something was missing in its answer"
        } else {
            "it sent something else"
        };
        SignInError::Unexpected {
            host,
            what: format!("{what}, status {}", status.as_u16()),
        }
    }

    /// What the server says went wrong, when it says so as a sign-in does.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let refusal = match body.get("error")? {
            Value::String(code) => Refusal {
                code: code.clone(),
                message: text(body.get("error_description")),
            },
            Value::Object(error) => Refusal {
                code: text(error.get("code"))
                    .or_else(|| text(error.get("type")))
                    .unwrap_or_default(),
                message: text(error.get("message")),
            },
            _ => return None,
        };
        Some(refusal)
    }

    /// The tokens it brings. `now` is in milliseconds since 1970.
    pub(crate) fn tokens(&self, now: u64) -> Result<Granted, SignInError> {
        let granted: GrantedAnswer = self.read()?;
        let access = granted
            .access_token
            .filter(is_token)
            .ok_or_else(|| self.unexpected())?;
        let lives = granted.expires_in.as_ref().and_then(seconds);
        Ok(Granted {
            id: granted.id_token,
            tokens: Tokens {
                access,
                refresh: granted.refresh_token.filter(is_token),
                expires: lives
                    .filter(|lives| *lives <= LONGEST_LIFE_SECONDS)
                    .map(|lives| now.saturating_add(lives * 1000)),
                account: None,
                base: None,
            },
        })
    }
}

/// Tokens, and the one that tells whose they are.
pub(crate) struct Granted {
    pub(crate) id: Option<Sensitive>,
    pub(crate) tokens: Tokens,
}

#[derive(Deserialize)]
struct GrantedAnswer {
    access_token: Option<Sensitive>,
    refresh_token: Option<Sensitive>,
    id_token: Option<Sensitive>,
    expires_in: Option<Value>,
}

/// What a server says when it refuses.
pub(crate) struct Refusal {
    pub(crate) code: String,
    message: Option<String>,
}

impl Refusal {
    /// In its words, without the secrets of this exchange.
    pub(crate) fn said(&self, secrets: &[&str]) -> String {
        let text = match &self.message {
            Some(message) if !message.trim().is_empty() => message,
            _ => &self.code,
        };
        let text = said(text, secrets);
        if text.is_empty() {
            "without a reason".to_owned()
        } else {
            text
        }
    }
}

/// A number of seconds, which some servers send as a text.
pub(crate) fn seconds(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
