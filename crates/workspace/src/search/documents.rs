//! A message as it is searched: its words, what its tools did, without secrets.

use cowork_engine::{Message, MessageWithParts, PartContent, Role, ToolCall, ToolState, Usage};
use cowork_store::{AnswerUsage, Document, DocumentKind, TEXT_LIMIT, TOOLS_LIMIT};
use cowork_transcript::{BlockContent, Entry};

/// Of a tool's output, the bytes that are searched: what it says first is what it is about.
const OUTPUT: usize = 512;

/// A message out of a conversation in memory.
pub(super) fn of_entry(entry: &Entry) -> Document {
    let mut document = empty(&entry.message);
    for block in &entry.blocks {
        match &block.content {
            BlockContent::Text { text } => add_text(&mut document, text),
            BlockContent::Tool(tool) => add_tool(&mut document, &tool.call),
            BlockContent::File { name, .. } => add_text(&mut document, name),
            BlockContent::Reasoning { .. } | BlockContent::Compaction => {}
        }
    }
    redacted(document)
}

/// A message as the engine gives it.
pub(super) fn of_message(message: &MessageWithParts) -> Document {
    let mut document = empty(&message.message);
    for part in &message.parts {
        match &part.content {
            PartContent::Text {
                text,
                synthetic: false,
            } => add_text(&mut document, text),
            PartContent::Tool(call) => add_tool(&mut document, call),
            PartContent::File { name, .. } => add_text(&mut document, name),
            _ => {}
        }
    }
    redacted(document)
}

fn empty(message: &Message) -> Document {
    let usage = &message.usage;
    Document {
        session: message.session.to_string(),
        message: message.id.to_string(),
        kind: match message.role {
            Role::User => DocumentKind::Prompt,
            Role::Assistant => DocumentKind::Answer,
        },
        agent: message.agent.clone(),
        model: message.model.as_ref().map(ToString::to_string),
        created: message.created,
        tokens: usage.input + usage.output + usage.reasoning,
        usage: taken(message),
        text: String::new(),
        tools: String::new(),
        changed_files: Vec::new(),
    }
}

/// What an answer took, when it took something.
fn taken(message: &Message) -> Option<AnswerUsage> {
    let usage = &message.usage;
    if message.role != Role::Assistant || *usage == Usage::default() {
        return None;
    }
    Some(AnswerUsage {
        input: usage.input,
        output: usage.output,
        reasoning: usage.reasoning,
        cache_read: usage.cache_read,
        cache_write: usage.cache_write,
        cost: usage.cost,
    })
}

/// Adds what still fits.
fn add(to: &mut String, text: &str, limit: usize) {
    let text = text.trim();
    if text.is_empty() || to.len() >= limit {
        return;
    }
    if !to.is_empty() {
        to.push('\n');
    }
    to.push_str(&text[..text.floor_char_boundary(limit)]);
}

fn add_text(document: &mut Document, text: &str) {
    add(&mut document.text, text, TEXT_LIMIT);
}

fn add_tool(document: &mut Document, call: &ToolCall) {
    let said = [&call.target, &call.description, &call.error];
    let output = &call.output[..call.output.floor_char_boundary(OUTPUT)];
    let change = call.change.as_ref();
    let pieces = [Some(call.name.as_str())]
        .into_iter()
        .chain(said.map(Option::as_deref))
        .chain([change.map(|change| change.path.as_str()), Some(output)]);
    for piece in pieces.flatten() {
        add(&mut document.tools, piece, TOOLS_LIMIT);
    }
    if let Some(change) = change.filter(|_| call.state == ToolState::Completed) {
        document.changed_files.push(change.path.clone());
    }
}

/// What is searched lies in a file of its own: a secret that stood in a conversation need not be there as well.
fn redacted(mut document: Document) -> Document {
    for text in [&mut document.text, &mut document.tools] {
        *text = cowork_redact::redact(text).into_owned();
    }
    document
}
