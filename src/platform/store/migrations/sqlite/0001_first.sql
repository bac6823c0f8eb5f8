-- Ids are UUIDv7 as text, times are microseconds since 1970 in UTC, flags are 0 or 1, JSON is text.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE people (
    id            TEXT   NOT NULL PRIMARY KEY,
    login         TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    role          TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    email         TEXT,
    phone         TEXT,
    preferred     TEXT,
    inn           TEXT,
    snils         TEXT,
    region        TEXT,
    levels        TEXT   NOT NULL,
    password_hash TEXT,
    created_at    BIGINT NOT NULL
);

CREATE TABLE organizations (
    inn     TEXT NOT NULL PRIMARY KEY,
    ogrn    TEXT,
    name    TEXT NOT NULL,
    address TEXT
);

CREATE TABLE representatives (
    person_id TEXT NOT NULL REFERENCES people (id),
    inn       TEXT NOT NULL REFERENCES organizations (inn),
    PRIMARY KEY (person_id, inn)
);

CREATE TABLE departments (
    code     TEXT   NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    region   TEXT,
    body     TEXT   NOT NULL
);

CREATE TABLE department_operators (
    department TEXT NOT NULL REFERENCES departments (code),
    person_id  TEXT NOT NULL REFERENCES people (id),
    PRIMARY KEY (department, person_id)
);

CREATE TABLE categories (
    code     TEXT   NOT NULL PRIMARY KEY,
    parent   TEXT,
    position BIGINT NOT NULL,
    body     TEXT   NOT NULL
);

-- Departments that take a category, and its children, in a region instead of the category's own department. The region
-- is in lower case.
CREATE TABLE routes (
    category   TEXT NOT NULL REFERENCES categories (code),
    region     TEXT NOT NULL,
    department TEXT NOT NULL REFERENCES departments (code),
    PRIMARY KEY (category, region)
);

CREATE TABLE templates (
    id       TEXT   NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    body     TEXT   NOT NULL
);

-- Production calendars and deadline policies.
CREATE TABLE documents (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, name)
);

CREATE TABLE tokens (
    id         TEXT   NOT NULL PRIMARY KEY,
    digest     TEXT   NOT NULL UNIQUE,
    person_id  TEXT   NOT NULL REFERENCES people (id),
    name       TEXT   NOT NULL,
    scopes     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE appeals (
    id                TEXT   NOT NULL PRIMARY KEY,
    number            TEXT   NOT NULL UNIQUE,
    draft_number      TEXT   UNIQUE,
    status            TEXT   NOT NULL,
    kind              TEXT   NOT NULL,
    category          TEXT   NOT NULL,
    subject           TEXT   NOT NULL,
    text              TEXT   NOT NULL,
    priority          TEXT   NOT NULL,
    channel           TEXT   NOT NULL,
    region            TEXT,
    service           TEXT,
    application       TEXT,
    occurred_at       TEXT,
    expected          TEXT,
    steps             TEXT,
    actual            TEXT,
    institution       TEXT,
    fields            TEXT   NOT NULL,
    contact_email     TEXT,
    contact_phone     TEXT,
    contact_preferred TEXT,
    applicant_id      TEXT   NOT NULL REFERENCES people (id),
    organization      TEXT   REFERENCES organizations (inn),
    department        TEXT   REFERENCES departments (code),
    responsible_id    TEXT   REFERENCES people (id),
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    status_since      BIGINT NOT NULL,
    due_at            BIGINT,
    asked_from        TEXT,
    escalated         TEXT,
    decided           BIGINT NOT NULL DEFAULT 0,
    repeat_of         TEXT,
    merged_into       TEXT,
    version           BIGINT NOT NULL,
    journal_seq       BIGINT NOT NULL DEFAULT 0,
    journal_hash      TEXT
);
CREATE INDEX appeals_by_applicant ON appeals (applicant_id, created_at, id);
CREATE INDEX appeals_by_organization ON appeals (organization, created_at);
CREATE INDEX appeals_by_department ON appeals (department, created_at, id);
-- The queue of a department, in the order in which it is worked off.
CREATE INDEX appeals_queue ON appeals (department, coalesce(due_at, 9223372036854775807), id)
    WHERE status IN ('submitted', 'redirected', 'in_progress', 'clarification_required', 'under_review')
    AND escalated IS NULL;
-- What waits for a decision, for those who look for what is overdue.
CREATE INDEX appeals_undecided ON appeals (due_at)
    WHERE status IN ('submitted', 'redirected', 'in_progress', 'clarification_required', 'under_review');
CREATE INDEX appeals_by_responsible ON appeals (responsible_id, status);
CREATE INDEX appeals_by_escalation ON appeals (escalated, created_at);
CREATE INDEX appeals_by_creation ON appeals (created_at, id);
CREATE INDEX appeals_by_status ON appeals (status, status_since);
CREATE INDEX appeals_by_origin ON appeals (repeat_of);

CREATE TABLE deadlines (
    appeal_id  TEXT   NOT NULL REFERENCES appeals (id),
    kind       TEXT   NOT NULL,
    term       TEXT   NOT NULL,
    started_at BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    met_at     BIGINT,
    paused_at  BIGINT,
    PRIMARY KEY (appeal_id, kind)
);
CREATE INDEX deadlines_open ON deadlines (kind, due_at) WHERE met_at IS NULL;

CREATE TABLE attachments (
    id         TEXT   NOT NULL PRIMARY KEY,
    appeal_id  TEXT   NOT NULL REFERENCES appeals (id),
    position   BIGINT NOT NULL,
    -- What it came with: 'appeal', 'comment', 'reply', 'answer', 'escalation', 'review', and that thing's id.
    owner_kind TEXT   NOT NULL,
    owner_id   TEXT,
    document   TEXT,
    internal   BIGINT NOT NULL DEFAULT 0,
    version    BIGINT NOT NULL,
    removed_at BIGINT
);
CREATE INDEX attachments_by_appeal ON attachments (appeal_id, position);

CREATE TABLE attachment_versions (
    attachment_id TEXT   NOT NULL REFERENCES attachments (id),
    version       BIGINT NOT NULL,
    name          TEXT   NOT NULL,
    media_type    TEXT   NOT NULL,
    size          BIGINT NOT NULL,
    sha256        TEXT   NOT NULL,
    note          TEXT,
    added_at      BIGINT NOT NULL,
    added_by      TEXT   NOT NULL,
    PRIMARY KEY (attachment_id, version)
);
CREATE INDEX attachment_versions_by_digest ON attachment_versions (sha256);

-- Every file that is kept, by its digest. The bytes are in the files directory.
CREATE TABLE files (
    sha256    TEXT   NOT NULL PRIMARY KEY,
    size      BIGINT NOT NULL,
    -- What the bytes really are and whether they are whole, as the check found, in JSON.
    inspected TEXT   NOT NULL
);

-- Who brought which bytes: only they may attach them. Rows are removed after a day.
CREATE TABLE uploads (
    person_id  TEXT   NOT NULL REFERENCES people (id),
    sha256     TEXT   NOT NULL REFERENCES files (sha256),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, sha256)
);
CREATE INDEX uploads_by_digest ON uploads (sha256);
CREATE INDEX uploads_by_age ON uploads (created_at);

CREATE TABLE comments (
    id        TEXT   NOT NULL PRIMARY KEY,
    appeal_id TEXT   NOT NULL REFERENCES appeals (id),
    author    TEXT   NOT NULL,
    text      TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    internal  BIGINT NOT NULL
);
CREATE INDEX comments_by_appeal ON comments (appeal_id, at);

CREATE TABLE clarifications (
    id          TEXT   NOT NULL PRIMARY KEY,
    appeal_id   TEXT   NOT NULL REFERENCES appeals (id),
    question    TEXT   NOT NULL,
    needs       TEXT   NOT NULL,
    asked_at    BIGINT NOT NULL,
    asked_by    TEXT   NOT NULL,
    due_at      BIGINT,
    -- How it ended: 'replied', 'expired' or 'dropped'; none while it is open.
    ended       TEXT,
    ended_at    BIGINT
);
CREATE INDEX clarifications_by_appeal ON clarifications (appeal_id, asked_at);
CREATE INDEX clarifications_open ON clarifications (ended, due_at);

CREATE TABLE answers (
    id        TEXT   NOT NULL PRIMARY KEY,
    appeal_id TEXT   NOT NULL REFERENCES appeals (id),
    decision  TEXT   NOT NULL,
    text      TEXT   NOT NULL,
    signed_by TEXT   NOT NULL,
    at        BIGINT NOT NULL
);
CREATE INDEX answers_by_appeal ON answers (appeal_id, at);

CREATE TABLE escalations (
    id           TEXT   NOT NULL PRIMARY KEY,
    appeal_id    TEXT   NOT NULL REFERENCES appeals (id),
    level        TEXT   NOT NULL,
    grounds      TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    due_at       BIGINT,
    outcome_text TEXT,
    outcome_at   BIGINT,
    outcome_by   TEXT
);
CREATE INDEX escalations_by_appeal ON escalations (appeal_id, at);
CREATE INDEX escalations_by_level ON escalations (level, appeal_id);

CREATE TABLE reviews (
    appeal_id TEXT   NOT NULL PRIMARY KEY REFERENCES appeals (id),
    id        TEXT   NOT NULL,
    score     BIGINT NOT NULL,
    category  TEXT,
    remarks   TEXT,
    state     TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    changes   TEXT
);

CREATE TABLE participants (
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    person_id TEXT NOT NULL REFERENCES people (id),
    role      TEXT NOT NULL,
    PRIMARY KEY (appeal_id, person_id)
);
CREATE INDEX participants_by_person ON participants (person_id);

CREATE TABLE journal (
    appeal_id TEXT   NOT NULL REFERENCES appeals (id),
    seq       BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    actor     TEXT   NOT NULL,
    action    TEXT   NOT NULL,
    changes   TEXT   NOT NULL,
    internal  BIGINT NOT NULL,
    salt      TEXT   NOT NULL,
    digest    TEXT   NOT NULL,
    hash      TEXT   NOT NULL,
    PRIMARY KEY (appeal_id, seq)
);

-- Positions are given in commit order: on SQLite by the one writer that holds the write lock.
CREATE TABLE events (
    position  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    appeal_id TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    event     TEXT   NOT NULL,
    status    TEXT   NOT NULL,
    actor     TEXT   NOT NULL,
    -- Values for the line that people read, in JSON.
    detail    TEXT   NOT NULL,
    internal  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX events_by_appeal ON events (appeal_id, position);
CREATE INDEX events_by_time ON events (at);

CREATE TABLE idempotency (
    person_id  TEXT   NOT NULL,
    route      TEXT   NOT NULL,
    key        TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    status     BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    -- Keys of filings live as long as the appeal.
    filing     BIGINT NOT NULL,
    PRIMARY KEY (person_id, route, key)
);
CREATE INDEX idempotency_by_age ON idempotency (filing, created_at);

-- Folded and stemmed words of subject and text.
CREATE TABLE search_terms (
    term      TEXT NOT NULL,
    appeal_id TEXT NOT NULL,
    PRIMARY KEY (term, appeal_id)
) WITHOUT ROWID;
CREATE INDEX search_terms_by_appeal ON search_terms (appeal_id);
