-- lastro: no-transaction
-- A job pays for every index that has it, when it starts and again when it ends. A running one is now in two, of which one is its
-- key; and of those by end, one has the completed jobs, of which there are many, and two have the others, of which there are few.

CREATE INDEX CONCURRENTLY idx_jobs_created_new ON jobs (created_at, id) WHERE status IS DISTINCT FROM 'running';
DROP INDEX CONCURRENTLY idx_jobs_created;
ALTER INDEX idx_jobs_created_new RENAME TO idx_jobs_created;

CREATE INDEX CONCURRENTLY idx_jobs_type_new ON jobs (type, completed_at, id) WHERE status = 'completed';
DROP INDEX CONCURRENTLY idx_jobs_type;
ALTER INDEX idx_jobs_type_new RENAME TO idx_jobs_type;

CREATE INDEX CONCURRENTLY idx_jobs_status_new ON jobs (status, completed_at) WHERE status = 'failed' OR status = 'cancelled';
DROP INDEX CONCURRENTLY idx_jobs_status;
ALTER INDEX idx_jobs_status_new RENAME TO idx_jobs_status;

CREATE INDEX CONCURRENTLY idx_jobs_finished_new ON jobs (type, status, completed_at) WHERE status = 'failed' OR status = 'cancelled';
DROP INDEX CONCURRENTLY idx_jobs_finished;
ALTER INDEX idx_jobs_finished_new RENAME TO idx_jobs_finished;
