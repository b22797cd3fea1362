//! Values of any shape.

use serde_json::{Map, Value};

use super::Leaving;
use super::bounds;

/// Values of a list that leave.
pub(super) const ARRAY_LIMIT: usize = 50;
/// Fields of an object that leave.
pub(super) const KEY_LIMIT: usize = 100;
/// Levels of a value that leave.
pub(super) const DEPTH_LIMIT: usize = 6;
/// Bytes of a field's name that leave.
const NAME_LIMIT: usize = 256;

/// How a tool server is started.
const SERVER_FIELDS: &[&str] = &["command", "args", "env", "environment", "cwd", "pid"];
/// What stands where such a field's value stood, or one that lies too deep.
const NOT_SHARED: &str = "[not shared]";
/// Looks like no secret: a name that hides it hides everything.
const PLAIN: &str = "plain";

impl Leaving {
    /// A value of any shape, within the bounds of the protocol: texts of 16 KB, lists of 50, objects of 100 fields, six
    /// levels. What stands beside a name that means a secret is taken out whole, and how tool servers are started unless
    /// the policy exposes it.
    #[must_use]
    pub fn value(&self, value: &Value) -> Value {
        self.nested("", value, false, 0)
    }

    fn nested(&self, name: &str, value: &Value, of_server: bool, depth: usize) -> Value {
        if hides(name, &self.redactor) && !matches!(value, Value::Null | Value::Bool(_)) {
            return Value::String(cowork_redact::MARK.to_owned());
        }
        match value {
            Value::String(text) => Value::String(self.beside(name, text)),
            Value::Number(number) => {
                let text = number.to_string();
                let cleaned = self.redactor.redact_value(name, &text);
                if cleaned == text {
                    value.clone()
                } else {
                    Value::String(cleaned.into_owned())
                }
            }
            Value::Array(_) | Value::Object(_) if depth >= DEPTH_LIMIT => {
                Value::String(NOT_SHARED.to_owned())
            }
            Value::Array(values) => {
                let first = values.iter().take(ARRAY_LIMIT);
                Value::Array(
                    first
                        .map(|value| self.nested(name, value, of_server, depth + 1))
                        .collect(),
                )
            }
            Value::Object(fields) => {
                let of_server = of_server || is_server(fields);
                let mut cleaned = Map::new();
                for (name, value) in fields.iter().take(KEY_LIMIT) {
                    let detail = !self.policy.expose_local_mcp_details && is_detail(name, value, of_server);
                    let inner = if detail {
                        Value::String(NOT_SHARED.to_owned())
                    } else {
                        // What is below a list of servers is about one of them, however deep.
                        let of_server = of_server || name.to_ascii_lowercase().contains("mcp");
                        self.nested(name, value, of_server, depth + 1)
                    };
                    let name = bounds::keep_start(self.line(name), NAME_LIMIT, false);
                    cleaned.insert(name, inner);
                }
                Value::Object(cleaned)
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    fn beside(&self, name: &str, text: &str) -> String {
        if self.redactor.redact_value(name, text) == cowork_redact::MARK {
            return cowork_redact::MARK.to_owned();
        }
        self.line(text)
    }
}

/// Whether a name hides whatever stands beside it.
fn hides(name: &str, redactor: &cowork_redact::Redactor) -> bool {
    !name.is_empty() && redactor.redact_value(name, PLAIN) == cowork_redact::MARK
}

/// Whether a field says how a tool server is started. Variables of a process are that wherever they stand.
fn is_detail(name: &str, value: &Value, of_server: bool) -> bool {
    let named = |names: &[&str]| names.iter().any(|of| name.eq_ignore_ascii_case(of));
    let structure = value.is_object() || value.is_array();
    (of_server && named(SERVER_FIELDS)) || (structure && named(&["env", "environment"]))
}

/// Whether an object describes a tool server: a command beside what only a process is given.
fn is_server(fields: &Map<String, Value>) -> bool {
    let has = |name: &str| fields.keys().any(|key| key.eq_ignore_ascii_case(name));
    has("command") && ["args", "env", "environment", "pid"].iter().any(|name| has(name))
}
