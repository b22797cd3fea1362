//! Messages, their state and the plan.

use std::path::Path;

use cowork_engine::{ModelReference, Role, SessionStatus, Todo, TodoState, TurnError, TurnErrorKind, Usage};
use cowork_transcript::{BlockContent, Entry, Mark, Transcript};

use super::DEMO_PROVIDER;
use crate::view::{
    AnswerUsage, Author, BlockReference, ConversationStatus, Message, RepeatedCall, TodoItem, TodoMark,
    TurnFailure, TurnFailureKind, WorkState,
};

/// A message without its blocks.
pub fn message_header(entry: &Entry) -> Message {
    let message = &entry.message;
    Message {
        id: message.id.to_string(),
        author: match message.role {
            Role::User => Author::Person,
            Role::Assistant => Author::Agent,
        },
        prompt: message.parent.as_ref().map(ToString::to_string),
        agent: message.agent.clone(),
        model: message.model.as_ref().map(ToString::to_string),
        scripted: message.model.as_ref().is_some_and(is_scripted),
        created: message.created,
        completed: message.completed,
        usage: answer_usage(&message.usage),
        failure: message.error.as_ref().map(turn_failure),
        interrupted: entry.interrupted,
        blocks: Vec::new(),
    }
}

pub(crate) fn is_scripted(model: &ModelReference) -> bool {
    model.provider == DEMO_PROVIDER
}

fn answer_usage(usage: &Usage) -> AnswerUsage {
    AnswerUsage {
        tokens: usage.context(),
        cost: usage.cost,
    }
}

/// What a conversation is doing. `stopping` says that a stop was asked for.
pub fn status(transcript: &Transcript, stopping: bool, context_size: u64) -> ConversationStatus {
    let state = match transcript.status() {
        SessionStatus::Idle if transcript.mark() == Mark::Interrupted => WorkState::Interrupted,
        SessionStatus::Idle => WorkState::Idle,
        _ if stopping => WorkState::Stopping,
        SessionStatus::Busy => WorkState::Working,
        SessionStatus::Retry {
            attempt,
            message,
            next,
        } => WorkState::Retrying {
            attempt: *attempt,
            message: in_words(message),
            next: *next,
        },
    };
    ConversationStatus {
        state,
        since: transcript.working_since(),
        usage: answer_usage(&transcript.usage()),
        context_used: transcript.context(),
        context_size,
        failure: transcript.error().map(turn_failure),
        repeated: repeated(transcript),
    }
}

/// The call that the running turn repeats, in a line.
fn repeated(transcript: &Transcript) -> Option<RepeatedCall> {
    /// Characters of what it works on: a line of the transcript.
    const SHOWN: usize = 120;
    let told = transcript.repeated()?;
    let BlockContent::Tool(tool) = &transcript.block(&told.message, &told.block)?.content else {
        return None;
    };
    let folder = transcript
        .session()
        .map_or(Path::new(""), |session| &session.folder);
    let target = super::block::target(&tool.call, folder).map(|target| {
        let line = target.lines().next().unwrap_or_default();
        let short: String = line.chars().take(SHOWN).collect();
        if short.len() < target.len() {
            format!("{short}…")
        } else {
            short
        }
    });
    Some(RepeatedCall {
        place: BlockReference {
            message: told.message.to_string(),
            block: told.block.to_string(),
        },
        tool: tool.call.name.clone(),
        target,
        times: u32::try_from(told.times).unwrap_or(u32::MAX),
        seconds: u32::try_from(cowork_transcript::REPEATED_WITHIN / 1_000).unwrap_or(u32::MAX),
    })
}

/// What an engine reports of a failure, for the person: redacted, and without the mark of the proxy's own words.
fn in_words(message: &str) -> String {
    let own = cowork_policy::own_words(message);
    cowork_redact::redact(own.as_deref().unwrap_or(message)).into_owned()
}

/// Why a turn failed, in the person's words.
#[must_use]
pub fn failure_words(error: &TurnError) -> String {
    in_words(&error.message)
}

/// Whether the app itself refused the request, for a reason that time does not mend. An engine knows only that it was
/// refused, and takes it for the provider's word.
fn is_ours(error: &TurnError) -> bool {
    matches!(error.status, Some(401 | 403 | 404)) && cowork_policy::own_words(&error.message).is_some()
}

/// Why a turn failed, in the view's words; what the provider said is redacted.
pub(crate) fn turn_failure(error: &TurnError) -> TurnFailure {
    TurnFailure {
        kind: match error.kind {
            TurnErrorKind::Unauthorized
            | TurnErrorKind::Provider
            | TurnErrorKind::UnknownModel
            | TurnErrorKind::Other
                if is_ours(error) =>
            {
                TurnFailureKind::NotSent
            }
            TurnErrorKind::Aborted => TurnFailureKind::Stopped,
            TurnErrorKind::Unauthorized => TurnFailureKind::Unauthorized,
            TurnErrorKind::UnknownModel => TurnFailureKind::UnknownModel,
            TurnErrorKind::UnknownAgent => TurnFailureKind::UnknownAgent,
            TurnErrorKind::Limited => TurnFailureKind::Limited,
            TurnErrorKind::ContextOverflow => TurnFailureKind::ContextOverflow,
            TurnErrorKind::Provider => TurnFailureKind::Provider,
            TurnErrorKind::OutputLength => TurnFailureKind::OutputLength,
            TurnErrorKind::Other => TurnFailureKind::Other,
        },
        message: failure_words(error),
        status: error.status,
    }
}

/// A step of the plan.
#[must_use]
pub fn todo(todo: &Todo) -> TodoItem {
    TodoItem {
        text: todo.content.clone(),
        mark: match todo.state {
            TodoState::Pending => TodoMark::Todo,
            TodoState::InProgress => TodoMark::Now,
            TodoState::Completed => TodoMark::Done,
            TodoState::Cancelled => TodoMark::Dropped,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(kind: TurnErrorKind, status: u16, message: &str) -> TurnFailure {
        turn_failure(&TurnError {
            kind,
            message: message.to_owned(),
            status: Some(status),
        })
    }

    #[test]
    fn what_the_app_itself_refused_is_not_laid_on_the_provider() {
        let said = "The key for Upstream cannot be read. Your key ring is locked.";
        let ours = failed(
            TurnErrorKind::Unauthorized,
            403,
            &format!(
                "Forbidden: {{\"error\":{{\"type\":\"cowork_proxy\",\"message\":\"cowork_proxy: {said}\"}}}}"
            ),
        );
        assert_eq!(
            (ours.kind, ours.message.as_str()),
            (TurnFailureKind::NotSent, said)
        );
        let theirs = failed(TurnErrorKind::Unauthorized, 403, "invalid x-api-key");
        assert_eq!(
            (theirs.kind, theirs.message.as_str()),
            (TurnFailureKind::Unauthorized, "invalid x-api-key")
        );
        // What can be tried again, or is about the thread, keeps its own advice.
        for (kind, status, shown) in [
            (TurnErrorKind::Provider, 503, TurnFailureKind::Provider),
            (
                TurnErrorKind::ContextOverflow,
                413,
                TurnFailureKind::ContextOverflow,
            ),
        ] {
            let failure = failed(kind, status, "cowork_proxy: In words.");
            assert_eq!((failure.kind, failure.message.as_str()), (shown, "In words."));
        }
    }
}
