-- What a schedule does about times that passed while nobody was there to fire.

ALTER TABLE job_schedule
    ADD COLUMN missed text NOT NULL DEFAULT 'once',
    ADD COLUMN missed_limit integer NOT NULL DEFAULT 10,
    ADD CONSTRAINT ck_job_schedule_missed CHECK (missed IN ('skip', 'once', 'all')) NOT VALID,
    ADD CONSTRAINT ck_job_schedule_missed_limit CHECK (missed_limit > 0) NOT VALID;

COMMENT ON COLUMN job_schedule.missed IS 'Of the times that were missed: none, the newest, or all';
COMMENT ON COLUMN job_schedule.missed_limit IS 'How many at most where all are wanted; the oldest are left out';
