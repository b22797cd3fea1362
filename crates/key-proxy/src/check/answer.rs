//! What a model's answer shows, in each format.

use serde_json::Value;

use super::question::{Format, TOOL};
use super::said::Said;

/// One thing an answer shows.
#[derive(Debug)]
pub(super) enum Seen {
    /// A word, or a thought.
    Word,
    /// The call of our function.
    Call,
    /// It reached the bound that was set.
    Limit,
    /// It came to its end.
    End,
    /// The provider broke it off with a reason.
    Refused(Said),
}

/// What one event of a streamed answer shows.
pub(super) fn seen(format: Format, data: &str) -> Vec<Seen> {
    if data.trim() == "[DONE]" {
        return vec![Seen::End];
    }
    let Ok(event) = serde_json::from_str::<Value>(data) else {
        return Vec::new();
    };
    match format {
        Format::Messages => messages(&event),
        Format::Chat => chat(&event, "delta"),
        Format::Responses => responses(&event),
        Format::Google => google(&event),
        Format::Cohere => cohere(&event),
        Format::Converse => converse(&event),
    }
}

/// What an answer in one piece shows; nothing when it is no answer of the format. Servers that know no streams send
/// it in place of one.
pub(super) fn seen_whole(format: Format, answer: &Value) -> Vec<Seen> {
    if let Some(refused) = refused(answer) {
        return vec![refused];
    }
    let mut seen = match format {
        Format::Messages => {
            let mut seen: Vec<Seen> = list(answer.get("content")).iter().filter_map(block).collect();
            seen.extend(stop(answer.get("stop_reason")));
            seen
        }
        Format::Chat => chat(answer, "message"),
        Format::Responses => {
            let mut seen: Vec<Seen> = list(answer.get("output")).iter().filter_map(item).collect();
            seen.extend(match text(answer.get("status")) {
                "incomplete" => Some(Seen::Limit),
                "completed" => Some(Seen::End),
                _ => None,
            });
            seen
        }
        Format::Google => list(Some(answer)).iter().flat_map(google).collect(),
        Format::Cohere => {
            let message = answer.get("message");
            let mut seen: Vec<Seen> = list(message.and_then(|message| message.get("content")))
                .iter()
                .filter_map(block)
                .collect();
            seen.extend(calls(message));
            seen.extend(stop(answer.get("finish_reason")));
            seen
        }
        Format::Converse => converse(answer),
    };
    if !seen.is_empty() && !seen.iter().any(|seen| matches!(seen, Seen::End | Seen::Limit)) {
        seen.push(Seen::End);
    }
    seen
}

fn messages(event: &Value) -> Vec<Seen> {
    let seen = match text(event.get("type")) {
        "content_block_start" => event.get("content_block").and_then(block),
        "content_block_delta" => event.get("delta").and_then(block),
        "message_delta" => event
            .get("delta")
            .and_then(|delta| stop(delta.get("stop_reason"))),
        "message_stop" => Some(Seen::End),
        "error" => refused(event),
        _ => None,
    };
    seen.into_iter().collect()
}

/// A block of an answer, or its beginning.
fn block(block: &Value) -> Option<Seen> {
    if ours(block.get("name")) {
        return Some(Seen::Call);
    }
    ["text", "thinking"]
        .iter()
        .any(|name| says(block.get(name)))
        .then_some(Seen::Word)
}

/// A choice of a chat; `part` is where it says something.
fn chat(event: &Value, part: &str) -> Vec<Seen> {
    if let Some(refused) = refused(event) {
        return vec![refused];
    }
    let Some(choice) = list(event.get("choices")).first() else {
        return Vec::new();
    };
    let mut seen = Vec::new();
    let said = choice.get(part);
    seen.extend(calls(said));
    let words = ["content", "reasoning_content", "reasoning", "refusal"];
    if words
        .iter()
        .any(|name| says(said.and_then(|said| said.get(name))))
    {
        seen.push(Seen::Word);
    }
    seen.extend(stop(choice.get("finish_reason")));
    seen
}

fn calls(message: Option<&Value>) -> Option<Seen> {
    let calls = message?.get("tool_calls")?;
    let several = match calls {
        Value::Array(calls) => calls.iter().collect(),
        one => vec![one],
    };
    several
        .iter()
        .any(|call| ours(call.get("function").and_then(|function| function.get("name"))))
        .then_some(Seen::Call)
}

fn responses(event: &Value) -> Vec<Seen> {
    let kind = text(event.get("type"));
    let seen = match kind {
        "response.output_item.added" | "response.output_item.done" => event.get("item").and_then(item),
        "response.completed" => Some(Seen::End),
        "response.incomplete" => Some(Seen::Limit),
        "response.failed" => event.get("response").and_then(refused),
        "error" => Some(refused(event).unwrap_or_else(|| Seen::Refused(Said::of_json(event)))),
        _ if kind.rsplit('.').next() == Some("delta") && !kind.contains("function_call") => {
            says(event.get("delta")).then_some(Seen::Word)
        }
        _ => None,
    };
    seen.into_iter().collect()
}

/// An item of a response.
fn item(item: &Value) -> Option<Seen> {
    match text(item.get("type")) {
        "function_call" => ours(item.get("name")).then_some(Seen::Call),
        "message" => list(item.get("content"))
            .iter()
            .any(|part| says(part.get("text")) || says(part.get("refusal")))
            .then_some(Seen::Word),
        _ => None,
    }
}

fn google(event: &Value) -> Vec<Seen> {
    if let Some(refused) = refused(event) {
        return vec![refused];
    }
    let Some(candidate) = list(event.get("candidates")).first() else {
        return Vec::new();
    };
    let parts = candidate.get("content").and_then(|content| content.get("parts"));
    let mut seen: Vec<Seen> = list(parts)
        .iter()
        .filter_map(|part| {
            if ours(part.get("functionCall").and_then(|call| call.get("name"))) {
                Some(Seen::Call)
            } else {
                says(part.get("text")).then_some(Seen::Word)
            }
        })
        .collect();
    seen.extend(stop(candidate.get("finishReason")));
    seen
}

fn cohere(event: &Value) -> Vec<Seen> {
    let delta = event.get("delta");
    let message = delta.and_then(|delta| delta.get("message"));
    let seen = match text(event.get("type")) {
        "content-delta" => message.and_then(|message| message.get("content")).and_then(block),
        "tool-plan-delta" => says(message.and_then(|message| message.get("tool_plan"))).then_some(Seen::Word),
        "tool-call-start" => calls(message),
        "message-end" => {
            let reason = delta.and_then(|delta| delta.get("finish_reason"));
            Some(stop(reason).unwrap_or(Seen::End))
        }
        _ => refused(event),
    };
    seen.into_iter().collect()
}

fn converse(answer: &Value) -> Vec<Seen> {
    let message = answer.get("output").and_then(|output| output.get("message"));
    let mut seen: Vec<Seen> = list(message.and_then(|message| message.get("content")))
        .iter()
        .filter_map(|part| {
            if ours(part.get("toolUse").and_then(|call| call.get("name"))) {
                Some(Seen::Call)
            } else {
                (says(part.get("text")) || part.get("reasoningContent").is_some()).then_some(Seen::Word)
            }
        })
        .collect();
    seen.extend(stop(answer.get("stopReason")));
    seen
}

/// Why an answer ended, in any format's spelling.
fn stop(reason: Option<&Value>) -> Option<Seen> {
    match text(reason).to_ascii_lowercase().as_str() {
        "" => None,
        "length" | "max_tokens" | "max_output_tokens" => Some(Seen::Limit),
        _ => Some(Seen::End),
    }
}

fn refused(value: &Value) -> Option<Seen> {
    value
        .get("error")
        .filter(|error| !error.is_null())
        .map(|_| Seen::Refused(Said::of_json(value)))
}

fn ours(name: Option<&Value>) -> bool {
    text(name) == TOOL
}

fn says(value: Option<&Value>) -> bool {
    !text(value).is_empty()
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

fn list(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(values)) => values,
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    }
}
