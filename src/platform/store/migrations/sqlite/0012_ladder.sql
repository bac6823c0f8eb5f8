-- Quality control was the highest level of review and is now the second. Appeals that were escalated before keep the way
-- to it. Rows of an older export have no such column, so the default is theirs.
ALTER TABLE escalations ADD COLUMN quality_last INTEGER NOT NULL DEFAULT 1;
