//! The published protocol: every field as it is on the wire.
//!
//! All requests are POST with a JSON body to `{broker}/api/desktop-pairing/…`, with `Authorization: Bearer <token>`
//! and the two headers below. An answer is 204, or JSON; any other status is a failure. Times are ISO 8601.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::extension::Extension;

/// The path all requests begin with, after the broker's address.
pub const BASE_PATH: &str = "/api/desktop-pairing";
/// The header that names the pairing.
pub const PAIRING_HEADER: &str = "x-open-cowork-pairing-id";
/// The header that names the device.
pub const DEVICE_HEADER: &str = "x-open-cowork-device-id";
/// What every token begins with. 32 random bytes follow, in base64 for addresses, without padding.
pub const TOKEN_PREFIX: &str = "ocp_";
/// The id of the workspace on the desktop itself.
pub const LOCAL_WORKSPACE: &str = "local";
/// Seconds a lease lasts.
pub const LEASE_SECONDS: u32 = 45;
/// Commands claimed at once.
pub const CLAIM_LIMIT: u32 = 10;
/// Seconds a client waits for an answer.
pub const TIMEOUT_SECONDS: u64 = 15;
/// Milliseconds between two claims that did not wait.
pub const POLL_MILLISECONDS: u64 = 2_500;
/// The least milliseconds between two claims that did not wait.
pub const LEAST_POLL_MILLISECONDS: u64 = 500;
/// Characters of a failure's body that are kept.
pub const FAILURE_CHARACTERS: usize = 256;

/// What a command asks of a desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CommandKind {
    /// A new session.
    #[serde(rename = "create_session")]
    CreateSession,
    /// A prompt: [`PromptPayload`].
    #[serde(rename = "prompt")]
    Prompt,
    /// Stop what runs.
    #[serde(rename = "abort")]
    Abort,
    /// Answer a request for permission: [`PermissionPayload`].
    #[serde(rename = "permission.respond")]
    PermissionRespond,
    /// Answer questions: [`QuestionReplyPayload`].
    #[serde(rename = "question.reply")]
    QuestionReply,
    /// Turn questions down: [`QuestionRejectPayload`].
    #[serde(rename = "question.reject")]
    QuestionReject,
    /// Say which sessions there are, and how the pairing stands.
    #[serde(rename = "status")]
    Status,
    /// End the pairing.
    #[serde(rename = "revoke_pairing")]
    RevokePairing,
}

impl CommandKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::CreateSession,
        Self::Prompt,
        Self::Abort,
        Self::PermissionRespond,
        Self::QuestionReply,
        Self::QuestionReject,
        Self::Status,
        Self::RevokePairing,
    ];

    /// How it is spelled on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateSession => "create_session",
            Self::Prompt => "prompt",
            Self::Abort => "abort",
            Self::PermissionRespond => "permission.respond",
            Self::QuestionReply => "question.reply",
            Self::QuestionReject => "question.reject",
            Self::Status => "status",
            Self::RevokePairing => "revoke_pairing",
        }
    }

    /// The kind that is spelled so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What a prompt says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromptPayload {
    /// The words.
    pub text: String,
    /// The agent that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// What is attached, in whatever form; refused where the policy does not allow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<Value>>,
    /// The way the model is asked to work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// The answer to a request for permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionPayload {
    /// The ask's id.
    pub permission_id: String,
    /// Once, or not.
    pub allowed: bool,
}

/// The answers to questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuestionReplyPayload {
    /// The ask's id.
    pub request_id: String,
    /// For each question in order, what was chosen.
    pub answers: Vec<Vec<String>>,
}

/// Turns questions down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuestionRejectPayload {
    /// The ask's id.
    pub request_id: String,
}

/// Whose turn a command is, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lease {
    /// The device it was given to.
    pub leased_by: String,
    /// Another one at each claim; an answer with an older one is refused.
    pub lease_token: String,
    /// When it ends.
    pub lease_expires_at: String,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// Its id.
    pub id: String,
    /// What it asks, a [`CommandKind`]; text, because a later broker may know more kinds.
    pub kind: String,
    /// Its pairing.
    pub pairing_id: String,
    /// The workspace it is for.
    pub workspace_id: String,
    /// The session it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Who gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<String>,
    /// What they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_label: Option<String>,
    /// What belongs to its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Value>,
    /// Grows with each command of the pairing.
    pub sequence: u64,
    /// When it was given.
    pub created_at: String,
    /// Whose turn it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultStatus {
    /// It is done.
    Completed,
    /// It waits its turn on the desktop.
    Queued,
    /// The pairing's policy does not allow it.
    BlockedByPolicy,
    /// The person at the desktop has to say yes first.
    RequiresLocalConfirmation,
    /// It failed, or nobody can tell.
    Failed,
}

/// That a desktop has no fence to wait for; the one value there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FenceStatus {
    /// Always false.
    pub supported: bool,
    /// Always `desktop_pairing_projection_fence_unsupported`.
    pub reason_code: String,
    /// The same for people, in the published words.
    pub message: String,
    /// Always false.
    pub waitable: bool,
}

impl Default for FenceStatus {
    fn default() -> Self {
        Self {
            supported: false,
            reason_code: "desktop_pairing_projection_fence_unsupported".to_owned(),
            message:
                "Paired Desktop command results are lease-fenced but do not expose a projection checkpoint."
                    .to_owned(),
            waitable: false,
        }
    }
}

/// What a command came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandResult {
    /// Whether it did what was asked.
    pub ok: bool,
    /// How it ended.
    pub status: ResultStatus,
    /// The session it made or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Value>,
    /// The sessions there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Vec<Value>>,
    /// For people: what happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Always null on a desktop.
    #[serde(default)]
    pub projection_fence: Option<Value>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projection_fence_status: Option<FenceStatus>,
    /// What belongs to the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl CommandResult {
    /// A result with nothing but how it ended.
    #[must_use]
    pub fn new(status: ResultStatus, message: Option<String>) -> Self {
        Self {
            ok: matches!(status, ResultStatus::Completed | ResultStatus::Queued),
            status,
            session: None,
            sessions: None,
            message,
            projection_fence: None,
            projection_fence_status: Some(FenceStatus::default()),
            data: None,
        }
    }
}

/// How answers from afar are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoteAuthority {
    /// Not at all.
    Disabled,
    /// As a proposal to the person at the desktop, whose word alone counts.
    #[default]
    LocalConfirmation,
    /// As if they were given at the desktop. Demands a lease, and is audited.
    RemoteAllowed,
}

/// What a desktop lets in and out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "the published protocol's own shape")]
pub struct Policy {
    /// Prompts, and new sessions.
    pub allow_remote_prompts: bool,
    /// Stopping what runs.
    pub allow_remote_abort: bool,
    /// Answers to requests for permission.
    pub remote_approvals: RemoteAuthority,
    /// Answers to questions.
    pub remote_questions: RemoteAuthority,
    /// The contents of what was made, not only its name.
    pub expose_artifact_bodies: bool,
    /// Paths of this machine.
    pub expose_local_paths: bool,
    /// How tool servers are started.
    pub expose_local_mcp_details: bool,
    /// Files that come with a prompt.
    pub allow_remote_attachments: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allow_remote_prompts: true,
            allow_remote_abort: true,
            remote_approvals: RemoteAuthority::LocalConfirmation,
            remote_questions: RemoteAuthority::LocalConfirmation,
            expose_artifact_bodies: false,
            expose_local_paths: false,
            expose_local_mcp_details: false,
            allow_remote_attachments: false,
        }
    }
}

/// How a pairing stands, as its desktop says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairingStatus {
    /// Connected.
    PairedOnline,
    /// Not connected at the moment.
    PairedOffline,
    /// The person paused it.
    Disabled,
    /// It is over.
    Revoked,
    /// It needs the person.
    Error,
}

/// How a pairing stands, as its broker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoteStatus {
    /// It works.
    Online,
    /// The broker gives out nothing now.
    Offline,
    /// It is over; the desktop forgets its token.
    Revoked,
    /// The broker is about to stop: nothing new is given out, what was claimed is still answered.
    Draining,
}

/// `POST /heartbeat`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat {
    /// The pairing.
    pub pairing_id: String,
    /// The device.
    pub device_id: String,
    /// How it stands.
    pub status: PairingStatus,
    /// The last command that was handled.
    pub last_command_sequence: u64,
}

/// What a client can do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// The kinds it knows, as they are spelled.
    pub commands: Vec<String>,
    /// The workspaces it has.
    pub workspaces: Vec<String>,
    /// What it lets in and out.
    pub policy: Policy,
    /// What it knows beyond the published protocol. A plain client does not have the field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
}

/// `POST /commands/claim`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The pairing.
    pub pairing_id: String,
    /// The device.
    pub device_id: String,
    /// Commands up to this one are known.
    pub after_sequence: u64,
    /// How many are wanted at most.
    pub limit: u32,
    /// How long they are wanted for.
    pub lease_seconds: u32,
    /// What the client can do.
    pub capabilities: Capabilities,
    /// How long the answer may wait for a command, in seconds. Only with [`Extension::Wait`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u32>,
}

/// The answer to a [`Claim`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claimed {
    /// The commands, in their order.
    pub commands: Vec<Command>,
    /// How the pairing stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_status: Option<RemoteStatus>,
}

/// `POST /commands/:id/ack` and `POST /commands/:id/fail`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// What it came to.
    pub result: CommandResult,
    /// The lease it was handled under; null where the command had none.
    pub lease_token: Option<String>,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventType {
    /// The desktop is there.
    #[serde(rename = "heartbeat")]
    Heartbeat,
    /// A command is being handled.
    #[serde(rename = "command.accepted")]
    CommandAccepted,
    /// A command is done.
    #[serde(rename = "command.completed")]
    CommandCompleted,
    /// A command failed.
    #[serde(rename = "command.failed")]
    CommandFailed,
    /// Something happened in a session: [`session::Payload`](crate::session::Payload).
    #[serde(rename = "session.event")]
    SessionEvent,
    /// A row of the desktop's audit.
    #[serde(rename = "audit")]
    Audit,
    /// How the desktop stands: [`session::DesktopStatus`](crate::session::DesktopStatus).
    #[serde(rename = "status")]
    Status,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoteEvent {
    /// Its id, the same however often it is sent.
    pub id: String,
    /// Its pairing.
    pub pairing_id: String,
    /// What it is about.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// The workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<String>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_id: Option<String>,
    /// With [`Extension::Resume`] it counts the pairing's events from 1. A plain client's is a command's, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// When it happened.
    pub occurred_at: String,
    /// What belongs to its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Value>,
}

/// `POST /events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Events {
    /// The events, in any order.
    pub events: Vec<RemoteEvent>,
}

/// `POST /revoke`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Revoke {
    /// The pairing.
    pub pairing_id: String,
    /// The device.
    pub device_id: String,
}
