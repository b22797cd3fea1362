//! A bounded log of the requests the server has seen, for tests.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, header};

/// Bytes kept of a prompt: with the number of requests this bounds the log whatever is sent.
const MAXIMUM_PROMPT: usize = 16 * 1_024;

/// What a request was answered as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// The list of models.
    Models,
    /// The engine's request for a session title.
    Title,
    /// The engine's request for a summary of the conversation (compaction).
    Summary,
    /// A step of a script, counted from 0.
    Script {
        /// Which step.
        step: usize,
    },
    /// The demo model's tour or one of its small programmes.
    Demo,
    /// The stock reply of a model without a script.
    Plain,
    /// A request that was refused: wrong token, unknown path, malformed body, invalid script.
    Refused,
}

/// A request the server has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRequest {
    /// The HTTP method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// Header names in lower case with their values. The value of `authorization` is withheld.
    pub headers: Vec<(String, String)>,
    /// The model asked for, when the body could be read.
    pub model: Option<String>,
    /// The text of the last user message, cut at 16 KiB.
    pub last_user_text: Option<String>,
    /// How many messages the request carried.
    pub messages: usize,
    /// What it was answered as.
    pub kind: RequestKind,
}

impl RecordedRequest {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The log itself.
#[derive(Debug)]
pub(crate) struct Record {
    /// Requests kept at most, newest last.
    capacity: usize,
    requests: Mutex<VecDeque<RecordedRequest>>,
}

impl Record {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            requests: Mutex::default(),
        }
    }

    pub(crate) fn push(&self, request: impl FnOnce() -> RecordedRequest) {
        if self.capacity == 0 {
            return;
        }
        let mut request = request();
        if let Some(text) = &mut request.last_user_text {
            text.truncate(text.floor_char_boundary(MAXIMUM_PROMPT));
            text.shrink_to_fit();
        }
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() >= self.capacity {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }
}

/// The headers as they are recorded.
pub(crate) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let withheld = name == header::AUTHORIZATION;
            let value = if withheld {
                "[withheld]".into()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), value)
        })
        .collect()
}
