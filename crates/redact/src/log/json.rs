//! Cleaning a record that is a JSON object.
//!
//! Cleaning its text could take a quote or a bracket along. So the record is read, each of its texts is cleaned by
//! itself with its name in view, and the record is written anew: whatever a field holds, the line stays valid.

use serde_json::{Map, Value, json};

use crate::Redactor;

/// The line for a record, which ends in a line break. What cannot be read as an object becomes the message of a
/// new one.
pub(super) fn line(record: &str, cut: usize, redactor: &Redactor) -> String {
    let mut value = match serde_json::from_str(record) {
        Ok(Value::Object(object)) if cut == 0 => Value::Object(object),
        _ => json!({ "level": "WARN", "message": record.trim_end(), "cut_bytes": cut }),
    };
    clean("", &mut value, redactor);
    format!("{value}\n")
}

/// The depth is bounded by the reader, which refuses more than 128 levels.
fn clean(name: &str, value: &mut Value, redactor: &Redactor) {
    match value {
        Value::String(text) => *text = redactor.redact_value(name, text).into_owned(),
        Value::Array(values) => {
            for value in values {
                clean(name, value, redactor);
            }
        }
        Value::Object(object) => {
            let cleaned = std::mem::take(object).into_iter().map(|(name, mut value)| {
                clean(&name, &mut value, redactor);
                (redactor.redact(&name).into_owned(), value)
            });
            *object = cleaned.collect::<Map<_, _>>();
        }
        Value::Number(number) => {
            let text = number.to_string();
            let cleaned = redactor.redact_value(name, &text);
            if cleaned != text {
                *value = Value::String(cleaned.into_owned());
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}
