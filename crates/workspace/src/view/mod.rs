//! What a window shows, as plain data.
//!
//! These types travel to every client as they are: the command registry names them on the wire and the
//! TypeScript client is generated from them. They hold ids, codes, numbers and text, never words for people
//! that a catalog should hold, and never HTML but [`Html`].

mod boxes;
mod conversation;
mod diff;
mod engine;
mod providers;
mod search;
mod servers;
mod session;
mod settings;
mod snippets;
mod tool;
mod update;

pub use boxes::{
    BoxProof, BoxSettingsView, FolderProof, GrantView, LimitName, NetworkMode, StoppedConnection,
    StoppedFile, Widening,
};
pub use conversation::{
    AnswerUsage, AskReason, Author, Block, BlockContent, Conversation, ConversationPage, ConversationStatus,
    FilePart, Html, HtmlBlock, HtmlBlockChange, HtmlBlockKind, HtmlPatch, Message, PermissionCard,
    PermissionSubject, QuestionCard, QuestionChoice, QuestionItem, TodoItem, TodoMark, TurnFailure,
    TurnFailureKind, WorkState,
};
pub use diff::{DiffLine, DiffLineKind, FileDiff};
pub use engine::{
    AllowanceRow, BoxState, BreakerView, Bridge, BridgeRow, Count, EngineHealth, EngineHome, EngineState,
    EngineStep, EngineTrouble, FailureRow, MemoryKeeperView, Safety, ScreenDelay,
};
pub use providers::{
    ConnectedProvider, ConnectionTest, KeyState, Keychain, LocalServerRow, ProviderCatalogue, ProviderInput,
    ProviderKind, ProviderOffer, ProviderRow, ProviderUsage, SignInKeeper, SignInOffer, SignInState,
    SignInView, SignInWay, TestMark, TestStep, TestStepRow,
};
pub use search::{
    SearchAge, SearchAnswer, SearchCount, SearchFacets, SearchFilter, SearchHit, SearchPlace, SearchSnippet,
    StorageReport,
};
pub use servers::BoxServer;
pub use session::{Folder, FolderKind, SessionMark, SessionRow};
pub use settings::{
    AgentChoice, BrandView, Density, LogFormat, LogLevel, ModelChoice, Notice, NoticeKind, Settings, Start,
    Theme,
};
pub use snippets::{SnippetChunk, SnippetEnd, SnippetLanguage, SnippetState, SnippetUpdate};
pub use tool::{Lane, OutputView, ToolMark, ToolShape, ToolView};
pub use update::{BlockPatch, BlockReference, ConversationPatch, MessagePatch, TextPatch, Update};
