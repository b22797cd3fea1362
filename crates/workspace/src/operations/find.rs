//! Finding a place in one conversation: words, the prompt before or after.

use cowork_engine::{MessageId, SessionId};

use crate::error::{Result, WorkspaceError};
use crate::find::{QUERY_BYTES, Stretch, prompt_beside, said_between};
use crate::view::{FoundBlock, FoundPage};
use crate::workspace::{Workspace, blocking};

impl Workspace {
    /// Looks for a text in a stretch of a conversation that ends before a message, or with the newest one. Who wants all
    /// of it asks again with what the answer reached; messages that are not in memory are read for it.
    ///
    /// # Errors
    /// When the text is too long, the session is not known, or it has to be read from an engine that is not to be had.
    pub async fn find_in_conversation(
        &self,
        session: &str,
        query: String,
        before: Option<&str>,
    ) -> Result<FoundPage> {
        if query.len() > QUERY_BYTES {
            return Err(WorkspaceError::InvalidInput(format!(
                "What is looked for has at most {QUERY_BYTES} bytes. Shorten it and try again."
            )));
        }
        let (id, _) = self.inner.session(session)?;
        self.load(&id).await?;
        let before = before.map(MessageId::from);
        if let Some(before) = &before
            && self.is_first(&id, before)
        {
            self.read_older(&id, true).await?;
        }
        let Some(stretch) = self.stretch(&id, before.as_ref()) else {
            // It was removed meanwhile, and with it the place to go on from.
            return Ok(FoundPage::default());
        };
        let (messages, reached, since) = (stretch.messages, stretch.first.clone(), stretch.since);
        let more = stretch.more || (messages > 0 && self.inner.state().older_needed(&id, true).is_some());
        let found: Vec<FoundBlock> = blocking(move || stretch.find(&query))
            .await
            .map_err(WorkspaceError::Internal)?;
        Ok(FoundPage {
            found,
            messages: u32::try_from(messages).unwrap_or(u32::MAX),
            reached: reached.filter(|_| more).map(|message| message.to_string()),
            since,
        })
    }

    /// The prompt before a message, or after it. Older messages are read until there is one.
    ///
    /// # Errors
    /// When the session is not known, or has to be read from an engine that is not to be had.
    pub async fn find_prompt(&self, session: &str, from: &str, back: bool) -> Result<Option<String>> {
        let (id, _) = self.inner.session(session)?;
        self.load(&id).await?;
        let from = MessageId::from(from);
        loop {
            let found = {
                let state = self.inner.state();
                let live = state.live.get(&id);
                live.and_then(|live| prompt_beside(&live.transcript, &from, back))
            };
            if found.is_some() || !back || !self.read_older(&id, true).await? {
                return Ok(found.map(|message| message.to_string()));
            }
        }
    }

    /// What was said in a conversation, as it was written, message by message with an empty line between them: all of it,
    /// or what stands after one message and before another. What is not in memory is read for that. Whether it was cut,
    /// because it is more than anybody pastes.
    ///
    /// # Errors
    /// When the session or one of the messages is not known, or has to be read from an engine that is not to be had.
    pub async fn conversation_text(
        &self,
        session: &str,
        after: Option<&str>,
        before: Option<&str>,
    ) -> Result<(String, bool)> {
        /// 16 MB: what does not fit a clipboard manager, or any field it is pasted into.
        const MOST: usize = 16 * 1024 * 1024;
        let (id, _) = self.inner.session(session)?;
        self.load(&id).await?;
        let (after, before) = (after.map(MessageId::from), before.map(MessageId::from));
        // From its end on, until it is read back to where the text begins.
        while !after.as_ref().is_some_and(|after| self.is_held(&id, after))
            && self.read_older(&id, true).await?
        {}
        let state = self.inner.state();
        let live = state.live.get(&id);
        live.and_then(|live| said_between(&live.transcript, after.as_ref(), before.as_ref(), MOST))
            .ok_or(WorkspaceError::NotFound("A message of the selection"))
    }

    fn is_held(&self, session: &SessionId, message: &MessageId) -> bool {
        let state = self.inner.state();
        let live = state.live.get(session);
        live.is_some_and(|live| live.transcript.position(message).is_some())
    }

    fn is_first(&self, session: &SessionId, message: &MessageId) -> bool {
        let state = self.inner.state();
        let live = state.live.get(session);
        live.is_some_and(|live| live.transcript.position(message) == Some(0))
    }

    fn stretch(&self, session: &SessionId, before: Option<&MessageId>) -> Option<Stretch> {
        let state = self.inner.state();
        let folder = state.folder_of(session).unwrap_or_default();
        let live = state.live.get(session)?;
        Stretch::before(&live.transcript, before, &folder)
    }
}
