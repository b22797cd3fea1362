//! The box that the agent's commands run in.

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
