//! The engine's JSON, as far as it is read.
//!
//! Each shape keeps the names of the fields it does not read, so that they can be counted. Numbers are taken in
//! whatever form JavaScript writes them, and what may be left out is optional: a field that changed must not cost
//! the whole event.

mod asks;
mod offers;

use std::borrow::Cow;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

pub(crate) use self::asks::{AnsweredEvent, CallReference, PermissionRequest, QuestionRequest};
pub(crate) use self::offers::{AgentInfo, CommandInfo, FileDiff, ProjectInfo, ProviderList};

/// The names of the fields that were met and not read.
#[derive(Default)]
pub(crate) struct Rest(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Rest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Rest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Rest, A::Error> {
                let mut names = Vec::new();
                while let Some((name, IgnoredAny)) = fields.next_entry()? {
                    names.push(name);
                }
                Ok(Rest(names))
            }
        }
        deserializer.deserialize_map(Names)
    }
}

/// An event with the folder it came from.
#[derive(Deserialize)]
pub(crate) struct GlobalEvent<'a> {
    #[serde(borrow, default)]
    pub(crate) directory: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) payload: Payload<'a>,
}

#[derive(Deserialize)]
pub(crate) struct Payload<'a> {
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) properties: Option<&'a RawValue>,
}

/// The one event that comes by the thousand, in exactly the form it has today; any other form takes the long way.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeltaEvent<'a> {
    #[serde(borrow, default)]
    pub(crate) directory: Option<Cow<'a, str>>,
    #[serde(default, rename = "project")]
    _project: Option<IgnoredAny>,
    #[serde(default, rename = "workspace")]
    _workspace: Option<IgnoredAny>,
    #[serde(borrow)]
    pub(crate) payload: DeltaPayload<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeltaPayload<'a> {
    #[serde(default, rename = "id")]
    _id: Option<IgnoredAny>,
    #[serde(borrow, rename = "type")]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) properties: DeltaProperties<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeltaProperties<'a> {
    #[serde(borrow, rename = "sessionID")]
    pub(crate) session: Cow<'a, str>,
    #[serde(borrow, rename = "messageID")]
    pub(crate) message: Cow<'a, str>,
    #[serde(borrow, rename = "partID")]
    pub(crate) part: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) field: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) delta: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(crate) struct WithInfo<T> {
    pub(crate) info: T,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct WithSession {
    #[serde(rename = "sessionID")]
    pub(crate) session: String,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct SessionInfo {
    pub(crate) id: String,
    #[serde(default, rename = "parentID")]
    pub(crate) parent: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) directory: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) title: String,
    #[serde(default, deserialize_with = "number")]
    pub(crate) cost: f64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) time: Times,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) revert: Option<RevertInfo>,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

/// What a session went back to.
#[derive(Deserialize)]
pub(crate) struct RevertInfo {
    #[serde(default, rename = "messageID", deserialize_with = "or_default")]
    pub(crate) message: String,
    /// What going back changed in the folder, as a diff.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) diff: String,
}

/// Points in time by every name the engine has for them, in milliseconds since the epoch.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Times {
    #[serde(deserialize_with = "instant")]
    pub(crate) created: Option<i64>,
    #[serde(deserialize_with = "instant")]
    pub(crate) updated: Option<i64>,
    #[serde(deserialize_with = "instant")]
    pub(crate) completed: Option<i64>,
    #[serde(deserialize_with = "instant")]
    pub(crate) start: Option<i64>,
    #[serde(deserialize_with = "instant")]
    pub(crate) end: Option<i64>,
}

#[derive(Deserialize)]
pub(crate) struct StatusEvent {
    #[serde(rename = "sessionID")]
    pub(crate) session: String,
    pub(crate) status: Status,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct Status {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default, deserialize_with = "number")]
    pub(crate) attempt: f64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) message: String,
    #[serde(default, deserialize_with = "instant")]
    pub(crate) next: Option<i64>,
}

#[derive(Deserialize)]
pub(crate) struct ErrorEvent {
    #[serde(default, rename = "sessionID")]
    pub(crate) session: Option<String>,
    #[serde(default)]
    pub(crate) error: Option<Failure>,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct Failure {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) data: FailureData,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct FailureData {
    #[serde(deserialize_with = "or_default")]
    pub(crate) message: String,
    #[serde(rename = "statusCode", deserialize_with = "number")]
    pub(crate) status: f64,
}

#[derive(Deserialize)]
pub(crate) struct MessageInfo {
    pub(crate) id: String,
    #[serde(rename = "sessionID")]
    pub(crate) session: String,
    pub(crate) role: String,
    #[serde(default, rename = "parentID")]
    pub(crate) parent: Option<String>,
    #[serde(default)]
    pub(crate) agent: Option<String>,
    #[serde(default)]
    pub(crate) model: Option<ModelPair>,
    #[serde(default, rename = "modelID")]
    pub(crate) model_id: Option<String>,
    #[serde(default, rename = "providerID")]
    pub(crate) provider_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) time: Times,
    #[serde(default, deserialize_with = "number")]
    pub(crate) cost: f64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) tokens: Tokens,
    #[serde(default)]
    pub(crate) error: Option<Failure>,
    #[serde(default)]
    pub(crate) finish: Option<String>,
    /// True at an answer that summarises; an object at a prompt, with another meaning.
    #[serde(default)]
    pub(crate) summary: Option<Value>,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct ModelPair {
    #[serde(rename = "providerID")]
    pub(crate) provider: String,
    #[serde(rename = "modelID")]
    pub(crate) model: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Tokens {
    #[serde(deserialize_with = "number")]
    pub(crate) input: f64,
    #[serde(deserialize_with = "number")]
    pub(crate) output: f64,
    #[serde(deserialize_with = "number")]
    pub(crate) reasoning: f64,
    #[serde(deserialize_with = "or_default")]
    pub(crate) cache: CacheTokens,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CacheTokens {
    #[serde(deserialize_with = "number")]
    pub(crate) read: f64,
    #[serde(deserialize_with = "number")]
    pub(crate) write: f64,
}

#[derive(Deserialize)]
pub(crate) struct MessageRemovedEvent {
    #[serde(rename = "sessionID")]
    pub(crate) session: String,
    #[serde(rename = "messageID")]
    pub(crate) message: String,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct PartRemovedEvent {
    #[serde(rename = "sessionID")]
    pub(crate) session: String,
    #[serde(rename = "messageID")]
    pub(crate) message: String,
    #[serde(rename = "partID")]
    pub(crate) part: String,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct DeltaLongWay {
    #[serde(rename = "sessionID")]
    pub(crate) session: String,
    #[serde(rename = "messageID")]
    pub(crate) message: String,
    #[serde(rename = "partID")]
    pub(crate) part: String,
    pub(crate) field: String,
    pub(crate) delta: String,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct PartEvent {
    #[serde(default, rename = "sessionID")]
    pub(crate) session: Option<String>,
    pub(crate) part: PartInfo,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct PartInfo {
    pub(crate) id: String,
    #[serde(default, rename = "sessionID")]
    pub(crate) session: Option<String>,
    #[serde(rename = "messageID")]
    pub(crate) message: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) text: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) synthetic: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) time: Times,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) mime: String,
    #[serde(default)]
    pub(crate) filename: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) url: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) files: Vec<String>,
    #[serde(default, deserialize_with = "number")]
    pub(crate) cost: f64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) tokens: Tokens,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) tool: String,
    #[serde(default, rename = "callID", deserialize_with = "or_default")]
    pub(crate) call: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) state: ToolStateInfo,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ToolStateInfo {
    #[serde(deserialize_with = "or_default")]
    pub(crate) status: String,
    pub(crate) input: Value,
    #[serde(deserialize_with = "or_default")]
    pub(crate) output: String,
    pub(crate) error: Option<String>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) metadata: Map<String, Value>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) time: Times,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct MessageWithParts {
    pub(crate) info: MessageInfo,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) parts: Vec<PartInfo>,
}

impl MessageWithParts {
    /// Whether it is an answer that has no end.
    pub(crate) fn is_open(&self) -> bool {
        self.info.role == "assistant" && self.info.time.completed.is_none()
    }
}

#[derive(Deserialize)]
pub(crate) struct TodoEvent {
    #[serde(rename = "sessionID")]
    pub(crate) session: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) todos: Vec<TodoInfo>,
    #[serde(flatten)]
    pub(crate) rest: Rest,
}

#[derive(Deserialize)]
pub(crate) struct TodoInfo {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) content: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: String,
}

/// The engine disposed of a folder's instance.
#[derive(Deserialize)]
pub(crate) struct DisposedEvent {
    pub(crate) directory: String,
}

/// A whole, not negative number, from one that JavaScript may have written as a fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and statuses; a float-to-integer cast saturates"
)]
pub(crate) fn whole(number: f64) -> u64 {
    number.round() as u64
}

/// Takes null for a value that is not there.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    // JavaScript writes NaN and the infinities as null.
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(0.0))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds since the epoch; the cast saturates"
)]
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.map(|milliseconds| milliseconds.round() as i64))
}
