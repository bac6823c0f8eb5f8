-- Administration (O4): who changed what of the platform's own data, and which backups were made.

CREATE TABLE admin_log (
    id      TEXT   NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT   NOT NULL,
    -- 'added', 'changed', 'removed', 'backup', 'verified', 'export', 'import', 'restored'.
    action  TEXT   NOT NULL,
    -- 'people', 'departments', 'categories', 'templates', 'calendar', 'policies', 'platform'.
    kind    TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    -- Before and after of every field that changed, in JSON. Never a password.
    changes TEXT   NOT NULL
);

CREATE TABLE backups (
    id          TEXT   NOT NULL PRIMARY KEY,
    at          BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    -- 'started', 'sent', 'verified'. Uploads are not swept away while one is under way.
    state       TEXT   NOT NULL,
    files       BIGINT,
    bytes       BIGINT,
    verified_at BIGINT
);
CREATE INDEX backups_by_time ON backups (at);
