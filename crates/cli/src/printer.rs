//! Prints what is new in a conversation, however much of it came at once.

use std::collections::{HashMap, HashSet};

use cowork_transcript::{BlockContent, ToolView, Transcript};
use cowork_workspace::{Role, ToolState};

use crate::terminal::Terminal;

/// Remembers what was printed of one conversation.
#[derive(Default)]
pub(crate) struct Printer {
    /// Bytes printed of each text.
    printed: HashMap<String, usize>,
    begun: HashSet<String>,
    ended: HashSet<String>,
}

impl Printer {
    /// Prints what was not printed yet.
    pub(crate) fn print(&mut self, transcript: &Transcript, terminal: &mut Terminal) {
        let answers = transcript
            .messages()
            .iter()
            .filter(|entry| entry.message.role == Role::Assistant);
        for block in answers.flat_map(|entry| &entry.blocks) {
            let id = block.id.as_str();
            match &block.content {
                BlockContent::Text { text } => {
                    if !self.printed.contains_key(id) {
                        terminal.end_answer();
                    }
                    let printed = self.printed.entry(id.to_owned()).or_default();
                    // A repeated request begins its text anew; what was printed of the failed one stays.
                    if let Some(new) = text.get(*printed..) {
                        terminal.answer(new);
                        *printed = text.len();
                    }
                }
                BlockContent::Tool(tool) => self.tool(id, tool, terminal),
                _ => {}
            }
        }
    }

    fn tool(&mut self, id: &str, tool: &ToolView, terminal: &mut Terminal) {
        let call = &tool.call;
        if call.state == ToolState::Pending {
            return;
        }
        if self.begun.insert(id.to_owned()) {
            terminal.note(&format!(
                "· {} {}",
                call.name,
                call.target.as_deref().unwrap_or_default()
            ));
        }
        let failed = call.state == ToolState::Failed;
        if (failed || call.state == ToolState::Completed) && self.ended.insert(id.to_owned()) {
            if let Some(error) = call.error.as_deref().filter(|_| failed) {
                terminal.note(&format!("  failed: {}", error.lines().next().unwrap_or_default()));
            } else if let Some(change) = &call.change {
                terminal.note(&format!(
                    "  {} +{} −{}",
                    change.path, change.additions, change.deletions
                ));
            }
        }
    }
}
