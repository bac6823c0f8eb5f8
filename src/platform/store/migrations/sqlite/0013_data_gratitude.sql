-- A gratitude has no decision to wait for.
UPDATE appeals SET due_at = NULL
WHERE kind = 'gratitude' AND escalated IS NULL
  AND status IN ('submitted', 'redirected', 'in_progress', 'under_review', 'clarification_required');
DELETE FROM deadlines
WHERE kind = 'decision' AND met_at IS NULL AND appeal_id IN (SELECT id FROM appeals WHERE kind = 'gratitude');
