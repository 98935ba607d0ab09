-- lastro: no-transaction
-- Pages of jobs go on behind the last row of the page before. Jobs that were inserted at once have one time, so the id decides
-- among them: without it in the index, a page would sort all of them.

CREATE INDEX CONCURRENTLY idx_jobs_created_new ON jobs (created_at, id);
DROP INDEX CONCURRENTLY idx_jobs_created;
ALTER INDEX idx_jobs_created_new RENAME TO idx_jobs_created;

CREATE INDEX CONCURRENTLY idx_jobs_queue_new ON jobs (priority DESC, created_at, id) WHERE status = 'pending';
DROP INDEX CONCURRENTLY idx_jobs_queue;
ALTER INDEX idx_jobs_queue_new RENAME TO idx_jobs_queue;
