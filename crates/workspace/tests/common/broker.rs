//! A server as the published protocol wants it, with the extensions of this product, that notes all it hears.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cowork_engine::SessionId;
use cowork_pairing_protocol::extension::{Enrolment, EventsReceived};
use cowork_pairing_protocol::session::{Payload, SessionEvent};
use cowork_pairing_protocol::wire::{
    Answered, Claim, Claimed, Command, CommandKind, CommandResult, EventType, Events, Lease, RemoteEvent,
    RemoteStatus,
};
use cowork_told::retold::{Retelling, Retold};
use cowork_transcript::Transcript;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How long a claim waits here: a test must not wait longer for a command than a person would.
const WAITS: Duration = Duration::from_secs(2);

/// How long a command is a desktop's to answer. One whose answer to a claim was lost is given again after it.
const LEASED: jiff::SignedDuration = jiff::SignedDuration::from_secs(6);

/// What the server knows.
#[derive(Default)]
pub(crate) struct Known {
    enrolled: Option<Enrolment>,
    /// It is over.
    pub(crate) revoked: bool,
    /// The desktop said that it is over.
    pub(crate) told_of_end: bool,
    /// It answers every request with 503.
    pub(crate) down: bool,
    waiting: Vec<Command>,
    /// Given out and not answered.
    leased: BTreeMap<String, Command>,
    pub(crate) answers: HashMap<String, Vec<CommandResult>>,
    events: BTreeMap<u64, RemoteEvent>,
    /// Everything that was ever sent here, as it came.
    pub(crate) heard: String,
    sequence: u64,
    leases: u64,
}

impl Known {
    /// What was given out and not answered in time is given out again.
    fn give_again(&mut self) {
        let over = |command: &Command| {
            let lease = command.lease.as_ref().unwrap();
            lease.lease_expires_at.parse::<jiff::Timestamp>().unwrap() < jiff::Timestamp::now()
        };
        let again: Vec<_> = self
            .leased
            .values()
            .filter(|command| over(command) && !self.answers.contains_key(&command.id))
            .cloned()
            .collect();
        for command in again {
            self.leased.remove(&command.id);
            self.waiting.push(command);
        }
        self.waiting.sort_by_key(|command| command.sequence);
    }
}

struct Inner {
    known: Mutex<Known>,
    changed: Notify,
}

/// A server.
pub(crate) struct Broker {
    pub(crate) address: String,
    inner: Arc<Inner>,
    serving: JoinHandle<()>,
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Inner {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

impl Broker {
    pub(crate) async fn start() -> Self {
        let inner = Arc::new(Inner {
            known: Mutex::default(),
            changed: Notify::new(),
        });
        let base = "/api/desktop-pairing";
        let router = Router::new()
            .route("/api/server", get(async || axum::Json(json!({ "version": "1" }))))
            .route(&format!("{base}/heartbeat"), post(heartbeat))
            .route(&format!("{base}/commands/claim"), post(claim))
            .route(&format!("{base}/commands/{{id}}/{{how}}"), post(answer))
            .route(&format!("{base}/events"), post(events))
            .route(&format!("{base}/revoke"), post(revoke))
            .with_state(inner.clone());
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            inner,
            serving,
        }
    }

    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.inner.known()
    }

    /// Enters what a desktop shows.
    pub(crate) fn enrol(&self, url: &str) {
        let (_, code) = url.split_once("#pair=").unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(code).unwrap();
        self.known().enrolled = Some(serde_json::from_slice(&bytes).unwrap());
    }

    /// Gives the desktop something to do. Its id.
    pub(crate) fn give(&self, kind: CommandKind, session: Option<&str>, payload: Option<Value>) -> String {
        let id = {
            let mut known = self.known();
            known.sequence += 1;
            let id = format!("cmd_{}", known.sequence);
            let pairing_id = known.enrolled.as_ref().unwrap().pairing_id.clone();
            let command = Command {
                id: id.clone(),
                kind: kind.as_str().to_owned(),
                pairing_id,
                workspace_id: "local".to_owned(),
                session_id: session.map(str::to_owned),
                actor_id: Some("usr_1".to_owned()),
                actor_label: Some("Ada".to_owned()),
                payload,
                sequence: known.sequence,
                created_at: now(),
                lease: None,
            };
            known.waiting.push(command);
            id
        };
        self.inner.changed.notify_waiters();
        id
    }

    /// What a command came to, once that is said.
    pub(crate) async fn outcome(&self, id: &str) -> CommandResult {
        super::until(
            || format!("the outcome of {id}"),
            || {
                self.known()
                    .answers
                    .get(id)
                    .and_then(|answers| answers.last().cloned())
            },
        )
        .await
    }

    /// Does something and gives what it came to.
    pub(crate) async fn done(
        &self,
        kind: CommandKind,
        session: Option<&str>,
        payload: Option<Value>,
    ) -> CommandResult {
        let id = self.give(kind, session, payload);
        self.outcome(&id).await
    }

    /// A conversation as it was told here: none of one that was not, or is gone.
    pub(crate) fn transcript(&self, session: &str) -> Option<Transcript> {
        retold(session, self.session_events(session))
    }

    /// Whether the person at the desktop said yes to a command, once that is told.
    pub(crate) async fn confirmed(&self, command: &str) -> bool {
        super::until(
            || format!("what became of {command}"),
            || {
                let known = self.known();
                let mut told = known.events.values();
                told.find_map(|event| {
                    let confirmed = event.payload.as_ref()?.get("confirmed")?.as_bool()?;
                    let kind = if confirmed {
                        EventType::CommandCompleted
                    } else {
                        EventType::CommandFailed
                    };
                    let is_it = event.command_id.as_deref() == Some(command);
                    is_it.then(|| {
                        assert_eq!(event.kind, kind);
                        confirmed
                    })
                })
            },
        )
        .await
    }

    /// What was told of a session, in its order.
    pub(crate) fn session_events(&self, session: &str) -> Vec<SessionEvent> {
        let known = self.known();
        let of_session = known.events.values().filter(|event| {
            event.kind == EventType::SessionEvent && event.session_id.as_deref() == Some(session)
        });
        of_session
            .map(|event| {
                let payload: Payload = serde_json::from_value(event.payload.clone().unwrap()).unwrap();
                payload.event
            })
            .collect()
    }

    /// The numbers of events that are here, which have no hole.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.known().events.keys().copied().collect()
    }
}

/// A conversation as it is told by events.
pub(crate) fn retold(session: &str, events: Vec<SessionEvent>) -> Option<Transcript> {
    let id = SessionId::from(session);
    let mut retold = Retold::new(id.clone());
    let mut transcript = None;
    for event in events {
        match retold.take(event) {
            Retelling::Events(events) => {
                let transcript = transcript.get_or_insert_with(|| Transcript::new(id.clone()));
                for event in events {
                    transcript.apply(event, 1, &mut Vec::new());
                }
            }
            Retelling::Anew { .. } => transcript = Some(Transcript::new(id.clone())),
            Retelling::Gone => transcript = None,
        }
    }
    transcript
}

struct Refusal(Box<Response>);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// Whether a request may be answered.
fn proven(inner: &Inner, headers: &HeaderMap, body: &str) -> Result<(), Refusal> {
    let mut known = inner.known();
    known.heard.push_str(body);
    known.heard.push('\n');
    let refused =
        |status: StatusCode, text: &'static str| Err(Refusal(Box::new((status, text).into_response())));
    if known.down {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "down");
    }
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let is_known = known.enrolled.as_ref().is_some_and(|enrolled| {
        header("authorization") == format!("Bearer {}", enrolled.token)
            && header("x-open-cowork-pairing-id") == enrolled.pairing_id
            && header("x-open-cowork-device-id") == enrolled.device_id
    });
    if !is_known {
        return refused(StatusCode::UNAUTHORIZED, "unknown");
    }
    Ok(())
}

fn through(known: &Known) -> EventsReceived {
    let mut through = 0;
    while known.events.contains_key(&(through + 1)) {
        through += 1;
    }
    EventsReceived { through }
}

fn revoked(known: &Known) -> Result<(), Refusal> {
    if known.revoked {
        return Err(Refusal(Box::new(
            (StatusCode::FORBIDDEN, axum::Json(json!({ "error": "revoked" }))).into_response(),
        )));
    }
    Ok(())
}

async fn heartbeat(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refusal> {
    proven(&inner, &headers, &body)?;
    let known = inner.known();
    revoked(&known)?;
    Ok(axum::Json(through(&known)).into_response())
}

async fn claim(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refusal> {
    proven(&inner, &headers, &body)?;
    let claim: Claim = serde_json::from_str(&body).unwrap();
    let wait = WAITS.min(Duration::from_secs(claim.wait_seconds.unwrap_or_default().into()));
    let changed = inner.changed.notified();
    let is_idle = {
        let mut known = inner.known();
        known.give_again();
        known.waiting.is_empty() && !known.revoked
    };
    if is_idle {
        // None comes; that is an answer, too.
        let _ = tokio::time::timeout(wait, changed).await;
    }
    let mut known = inner.known();
    let status = if known.revoked {
        RemoteStatus::Revoked
    } else {
        RemoteStatus::Online
    };
    let mut commands = if known.revoked {
        Vec::new()
    } else {
        std::mem::take(&mut known.waiting)
    };
    for command in &mut commands {
        known.leases += 1;
        let ends = jiff::Timestamp::now() + LEASED;
        command.lease = Some(Lease {
            leased_by: claim.device_id.clone(),
            lease_token: format!("lease_{}", known.leases),
            lease_expires_at: ends.to_string(),
        });
        known.leased.insert(command.id.clone(), command.clone());
    }
    let claimed = Claimed {
        commands,
        remote_status: Some(status),
    };
    Ok(axum::Json(claimed).into_response())
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    Path((id, _)): Path<(String, String)>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refusal> {
    proven(&inner, &headers, &body)?;
    let answered: Answered = serde_json::from_str(&body).unwrap();
    let mut known = inner.known();
    let lease = known.leased.get(&id).and_then(|command| command.lease.clone());
    if lease.map(|lease| lease.lease_token) != answered.lease_token {
        return Ok(StatusCode::CONFLICT.into_response());
    }
    known.answers.entry(id).or_default().push(answered.result);
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn events(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refusal> {
    proven(&inner, &headers, &body)?;
    let events: Events = serde_json::from_str(&body).unwrap();
    let mut known = inner.known();
    revoked(&known)?;
    for event in events.events {
        let number = event.sequence.unwrap();
        if let Some(before) = known.events.insert(number, event.clone()) {
            assert_eq!(before.id, event.id, "number {number} stands for two events");
        }
    }
    Ok(axum::Json(through(&known)).into_response())
}

async fn revoke(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refusal> {
    proven(&inner, &headers, &body)?;
    let mut known = inner.known();
    (known.revoked, known.told_of_end) = (true, true);
    Ok(StatusCode::NO_CONTENT.into_response())
}
