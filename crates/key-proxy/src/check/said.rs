//! What a provider says went wrong, in whichever of the usual shapes.

use std::collections::HashSet;

use cowork_vault::Sensitive;
use serde_json::Value;

/// What is shown of a provider's own words, in characters.
const SHOWN: usize = 300;
/// What is looked at of them.
const READ: usize = 4096;
/// A run of so many characters of the key is part of it and not chance.
const TELLING: usize = 8;

/// A provider's explanation.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// What the explanation is recognised by: types, codes and words, in lower case.
    pub(super) signals: String,
    /// The words themselves.
    message: Option<String>,
}

impl Said {
    /// From an answer's body.
    pub(super) fn of(body: &[u8]) -> Self {
        serde_json::from_slice(body).map_or_else(|_| Self::default(), |value| Self::of_json(&value))
    }

    /// From an answer, or a part of one.
    pub(super) fn of_json(value: &Value) -> Self {
        let value = match value {
            Value::Array(several) => several.first().unwrap_or(&Value::Null),
            other => other,
        };
        let error = value.get("error").unwrap_or(value);
        let text = |of: &Value, name: &str| match of.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let message = match error {
            Value::String(text) => Some(text.clone()),
            _ => text(error, "message")
                .or_else(|| text(value, "message"))
                .or_else(|| text(value, "detail"))
                .or_else(|| text(value.get("detail")?.get(0)?, "msg"))
                .or_else(|| text(value.get("errors")?.get(0)?, "message")),
        };
        let mut signals: Vec<String> = ["type", "code", "status", "param", "__type"]
            .iter()
            .filter_map(|name| text(error, name))
            .collect();
        let details = error.get("details").and_then(Value::as_array);
        signals.extend(details.into_iter().flatten().filter_map(|of| text(of, "reason")));
        signals.extend(message.clone());
        let signals = signals.join(" ").chars().take(READ).collect::<String>();
        Self {
            signals: signals.to_ascii_lowercase(),
            message,
        }
    }

    /// Whether one of these is said.
    pub(super) fn names(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.signals.contains(word))
    }

    /// The words as the end of a sentence about them: one bounded line, without control characters and the key.
    pub(super) fn quoted(&self, key: Option<&Sensitive>) -> String {
        match &self.message {
            Some(message) if !message.trim().is_empty() => {
                format!(" It says: “{}”", shown(message, key))
            }
            _ => String::new(),
        }
    }
}

/// A text from elsewhere, made fit to be shown.
pub(super) fn shown(text: &str, key: Option<&Sensitive>) -> String {
    let text: String = text.chars().take(READ).collect();
    let text = key.map_or(text.clone(), |key| without(&text, key.expose()));
    let line = text
        .split(|character: char| character.is_control() || character.is_whitespace() || reorders(character))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Characters that show nothing and change how the others are shown.
fn reorders(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// `text` without the key and without longer parts of it.
fn without(text: &str, key: &str) -> String {
    let key: Vec<char> = key.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let telling = TELLING.min(key.len());
    if telling == 0 {
        return text.into_iter().collect();
    }
    let parts: HashSet<&[char]> = key.windows(telling).collect();
    let mut covered = vec![false; text.len()];
    for (start, window) in text.windows(telling).enumerate() {
        if parts.contains(window) {
            covered[start..start + telling].fill(true);
        }
    }
    let mut kept = String::new();
    let mut before = false;
    for (character, hidden) in text.iter().zip(covered) {
        if !hidden {
            kept.push(*character);
        } else if !before {
            kept.push_str("[redacted]");
        }
        before = hidden;
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_provider_s_shape_is_read() {
        for (body, signal, message) in [
            (
                json!({"error": {"message": "You exceeded it", "type": "insufficient_quota", "code": "insufficient_quota"}}),
                "insufficient_quota",
                "You exceeded it",
            ),
            (
                json!({"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}),
                "authentication_error",
                "invalid x-api-key",
            ),
            (
                json!([{"error": {"code": 400, "message": "API key not valid", "status": "INVALID_ARGUMENT",
                    "details": [{"reason": "API_KEY_INVALID"}]}}]),
                "api_key_invalid",
                "API key not valid",
            ),
            (
                json!({"error": "model 'x' not found"}),
                "not found",
                "model 'x' not found",
            ),
            (
                json!({"message": "invalid api token"}),
                "invalid api token",
                "invalid api token",
            ),
            (json!({"detail": "Unauthorized"}), "unauthorized", "Unauthorized"),
            (
                json!({"detail": [{"msg": "field required"}]}),
                "field required",
                "field required",
            ),
        ] {
            let said = Said::of(body.to_string().as_bytes());
            assert!(said.names(&[signal]), "{body}: {said:?}");
            assert_eq!(said.quoted(None), format!(" It says: “{message}”"));
        }
        for body in ["", "<html>", "[]", "null", "7", r#"{"error":null}"#] {
            assert_eq!(Said::of(body.as_bytes()).quoted(None), "", "{body}");
        }
    }

    #[test]
    fn what_is_shown_is_one_bounded_line_without_the_key_or_parts_of_it() {
        let key = Sensitive::new("sk-proj-abcdefghijklmnop");
        assert_eq!(
            shown(
                "Incorrect key:\u{1b}[1m sk-proj-abcdefghijklmnop\n\u{202e}here",
                Some(&key)
            ),
            "Incorrect key: [1m [redacted] here"
        );
        assert_eq!(shown("bad: abcdefghij...", Some(&key)), "bad: [redacted]...");
        assert_eq!(shown(&"é ".repeat(9999), None).chars().count(), SHOWN + 1);
        assert_eq!(shown("nothing", Some(&Sensitive::new(""))), "nothing");
    }
}
