-- A database as version 1 made it. Never changed, as the step that made it never is.
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

-- One row in each table, as that version wrote them.
INSERT INTO sessions VALUES ('ses_1', '/work/x', 'project', NULL, 'A title', 'build', 'p/m', 1, 2, 'interrupted', 1, 0.25, 0);
INSERT INTO sessions VALUES ('ses_2', '/work/x', 'project', 'ses_1', 'A child', NULL, NULL, 1, 2, NULL, 0, 0.0, 1);
INSERT INTO folders VALUES ('/work/x', 'x', 'project', 3, 4);
INSERT INTO settings VALUES ('dark', 'true');
INSERT INTO drafts VALUES ('ses_1', 'a draft');
INSERT INTO outbox VALUES ('msg_1', 'ses_1', 'do it', 'build', 'p/m', 'failed', 'no engine', 5);
INSERT INTO providers VALUES ('ollama', 'Ollama', 'http://127.0.0.1:11434/v1', '[]', 1);
PRAGMA user_version = 1;
