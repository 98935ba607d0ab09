-- What the back end needs beside the tables of 0010 and 0012: who looks after the running system, and which times of a
-- backup schedule were seen to.

INSERT INTO auth_roles (nome, descricao, sistema)
VALUES ('operador', 'Cuida do sistema: jobs, horários, alertas, backups', true)
ON CONFLICT (nome) DO NOTHING;

ALTER TABLE backup_schedule ADD COLUMN ultimo_horario timestamptz;

COMMENT ON COLUMN backup_schedule.ultimo_horario IS 'The newest time of the schedule for which a backup was made; empty for none';
