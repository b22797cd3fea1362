//! The HTTP server: loopback only, a bearer token, bounds on bodies and on replies played at once.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::casting;
use crate::conversation::{Conversation, DEMO_MODEL, SCRIPTED_MODEL};
use crate::failures::Failures;
use crate::playback::{self, Setting};
use crate::record::{self, Record, RecordedRequest, RequestKind};
use crate::refusal::Refusal;
use crate::script::{Action, Scripts, Step};

/// Largest request body: a conversation near a 1 M token context is about 4 MB of text, and an engine
/// adds images as base64; beyond this a client is broken, not talkative.
const MAXIMUM_BODY: usize = 32 * 1_024 * 1_024;
/// Time the server gets to end its replies when it is stopped.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// How a server is started.
pub struct Options {
    /// The port; 0 takes a free one.
    pub port: u16,
    /// The bearer token clients must send; a random one when absent.
    pub token: Option<String>,
    /// Scripts for prompts that hold `SCRIPT-NAME:<name>`; names are of `A-Z a-z 0-9 + / - _`.
    pub scripts: Scripts,
    /// Model ids listed at `/v1/models`. A request may name any model.
    pub models: Vec<String>,
    /// Replies played at once; more are refused with 503. The default of 64 is far above the sessions
    /// a person runs at once and far below what open sockets cost.
    pub maximum_streams: usize,
    /// Pause before each few characters of the demo's texts, in milliseconds. 0 plays it at once.
    pub demo_pace_milliseconds: u64,
    /// Requests that [`Server::requests`] tells of; older ones are forgotten. The default of 1,024 is for tests, of which
    /// a long one makes some hundreds.
    pub recorded_requests: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            token: None,
            scripts: Scripts::new(),
            models: vec![DEMO_MODEL.to_owned(), SCRIPTED_MODEL.to_owned()],
            maximum_streams: 64,
            // With six characters each, about the speed of a hosted model.
            demo_pace_milliseconds: 18,
            recorded_requests: 1_024,
        }
    }
}

/// A running server. Dropping it stops it without waiting; [`Server::stop`] waits.
pub struct Server {
    address: SocketAddr,
    stage: Arc<Stage>,
    serving: JoinHandle<std::io::Result<()>>,
    stopping: DropGuard,
}

/// What all requests share.
struct Stage {
    token: String,
    scripts: Scripts,
    models: Vec<String>,
    demo_pace_milliseconds: u64,
    maximum_streams: usize,
    permits: Arc<Semaphore>,
    failures: Failures,
    record: Record,
    stopping: CancellationToken,
    /// Random per start, so that reply and call ids do not repeat in a session after a restart.
    run: String,
    replies: AtomicU64,
}

impl Server {
    /// Binds 127.0.0.1 and begins to serve.
    ///
    /// # Errors
    /// When the port is taken, a named script is out of bounds or the system gives no random bytes.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        for (name, script) in &options.scripts {
            script
                .validate()
                .with_context(|| format!("checking the script named {name:?}"))?;
        }
        let token = match options.token {
            Some(token) => token,
            None => random_hex::<24>().context("making the scripted model's token")?,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
            .await
            .with_context(|| format!("binding 127.0.0.1:{} for the scripted model", options.port))?;
        let address = listener
            .local_addr()
            .context("reading the scripted model's port")?;
        let stopping = CancellationToken::new();
        let stage = Arc::new(Stage {
            token,
            scripts: options.scripts,
            models: options.models,
            demo_pace_milliseconds: options.demo_pace_milliseconds,
            maximum_streams: options.maximum_streams,
            permits: Arc::new(Semaphore::new(options.maximum_streams)),
            failures: Failures::default(),
            record: Record::new(options.recorded_requests),
            stopping: stopping.clone(),
            run: random_hex::<4>().context("making the scripted model's run id")?,
            replies: AtomicU64::new(0),
        });
        // Deltas are small and paced: with Nagle's algorithm they would arrive in clumps.
        let listener = listener.tap_io(|connection| {
            if let Err(error) = connection.set_nodelay(true) {
                tracing::debug!(%error, "the scripted model's connection stays buffered");
            }
        });
        let serving = axum::serve(listener, router(Arc::clone(&stage)))
            .with_graceful_shutdown(stopping.clone().cancelled_owned());
        Ok(Self {
            address,
            stage,
            serving: tokio::spawn(serving.into_future()),
            stopping: stopping.drop_guard(),
        })
    }

    /// The base URL for an OpenAI-compatible provider: `http://127.0.0.1:PORT/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The bearer token, to be given to the engine as its API key.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.stage.token
    }

    /// The latest requests, oldest first, as many as [`Options::recorded_requests`] says.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.stage.record.all()
    }

    /// How many replies are being played now.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        self.stage
            .maximum_streams
            .saturating_sub(self.stage.permits.available_permits())
    }

    /// Ends every reply, closes the port and waits until that is done, at most five seconds.
    ///
    /// # Errors
    /// When serving had failed before.
    pub async fn stop(self) -> anyhow::Result<()> {
        let mut serving = self.serving;
        drop(self.stopping);
        if let Ok(ended) = tokio::time::timeout(STOP_TIMEOUT, &mut serving).await {
            return ended
                .context("waiting for the scripted model's task")?
                .context("serving the scripted model");
        }
        // A client that reads nothing can hold its connection; it is cut.
        serving.abort();
        Ok(())
    }
}

fn router(stage: Arc<Stage>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat_completions))
        .route("/v1/models", get(models))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_path)
        .layer(DefaultBodyLimit::max(MAXIMUM_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(&stage), require_token))
        .with_state(stage)
}

/// Refuses before the body is read.
async fn require_token(State(stage): State<Arc<Stage>>, request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    if given.is_some_and(|given| equal(given.as_bytes(), stage.token.as_bytes())) {
        return next.run(request).await;
    }
    stage.record(
        request.method(),
        request.uri(),
        request.headers(),
        RequestKind::Refused,
        None,
    );
    let message = "Incorrect API key provided: the scripted model wants the token of this start.";
    Refusal::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message).into_response()
}

async fn models(State(stage): State<Arc<Stage>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    stage.record(&method, &uri, &headers, RequestKind::Models, None);
    let data: Vec<_> = stage
        .models
        .iter()
        .map(|id| json!({ "id": id, "object": "model", "created": 0, "owned_by": "scripted" }))
        .collect();
    axum::Json(json!({ "object": "list", "data": data })).into_response()
}

async fn unknown_path(
    State(stage): State<Arc<Stage>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    stage.record(&method, &uri, &headers, RequestKind::Refused, None);
    let message = format!(
        "No {method} {} here: there are POST /v1/chat/completions and GET /v1/models.",
        uri.path()
    );
    Refusal::new(StatusCode::NOT_FOUND, "unknown_url", message).into_response()
}

async fn chat_completions(
    State(stage): State<Arc<Stage>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let refuse = |conversation: Option<&Conversation>, refusal: Refusal| {
        stage.record(&method, &uri, &headers, RequestKind::Refused, conversation);
        refusal.into_response()
    };
    let body = match body {
        Ok(body) => body,
        Err(error) => {
            return refuse(
                None,
                Refusal::new(error.status(), "invalid_request", error.body_text()),
            );
        }
    };
    let conversation = match Conversation::parse(&body) {
        Ok(conversation) => conversation,
        Err(message) => return refuse(None, Refusal::invalid_request(message)),
    };
    let (mut step, kind) = match casting::cast(&conversation, &stage.scripts, stage.demo_pace_milliseconds) {
        Ok(cast) => cast,
        Err(error) => return refuse(Some(&conversation), Refusal::invalid_request(error.to_string())),
    };
    let Ok(permit) = Arc::clone(&stage.permits).try_acquire_owned() else {
        let message = format!(
            "The scripted model plays {} replies at once, and they are taken.",
            stage.maximum_streams
        );
        let refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "server_overloaded", message);
        return refuse(Some(&conversation), refusal);
    };
    stage.record(&method, &uri, &headers, kind, Some(&conversation));
    if let Some(failure) = stage.settle_failures(&mut step, &conversation, &headers) {
        return failure.into_response();
    }
    let setting = Setting {
        reply_id: format!("{}{}", stage.run, stage.replies.fetch_add(1, Ordering::Relaxed)),
        directory: conversation.directory().unwrap_or(".").to_owned(),
        // Nobody gets this far with another one.
        key: stage.token.clone(),
        model: conversation.model,
        request_bytes: body.len(),
        stopping: stage.stopping.clone(),
        _permit: permit,
    };
    if conversation.stream {
        playback::stream(step, setting)
    } else {
        playback::reply(step, setting).await
    }
}

impl Stage {
    fn record(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        kind: RequestKind,
        conversation: Option<&Conversation>,
    ) {
        self.record.push(|| RecordedRequest {
            method: method.to_string(),
            path: uri.path().to_owned(),
            headers: record::headers(headers),
            model: conversation.map(|conversation| conversation.model.clone()),
            last_user_text: conversation
                .and_then(|conversation| conversation.prompts().next_back())
                .map(|(_, prompt)| prompt.to_owned()),
            messages: conversation.map_or(0, |conversation| conversation.messages.len()),
            kind,
        });
    }

    /// Takes out of the step what has failed often enough; answers with the HTTP failure that is due.
    ///
    /// A retry repeats its request to the letter, so the place of a failure is the step, the session
    /// (a header of the engine) and the length of the conversation. A later turn that plays the same
    /// script again has a longer conversation, and fails anew.
    fn settle_failures(
        &self,
        step: &mut Step,
        conversation: &Conversation,
        headers: &HeaderMap,
    ) -> Option<Refusal> {
        let session = headers.get("x-session-id").map(|value| value.as_bytes().to_vec());
        let text = format!("{step:?}");
        let due = |kind: &str, nth: usize, times| {
            self.failures
                .due((&text, kind, nth, &session, conversation.messages.len()), times)
        };
        let mut refusal = None;
        let mut nth = 0_usize;
        step.actions.retain(|action| {
            let Action::Status {
                status,
                message,
                code,
                times,
                retry_after_seconds,
            } = action
            else {
                return true;
            };
            nth += 1;
            if refusal.is_none() && due("status", nth, *times) {
                refusal = Some(Refusal::scripted(
                    *status,
                    message.clone(),
                    code.clone(),
                    *retry_after_seconds,
                ));
            }
            false
        });
        if refusal.is_some() {
            // The reply does not begin, so no failure in it happens or counts.
            return refusal;
        }
        let mut nth = 0_usize;
        step.actions.retain(|action| {
            let (Action::Drop { times } | Action::Garbage { times, .. }) = action else {
                return true;
            };
            nth += 1;
            due("stream", nth, *times)
        });
        None
    }
}

/// Compares without telling by its time how much of a token was right.
fn equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .fold(0, |difference, (left, right)| difference | (left ^ right))
            == 0
}

fn random_hex<const BYTES: usize>() -> anyhow::Result<String> {
    use std::fmt::Write as _;

    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    let mut text = String::with_capacity(BYTES * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").context("writing hexadecimal digits")?;
    }
    Ok(text)
}
