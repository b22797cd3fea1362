//! What a window shows, as plain data.
//!
//! These types travel to every client as they are: the command registry names them on the wire and the
//! TypeScript client is generated from them. They hold ids, codes, numbers and text, never words for people
//! that a catalog should hold, and never HTML but [`Html`].

mod boxes;
mod composer;
mod conversation;
mod diff;
mod engine;
mod find;
mod going_back;
mod health;
mod inbox;
mod pairing;
mod providers;
mod review;
mod search;
mod servers;
mod session;
mod settings;
mod snippets;
mod threads;
mod tool;
mod update;
mod usage;

pub use boxes::{
    BoxProof, BoxSettingsView, FolderProof, GrantView, LimitName, NetworkMode, StoppedConnection,
    StoppedFile, Widening,
};
pub use composer::{
    Attached, AttachmentRefusal, AttachmentView, CommandOrigin, CommandRow, CommandTrust, ComposerState,
    ContextFill, FoundFile, MentionSearch, QueuedView, RefusedFile, TrustedCommandRow,
};
pub use conversation::{
    AnswerUsage, AskReason, Author, Block, BlockContent, Conversation, ConversationPage, ConversationStatus,
    FilePart, Html, HtmlBlock, HtmlBlockChange, HtmlBlockKind, HtmlPatch, Message, PermissionCard,
    PermissionSubject, QuestionCard, QuestionChoice, QuestionItem, RepeatedCall, TodoItem, TodoMark,
    TurnFailure, TurnFailureKind, WorkState,
};
pub use diff::{ChangeSource, DiffLine, DiffLineKind, DiffPage, FileDiff};
pub use engine::{
    AllowanceRow, BoxState, BreakerView, Bridge, BridgeRow, Count, EngineHealth, EngineHome, EngineState,
    EngineStep, EngineTrouble, FailureRow, MemoryKeeperView, Safety, ScreenDelay,
};
pub use find::{FoundBlock, FoundPage};
pub use going_back::{ForkedThread, RevertPreview, Reverted, RevertedPrompt, TakenBack};
pub use health::{HealthMark, HealthPart, HealthRow};
pub use inbox::{
    AnswerGiven, AnsweredBy, AnsweredList, AnsweredRow, AskDanger, AskRule, DangerKind, Inbox, InboxAsk,
    InboxRow, ProposedRule, RuleCheck, RuleRefusal, RuleScope,
};
pub use pairing::{
    PairingAddress, PairingAudit, PairingAuditRow, PairingBook, PairingCommand, PairingPolicy,
    PairingPreview, PairingReach, PairingRow, PairingState, PairingToken, PairingTrouble, Pairings,
    RemoteAnswer, RemoteAnswers, RemoteProposal, SharedFolder, SharedThread,
};
pub use providers::{
    ConnectedProvider, ConnectionTest, KeyState, Keychain, LocalServerRow, ProviderCatalogue, ProviderInput,
    ProviderKind, ProviderOffer, ProviderRow, ProviderUsage, SignInKeeper, SignInOffer, SignInState,
    SignInView, SignInWay, TestMark, TestStep, TestStepRow,
};
pub use review::{
    FileStatus, GitDone, GitState, HunkPlace, KeptRevert, OpenedGap, OpenedWhere, PatchOf, PatchText,
    RevertLoss, ReviewBody, ReviewFile, ReviewList, ReviewLook, ReviewOrigin, ReviewPage, ReviewRow,
    ReviewRowKind, ReviewScope, Staged,
};
pub use search::{
    IndexProgress, IndexState, SearchAge, SearchAnswer, SearchCount, SearchFacets, SearchFilter, SearchHit,
    SearchPlace, SearchSnippet, StorageReport,
};
pub use servers::BoxServer;
pub use session::{Folder, FolderKind, SessionMark, SessionRow};
pub use settings::{
    AgentChoice, BrandView, Density, LogFormat, LogLevel, ModelChoice, Notice, NoticeKind, Settings, Start,
    Theme, TidingWords,
};
pub use snippets::{SnippetChunk, SnippetEnd, SnippetLanguage, SnippetState, SnippetUpdate};
pub use threads::{ThreadGroup, ThreadOutline, ThreadPage};
pub use tool::{Lane, OutputPage, OutputSpan, OutputView, ToolMark, ToolShape, ToolText, ToolView};
pub use update::{BlockPatch, BlockReference, ConversationPatch, MessagePatch, TextPatch, Update};
pub use usage::{ModelUsage, SessionUsage, UsageDay, UsageReport};
