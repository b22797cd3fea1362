//! What stands where the proxy will stand: it takes down what is asked and answers as each protocol has it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use cowork_providers::KeyHeader;
use serde_json::{Value, json};

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// The first segment of its path.
    pub(crate) provider: String,
    /// What comes after it, percent-encoded as it came.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
}

impl Asked {
    /// The headers keys come in, with what stands in each.
    pub(crate) fn keys(&self) -> Vec<(KeyHeader, &str)> {
        KeyHeader::ALL
            .into_iter()
            .filter_map(|header| Some((header, self.headers.get(header.name())?.as_str())))
            .collect()
    }
}

/// A server on loopback.
pub(crate) struct Upstream {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Upstream {
    pub(crate) async fn start() -> Result<Self> {
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&asked));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { port, asked, task })
    }

    /// The address of a provider there.
    pub(crate) fn base(&self, provider: &str) -> String {
        format!("http://127.0.0.1:{}/{provider}", self.port)
    }

    /// What was asked of a provider so far.
    pub(crate) fn asked(&self, provider: &str) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked
            .iter()
            .filter(|one| one.provider == provider)
            .cloned()
            .collect()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What every answer says, so that a turn shows where it came from.
pub(crate) fn words(provider: &str) -> String {
    format!("said by {provider}")
}

async fn answer(
    State(asked): State<Arc<Mutex<Vec<Asked>>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    let path = uri.path().trim_start_matches('/');
    let (provider, below) = path.split_at(path.find('/').unwrap_or(path.len()));
    let headers = headers
        .iter()
        .map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(Asked {
        method: method.to_string(),
        provider: provider.to_owned(),
        path: below.to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
    });
    let text = words(provider);
    let events = if below == "/messages" {
        messages(&text)
    } else if below == "/responses" {
        responses(&text)
    } else if below.ends_with("/chat/completions") {
        chat(&text)
    } else if below.ends_with(":streamGenerateContent") {
        generate(&text)
    } else {
        return refused();
    };
    let body: String = events.iter().map(event).collect();
    Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream")
        .body(Body::from(body))
        .unwrap_or_default()
}

/// Engines do not ask again after this one.
fn refused() -> Response<Body> {
    Response::builder()
        .status(StatusCode::UNAUTHORIZED)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(json!({ "error": { "message": "no" } }).to_string()))
        .unwrap_or_default()
}

fn event(data: &Value) -> String {
    match data.get("type").and_then(Value::as_str) {
        Some(name) => format!("event: {name}\ndata: {data}\n\n"),
        None => format!("data: {data}\n\n"),
    }
}

fn messages(text: &str) -> Vec<Value> {
    vec![
        json!({ "type": "message_start", "message": {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
            "stop_reason": null, "stop_sequence": null, "usage": { "input_tokens": 1, "output_tokens": 1 },
        } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": text } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn", "stop_sequence": null },
            "usage": { "output_tokens": 2 } }),
        json!({ "type": "message_stop" }),
    ]
}

fn responses(text: &str) -> Vec<Value> {
    let item = json!({ "type": "message", "id": "msg_1", "role": "assistant", "content": [] });
    vec![
        json!({ "type": "response.created", "response": { "id": "r", "created_at": 1, "model": "m" } }),
        json!({ "type": "response.output_item.added", "output_index": 0, "item": item }),
        json!({ "type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0,
            "delta": text }),
        json!({ "type": "response.output_item.done", "output_index": 0, "item": item }),
        json!({ "type": "response.completed", "response": {
            "id": "r", "created_at": 1, "model": "m", "incomplete_details": null,
            "usage": { "input_tokens": 1, "input_tokens_details": { "cached_tokens": 0 }, "output_tokens": 2,
                "output_tokens_details": { "reasoning_tokens": 0 } },
        } }),
    ]
}

fn chat(text: &str) -> Vec<Value> {
    let chunk = |delta: Value, finish: Value| {
        json!({ "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
    };
    vec![
        chunk(json!({ "role": "assistant", "content": text }), Value::Null),
        chunk(json!({}), json!("stop")),
    ]
}

fn generate(text: &str) -> Vec<Value> {
    vec![json!({
        "candidates": [{ "content": { "role": "model", "parts": [{ "text": text }] }, "finishReason": "STOP", "index": 0 }],
        "usageMetadata": { "promptTokenCount": 1, "candidatesTokenCount": 2, "totalTokenCount": 3 },
    })]
}
