//! Plays a step: as server-sent events while the client listens, or folded into one JSON reply.
//!
//! Frames are produced one by one, so a burst of any size costs one buffer, and everything stops when
//! the client goes away: the stream is dropped with its connection.

use std::io;
use std::iter::Peekable;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use crate::script::{Action, Step, Usage};

/// Bytes put together before they are sent, so that a burst is not one write per delta.
const CHUNK_BYTES: usize = 16 * 1_024;
/// Time the connection gets to flush what was sent before it breaks: the break is to be seen *in the
/// middle* of the stream, and an error discards what is still buffered.
const FLUSH: Duration = Duration::from_millis(20);
/// Characters per token, the usual rule of thumb for English.
const CHARACTERS_PER_TOKEN: u64 = 4;

const GARBAGE: &str = "data: {\"choices\": [{\"delta\": {\"content\": \"cut o\n\n: comment\nevent: \u{fffd}\nnonsense without a colon\n\ndata: [1, 2\n\n";

/// What a reply needs besides its step.
pub(crate) struct Setting {
    pub(crate) model: String,
    /// Unique among the replies of all servers, for call ids are remembered by the engine.
    pub(crate) reply_id: String,
    pub(crate) directory: String,
    /// The token that the request came with.
    pub(crate) key: String,
    /// Bytes of the request, for the estimate of its tokens.
    pub(crate) request_bytes: usize,
    /// Ends every reply when the server stops.
    pub(crate) stopping: CancellationToken,
    /// Held while the reply is played; bounds the replies played at once.
    pub(crate) _permit: OwnedSemaphorePermit,
}

struct Frame {
    pause: Duration,
    event: Event,
}

enum Event {
    Delta(Value),
    Raw(String),
    Break,
    Stall,
}

type Frames = Box<dyn Iterator<Item = Frame> + Send>;

struct Playback {
    frames: Peekable<Frames>,
    setting: Setting,
    created: u64,
    finish_reason: String,
    usage: Option<Usage>,
    written_characters: u64,
    ended: bool,
}

/// Streams the step as server-sent events.
pub(crate) fn stream(step: Step, setting: Setting) -> Response {
    let playback = Playback::new(step, setting);
    let body = Body::from_stream(stream::unfold(playback, |mut playback| async move {
        playback.next_bytes().await.map(|bytes| (bytes, playback))
    }));
    (
        [
            (header::CONTENT_TYPE, "text/event-stream"),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        body,
    )
        .into_response()
}

/// Plays the step to its end and answers with one JSON object.
pub(crate) async fn reply(step: Step, setting: Setting) -> Response {
    let mut playback = Playback::new(step, setting);
    match playback.fold().await {
        Ok(Folded::Reply(reply)) => axum::Json(reply).into_response(),
        Ok(Folded::Garbage(garbage)) => {
            ([(header::CONTENT_TYPE, "application/json")], garbage).into_response()
        }
        Err(error) => Body::from_stream(stream::iter([Err::<Bytes, _>(error)])).into_response(),
    }
}

enum Folded {
    Reply(Value),
    Garbage(String),
}

impl Playback {
    fn new(step: Step, setting: Setting) -> Self {
        let calls = step
            .actions
            .iter()
            .any(|action| matches!(action, Action::ToolCall { .. }));
        let usual_reason = if calls { "tool_calls" } else { "stop" };
        let created = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_secs());
        Self {
            frames: frames(step.actions, &setting).peekable(),
            setting,
            created,
            finish_reason: step.finish_reason.unwrap_or_else(|| usual_reason.to_owned()),
            usage: step.usage,
            written_characters: 0,
            ended: false,
        }
    }

    /// The next bytes of the stream, `None` at its end.
    async fn next_bytes(&mut self) -> Option<io::Result<Bytes>> {
        if self.ended {
            return None;
        }
        let mut buffer = String::new();
        loop {
            if !buffer.is_empty()
                && self
                    .frames
                    .peek()
                    .is_some_and(|next| next.waits() || buffer.len() >= CHUNK_BYTES)
            {
                return Some(Ok(buffer.into()));
            }
            let Some(frame) = self.frames.next() else {
                self.ended = true;
                self.push_ending(&mut buffer);
                return Some(Ok(buffer.into()));
            };
            match self.wait_for(frame).await {
                Ok(Event::Delta(delta)) => self.push_delta(&mut buffer, &delta),
                Ok(Event::Raw(raw)) => buffer.push_str(&raw),
                Ok(Event::Break | Event::Stall) => {}
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
    }

    /// Waits as the frame says, and hands back an event that carries something; a broken connection,
    /// a stall that ended and a stopping server are errors.
    async fn wait_for(&mut self, frame: Frame) -> io::Result<Event> {
        let stopping = &self.setting.stopping;
        let stopped = || io::Error::new(io::ErrorKind::ConnectionAborted, "the scripted model stops");
        if stopping.is_cancelled() {
            return Err(stopped());
        }
        if !frame.pause.is_zero() {
            tokio::select! {
                () = stopping.cancelled() => return Err(stopped()),
                () = tokio::time::sleep(frame.pause) => {}
            }
        }
        match frame.event {
            Event::Stall => {
                stopping.cancelled().await;
                Err(stopped())
            }
            Event::Break => {
                tokio::time::sleep(FLUSH).await;
                Err(io::Error::new(
                    io::ErrorKind::ConnectionReset,
                    "the script breaks the connection",
                ))
            }
            event => Ok(event),
        }
    }

    async fn fold(&mut self) -> io::Result<Folded> {
        let mut content = String::new();
        let mut reasoning = String::new();
        let mut garbage = String::new();
        let mut calls: Vec<Value> = Vec::new();
        while let Some(frame) = self.frames.next() {
            match self.wait_for(frame).await? {
                Event::Delta(delta) => {
                    self.count(&delta);
                    content.push_str(text_of(&delta, "/content"));
                    reasoning.push_str(text_of(&delta, "/reasoning_content"));
                    if let Some(call) = delta.pointer("/tool_calls/0") {
                        fold_call(&mut calls, call);
                    }
                }
                Event::Raw(raw) => garbage.push_str(&raw),
                Event::Break | Event::Stall => {}
            }
        }
        if !garbage.is_empty() {
            return Ok(Folded::Garbage(garbage));
        }
        let mut message = json!({ "role": "assistant", "content": content });
        if !reasoning.is_empty() {
            message["reasoning_content"] = reasoning.into();
        }
        if !calls.is_empty() {
            message["tool_calls"] = calls.into();
        }
        Ok(Folded::Reply(json!({
            "id": self.setting.reply_id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.setting.model,
            "choices": [{ "index": 0, "message": message, "finish_reason": self.finish_reason }],
            "usage": self.usage_json(),
        })))
    }

    fn push_delta(&mut self, buffer: &mut String, delta: &Value) {
        self.count(delta);
        self.push_event(
            buffer,
            &json!([{ "index": 0, "delta": delta, "finish_reason": null }]),
            None,
        );
    }

    fn push_ending(&self, buffer: &mut String) {
        let choices = json!([{ "index": 0, "delta": {}, "finish_reason": self.finish_reason }]);
        self.push_event(buffer, &choices, None);
        self.push_event(buffer, &json!([]), Some(self.usage_json()));
        buffer.push_str("data: [DONE]\n\n");
    }

    fn push_event(&self, buffer: &mut String, choices: &Value, usage: Option<Value>) {
        let mut event = json!({
            "id": self.setting.reply_id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.setting.model,
            "choices": choices,
        });
        if let Some(usage) = usage {
            event["usage"] = usage;
        }
        buffer.push_str("data: ");
        buffer.push_str(&event.to_string());
        buffer.push_str("\n\n");
    }

    fn count(&mut self, delta: &Value) {
        for place in [
            "/content",
            "/reasoning_content",
            "/tool_calls/0/function/arguments",
        ] {
            self.written_characters += text_of(delta, place).chars().count() as u64;
        }
    }

    fn usage_json(&self) -> Value {
        let usage = self.usage.unwrap_or_else(|| Usage {
            prompt_tokens: self.setting.request_bytes as u64 / CHARACTERS_PER_TOKEN,
            completion_tokens: self.written_characters.div_ceil(CHARACTERS_PER_TOKEN),
        });
        json!({
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "total_tokens": usage.prompt_tokens.saturating_add(usage.completion_tokens),
        })
    }
}

impl Frame {
    fn delta(pause: Duration, delta: Value) -> Self {
        Self {
            pause,
            event: Event::Delta(delta),
        }
    }

    /// Whether what was said before this frame is to be sent first.
    fn waits(&self) -> bool {
        !self.pause.is_zero() || matches!(self.event, Event::Break | Event::Stall)
    }
}

/// The frames of a step, lazily. The first says whose turn it is, as the protocol's first delta does.
fn frames(actions: Vec<Action>, setting: &Setting) -> Frames {
    let role = Frame::delta(Duration::ZERO, json!({ "role": "assistant", "content": "" }));
    let directory = setting.directory.clone();
    let reply_id = setting.reply_id.clone();
    let key = setting.key.clone();
    let mut next_call = 0_usize;
    Box::new(
        std::iter::once(role).chain(actions.into_iter().flat_map(move |action| -> Frames {
            match action {
                Action::Text {
                    text,
                    pace_milliseconds,
                    chunk_characters,
                } => text_frames("content", &text, pace_milliseconds, chunk_characters),
                Action::Reasoning {
                    text,
                    pace_milliseconds,
                    chunk_characters,
                } => text_frames("reasoning_content", &text, pace_milliseconds, chunk_characters),
                Action::ToolCall {
                    name,
                    arguments,
                    chunks,
                    pace_milliseconds,
                } => {
                    let index = next_call;
                    next_call += 1;
                    let arguments = arguments_text(arguments, &directory);
                    call_frames(
                        index,
                        &format!("call_{reply_id}_{index}"),
                        &name,
                        &arguments,
                        chunks,
                        pace_milliseconds,
                    )
                }
                Action::Key => Box::new(std::iter::once(Frame::delta(
                    Duration::ZERO,
                    json!({ "content": key }),
                ))),
                Action::Burst { count, text } => Box::new((0..count).map(move |index| {
                    let text = text.replace("{{index}}", &index.to_string());
                    Frame::delta(Duration::ZERO, json!({ "content": text }))
                })),
                Action::Silence { milliseconds } => Box::new(std::iter::once(match milliseconds {
                    Some(pause) => Frame {
                        pause: Duration::from_millis(pause),
                        event: Event::Raw(String::new()),
                    },
                    None => Frame {
                        pause: Duration::ZERO,
                        event: Event::Stall,
                    },
                })),
                Action::Garbage { text, .. } => {
                    let raw = text.unwrap_or_else(|| GARBAGE.to_owned());
                    Box::new(std::iter::once(Frame {
                        pause: Duration::ZERO,
                        event: Event::Raw(raw),
                    }))
                }
                Action::Drop { .. } => Box::new(std::iter::once(Frame {
                    pause: Duration::ZERO,
                    event: Event::Break,
                })),
                // Decided before the reply began: an HTTP status cannot follow a body.
                Action::Status { .. } => Box::new(std::iter::empty()),
            }
        })),
    )
}

fn text_frames(field: &'static str, text: &str, pace_milliseconds: u64, chunk_characters: usize) -> Frames {
    let pause = Duration::from_millis(pace_milliseconds);
    let chunks = split(text, chunk_characters);
    Box::new(
        chunks
            .into_iter()
            .map(move |chunk| Frame::delta(pause, json!({ field: chunk }))),
    )
}

fn call_frames(
    index: usize,
    id: &str,
    name: &str,
    arguments: &str,
    chunks: usize,
    pace_milliseconds: u64,
) -> Frames {
    let pause = Duration::from_millis(pace_milliseconds);
    let head = json!({ "tool_calls": [{
        "index": index, "id": id, "type": "function", "function": { "name": name, "arguments": "" }
    }] });
    let characters = arguments.chars().count().div_ceil(chunks.max(1));
    let tail = split(arguments, characters).into_iter().map(move |chunk| {
        let delta = json!({ "tool_calls": [{ "index": index, "function": { "arguments": chunk } }] });
        Frame::delta(pause, delta)
    });
    Box::new(std::iter::once(Frame::delta(pause, head)).chain(tail))
}

/// The arguments as the model would write them.
fn arguments_text(arguments: Value, directory: &str) -> String {
    match arguments {
        Value::String(verbatim) => verbatim,
        mut arguments => {
            fill_directory(&mut arguments, directory);
            arguments.to_string()
        }
    }
}

fn fill_directory(value: &mut Value, directory: &str) {
    match value {
        Value::String(text) => {
            if text.contains("{{directory}}") {
                *text = text.replace("{{directory}}", directory);
            }
        }
        Value::Array(values) => values
            .iter_mut()
            .for_each(|value| fill_directory(value, directory)),
        Value::Object(values) => values
            .values_mut()
            .for_each(|value| fill_directory(value, directory)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Pieces of at most `characters` characters.
fn split(text: &str, characters: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .char_indices()
            .nth(characters.max(1))
            .map_or(rest.len(), |(index, _)| index);
        let (piece, remainder) = rest.split_at(end);
        pieces.push(piece.to_owned());
        rest = remainder;
    }
    pieces
}

fn text_of<'delta>(delta: &'delta Value, place: &str) -> &'delta str {
    delta.pointer(place).and_then(Value::as_str).unwrap_or_default()
}

/// Adds a tool call's delta to the calls of a whole reply, where a call has no index.
fn fold_call(calls: &mut Vec<Value>, delta: &Value) {
    if delta.get("id").is_some() {
        let mut call = delta.clone();
        if let Some(fields) = call.as_object_mut() {
            fields.remove("index");
        }
        calls.push(call);
    } else if let Some(call) = calls.last_mut() {
        let arguments = format!(
            "{}{}",
            text_of(call, "/function/arguments"),
            text_of(delta, "/function/arguments")
        );
        call["function"]["arguments"] = arguments.into();
    }
}
