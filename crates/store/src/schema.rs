//! The tables, as steps from one version to the next.
//!
//! A step that has shipped is never changed; a change is a further step. SQLite's `user_version` counts the
//! steps that were taken.

use rusqlite::{Connection, TransactionBehavior};

/// The version of a database that has taken every step; a test holds that it counts them.
pub const SCHEMA_VERSION: i64 = 3;

const STEPS: [&str; 3] = [
    r"
CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    folder TEXT NOT NULL,
    folder_kind TEXT NOT NULL CHECK (folder_kind IN ('project', 'sandbox')),
    parent TEXT,
    title TEXT NOT NULL,
    agent TEXT,
    model TEXT,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    mark TEXT,
    unread INTEGER NOT NULL,
    cost REAL NOT NULL,
    demo INTEGER NOT NULL
) STRICT;
-- The sessions list: newest first, without those of sub-agents.
CREATE INDEX sessions_by_update ON sessions (updated DESC, id) WHERE parent IS NULL;
CREATE INDEX child_sessions_by_update ON sessions (updated DESC, id) WHERE parent IS NOT NULL;
CREATE INDEX sessions_by_parent ON sessions (parent) WHERE parent IS NOT NULL;

CREATE TABLE folders (
    path TEXT PRIMARY KEY NOT NULL,
    label TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('project', 'sandbox')),
    granted_at INTEGER NOT NULL,
    last_used INTEGER NOT NULL
) STRICT;
CREATE INDEX folders_by_use ON folders (last_used DESC, path);

CREATE TABLE settings (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE drafts (
    session TEXT PRIMARY KEY NOT NULL,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE outbox (
    message TEXT PRIMARY KEY NOT NULL,
    session TEXT NOT NULL,
    text TEXT NOT NULL,
    agent TEXT,
    model TEXT,
    state TEXT NOT NULL CHECK (state IN ('sending', 'sent', 'failed')),
    error TEXT,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_session ON outbox (session, created);
CREATE INDEX outbox_sent ON outbox (created) WHERE state = 'sent';

CREATE TABLE providers (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    base_url TEXT NOT NULL,
    models TEXT NOT NULL,
    consent INTEGER NOT NULL
) STRICT;
",
    r"
-- The text comes last, so that the columns before it are read without walking its pages.
CREATE TABLE journal (
    session TEXT NOT NULL,
    message TEXT NOT NULL,
    part TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('text', 'reasoning', 'tool')),
    at INTEGER NOT NULL CHECK (at >= 0),
    written INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (session, message, part, at)
) STRICT, WITHOUT ROWID;

-- No id is given twice, so that one taken back a second time does not hit a later allowance.
CREATE TABLE allowances (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder TEXT NOT NULL,
    agent TEXT NOT NULL,
    permission TEXT NOT NULL,
    pattern TEXT NOT NULL,
    origin TEXT NOT NULL,
    session TEXT NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (folder, agent, permission, pattern)
) STRICT;

CREATE TABLE unboxed_folders (
    path TEXT PRIMARY KEY NOT NULL,
    chosen_at INTEGER NOT NULL
) STRICT;
",
    r"
-- What a provider is besides its address; those of before are addresses without a key.
ALTER TABLE providers ADD COLUMN details TEXT NOT NULL DEFAULT '{}';

CREATE TABLE secrets (
    name TEXT PRIMARY KEY NOT NULL,
    kept TEXT NOT NULL,
    hint TEXT NOT NULL,
    sealed BLOB,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL
) STRICT;

CREATE TABLE provider_usage (
    provider TEXT NOT NULL,
    day INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    bytes_up INTEGER NOT NULL,
    bytes_down INTEGER NOT NULL,
    PRIMARY KEY (provider, day)
) STRICT, WITHOUT ROWID;
",
];

/// The version of an open database.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Takes the steps that are missing, each whole or not at all.
pub(crate) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    loop {
        // Read within the transaction: another process may be taking the same step.
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let taken = version(&step)?;
        let Some(sql) = usize::try_from(taken).ok().and_then(|taken| STEPS.get(taken)) else {
            return Ok(());
        };
        step.execute_batch(sql)?;
        step.pragma_update(None, "user_version", taken + 1)?;
        step.commit()?;
    }
}
