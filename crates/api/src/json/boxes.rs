//! What the commands about boxes take, and those about what is run from a conversation.

use cowork_workspace::view;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Lets commands run without a box in a folder, or no longer.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UnboxFolder {
    /// The folder's id.
    pub folder: String,
    /// Whether they may.
    pub allowed: bool,
}

/// Sets what commands of a folder may reach beside it.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetBox {
    /// The folder's id.
    pub folder: String,
    /// All of what they may reach.
    #[serde(rename = "box")]
    pub settings: view::BoxSettingsView,
}

/// Opens a folder that the person picks to the commands of another.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantToBox {
    /// The id of the folder whose commands it is opened to.
    pub folder: String,
    /// Whether they may change it.
    pub writable: bool,
}

/// Names a server in a folder's boxes.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerReference {
    /// The folder's id.
    pub folder: String,
    /// The port it serves at.
    pub port: u16,
}

/// Lets go of connections that boxes stopped.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ForgetStopped {
    /// Those of a folder to a host; all when absent.
    pub which: Option<StoppedReference>,
}

/// Names connections that the box of a folder stopped.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StoppedReference {
    /// The folder's id.
    pub folder: String,
    /// The host, or the path of a file.
    pub host: String,
}

/// Runs a code block.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunSnippet {
    /// The word after its code fence.
    pub language: String,
    /// The code.
    pub source: String,
}

/// Says how a run is called.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SnippetReceipt {
    /// The run, as updates name it.
    pub run: String,
}

/// Names a run.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnippetReference {
    /// The run.
    pub run: String,
}

/// Opens or closes a category of the person's own configuration.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetBridge {
    /// Which category.
    pub bridge: view::Bridge,
    /// Whether it is open.
    pub allowed: bool,
}

/// Chooses the home the engine lives in.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetEngineHome {
    /// Which one.
    pub home: view::EngineHome,
}
