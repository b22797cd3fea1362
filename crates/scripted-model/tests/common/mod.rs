//! A client of the scripted model, as an engine is one.

use cowork_scripted_model::{Options, Script, Server};
use serde_json::{Value, json};

/// A server that plays the demo without pauses.
pub(crate) async fn start() -> Server {
    Server::start(Options {
        demo_pace_milliseconds: 0,
        ..Options::default()
    })
    .await
    .unwrap()
}

/// Sends a request with the server's token.
pub(crate) async fn post(server: &Server, body: &Value) -> reqwest::Response {
    reqwest::Client::new()
        .post(format!("{}/chat/completions", server.base_url()))
        .bearer_auth(server.token())
        .header("x-session-id", "ses_test")
        .json(body)
        .send()
        .await
        .unwrap()
}

/// A streaming request of these messages to this model, with the engine's tools.
pub(crate) fn request(model: &str, messages: &[Value]) -> Value {
    let names = [
        "bash",
        "edit",
        "glob",
        "question",
        "read",
        "task",
        "todowrite",
        "write",
    ];
    let tools: Vec<_> = names
        .iter()
        .map(|name| json!({ "type": "function", "function": { "name": name } }))
        .collect();
    json!({ "model": model, "stream": true, "messages": messages, "tools": tools })
}

/// A prompt that holds a script, as a user message.
pub(crate) fn scripted(script: &Script) -> Value {
    json!({ "role": "user", "content": format!("do it {}", script.to_marker().unwrap()) })
}

/// What a stream said.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    /// Deltas that carried text.
    pub(crate) deltas: usize,
    /// Name and arguments of each call, put together from its deltas.
    pub(crate) calls: Vec<(String, String)>,
    pub(crate) call_ids: Vec<String>,
    pub(crate) call_deltas: usize,
    pub(crate) finish_reason: Option<String>,
    pub(crate) usage: Value,
    pub(crate) done: bool,
}

impl Reply {
    /// Reads server-sent events strictly.
    pub(crate) fn read(stream: &str) -> Self {
        let mut reply = Self::default();
        for event in stream.split("\n\n").filter(|event| !event.is_empty()) {
            let data = event.strip_prefix("data: ").unwrap();
            assert!(!reply.done, "nothing follows [DONE], but: {data}");
            if data == "[DONE]" {
                reply.done = true;
                continue;
            }
            let event: Value = serde_json::from_str(data).unwrap();
            if let Some(usage) = event.get("usage") {
                reply.usage = usage.clone();
            }
            let Some(choice) = event.pointer("/choices/0") else {
                continue;
            };
            if let Some(reason) = choice["finish_reason"].as_str() {
                reply.finish_reason = Some(reason.to_owned());
            }
            let delta = &choice["delta"];
            let text = delta["content"].as_str().unwrap_or_default();
            reply.deltas += usize::from(!text.is_empty());
            reply.text.push_str(text);
            reply
                .reasoning
                .push_str(delta["reasoning_content"].as_str().unwrap_or_default());
            for call in delta["tool_calls"].as_array().into_iter().flatten() {
                let function = &call["function"];
                if let Some(id) = call["id"].as_str() {
                    reply.call_ids.push(id.to_owned());
                    reply
                        .calls
                        .push((function["name"].as_str().unwrap().to_owned(), String::new()));
                }
                let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
                reply.calls[index]
                    .1
                    .push_str(function["arguments"].as_str().unwrap_or_default());
                reply.call_deltas += 1;
            }
        }
        reply
    }

    /// The parsed arguments of the first call of a tool.
    pub(crate) fn arguments(&self, tool: &str) -> Option<Value> {
        let (_, arguments) = self.calls.iter().find(|(name, _)| name == tool)?;
        Some(serde_json::from_str(arguments).unwrap())
    }

    /// The reply as a message of the next request.
    pub(crate) fn as_message(&self) -> Value {
        let calls: Vec<_> = self
            .call_ids
            .iter()
            .zip(&self.calls)
            .map(|(id, (name, arguments))| {
                json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } })
            })
            .collect();
        if calls.is_empty() {
            json!({ "role": "assistant", "content": self.text })
        } else {
            json!({ "role": "assistant", "content": self.text, "tool_calls": calls })
        }
    }
}

/// Streams a reply to its end.
pub(crate) async fn play(server: &Server, body: &Value) -> Reply {
    let response = post(server, body).await;
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{status}: {text}");
    let reply = Reply::read(&text);
    assert!(reply.done, "a whole stream ends with [DONE]");
    reply
}
