//! What tools printed, page by page. A conversation carries the beginning of it; this is the rest.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cowork_engine::{MessageId, PartId, SessionId, ToolCall, ToolState};
use cowork_transcript::BlockContent;

use super::kept_output;
use crate::render::{self, Paged};
use crate::state::State;
use crate::view::{EngineHome, OutputPage, ToolText};
use crate::workspace::{Inner, blocking};
use crate::{Result, Workspace, WorkspaceError};

/// Which text of which call, and which state of it.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    session: SessionId,
    message: MessageId,
    block: PartId,
    text: ToolText,
    /// Tells a call that was made anew.
    length: usize,
    /// Of a call that runs, how much happened in its session: what it printed may be another text of the same length.
    at: Option<u64>,
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

/// What a look at a call finds.
enum Found {
    /// Its text is held, in pages.
    Held(Arc<Opened>),
    /// It has to be brought into pages.
    Anew {
        key: Key,
        printed: String,
        /// The file that the engine keeps the whole in.
        kept: Option<String>,
        /// The engine gave only a part.
        part: bool,
    },
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
        let place = (SessionId::from(session), message.into(), block.into());
        let found = look(&inner.state(), &inner.opened_output, place, text)?;
        let (key, printed, kept, part) = match found {
            Found::Held(opened) => return Ok(opened),
            Found::Anew {
                key,
                printed,
                kept,
                part,
            } => (key, printed, kept, part),
        };
        let data = data_of_engine(&inner);
        let opened = blocking(move || {
            let whole = kept.and_then(|file| kept_output::read(&data, Path::new(&file)));
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
        inner.opened_output.hold(key, &opened);
        Ok(opened)
    }
}

/// Looks for a text of a call. It is megabytes, and nobody may wait for the state while it is copied more than once: it is
/// taken out only where the pages of it are not held.
fn look(
    state: &State,
    held: &OpenedOutput,
    (session, message, block): (SessionId, MessageId, PartId),
    text: ToolText,
) -> Result<Found> {
    let found = state
        .live
        .get(&session)
        .and_then(|live| Some((live, live.transcript.block(&message, &block)?)));
    let (live, call) = found.ok_or(WorkspaceError::NotFound("The tool call"))?;
    let BlockContent::Tool(tool) = &call.content else {
        return Err(WorkspaceError::InvalidInput(
            "Only a tool call has output.".into(),
        ));
    };
    let call = &tool.call;
    let printed = text_of(call, text).ok_or(WorkspaceError::NotFound("This text of the tool call"))?;
    let ended = matches!(call.state, ToolState::Completed | ToolState::Failed);
    let key = Key {
        session,
        message,
        block,
        text,
        length: printed.len(),
        at: (!ended).then_some(live.applied),
    };
    if let Some(opened) = held.get(&key) {
        return Ok(Found::Held(opened));
    }
    let is_output = text == ToolText::Output;
    Ok(Found::Anew {
        key,
        printed: printed.into_owned(),
        kept: call.kept_output.clone().filter(|_| is_output && ended),
        part: call.shortened && is_output,
    })
}

fn text_of(call: &ToolCall, text: ToolText) -> Option<Cow<'_, str>> {
    match text {
        ToolText::Output => Some(Cow::Borrowed(&call.output)),
        ToolText::Error => call.error.as_deref().map(Cow::Borrowed),
        ToolText::Arguments => call.arguments.as_deref().map(Cow::Borrowed),
        ToolText::Command => render::command(call),
    }
}

/// The data directory of the engine that runs.
fn data_of_engine(inner: &Inner) -> PathBuf {
    let own = inner
        .options
        .home_directory
        .as_ref()
        .filter(|_| inner.running_surroundings().home == EngineHome::Machine);
    match own {
        Some(home) => cowork_opencode::machine_data(home),
        None => inner.home.layout().data_directory(),
    }
}

#[cfg(test)]
mod tests {
    use cowork_engine::ToolKind;

    use super::*;
    use crate::providers::testing::{Ring, open};
    use crate::told;

    const PRINTED: usize = 1_000_000;

    fn session() -> SessionId {
        SessionId::from("ses_1")
    }

    /// A call prints so many of a character.
    fn prints(workspace: &Workspace, state: ToolState, character: &str) {
        let mut call = told::call(ToolKind::Shell, state);
        call.output = character.repeat(PRINTED);
        let part = told::part("msg_1", "prt_1", told::tool(call));
        let event = told::changed(&session(), part);
        let mut effects = Vec::new();
        workspace
            .inner
            .state()
            .apply(told::envelope(event), 1, &mut effects);
    }

    async fn first_character(workspace: &Workspace) -> char {
        let page = workspace
            .tool_output("ses_1", "msg_1", "prt_1", ToolText::Output, 0)
            .await;
        page.unwrap().spans[0].text.chars().next().unwrap()
    }

    /// Whether a page costs a copy of the whole text.
    fn is_copied(workspace: &Workspace) -> bool {
        let place = (session(), "msg_1".into(), "prt_1".into());
        let found = look(
            &workspace.inner.state(),
            &workspace.inner.opened_output,
            place,
            ToolText::Output,
        );
        matches!(found, Ok(Found::Anew { .. }))
    }

    #[tokio::test]
    async fn a_further_page_copies_nothing_and_is_never_one_of_another_text() {
        let (_root, workspace) = open(&Ring::default()).await;
        let (inner, mut effects) = (&workspace.inner, Vec::new());
        inner
            .state()
            .session_changed(&told::listed(&session(), None), &mut effects);
        let message = cowork_engine::EngineEvent::MessageChanged(told::answer(&session(), "msg_1", 1));
        inner.state().apply(told::envelope(message), 1, &mut effects);

        prints(&workspace, ToolState::Running, "a");
        assert!(is_copied(&workspace));
        assert_eq!(first_character(&workspace).await, 'a');
        assert!(!is_copied(&workspace), "also while it runs");
        prints(&workspace, ToolState::Running, "b");
        assert!(is_copied(&workspace), "it is another text of the same length");
        assert_eq!(first_character(&workspace).await, 'b');

        prints(&workspace, ToolState::Completed, "c");
        assert_eq!(first_character(&workspace).await, 'c');
        let delta = told::delta(&session(), "msg_1", "prt_2", "word ");
        inner.state().apply(told::envelope(delta), 1, &mut effects);
        assert!(
            !is_copied(&workspace),
            "what happens beside it does not change what has ended"
        );
    }
}
