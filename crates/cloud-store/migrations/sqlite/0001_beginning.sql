CREATE TABLE organizations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    -- The number of its newest row in the audit.
    audited INTEGER NOT NULL
) STRICT;

CREATE TABLE people (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE memberships (
    organization TEXT NOT NULL REFERENCES organizations (id),
    person TEXT NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (organization, person)
) STRICT;
CREATE INDEX memberships_by_person ON memberships (person);

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    secret TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    UNIQUE (organization, email)
) STRICT;
CREATE INDEX invitations_by_end ON invitations (expires);

CREATE TABLE owner_links (
    secret TEXT PRIMARY KEY,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

CREATE TABLE sign_ins (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL REFERENCES people (id),
    csrf TEXT NOT NULL,
    agent TEXT NOT NULL,
    created INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_ins_by_person ON sign_ins (person, last_seen);
CREATE INDEX sign_ins_by_end ON sign_ins (expires);

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL UNIQUE,
    organization TEXT NOT NULL,
    person TEXT NOT NULL,
    label TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    last_used INTEGER,
    FOREIGN KEY (organization, person) REFERENCES memberships (organization, person) ON DELETE CASCADE
) STRICT;
CREATE INDEX api_tokens_by_person ON api_tokens (organization, person);
CREATE INDEX api_tokens_by_end ON api_tokens (expires);

CREATE TABLE pairings (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    device TEXT NOT NULL,
    owner TEXT NOT NULL REFERENCES people (id),
    label TEXT NOT NULL,
    visibility TEXT NOT NULL,
    token TEXT NOT NULL,
    status TEXT,
    policy TEXT,
    commands TEXT NOT NULL,
    extensions TEXT NOT NULL,
    -- The last command that the desktop said it had handled, and the last that was given.
    handled INTEGER NOT NULL,
    commanded INTEGER NOT NULL,
    -- The last position of an event, up to which sequence all events are kept, and the runs beyond gaps.
    position INTEGER NOT NULL,
    through INTEGER NOT NULL,
    runs TEXT NOT NULL,
    created INTEGER NOT NULL,
    last_seen INTEGER,
    revoked INTEGER
) STRICT;
CREATE INDEX pairings_by_organization ON pairings (organization);
CREATE INDEX pairings_by_owner ON pairings (owner);

CREATE TABLE desktops (
    pairing TEXT PRIMARY KEY REFERENCES pairings (id),
    ordering INTEGER NOT NULL,
    position INTEGER NOT NULL,
    payload TEXT NOT NULL
) STRICT;

CREATE TABLE commands (
    id TEXT PRIMARY KEY,
    pairing TEXT NOT NULL REFERENCES pairings (id),
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    workspace TEXT NOT NULL,
    session TEXT,
    actor TEXT NOT NULL,
    actor_label TEXT NOT NULL,
    payload TEXT,
    state TEXT NOT NULL,
    lease TEXT,
    leased_until INTEGER,
    redelivery INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    result TEXT,
    idempotency_key TEXT NOT NULL,
    created INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    finished INTEGER,
    UNIQUE (pairing, sequence),
    UNIQUE (pairing, actor, idempotency_key)
) STRICT;
CREATE INDEX commands_that_wait ON commands (pairing, sequence) WHERE state IN ('queued', 'leased');
CREATE INDEX commands_by_deadline ON commands (deadline) WHERE state = 'queued';
CREATE INDEX commands_by_lease ON commands (leased_until) WHERE state = 'leased';
CREATE INDEX commands_by_end ON commands (finished) WHERE finished IS NOT NULL;

-- No foreign key: each event would look its pairing up, whose row the writer holds anyway.
CREATE TABLE events (
    pairing TEXT NOT NULL,
    event TEXT NOT NULL,
    ordering INTEGER NOT NULL,
    position INTEGER NOT NULL,
    sequence INTEGER,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    workspace TEXT,
    session TEXT,
    command TEXT,
    subject TEXT,
    piece TEXT,
    payload TEXT,
    occurred INTEGER NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (pairing, event),
    UNIQUE (pairing, sequence)
) STRICT;
CREATE INDEX events_in_order ON events (pairing, ordering, position);
CREATE INDEX events_without_session ON events (received) WHERE session IS NULL;
CREATE INDEX events_of_session ON events (pairing, session, ordering, position) WHERE session IS NOT NULL;
-- The same list as the one that is read by (events/read.rs): a list of sessions is made of few of a million events.
CREATE INDEX events_of_heads ON events (pairing, ordering, position)
    WHERE detail IN ('began', 'status', 'failed', 'permission', 'permissionGone', 'question', 'questionGone');

CREATE TABLE sessions (
    pairing TEXT NOT NULL,
    session TEXT NOT NULL,
    -- When its newest event came, to the minute, and up to when what is superseded is gone.
    touched INTEGER NOT NULL,
    compacted INTEGER NOT NULL,
    -- Its newest row, and where that was told; no payload when it is gone.
    ordering INTEGER NOT NULL,
    position INTEGER NOT NULL,
    payload TEXT,
    received INTEGER NOT NULL,
    PRIMARY KEY (pairing, session)
) STRICT;
CREATE INDEX sessions_to_compact ON sessions (compacted) WHERE touched > compacted;
CREATE INDEX sessions_by_time ON sessions (touched);

CREATE TABLE used (
    organization TEXT NOT NULL REFERENCES organizations (id),
    day INTEGER NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (organization, day)
) STRICT;

CREATE TABLE log_sizes (
    organization TEXT PRIMARY KEY REFERENCES organizations (id),
    bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    organization TEXT NOT NULL REFERENCES organizations (id),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_label TEXT NOT NULL,
    action TEXT NOT NULL,
    about TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (organization, number)
) STRICT;
CREATE INDEX audit_by_time ON audit (at);

CREATE TABLE readiness (
    process TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;
