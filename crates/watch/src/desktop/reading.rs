//! What is asked of one conversation beside its picture: texts to copy, and pages of what tools printed and changed.

use std::borrow::Cow;

use cowork_engine::{FileChange, MessageId, PartId, PermissionId, SessionId, ToolCall};
use cowork_screen::places;
use cowork_screen::render::{self, Paged};
use cowork_screen::view::{ChangeSource, DiffPage, OutputPage, ToolText};
use cowork_transcript::BlockContent;

use super::Desktop;
use crate::bounds;

/// Taken out of a room, to be brought into pages where nobody waits for the room.
#[derive(Clone, Debug)]
pub(crate) enum Read {
    /// What a tool printed, or another text of a call.
    Printed {
        /// All of it.
        text: String,
        /// The engine gave only a part.
        shortened: bool,
    },
    /// A change.
    Change(FileChange),
}

impl Read {
    /// A page of what was printed.
    pub(crate) fn output(&self, page: usize) -> Option<OutputPage> {
        let Self::Printed { text, shortened } = self else {
            return None;
        };
        let pages = Paged::of(text);
        Some(OutputPage {
            spans: pages.page(page),
            pages: pages.count(),
            bytes: text.len() as u64,
            lines: render::lines(text),
            left_out: pages.left_out(),
            shortened: *shortened,
        })
    }

    /// All of what was printed, as plain text.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Printed { text, .. } => Some(render::plain(text)),
            Self::Change(_) => None,
        }
    }

    /// A page of a change.
    pub(crate) fn change(&self, page: usize) -> Option<DiffPage> {
        match self {
            Self::Change(change) => Some(render::diff_page(change, page)),
            Self::Printed { .. } => None,
        }
    }
}

impl Desktop {
    /// What was said in a conversation or a stretch of it, and whether there is more.
    pub(crate) fn said(
        &self,
        id: &SessionId,
        after: Option<&str>,
        before: Option<&str>,
    ) -> Option<(String, bool)> {
        let (after, before) = (after.map(MessageId::from), before.map(MessageId::from));
        places::said_between(
            self.transcript(id)?,
            after.as_ref(),
            before.as_ref(),
            bounds::COPIED,
        )
    }

    /// A message as it was written.
    pub(crate) fn source(&self, id: &SessionId, message: &str) -> Option<String> {
        let entry = self.transcript(id)?.entry(&MessageId::from(message))?;
        let texts = entry.blocks.iter().filter_map(|block| match &block.content {
            BlockContent::Text { text } => Some(text.as_str()),
            _ => None,
        });
        Some(texts.collect::<Vec<_>>().join("\n\n"))
    }

    fn call(&self, id: &SessionId, message: &str, block: &str) -> Option<&ToolCall> {
        let block = self
            .transcript(id)?
            .block(&MessageId::from(message), &PartId::from(block))?;
        match &block.content {
            BlockContent::Tool(tool) => Some(&tool.call),
            _ => None,
        }
    }

    /// A text of a call.
    pub(crate) fn printed(&self, id: &SessionId, message: &str, block: &str, text: ToolText) -> Option<Read> {
        let call = self.call(id, message, block)?;
        let printed = match text {
            ToolText::Output => Cow::Borrowed(call.output.as_str()),
            ToolText::Error => Cow::Borrowed(call.error.as_deref()?),
            ToolText::Arguments => Cow::Borrowed(call.arguments.as_deref()?),
            ToolText::Command => render::command(call)?,
        };
        Some(Read::Printed {
            text: printed.into_owned(),
            shortened: call.shortened && text == ToolText::Output,
        })
    }

    /// A change.
    pub(crate) fn change(&self, id: &SessionId, source: &ChangeSource) -> Option<Read> {
        let change = match source {
            ChangeSource::Tool { message, block } => self.call(id, message, block)?.change.clone()?,
            ChangeSource::Ask { permission } => {
                let permission = PermissionId::from(permission.as_str());
                let asks = self.threads.asking();
                let mut asks = asks
                    .filter(|(asking, _)| *asking == id || self.threads.descends(asking, id))
                    .flat_map(|(_, thread)| &thread.permissions);
                let (ask, _) = asks.find(|(ask, _)| ask.id == permission)?;
                render::asked_change(ask)?
            }
        };
        Some(Read::Change(change))
    }
}
