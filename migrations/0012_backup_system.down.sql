-- The backups themselves lie in their repositories; only what the application knew of them goes.
-- Children first and without CASCADE: something that was built on these tables since then should stop this.

DROP VIEW vw_backup_confianca;
DROP TABLE restore_history;
DROP TABLE backup_metadata;
DROP TABLE backup_schedule;
DROP TYPE backup_estado;
