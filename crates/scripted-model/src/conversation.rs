//! A chat-completions request, read leniently into what the choice of a script needs.

use serde_json::Value;

/// The id of the demo model, the one the app offers.
pub const DEMO_MODEL: &str = "demo";
/// Another id of the demo model.
pub const TOUR_MODEL: &str = "tour";
/// The id of a model that plays only the scripts it is given.
pub const SCRIPTED_MODEL: &str = "scripted";

/// What the engine asks, as far as a script can depend on it.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) model: String,
    pub(crate) stream: bool,
    pub(crate) messages: Vec<Message>,
    /// Names of the tools the engine offers for this request.
    pub(crate) tools: Vec<String>,
}

#[derive(Debug)]
pub(crate) enum Message {
    System(String),
    User(String),
    Assistant { text: String, calls: Vec<Call> },
    Tool { call_id: String, text: String },
}

/// A tool call of an earlier reply, as the engine sends it back.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: Value,
}

impl Conversation {
    /// Reads a request's body. The error is the message for the client.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, String> {
        let request: Value =
            serde_json::from_slice(body).map_err(|error| format!("the request body is not JSON: {error}"))?;
        let model = request
            .get("model")
            .and_then(Value::as_str)
            .ok_or("`model` must be a string")?;
        let messages = request
            .get("messages")
            .and_then(Value::as_array)
            .ok_or("`messages` must be a list")?;
        let messages = messages
            .iter()
            .enumerate()
            .map(|(index, message)| {
                Message::parse(message).ok_or_else(|| {
                    format!("messages[{index}] needs a `role` of system, user, assistant or tool")
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let tools = request
            .get("tools")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|tool| tool.pointer("/function/name")?.as_str())
            .map(str::to_owned)
            .collect();
        Ok(Self {
            model: model.to_owned(),
            stream: request.get("stream").and_then(Value::as_bool).unwrap_or(false),
            messages,
            tools,
        })
    }

    pub(crate) fn offers(&self, tool: &str) -> bool {
        self.tools.iter().any(|name| name == tool)
    }

    /// The user messages with their place in the list, first to last.
    pub(crate) fn prompts(&self) -> impl DoubleEndedIterator<Item = (usize, &str)> {
        self.messages
            .iter()
            .enumerate()
            .filter_map(|(index, message)| match message {
                Message::User(text) => Some((index, text.as_str())),
                _ => None,
            })
    }

    /// How many replies the model has given after the message at `index`.
    pub(crate) fn replies_after(&self, index: usize) -> usize {
        self.messages
            .iter()
            .skip(index + 1)
            .filter(|message| matches!(message, Message::Assistant { .. }))
            .count()
    }

    /// Whether any system message holds `words`.
    pub(crate) fn instructed(&self, words: &str) -> bool {
        self.system_texts().any(|text| text.contains(words))
    }

    /// The session's working directory, as the engine tells its model in the system prompt.
    pub(crate) fn directory(&self) -> Option<&str> {
        self.environment("Working directory: ")
    }

    /// Whether the engine says it runs on Windows, where the shell is another.
    pub(crate) fn on_windows(&self) -> bool {
        self.environment("Platform: ") == Some("win32")
    }

    fn environment(&self, label: &str) -> Option<&str> {
        self.system_texts()
            .flat_map(str::lines)
            .find_map(|line| line.trim().strip_prefix(label))
            .map(str::trim)
            .filter(|value| !value.is_empty())
    }

    fn system_texts(&self) -> impl Iterator<Item = &str> {
        self.messages.iter().filter_map(|message| match message {
            Message::System(text) => Some(text.as_str()),
            _ => None,
        })
    }
}

impl Message {
    fn parse(message: &Value) -> Option<Self> {
        let text = content(message.get("content"));
        match message.get("role")?.as_str()? {
            "system" | "developer" => Some(Self::System(text)),
            "user" => Some(Self::User(text)),
            "assistant" => {
                let calls = message.get("tool_calls").and_then(Value::as_array);
                Some(Self::Assistant {
                    text,
                    calls: calls.into_iter().flatten().filter_map(Call::parse).collect(),
                })
            }
            "tool" => {
                let call_id = message
                    .get("tool_call_id")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                Some(Self::Tool {
                    call_id: call_id.to_owned(),
                    text,
                })
            }
            _ => None,
        }
    }
}

impl Call {
    fn parse(call: &Value) -> Option<Self> {
        let arguments = call
            .pointer("/function/arguments")
            .and_then(Value::as_str)
            .unwrap_or_default();
        Some(Self {
            id: call.get("id")?.as_str()?.to_owned(),
            name: call.pointer("/function/name")?.as_str()?.to_owned(),
            arguments: serde_json::from_str(arguments).unwrap_or(Value::Null),
        })
    }
}

/// A message's text: a string, or the text parts of a list (images and files are skipped).
fn content(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .filter_map(|part| part.get("text").and_then(Value::as_str))
            .collect::<Vec<_>>()
            .join("\n"),
        _ => String::new(),
    }
}
