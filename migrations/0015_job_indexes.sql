-- lastro: no-transaction
-- The indexes that a worker's fetch, the retention and the pages need. An index of every row is paid twice for each
-- job, when it starts and when it ends: four of the old ones keep their names and lose the rows that nobody looks up.

CREATE INDEX CONCURRENTLY idx_jobs_ready ON jobs (type, priority DESC, created_at, id)
    WHERE status = 'pending' AND scheduled_for IS NULL;
CREATE INDEX CONCURRENTLY idx_jobs_due ON jobs (scheduled_for)
    WHERE status = 'pending' AND scheduled_for IS NOT NULL;
CREATE INDEX CONCURRENTLY idx_jobs_running ON jobs (started_at) WHERE status = 'running';
CREATE INDEX CONCURRENTLY idx_jobs_finished ON jobs (status, completed_at) WHERE completed_at IS NOT NULL;

CREATE INDEX CONCURRENTLY idx_jobs_status_new ON jobs (status, completed_at) WHERE status = 'failed';
DROP INDEX CONCURRENTLY idx_jobs_status;
ALTER INDEX idx_jobs_status_new RENAME TO idx_jobs_status;

CREATE INDEX CONCURRENTLY idx_jobs_type_new ON jobs (type, completed_at) WHERE completed_at IS NOT NULL;
DROP INDEX CONCURRENTLY idx_jobs_type;
ALTER INDEX idx_jobs_type_new RENAME TO idx_jobs_type;

CREATE INDEX CONCURRENTLY idx_jobs_priority_new ON jobs (priority DESC) WHERE status = 'pending';
DROP INDEX CONCURRENTLY idx_jobs_priority;
ALTER INDEX idx_jobs_priority_new RENAME TO idx_jobs_priority;

CREATE INDEX CONCURRENTLY idx_jobs_scheduled_new ON jobs (scheduled_for) WHERE scheduled_for IS NOT NULL;
DROP INDEX CONCURRENTLY idx_jobs_scheduled;
ALTER INDEX idx_jobs_scheduled_new RENAME TO idx_jobs_scheduled;
