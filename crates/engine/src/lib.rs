//! What this product means by an agent engine.
//!
//! Every room above the adapters speaks these words and no engine's own: ids, what a session holds
//! ([`Message`], [`Part`], [`ToolCall`]), what an engine reports ([`EngineEvent`]) and what can be asked of it
//! ([`Engine`]). An adapter (today the `opencode` room) translates one engine's wire format into them, so that
//! a second engine, or a second version of the first, is a second adapter and nothing else.
//!
//! Use it from any room that handles sessions. Do not put an engine's route, field or event name here: when a
//! new engine needs a word that is missing, add the general word.

mod client;
mod event;
mod id;
mod message;
mod prompt;
mod session;
mod sign_in;

pub use client::{Engine, EngineError, EventBatch, EventStream, NewSession, PermissionReply};
pub use event::{EngineEvent, Envelope, TurnError, TurnErrorKind};
pub use id::{CallId, MessageId, PartId, PermissionId, QuestionId, SessionId};
pub use message::{
    FileChange, Message, MessageWithParts, Part, PartContent, Role, ToolCall, ToolKind, ToolState, Usage,
};
pub use prompt::{Command, CommandSource, FileContent, Prompt, PromptPart};
pub use session::{
    Agent, AgentMode, MessagePage, Model, ModelReference, OlderMessages, PermissionAsk, PermissionKind,
    Question, QuestionAsk, QuestionOption, Reverted, Session, SessionSnapshot, SessionStatus, Todo,
    TodoState,
};
pub use sign_in::{SignInChoice, SignInCondition, SignInMethod, SignInMethods, SignInPrompt, SignInStep};
