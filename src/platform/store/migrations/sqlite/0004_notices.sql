-- Notifications (N4): what belongs together, who wants what, how each attempt went; and reminders (N3).

-- The notification in the account that this message carries outside; none for the notification itself and for codes.
ALTER TABLE messages ADD COLUMN notice_id TEXT;
-- When the attempt under way began.
ALTER TABLE messages ADD COLUMN claimed_at BIGINT;

-- Each channel has a queue of its own: one that stands still is not in another's way.
DROP INDEX messages_due;
CREATE INDEX messages_queue ON messages (channel, next_at) WHERE state IN ('pending', 'sending');
CREATE INDEX messages_of_notice ON messages (notice_id) WHERE notice_id IS NOT NULL;
CREATE INDEX messages_unread ON messages (person_id, created_at, id) WHERE read_at IS NULL AND channel = 'account';
-- Codes wait for nobody.
CREATE INDEX messages_codes ON messages (next_at) WHERE state = 'pending' AND kind = 'code';

CREATE TABLE deliveries (
    message_id TEXT   NOT NULL REFERENCES messages (id),
    attempt    BIGINT NOT NULL,
    -- When it began.
    at         BIGINT NOT NULL,
    -- 'delivered', 'failed', or 'unknown': it began, and nobody knows how it ended.
    outcome    TEXT   NOT NULL,
    detail     TEXT,
    PRIMARY KEY (message_id, attempt)
);

CREATE TABLE notice_settings (
    person_id    TEXT   NOT NULL PRIMARY KEY REFERENCES people (id),
    -- 'ru' or 'en'.
    lang         TEXT   NOT NULL,
    -- None: as the preferred way of contact says.
    email        BIGINT,
    sms          BIGINT,
    push_url     TEXT,
    push_secret  TEXT,
    -- JSON arrays; an empty one lets everything pass.
    kinds        TEXT   NOT NULL,
    appeal_kinds TEXT   NOT NULL,
    priorities   TEXT   NOT NULL,
    -- Seconds before a deadline from which on it is told of.
    due_within   BIGINT
);

-- What was reminded of, once each. Another due date is another deadline.
CREATE TABLE reminders (
    appeal_id TEXT   NOT NULL REFERENCES appeals (id),
    kind      TEXT   NOT NULL,
    due_at    BIGINT NOT NULL,
    -- 'before', 'due', 'passed'.
    stage     TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (appeal_id, kind, due_at, stage)
);

-- Supervisors are few among very many people.
CREATE INDEX people_supervisors ON people (id) WHERE role = 'supervisor';
