-- The worker's queries on jobs.

-- name: pick_next_job
-- Takes the job that is due next; another worker's is passed over.
SELECT id, name, type, data, attempts, max_attempts
FROM jobs
WHERE status = 'pending'
  AND (scheduled_for IS NULL OR scheduled_for <= now())
  AND attempts < max_attempts
ORDER BY priority DESC, created_at
LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: start_job
UPDATE jobs SET status = 'running', attempts = attempts + 1, started_at = now() WHERE id = :id;

-- name: complete_job
UPDATE jobs SET status = 'completed', completed_at = now() WHERE id = :id;

-- name: enqueue_job
INSERT INTO jobs (name, type, scheduled_for) VALUES (:name, :type, :scheduled_for) RETURNING id;

-- name: log_job
SELECT log_job(:id, :level, :message, :details);

-- name: failing_jobs
SELECT id, name, last_message FROM job_overview WHERE status = 'failed' ORDER BY last_message_at DESC LIMIT :count;
