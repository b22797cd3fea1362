//! The tables, as steps from one version to the next.
//!
//! A step that has shipped is never changed; a change is a further step. SQLite's `user_version` counts the
//! steps that were taken.

use rusqlite::{Connection, TransactionBehavior};

/// The version of a database that has taken every step; a test holds that it counts them.
pub const SCHEMA_VERSION: i64 = 12;

const STEPS: [&str; 12] = [
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
    r"
-- Agents, models and folders by number: what a message says of itself is a number and not a path.
CREATE TABLE names (
    id INTEGER PRIMARY KEY NOT NULL,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- The key is the second a session was made in, or the next that was free: what is found by key is found by time.
-- Sessions of before come in their order, and before all that come after them.
-- What a search reads of each session stands first, where it is read fastest.
CREATE TABLE sessions_by_key (
    key INTEGER PRIMARY KEY NOT NULL,
    folder_name INTEGER NOT NULL,
    agent_name INTEGER,
    model_name INTEGER,
    needs_you INTEGER NOT NULL DEFAULT 0,
    changed_files INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    tokens INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL,
    parent TEXT,
    id TEXT NOT NULL UNIQUE,
    folder TEXT NOT NULL,
    folder_kind TEXT NOT NULL CHECK (folder_kind IN ('project', 'sandbox')),
    title TEXT NOT NULL,
    agent TEXT,
    model TEXT,
    created INTEGER NOT NULL,
    mark TEXT,
    unread INTEGER NOT NULL,
    cost REAL NOT NULL,
    demo INTEGER NOT NULL,
    tags TEXT NOT NULL DEFAULT '[]',
    indexed INTEGER NOT NULL DEFAULT -1
) STRICT;
INSERT INTO names (text) SELECT folder FROM sessions UNION SELECT agent FROM sessions WHERE agent IS NOT NULL
UNION SELECT model FROM sessions WHERE model IS NOT NULL;
INSERT INTO sessions_by_key (key, folder_name, agent_name, model_name, id, folder, folder_kind, parent, title, agent,
    model, created, updated, mark, unread, cost, demo)
SELECT row_number() OVER (ORDER BY created, id), (SELECT names.id FROM names WHERE text = folder),
    (SELECT names.id FROM names WHERE text = agent), (SELECT names.id FROM names WHERE text = model), id, folder, folder_kind, parent, title, agent, model, created,
    updated, mark, unread, cost, demo FROM sessions;
DROP TABLE sessions;
ALTER TABLE sessions_by_key RENAME TO sessions;
CREATE INDEX sessions_by_update ON sessions (updated DESC, id) WHERE parent IS NULL;
CREATE INDEX child_sessions_by_update ON sessions (updated DESC, id) WHERE parent IS NOT NULL;
CREATE INDEX sessions_by_parent ON sessions (parent) WHERE parent IS NOT NULL;
CREATE INDEX sessions_needing_you ON sessions (key) WHERE needs_you;
CREATE INDEX sessions_to_index ON sessions (updated DESC) WHERE indexed < updated;

-- Small rows, so that what a search looks through lies on few pages. The key is a time, as above.
CREATE TABLE messages (
    key INTEGER PRIMARY KEY NOT NULL,
    session INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind INTEGER NOT NULL CHECK (kind IN (0, 1)),
    agent INTEGER,
    model INTEGER,
    tokens INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_by_session ON messages (session, id);
CREATE TABLE message_texts (
    key INTEGER PRIMARY KEY NOT NULL,
    text TEXT NOT NULL,
    tools TEXT NOT NULL
) STRICT;
CREATE TABLE changed_files (
    session INTEGER NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (session, path)
) STRICT, WITHOUT ROWID;

-- Without content: the texts are kept once, in message_texts, and a text is taken out by its key alone. Prompts and
-- answers apart, so that the few prompts with a common word are found without reading the many answers with it. A
-- facet is a word no text can hold (it begins with U+E000), so that a search within a folder reads that folder.
CREATE VIRTUAL TABLE title_index USING fts5(title, facet, content='', contentless_delete=1, prefix='3',
    tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE prompt_index USING fts5(prompt, facet, content='', contentless_delete=1, prefix='3',
    tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE answer_index USING fts5(answer, tools, facet, content='', contentless_delete=1, prefix='3',
    tokenize='unicode61 remove_diacritics 2');
INSERT INTO title_index (rowid, title, facet)
SELECT key, replace(title, char(57344), ' '), char(57344) || 'f' || folder_name FROM sessions;

CREATE TABLE search_filters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    facets TEXT NOT NULL,
    place INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;
",
    r"
-- Which sessions have a tag. The list of a session's own is in its row, which is what shows it.
CREATE TABLE session_tags (
    tag TEXT NOT NULL COLLATE NOCASE,
    session INTEGER NOT NULL,
    PRIMARY KEY (tag, session)
) STRICT, WITHOUT ROWID;

-- What each answer took, once, whatever number of times it was seen. A row outlives its session: the tokens of a day
-- were taken also when what was said is deleted. Names are text, so that each row of a damaged file says all of it.
CREATE TABLE answer_usage (
    session TEXT NOT NULL,
    message TEXT NOT NULL,
    model TEXT NOT NULL,
    created INTEGER NOT NULL,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    cost REAL NOT NULL,
    PRIMARY KEY (session, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_usage_by_time ON answer_usage (created);
-- What was indexed before has to be read once more, for what it took.
UPDATE sessions SET indexed = -1;
",
    r"
-- Where the list of threads shows a session: under its folder, or under 0 with those of all folders that the app made;
-- sub-agents' sessions nowhere. Names are counted from 1. The index holds all that counting the list needs, so that no
-- row is read for it.
ALTER TABLE sessions ADD COLUMN place INTEGER;
UPDATE sessions SET place = CASE folder_kind WHEN 'sandbox' THEN 0 ELSE folder_name END WHERE parent IS NULL;
CREATE INDEX sessions_by_place ON sessions (place, updated DESC, id) WHERE place IS NOT NULL;
-- Sub-agents' sessions are asked for with the session they work for, not all at once.
DROP INDEX child_sessions_by_update;
",
    r"
-- All that a search without words asks of a thread, so that none is looked at that is not found.
CREATE INDEX sessions_to_narrow ON sessions (updated DESC, folder_name, agent_name, model_name, changed_files,
    needs_you) WHERE parent IS NULL;

-- Answers that were there before their session was: a fork has copies of what it begins with. They were taken once.
ALTER TABLE answer_usage ADD COLUMN copied INTEGER NOT NULL DEFAULT 0;
UPDATE answer_usage SET copied = 1
WHERE created < (SELECT created FROM sessions WHERE sessions.id = answer_usage.session);
DROP INDEX answer_usage_by_time;
CREATE INDEX answer_usage_by_time ON answer_usage (created, copied);

-- What became of a damaged file in whose place this one is, until the person was told.
CREATE TABLE begun_anew (
    set_aside TEXT NOT NULL,
    rows INTEGER NOT NULL,
    whole INTEGER NOT NULL
) STRICT;
",
    r"
-- A rule of one thread may stand beside the same rule of its folder, so what makes a rule one of a kind is more than
-- before and the table is made anew; numbers go on where they were, and none is given twice. `only_in` is the thread a
-- rule lives as long as, or nothing; `thread` is what the thread that asked was called then.
CREATE TABLE allowances_with_use (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder TEXT NOT NULL,
    agent TEXT NOT NULL,
    permission TEXT NOT NULL,
    pattern TEXT NOT NULL,
    origin TEXT NOT NULL,
    session TEXT NOT NULL,
    created INTEGER NOT NULL,
    only_in TEXT NOT NULL DEFAULT '',
    thread TEXT NOT NULL DEFAULT '',
    edited INTEGER NOT NULL DEFAULT 0,
    uses INTEGER NOT NULL DEFAULT 0,
    last_used INTEGER,
    UNIQUE (folder, agent, permission, pattern, only_in)
) STRICT;
INSERT INTO allowances_with_use (id, folder, agent, permission, pattern, origin, session, created, thread)
SELECT id, folder, agent, permission, pattern, origin, session, created,
    coalesce((SELECT title FROM sessions WHERE sessions.id = allowances.session), '') FROM allowances;
DELETE FROM sqlite_sequence WHERE name = 'allowances_with_use';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'allowances_with_use', seq FROM sqlite_sequence WHERE name = 'allowances';
DROP TABLE allowances;
ALTER TABLE allowances_with_use RENAME TO allowances;
CREATE INDEX allowances_of_threads ON allowances (only_in) WHERE only_in <> '';
",
    r"
-- What goes with prompts that the engine has not taken. The bytes are in files beside the database.
CREATE TABLE attachments (
    id TEXT PRIMARY KEY NOT NULL,
    session TEXT NOT NULL,
    holder TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    thumbnail TEXT,
    scaled INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX attachments_by_session ON attachments (session, created);
CREATE INDEX attachments_by_holder ON attachments (holder) WHERE holder <> '';

-- Prompts that wait for a turn to end.
CREATE TABLE queued_prompts (
    id TEXT PRIMARY KEY NOT NULL,
    session TEXT NOT NULL,
    place INTEGER NOT NULL,
    text TEXT NOT NULL,
    agent TEXT,
    model TEXT,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX queued_prompts_by_place ON queued_prompts (session, place);

-- Templates that a person read and trusts, by what they say: a changed one is asked about anew.
CREATE TABLE trusted_commands (
    folder TEXT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    trusted_at INTEGER NOT NULL,
    PRIMARY KEY (folder, name)
) STRICT, WITHOUT ROWID;
",
    r"
-- What was said to what asked, and by whom, to be looked back on.
CREATE TABLE answered (
    ask TEXT PRIMARY KEY NOT NULL,
    thread TEXT NOT NULL,
    title TEXT NOT NULL,
    folder TEXT NOT NULL,
    agent TEXT NOT NULL,
    subject TEXT NOT NULL,
    about TEXT NOT NULL,
    answer TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    because TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX answered_by_time ON answered (at DESC);
",
    r"
-- The message that a waiting prompt went out as when nobody could tell whether it arrived: it never goes out by itself then.
ALTER TABLE queued_prompts ADD COLUMN message TEXT;
CREATE INDEX queued_prompts_by_message ON queued_prompts (message) WHERE message IS NOT NULL;
",
    r"
-- Servers that may show this desktop to other people. The token is in the keychain, under the pairing's id.
-- `claimed` is the last command that is known, `sequence` the last number an event was given, `delivered`
-- the last one the server has, `rows` and `bytes` what of
-- its events is here.
CREATE TABLE pairings (
    id TEXT PRIMARY KEY NOT NULL,
    device TEXT NOT NULL,
    broker TEXT NOT NULL,
    label TEXT NOT NULL,
    policy TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'paired', 'expired', 'revoking', 'revoked')),
    paused INTEGER NOT NULL,
    past_proxy INTEGER NOT NULL,
    expires INTEGER,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    last_answer INTEGER,
    claimed INTEGER NOT NULL DEFAULT 0,
    sequence INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    rows INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE shared_folders (
    pairing TEXT NOT NULL,
    folder TEXT NOT NULL,
    PRIMARY KEY (pairing, folder)
) STRICT, WITHOUT ROWID;
CREATE TABLE shared_threads (
    pairing TEXT NOT NULL,
    session TEXT NOT NULL,
    from_afar INTEGER NOT NULL,
    shared_at INTEGER NOT NULL,
    PRIMARY KEY (pairing, session)
) STRICT, WITHOUT ROWID;

-- Threads that were told of as they were when they last changed, so that they are not told anew with each start.
CREATE TABLE told_threads (
    pairing TEXT NOT NULL,
    session TEXT NOT NULL,
    updated INTEGER NOT NULL,
    PRIMARY KEY (pairing, session)
) STRICT, WITHOUT ROWID;

-- What leaves, in its order. An event has no number before it goes out, so that what is let go before leaves no hole. The
-- text comes last, so that the columns before it are read without walking its pages.
CREATE TABLE remote_events (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    pairing TEXT NOT NULL,
    sequence INTEGER,
    tells INTEGER NOT NULL,
    event TEXT NOT NULL
) STRICT;
CREATE INDEX remote_events_by_place ON remote_events (pairing, place);
CREATE INDEX remote_events_by_sequence ON remote_events (pairing, sequence) WHERE sequence IS NOT NULL;

-- What came from afar, and what became of it, so that nothing is done twice whatever is told again.
CREATE TABLE remote_commands (
    pairing TEXT NOT NULL,
    id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    who TEXT,
    state TEXT NOT NULL CHECK (state IN ('received', 'doing', 'done', 'answered')),
    received INTEGER NOT NULL,
    mark TEXT,
    command TEXT NOT NULL,
    result TEXT,
    PRIMARY KEY (pairing, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX remote_commands_by_time ON remote_commands (pairing, received);
CREATE INDEX remote_commands_by_sequence ON remote_commands (pairing, sequence);
CREATE INDEX remote_commands_open ON remote_commands (pairing, sequence) WHERE state <> 'answered';

-- What was done with pairings and over them. It is added to alone, and the newest rows stay.
CREATE TABLE remote_audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    pairing TEXT NOT NULL,
    label TEXT NOT NULL,
    action TEXT NOT NULL,
    who TEXT,
    detail TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX remote_audit_by_pairing ON remote_audit (pairing, number);
CREATE TRIGGER remote_audit_is_not_changed BEFORE UPDATE ON remote_audit
BEGIN SELECT RAISE(ABORT, 'what was written into the audit is not changed'); END;
CREATE TRIGGER remote_audit_keeps_the_newest BEFORE DELETE ON remote_audit
WHEN OLD.number > (SELECT max(number) FROM remote_audit) - 5000
BEGIN SELECT RAISE(ABORT, 'the newest rows of the audit are kept'); END;
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

#[cfg(test)]
mod tests;
