//! What a desktop tells, made fit to be taken: strings, lists and numbers within bounds, and ids that are its own.
//!
//! Texts, outputs and changes have their bounds in `transcript`. Nothing here looks for markup: a string is a string, and
//! becomes HTML through `markdown` or not at all.

use cowork_engine::{
    Message, Part, PartContent, PermissionAsk, QuestionAsk, SessionId, SessionStatus, Todo, ToolCall,
    TurnError, Usage,
};
use cowork_pairing_protocol::session::{DesktopStatus, SessionEvent, SharedThread};

use crate::bounds;
use crate::told::is_id;

/// An event of a session as it may be taken; none where it names another session, or what cannot be an id.
pub(crate) fn event(session: &SessionId, mut event: SessionEvent) -> Option<SessionEvent> {
    let fits = match &mut event {
        SessionEvent::Thread { thread } => {
            clean_thread(thread);
            thread
                .parent
                .as_deref()
                .is_none_or(|parent| is_id(parent) && parent != session.as_str())
        }
        SessionEvent::Status { status } => {
            clean_status(status);
            true
        }
        SessionEvent::Failed { error } => {
            clean_error(error);
            true
        }
        SessionEvent::Message { message } => {
            clean_message(message);
            message.session == *session && is_id(message.id.as_str())
        }
        SessionEvent::MessageGone { message } => is_id(message.as_str()),
        SessionEvent::Part { part } => {
            clean_part(part);
            is_id(part.id.as_str()) && is_id(part.message.as_str())
        }
        SessionEvent::Grew { message, part, .. } | SessionEvent::PartGone { message, part } => {
            is_id(message.as_str()) && is_id(part.as_str())
        }
        SessionEvent::Permission { ask } => {
            clean_permission(ask);
            ask.session == *session && is_id(ask.id.as_str())
        }
        SessionEvent::PermissionGone { permission } => is_id(permission.as_str()),
        SessionEvent::Question { ask } => {
            clean_question(ask);
            ask.session == *session && is_id(ask.id.as_str())
        }
        SessionEvent::QuestionGone { question } => is_id(question.as_str()),
        SessionEvent::Todos { todos } => {
            clean_todos(todos);
            true
        }
        SessionEvent::ThreadGone | SessionEvent::Began { .. } => true,
        SessionEvent::Unknown => false,
    };
    fits.then_some(event)
}

/// How a desktop stands, as it may be taken.
pub(crate) fn desktop(status: &mut DesktopStatus) {
    cut(&mut status.version, bounds::NAME);
    status.agents.truncate(bounds::OFFERED);
    for agent in &mut status.agents {
        cut(&mut agent.name, bounds::NAME);
        cut(&mut agent.description, bounds::LINES);
    }
    status.folders.retain(|folder| is_id(&folder.id));
    status.folders.truncate(bounds::OFFERED);
    for folder in &mut status.folders {
        cut(&mut folder.label, bounds::NAME);
    }
}

fn clean_thread(thread: &mut SharedThread) {
    cut(&mut thread.title, bounds::NAME);
    for name in [&mut thread.folder, &mut thread.agent, &mut thread.model] {
        cut_some(name, bounds::NAME);
    }
    time(&mut thread.created);
    time(&mut thread.updated);
    money(&mut thread.cost);
}

fn clean_status(status: &mut SessionStatus) {
    if let SessionStatus::Retry { message, next, .. } = status {
        cut(message, bounds::LINES);
        time(next);
    }
}

fn clean_error(error: &mut TurnError) {
    cut(&mut error.message, bounds::LINES);
}

fn clean_message(message: &mut Message) {
    cut_some(&mut message.agent, bounds::NAME);
    if let Some(model) = &mut message.model {
        cut(&mut model.provider, bounds::NAME);
        cut(&mut model.model, bounds::NAME);
    }
    message.parent = message.parent.take().filter(|parent| is_id(parent.as_str()));
    time(&mut message.created);
    some_time(&mut message.completed);
    usage(&mut message.usage);
    if let Some(error) = &mut message.error {
        clean_error(error);
    }
}

fn clean_part(part: &mut Part) {
    match &mut part.content {
        PartContent::Text { .. } | PartContent::Compaction | PartContent::StepStarted => {}
        PartContent::Reasoning { started, ended, .. } => {
            some_time(started);
            some_time(ended);
        }
        PartContent::Tool(call) => clean_call(call),
        PartContent::File { name, media_type } => {
            cut(name, bounds::NAME);
            cut(media_type, bounds::NAME);
        }
        PartContent::StepFinished { usage: used } => usage(used),
        PartContent::Patch { files } => {
            files.truncate(bounds::LISTED);
            for file in files {
                cut(file, bounds::LINES);
            }
        }
        PartContent::Other { kind } => cut(kind, bounds::NAME),
    }
}

fn clean_call(call: &mut ToolCall) {
    cut(&mut call.name, bounds::NAME);
    cut_some(&mut call.target, bounds::ASKED);
    cut_some(&mut call.description, bounds::LINES);
    // It names a file on the desktop, and nobody here reads one.
    call.kept_output = None;
    call.child = call.child.take().filter(|child| is_id(child.as_str()));
    if let Some(change) = &mut call.change {
        cut(&mut change.path, bounds::LINES);
        change.additions = change.additions.min(bounds::COUNT);
        change.deletions = change.deletions.min(bounds::COUNT);
    }
    some_time(&mut call.started);
    some_time(&mut call.ended);
}

fn clean_permission(ask: &mut PermissionAsk) {
    for list in [&mut ask.patterns, &mut ask.always] {
        list.truncate(bounds::LISTED);
        for pattern in list {
            cut(pattern, bounds::LINES);
        }
    }
    cut_some(&mut ask.command, bounds::ASKED);
    cut_some(&mut ask.path, bounds::LINES);
    cut_some(&mut ask.leads_to, bounds::LINES);
}

fn clean_question(ask: &mut QuestionAsk) {
    let (questions, options) = bounds::QUESTIONS;
    ask.questions.truncate(questions);
    for question in &mut ask.questions {
        cut(&mut question.header, bounds::NAME);
        cut(&mut question.text, bounds::LINES);
        question.options.truncate(options);
        for option in &mut question.options {
            cut(&mut option.label, bounds::LINES);
            cut(&mut option.description, bounds::LINES);
        }
    }
}

fn clean_todos(todos: &mut Vec<Todo>) {
    todos.truncate(bounds::TODOS);
    for todo in todos {
        cut(&mut todo.content, bounds::LINES);
    }
}

fn usage(usage: &mut Usage) {
    let counts = [
        &mut usage.input,
        &mut usage.output,
        &mut usage.reasoning,
        &mut usage.cache_read,
        &mut usage.cache_write,
    ];
    for count in counts {
        *count = (*count).min(bounds::COUNT);
    }
    money(&mut usage.cost);
}

fn money(cost: &mut f64) {
    if !cost.is_finite() || *cost < 0.0 {
        *cost = 0.0;
    }
    // A sum of these is still a number.
    *cost = cost.min(1e12);
}

/// Within what can be counted with: before the epoch nothing was told.
fn time(at: &mut i64) {
    *at = (*at).clamp(0, i64::try_from(bounds::COUNT).unwrap_or(i64::MAX));
}

fn some_time(at: &mut Option<i64>) {
    if let Some(at) = at {
        time(at);
    }
}

/// Cuts a text in sight.
pub(crate) fn cut(text: &mut String, most: usize) {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
    }
}

fn cut_some(text: &mut Option<String>, most: usize) {
    if let Some(text) = text {
        cut(text, most);
    }
}
