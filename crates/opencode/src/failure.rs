//! Why a turn failed: the engine's errors in the workspace's words.

use cowork_engine::{TurnError, TurnErrorKind};

use crate::bound::short;
use crate::wire::{Failure, whole};

/// Translates an error. What a provider answered besides its message (headers, body) never comes along: the
/// engine puts it in whole, and it may hold account names and request ids.
pub(crate) fn turn_error(failure: &Failure) -> TurnError {
    let message = plain_message(failure);
    let status = u16::try_from(whole(failure.data.status))
        .ok()
        .filter(|status| *status != 0);
    let kind = match failure.name.as_str() {
        "MessageAbortedError" => TurnErrorKind::Aborted,
        "ProviderAuthError" => TurnErrorKind::Unauthorized,
        "ContextOverflowError" => TurnErrorKind::ContextOverflow,
        "MessageOutputLengthError" => TurnErrorKind::OutputLength,
        "ProviderModelNotFoundError" => TurnErrorKind::UnknownModel,
        "APIError" => kind_of_answer(status, &message),
        _ => kind_by_words(&message),
    };
    TurnError {
        kind,
        message,
        status,
    }
}

/// The engine reports an answer that was cut at the model's limit as a way to finish, not as an error.
pub(crate) fn cut_at_output_limit() -> TurnError {
    TurnError {
        kind: TurnErrorKind::OutputLength,
        message: "The answer reached the model's output limit and was cut there.".to_owned(),
        status: None,
    }
}

fn kind_of_answer(status: Option<u16>, message: &str) -> TurnErrorKind {
    match status {
        Some(401 | 403) => TurnErrorKind::Unauthorized,
        Some(402 | 429) => TurnErrorKind::Limited,
        Some(413) => TurnErrorKind::ContextOverflow,
        Some(400 | 404) if says_unknown_model(message) => TurnErrorKind::UnknownModel,
        _ => TurnErrorKind::Provider,
    }
}

/// Providers have no common code for it, but all name the model and say that it is not there.
fn says_unknown_model(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("model")
        && [
            "not found",
            "not exist",
            "unknown model",
            "no such model",
            "not supported",
            "not available",
        ]
        .iter()
        .any(|words| message.contains(words))
}

/// Errors of the engine itself come without a kind; its words are all there is.
fn kind_by_words(message: &str) -> TurnErrorKind {
    if message.starts_with("Model not found") {
        TurnErrorKind::UnknownModel
    } else if message.starts_with("Agent not found") {
        TurnErrorKind::UnknownAgent
    } else {
        TurnErrorKind::Other
    }
}

/// The message without the stack trace and the class name the engine puts around some.
fn plain_message(failure: &Failure) -> String {
    let message = failure.data.message.as_str();
    let message = message.split("\n    at ").next().unwrap_or(message).trim();
    let message = message
        .strip_prefix("ProviderModelNotFoundError: ")
        .unwrap_or(message);
    let message = if message.is_empty() {
        failure.name.as_str()
    } else {
        message
    };
    short(message)
}

/// Whether an error says nothing but that there was one. The engine sends such a one after one with words.
pub(crate) fn is_wordless(error: &TurnError) -> bool {
    error.kind == TurnErrorKind::Other
        && matches!(
            error.message.as_str(),
            "" | "UnknownError" | "UnknownError: UnknownError"
        )
}
