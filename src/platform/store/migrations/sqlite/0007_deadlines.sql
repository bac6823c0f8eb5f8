-- What a deadline was counted with, so that it can be counted again.
-- The zone in which it is counted; it stays when the appeal goes to a department of another zone.
ALTER TABLE deadlines ADD COLUMN zone TEXT;
-- A date that somebody set in place of the one by the term, and when.
ALTER TABLE deadlines ADD COLUMN set_due_at BIGINT;
ALTER TABLE deadlines ADD COLUMN set_at BIGINT;
-- When it was due before it was extended the last time, and why it was extended.
ALTER TABLE deadlines ADD COLUMN extended_from BIGINT;
ALTER TABLE deadlines ADD COLUMN reason TEXT;

-- Time that waited for the applicant and does not count (N2). The one that lasts is `deadlines.paused_at`.
CREATE TABLE deadline_pauses (
    appeal_id TEXT   NOT NULL REFERENCES appeals (id),
    kind      TEXT   NOT NULL,
    from_at   BIGINT NOT NULL,
    until_at  BIGINT NOT NULL,
    PRIMARY KEY (appeal_id, kind, from_at)
);

INSERT INTO deadline_pauses (appeal_id, kind, from_at, until_at)
    SELECT c.appeal_id, d.kind, c.asked_at, max(c.ended_at)
    FROM clarifications c JOIN deadlines d ON d.appeal_id = c.appeal_id AND d.started_at <= c.asked_at
    WHERE c.ended_at > c.asked_at AND d.kind IN ('decision', 'escalation')
    GROUP BY c.appeal_id, d.kind, c.asked_at;
