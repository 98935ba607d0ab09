-- Stage 16: learning tracks, study plans, goals, achievements and notifications.

CREATE TABLE trilhas (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    codigo slug NOT NULL,
    titulo text NOT NULL,
    descricao text,
    edital_id uuid REFERENCES editais (id) ON DELETE SET NULL,
    item_inicial_id uuid,
    publicada boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_trilhas_codigo UNIQUE (codigo)
);

CREATE INDEX idx_trilhas_edital ON trilhas (edital_id);
CREATE INDEX idx_trilhas_item_inicial ON trilhas (item_inicial_id);

CREATE TRIGGER trg_trilhas_updated_at
    BEFORE UPDATE ON trilhas
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE trilhas IS 'Learning tracks: ordered ways through drops and questions';
COMMENT ON COLUMN trilhas.item_inicial_id IS 'Where a new student starts; empty means at the first item in order';

CREATE TABLE trilha_itens (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    trilha_id uuid NOT NULL REFERENCES trilhas (id) ON DELETE CASCADE,
    ordem integer NOT NULL,
    drop_id uuid REFERENCES drops (id) ON DELETE CASCADE,
    questao_id uuid REFERENCES questoes (id) ON DELETE CASCADE,
    obrigatorio boolean NOT NULL DEFAULT true,
    -- An editor drags items about: within the transaction two may share a place for a moment.
    CONSTRAINT uq_trilha_itens_ordem UNIQUE (trilha_id, ordem) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_trilha_itens_um_alvo CHECK (num_nonnulls(drop_id, questao_id) = 1),
    CONSTRAINT ck_trilha_itens_ordem CHECK (ordem > 0)
);

CREATE INDEX idx_trilha_itens_drop ON trilha_itens (drop_id) WHERE drop_id IS NOT NULL;
CREATE INDEX idx_trilha_itens_questao ON trilha_itens (questao_id) WHERE questao_id IS NOT NULL;

ALTER TABLE trilhas
    ADD CONSTRAINT trilhas_item_inicial_id_fkey
    FOREIGN KEY (item_inicial_id) REFERENCES trilha_itens (id) ON DELETE SET NULL;

COMMENT ON TABLE trilha_itens IS 'Steps of a track: each is one drop or one question';

CREATE TABLE trilha_matriculas (
    trilha_id uuid NOT NULL REFERENCES trilhas (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    item_atual_id uuid REFERENCES trilha_itens (id) ON DELETE SET NULL,
    progresso percentual NOT NULL DEFAULT 0,
    matriculado_em timestamptz NOT NULL DEFAULT now(),
    concluido_em timestamptz,
    PRIMARY KEY (trilha_id, user_id),
    CONSTRAINT ck_trilha_matriculas_conclusao CHECK (concluido_em IS NULL OR progresso = 100)
);

CREATE INDEX idx_trilha_matriculas_user ON trilha_matriculas (user_id);
CREATE INDEX idx_trilha_matriculas_item_atual ON trilha_matriculas (item_atual_id);

COMMENT ON TABLE trilha_matriculas IS 'Who follows which track, and how far they are';

CREATE TABLE planos_estudo (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    edital_id uuid REFERENCES editais (id) ON DELETE SET NULL,
    nome text NOT NULL,
    periodo daterange NOT NULL,
    dias_semana smallint[] NOT NULL DEFAULT '{1,2,3,4,5}',
    parametros jsonb NOT NULL DEFAULT '{}',
    arquivado boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_planos_estudo_periodo CHECK (NOT isempty(periodo)),
    CONSTRAINT ck_planos_estudo_dias CHECK (dias_semana <@ '{1,2,3,4,5,6,7}'::smallint[])
);

CREATE INDEX idx_planos_estudo_user ON planos_estudo (user_id, arquivado);
CREATE INDEX idx_planos_estudo_edital ON planos_estudo (edital_id);
CREATE INDEX idx_planos_estudo_periodo ON planos_estudo USING gist (periodo);

CREATE TRIGGER trg_planos_estudo_updated_at
    BEFORE UPDATE ON planos_estudo
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE planos_estudo IS 'A user''s timetable up to an exam';
COMMENT ON COLUMN planos_estudo.dias_semana IS 'ISO days of the week: 1 is Monday';

CREATE TABLE plano_estudo_blocos (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    plano_id uuid NOT NULL REFERENCES planos_estudo (id) ON DELETE CASCADE,
    topico_id uuid NOT NULL REFERENCES topicos (id),
    dia date NOT NULL,
    inicio time NOT NULL,
    duracao_minutos smallint NOT NULL,
    atividade text NOT NULL DEFAULT 'leitura',
    cumprido boolean NOT NULL DEFAULT false,
    CONSTRAINT uq_plano_estudo_blocos_horario UNIQUE (plano_id, dia, inicio),
    CONSTRAINT ck_plano_estudo_blocos_duracao CHECK (duracao_minutos BETWEEN 5 AND 480),
    CONSTRAINT ck_plano_estudo_blocos_atividade
        CHECK (atividade IN ('leitura', 'questoes', 'revisao', 'simulado', 'redacao'))
);

CREATE INDEX idx_plano_estudo_blocos_topico ON plano_estudo_blocos (topico_id);
CREATE INDEX idx_plano_estudo_blocos_abertos ON plano_estudo_blocos (dia) WHERE NOT cumprido;

COMMENT ON TABLE plano_estudo_blocos IS 'One stretch of study in a timetable';

CREATE TABLE metas (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tipo text NOT NULL,
    alvo integer NOT NULL,
    atual integer NOT NULL DEFAULT 0,
    progresso numeric(6, 2) GENERATED ALWAYS AS (round(100.0 * least(atual, alvo) / alvo, 2)) STORED,
    prazo date,
    atingida_em timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_metas_tipo CHECK (tipo IN ('questoes', 'minutos', 'drops', 'revisoes', 'simulados')),
    CONSTRAINT ck_metas_alvo CHECK (alvo > 0),
    CONSTRAINT ck_metas_atual CHECK (atual >= 0)
);

CREATE INDEX idx_metas_user ON metas (user_id);
CREATE INDEX idx_metas_abertas ON metas (prazo) WHERE atingida_em IS NULL;

COMMENT ON TABLE metas IS 'Goals that users set themselves';

CREATE TABLE conquistas (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    codigo slug NOT NULL,
    nome text NOT NULL,
    descricao text NOT NULL,
    icone text,
    pontos integer NOT NULL DEFAULT 10,
    criterio jsonb NOT NULL,
    CONSTRAINT uq_conquistas_codigo UNIQUE (codigo),
    CONSTRAINT ck_conquistas_pontos CHECK (pontos >= 0),
    CONSTRAINT ck_conquistas_criterio CHECK (jsonb_typeof(criterio) = 'object')
);

COMMENT ON TABLE conquistas IS 'Achievements that can be earned';
COMMENT ON COLUMN conquistas.criterio IS 'Rule that the nightly job evaluates: {"metrica", "operador", "valor"}';

CREATE TABLE conquistas_usuario (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    conquista_id uuid NOT NULL REFERENCES conquistas (id) ON DELETE CASCADE,
    obtida_em timestamptz NOT NULL DEFAULT now(),
    contexto jsonb,
    PRIMARY KEY (user_id, conquista_id)
);

CREATE INDEX idx_conquistas_usuario_conquista ON conquistas_usuario (conquista_id);

COMMENT ON TABLE conquistas_usuario IS 'Achievements that were earned';

CREATE TABLE notificacoes (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    canal text NOT NULL DEFAULT 'app',
    titulo text NOT NULL,
    corpo text,
    dados jsonb NOT NULL DEFAULT '{}',
    enviada_em timestamptz,
    lida_em timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_notificacoes_canal CHECK (canal IN ('app', 'email', 'push')),
    CONSTRAINT ck_notificacoes_ordem CHECK (lida_em >= enviada_em)
);

CREATE INDEX idx_notificacoes_user ON notificacoes (user_id, created_at DESC);
CREATE INDEX idx_notificacoes_por_enviar ON notificacoes (created_at) WHERE enviada_em IS NULL;

COMMENT ON TABLE notificacoes IS 'Messages to users, sent or waiting';

CREATE TABLE notificacao_preferencias (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    canal text NOT NULL,
    ativa boolean NOT NULL DEFAULT true,
    silencio_inicio time,
    silencio_fim time,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, canal),
    CONSTRAINT ck_notificacao_preferencias_canal CHECK (canal IN ('app', 'email', 'push')),
    CONSTRAINT ck_notificacao_preferencias_silencio CHECK (num_nulls(silencio_inicio, silencio_fim) <> 1)
);

CREATE TRIGGER trg_notificacao_preferencias_updated_at
    BEFORE UPDATE ON notificacao_preferencias
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE notificacao_preferencias IS 'Which channels a user wants, and when they are to be quiet';
COMMENT ON COLUMN notificacao_preferencias.silencio_inicio
    IS 'In the user''s own time zone; the span may pass midnight';
