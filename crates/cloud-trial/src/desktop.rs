//! A desktop as the server sees one: the published protocol with this product's extensions, without an app behind it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use cowork_pairing_protocol::extension::{EXTENSIONS_HEADER, EventsReceived, Extension};
use cowork_pairing_protocol::wire::{
    Answered, BASE_PATH, CLAIM_LIMIT, Capabilities, Claim, Claimed, Command, CommandKind, CommandResult,
    DEVICE_HEADER, EventType, Events, Heartbeat, LEASE_SECONDS, LOCAL_WORKSPACE, PAIRING_HEADER,
    PairingStatus, Policy, RemoteEvent, ResultStatus, TIMEOUT_SECONDS,
};
use serde::Serialize;
use serde_json::Value;

use crate::random::random_hex;

/// How long a claim waits for a command, in seconds.
const WAIT_SECONDS: u32 = 10;

/// What the server knows a desktop by.
#[derive(Clone)]
pub struct Identity {
    /// The pairing.
    pub pairing: String,
    /// The device.
    pub device: String,
    /// The token. It is of a trial and of no use elsewhere.
    pub token: String,
}

impl Identity {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn new() -> anyhow::Result<Self> {
        use base64::Engine as _;
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).context("the system gives no randomness")?;
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        Ok(Self {
            pairing: format!("pairing_{}", random_hex()?),
            device: format!("device_{}", random_hex()?),
            token: format!("ocp_{token}"),
        })
    }
}

/// What one did not get an answer it could use to.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The server said so.
    #[error("status {status}: {body}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The beginning of what it said.
        body: String,
    },
    /// There was no answer. Whether the server did what was asked is not known.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

/// The requests of a desktop.
#[derive(Clone)]
pub struct Desktop {
    client: reqwest::Client,
    server: String,
    identity: Identity,
    lease_seconds: u32,
}

impl Desktop {
    /// One that speaks to the server at an address.
    #[must_use]
    pub fn new(client: reqwest::Client, server: &str, identity: Identity) -> Self {
        Self {
            client,
            server: server.to_owned(),
            identity,
            lease_seconds: LEASE_SECONDS,
        }
    }

    /// The same with leases of another length, in seconds.
    #[must_use]
    pub fn with_lease(mut self, seconds: u32) -> Self {
        self.lease_seconds = seconds;
        self
    }

    /// What the server knows it by.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Says that it is there.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn heartbeat(&self, last_command: u64) -> Result<(), Refused> {
        let body = Heartbeat {
            pairing_id: self.identity.pairing.clone(),
            device_id: self.identity.device.clone(),
            status: PairingStatus::PairedOnline,
            last_command_sequence: last_command,
        };
        self.post("/heartbeat", &body).await.map(drop)
    }

    /// Asks for commands, and waits for them.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn claim(&self, after: u64) -> Result<Claimed, Refused> {
        let body = Claim {
            pairing_id: self.identity.pairing.clone(),
            device_id: self.identity.device.clone(),
            after_sequence: after,
            limit: CLAIM_LIMIT,
            lease_seconds: self.lease_seconds,
            capabilities: Capabilities {
                commands: CommandKind::ALL.map(|kind| kind.as_str().to_owned()).to_vec(),
                workspaces: vec![LOCAL_WORKSPACE.to_owned()],
                policy: Policy::default(),
                extensions: vec![Extension::Wait, Extension::Redelivery, Extension::Resume],
            },
            wait_seconds: Some(WAIT_SECONDS),
        };
        let answer = self.post("/commands/claim", &body).await?;
        serde_json::from_slice(&answer).map_err(|error| Refused::NoAnswer(error.to_string()))
    }

    /// Says that a command is done.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn acknowledge(&self, command: &Command) -> Result<(), Refused> {
        let body = Answered {
            result: CommandResult::new(ResultStatus::Completed, None),
            lease_token: command.lease.as_ref().map(|lease| lease.lease_token.clone()),
        };
        self.post(&format!("/commands/{}/ack", command.id), &body)
            .await
            .map(drop)
    }

    /// Tells events, and gives up to which sequence the server has them.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn tell(&self, events: Vec<RemoteEvent>) -> Result<u64, Refused> {
        let answer = self.post("/events", &Events { events }).await?;
        serde_json::from_slice::<EventsReceived>(&answer)
            .map(|received| received.through)
            .map_err(|error| Refused::NoAnswer(error.to_string()))
    }

    /// An event of a session.
    #[must_use]
    pub fn event(&self, sequence: u64, session: &str, payload: Value) -> RemoteEvent {
        RemoteEvent {
            id: format!("{}_{sequence}", self.identity.pairing),
            pairing_id: self.identity.pairing.clone(),
            kind: EventType::SessionEvent,
            workspace_id: Some(LOCAL_WORKSPACE.to_owned()),
            session_id: Some(session.to_owned()),
            command_id: None,
            sequence: Some(sequence),
            occurred_at: jiff::Timestamp::now().to_string(),
            payload: Some(payload),
        }
    }

    async fn post<B: Serialize + Sync>(&self, path: &str, body: &B) -> Result<Vec<u8>, Refused> {
        let no_answer = |error: reqwest::Error| Refused::NoAnswer(error.to_string());
        let answer = self
            .client
            .post(format!("{}{BASE_PATH}{path}", self.server))
            .timeout(Duration::from_secs(TIMEOUT_SECONDS))
            .bearer_auth(&self.identity.token)
            .header(PAIRING_HEADER, &self.identity.pairing)
            .header(DEVICE_HEADER, &self.identity.device)
            .header(EXTENSIONS_HEADER, "wait,redelivery,resume")
            .json(body)
            .send()
            .await
            .map_err(no_answer)?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(no_answer)?;
        if status.is_success() {
            return Ok(bytes.to_vec());
        }
        Err(Refused::Status {
            status: status.as_u16(),
            body: String::from_utf8_lossy(&bytes).chars().take(256).collect(),
        })
    }
}

/// What a desktop did with commands; stands for what an app keeps on its disk, so it outlives every fault.
#[derive(Debug, Default)]
pub struct Ledger {
    /// How often each took effect, by the key its giver gave it.
    effects: BTreeMap<String, u32>,
    done: BTreeMap<String, u64>,
    last: u64,
}

impl Ledger {
    /// Carries a command out, unless that was done before.
    pub fn carry_out(&mut self, command: &Command, key: &str) {
        if self.done.insert(command.id.clone(), command.sequence).is_none() {
            *self.effects.entry(key.to_owned()).or_default() += 1;
        }
        self.last = self.last.max(command.sequence);
    }

    /// The last sequence that was seen.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// How often each command took effect.
    #[must_use]
    pub fn effects(&self) -> &BTreeMap<String, u32> {
        &self.effects
    }
}
