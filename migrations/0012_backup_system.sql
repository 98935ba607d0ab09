-- Where backups went, when they are due, and which of them have been restored.

CREATE TYPE backup_estado AS ENUM ('em_andamento', 'completo', 'falhou', 'expirado');

CREATE TABLE backup_schedule (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    nome slug NOT NULL,
    cron text NOT NULL,
    retencao_diaria smallint NOT NULL DEFAULT 7,
    retencao_semanal smallint NOT NULL DEFAULT 4,
    retencao_mensal smallint NOT NULL DEFAULT 12,
    destinatarios text[] NOT NULL,
    ativo boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_backup_schedule_nome UNIQUE (nome),
    CONSTRAINT ck_backup_schedule_cron CHECK (cron ~ '^(\S+\s+){4}\S+$'),
    CONSTRAINT ck_backup_schedule_retencao
        CHECK (retencao_diaria >= 0 AND retencao_semanal >= 0 AND retencao_mensal >= 0),
    CONSTRAINT ck_backup_schedule_destinatarios CHECK (cardinality(destinatarios) > 0)
);

CREATE TRIGGER trg_backup_schedule_updated_at
    BEFORE UPDATE ON backup_schedule
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE backup_schedule IS 'When backups are made, and how long they are kept';
COMMENT ON COLUMN backup_schedule.destinatarios
    IS 'Public keys a backup is encrypted to; the private ones are elsewhere';

CREATE TABLE backup_metadata (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    schedule_id uuid REFERENCES backup_schedule (id) ON DELETE SET NULL,
    repositorio text NOT NULL,
    snapshot text NOT NULL,
    estado backup_estado NOT NULL DEFAULT 'em_andamento',
    iniciado_em timestamptz NOT NULL DEFAULT now(),
    concluido_em timestamptz,
    bytes bigint,
    bytes_gravados bigint,
    compressao numeric(8, 3)
        GENERATED ALWAYS AS (round(bytes::numeric / nullif(bytes_gravados, 0), 3)) STORED,
    tabelas jsonb NOT NULL DEFAULT '{}',
    erro text,
    CONSTRAINT uq_backup_metadata_snapshot UNIQUE (repositorio, snapshot),
    CONSTRAINT ck_backup_metadata_completo
        CHECK (estado <> 'completo' OR (concluido_em IS NOT NULL AND bytes IS NOT NULL AND erro IS NULL)),
    CONSTRAINT ck_backup_metadata_falha CHECK (estado <> 'falhou' OR erro IS NOT NULL),
    CONSTRAINT ck_backup_metadata_ordem CHECK (concluido_em >= iniciado_em)
);

CREATE INDEX idx_backup_metadata_schedule ON backup_metadata (schedule_id);
CREATE INDEX idx_backup_metadata_completos ON backup_metadata (concluido_em DESC) WHERE estado = 'completo';

COMMENT ON TABLE backup_metadata IS 'Backups that were tried';
COMMENT ON COLUMN backup_metadata.tabelas IS 'Rows by table at the time of the backup; a drill compares them';

CREATE TABLE restore_history (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    backup_id uuid NOT NULL REFERENCES backup_metadata (id),
    pedido_por uuid REFERENCES users (id) ON DELETE SET NULL,
    ensaio boolean NOT NULL DEFAULT true,
    destino text NOT NULL,
    iniciado_em timestamptz NOT NULL DEFAULT now(),
    concluido_em timestamptz,
    sucesso boolean,
    diferencas jsonb,
    CONSTRAINT ck_restore_history_conclusao CHECK ((concluido_em IS NULL) = (sucesso IS NULL)),
    CONSTRAINT ck_restore_history_ordem CHECK (concluido_em >= iniciado_em)
);

CREATE INDEX idx_restore_history_backup ON restore_history (backup_id, iniciado_em DESC);
CREATE INDEX idx_restore_history_pedido_por ON restore_history (pedido_por);

COMMENT ON TABLE restore_history IS 'Restores, in earnest and as drills';
COMMENT ON COLUMN restore_history.ensaio IS 'A drill: restored, checked and thrown away';

CREATE VIEW vw_backup_confianca AS
SELECT
    b.repositorio,
    max(b.concluido_em) AS ultimo_backup,
    max(b.concluido_em) FILTER (
        WHERE EXISTS (SELECT FROM restore_history r WHERE r.backup_id = b.id AND r.sucesso)
    ) AS ultimo_restaurado
FROM backup_metadata b
WHERE b.estado = 'completo'
GROUP BY b.repositorio;

COMMENT ON VIEW vw_backup_confianca IS 'The newest backup of each repository, and the newest that was ever restored';
