-- Conversation and disagreement: who shared an appeal and when, the department of an escalation, one review for each
-- decision and what was changed because of it.

ALTER TABLE participants ADD COLUMN added_at BIGINT;
ALTER TABLE participants ADD COLUMN added_by TEXT;

-- Which clarification request a comment answers.
ALTER TABLE comments ADD COLUMN reply_to TEXT;

-- The department that looks at it, which is not the one that answered.
ALTER TABLE escalations ADD COLUMN department TEXT REFERENCES departments (code);

-- Reviews are of decisions, and an appeal can have several, one after another.
CREATE TABLE decision_reviews (
    id          TEXT   NOT NULL PRIMARY KEY,
    appeal_id   TEXT   NOT NULL REFERENCES appeals (id),
    -- The official answer that is reviewed; none for an appeal that ended without one.
    decision_id TEXT,
    score       BIGINT NOT NULL,
    category    TEXT,
    remarks     TEXT,
    state       TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    -- Who took it into revision.
    taken_at    BIGINT,
    taken_by    TEXT,
    -- What was changed because of it, when and by whom.
    changes     TEXT,
    revised_at  BIGINT,
    revised_by  TEXT
);
INSERT INTO decision_reviews (id, appeal_id, decision_id, score, category, remarks, state, at, changes)
SELECT r.id, r.appeal_id,
       (SELECT s.id FROM answers s WHERE s.appeal_id = r.appeal_id AND s.at <= r.at ORDER BY s.at DESC, s.id DESC LIMIT 1),
       r.score, r.category, r.remarks, r.state, r.at, r.changes
FROM reviews r;
DROP TABLE reviews;
ALTER TABLE decision_reviews RENAME TO reviews;
CREATE INDEX reviews_by_appeal ON reviews (appeal_id, at);
CREATE INDEX reviews_by_state ON reviews (state, at);

-- Departments of the levels of review; a new database gets them with the others.
INSERT INTO departments (code, position, region, body)
SELECT d.code, 1000 + d.n, NULL, d.body FROM (
    SELECT 1 AS n, 'review-senior' AS code, '{"code":"review-senior","title":{"en":"Office of Senior Specialists","ru":"Отдел старших специалистов"},"authority":{"en":"Ministry of Citizens'' Services","ru":"Министерство по работе с гражданами"},"region":null,"time_zone":"Europe/Moscow","level":"senior"}' AS body
    UNION ALL SELECT 2, 'review-regional', '{"code":"review-regional","title":{"en":"Regional Review Office","ru":"Региональное управление по рассмотрению обращений"},"authority":{"en":"Regional Government","ru":"Правительство региона"},"region":null,"time_zone":"Europe/Moscow","level":"regional"}'
    UNION ALL SELECT 3, 'review-federal', '{"code":"review-federal","title":{"en":"Federal Review Office","ru":"Федеральное управление по рассмотрению обращений"},"authority":{"en":"Ministry of Citizens'' Services","ru":"Министерство по работе с гражданами"},"region":null,"time_zone":"Europe/Moscow","level":"federal"}'
    UNION ALL SELECT 4, 'review-ombudsman', '{"code":"review-ombudsman","title":{"en":"Office of the Ombudsman","ru":"Аппарат уполномоченного по правам"},"authority":{"en":"Ombudsman","ru":"Уполномоченный по правам"},"region":null,"time_zone":"Europe/Moscow","level":"ombudsman"}'
    UNION ALL SELECT 5, 'review-quality', '{"code":"review-quality","title":{"en":"Department of Quality Control","ru":"Департамент контроля качества"},"authority":{"en":"Ministry of Citizens'' Services","ru":"Министерство по работе с гражданами"},"region":null,"time_zone":"Europe/Moscow","level":"quality"}'
) d
WHERE EXISTS (SELECT 1 FROM departments);
