//! What is asked of a model, in each format.
//!
//! As little as shows that it works: a few words in, a handful of tokens out.

use cowork_providers::Wire;
use serde_json::{Value, json};

use super::refusal::Asked;

/// The function that is offered.
pub(super) const TOOL: &str = "report_word";
/// What a word costs at most. The responses format takes no less.
const WORD_TOKENS: u32 = 16;
/// Calling a function takes more, and a reasoning model thinks before it. It is a bound, and not what is spent: the
/// answer is broken off as soon as the call begins.
const TOOL_TOKENS: u32 = 512;

/// How a request and its answer look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Messages,
    Chat,
    Responses,
    Google,
    Cohere,
    Converse,
}

/// The name of the field that bounds an answer, where servers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    MaxTokens,
    MaxCompletionTokens,
}

impl Bound {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens",
            Self::MaxCompletionTokens => "max_completion_tokens",
        }
    }

    pub(super) fn other(self) -> Self {
        match self {
            Self::MaxTokens => Self::MaxCompletionTokens,
            Self::MaxCompletionTokens => Self::MaxTokens,
        }
    }
}

impl Format {
    /// The one the engine uses for a model of this wire, or the nearest.
    pub(super) fn of(wire: Wire, model: &str) -> Self {
        match wire {
            Wire::Anthropic => Self::Messages,
            Wire::OpenAi | Wire::Azure | Wire::ChatGpt => Self::Responses,
            Wire::Google | Wire::Vertex => Self::Google,
            Wire::Cohere => Self::Cohere,
            Wire::Bedrock => Self::Converse,
            Wire::Copilot if answers_responses(model) => Self::Responses,
            Wire::OpenAiCompatible | Wire::DeepInfra | Wire::Copilot => Self::Chat,
        }
    }

    /// The path below the base address, its segments not encoded yet, and the query.
    pub(super) fn path(self, wire: Wire, model: &str) -> (Vec<String>, Option<&'static str>) {
        let segments = |parts: &[&str]| parts.iter().map(|&part| part.to_owned()).collect();
        match self {
            Self::Messages => (segments(&["messages"]), None),
            Self::Chat if wire == Wire::DeepInfra => (segments(&["openai", "chat", "completions"]), None),
            Self::Chat => (segments(&["chat", "completions"]), None),
            Self::Responses => (segments(&["responses"]), None),
            Self::Google => {
                let name = model.strip_prefix("models/").unwrap_or(model);
                let last = format!("{name}:streamGenerateContent");
                (vec!["models".to_owned(), last], Some("alt=sse"))
            }
            Self::Cohere => (segments(&["chat"]), None),
            // Its stream is framed in a way of its own, so the whole answer is asked for.
            Self::Converse => (segments(&["model", model, "converse"]), None),
        }
    }

    /// The request's body.
    pub(super) fn body(self, wire: Wire, model: &str, asked: Asked, bound: Bound) -> Value {
        let tool = asked == Asked::Tool;
        let text = if tool {
            format!("Call the function {TOOL} with the word OK. Do not answer in text.")
        } else {
            "Reply with OK.".to_owned()
        };
        let most = if tool { TOOL_TOKENS } else { WORD_TOKENS };
        let mut body = match self {
            Self::Messages | Self::Cohere => json!({
                "model": model, "stream": true, "max_tokens": most,
                "messages": [{ "role": "user", "content": text }],
            }),
            Self::Chat => json!({
                "model": model, "stream": true, bound.name(): most,
                "messages": [{ "role": "user", "content": text }],
            }),
            Self::Responses => json!({
                "model": model, "stream": true, "store": false, "max_output_tokens": most,
                "input": [{ "role": "user", "content": [{ "type": "input_text", "text": text }] }],
            }),
            Self::Google => json!({
                "contents": [{ "role": "user", "parts": [{ "text": text }] }],
                "generationConfig": { "maxOutputTokens": most },
            }),
            Self::Converse => json!({
                "messages": [{ "role": "user", "content": [{ "text": text }] }],
                "inferenceConfig": { "maxTokens": most },
            }),
        };
        if let Some(fields) = body.as_object_mut() {
            if wire == Wire::ChatGpt {
                // It wants instructions, and bounds answers by itself.
                fields.insert("instructions".to_owned(), "You are a helpful assistant.".into());
                fields.remove("max_output_tokens");
            }
            if tool {
                fields.extend(self.offer());
            }
        }
        body
    }

    /// The fields that offer the function, to be called or not.
    fn offer(self) -> Vec<(String, Value)> {
        let about = "Reports a word.";
        let input = json!({
            "type": "object",
            "properties": { "word": { "type": "string" } },
            "required": ["word"],
        });
        let function = json!({ "name": TOOL, "description": about, "parameters": input });
        let fields = match self {
            Self::Messages => vec![
                (
                    "tools",
                    json!([{ "name": TOOL, "description": about, "input_schema": input }]),
                ),
                ("tool_choice", json!({ "type": "auto" })),
            ],
            Self::Chat => vec![
                ("tools", json!([{ "type": "function", "function": function }])),
                ("tool_choice", json!("auto")),
            ],
            // It has no word for "as you like", which is its usual way.
            Self::Cohere => vec![("tools", json!([{ "type": "function", "function": function }]))],
            Self::Responses => vec![
                (
                    "tools",
                    json!([{ "type": "function", "name": TOOL, "description": about, "parameters": input,
                        "strict": false }]),
                ),
                ("tool_choice", json!("auto")),
            ],
            Self::Google => vec![
                ("tools", json!([{ "functionDeclarations": [function] }])),
                (
                    "toolConfig",
                    json!({ "functionCallingConfig": { "mode": "AUTO" } }),
                ),
            ],
            Self::Converse => vec![(
                "toolConfig",
                json!({
                    "tools": [{ "toolSpec": { "name": TOOL, "description": about,
                        "inputSchema": { "json": input } } }],
                    "toolChoice": { "auto": {} },
                }),
            )],
        };
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// Which of Copilot's models the engine asks in the newer format.
fn answers_responses(model: &str) -> bool {
    let number: String = model
        .strip_prefix("gpt-")
        .unwrap_or_default()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    number.parse::<u32>().is_ok_and(|number| number >= 5) && !model.starts_with("gpt-5-mini")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_one_the_wire_lets_through() {
        for wire in [
            Wire::Anthropic,
            Wire::OpenAi,
            Wire::OpenAiCompatible,
            Wire::Google,
            Wire::Azure,
            Wire::DeepInfra,
            Wire::Cohere,
            Wire::Bedrock,
            Wire::Vertex,
            Wire::Copilot,
            Wire::ChatGpt,
        ] {
            for model in ["gpt-5.4", "some-model"] {
                let (segments, _) = Format::of(wire, model).path(wire, model);
                let path = format!("/{}", segments.join("/"));
                assert!(wire.allows("POST", &path), "{wire:?} {path}");
            }
        }
    }

    #[test]
    fn copilot_s_models_are_asked_in_the_format_the_engine_asks_them_in() {
        for (model, expected) in [
            ("gpt-5.4", Format::Responses),
            ("gpt-5-mini", Format::Chat),
            ("gpt-4.1", Format::Chat),
            ("claude-sonnet-4.5", Format::Chat),
        ] {
            assert_eq!(Format::of(Wire::Copilot, model), expected, "{model}");
        }
    }
}
