//! Pairings: the servers that may show this desktop to other people, and what they may do with it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How answers from afar to what an agent asks are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum RemoteAnswers {
    /// Not at all.
    Disabled,
    /// As a proposal to the person at the desktop, whose word alone counts.
    #[default]
    LocalConfirmation,
    /// As if they were given here. Turned on in a dialog of the system's alone.
    RemoteAllowed,
}

/// What a pairing lets in and out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent permission of the published protocol"
)]
pub struct PairingPolicy {
    /// Prompts and new threads.
    pub prompts: bool,
    /// Stopping what runs.
    pub abort: bool,
    /// Answers to requests for permission.
    pub approvals: RemoteAnswers,
    /// Answers to questions.
    pub questions: RemoteAnswers,
    /// What tools printed and the lines they changed, not only that they ran.
    pub artifact_bodies: bool,
    /// Paths of this computer.
    pub local_paths: bool,
    /// How tool servers are started.
    pub tool_servers: bool,
    /// Files that come with a prompt.
    pub attachments: bool,
}

impl Default for PairingPolicy {
    fn default() -> Self {
        Self {
            prompts: true,
            abort: true,
            approvals: RemoteAnswers::LocalConfirmation,
            questions: RemoteAnswers::LocalConfirmation,
            artifact_bodies: false,
            local_paths: false,
            tool_servers: false,
            attachments: false,
        }
    }
}

/// How a pairing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PairingState {
    /// Its token was not entered at the server yet.
    Waiting,
    /// Its token was not entered in time and is void. Another one can be made.
    Expired,
    /// A connection is on its way.
    Connecting,
    /// The server answers: somebody there may reach in now.
    Online,
    /// The server does not answer at the moment. It is tried again by itself.
    Offline,
    /// The person paused it.
    Paused,
    /// It does nothing before the person does something about it.
    NeedsYou,
    /// It is over. The server was not told yet.
    Revoking,
    /// It is over.
    Revoked,
}

/// Why a pairing is not online.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PairingTrouble {
    /// Nothing answers at the address.
    Unreachable,
    /// The address leads where no server of an organization may be, or to somewhere else by a redirect.
    AddressRefused,
    /// The server does not know the token.
    Refused,
    /// The token cannot be read from the keychain.
    NoToken,
    /// The server answers with a failure.
    ServerFailed,
    /// The server said that it is over.
    RevokedThere,
    /// What came over the connection was not what was agreed on.
    Protocol,
    /// This build's policy does not allow it.
    Forbidden,
    /// What leaves cannot be written down here.
    NotSaved,
}

/// The last command that came over a pairing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PairingCommand {
    /// What it asked for, as the protocol spells it.
    pub kind: String,
    /// Who gave it, as the server says.
    pub who: Option<String>,
    /// How it ended, as the protocol spells it; none while it is carried out.
    pub status: Option<String>,
    /// When, milliseconds since the epoch.
    pub at: i64,
}

/// A thread that is shared by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SharedThread {
    /// Its session.
    pub session: String,
    /// Its title.
    pub title: String,
    /// It was begun from afar.
    pub from_afar: bool,
}

/// A folder all of whose threads are shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SharedFolder {
    /// The folder's id.
    pub folder: String,
    /// What it is called.
    pub label: String,
}

/// A pairing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PairingRow {
    /// Its id.
    pub id: String,
    /// What this desktop is called there.
    pub label: String,
    /// The server's address.
    pub broker: String,
    /// The server's host, by which it is named where room is short.
    pub host: String,
    /// How it stands.
    pub state: PairingState,
    /// Since when, milliseconds since the epoch.
    pub since: i64,
    /// Why it is not online.
    pub trouble: Option<PairingTrouble>,
    /// The same in a sentence, as it was met; empty where there is none.
    pub detail: String,
    /// When the server answered last, milliseconds since the epoch.
    pub last_answer: Option<i64>,
    /// When the server is tried again, milliseconds since the epoch; none while nothing is waited for.
    pub next_try: Option<i64>,
    /// When its token is void unless it was entered, milliseconds since the epoch.
    pub expires: Option<i64>,
    /// What it lets in and out.
    pub policy: PairingPolicy,
    /// Folders all of whose threads are shared.
    pub folders: Vec<SharedFolder>,
    /// Threads that are shared by themselves, those shared last first.
    pub threads: Vec<SharedThread>,
    /// How many more of them there are.
    pub more_threads: u32,
    /// A proxy stands between, so that it can only be judged by its name where it leads.
    pub behind_proxy: bool,
    /// It goes past the proxy.
    pub past_proxy: bool,
    /// Events that wait to be delivered.
    pub waiting: u64,
    /// The last command that came.
    pub last_command: Option<PairingCommand>,
    /// When it was made, milliseconds since the epoch.
    pub created: i64,
}

/// All pairings, as every window knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Pairings {
    /// The pairings, the oldest first.
    pub rows: Vec<PairingRow>,
    /// How many there may be.
    pub limit: u32,
    /// This build's policy allows no pairing.
    pub forbidden: bool,
    /// This build's policy lets no answer from afar count without a word here.
    pub remote_answers_forbidden: bool,
}

/// Something that was done with a pairing, or over it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PairingAuditRow {
    /// Counts up; a page is asked for before one of them.
    pub number: i64,
    /// The pairing.
    pub pairing: String,
    /// What the desktop was called there then.
    pub label: String,
    /// What happened, as the protocol spells it.
    pub action: String,
    /// Who did it, where it came from afar.
    pub who: Option<String>,
    /// More of it, in English and without secrets.
    pub detail: String,
    /// When, milliseconds since the epoch.
    pub at: i64,
}

/// A page of the audit, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PairingAudit {
    /// The rows.
    pub rows: Vec<PairingAuditRow>,
    /// How many there are in all.
    pub count: u64,
    /// There are older ones than these.
    pub more: bool,
}

/// The whole picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PairingBook {
    /// The pairings.
    pub pairings: Pairings,
    /// The head of the audit.
    pub audit: PairingAudit,
}

/// Where an address of a server leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PairingReach {
    /// To the internet.
    Public,
    /// To this computer.
    Loopback,
}

/// What was found out of an address before anything secret goes there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PairingAddress {
    /// Nothing is sent there.
    Refused {
        /// Why, in a sentence.
        reason: String,
    },
    /// It may be used, and something answers there.
    Answers {
        /// As it is kept.
        address: String,
        /// Its host.
        host: String,
        /// Where it leads.
        reach: PairingReach,
        /// It is encrypted.
        secure: bool,
        /// A proxy stands between, so that where it leads is judged by its name alone.
        behind_proxy: bool,
        /// What answers is a server of ours, and not any other.
        known: bool,
    },
    /// It may be used, and nothing answers there now.
    Silent {
        /// As it is kept.
        address: String,
        /// Its host.
        host: String,
        /// A proxy stands between.
        behind_proxy: bool,
        /// What was met, in a sentence.
        reason: String,
    },
}

/// A token, once. Nothing shows it again.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PairingToken {
    /// The pairing it belongs to.
    pub pairing: PairingRow,
    /// The pairing's device id, entered beside the token.
    pub device: String,
    /// The token.
    pub token: String,
    /// The address at which all of it is entered; what is secret stands behind its `#`, which no request carries.
    pub url: String,
    /// The address as a QR code: a row of `0` and `1` for each of its rows, without the quiet zone around it.
    pub code: Vec<String>,
    /// Until when it can be entered, milliseconds since the epoch.
    pub expires: i64,
}

impl std::fmt::Debug for PairingToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PairingToken")
            .field("pairing", &self.pairing.id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// What would be sent of a thread, exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PairingPreview {
    /// The events of this page as JSON, in their order.
    pub events: Vec<String>,
    /// Which page it is, from 0.
    pub page: u32,
    /// How many pages there are.
    pub pages: u32,
    /// How many events there are in all.
    pub count: u32,
    /// Bytes of all of them.
    pub bytes: u64,
    /// How often something was left out or made unreadable in them.
    pub redactions: u32,
    /// The thread is shared with the pairing now; else it is what would be sent if it were.
    pub shared: bool,
    /// There are older messages, which are not sent.
    pub cut: bool,
}

/// What somebody answered from afar to something that waits. It counts when the person here says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RemoteProposal {
    /// Its id.
    pub id: String,
    /// Who, as the server says; nobody knows where it does not.
    pub who: Option<String>,
    /// The host of the server it came over.
    pub host: String,
    /// What this desktop is called there.
    pub label: String,
    /// What they answered.
    pub answer: RemoteAnswer,
    /// When, milliseconds since the epoch.
    pub at: i64,
}

/// What somebody answered from afar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RemoteAnswer {
    /// To allow it, once.
    Allow,
    /// To deny it.
    Deny,
    /// For each question in order, what was chosen.
    Answers {
        /// The labels or own words.
        answers: Vec<Vec<String>>,
    },
    /// To turn the questions down.
    TurnDown,
}
