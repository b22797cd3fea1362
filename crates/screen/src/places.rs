//! Where in a conversation something stands, and what was said in a stretch of it.

use cowork_engine::{CallId, MessageId, SessionId};
use cowork_transcript::{BlockContent, Transcript};

use crate::view::BlockReference;

/// What was said after one message and before another, as it was written, with an empty line between two texts; from the
/// first message or to the newest where none is given. Of more bytes than `most` it gives the beginning, and says that it
/// was cut. None when one of the two messages is not known.
#[must_use]
pub fn said_between(
    transcript: &Transcript,
    after: Option<&MessageId>,
    before: Option<&MessageId>,
    most: usize,
) -> Option<(String, bool)> {
    let entries = transcript.messages();
    let start = match after {
        Some(message) => transcript.position(message)? + 1,
        None => 0,
    };
    let end = match before {
        Some(message) => transcript.position(message)?,
        None => entries.len(),
    };
    let mut said = String::new();
    let blocks = entries
        .get(start..end)
        .unwrap_or_default()
        .iter()
        .flat_map(|entry| &entry.blocks);
    for block in blocks {
        let BlockContent::Text { text } = &block.content else {
            continue;
        };
        let text = text.trim_end();
        if text.is_empty() {
            continue;
        }
        let between = if said.is_empty() { "" } else { "\n\n" };
        let room = most.saturating_sub(said.len() + between.len());
        said.push_str(between);
        said.push_str(&text[..text.floor_char_boundary(room)]);
        if text.len() > room {
            return Some((said, true));
        }
    }
    Some((said, false))
}

/// The block of a call.
#[must_use]
pub fn block_of_call(transcript: &Transcript, message: &MessageId, call: &CallId) -> Option<BlockReference> {
    let entry = transcript.entry(message)?;
    let block = entry
        .blocks
        .iter()
        .find(|block| matches!(&block.content, BlockContent::Tool(tool) if tool.call.call == *call))?;
    Some(BlockReference {
        message: entry.message.id.to_string(),
        block: block.id.to_string(),
    })
}

/// The newest block whose sub-agent works in this session.
#[must_use]
pub fn block_of_child(transcript: &Transcript, child: &SessionId) -> Option<BlockReference> {
    let (message, block) = transcript.calls_of(child).next_back()?;
    Some(BlockReference {
        message: message.to_string(),
        block: block.to_string(),
    })
}
