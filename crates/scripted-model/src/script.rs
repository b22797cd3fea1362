//! What a script is: steps of actions, as JSON, with bounds.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Steps a script may have. An engine's turn rarely exceeds a few dozen model requests.
const MAXIMUM_STEPS: usize = 1_000;
/// Actions a step may have; more is a generated mistake.
const MAXIMUM_ACTIONS: usize = 10_000;
/// Deltas of one burst: far above the 40,000 the app is measured with, and at about 200 bytes each
/// still under a gigabyte, which is streamed and never held.
const MAXIMUM_BURST: u32 = 1_000_000;
/// Longest pause of one action, in milliseconds: an hour. "Until the client goes away" has its own form.
const MAXIMUM_PAUSE: u64 = 3_600_000;

/// A whole script: what the model answers to each request of one turn.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// One step answers one model request. Requests after the last step get a short closing text.
    pub steps: Vec<Step>,
}

/// Scripts by name, for `SCRIPT-NAME:<name>`.
pub(crate) type Scripts = HashMap<String, Script>;

/// What the model answers to one request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Played in order. An [`Action::Status`] that is still to fail takes the place of all of them.
    pub actions: Vec<Action>,
    /// Token counts to report instead of the estimate, for example to fill a context window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The finish reason to report instead of `stop` or `tool_calls`, for example `length`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
}

/// Token counts of one reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u64,
    /// Tokens written.
    pub completion_tokens: u64,
}

/// One thing the model does while it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Text, in deltas of some characters each.
    Text {
        /// What is said.
        text: String,
        /// Pause before each delta, in milliseconds.
        #[serde(default)]
        pace_milliseconds: u64,
        /// Characters per delta; at least 1.
        #[serde(default = "default_chunk_characters")]
        chunk_characters: usize,
    },
    /// Reasoning, sent as `reasoning_content` deltas.
    Reasoning {
        /// What is thought.
        text: String,
        /// Pause before each delta, in milliseconds.
        #[serde(default)]
        pace_milliseconds: u64,
        /// Characters per delta; at least 1.
        #[serde(default = "default_chunk_characters")]
        chunk_characters: usize,
    },
    /// A call of one of the engine's tools. Several in one step are one reply with several calls.
    ToolCall {
        /// The tool's name as the engine offers it.
        name: String,
        /// The arguments. In their strings `{{directory}}` stands for the session's working directory.
        /// A JSON *string* is sent as it is, so that a script can send arguments that are no JSON.
        arguments: Value,
        /// In how many deltas the arguments arrive; at least 1.
        #[serde(default = "default_chunks")]
        chunks: usize,
        /// Pause before each delta, in milliseconds.
        #[serde(default)]
        pace_milliseconds: u64,
    },
    /// The key that came with the request, in one delta, as an upstream says it that repeats what it was sent.
    Key,
    /// Many text deltas at once, without a pause.
    Burst {
        /// How many deltas.
        count: u32,
        /// The text of each; `{{index}}` in it is the delta's number from 0.
        text: String,
    },
    /// Nothing is sent.
    Silence {
        /// For how long; without it, until the client goes away or the server stops.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        milliseconds: Option<u64>,
    },
    /// The request fails with an HTTP status and the protocol's error body.
    Status {
        /// 400–599. 400 is a context overflow unless `code` says otherwise.
        status: u16,
        /// The error's message; a fitting one when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// The error's code; the usual one of the status when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Fail this often, then play the step's other actions; without it, fail always.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<u32>,
        /// Value of a `Retry-After` header, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_seconds: Option<u32>,
    },
    /// The connection breaks here, in the middle of the stream.
    Drop {
        /// Break this often, then play on; without it, break always.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<u32>,
    },
    /// Bytes on the stream that are no event of the protocol.
    Garbage {
        /// What to send; a mixture of broken JSON and broken framing when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// Send it this often, then play on without; without it, send it always.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<u32>,
    },
}

/// About two English words: enough to see text arrive, few enough events to read in a log.
fn default_chunk_characters() -> usize {
    12
}

fn default_chunks() -> usize {
    1
}

/// Why a script cannot be played. The message names the step and the bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScript {
    /// The marker's text is not base64.
    #[error("the script after SCRIPT: is not base64: {0}")]
    Encoding(String),
    /// The decoded text is no script.
    #[error("the script is not valid: {0}")]
    Format(String),
    /// No script of that name was given to the server.
    #[error("no script is named {0:?}; give it to the server in Options::scripts")]
    UnknownName(String),
    /// A figure is out of bounds.
    #[error("step {step} of the script: {problem}")]
    Bounds {
        /// The step, counted from 0.
        step: usize,
        /// What is wrong with it.
        problem: String,
    },
}

impl Script {
    /// A script of these steps.
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
        }
    }

    /// A script of one step that says one text at once.
    pub fn say(text: impl Into<String>) -> Self {
        Self::new([Step::new([Action::text(text)])])
    }

    /// Checks the bounds that keep a script from exhausting the machine.
    ///
    /// # Errors
    /// [`InvalidScript::Bounds`] with the first step that breaks one.
    pub fn validate(&self) -> Result<(), InvalidScript> {
        let out_of_bounds = |step, problem: String| Err(InvalidScript::Bounds { step, problem });
        if self.steps.len() > MAXIMUM_STEPS {
            return out_of_bounds(MAXIMUM_STEPS, format!("more than {MAXIMUM_STEPS} steps"));
        }
        for (index, step) in self.steps.iter().enumerate() {
            if step.actions.len() > MAXIMUM_ACTIONS {
                return out_of_bounds(index, format!("more than {MAXIMUM_ACTIONS} actions"));
            }
            for action in &step.actions {
                if let Some(problem) = action.problem() {
                    return out_of_bounds(index, problem);
                }
            }
        }
        Ok(())
    }
}

impl Step {
    /// A step of these actions.
    pub fn new(actions: impl IntoIterator<Item = Action>) -> Self {
        Self {
            actions: actions.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The same step, reporting these token counts.
    #[must_use]
    pub fn with_usage(mut self, prompt_tokens: u64, completion_tokens: u64) -> Self {
        self.usage = Some(Usage {
            prompt_tokens,
            completion_tokens,
        });
        self
    }

    /// The same step, reporting this finish reason.
    #[must_use]
    pub fn with_finish_reason(mut self, reason: impl Into<String>) -> Self {
        self.finish_reason = Some(reason.into());
        self
    }
}

impl Action {
    /// Text without a pause.
    pub fn text(text: impl Into<String>) -> Self {
        Self::paced_text(text, 0, default_chunk_characters())
    }

    /// Text in deltas of `chunk_characters`, each after `pace_milliseconds`.
    pub fn paced_text(text: impl Into<String>, pace_milliseconds: u64, chunk_characters: usize) -> Self {
        Self::Text {
            text: text.into(),
            pace_milliseconds,
            chunk_characters,
        }
    }

    /// Reasoning without a pause.
    pub fn reasoning(text: impl Into<String>) -> Self {
        Self::paced_reasoning(text, 0, default_chunk_characters())
    }

    /// Reasoning in deltas of `chunk_characters`, each after `pace_milliseconds`.
    pub fn paced_reasoning(text: impl Into<String>, pace_milliseconds: u64, chunk_characters: usize) -> Self {
        Self::Reasoning {
            text: text.into(),
            pace_milliseconds,
            chunk_characters,
        }
    }

    /// A tool call whose arguments come in one delta.
    pub fn tool(name: impl Into<String>, arguments: Value) -> Self {
        Self::chunked_tool(name, arguments, 1)
    }

    /// A tool call whose arguments come in `chunks` deltas.
    pub fn chunked_tool(name: impl Into<String>, arguments: Value, chunks: usize) -> Self {
        Self::ToolCall {
            name: name.into(),
            arguments,
            chunks,
            pace_milliseconds: 0,
        }
    }

    /// The key that came with the request.
    #[must_use]
    pub fn key() -> Self {
        Self::Key
    }

    /// `count` deltas at once.
    pub fn burst(count: u32, text: impl Into<String>) -> Self {
        Self::Burst {
            count,
            text: text.into(),
        }
    }

    /// Silence for a time.
    #[must_use]
    pub fn silence(milliseconds: u64) -> Self {
        Self::Silence {
            milliseconds: Some(milliseconds),
        }
    }

    /// Silence until the client goes away.
    #[must_use]
    pub fn stall() -> Self {
        Self::Silence { milliseconds: None }
    }

    /// An HTTP failure; `times` of `None` fails always.
    #[must_use]
    pub fn status(status: u16, times: Option<u32>) -> Self {
        Self::Status {
            status,
            message: None,
            code: None,
            times,
            retry_after_seconds: None,
        }
    }

    /// A broken connection; `times` of `None` breaks always.
    #[must_use]
    pub fn drop_connection(times: Option<u32>) -> Self {
        Self::Drop { times }
    }

    /// The stock garbage; `times` of `None` sends it always.
    #[must_use]
    pub fn garbage(times: Option<u32>) -> Self {
        Self::Garbage { text: None, times }
    }

    fn problem(&self) -> Option<String> {
        let pause = match self {
            Self::Text {
                pace_milliseconds,
                chunk_characters,
                ..
            }
            | Self::Reasoning {
                pace_milliseconds,
                chunk_characters,
                ..
            } => {
                if *chunk_characters == 0 {
                    return Some("chunk_characters is 0; it is at least 1".to_owned());
                }
                *pace_milliseconds
            }
            Self::ToolCall {
                name,
                chunks,
                pace_milliseconds,
                ..
            } => {
                if name.is_empty() {
                    return Some("a tool call without a name".to_owned());
                }
                if *chunks == 0 {
                    return Some("chunks is 0; it is at least 1".to_owned());
                }
                *pace_milliseconds
            }
            Self::Burst { count, .. } if *count > MAXIMUM_BURST => {
                return Some(format!("a burst of more than {MAXIMUM_BURST} deltas"));
            }
            Self::Status { status, .. } if !(400..=599).contains(status) => {
                return Some(format!("status {status} is no HTTP error; it is 400 to 599"));
            }
            Self::Silence { milliseconds } => milliseconds.unwrap_or(0),
            Self::Key
            | Self::Burst { .. }
            | Self::Status { .. }
            | Self::Drop { .. }
            | Self::Garbage { .. } => 0,
        };
        (pause > MAXIMUM_PAUSE).then(|| format!("a pause of more than {MAXIMUM_PAUSE} milliseconds"))
    }
}
