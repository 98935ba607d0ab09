-- What the job runtime keeps beside jobs, whose columns stay as they are: who works, who holds which job, what is
-- paused, what fires when. A claim is a row of its own, so that a heartbeat writes one small row and not every job.

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
);

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

-- A queue's rows turn over all day: the defaults would let a fifth of them die before anybody cleans up.
ALTER TABLE jobs SET (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE job_claims SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
