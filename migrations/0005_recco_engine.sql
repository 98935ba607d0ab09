-- The recommendation engine: what to study next, why it was proposed, and what came of it.

CREATE TYPE recco_acao AS ENUM ('aceita', 'adiada', 'rejeitada', 'concluida');

CREATE TABLE recco_models (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    nome slug NOT NULL,
    versao integer NOT NULL,
    algoritmo text NOT NULL,
    parametros jsonb NOT NULL DEFAULT '{}',
    metricas jsonb,
    artefato_id uuid REFERENCES arquivos (id) ON DELETE SET NULL,
    substituido_por_id uuid REFERENCES recco_models (id) ON DELETE SET NULL,
    treinado_em timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_recco_models_versao UNIQUE (nome, versao),
    CONSTRAINT ck_recco_models_versao CHECK (versao > 0),
    CONSTRAINT ck_recco_models_substituto CHECK (substituido_por_id <> id)
);

CREATE INDEX idx_recco_models_artefato ON recco_models (artefato_id);
CREATE INDEX idx_recco_models_substituido_por ON recco_models (substituido_por_id);

COMMENT ON TABLE recco_models IS 'Versions of the ranking models';

CREATE TABLE recco_states (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    model_id uuid REFERENCES recco_models (id) ON DELETE SET NULL,
    vetor double precision[] NOT NULL DEFAULT '{}',
    estado jsonb NOT NULL DEFAULT '{}',
    interacoes bigint NOT NULL DEFAULT 0,
    calculado_em timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_recco_states_interacoes CHECK (interacoes >= 0)
);

CREATE INDEX idx_recco_states_model ON recco_states (model_id);
CREATE INDEX idx_recco_states_desatualizados ON recco_states (updated_at) WHERE calculado_em IS NULL;

CREATE TRIGGER trg_recco_states_updated_at
    BEFORE UPDATE ON recco_states
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE recco_states IS 'What the engine knows of a user, ready for ranking';
COMMENT ON COLUMN recco_states.vetor IS 'Taste vector; its length is the model''s';

CREATE TABLE recco_predictions (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    model_id uuid NOT NULL REFERENCES recco_models (id),
    alvo_tipo text NOT NULL,
    alvo_id uuid NOT NULL,
    score double precision NOT NULL,
    posicao smallint NOT NULL,
    razoes text[] NOT NULL DEFAULT '{}',
    contexto jsonb NOT NULL DEFAULT '{}',
    exibida_em timestamptz,
    expira_em timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_recco_predictions_alvo CHECK (alvo_tipo IN ('drop', 'questao', 'simulado', 'mnemonico')),
    CONSTRAINT ck_recco_predictions_posicao CHECK (posicao > 0),
    CONSTRAINT ck_recco_predictions_validade CHECK (expira_em > created_at)
);

CREATE INDEX idx_recco_predictions_user ON recco_predictions (user_id, score DESC);
CREATE INDEX idx_recco_predictions_model ON recco_predictions (model_id);
CREATE INDEX idx_recco_predictions_expira ON recco_predictions (expira_em);
CREATE INDEX idx_recco_predictions_alvo ON recco_predictions USING hash (alvo_id);

COMMENT ON TABLE recco_predictions IS 'Proposals, with the reasons that are shown to the user';
COMMENT ON COLUMN recco_predictions.alvo_id IS 'Row of the table that alvo_tipo names; checked when shown, not here';

CREATE TABLE recco_feedback (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    prediction_id uuid NOT NULL REFERENCES recco_predictions (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    acao recco_acao NOT NULL,
    valor smallint,
    comentario text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_recco_feedback_acao UNIQUE (prediction_id, acao),
    CONSTRAINT ck_recco_feedback_valor CHECK (valor BETWEEN -1 AND 1)
);

CREATE INDEX idx_recco_feedback_user ON recco_feedback (user_id);

COMMENT ON TABLE recco_feedback IS 'What users did with a proposal; the training data of the next version';

CREATE TABLE recco_prioridades (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    topico_id uuid NOT NULL REFERENCES topicos (id) ON DELETE CASCADE,
    peso numeric(8, 4) NOT NULL DEFAULT 1,
    origem text NOT NULL DEFAULT 'motor',
    valida_ate date,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, topico_id),
    CONSTRAINT ck_recco_prioridades_peso CHECK (peso >= 0),
    CONSTRAINT ck_recco_prioridades_origem CHECK (origem IN ('motor', 'usuario', 'professor'))
);

CREATE INDEX idx_recco_prioridades_topico ON recco_prioridades (topico_id);
CREATE INDEX idx_recco_prioridades_peso ON recco_prioridades (user_id, peso DESC);

CREATE TRIGGER trg_recco_prioridades_updated_at
    BEFORE UPDATE ON recco_prioridades
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE recco_prioridades IS 'How much each topic matters to a user now';

CREATE TABLE recco_experimentos (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    nome slug NOT NULL,
    controle_id uuid NOT NULL REFERENCES recco_models (id),
    desafiante_id uuid NOT NULL REFERENCES recco_models (id),
    trafego_pct percentual NOT NULL DEFAULT 10,
    periodo tstzrange NOT NULL,
    conclusao text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_recco_experimentos_nome UNIQUE (nome),
    CONSTRAINT ck_recco_experimentos_modelos CHECK (controle_id <> desafiante_id)
);

CREATE INDEX idx_recco_experimentos_controle ON recco_experimentos (controle_id);
CREATE INDEX idx_recco_experimentos_desafiante ON recco_experimentos (desafiante_id);

COMMENT ON TABLE recco_experimentos IS 'Comparisons of two models on part of the traffic';

-- The same user always meets the same side: the hash decides, no row has to be kept.
CREATE FUNCTION recco_grupo(usuario uuid, experimento uuid, trafego numeric) RETURNS text
    LANGUAGE sql
    IMMUTABLE
    PARALLEL SAFE
    RETURN CASE
        WHEN mod(('x' || left(md5(usuario::text || experimento::text), 7))::bit(28)::integer, 10000) < trafego * 100
        THEN 'desafiante'
        ELSE 'controle'
    END;

COMMENT ON FUNCTION recco_grupo(uuid, uuid, numeric) IS 'Which side of an experiment a user sees';
