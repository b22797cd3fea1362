//! What is only ever asked for: what a folder has and offers, and what was changed in it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{number, or_default};

/// What the engine knows of the project a folder is of.
#[derive(Deserialize)]
pub(crate) struct ProjectInfo {
    /// `git`, or nothing.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) vcs: String,
}

#[derive(Deserialize)]
pub(crate) struct FileDiff {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) file: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) patch: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: String,
    #[serde(default, deserialize_with = "number")]
    pub(crate) additions: f64,
    #[serde(default, deserialize_with = "number")]
    pub(crate) deletions: f64,
}

#[derive(Deserialize)]
pub(crate) struct AgentInfo {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) mode: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) hidden: bool,
}

#[derive(Deserialize)]
pub(crate) struct CommandInfo {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) template: Value,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) agent: Option<String>,
    #[serde(default)]
    pub(crate) model: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) subtask: bool,
}

#[derive(Deserialize)]
pub(crate) struct ProviderList {
    pub(crate) providers: Vec<ProviderInfo>,
}

#[derive(Deserialize)]
pub(crate) struct ProviderInfo {
    pub(crate) id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) models: Map<String, Value>,
}
