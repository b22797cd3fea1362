//! Requests to the engine: loopback only, bounded in time and size.

use std::path::Path;
use std::time::Duration;

use cowork_engine::EngineError;
use futures_util::StreamExt;
use reqwest::{Method, RequestBuilder, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::bound::short;
use crate::password::Password;

/// The user the engine expects when it is told no other.
const USER: &str = "opencode";
/// To open a connection on loopback: it is there or it is not.
const CONNECT: Duration = Duration::from_secs(2);
/// Between two chunks of any answer. The event stream, the slowest, has a heartbeat each 10 s.
const SILENCE: Duration = Duration::from_secs(30);
/// For a whole answer. The first request to a folder starts its instance, seconds on a slow disk.
const ANSWER: Duration = Duration::from_secs(30);
/// For a health answer. A request that is early by milliseconds is accepted and never answered: ask again.
const HEALTH: Duration = Duration::from_millis(500);
/// For a person to be through in the browser. The engine itself gives up after five minutes.
const SIGN_IN: Duration = Duration::from_mins(10);
/// Largest answer besides a session's messages: lists of sessions, models and agents are below 10 MB.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;
/// Largest list of a session's messages. It holds attached files and tools' outputs whole.
pub(crate) const LARGEST_MESSAGES: usize = 512 * 1024 * 1024;

/// What a healthy engine says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Its version, such as `1.18.33`.
    pub version: String,
}

/// Asks the engine on a loopback port whether it is well, over a connection of its own and within 500 ms. An
/// engine that just began to listen may leave a first request unanswered, so a failure means: ask again.
pub async fn probe(port: u16, password: &Password) -> Result<Health, EngineError> {
    #[derive(Deserialize)]
    struct Answer {
        healthy: bool,
        version: String,
    }
    let http = Http::new(port, password.clone())?;
    let request = http.global(Method::GET, &["global", "health"])?;
    let asked = http.json::<Answer>(request, "health", LARGEST_ANSWER);
    let answer = match tokio::time::timeout(HEALTH, asked).await {
        Ok(answer) => answer?,
        // Less than a second, which the error counts in.
        Err(_) => return Err(EngineError::TimedOut(1)),
    };
    if answer.healthy {
        Ok(Health {
            version: answer.version,
        })
    } else {
        Err(EngineError::Refused {
            status: 200,
            message: "the engine says that it is not healthy".to_owned(),
        })
    }
}

/// A connection to one engine on this machine.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    base: Url,
    password: Password,
    client: reqwest::Client,
}

impl Http {
    pub(crate) fn new(port: u16, password: Password) -> Result<Self, EngineError> {
        let base = Url::parse(&format!("http://127.0.0.1:{port}/"))
            .map_err(|error| EngineError::Unreachable(error.to_string()))?;
        let client = loopback_only()
            .read_timeout(SILENCE)
            .build()
            .map_err(unreachable)?;
        Ok(Self {
            base,
            password,
            client,
        })
    }

    /// A request about the engine as a whole.
    pub(crate) fn global(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, EngineError> {
        Ok(self.request(method, self.address(path)?))
    }

    /// A request about one folder.
    pub(crate) fn in_folder(
        &self,
        method: Method,
        folder: &Path,
        path: &[&str],
    ) -> Result<RequestBuilder, EngineError> {
        self.in_folder_with(method, folder, path, &[])
    }

    /// The same with a further query. The engine takes the folder from the query, where any name can be written.
    pub(crate) fn in_folder_with(
        &self,
        method: Method,
        folder: &Path,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<RequestBuilder, EngineError> {
        let Some(name) = folder.to_str() else {
            return Err(EngineError::Refused {
                status: 0,
                message: format!(
                    "the engine takes no folder whose name is not Unicode: {}",
                    folder.display()
                ),
            });
        };
        let mut address = self.address(path)?;
        address
            .query_pairs_mut()
            .append_pair("directory", name)
            .extend_pairs(query);
        Ok(self.request(method, address))
    }

    fn request(&self, method: Method, address: Url) -> RequestBuilder {
        self.client
            .request(method, address)
            .basic_auth(USER, Some(self.password.reveal()))
    }

    /// Segments are encoded, so that no id can lead to another route. `.` and `..` alone would be resolved away.
    fn address(&self, path: &[&str]) -> Result<Url, EngineError> {
        let mut address = self.base.clone();
        let plain = path.iter().all(|segment| !matches!(*segment, "" | "." | ".."));
        match address.path_segments_mut() {
            Ok(mut segments) if plain => segments.pop_if_empty().extend(path),
            _ => return Err(EngineError::NotFound(path.join("/"))),
        };
        Ok(address)
    }

    /// Sends a request and reads its answer as JSON. `what` names what was asked for, should it not be there.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        what: &str,
        limit: usize,
    ) -> Result<T, EngineError> {
        let body = self.body(request, what, limit).await?;
        read_json(&body, what)
    }

    /// [`Http::json`] for one page of many, with what asks for the next.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        what: &str,
        limit: usize,
    ) -> Result<(T, Option<String>), EngineError> {
        let response = request.timeout(ANSWER).send().await.map_err(unreachable)?;
        let response = accepted(response, what).await?;
        let next = response.headers().get("x-next-cursor");
        let next = next.and_then(|next| next.to_str().ok()).map(str::to_owned);
        let body = read_up_to(response, limit, what).await?;
        Ok((read_json(&body, what)?, next))
    }

    /// [`Http::json`] for an answer of ordinary size.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        what: &str,
    ) -> Result<T, EngineError> {
        self.json(request, what, LARGEST_ANSWER).await
    }

    /// Sends a request whose answer says nothing beyond its status.
    pub(crate) async fn done(&self, request: RequestBuilder, what: &str) -> Result<(), EngineError> {
        self.body(request, what, LARGEST_ANSWER).await.map(drop)
    }

    /// Opens an answer that goes on without an end.
    pub(crate) async fn stream(&self, request: RequestBuilder, what: &str) -> Result<Response, EngineError> {
        let response = request.send().await.map_err(unreachable)?;
        accepted(response, what).await
    }

    /// The same for one that is answered when the person has done something, over a connection of its own that may be
    /// silent until then.
    pub(crate) async fn done_by_person(
        &self,
        method: Method,
        path: &[&str],
        body: &Value,
        what: &str,
    ) -> Result<(), EngineError> {
        let patient = loopback_only().build().map_err(unreachable)?;
        let request = patient
            .request(method, self.address(path)?)
            .basic_auth(USER, Some(self.password.reveal()))
            .timeout(SIGN_IN)
            .json(body);
        let response = request.send().await.map_err(|error| {
            if error.is_timeout() {
                EngineError::TimedOut(SIGN_IN.as_secs())
            } else {
                unreachable(error)
            }
        })?;
        let response = accepted(response, what).await?;
        read_up_to(response, LARGEST_ANSWER, what).await.map(drop)
    }

    /// The same for one that is answered when a turn has ended, hours later it may be. The connection breaks when the
    /// engine ends.
    pub(crate) async fn done_by_turn(
        &self,
        folder: &Path,
        path: &[&str],
        body: &Value,
        what: &str,
    ) -> Result<(), EngineError> {
        let patient = loopback_only().build().map_err(unreachable)?;
        let named = self.in_folder(Method::POST, folder, path)?.build();
        let address = named.map_err(unreachable)?.url().clone();
        let request = patient
            .request(Method::POST, address)
            .basic_auth(USER, Some(self.password.reveal()))
            .json(body);
        let response = accepted(request.send().await.map_err(unreachable)?, what).await?;
        read_up_to(response, LARGEST_MESSAGES, what).await.map(drop)
    }

    async fn body(&self, request: RequestBuilder, what: &str, limit: usize) -> Result<Vec<u8>, EngineError> {
        let response = request.timeout(ANSWER).send().await.map_err(unreachable)?;
        let response = accepted(response, what).await?;
        read_up_to(response, limit, what).await
    }
}

fn read_json<T: DeserializeOwned>(body: &[u8], what: &str) -> Result<T, EngineError> {
    serde_json::from_slice(body)
        .or_else(|error| match crate::repair::repaired(body) {
            Some(repaired) => serde_json::from_slice(&repaired),
            None => Err(error),
        })
        .map_err(|error| EngineError::Unreadable(format!("{what}: {error}")))
}

fn loopback_only() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        // A proxy from the person's environment must never see the password.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
}

/// The response itself when the engine did what was asked.
async fn accepted(response: Response, what: &str) -> Result<Response, EngineError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    if status == reqwest::StatusCode::NOT_FOUND {
        return Err(EngineError::NotFound(what.to_owned()));
    }
    // Errors are some hundred bytes; when one is not, its beginning is lost rather than our memory.
    let body = read_up_to(response, 1024 * 1024, what).await.unwrap_or_default();
    Err(EngineError::Refused {
        status: status.as_u16(),
        message: message_in(&body),
    })
}

async fn read_up_to(response: Response, limit: usize, what: &str) -> Result<Vec<u8>, EngineError> {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(unreachable)?;
        if body.len() + chunk.len() > limit {
            return Err(EngineError::Unreadable(format!(
                "{what}: more than {limit} bytes"
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The words of an error answer, which stand in one of two places, or its beginning.
fn message_in(body: &[u8]) -> String {
    let words = serde_json::from_slice::<Value>(body).ok().and_then(|answer| {
        let words = answer
            .pointer("/data/message")
            .or_else(|| answer.get("message"))?;
        words.as_str().map(str::to_owned)
    });
    short(&words.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned()))
}

/// Without the address, whose query names a folder of the person.
pub(crate) fn unreachable(error: reqwest::Error) -> EngineError {
    if error.is_timeout() {
        let limit = if error.is_connect() {
            CONNECT
        } else {
            ANSWER.max(SILENCE)
        };
        return EngineError::TimedOut(limit.as_secs());
    }
    let error = error.without_url();
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(deeper) = cause {
        message.push_str(": ");
        message.push_str(&deeper.to_string());
        cause = deeper.source();
    }
    EngineError::Unreachable(message)
}
