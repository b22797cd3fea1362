//! What waits for the person, and answers to it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Rest, or_default};

#[derive(Deserialize)]
pub(crate) struct PermissionRequest {
    pub(crate) id: String,
    #[serde(rename = "sessionID")]
    pub(crate) session: String,
    pub(crate) permission: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) patterns: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) always: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) metadata: Map<String, Value>,
    #[serde(default)]
    pub(crate) tool: Option<CallReference>,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct CallReference {
    #[serde(rename = "messageID")]
    pub(crate) message: String,
    #[serde(rename = "callID")]
    pub(crate) call: String,
}

/// The answer to an ask, of a permission or of questions.
#[derive(Deserialize)]
pub(crate) struct AnsweredEvent {
    #[serde(rename = "sessionID")]
    pub(crate) session: String,
    #[serde(rename = "requestID")]
    pub(crate) request: String,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct QuestionRequest {
    pub(crate) id: String,
    #[serde(rename = "sessionID")]
    pub(crate) session: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) questions: Vec<QuestionInfo>,
    #[serde(default)]
    pub(crate) tool: Option<CallReference>,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct QuestionInfo {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) question: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) header: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) options: Vec<QuestionOptionInfo>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) multiple: bool,
    /// An own answer is taken unless this says no.
    #[serde(default)]
    pub(crate) custom: Option<bool>,
}

#[derive(Deserialize)]
pub(crate) struct QuestionOptionInfo {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) label: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) description: String,
}
