//! The engine's life, as a window and `cowork doctor` show it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::boxes::{BoxProof, FolderProof, StoppedConnection, StoppedFile};
use super::servers::BoxServer;

/// A step of the engine's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum EngineStep {
    /// Looking for the program and preparing its home.
    Preparing,
    /// Waiting for the process to listen.
    Launching,
    /// Asking for its health and opening the event stream.
    Connecting,
}

/// What is wrong with an engine that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum EngineTrouble {
    /// No byte came on the event stream for longer than its heartbeats are apart; it is opened anew.
    StreamStalled,
    /// The event stream broke; it is opened anew.
    StreamLost,
    /// It does not answer questions about its health.
    NotAnswering,
    /// It and its children hold more memory than the person's limit.
    MemoryHigh,
}

/// What the engine is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum EngineState {
    /// There is no program that could be run. A person can try again once there is.
    Absent {
        /// A stable name of the reason.
        code: String,
        /// What is missing and what to do next.
        message: String,
    },
    /// On its way.
    Starting {
        /// How far.
        step: EngineStep,
        /// Since when, milliseconds since the epoch.
        since: i64,
    },
    /// Takes prompts.
    Ready {
        /// Its version.
        version: String,
    },
    /// Runs, with something wrong. It takes prompts as far as it can.
    Degraded {
        /// What is wrong.
        trouble: EngineTrouble,
        /// What that means and what is done about it.
        message: String,
        /// Since when, milliseconds since the epoch.
        since: i64,
    },
    /// It ended or did not start; it is started again by itself.
    BackingOff {
        /// How many times in a row it failed.
        attempt: u32,
        /// When the next start is due, milliseconds since the epoch.
        until: i64,
        /// A stable name of the last failure's reason.
        code: String,
        /// What happened.
        message: String,
    },
    /// It failed too often; it is not started by itself for now. A person can start it at any time.
    Broken {
        /// A stable name of the last failure's reason.
        code: String,
        /// What happened and what to do next.
        message: String,
        /// When one start is tried by itself, milliseconds since the epoch; none where trying again cannot help.
        probe_at: Option<i64>,
        /// The last lines it printed, redacted.
        log: Vec<String>,
    },
    /// Being ended.
    Stopping,
    /// Ended, because the app is ending.
    Stopped,
}

impl EngineState {
    /// Whether there is an engine that takes requests.
    #[must_use]
    pub fn takes_requests(&self) -> bool {
        matches!(self, Self::Ready { .. } | Self::Degraded { .. })
    }

    /// Why there is no engine and none comes by itself soon; `None` while waiting for one makes sense.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        match self {
            Self::Absent { message, .. } | Self::Broken { message, .. } => Some(message),
            Self::Stopping | Self::Stopped => Some("The engine is being ended."),
            _ => None,
        }
    }
}

/// What stands between the engine and the rest of the computer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum BoxState {
    /// No engine was started yet.
    #[default]
    Unknown,
    /// It runs in a box: processes, buses and credentials of the person are out of its reach.
    Boxed,
    /// No box could be had; shell commands and MCP tools are denied but in folders where the person chose otherwise.
    Unboxed {
        /// Why not, and what would help.
        reason: String,
    },
}

/// Which home the engine lives in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum EngineHome {
    /// One of the app's own, closed to everyone else.
    #[default]
    Private,
    /// The person's own OpenCode home: its settings, sign-ins and plugins. Promises about keys do not hold in it.
    Machine,
}

/// What a person must be able to see at any time when it is not as promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Safety {
    /// What stands between the engine and the computer.
    pub boxed: BoxState,
    /// Which home the engine lives in.
    pub home: EngineHome,
    /// Why what is on screen is not being saved; none while it is.
    pub not_saving: Option<String>,
    /// Labels of folders in which changed settings wait until nothing runs there.
    pub pending: Vec<String>,
    /// What the engine may use of the person's own, or the home it lives in, was changed, and it has to be started
    /// anew for that.
    #[serde(default)]
    pub restart_needed: bool,
    /// Whether boxes for commands hold on this computer, as tried at the engine's start.
    #[serde(default)]
    pub tools: BoxProof,
    /// Whether they hold in each folder that something ran in since.
    #[serde(default)]
    pub folders: Vec<FolderProof>,
    /// Connections that boxes stopped lately, newest first, until the person dealt with them.
    #[serde(default)]
    pub stopped: Vec<StoppedConnection>,
    /// Files that boxes seem to have kept from commands lately, newest first, until the person dealt with them.
    #[serde(default)]
    pub stopped_files: Vec<StoppedFile>,
    /// What commands serve in their boxes, oldest first.
    #[serde(default)]
    pub servers: Vec<BoxServer>,
}

/// What the person's own configuration the engine may use, category by category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Bridge {
    /// The SSH agent: signing with the person's keys, without reading them.
    SshAgent,
    /// The SSH directory: keys, hosts, settings.
    SshKeys,
    /// The GPG directory.
    Gpg,
    /// Credentials of clouds and clusters.
    Cloud,
    /// Settings and tokens of developer tools: git, npm, pip, cargo, GitHub.
    Developer,
    /// The socket of docker, or podman: whoever speaks to it is not held by any box.
    Docker,
}

/// A category and whether the person opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BridgeRow {
    /// Which category.
    pub bridge: Bridge,
    /// The person opened it.
    pub allowed: bool,
    /// Paths of it that are there, below the person's home.
    pub found: Vec<String>,
}

/// Something that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FailureRow {
    /// When, milliseconds since the epoch.
    pub at: i64,
    /// A stable name of the reason.
    pub code: String,
    /// What happened, redacted.
    pub message: String,
    /// What the engine was doing: its state and how many turns ran.
    pub context: String,
    /// The last lines it printed, redacted.
    pub log: Vec<String>,
}

/// How often something was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// What.
    pub name: String,
    /// How often.
    pub count: u64,
}

/// Whether the engine is started again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum BreakerView {
    /// It is.
    Closed,
    /// It failed too often: not for now.
    Open,
    /// One start is being tried.
    HalfOpen,
}

/// Who holds the memory of the engine and all commands together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MemoryKeeperView {
    /// No engine runs, or it is being found out.
    #[default]
    Unknown,
    /// The system, by a control group.
    ControlGroup {
        /// Bytes they may use together.
        most: u64,
    },
    /// The boxes themselves: each looks at its own, twice a second.
    Watchdog {
        /// Why there is no control group.
        reason: String,
    },
}

/// How long what the engine wrote takes to the screen: from the read of its connection to the window's word that the
/// frame with it was begun, the way of that word included. Milliseconds, since the app began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ScreenDelay {
    /// Reads that were counted.
    pub reads: u64,
    /// Half of them took no longer.
    pub median: u32,
    /// 95 of a hundred took no longer.
    pub most: u32,
    /// 99 of a hundred took no longer.
    pub nearly_all: u32,
    /// Between two batches just now: 16 while the window keeps up, up to 200 while it falls behind.
    pub gap: u32,
}

/// Everything the health view shows beside the engine's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EngineHealth {
    /// What the engine is doing.
    pub state: EngineState,
    /// What must be seen when it is not as promised.
    pub safety: Safety,
    /// The process, while there is one.
    pub process_id: Option<u32>,
    /// Since when it runs, milliseconds since the epoch.
    pub running_since: Option<i64>,
    /// Memory of it and all its children, bytes.
    pub memory: Option<u64>,
    /// Above this, bytes, a restart is offered when nothing runs.
    pub memory_limit: u64,
    /// Who holds the memory of all commands together.
    #[serde(default)]
    pub memory_keeper: MemoryKeeperView,
    /// Whether it is started again by itself.
    pub breaker: BreakerView,
    /// Starts by itself since the app began.
    pub automatic_starts: u32,
    /// Starts by the person since the app began.
    pub starts_by_person: u32,
    /// The last failures, newest first.
    pub failures: Vec<FailureRow>,
    /// What came on the event stream.
    pub events: Vec<Count>,
    /// Bytes of answers kept that the engine never finished.
    pub journal: u64,
    /// How long what it wrote takes to the screen; none before anything was drawn.
    #[serde(default)]
    pub screen_delay: Option<ScreenDelay>,
}

/// A rule of "always allow".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AllowanceRow {
    /// Names it when it is revoked.
    pub id: i64,
    /// The folder it holds in, its path.
    pub folder: String,
    /// The agent it holds for.
    pub agent: String,
    /// What is allowed: `bash`, `edit`, the name of a tool.
    pub permission: String,
    /// Which commands, paths or addresses, with `*` and `?`.
    pub pattern: String,
    /// What was asked when it was given.
    pub origin: String,
    /// The session that asked. It may be gone since.
    pub session: String,
    /// The thread it was given in, when that is still there.
    pub thread: Option<String>,
    /// What the thread was called then, or is called now.
    pub thread_title: String,
    /// It holds as long as that thread, instead of in its whole folder.
    pub thread_only: bool,
    /// The person wrote the pattern, instead of taking the one that was proposed.
    pub edited: bool,
    /// When it was given, milliseconds since the epoch.
    pub created: i64,
    /// How often it has answered since.
    pub uses: u32,
    /// When it answered last.
    pub last_used: Option<i64>,
}
