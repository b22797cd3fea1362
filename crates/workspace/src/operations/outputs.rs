//! What tools printed and changed, page by page. A conversation carries the beginning of each; this is the rest.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cowork_engine::{FileChange, MessageId, PartId, PermissionId, SessionId, ToolCall, ToolState};
use cowork_transcript::BlockContent;

use super::folders::tool_changes;
use crate::render::{self, Paged};
use crate::view::{ChangeSource, DiffPage, EngineHome, OutputPage, ToolText};
use crate::workspace::{Inner, blocking};
use crate::{Result, Workspace, WorkspaceError};

/// Bytes read of a file in which the engine keeps an output: three times the output of a loud build, and little enough
/// to be held while somebody looks at it.
const KEPT: u64 = 16 * 1024 * 1024;

/// Which text of which call, with its length, which tells a call that was made anew.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    session: SessionId,
    message: MessageId,
    block: PartId,
    text: ToolText,
    length: usize,
}

/// A text that is looked at, in pages.
struct Opened {
    pages: Paged,
    bytes: u64,
    lines: u64,
    shortened: bool,
}

/// The text that was looked at last, so that each further page costs only itself. One: a person reads one at a time.
#[derive(Default)]
pub(crate) struct OpenedOutput(Mutex<Option<(Key, Arc<Opened>)>>);

impl OpenedOutput {
    fn get(&self, key: &Key) -> Option<Arc<Opened>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, opened) = held.as_ref()?;
        (of == key).then(|| Arc::clone(opened))
    }

    fn hold(&self, key: Key, opened: &Arc<Opened>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, Arc::clone(opened)));
    }
}

impl Workspace {
    /// A page of a text of a tool call. Of an output that the engine gave only a part of, the pages are those of the
    /// whole as long as the engine keeps it.
    ///
    /// # Errors
    /// When the call is not in memory or has no such text.
    pub async fn tool_output(
        &self,
        session: &str,
        message: &str,
        block: &str,
        text: ToolText,
        page: usize,
    ) -> Result<OutputPage> {
        let opened = self.opened(session, message, block, text).await?;
        Ok(OutputPage {
            spans: opened.pages.page(page),
            pages: opened.pages.count(),
            bytes: opened.bytes,
            lines: opened.lines,
            left_out: opened.pages.left_out(),
            shortened: opened.shortened,
        })
    }

    /// All of a text of a tool call, without looks, to be copied.
    ///
    /// # Errors
    /// When the call is not in memory or has no such text.
    pub async fn tool_text(
        &self,
        session: &str,
        message: &str,
        block: &str,
        text: ToolText,
    ) -> Result<String> {
        let opened = self.opened(session, message, block, text).await?;
        Ok(opened.pages.text().to_owned())
    }

    async fn opened(&self, session: &str, message: &str, block: &str, text: ToolText) -> Result<Arc<Opened>> {
        let inner = Arc::clone(&self.inner);
        let (message, block) = (MessageId::from(message), PartId::from(block));
        let session = SessionId::from(session);
        let (key, printed, kept, part, ended) = {
            let state = inner.state();
            let call = state
                .live
                .get(&session)
                .and_then(|live| live.transcript.block(&message, &block))
                .ok_or(WorkspaceError::NotFound("The tool call"))?;
            let BlockContent::Tool(tool) = &call.content else {
                return Err(WorkspaceError::InvalidInput(
                    "Only a tool call has output.".into(),
                ));
            };
            let call = &tool.call;
            let ended = matches!(call.state, ToolState::Completed | ToolState::Failed);
            let printed =
                text_of(call, text).ok_or(WorkspaceError::NotFound("This text of the tool call"))?;
            let key = Key {
                session: session.clone(),
                message: message.clone(),
                block: block.clone(),
                text,
                length: printed.len(),
            };
            if ended && let Some(opened) = inner.opened_output.get(&key) {
                return Ok(opened);
            }
            let is_output = text == ToolText::Output;
            let kept = call.kept_output.clone().filter(|_| is_output && ended);
            (key, printed, kept, call.shortened && is_output, ended)
        };
        let folder = kept_outputs(&inner);
        let opened = blocking(move || {
            let whole = kept.and_then(|file| read_kept(&folder, Path::new(&file)));
            let (printed, shortened) = match whole {
                Some((whole, all)) => (whole, !all),
                None => (printed, part),
            };
            Opened {
                bytes: printed.len() as u64,
                lines: render::lines(&printed),
                pages: Paged::of(&printed),
                shortened,
            }
        })
        .await
        .map_err(WorkspaceError::Internal)?;
        let opened = Arc::new(opened);
        if ended {
            inner.opened_output.hold(key, &opened);
        }
        Ok(opened)
    }

    /// A further page of the lines of a change.
    ///
    /// # Errors
    /// When there is no such change (any more), or the engine does not answer.
    pub async fn change_page(&self, session: &str, source: ChangeSource, page: usize) -> Result<DiffPage> {
        let (id, folder) = self.inner.session(session)?;
        let change = match source {
            ChangeSource::Tool { message, block } => self.tool_change(&id, &message, &block),
            ChangeSource::Ask { permission } => self.asked_change(&id, &permission),
            ChangeSource::Turn { message, index } => self
                .changes_of_turn(&id, &folder, &message)
                .await?
                .into_iter()
                .nth(index),
        };
        let change = change.ok_or(WorkspaceError::NotFound("The change"))?;
        blocking(move || render::diff_page(&change, page))
            .await
            .map_err(WorkspaceError::Internal)
    }

    fn tool_change(&self, session: &SessionId, message: &str, block: &str) -> Option<FileChange> {
        let state = self.inner.state();
        let transcript = &state.live.get(session)?.transcript;
        match &transcript
            .block(&MessageId::from(message), &PartId::from(block))?
            .content
        {
            BlockContent::Tool(tool) => tool.call.change.clone(),
            _ => None,
        }
    }

    fn asked_change(&self, session: &SessionId, permission: &str) -> Option<FileChange> {
        let state = self.inner.state();
        let permission = PermissionId::from(permission);
        // The ask may be a sub-agent's, whose card stands in the conversation above it.
        let own = state.live.get(session).into_iter();
        own.chain(state.live.values())
            .flat_map(|live| live.transcript.permissions())
            .find(|ask| ask.id == permission)
            .and_then(render::asked_change)
    }

    /// What a prompt's turn changed, as the engine or its tools tell it.
    pub(super) async fn changes_of_turn(
        &self,
        id: &SessionId,
        folder: &Path,
        prompt: &str,
    ) -> Result<Vec<FileChange>> {
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
        Ok(changes)
    }
}

fn text_of(call: &ToolCall, text: ToolText) -> Option<String> {
    match text {
        ToolText::Output => Some(call.output.clone()),
        ToolText::Error => call.error.clone(),
        ToolText::Arguments => call.arguments.clone(),
        ToolText::Command => render::command(call).map(std::borrow::Cow::into_owned),
    }
}

/// The folder in which the engine that runs keeps outputs it gave a part of.
fn kept_outputs(inner: &Inner) -> PathBuf {
    let own = inner
        .options
        .home_directory
        .as_ref()
        .filter(|_| inner.running_surroundings().home == EngineHome::Machine);
    cowork_opencode::kept_outputs(&match own {
        Some(home) => cowork_opencode::machine_data(home),
        None => inner.home.layout().data_directory(),
    })
}

/// Reads a file that lies in the folder itself, and says whether that was all of it. The name came with the output and
/// may be anybody's: a link is not followed, and nothing else is read.
fn read_kept(folder: &Path, file: &Path) -> Option<(String, bool)> {
    let file = folder.join(file.file_name().filter(|_| file.parent() == Some(folder))?);
    let is_file = std::fs::symlink_metadata(&file).ok()?.is_file();
    let mut bytes = Vec::new();
    File::open(&file)
        .ok()
        .filter(|_| is_file)?
        .take(KEPT + 1)
        .read_to_end(&mut bytes)
        .ok()?;
    let all = bytes.len() as u64 <= KEPT;
    if !all {
        bytes.pop();
    }
    // Only where it was cut can it end in the middle of a character.
    Some((String::from_utf8_lossy(&bytes).into_owned(), all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_of_the_folder_itself_is_read() {
        let root = tempfile::tempdir().expect("a folder can be made");
        let folder = root.path().join("outputs");
        std::fs::create_dir_all(folder.join("within")).expect("a folder can be made");
        for file in ["outputs/tool_1", "outputs/within/tool_2", "secret"] {
            std::fs::write(root.path().join(file), "text").expect("a file can be written");
        }
        let read = |file: &str| read_kept(&folder, &root.path().join(file));
        assert_eq!(read("outputs/tool_1"), Some(("text".to_owned(), true)));
        for other in [
            "outputs/within/tool_2",
            "secret",
            "outputs/../secret",
            "outputs/within",
            "outputs/none",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(read_kept(&folder, Path::new("tool_1")), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(root.path().join("secret"), folder.join("link"))
                .expect("a link can be made");
            assert_eq!(read("outputs/link"), None);
        }
    }
}
