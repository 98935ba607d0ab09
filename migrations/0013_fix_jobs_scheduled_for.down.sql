-- Back to what 0012 leaves: the column goes, and the times in it with it. What 0011 makes stays, because according
-- to the history 0011 has run; this also holds where it was made by 0013 in its stead.

-- A view cannot lose a column in place.
DROP VIEW job_overview;

-- Takes idx_jobs_scheduled along.
ALTER TABLE jobs DROP COLUMN scheduled_for;

CREATE VIEW job_overview AS
SELECT
    j.id,
    j.name,
    j.type,
    j.status,
    j.priority,
    j.attempts,
    j.max_attempts,
    j.created_at,
    j.started_at,
    j.completed_at,
    l.message AS last_message,
    l.created_at AS last_message_at
FROM jobs j
LEFT JOIN LATERAL (
    SELECT x.message, x.created_at
    FROM job_logs x
    WHERE x.job_id = j.id
    ORDER BY x.created_at DESC, x.id DESC
    LIMIT 1
) l ON true;

COMMENT ON VIEW job_overview IS 'Jobs with the last line of their log';
