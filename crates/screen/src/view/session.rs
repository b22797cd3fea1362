//! The list of sessions and their folders.

use serde::Serialize;
use ts_rs::TS;

use super::boxes::BoxSettingsView;

/// What kind of folder a session works in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum FolderKind {
    /// A folder the person chose.
    Project,
    /// A folder the app made.
    Sandbox,
}

/// A folder sessions work in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Folder {
    /// A reference to hand back in commands; means nothing outside this app.
    pub id: String,
    /// Its last component.
    pub label: String,
    /// Its path, for reading only.
    pub path: String,
    /// What kind it is.
    pub kind: FolderKind,
    /// It is there and can be read.
    pub available: bool,
    /// Agents, commands, plugins and configuration the folder brings, which are not loaded; names for people.
    pub ignored: Vec<String>,
    /// The person chose that commands may run here without a box around them, where none can be had.
    pub unboxed_allowed: bool,
    /// What commands may reach from here beside the folder.
    #[serde(rename = "box")]
    pub box_settings: BoxSettingsView,
}

/// What a session's row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SessionMark {
    /// Nothing.
    Idle,
    /// A turn is running.
    Working,
    /// It waits for a permission.
    AsksPermission,
    /// It waits for an answer.
    AsksQuestion,
    /// A model request is being repeated.
    Retrying,
    /// The last turn ended well and has not been looked at.
    Done,
    /// The last turn failed.
    Failed,
    /// The engine ended in the middle of a turn.
    Interrupted,
}

/// A session in the list.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SessionRow {
    /// Its id.
    pub id: String,
    /// The session it is a sub-agent of.
    pub parent: Option<String>,
    /// Its title; empty until the first prompt.
    pub title: String,
    /// Its folder's id.
    pub folder: String,
    /// What its row shows.
    pub mark: SessionMark,
    /// When it last changed, milliseconds since the epoch.
    pub updated: i64,
    /// Its agent.
    pub agent: Option<String>,
    /// Its model, `provider/model`.
    pub model: Option<String>,
    /// Whether its model is the scripted demo model.
    pub scripted: bool,
    /// Cost so far in US dollars.
    pub cost: f64,
    /// The person's tags.
    pub tags: Vec<String>,
}
