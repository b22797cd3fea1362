//! Messages, their state and the plan.

use cowork_engine::{ModelReference, Role, SessionStatus, Todo, TodoState, TurnError, TurnErrorKind, Usage};
use cowork_transcript::{Entry, Mark, Transcript};

use super::DEMO_PROVIDER;
use crate::view::{
    AnswerUsage, Author, ConversationStatus, Message, TodoItem, TodoMark, TurnFailure, TurnFailureKind,
    WorkState,
};

/// A message without its blocks.
pub(crate) fn message_header(entry: &Entry) -> Message {
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
pub(crate) fn status(transcript: &Transcript, stopping: bool, context_size: u64) -> ConversationStatus {
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
            message: cowork_redact::redact(message).into_owned(),
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
    }
}

/// Why a turn failed, in the view's words; what the provider said is redacted.
pub(crate) fn turn_failure(error: &TurnError) -> TurnFailure {
    TurnFailure {
        kind: match error.kind {
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
        message: cowork_redact::redact(&error.message).into_owned(),
        status: error.status,
    }
}

pub(crate) fn todo(todo: &Todo) -> TodoItem {
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
