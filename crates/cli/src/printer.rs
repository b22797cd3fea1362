//! Prints what is new in a conversation, however much of it came at once.

use std::collections::{HashMap, HashSet};

use cowork_transcript::{BlockContent, ToolView, Transcript};
use cowork_workspace::{Role, ToolState};

/// Something to print.
pub(crate) enum Piece {
    /// A piece of an answer.
    Answer(String),
    /// A line beside it.
    Note(String),
    /// The answer so far ends here.
    EndOfAnswer,
}

/// Remembers what was printed of one conversation.
#[derive(Default)]
pub(crate) struct Printer {
    /// Bytes printed of each text.
    printed: HashMap<String, usize>,
    begun: HashSet<String>,
    ended: HashSet<String>,
}

impl Printer {
    /// What was not printed yet. It is printed once it is on disk, and counts as printed from here on.
    pub(crate) fn unprinted(&mut self, transcript: &Transcript) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let answers = transcript
            .messages()
            .iter()
            .filter(|entry| entry.message.role == Role::Assistant);
        for block in answers.flat_map(|entry| &entry.blocks) {
            let id = block.id.as_str();
            match &block.content {
                BlockContent::Text { text } => {
                    if !self.printed.contains_key(id) {
                        pieces.push(Piece::EndOfAnswer);
                    }
                    let printed = self.printed.entry(id.to_owned()).or_default();
                    // A repeated request begins its text anew; what was printed of the failed one stays.
                    if let Some(new) = text.get(*printed..) {
                        pieces.push(Piece::Answer(new.to_owned()));
                        *printed = text.len();
                    }
                }
                BlockContent::Tool(tool) => self.tool(id, tool, &mut pieces),
                _ => {}
            }
        }
        pieces
    }

    fn tool(&mut self, id: &str, tool: &ToolView, pieces: &mut Vec<Piece>) {
        let call = &tool.call;
        if call.state == ToolState::Pending {
            return;
        }
        if self.begun.insert(id.to_owned()) {
            pieces.push(Piece::Note(format!(
                "· {} {}",
                call.name,
                call.target.as_deref().unwrap_or_default()
            )));
        }
        let failed = call.state == ToolState::Failed;
        if (failed || call.state == ToolState::Completed) && self.ended.insert(id.to_owned()) {
            if let Some(error) = call.error.as_deref().filter(|_| failed) {
                let reason = error.lines().next().unwrap_or_default();
                pieces.push(Piece::Note(format!("  failed: {reason}")));
            } else if let Some(change) = &call.change {
                pieces.push(Piece::Note(format!(
                    "  {} +{} −{}",
                    change.path, change.additions, change.deletions
                )));
            }
        }
    }
}
