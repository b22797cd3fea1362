//! The box that the agent's commands run in.

use std::collections::BTreeMap;

use cowork_policy::confinement::{Limit, Range};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whether a box was seen to hold, by attacking it from within.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum BoxProof {
    /// Nothing was tried in this run of the engine.
    #[default]
    Unknown,
    /// It is being attacked. Commands wait.
    Proving,
    /// Every attack failed.
    Proven {
        /// What this kind of box holds less than the strongest one; none when it is that.
        reduced: Option<String>,
    },
    /// There is none, or an attack succeeded: no command runs but where the person chose that none is needed.
    Failed {
        /// Why, and what would help.
        reason: String,
    },
}

/// The box of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FolderProof {
    /// The folder's reference.
    pub folder: String,
    /// The folder's name.
    pub label: String,
    /// Whether its box holds.
    pub proof: BoxProof,
}

/// Where commands of a folder may connect to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum NetworkMode {
    /// Nowhere.
    #[default]
    Off,
    /// To package registries and the hosts named.
    Listed,
    /// To everything on the internet.
    Open,
}

/// A folder beside its own that commands of a folder may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GrantView {
    /// Its path.
    pub path: String,
    /// Whether it may be changed.
    pub writable: bool,
}

/// What commands of a folder may reach beside the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BoxSettingsView {
    /// Where they may connect to.
    pub network: NetworkMode,
    /// Hosts the person named; one that begins with a dot stands for all below it.
    pub hosts: Vec<String>,
    /// Other folders.
    pub granted: Vec<GrantView>,
    /// How much they may use, where it differs from what is usual: bytes, seconds, or how many.
    #[serde(default)]
    pub limits: BTreeMap<LimitName, u64>,
}

/// A limit that a person may set for a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum LimitName {
    /// Bytes of memory of a command and all it starts.
    Memory,
    /// Processes and threads at once.
    Processes,
    /// Open files of each process.
    OpenFiles,
    /// Bytes of one file.
    FileSize,
    /// Seconds on a processor for each process.
    Processor,
    /// The same for servers of tools.
    BackgroundProcessor,
}

impl LimitName {
    /// All of them as they are listed to a person, each with what it may be set to.
    #[must_use]
    pub fn ranges() -> [(Self, Range); 6] {
        Limit::ALL.map(|limit| (limit.into(), limit.range()))
    }
}

impl From<Limit> for LimitName {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Memory => Self::Memory,
            Limit::Processes => Self::Processes,
            Limit::OpenFiles => Self::OpenFiles,
            Limit::FileSize => Self::FileSize,
            Limit::Processor => Self::Processor,
            Limit::BackgroundProcessor => Self::BackgroundProcessor,
        }
    }
}

impl From<LimitName> for Limit {
    fn from(name: LimitName) -> Self {
        match name {
            LimitName::Memory => Self::Memory,
            LimitName::Processes => Self::Processes,
            LimitName::OpenFiles => Self::OpenFiles,
            LimitName::FileSize => Self::FileSize,
            LimitName::Processor => Self::Processor,
            LimitName::BackgroundProcessor => Self::BackgroundProcessor,
        }
    }
}

/// What it would take to let a stopped connection through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Widening {
    /// Package registries are opened to the folder.
    Registries,
    /// The host is put on the folder's list.
    Host,
    /// The whole internet is opened to the folder.
    Open,
    /// Nothing: it leads to this machine or into a private network.
    None,
}

/// A connection that the box of a folder stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StoppedConnection {
    /// The folder's reference.
    pub folder: String,
    /// The folder's name.
    pub label: String,
    /// Where to.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What would let it through.
    pub widening: Widening,
    /// When, milliseconds since the epoch.
    pub at: i64,
}

/// A file that the box of a folder seems to have kept from a command, as its output says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StoppedFile {
    /// The folder's reference.
    pub folder: String,
    /// The folder's name.
    pub label: String,
    /// The file, where links lead.
    pub path: String,
    /// What would let commands at it: the smallest folder around it. None where a consent to a category is what it takes.
    pub offered: Option<GrantView>,
    /// The category of secrets that it belongs to.
    pub bridge: Option<super::Bridge>,
    /// When, milliseconds since the epoch.
    pub at: i64,
}
