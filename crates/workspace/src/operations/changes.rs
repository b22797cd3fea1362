//! What was changed in files, page by page. A conversation carries the beginning of a change; this is the rest.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use cowork_engine::{FileChange, MessageId, PartId, PermissionId, SessionId, ToolState};
use cowork_transcript::{BlockContent, Transcript};

use crate::render;
use crate::view::{ChangeSource, DiffPage, FileDiff};
use crate::workspace::blocking;
use crate::{Result, Workspace, WorkspaceError};

/// Bytes of changes that are held while somebody turns their pages: some hundred thousand lines. More of a turn is asked
/// of the engine for each page.
const HELD: usize = 16 * 1024 * 1024;

/// Whose changes.
#[derive(Clone, PartialEq, Eq)]
enum Key {
    /// A call's. Its length tells one that was made anew.
    Tool(SessionId, MessageId, PartId, usize),
    /// What a permission is asked for, with its length.
    Ask(PermissionId, usize),
    /// All of a turn.
    Turn(SessionId, MessageId),
}

/// The changes that were looked at last, so that a further page neither copies them nor asks for them, and is one of the
/// list that the window has. One list: a person reads one at a time.
#[derive(Default)]
pub(crate) struct OpenedChanges(Mutex<Option<(Key, Arc<[FileChange]>)>>);

impl OpenedChanges {
    fn get(&self, key: &Key) -> Option<Arc<[FileChange]>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, changes) = held.as_ref()?;
        (of == key).then(|| Arc::clone(changes))
    }

    /// Holds them in the place of what was held, which may be what they replace.
    fn hold(&self, key: Key, changes: Vec<FileChange>) -> Arc<[FileChange]> {
        let changes: Arc<[FileChange]> = changes.into();
        let bytes: usize = changes.iter().map(|change| change.patch.len()).sum();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held = (bytes <= HELD).then(|| (key, Arc::clone(&changes)));
        changes
    }
}

/// A change of a turn as the window was told of it.
struct Told<'a> {
    index: usize,
    path: &'a str,
    bytes: u64,
    folder: &'a Path,
}

impl Told<'_> {
    fn is(&self, change: &FileChange) -> bool {
        change.patch.len() as u64 == self.bytes
            && render::display_path(&change.path, self.folder) == self.path
    }

    /// Where it stands in a list that may be another one by now. One that is another change by now is none.
    fn place(&self, changes: &[FileChange]) -> Option<usize> {
        let stands = changes.get(self.index).is_some_and(|change| self.is(change));
        if stands {
            return Some(self.index);
        }
        changes.iter().position(|change| self.is(change))
    }
}

impl Workspace {
    /// What a prompt's turn changed in the folder.
    ///
    /// # Errors
    /// When the session is not known or the engine does not answer.
    pub async fn turn_changes(&self, session: &str, prompt: &str) -> Result<Vec<FileDiff>> {
        let (id, folder) = self.inner.session(session)?;
        let changes = self.changes_of_turn(&id, &folder, prompt).await?;
        blocking(move || {
            let told = changes.iter().map(|change| render::file_diff(change, &folder));
            told.collect()
        })
        .await
        .map_err(WorkspaceError::Internal)
    }

    /// A further page of the lines of a change.
    ///
    /// # Errors
    /// When there is no such change (any more), or the engine does not answer.
    pub async fn change_page(&self, session: &str, source: ChangeSource, page: usize) -> Result<DiffPage> {
        let (id, folder) = self.inner.session(session)?;
        let found = match source {
            ChangeSource::Tool { message, block } => self
                .tool_change(&id, &message, &block)
                .map(|changes| (changes, 0)),
            ChangeSource::Ask { permission } => {
                self.asked_change(&id, &permission).map(|changes| (changes, 0))
            }
            ChangeSource::Turn {
                message,
                index,
                path,
                bytes,
            } => {
                let told = Told {
                    index,
                    path: &path,
                    bytes,
                    folder: &folder,
                };
                self.told_change(&id, &message, &told).await?
            }
        };
        let (changes, place) = found
            .filter(|(changes, place)| *place < changes.len())
            .ok_or(WorkspaceError::NotFound("The change"))?;
        blocking(move || render::diff_page(&changes[place], page))
            .await
            .map_err(WorkspaceError::Internal)
    }

    fn tool_change(&self, session: &SessionId, message: &str, block: &str) -> Option<Arc<[FileChange]>> {
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
            return Some(vec![change.clone()].into());
        }
        let opened = &self.inner.opened_changes;
        opened
            .get(&key)
            .or_else(|| Some(opened.hold(key, vec![change.clone()])))
    }

    fn asked_change(&self, session: &SessionId, permission: &str) -> Option<Arc<[FileChange]>> {
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
            .or_else(|| Some(opened.hold(key, vec![render::asked_change(ask)?])))
    }

    /// The changes of a turn as they were told last, else as they are, and where one of them stands.
    async fn told_change(
        &self,
        id: &SessionId,
        prompt: &str,
        told: &Told<'_>,
    ) -> Result<Option<(Arc<[FileChange]>, usize)>> {
        let key = Key::Turn(id.clone(), MessageId::from(prompt));
        if let Some(held) = self.inner.opened_changes.get(&key)
            && let Some(place) = told.place(&held)
        {
            return Ok(Some((held, place)));
        }
        let changes = self.changes_of_turn(id, told.folder, prompt).await?;
        Ok(told.place(&changes).map(|place| (changes, place)))
    }

    /// What a prompt's turn changed, as the engine or its tools tell it now.
    async fn changes_of_turn(
        &self,
        id: &SessionId,
        folder: &Path,
        prompt: &str,
    ) -> Result<Arc<[FileChange]>> {
        let prompt = MessageId::from(prompt);
        let engine = self.inner.engine().await?;
        let mut changes = engine.changes(folder, id, &prompt).await?;
        if changes.is_empty() {
            // An engine that keeps no history of the folder still reported what its tools changed.
            let state = self.inner.state();
            if let Some(live) = state.live.get(id) {
                changes = tool_changes(&live.transcript, &prompt);
            }
        }
        let key = Key::Turn(id.clone(), prompt);
        Ok(self.inner.opened_changes.hold(key, changes))
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
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::providers::testing::{FakeEngine, Ring, open, run};
    use crate::told;

    fn change(path: &str, lines: usize, word: &str) -> FileChange {
        let added: Vec<_> = (0..lines).map(|number| format!("+{word} {number}\n")).collect();
        FileChange {
            path: format!("{}/{path}", told::FOLDER),
            patch: format!("@@ -0,0 +1,{lines} @@\n{}", added.concat()),
            additions: lines as u64,
            deletions: 0,
        }
    }

    /// How a window asks for a page of what it was told.
    fn source(told: &[FileDiff], index: usize) -> ChangeSource {
        ChangeSource::Turn {
            message: "msg_1".to_owned(),
            index,
            path: told[index].path.clone(),
            bytes: told[index].bytes,
        }
    }

    #[tokio::test]
    async fn a_page_of_a_turn_is_of_the_change_that_was_told_however_the_list_is_by_now() {
        let (_root, workspace) = open(&Ring::default()).await;
        let session = SessionId::from("ses_1");
        workspace
            .inner
            .state()
            .session_changed(&told::listed(&session, None), &mut Vec::new());
        let engine = Arc::new(FakeEngine::default());
        run(&workspace, &engine);
        let changes = |list: Vec<FileChange>| *engine.changes.lock().unwrap() = list;
        let asked = || engine.changes_asked.load(Ordering::SeqCst);
        let page = async |source| workspace.change_page("ses_1", source, 1).await;

        changes(vec![change("a.txt", 300, "one"), change("b.txt", 300, "one")]);
        let told = workspace.turn_changes("ses_1", "msg_1").await.unwrap();
        let (first, second) = (source(&told, 0), source(&told, 1));
        changes(vec![
            change("0.txt", 300, "one"),
            change("a.txt", 300, "one"),
            change("b.txt", 300, "another"),
        ]);
        let lines = page(second.clone()).await.unwrap().lines;
        assert!(lines[0].html.0.contains("one 100"), "{:?}", lines[0]);
        assert_eq!(asked(), 1, "what was told is held");

        // The window asks for the list anew, and something still asks for a page of the one before.
        let told = workspace.turn_changes("ses_1", "msg_1").await.unwrap();
        assert_eq!((told.len(), asked()), (3, 2));
        let lines = page(first).await.unwrap().lines;
        assert!(
            lines[0].html.0.contains("one 100"),
            "it stands elsewhere by now: {:?}",
            lines[0]
        );
        let gone = page(second).await;
        assert!(
            matches!(gone, Err(WorkspaceError::NotFound(_))),
            "another change is not shown in its place: {gone:?}"
        );
        let lines = page(source(&told, 2)).await.unwrap().lines;
        assert!(lines[0].html.0.contains("another 100"), "{:?}", lines[0]);
    }

    #[test]
    fn more_than_may_be_held_is_not() {
        let opened = OpenedChanges::default();
        let key = || Key::Turn(SessionId::from("ses_1"), MessageId::from("msg_1"));
        let mut large = change("a.txt", 1, "word");
        opened.hold(key(), vec![large.clone()]);
        assert!(opened.get(&key()).is_some());
        large.patch = " ".repeat(HELD + 1);
        assert_eq!(opened.hold(key(), vec![large]).len(), 1);
        assert!(opened.get(&key()).is_none(), "and what it replaces is not either");
    }
}
