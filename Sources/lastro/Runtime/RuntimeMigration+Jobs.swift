extension RuntimeMigration {
    /// What workers, schedules and the HTTP interface keep.
    static let jobs = RuntimeMigration(title: "job runtime", statements: jobStatements)

    private static let jobStatements = #"""
        -- Its tables and indexes are those that AppRuntime works on; docs/creating-jobs.md says what each is for.

        -- A queue's rows turn over all day: the defaults would let a fifth of them die before anybody cleans up.
        CREATE TABLE jobs (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            name varchar(255),
            type varchar(100),
            status varchar(50) DEFAULT 'pending',
            priority integer DEFAULT 5,
            data jsonb DEFAULT '{}',
            result jsonb,
            error text,
            attempts integer DEFAULT 0,
            max_attempts integer DEFAULT 3,
            scheduled_for timestamptz,
            started_at timestamptz,
            completed_at timestamptz,
            created_at timestamptz DEFAULT now()
        ) WITH (
            autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02
        );

        -- A job pays for every index that has it, when it starts and again when it ends: all hold a part of the jobs.
        CREATE INDEX idx_jobs_created ON jobs (created_at, id) WHERE status IS DISTINCT FROM 'running';
        CREATE INDEX idx_jobs_queue ON jobs (priority DESC, created_at, id) WHERE status = 'pending';
        CREATE INDEX idx_jobs_ready ON jobs (type, priority DESC, created_at, id)
            WHERE status = 'pending' AND scheduled_for IS NULL;
        CREATE INDEX idx_jobs_due ON jobs (scheduled_for) WHERE status = 'pending' AND scheduled_for IS NOT NULL;
        CREATE INDEX idx_jobs_running ON jobs (started_at) WHERE status = 'running';
        CREATE INDEX idx_jobs_finished ON jobs (type, status, completed_at) WHERE status = 'failed' OR status = 'cancelled';
        CREATE INDEX idx_jobs_status ON jobs (status, completed_at) WHERE status = 'failed' OR status = 'cancelled';
        CREATE INDEX idx_jobs_type ON jobs (type, completed_at, id) WHERE status = 'completed';
        CREATE INDEX idx_jobs_priority ON jobs (priority DESC) WHERE status = 'pending';
        CREATE INDEX idx_jobs_scheduled ON jobs (scheduled_for) WHERE scheduled_for IS NOT NULL;

        COMMENT ON TABLE jobs IS 'Background work: what to do, how often it was tried, and what came of it';
        COMMENT ON COLUMN jobs.status IS 'pending, running, completed, failed or cancelled';

        CREATE TABLE job_logs (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            job_id uuid NOT NULL,
            level text NOT NULL DEFAULT 'info',
            message text NOT NULL,
            details jsonb,
            attempt integer,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT job_logs_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE,
            CONSTRAINT ck_job_logs_level CHECK (level IN ('debug', 'info', 'warning', 'error'))
        );

        CREATE INDEX idx_job_logs_job ON job_logs (job_id, created_at);
        CREATE INDEX idx_job_logs_errors ON job_logs (created_at) WHERE level = 'error';

        COMMENT ON TABLE job_logs IS 'What a job had to say; goes with its job';

        CREATE TABLE job_schedule (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
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
            updated_at timestamptz NOT NULL DEFAULT now(),
            missed text NOT NULL DEFAULT 'once',
            missed_limit integer NOT NULL DEFAULT 10,
            CONSTRAINT uq_job_schedule_name UNIQUE (name),
            CONSTRAINT ck_job_schedule_cron CHECK (cron ~ '^(\S+\s+){4}\S+$'),
            CONSTRAINT ck_job_schedule_missed CHECK (missed IN ('skip', 'once', 'all')),
            CONSTRAINT ck_job_schedule_missed_limit CHECK (missed_limit > 0)
        );

        CREATE INDEX idx_job_schedule_next ON job_schedule (next_run_at) WHERE enabled;

        COMMENT ON TABLE job_schedule IS 'Jobs that come back at fixed times';
        COMMENT ON COLUMN job_schedule.cron IS 'Five fields, read in the time zone beside it';

        CREATE TABLE job_workers (
            id uuid PRIMARY KEY,
            host text NOT NULL,
            pid integer NOT NULL,
            version text NOT NULL,
            types text[] NOT NULL,
            state text NOT NULL DEFAULT 'up',
            started_at timestamptz NOT NULL DEFAULT now(),
            last_seen timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT ck_job_workers_state CHECK (state IN ('up', 'draining'))
        ) WITH (fillfactor = 50);

        COMMENT ON TABLE job_workers IS 'Processes that work on jobs; a new row for every start, never the host''s name again';
        COMMENT ON COLUMN job_workers.last_seen IS 'The last heartbeat; a worker whose last one is too old has lost its jobs';

        CREATE SEQUENCE job_claim_tokens;

        COMMENT ON SEQUENCE job_claim_tokens IS 'A number for every claim, never given twice';

        -- No foreign key to jobs: it would cost a fifth of the throughput, and running jobs are never deleted.
        CREATE TABLE job_claims (
            job_id uuid PRIMARY KEY,
            worker_id uuid NOT NULL,
            token bigint NOT NULL DEFAULT nextval('job_claim_tokens'),
            attempt integer NOT NULL,
            type text NOT NULL,
            concurrency_key text,
            claimed_at timestamptz NOT NULL DEFAULT now(),
            deadline timestamptz,
            cancel_requested timestamptz,
            progress double precision,
            progress_note text,
            CONSTRAINT ck_job_claims_progress CHECK (progress BETWEEN 0 AND 1)
        ) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

        COMMENT ON TABLE job_claims IS 'The jobs that are running, and the worker that holds each';
        COMMENT ON COLUMN job_claims.token IS 'New for every claim: an acknowledgement with an older one changes nothing';
        COMMENT ON COLUMN job_claims.deadline IS 'When the handler ought to have ended';

        CREATE TABLE job_unique (
            key bytea PRIMARY KEY,
            job_id uuid NOT NULL,
            expires_at timestamptz,
            CONSTRAINT fk_job_unique_job FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE
                DEFERRABLE INITIALLY DEFERRED
        );

        CREATE INDEX idx_job_unique_job ON job_unique (job_id);

        COMMENT ON TABLE job_unique IS 'Which job holds a unique key, until it ends or the key expires';

        CREATE TABLE job_batches (
            id uuid PRIMARY KEY,
            name text NOT NULL,
            completion jsonb,
            completion_job_id uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            sealed_at timestamptz,
            finished_at timestamptz,
            CONSTRAINT ck_job_batches_finished CHECK (finished_at >= sealed_at)
        );

        CREATE INDEX idx_job_batches_open ON job_batches (sealed_at) WHERE finished_at IS NULL;

        COMMENT ON TABLE job_batches IS 'Jobs that belong together, and the job that comes when all of them have ended';
        COMMENT ON COLUMN job_batches.sealed_at IS 'From then on no job is added';

        CREATE TABLE job_meta (
            job_id uuid PRIMARY KEY,
            concurrency_key text,
            batch_id uuid,
            tags text[] NOT NULL DEFAULT '{}',
            actor text,
            trace_parent text,
            handed_back integer NOT NULL DEFAULT 0,
            CONSTRAINT fk_job_meta_job FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE,
            CONSTRAINT fk_job_meta_batch FOREIGN KEY (batch_id) REFERENCES job_batches (id) ON DELETE CASCADE
        );

        CREATE INDEX idx_job_meta_batch ON job_meta (batch_id) WHERE batch_id IS NOT NULL;
        CREATE INDEX idx_job_meta_tags ON job_meta USING gin (tags);

        COMMENT ON TABLE job_meta IS 'What only some jobs have: a key that limits how many run at once, a batch, tags, a trace';
        COMMENT ON COLUMN job_meta.handed_back IS 'How often a stopping worker gave the job back; ten are free';
        COMMENT ON COLUMN job_meta.trace_parent IS 'W3C trace context of whoever asked for the job';

        CREATE TABLE job_controls (
            type text PRIMARY KEY,
            paused_at timestamptz,
            paused_by text,
            max_running integer,
            max_per_key integer,
            rate_limit double precision,
            rate_burst double precision,
            rate_tokens double precision NOT NULL DEFAULT 0,
            rate_at timestamptz NOT NULL DEFAULT now(),
            limits_by text,
            CONSTRAINT ck_job_controls_running CHECK (max_running >= 0),
            CONSTRAINT ck_job_controls_per_key CHECK (max_per_key > 0),
            CONSTRAINT ck_job_controls_rate CHECK (rate_limit > 0 AND rate_burst >= 1)
        );

        COMMENT ON TABLE job_controls IS 'What holds a type of job back: a pause, how many at once, how many a second';
        COMMENT ON COLUMN job_controls.rate_limit IS 'Starts a second; empty for no limit';
        COMMENT ON COLUMN job_controls.limits_by IS 'Who set the limits by hand; empty while they are those of the code';
        COMMENT ON COLUMN job_controls.rate_tokens IS 'Starts that were left over at rate_at';

        CREATE TABLE job_events (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            job_id uuid,
            kind text NOT NULL,
            actor text,
            details jsonb NOT NULL DEFAULT '{}',
            happened_at timestamptz NOT NULL DEFAULT now()
        );

        CREATE INDEX idx_job_events_job ON job_events (job_id, id);
        CREATE INDEX idx_job_events_happened ON job_events USING brin (happened_at);

        COMMENT ON TABLE job_events IS 'What people and sweeps did to jobs: cancelled, redriven, rescued, repaired, refused';
        COMMENT ON COLUMN job_events.job_id IS 'No foreign key: the trail outlives the job; empty for what concerns no single one';

        -- Counts of ended jobs are added up as they end: counting a million rows for a page costs more than the work did.
        CREATE TABLE job_rollups (
            minute timestamptz NOT NULL,
            type text NOT NULL,
            outcome text NOT NULL,
            bucket smallint NOT NULL,
            jobs bigint NOT NULL,
            run_seconds double precision NOT NULL,
            wait_seconds double precision NOT NULL,
            PRIMARY KEY (minute, type, outcome, bucket)
        ) WITH (fillfactor = 70);

        COMMENT ON TABLE job_rollups IS 'Ended jobs by minute, type, outcome and run time, written by the acknowledgements';
        COMMENT ON COLUMN job_rollups.bucket IS 'Run times up to 2 to the power of bucket milliseconds';

        CREATE TABLE runtime_leader (
            role text PRIMARY KEY,
            holder uuid NOT NULL,
            term bigint NOT NULL,
            expires_at timestamptz NOT NULL
        );

        COMMENT ON TABLE runtime_leader IS 'Which process does what only one may do; a write that names an older term is refused';

        CREATE TABLE job_schedule_runs (
            schedule_id uuid NOT NULL,
            slot timestamptz NOT NULL,
            job_id uuid NOT NULL,
            fired_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (schedule_id, slot),
            CONSTRAINT fk_job_schedule_runs_schedule FOREIGN KEY (schedule_id) REFERENCES job_schedule (id) ON DELETE CASCADE
        );

        COMMENT ON TABLE job_schedule_runs IS 'The times at which a schedule fired; the key keeps two leaders from firing one twice';

        -- What the API answered to requests that carry a key of their own, in the transaction of what the request did.
        CREATE TABLE http_idempotency (
            principal text NOT NULL,
            key text NOT NULL,
            request bytea NOT NULL,
            status integer,
            response text,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (principal, key)
        );

        CREATE INDEX idx_http_idempotency_created ON http_idempotency (created_at);

        COMMENT ON TABLE http_idempotency IS 'Answers to requests that may be sent again, for a day';
        COMMENT ON COLUMN http_idempotency.request IS 'SHA-256 of method, path and body: another request with the same key is refused';
        COMMENT ON COLUMN http_idempotency.response IS 'The body of the answer, which the same request gets again';
        """#
}
