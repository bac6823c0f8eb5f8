-- Co-executors of an appeal (O1): a department, by its code, or an expert, by the person's id.
CREATE TABLE co_executors (
    appeal_id TEXT   NOT NULL REFERENCES appeals (id),
    -- 'department' or 'expert'.
    kind      TEXT   NOT NULL,
    subject   TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    -- Login of who involved them.
    added_by  TEXT   NOT NULL,
    PRIMARY KEY (appeal_id, kind, subject)
);
CREATE INDEX co_executors_by_subject ON co_executors (kind, subject, appeal_id);

CREATE INDEX appeals_by_merge ON appeals (merged_into) WHERE merged_into IS NOT NULL;
