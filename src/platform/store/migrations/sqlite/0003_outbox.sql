-- The transactional outbox (N4): a message is written in the transaction of what it tells, and delivered later.
CREATE TABLE messages (
    -- Stable: a repeated delivery carries it again.
    id           TEXT   NOT NULL PRIMARY KEY,
    person_id    TEXT   NOT NULL REFERENCES people (id),
    appeal_id    TEXT   REFERENCES appeals (id),
    -- 'account', 'email', 'sms', 'push'.
    channel      TEXT   NOT NULL,
    -- 'status', 'demand', 'control', 'code'.
    kind         TEXT   NOT NULL,
    -- Address or number as it was when the message was written; none in the account.
    address      TEXT,
    subject      TEXT   NOT NULL,
    text         TEXT   NOT NULL,
    -- What a program reads of it, in JSON.
    body         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    -- 'pending', 'sending', 'delivered', 'failed'.
    state        TEXT   NOT NULL,
    attempts     BIGINT NOT NULL DEFAULT 0,
    next_at      BIGINT,
    -- Not worth sending after this.
    expires_at   BIGINT,
    delivered_at BIGINT,
    read_at      BIGINT
);
CREATE INDEX messages_due ON messages (next_at) WHERE state IN ('pending', 'sending');
CREATE INDEX messages_by_person ON messages (person_id, created_at, id);
