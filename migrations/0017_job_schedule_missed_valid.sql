-- Validated apart: rows are read while others go on writing.

ALTER TABLE job_schedule VALIDATE CONSTRAINT ck_job_schedule_missed;
ALTER TABLE job_schedule VALIDATE CONSTRAINT ck_job_schedule_missed_limit;
