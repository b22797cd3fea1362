//! What can be asked of an engine.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use crate::{
    Agent, Command, Envelope, FileChange, MessageId, MessagePage, Model, ModelReference, OlderMessages,
    PermissionId, Prompt, PromptPart, QuestionId, Session, SessionId, SessionSnapshot, SignInMethods,
    SignInStep,
};

/// All that one read of the engine's connection held. No event when it completed none: that something came is news too.
#[derive(Clone, Debug, PartialEq)]
pub struct EventBatch {
    /// When it was read.
    pub read: Instant,
    /// In their order.
    pub events: Vec<Envelope>,
}

/// Events as they arrive. Ends with an error that says why, never silently.
pub type EventStream = BoxStream<'static, Result<EventBatch, EngineError>>;

/// Why the engine did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No connection, or it broke. Whether the engine acted on the request is not known.
    #[error("the engine did not answer: {0}")]
    Unreachable(String),
    /// It took longer than it may. Whether the engine acted on the request is not known.
    #[error("the engine took longer than {0} s to answer")]
    TimedOut(u64),
    /// The engine does not know the session, ask or message.
    #[error("the engine no longer knows {0}")]
    NotFound(String),
    /// The engine refused.
    #[error("the engine refused with status {status}: {message}")]
    Refused {
        /// HTTP status, or 0 where the engine does not speak HTTP.
        status: u16,
        /// The first part of its answer.
        message: String,
    },
    /// The engine answered in a way this product does not understand.
    #[error("the engine's answer could not be read: {0}")]
    Unreadable(String),
}

/// What a new session begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSession {
    /// A title; the engine makes one from the first prompt otherwise.
    pub title: Option<String>,
}

/// A person's answer to a request for permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PermissionReply {
    /// This once.
    Once,
    /// Whenever the patterns of the ask match again.
    Always,
    /// No; with feedback the agent goes on, without it the turn ends.
    Reject {
        /// What to do instead.
        feedback: Option<String>,
    },
}

/// A running engine.
///
/// Every call names the folder it is about: one engine serves all folders, each with an instance of its own.
#[async_trait]
pub trait Engine: Send + Sync + 'static {
    /// Opens the stream of everything that happens in all folders.
    async fn events(&self) -> Result<EventStream, EngineError>;

    /// Makes a session.
    async fn create_session(&self, folder: &Path, new: NewSession) -> Result<Session, EngineError>;

    /// Lists the sessions of a folder, sub-agents' sessions included.
    async fn sessions(&self, folder: &Path) -> Result<Vec<Session>, EngineError>;

    /// Which sessions of a folder wait for a person's answer, sub-agents' sessions included.
    async fn waiting(&self, folder: &Path) -> Result<Vec<SessionId>, EngineError>;

    /// Reads what a session holds now: all of it, or as many of its newest messages.
    async fn snapshot(
        &self,
        folder: &Path,
        session: &SessionId,
        newest: Option<u32>,
    ) -> Result<SessionSnapshot, EngineError>;

    /// Reads as many of a session's messages as are older than a place; its newest when there is none.
    async fn older_messages(
        &self,
        folder: &Path,
        session: &SessionId,
        place: Option<&OlderMessages>,
        most: u32,
    ) -> Result<MessagePage, EngineError>;

    /// Sends a prompt; returns as soon as the engine took it. While a turn runs it joins that turn.
    async fn prompt(&self, folder: &Path, session: &SessionId, prompt: Prompt) -> Result<(), EngineError>;

    /// What went with a prompt that the engine has: files, as it keeps them.
    async fn prompt_parts(
        &self,
        folder: &Path,
        session: &SessionId,
        prompt: &MessageId,
    ) -> Result<Vec<PromptPart>, EngineError>;

    /// Lists the commands of a folder.
    async fn commands(&self, folder: &Path) -> Result<Vec<Command>, EngineError>;

    /// Has a model sum up what was said, so that the summary takes its place in the model's context. Answers only when
    /// that is done.
    async fn compact(
        &self,
        folder: &Path,
        session: &SessionId,
        model: &ModelReference,
    ) -> Result<(), EngineError>;

    /// Stops the running turn.
    async fn abort(&self, folder: &Path, session: &SessionId) -> Result<(), EngineError>;

    /// Answers a request for permission.
    async fn answer_permission(
        &self,
        folder: &Path,
        permission: &PermissionId,
        reply: PermissionReply,
    ) -> Result<(), EngineError>;

    /// Answers questions: for each question in order, the labels or own words chosen.
    async fn answer_question(
        &self,
        folder: &Path,
        question: &QuestionId,
        answers: Vec<Vec<String>>,
    ) -> Result<(), EngineError>;

    /// Turns questions down; the turn ends.
    async fn reject_question(&self, folder: &Path, question: &QuestionId) -> Result<(), EngineError>;

    /// Renames a session.
    async fn rename_session(
        &self,
        folder: &Path,
        session: &SessionId,
        title: &str,
    ) -> Result<Session, EngineError>;

    /// Deletes a session and what it holds.
    async fn delete_session(&self, folder: &Path, session: &SessionId) -> Result<(), EngineError>;

    /// Makes a session that begins with what another holds: all of it, or what stands before a message. The messages
    /// in it are copies.
    async fn fork_session(
        &self,
        folder: &Path,
        session: &SessionId,
        before: Option<&MessageId>,
    ) -> Result<Session, EngineError>;

    /// Goes back to before a prompt: puts the files that were changed since back as they were, where the engine keeps
    /// their history, and takes the messages from there on out of what counts. Refused while a turn runs.
    async fn revert(
        &self,
        folder: &Path,
        session: &SessionId,
        prompt: &MessageId,
    ) -> Result<Session, EngineError>;

    /// Takes [`Engine::revert`] back, as long as no further prompt was sent.
    async fn unrevert(&self, folder: &Path, session: &SessionId) -> Result<Session, EngineError>;

    /// Whether the engine keeps the history of a folder's files, so that changes can be taken back.
    async fn keeps_history(&self, folder: &Path) -> Result<bool, EngineError>;

    /// Lists what a prompt's turn changed in the folder.
    async fn changes(
        &self,
        folder: &Path,
        session: &SessionId,
        prompt: &MessageId,
    ) -> Result<Vec<FileChange>, EngineError>;

    /// What a whole session changed in its folder, as far as a history of the folder is kept.
    async fn session_changes(
        &self,
        folder: &Path,
        session: &SessionId,
    ) -> Result<Vec<FileChange>, EngineError>;

    /// Lists the agents of a folder.
    async fn agents(&self, folder: &Path) -> Result<Vec<Agent>, EngineError>;

    /// Lists the models that are connected.
    async fn models(&self, folder: &Path) -> Result<Vec<Model>, EngineError>;

    /// Has the engine read its configuration again for a folder. Stops what runs there.
    async fn reload(&self, folder: &Path) -> Result<(), EngineError>;

    /// Lists the ways to sign in that the engine offers, by provider's id.
    async fn auth_methods(&self) -> Result<SignInMethods, EngineError>;

    /// Begins to sign in at a provider: `method` is a [`SignInMethod::index`](crate::SignInMethod::index), `inputs` the
    /// answers to its prompts. None when the way needs no page.
    async fn authorize(
        &self,
        provider: &str,
        method: usize,
        inputs: &BTreeMap<String, String>,
    ) -> Result<Option<SignInStep>, EngineError>;

    /// Ends what [`Engine::authorize`] began, with the code the person brought back where one is wanted. Otherwise it
    /// waits until the person is through in the browser; give that up by dropping it. The engine keeps what it got, in
    /// a file of its own.
    async fn complete(&self, provider: &str, method: usize, code: Option<&str>) -> Result<(), EngineError>;

    /// Has the engine forget what it keeps for a provider. Nothing kept is no error.
    async fn sign_out(&self, provider: &str) -> Result<(), EngineError>;

    /// Stops everything that runs, children included, before the process is ended.
    async fn stop_all(&self) -> Result<(), EngineError>;
}
