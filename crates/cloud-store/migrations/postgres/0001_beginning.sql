CREATE TABLE organizations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created BIGINT NOT NULL,
    -- The number of its newest row in the audit.
    audited BIGINT NOT NULL
);

CREATE TABLE people (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE memberships (
    organization TEXT NOT NULL REFERENCES organizations (id),
    person TEXT NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (organization, person)
);
CREATE INDEX memberships_by_person ON memberships (person);

CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    secret TEXT NOT NULL UNIQUE,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    UNIQUE (organization, email)
);
CREATE INDEX invitations_by_end ON invitations (expires);

CREATE TABLE owner_links (
    secret TEXT PRIMARY KEY,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE TABLE sign_ins (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL REFERENCES people (id),
    csrf TEXT NOT NULL,
    agent TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sign_ins_by_person ON sign_ins (person, last_seen);
CREATE INDEX sign_ins_by_end ON sign_ins (expires);

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL UNIQUE,
    organization TEXT NOT NULL,
    person TEXT NOT NULL,
    label TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    last_used BIGINT,
    FOREIGN KEY (organization, person) REFERENCES memberships (organization, person) ON DELETE CASCADE
);
CREATE INDEX api_tokens_by_person ON api_tokens (organization, person);
CREATE INDEX api_tokens_by_end ON api_tokens (expires);

-- Half of each page is left free, because these rows change with each batch of events.
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
    handled BIGINT NOT NULL,
    commanded BIGINT NOT NULL,
    -- The last position of an event, up to which sequence all events are kept, and the runs beyond gaps.
    position BIGINT NOT NULL,
    through BIGINT NOT NULL,
    runs TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_seen BIGINT,
    revoked BIGINT
) WITH (fillfactor = 50);
CREATE INDEX pairings_by_organization ON pairings (organization);
CREATE INDEX pairings_by_owner ON pairings (owner);

CREATE TABLE desktops (
    pairing TEXT PRIMARY KEY REFERENCES pairings (id),
    ordering BIGINT NOT NULL,
    position BIGINT NOT NULL,
    payload TEXT NOT NULL
);

CREATE TABLE commands (
    id TEXT PRIMARY KEY,
    pairing TEXT NOT NULL REFERENCES pairings (id),
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    workspace TEXT NOT NULL,
    session TEXT,
    actor TEXT NOT NULL,
    actor_label TEXT NOT NULL,
    payload TEXT,
    state TEXT NOT NULL,
    lease TEXT,
    leased_until BIGINT,
    redelivery BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    result TEXT,
    idempotency_key TEXT NOT NULL,
    created BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    finished BIGINT,
    UNIQUE (pairing, sequence),
    UNIQUE (pairing, actor, idempotency_key)
);
CREATE INDEX commands_that_wait ON commands (pairing, sequence) WHERE state IN ('queued', 'leased');
CREATE INDEX commands_by_deadline ON commands (deadline) WHERE state = 'queued';
CREATE INDEX commands_by_lease ON commands (leased_until) WHERE state = 'leased';
CREATE INDEX commands_by_end ON commands (finished) WHERE finished IS NOT NULL;

-- No foreign key: each event would look its pairing up, whose row the writer holds anyway.
CREATE TABLE events (
    pairing TEXT NOT NULL,
    event TEXT NOT NULL,
    ordering BIGINT NOT NULL,
    position BIGINT NOT NULL,
    sequence BIGINT,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    workspace TEXT,
    session TEXT,
    command TEXT,
    subject TEXT,
    piece TEXT,
    payload TEXT,
    occurred BIGINT NOT NULL,
    received BIGINT NOT NULL,
    PRIMARY KEY (pairing, event),
    UNIQUE (pairing, sequence)
);
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
    touched BIGINT NOT NULL,
    compacted BIGINT NOT NULL,
    -- Its newest row, and where that was told; no payload when it is gone.
    ordering BIGINT NOT NULL,
    position BIGINT NOT NULL,
    payload TEXT,
    received BIGINT NOT NULL,
    PRIMARY KEY (pairing, session)
) WITH (fillfactor = 70);
CREATE INDEX sessions_to_compact ON sessions (compacted) WHERE touched > compacted;
CREATE INDEX sessions_by_time ON sessions (touched);

CREATE TABLE used (
    organization TEXT NOT NULL REFERENCES organizations (id),
    day BIGINT NOT NULL,
    events BIGINT NOT NULL,
    PRIMARY KEY (organization, day)
) WITH (fillfactor = 50);

CREATE TABLE log_sizes (
    organization TEXT PRIMARY KEY REFERENCES organizations (id),
    bytes BIGINT NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE audit (
    organization TEXT NOT NULL REFERENCES organizations (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_label TEXT NOT NULL,
    action TEXT NOT NULL,
    about TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (organization, number)
);
CREATE INDEX audit_by_time ON audit (at);

CREATE TABLE readiness (
    process TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
