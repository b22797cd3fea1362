//! One browser that looks at one desktop.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use cowork_engine::SessionId;
use cowork_screen::view::{
    ChangeSource, ConversationPage, DiffPage, InboxAsk, OutputPage, SessionRow, ThreadOutline, ThreadPage,
    ToolText,
};
use serde::Serialize;
use tokio::sync::oneshot;

use crate::bounds;
use crate::desktop::{Desktop, DesktopView, Read};
use crate::hub::Shared;
use crate::log::Key;
use crate::queue::{Frame, Queue};
use crate::room::{Call, Handle};

/// Names a browser among those that look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatcherId(pub u64);

/// Why something cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotThere {
    /// The thread is not there, or not shared any more.
    #[error("The thread is not there, or is not shared any more.")]
    Thread,
    /// What was asked for in it is not there.
    #[error("It is not there any more. Open the thread again.")]
    Piece,
    /// As many conversations are looked at as may be.
    #[error("Too many threads of this desktop are open at the moment. Close one elsewhere and try again.")]
    TooMany,
    /// What was asked is out of bounds.
    #[error("The list of threads has at most 128 spans of time, the latest first.")]
    Spans,
    /// The desktop's log cannot be read now.
    #[error("This desktop cannot be shown at the moment. Try again.")]
    Gone,
}

/// What was said in a conversation, or in a stretch of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationText {
    /// As it was written.
    pub text: String,
    /// There is more of it.
    pub cut: bool,
}

/// A browser's connection. Its frames come from [`next`](Self::next); everything else may be asked at the same time. When it
/// is dropped, the browser is gone.
pub struct Watcher {
    id: WatcherId,
    key: Key,
    queue: Arc<Queue>,
    room: Arc<Handle>,
    shared: Arc<Shared>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.queue.close();
        self.room.leave(self.id);
        self.shared.figures.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Watcher {
    pub(crate) fn new(
        id: WatcherId,
        key: Key,
        queue: Arc<Queue>,
        room: Arc<Handle>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            id,
            key,
            queue,
            room,
            shared,
        }
    }

    /// Which browser this is.
    #[must_use]
    pub fn id(&self) -> WatcherId {
        self.id
    }

    /// Whose desktop it looks at.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The next frame; none when the browser has to connect anew.
    pub async fn next(&self) -> Option<Frame> {
        self.queue.next().await
    }

    /// The browser drew everything up to this update.
    pub fn acknowledge(&self, sequence: u64) {
        self.queue.confirm(sequence);
    }

    /// Nothing more comes: the right to look was taken away.
    pub fn close(&self) {
        self.queue.close();
    }

    /// Everything for a first picture, a `view::Start` as JSON. From then on changes are told.
    pub async fn start(&self) -> Result<Bytes, NotThere> {
        let (answer, answered) = oneshot::channel();
        self.room.call(Call::Start { id: self.id, answer }).await?;
        answered.await.map_err(|_| NotThere::Gone)
    }

    /// A conversation, a `view::Conversation` as JSON. From then on its changes are told, until another one is opened.
    pub async fn open(&self, session: &str, around: Option<&str>) -> Result<Bytes, NotThere> {
        let (answer, answered) = oneshot::channel();
        let call = Call::Open {
            id: self.id,
            session: SessionId::from(session),
            around: around.map(str::to_owned),
            answer,
        };
        self.room.call(call).await?;
        answered.await.map_err(|_| NotThere::Gone)?
    }

    /// Other messages of the open conversation; they come as an update.
    pub async fn page(&self, session: &str, page: ConversationPage) -> Result<(), NotThere> {
        let (answer, answered) = oneshot::channel();
        let call = Call::Page {
            id: self.id,
            session: SessionId::from(session),
            page,
            answer,
        };
        self.room.call(call).await?;
        answered.await.map_err(|_| NotThere::Gone)?
    }

    /// No conversation is open any more.
    pub async fn shut(&self) -> Result<(), NotThere> {
        self.room.call(Call::Close { id: self.id }).await
    }

    /// Somebody sees the page, or nobody does: then it is told nothing.
    pub async fn shown(&self, shown: bool) -> Result<(), NotThere> {
        self.room.call(Call::Shown { id: self.id, shown }).await
    }

    /// How the desktop stands.
    pub async fn desktop(&self) -> Result<DesktopView, NotThere> {
        self.look(Desktop::view).await
    }

    /// Whether a session is shared, so that something can be asked of it.
    pub async fn has_session(&self, session: &str) -> Result<bool, NotThere> {
        let session = SessionId::from(session);
        self.look(move |desktop, _| desktop.threads.get(&session).is_some())
            .await
    }

    /// The row of a thread; none where it is not there.
    pub async fn row(&self, session: &str) -> Result<Option<SessionRow>, NotThere> {
        let session = SessionId::from(session);
        self.look(move |desktop, _| desktop.row(&session)).await
    }

    /// Whether new sessions may be made in a folder.
    pub async fn offers_folder(&self, folder: &str) -> Result<bool, NotThere> {
        let folder = folder.to_owned();
        self.look(move |desktop, _| desktop.is_offered(&folder)).await
    }

    /// What the list of threads is made of. `starts` are when spans of time begin, the latest first.
    pub async fn outline(&self, starts: Vec<i64>) -> Result<ThreadOutline, NotThere> {
        if starts.len() > bounds::STARTS || !starts.is_sorted_by(|later, earlier| later > earlier) {
            return Err(NotThere::Spans);
        }
        self.look(move |desktop, _| desktop.outline(&starts)).await
    }

    /// A page of the list of threads.
    pub async fn threads(
        &self,
        folder: Option<String>,
        from: Option<i64>,
        until: Option<i64>,
        offset: u32,
        count: u32,
    ) -> Result<ThreadPage, NotThere> {
        let number = |of: u32| usize::try_from(of).unwrap_or(usize::MAX);
        let (offset, count) = (number(offset), number(count));
        self.look(move |desktop, _| desktop.page(folder.as_deref(), from, until, offset, count))
            .await
    }

    /// All of something that waits; neither when it is gone.
    pub async fn inbox_ask(&self, thread: &str, ask: &str) -> Result<InboxAsk, NotThere> {
        let (thread, ask) = (SessionId::from(thread), ask.to_owned());
        self.look(move |desktop, _| desktop.inbox_ask(&thread, &ask))
            .await
    }

    /// What was said in a conversation or a stretch of it, of those that are open.
    pub async fn text(
        &self,
        session: &str,
        after: Option<String>,
        before: Option<String>,
    ) -> Result<ConversationText, NotThere> {
        let session = SessionId::from(session);
        let said = move |desktop: &Desktop, _| desktop.said(&session, after.as_deref(), before.as_deref());
        let (text, cut) = self.look(said).await?.ok_or(NotThere::Piece)?;
        Ok(ConversationText { text, cut })
    }

    /// A message as it was written.
    pub async fn source(&self, session: &str, message: &str) -> Result<String, NotThere> {
        let (session, message) = (SessionId::from(session), message.to_owned());
        let source = move |desktop: &Desktop, _| desktop.source(&session, &message);
        self.look(source).await?.ok_or(NotThere::Piece)
    }

    /// A page of a text of a call.
    pub async fn output(
        &self,
        session: &str,
        message: &str,
        block: &str,
        text: ToolText,
        page: usize,
    ) -> Result<OutputPage, NotThere> {
        let read = self.printed(session, message, block, text).await?;
        aside(move || read.output(page)).await
    }

    /// All of a text of a call.
    pub async fn tool_text(
        &self,
        session: &str,
        message: &str,
        block: &str,
        text: ToolText,
    ) -> Result<String, NotThere> {
        let read = self.printed(session, message, block, text).await?;
        aside(move || read.text()).await
    }

    /// A page of a change.
    pub async fn change(
        &self,
        session: &str,
        source: ChangeSource,
        page: usize,
    ) -> Result<DiffPage, NotThere> {
        let session = SessionId::from(session);
        let change = move |desktop: &Desktop, _| desktop.change(&session, &source);
        let read = self.look(change).await?.ok_or(NotThere::Piece)?;
        aside(move || read.change(page)).await
    }

    async fn printed(
        &self,
        session: &str,
        message: &str,
        block: &str,
        text: ToolText,
    ) -> Result<Read, NotThere> {
        let (session, message, block) = (SessionId::from(session), message.to_owned(), block.to_owned());
        let printed = move |desktop: &Desktop, _| desktop.printed(&session, &message, &block, text);
        self.look(printed).await?.ok_or(NotThere::Piece)
    }

    /// Looks at what is known.
    async fn look<Answer: Send + 'static>(
        &self,
        question: impl FnOnce(&Desktop, i64) -> Answer + Send + 'static,
    ) -> Result<Answer, NotThere> {
        let (answer, answered) = oneshot::channel();
        let question = Box::new(move |desktop: &Desktop, now: i64| {
            // Who asked may be gone.
            let _ = answer.send(question(desktop, now));
        });
        self.room.call(Call::Look(question)).await?;
        answered.await.map_err(|_| NotThere::Gone)
    }
}

/// Does what takes megabytes apart where no room waits for it.
async fn aside<Answer: Send + 'static>(
    work: impl FnOnce() -> Option<Answer> + Send + 'static,
) -> Result<Answer, NotThere> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| NotThere::Gone)?.ok_or(NotThere::Piece)
}
