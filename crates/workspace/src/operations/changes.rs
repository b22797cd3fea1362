//! What was changed in files, page by page. A conversation carries the beginning of a change; this is the rest.

use std::sync::{Arc, Mutex, PoisonError};

use cowork_engine::{FileChange, MessageId, PartId, PermissionId, SessionId, ToolState};
use cowork_transcript::{BlockContent, Transcript};

use crate::render;
use crate::view::{ChangeSource, DiffPage};
use crate::workspace::blocking;
use crate::{Result, Workspace, WorkspaceError};

/// Bytes of a change that is held while somebody turns its pages: some hundred thousand lines. A larger one is copied for
/// each page.
const HELD: usize = 16 * 1024 * 1024;

/// Whose change.
#[derive(Clone, PartialEq, Eq)]
enum Key {
    /// A call's. Its length tells one that was made anew.
    Tool(SessionId, MessageId, PartId, usize),
    /// What a permission is asked for, with its length.
    Ask(PermissionId, usize),
}

/// The change that was looked at last, so that a further page does not copy it. One: a person reads one at a time.
#[derive(Default)]
pub(crate) struct OpenedChanges(Mutex<Option<(Key, Arc<FileChange>)>>);

impl OpenedChanges {
    fn get(&self, key: &Key) -> Option<Arc<FileChange>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, change) = held.as_ref()?;
        (of == key).then(|| Arc::clone(change))
    }

    /// Holds it in the place of what was held, which may be what it replaces.
    fn hold(&self, key: Key, change: FileChange) -> Arc<FileChange> {
        let change = Arc::new(change);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held = (change.patch.len() <= HELD).then(|| (key, Arc::clone(&change)));
        change
    }
}

impl Workspace {
    /// A further page of the lines of a change.
    ///
    /// # Errors
    /// When there is no such change (any more).
    pub async fn change_page(&self, session: &str, source: ChangeSource, page: usize) -> Result<DiffPage> {
        let (id, _) = self.inner.session(session)?;
        let found = match source {
            ChangeSource::Tool { message, block } => self.tool_change(&id, &message, &block),
            ChangeSource::Ask { permission } => self.asked_change(&id, &permission),
        };
        let change = found.ok_or(WorkspaceError::NotFound("The change"))?;
        blocking(move || render::diff_page(&change, page))
            .await
            .map_err(WorkspaceError::Internal)
    }

    fn tool_change(&self, session: &SessionId, message: &str, block: &str) -> Option<Arc<FileChange>> {
        let state = self.inner.state();
        let (message, block) = (MessageId::from(message), PartId::from(block));
        let BlockContent::Tool(tool) = &state
            .live
            .get(session)?
            .transcript
            .block(&message, &block)?
            .content
        else {
            return None;
        };
        let change = tool.call.change.as_ref()?;
        let key = Key::Tool(session.clone(), message, block, change.patch.len());
        // What a call says while it runs may be another change of the same length.
        let ended = matches!(tool.call.state, ToolState::Completed | ToolState::Failed);
        if !ended {
            return Some(Arc::new(change.clone()));
        }
        let opened = &self.inner.opened_changes;
        opened
            .get(&key)
            .or_else(|| Some(opened.hold(key, change.clone())))
    }

    fn asked_change(&self, session: &SessionId, permission: &str) -> Option<Arc<FileChange>> {
        let state = self.inner.state();
        let permission = PermissionId::from(permission);
        // The ask may be a sub-agent's, whose card stands in the conversation above it.
        let own = state.live.get(session).into_iter();
        let ask = own
            .chain(state.live.values())
            .flat_map(|live| live.transcript.permissions())
            .find(|ask| ask.id == permission)?;
        let key = Key::Ask(permission, ask.diff.as_ref()?.len());
        let opened = &self.inner.opened_changes;
        opened
            .get(&key)
            .or_else(|| Some(opened.hold(key, render::asked_change(ask)?)))
    }
}

/// What the tools of a prompt's turn said that they changed.
pub(super) fn tool_changes(transcript: &Transcript, prompt: &MessageId) -> Vec<FileChange> {
    transcript
        .messages()
        .iter()
        .filter(|entry| entry.message.parent.as_ref() == Some(prompt))
        .flat_map(|entry| &entry.blocks)
        .filter_map(|block| match &block.content {
            BlockContent::Tool(tool) => tool.call.change.clone(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_may_be_held_is_not() {
        let opened = OpenedChanges::default();
        let key = || Key::Ask(PermissionId::from("per_1"), 1);
        let change = |bytes: usize| FileChange {
            path: "a.txt".to_owned(),
            patch: " ".repeat(bytes),
            additions: 0,
            deletions: 0,
        };
        opened.hold(key(), change(1));
        assert!(opened.get(&key()).is_some());
        assert_eq!(opened.hold(key(), change(HELD + 1)).patch.len(), HELD + 1);
        assert!(opened.get(&key()).is_none(), "and what it replaces is not either");
    }
}
