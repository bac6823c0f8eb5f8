-- Accounts: why one is blocked, which contacts are confirmed, sign-in and its locks.

ALTER TABLE people ADD COLUMN passport TEXT;
ALTER TABLE people ADD COLUMN blocked_reason TEXT;
-- A contact that its owner changed, until the code sent to it is entered. What an administrator loads is confirmed.
ALTER TABLE people ADD COLUMN email_unconfirmed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN phone_unconfirmed BIGINT NOT NULL DEFAULT 0;

-- When it was used last, to within some minutes.
ALTER TABLE tokens ADD COLUMN last_used_at BIGINT;
-- 1 for one that signing in gave: a new password ends it.
ALTER TABLE tokens ADD COLUMN session BIGINT NOT NULL DEFAULT 0;
CREATE INDEX tokens_by_person ON tokens (person_id, created_at);

-- Authenticator applications (RFC 6238).
CREATE TABLE authenticators (
    person_id    TEXT   NOT NULL PRIMARY KEY REFERENCES people (id),
    -- Base32.
    secret       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    -- It counts once a code of it was entered.
    confirmed_at BIGINT,
    -- The newest time step whose code was taken: no code is taken twice.
    last_step    BIGINT NOT NULL DEFAULT 0
);

-- One-time codes under way.
CREATE TABLE challenges (
    -- SHA-256 of the id that the person has, so that the code cannot be guessed from what is here.
    digest      TEXT   NOT NULL PRIMARY KEY,
    -- 'sign_in', 'reset', 'confirm'.
    purpose     TEXT   NOT NULL,
    -- None where somebody asked to reset the password of a login that nobody has.
    person_id   TEXT   REFERENCES people (id),
    way         TEXT,
    address     TEXT,
    -- SHA-256 over the id and the code.
    code_digest TEXT,
    tries       BIGINT NOT NULL DEFAULT 0,
    sends       BIGINT NOT NULL DEFAULT 0,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT
);
CREATE INDEX challenges_by_person ON challenges (person_id, purpose, created_at);
CREATE INDEX challenges_by_age ON challenges (expires_at);

-- Wrong passwords and codes, by the SHA-256 of the login as it was typed, whether somebody has it or not.
CREATE TABLE sign_in_locks (
    login        TEXT   NOT NULL PRIMARY KEY,
    failures     BIGINT NOT NULL,
    lockouts     BIGINT NOT NULL,
    locked_until BIGINT,
    last_at      BIGINT
);

-- Scans that came with the confirmation of an identity (P4).
CREATE TABLE identity_documents (
    person_id TEXT   NOT NULL REFERENCES people (id),
    sha256    TEXT   NOT NULL REFERENCES files (sha256),
    name      TEXT   NOT NULL,
    added_at  BIGINT NOT NULL,
    PRIMARY KEY (person_id, sha256)
);
CREATE INDEX identity_documents_by_digest ON identity_documents (sha256);
