//! The list of sessions, their folders, and the engine's state.

use serde::Serialize;
use ts_rs::TS;

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
}

/// A step of the engine's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum EngineStep {
    /// Looking for the program and preparing its home.
    Preparing,
    /// Waiting for the process to listen.
    Launching,
    /// Asking for its health and opening the event stream.
    Connecting,
}

/// What the engine is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum EngineState {
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
    /// Not running; a person can start it again.
    Failed {
        /// A stable name of the reason.
        code: String,
        /// What happened and what to do next.
        message: String,
        /// The last lines it printed, redacted.
        log: Vec<String>,
    },
    /// Being ended.
    Stopping,
}
