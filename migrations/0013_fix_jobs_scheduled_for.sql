-- jobs gets the column that workers look for. Some databases say that 0011 ran although it never did, so everything
-- that 0011 makes is made here where it is missing: both kinds of database end alike. The definitions repeat 0011.

ALTER TABLE jobs ADD COLUMN IF NOT EXISTS scheduled_for timestamptz;

-- Blocks writers while it is built: jobs holds weeks, not years, and an index of few rows is built in moments.
CREATE INDEX IF NOT EXISTS idx_jobs_scheduled ON jobs (scheduled_for);
CREATE INDEX IF NOT EXISTS idx_jobs_queue ON jobs (priority DESC, created_at) WHERE status = 'pending';

CREATE TABLE IF NOT EXISTS job_logs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id uuid NOT NULL,
    level text NOT NULL DEFAULT 'info',
    message text NOT NULL,
    details jsonb,
    attempt integer,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS job_schedule (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    name varchar(255) NOT NULL,
    type varchar(100) NOT NULL,
    cron text NOT NULL,
    timezone text NOT NULL DEFAULT 'UTC',
    data jsonb NOT NULL DEFAULT '{}',
    priority integer NOT NULL DEFAULT 5,
    enabled boolean NOT NULL DEFAULT true,
    last_run_at timestamptz,
    next_run_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- A constraint's name is unique within its table only, so each is looked for on its own table.
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = 'job_logs'::regclass AND contype = 'f' AND conname = 'job_logs_job_id_fkey'
    ) THEN
        -- Without the foreign key, lines have outlived their jobs. With it they would have gone along.
        DELETE FROM job_logs l WHERE NOT EXISTS (SELECT FROM jobs j WHERE j.id = l.job_id);
        ALTER TABLE job_logs
            ADD CONSTRAINT job_logs_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE;
    END IF;

    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = 'job_logs'::regclass AND contype = 'c' AND conname = 'ck_job_logs_level'
    ) THEN
        ALTER TABLE job_logs
            ADD CONSTRAINT ck_job_logs_level CHECK (level IN ('debug', 'info', 'warning', 'error'));
    END IF;

    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = 'job_schedule'::regclass AND contype = 'u' AND conname = 'uq_job_schedule_name'
    ) THEN
        ALTER TABLE job_schedule
            ADD CONSTRAINT uq_job_schedule_name UNIQUE (name);
    END IF;

    IF NOT EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = 'job_schedule'::regclass AND contype = 'c' AND conname = 'ck_job_schedule_cron'
    ) THEN
        ALTER TABLE job_schedule
            ADD CONSTRAINT ck_job_schedule_cron CHECK (cron ~ '^(\S+\s+){4}\S+$');
    END IF;
END;
$$;

CREATE INDEX IF NOT EXISTS idx_job_logs_job ON job_logs (job_id, created_at);
CREATE INDEX IF NOT EXISTS idx_job_logs_errors ON job_logs (created_at) WHERE level = 'error';
CREATE INDEX IF NOT EXISTS idx_job_schedule_next ON job_schedule (next_run_at) WHERE enabled;

CREATE OR REPLACE TRIGGER trg_job_schedule_updated_at
    BEFORE UPDATE ON job_schedule
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE OR REPLACE FUNCTION log_job(job uuid, log_level text, log_message text, log_details jsonb DEFAULT NULL)
    RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    log_id bigint;
BEGIN
    INSERT INTO public.job_logs (job_id, level, message, details, attempt)
    SELECT j.id, log_level, log_message, log_details, j.attempts
    FROM public.jobs j
    WHERE j.id = job
    RETURNING id INTO log_id;
    RETURN log_id;
END;
$$;

CREATE OR REPLACE FUNCTION job_backoff(attempts integer) RETURNS interval
    LANGUAGE sql
    IMMUTABLE
    PARALLEL SAFE
    RETURN least('5 seconds'::interval * power(2, greatest(least(attempts, 20), 1) - 1), '1 hour'::interval);

-- A view's new column can only come last.
CREATE OR REPLACE VIEW job_overview AS
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
    l.created_at AS last_message_at,
    j.scheduled_for
FROM jobs j
LEFT JOIN LATERAL (
    SELECT x.message, x.created_at
    FROM job_logs x
    WHERE x.job_id = j.id
    ORDER BY x.created_at DESC, x.id DESC
    LIMIT 1
) l ON true;

COMMENT ON TABLE jobs IS 'Background work: what to do, how often it was tried, and what came of it';
COMMENT ON COLUMN jobs.status IS 'pending, running, completed, failed or cancelled';
COMMENT ON COLUMN jobs.priority IS 'Higher first';
COMMENT ON COLUMN jobs.attempts IS 'Counted when a worker takes the job, so that a crash counts';
COMMENT ON COLUMN jobs.scheduled_for IS 'Not to be taken before; empty means at once';
COMMENT ON TABLE job_logs IS 'What a job had to say; goes with its job';
COMMENT ON COLUMN job_logs.attempt IS 'The attempt that was running';
COMMENT ON TABLE job_schedule IS 'Jobs that come back at fixed times';
COMMENT ON COLUMN job_schedule.cron IS 'Five fields, read in the time zone beside it';
COMMENT ON FUNCTION log_job(uuid, text, text, jsonb) IS 'Adds a line to a job''s log; null if the job is gone';
COMMENT ON FUNCTION job_backoff(integer) IS 'How long to wait after so many attempts: 5 s, doubling, at most an hour';
COMMENT ON VIEW job_overview IS 'Jobs with the last line of their log';
