//! The app's own database, one SQLite file.
//!
//! It holds what must be there before the engine is up and after it has died: the index of sessions, the
//! folders a person granted and those where commands may run without a box, what was allowed for good, changed
//! settings, drafts, prompts not yet delivered, answers not yet finished, model providers and what went to them,
//! pairings with what leaves over them and what came, and the names of secrets. The conversations themselves are the engine's. No secret is ever put here that could be
//! read without the system's keychain.
//!
//! [`Store`] is a handle, cheap to clone. Its calls block: each takes well under a millisecond, so an async
//! task may make a few of them in passing, but listings of thousands of rows and calls in a loop belong into
//! `spawn_blocking`. Times are milliseconds since the epoch and always come in as arguments.
//!
//! Only this room opens the file. One process writes at a time; a second one waits for up to five seconds.

mod allowances;
mod answer_usage;
mod answered;
mod attachments;
mod documents;
mod drafts;
mod error;
mod filters;
mod folders;
mod indexing;
mod journal;
mod open;
mod outbox;
mod pairings;
mod providers;
mod queue;
mod readers;
mod rebuild;
mod remote_audit;
mod remote_commands;
mod remote_events;
mod schema;
mod search;
mod secrets;
mod sessions;
mod settings;
mod storage;
mod tags;
mod threads;
mod trusted;
mod usage;

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::readers::{Reader, Readers};

pub use allowances::{
    ALLOWANCE_LIMIT, Allowance, NewAllowance, ORIGIN_LIMIT, PATTERN_LIMIT, THREAD_ALLOWANCE_LIMIT,
    THREAD_NAME_LIMIT,
};
pub use answer_usage::{AnswerUsage, UsageByModel, UsageSum};
pub use answered::{ANSWERED_LIMIT, ANSWERED_TEXT_LIMIT, Answered};
pub use attachments::{ATTACHMENT_NAME_LIMIT, ATTACHMENTS_LIMIT, Attachment, DRAFT_HOLDER, THUMBNAIL_LIMIT};
pub use documents::{Document, DocumentKind, TEXT_LIMIT, TOOLS_LIMIT};
pub use drafts::{DRAFT_LIMIT, holds};
pub use error::StoreError;
pub use filters::{FILTER_NAME_LIMIT, FILTERS_LIMIT, SearchFilter};
pub use folders::{FolderGrant, FolderKind};
pub use indexing::{Indexing, ToIndex};
pub use journal::{CHUNK_LIMIT, JOURNAL_LIMIT, JournalChunk, JournalEntry, JournalKind};
pub use open::{DEFAULT_SIZE_LIMIT, Opened, Options, is_own_file, is_set_aside};
pub use outbox::{DeliveryState, OutboxPrompt, PROMPT_LIMIT, SENT_KEPT};
pub use pairings::{
    PAIRING_LABEL_LIMIT, PAIRINGS_LIMIT, Pairing, PairingState, SHARED_FOLDERS_LIMIT, SHARED_THREADS_LIMIT,
    SharedThread,
};
pub use providers::Provider;
pub use queue::{QUEUE_LIMIT, QueuedPrompt, TRUSTED_LIMIT};
pub use rebuild::{Rebuilt, Salvage};
pub use remote_audit::{AUDIT_LIMIT, AUDIT_TEXT_LIMIT, AuditRow, NewAuditRow};
pub use remote_commands::{
    COMMAND_DAYS, COMMANDS_LIMIT, CommandState, CommandStep, RESULT_LIMIT, RemoteCommand,
};
pub use remote_events::{
    Appended, EVENT_LIMIT, EVENTS_BYTES, EVENTS_ROWS, NewRemoteEvent, RemoteEvent, ToldOf, WaitingEvents,
};
pub use schema::SCHEMA_VERSION;
pub use search::{
    Facet, FacetCounts, Facets, Hit, HitKind, HitMessage, MATCHES_CONSIDERED, PAGE_LIMIT, QUERY_LIMIT,
    Search, SearchAnswer, Snippet,
};
pub use secrets::{SEALED_LIMIT, SECRETS_LIMIT, SecretRecord};
pub use sessions::{SessionCounts, SessionRow};
pub use settings::SETTING_LIMIT;
pub use storage::DatabaseSizes;
pub use tags::TAGS_LIMIT;
pub use threads::{FAMILY_LIMIT, STARTS_LIMIT, ThreadGroup, ThreadPage, ThreadSpan};
pub use trusted::TrustedCommand;
pub use usage::{USAGE_DAYS, UsageCounts};

/// A handle on the database. Clones share the one connection that writes, so what one writes the next one reads.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The one that writes.
    connection: Mutex<Connection>,
    readers: Readers,
    /// How often the index was emptied; changed while the connection is held.
    index_made: AtomicU64,
    path: PathBuf,
    options: Options,
}

impl Store {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic in another thread rolled its transaction back when it unwound, so the connection is whole.
        self.inner
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that only reads: for what takes longer than a moment, so that no writer waits for it.
    fn reader(&self) -> Result<Reader<'_>, StoreError> {
        self.inner.readers.reader()
    }
}
