//! Looking for words in one conversation. Pure: what is looked through is handed over.

mod fold;

use std::path::Path;

use cowork_engine::{MessageId, Role, ToolCall, ToolKind};
use cowork_markdown::visible_text;
use cowork_transcript::{Block, BlockContent, Entry, Transcript};

pub(crate) use cowork_screen::places::{block_of_call, block_of_child, said_between};

use crate::render::display_path;
use crate::view::{BlockReference, FoundBlock};

/// Messages that are looked through at once: some megabytes at most, in a few milliseconds, so that what was found
/// near the end is shown before the beginning was read.
const AT_ONCE: usize = 500;

/// Bytes of what is looked for; more is no word.
pub(crate) const QUERY_BYTES: usize = 512;

/// What can be found in a block.
enum Text {
    /// As it is shown.
    Plain(String),
    /// As it was written.
    Markdown(String),
}

/// A stretch of a conversation, taken out of it to be looked through without holding anybody up.
pub(crate) struct Stretch {
    blocks: Vec<(BlockReference, Text)>,
    /// How many messages it has.
    pub(crate) messages: usize,
    /// The oldest of them.
    pub(crate) first: Option<MessageId>,
    /// When that was made.
    pub(crate) since: Option<i64>,
    /// Older ones are known.
    pub(crate) more: bool,
}

impl Stretch {
    /// The messages before one, or the newest. None when that one is not known.
    pub(crate) fn before(transcript: &Transcript, before: Option<&MessageId>, folder: &Path) -> Option<Self> {
        let entries = transcript.messages();
        let end = match before {
            Some(message) => transcript.position(message)?,
            None => entries.len(),
        };
        let start = end.saturating_sub(AT_ONCE);
        let taken = &entries[start..end];
        let blocks = taken.iter().flat_map(|entry| {
            entry
                .blocks
                .iter()
                .filter_map(move |block| Some((reference(entry, block), shown(entry, block, folder)?)))
        });
        Some(Self {
            blocks: blocks.collect(),
            messages: taken.len(),
            first: taken.first().map(|entry| entry.message.id.clone()),
            since: taken.first().map(|entry| entry.message.created),
            more: start > 0,
        })
    }

    /// Where a text is found, in order.
    pub(crate) fn find(self, query: &str) -> Vec<FoundBlock> {
        let wanted = fold::fold(query);
        if wanted.is_empty() {
            return Vec::new();
        }
        let found = self.blocks.into_iter().filter_map(|(place, text)| {
            let text = match text {
                Text::Plain(text) => text,
                Text::Markdown(source) => visible_text(&source),
            };
            let count = fold::fold(&text).matches(wanted.as_str()).count();
            (count > 0).then(|| FoundBlock {
                place,
                count: u32::try_from(count).unwrap_or(u32::MAX),
            })
        });
        found.collect()
    }
}

fn reference(entry: &Entry, block: &Block) -> BlockReference {
    BlockReference {
        message: entry.message.id.to_string(),
        block: block.id.to_string(),
    }
}

/// What a window shows of a block: of a call the line that says what it is, not what it printed.
fn shown(entry: &Entry, block: &Block, folder: &Path) -> Option<Text> {
    match &block.content {
        BlockContent::Text { text } if entry.message.role == Role::User => Some(Text::Plain(text.clone())),
        BlockContent::Text { text } | BlockContent::Reasoning { text, .. } => {
            Some(Text::Markdown(text.clone()))
        }
        BlockContent::Tool(tool) => line(&tool.call, folder).map(Text::Plain),
        BlockContent::File { name, .. } => Some(Text::Plain(name.clone())),
        BlockContent::Compaction => None,
    }
}

fn line(call: &ToolCall, folder: &Path) -> Option<String> {
    let target = call.target.as_deref().unwrap_or_default();
    let description = call.description.as_deref().unwrap_or_default();
    match call.kind {
        ToolKind::Plan => None,
        ToolKind::Task => Some(format!("{target} {description}")),
        ToolKind::Read | ToolKind::Write | ToolKind::Edit | ToolKind::List => {
            Some(display_path(target, folder))
        }
        _ if target.is_empty() => Some(description.to_owned()),
        _ => Some(target.to_owned()),
    }
}

/// The prompt before a message, or after it; none when it is not among the messages that are known.
pub(crate) fn prompt_beside(transcript: &Transcript, message: &MessageId, back: bool) -> Option<MessageId> {
    let entries = transcript.messages();
    let position = transcript.position(message)?;
    let is_prompt = |entry: &&Entry| entry.message.role == Role::User;
    let found = if back {
        entries[..position].iter().rfind(is_prompt)
    } else {
        entries[position + 1..].iter().find(is_prompt)
    };
    found.map(|entry| entry.message.id.clone())
}

#[cfg(test)]
mod tests;
