//! A message as it is searched: its words, what its tools did, without secrets.

use std::borrow::Cow;

use cowork_engine::{Message, MessageWithParts, PartContent, Role, ToolCall, ToolState, Usage};
use cowork_redact::Redactor;
use cowork_store::{AnswerUsage, Document, DocumentKind, TEXT_LIMIT, TOOLS_LIMIT};
use cowork_transcript::{BlockContent, Entry};

/// Of a tool's output, the bytes that are searched: what it says first is what it is about.
const OUTPUT: usize = 512;
/// Up to this many bytes a text is read whole.
const AT_ONCE: usize = 4 * 1024;
/// A longer one is read in such pieces, so that of a beginning of some lines little more is read.
const PIECE: usize = 2 * 1024;
/// What is read behind a beginning at most. As much as the sanitizer holds back, which is longer than any real secret.
const HELD: usize = 128 * 1024;

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

/// Adds what still fits. It is without secrets before it is cut: half of one is no longer known to be one.
fn add(to: &mut String, text: &str, limit: usize) {
    if to.len() >= limit || text.trim().is_empty() {
        return;
    }
    if !to.is_empty() {
        to.push('\n');
    }
    to.push_str(beginning(text.trim_start(), limit).trim_end());
}

/// The beginning of a text without secrets. Of a long one no more is read than what the beginning may depend on.
fn beginning(text: &str, limit: usize) -> Cow<'_, str> {
    let mut clean = if text.len() <= AT_ONCE {
        cowork_redact::redact(text)
    } else {
        let mut stream = Redactor::default().stream();
        let mut clean = String::new();
        let mut rest = text.get(..text.floor_char_boundary(limit + HELD)).unwrap_or(text);
        let is_whole = rest.len() == text.len();
        while !rest.is_empty() && clean.len() < limit {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE.min(rest.len())));
            clean.push_str(&stream.push(piece));
            rest = after;
        }
        // What is still held back is only given out where nothing can follow it.
        if rest.is_empty() && is_whole && clean.len() < limit {
            clean.push_str(&stream.finish());
        }
        Cow::Owned(clean)
    };
    if clean.len() > limit {
        let end = clean.floor_char_boundary(limit);
        match &mut clean {
            Cow::Borrowed(clean) => *clean = &clean[..end],
            Cow::Owned(clean) => clean.truncate(end),
        }
    }
    clean
}

fn add_text(document: &mut Document, text: &str) {
    add(&mut document.text, text, TEXT_LIMIT);
}

fn add_tool(document: &mut Document, call: &ToolCall) {
    let said = [&call.target, &call.description, &call.error];
    let output = beginning(&call.output, OUTPUT);
    let change = call.change.as_ref();
    let pieces = [Some(call.name.as_str())]
        .into_iter()
        .chain(said.map(Option::as_deref))
        .chain([change.map(|change| change.path.as_str()), Some(&*output)]);
    for piece in pieces.flatten() {
        add(&mut document.tools, piece, TOOLS_LIMIT);
    }
    if let Some(change) = change.filter(|_| call.state == ToolState::Completed) {
        document.changed_files.push(change.path.clone());
    }
}

/// What is searched lies in a file of its own: a secret that stood in a conversation need not be there as well. Once
/// more over all of it, as a name may stand in one piece and its value in the next.
fn redacted(mut document: Document) -> Document {
    for text in [&mut document.text, &mut document.tools] {
        *text = cowork_redact::redact(text).into_owned();
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> String {
        format!("sk-proj-{}", "a1B2c3D4e5F6g7H8".repeat(3))
    }

    /// As much of a secret as must not be kept.
    fn half() -> String {
        secret()[..20].to_owned()
    }

    #[test]
    fn a_secret_is_taken_out_wherever_a_text_is_cut() {
        let filler = "word ".repeat(TEXT_LIMIT);
        let cut_first = format!("{} {}", &filler[..OUTPUT - 15], secret());
        assert!(
            cowork_redact::redact(&cut_first[..OUTPUT]).contains(&half()[..12]),
            "half of a secret is not known to be one"
        );
        // Where the limit lies in it, at its ends and beside it.
        for limit in [OUTPUT, TOOLS_LIMIT, TEXT_LIMIT] {
            for before in (limit - 80..=limit + 2).step_by(3) {
                for after in ["", " and on", &filler] {
                    let text = format!("{} {}{after}", &filler[..before], secret());
                    let kept = beginning(&text, limit);
                    assert!(kept.len() <= limit && kept.len() + 80 >= limit.min(before));
                    assert!(
                        !kept.contains(&half()[..12]),
                        "{before} of {limit}: {}",
                        &kept[kept.len() - 60..]
                    );
                }
            }
        }
    }

    #[test]
    fn a_key_of_many_lines_is_taken_out_where_a_text_is_cut_in_it() {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n".repeat(60);
        let key = format!("-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n");
        let text = format!("{}\n{key}{}", "a line\n".repeat(60), "more\n".repeat(100_000));
        let kept = beginning(&text, OUTPUT);
        assert!(!kept.contains("MIIEvQ"), "{kept}");
        assert!(kept.starts_with("a line\n"));
    }

    #[test]
    fn what_is_no_secret_is_kept_up_to_the_limit() {
        let text = "plain words\n".repeat(500_000);
        assert_eq!(beginning(&text, TEXT_LIMIT), &text[..TEXT_LIMIT]);
        let short = "x".repeat(AT_ONCE + 1);
        assert_eq!(beginning(&short, TEXT_LIMIT), short);
        let mut to = "before".to_owned();
        add(&mut to, "  after  ", TEXT_LIMIT);
        assert_eq!(to, "before\nafter");
    }
}
