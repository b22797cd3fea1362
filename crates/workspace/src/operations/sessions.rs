//! Beginning, opening, renaming and deleting sessions.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cowork_engine::{MessageId, NewSession, SessionId, SessionSnapshot};
use cowork_store::JournalEntry;
use cowork_transcript::BlockContent;

use crate::boxes;
use crate::error::{Result, WorkspaceError};
use crate::folders;
use crate::index;
use crate::journal;
use crate::state::Effect;
use crate::view::{Conversation, ConversationPage, FolderKind, SessionRow};
use crate::workspace::{ENGINE_PATIENCE, Workspace, blocking, now};

/// Messages that are read when a conversation is opened: two pages of the window. The engine takes 30 ms for a hundred,
/// and seconds for ten thousand.
pub(crate) const NEWEST_READ: u32 = 200;

/// Messages that are read at once when older ones are wanted.
const OLDER_READ: u32 = 500;

/// Characters of a title. Longer ones say nothing in a list.
pub(super) const TITLE_CHARACTERS: usize = 200;

/// How often a conversation is read in the hope that nothing happens to it meanwhile. One that streams all the while
/// is taken as it is: its text is made whole by what the engine sends at the end.
const READINGS: usize = 3;

/// How long a page waits for an engine that is on its way: less than the window takes a page for lost, so that it
/// is told why it has none.
const PAGE_PATIENCE: Duration = Duration::from_secs(4);

impl Workspace {
    /// Begins a session in a granted folder, or in a throw-away folder made for it.
    ///
    /// # Errors
    /// When the folder is not granted or gone, or the engine is not to be had.
    pub async fn create_session(&self, folder: Option<&str>) -> Result<SessionRow> {
        let granted = match folder {
            Some(folder) => Some(self.inner.state().folders.resolve(folder)?),
            None => None,
        };
        let path = self.folder_to_begin_in(granted).await?;
        self.begin_session_in(path).await
    }

    /// The folder of a session that is about to begin: a granted one, or a throw-away one made for it.
    ///
    /// # Errors
    /// As [`Workspace::create_session`].
    pub(crate) async fn folder_to_begin_in(&self, granted: Option<PathBuf>) -> Result<PathBuf> {
        // First of all: without an engine no folder has to be made.
        self.inner.engine().await?;
        if let Some(path) = granted {
            return blocking(move || folders::readable(&path))
                .await
                .map_err(WorkspaceError::Internal)?;
        }
        let root = self.inner.options.places.sandbox_folder_root.clone();
        let path = blocking(move || folders::make_sandbox(&root))
            .await
            .and_then(std::convert::identity)
            .map_err(|error| WorkspaceError::NotSaved(format!("{error:#}")))?;
        self.grant(path.clone(), FolderKind::Sandbox).await?;
        Ok(path)
    }

    /// Begins a session in a folder that was looked at.
    ///
    /// # Errors
    /// When the engine is not to be had, or does not take it.
    pub(crate) async fn begin_session_in(&self, path: PathBuf) -> Result<SessionRow> {
        let engine = self.inner.engine().await?;
        boxes::bring_into_reach(&self.inner, &path).await;
        tokio::spawn({
            let (inner, path) = (self.inner.clone(), path.clone());
            async move { boxes::prove(&inner, &path).await }
        });
        // The one before may have been ended for the folder's sake.
        let engine = self.inner.engine().await.unwrap_or(engine);
        let session = engine.create_session(&path, NewSession::default()).await?;
        let mut effects = Vec::new();
        let row = {
            let mut state = self.inner.state();
            state.session_changed(&session, &mut effects);
            // It is new: nothing of it can have been missed.
            state.live(&session.id).loaded = true;
            let agent = state.settings.default_agent.clone();
            let model = state.model_to_begin_with();
            let row = state.choose(&session.id, agent, Some(model));
            effects.extend(row.clone().map(Effect::Store));
            row
        };
        self.inner.carry_out(effects);
        row.map(|row| row.view())
            .ok_or(WorkspaceError::NotFound("The thread"))
    }

    /// Opens a session's conversation: gives its newest messages, or those around one, and their changes by subscription
    /// from then on.
    ///
    /// # Errors
    /// When it is not known, or has to be read from an engine that is not to be had.
    pub async fn open_session(&self, session: &str, around: Option<&str>) -> Result<Conversation> {
        let (id, _) = self.inner.session(session)?;
        let request = self.inner.opening.fetch_add(1, Ordering::Relaxed) + 1;
        // A jump in what was open until now leads nowhere any more.
        self.inner.turning.fetch_add(1, Ordering::Relaxed);
        self.load(&id).await?;
        if let Some(message) = around {
            self.read_back_to(&id, message).await?;
        }
        self.read_back_to_what_counts(&id).await?;
        let draft = self.unsent(&id).await?;
        let mut effects = Vec::new();
        // Several may be opened at once, and each takes its own time: the one asked for last stays open.
        let newest = self.inner.opening.load(Ordering::Relaxed) == request;
        let conversation = self.inner.state().open(
            &id,
            around.map(MessageId::from).as_ref(),
            draft,
            newest,
            &mut effects,
        );
        self.inner.carry_out(effects);
        Ok(conversation)
    }

    /// Has a session's conversation in memory.
    pub(crate) async fn load(&self, session: &SessionId) -> Result<()> {
        if self
            .inner
            .state()
            .live
            .get(session)
            .is_some_and(|live| live.loaded)
        {
            return Ok(());
        }
        let mut before = self.applied(session);
        let mut snapshot = self.snapshot(session).await?;
        for _ in 1..READINGS {
            // What happened while it was read may or may not be in it.
            let now = self.applied(session);
            if now == before {
                break;
            }
            before = now;
            snapshot = self.snapshot(session).await?;
        }
        let kept = self.streamed(session).await?;
        let mut effects = Vec::new();
        self.inner.state().restore(snapshot, kept, now(), &mut effects);
        self.inner.carry_out(effects);
        Ok(())
    }

    /// What was streamed into answers of a session that the engine never finished.
    async fn streamed(&self, session: &SessionId) -> Result<Vec<JournalEntry>> {
        let (store, wanted) = (self.inner.store.clone(), session.clone());
        blocking(move || index::journal(&store, &wanted))
            .await
            .and_then(std::convert::identity)
            .map_err(WorkspaceError::Internal)
    }

    fn applied(&self, session: &SessionId) -> u64 {
        let state = self.inner.state();
        state.live.get(session).map_or(0, |live| live.applied)
    }

    async fn snapshot(&self, session: &SessionId) -> Result<SessionSnapshot> {
        let (id, folder) = self.inner.session(session.as_str())?;
        let engine = self.inner.engine().await?;
        let mut snapshot = engine.snapshot(&folder, &id, Some(NEWEST_READ)).await?;
        boxes::resolve_asks(&mut snapshot.permissions, &folder).await;
        Ok(snapshot)
    }

    /// Has the window hold other messages of the open conversation; they come by subscription.
    ///
    /// What is in memory is told whether or not there is an engine; the rest of it is read beside. A jump for which
    /// messages have to be read is dropped when another page is asked for meanwhile: the person reads elsewhere by then.
    ///
    /// # Errors
    /// When the conversation is not open, or messages have to be read from an engine that is not to be had.
    pub async fn turn_page(&self, session: &str, page: ConversationPage) -> Result<()> {
        let (id, _) = self.inner.session(session)?;
        let request = self.inner.turning.fetch_add(1, Ordering::Relaxed) + 1;
        let is_overtaken = || self.inner.turning.load(Ordering::Relaxed) != request;
        match &page {
            ConversationPage::Older if self.inner.state().has_older(&id) => {
                let (workspace, id) = (self.clone(), id.clone());
                // For the page after this one. When that is asked for and could not be read, it says so.
                tokio::spawn(async move { workspace.read_older_within(PAGE_PATIENCE, &id, false).await });
            }
            ConversationPage::Older => {
                self.read_older_within(PAGE_PATIENCE, &id, false).await?;
            }
            ConversationPage::Around { message } => {
                let message = MessageId::from(message.as_str());
                while !is_overtaken()
                    && !self.holds(&id, &message)
                    && self.read_older_within(PAGE_PATIENCE, &id, true).await?
                {}
            }
            ConversationPage::Newer | ConversationPage::Latest => {}
        }
        {
            let mut state = self.inner.state();
            // Under the lock, or what overtook it could be noted before it.
            if matches!(page, ConversationPage::Around { .. }) && is_overtaken() {
                return Ok(());
            }
            if !state.turn_page(&id, page) {
                return Err(WorkspaceError::NotFound("The open conversation"));
            }
        }
        self.inner.feed.changed();
        Ok(())
    }

    fn holds(&self, session: &SessionId, message: &MessageId) -> bool {
        let state = self.inner.state();
        let live = state.live.get(session);
        live.is_some_and(|live| live.transcript.entry(message).is_some())
    }

    /// Reads older messages until one is among them, or all are.
    pub(super) async fn read_back_to(&self, session: &SessionId, message: &str) -> Result<()> {
        let message = MessageId::from(message);
        while !self.holds(session, &message) && self.read_older(session, true).await? {}
        Ok(())
    }

    /// Reads older messages of a session that went back so far that none of those in memory counts any more.
    async fn read_back_to_what_counts(&self, session: &SessionId) -> Result<()> {
        let nothing_counts = || {
            let state = self.inner.state();
            let live = state.live.get(session);
            live.is_some_and(|live| {
                live.transcript.messages().is_empty() && live.transcript.reverted().is_some()
            })
        };
        while nothing_counts() && self.read_older(session, true).await? {}
        Ok(())
    }

    /// Reads older messages of a conversation, where a page of them in the window needs it or `all` are wanted. Whether
    /// there were any to read.
    pub(crate) async fn read_older(&self, session: &SessionId, all: bool) -> Result<bool> {
        self.read_older_within(ENGINE_PATIENCE, session, all).await
    }

    /// The same, waiting no longer than this for an engine that is on its way.
    async fn read_older_within(&self, patience: Duration, session: &SessionId, all: bool) -> Result<bool> {
        let Some(place) = self.inner.state().older_needed(session, all) else {
            return Ok(false);
        };
        let (id, folder) = self.inner.session(session.as_str())?;
        let engine = self.inner.engine_within(patience).await?;
        let mut page = engine
            .older_messages(&folder, &id, Some(&place), OLDER_READ)
            .await?;
        if page.messages.iter().any(|of| journal::is_unfinished(&of.message)) {
            journal::fill_in(&mut page.messages, self.streamed(session).await?);
        }
        let mut effects = Vec::new();
        self.inner
            .state()
            .extend_back(session, &place, page, &mut effects);
        self.inner.carry_out(effects);
        Ok(true)
    }

    /// Closes the open conversation; what runs goes on.
    pub fn close_session(&self) {
        self.inner.opening.fetch_add(1, Ordering::Relaxed);
        self.inner.state().close();
    }

    /// Renames a session.
    ///
    /// # Errors
    /// When the title is empty or too long, the session is not known, or the engine does not answer.
    pub async fn rename_session(&self, session: &str, title: &str) -> Result<SessionRow> {
        let title = title.trim();
        if title.is_empty() || title.chars().count() > TITLE_CHARACTERS {
            return Err(WorkspaceError::InvalidInput(format!(
                "A title has 1 to {TITLE_CHARACTERS} characters. Shorten it and try again."
            )));
        }
        let (id, folder) = self.inner.session(session)?;
        let renamed = self
            .inner
            .engine()
            .await?
            .rename_session(&folder, &id, title)
            .await?;
        let mut effects = Vec::new();
        let row = {
            let mut state = self.inner.state();
            state.session_changed(&renamed, &mut effects);
            state.rows.get(&id).map(crate::state::Row::view)
        };
        self.inner.carry_out(effects);
        row.ok_or(WorkspaceError::NotFound("The thread"))
    }

    /// Deletes a session and its messages. Files it changed stay as they are.
    ///
    /// # Errors
    /// When it is not known, the engine does not answer, or the change cannot be saved.
    pub async fn delete_session(&self, session: &str) -> Result<()> {
        let (id, folder) = self.inner.session(session)?;
        match self.inner.engine().await?.delete_session(&folder, &id).await {
            // What the engine lost already is to go from the list all the same.
            Ok(()) | Err(cowork_engine::EngineError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        self.inner.state().remove_session(&id);
        self.inner.carry_out(vec![Effect::Remove(id)]);
        Ok(())
    }

    /// A message's text as it was written.
    ///
    /// # Errors
    /// When it is not in memory.
    pub fn message_source(&self, session: &str, message: &str) -> Result<String> {
        let state = self.inner.state();
        let entry = state
            .live
            .get(&SessionId::from(session))
            .and_then(|live| live.transcript.entry(&MessageId::from(message)))
            .ok_or(WorkspaceError::NotFound("The message"))?;
        let texts: Vec<_> = entry
            .blocks
            .iter()
            .filter_map(|block| match &block.content {
                BlockContent::Text { text } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        Ok(texts.join("\n\n"))
    }
}

#[cfg(test)]
mod tests;
