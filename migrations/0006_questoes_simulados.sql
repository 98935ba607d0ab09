-- Around the question bank: tags, likeness, typical mistakes, answers; and mock exams.

CREATE TYPE simulado_estado AS ENUM ('rascunho', 'publicado', 'arquivado');
CREATE TYPE execucao_estado AS ENUM ('em_andamento', 'pausada', 'concluida', 'abandonada');

CREATE TABLE questoes_tags (
    questao_id uuid NOT NULL REFERENCES questoes (id) ON DELETE CASCADE,
    tag_id uuid NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (questao_id, tag_id)
);

CREATE INDEX idx_questoes_tags_tag ON questoes_tags (tag_id);

COMMENT ON TABLE questoes_tags IS 'Tags of questions';

-- One update a statement: tags are set in bulk by the importer.
CREATE FUNCTION conta_tag_usos() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE public.tags t
        SET usos = t.usos + n.total
        FROM (SELECT tag_id, count(*) AS total FROM novas GROUP BY tag_id) n
        WHERE t.id = n.tag_id;
    ELSE
        UPDATE public.tags t
        SET usos = t.usos - n.total
        FROM (SELECT tag_id, count(*) AS total FROM antigas GROUP BY tag_id) n
        WHERE t.id = n.tag_id;
    END IF;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION conta_tag_usos() IS 'Keeps tags.usos';

CREATE TRIGGER trg_questoes_tags_entram
    AFTER INSERT ON questoes_tags
    REFERENCING NEW TABLE AS novas
    FOR EACH STATEMENT EXECUTE FUNCTION conta_tag_usos();

CREATE TRIGGER trg_questoes_tags_saem
    AFTER DELETE ON questoes_tags
    REFERENCING OLD TABLE AS antigas
    FOR EACH STATEMENT EXECUTE FUNCTION conta_tag_usos();

CREATE TABLE questoes_similares (
    questao_id uuid NOT NULL REFERENCES questoes (id) ON DELETE CASCADE,
    similar_id uuid NOT NULL REFERENCES questoes (id) ON DELETE CASCADE,
    similaridade real NOT NULL,
    metodo text NOT NULL DEFAULT 'embedding',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (questao_id, similar_id),
    CONSTRAINT ck_questoes_similares_par CHECK (questao_id <> similar_id),
    CONSTRAINT ck_questoes_similares_valor CHECK (similaridade > 0 AND similaridade <= 1)
);

CREATE INDEX idx_questoes_similares_similar ON questoes_similares (similar_id);

COMMENT ON TABLE questoes_similares IS 'Pairs of questions that ask for the same thing';

CREATE TABLE questoes_erro_map (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    questao_id uuid NOT NULL REFERENCES questoes (id) ON DELETE CASCADE,
    letra text NOT NULL,
    tipo_erro text NOT NULL,
    explicacao text,
    remediacao_drop_id uuid REFERENCES drops (id) ON DELETE SET NULL,
    ocorrencias integer NOT NULL DEFAULT 0,
    CONSTRAINT uq_questoes_erro_map_letra UNIQUE (questao_id, letra, tipo_erro),
    CONSTRAINT ck_questoes_erro_map_tipo
        CHECK (tipo_erro IN ('conceito', 'leitura', 'calculo', 'pegadinha', 'desatencao')),
    CONSTRAINT ck_questoes_erro_map_ocorrencias CHECK (ocorrencias >= 0)
);

CREATE INDEX idx_questoes_erro_map_remediacao ON questoes_erro_map (remediacao_drop_id);

COMMENT ON TABLE questoes_erro_map IS 'What a wrong option says about the mistake, and the drop that helps';

CREATE TABLE simulados (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    titulo text NOT NULL,
    edital_id uuid REFERENCES editais (id) ON DELETE SET NULL,
    criado_por uuid REFERENCES users (id) ON DELETE SET NULL,
    estado simulado_estado NOT NULL DEFAULT 'rascunho',
    duracao_minutos integer NOT NULL,
    questoes_total integer NOT NULL DEFAULT 0,
    regras jsonb NOT NULL DEFAULT '{}',
    publicado_em timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_simulados_duracao CHECK (duracao_minutos BETWEEN 1 AND 720),
    CONSTRAINT ck_simulados_publicacao CHECK (estado <> 'publicado' OR publicado_em IS NOT NULL)
);

CREATE INDEX idx_simulados_edital ON simulados (edital_id);
CREATE INDEX idx_simulados_criado_por ON simulados (criado_por);
CREATE INDEX idx_simulados_publicados ON simulados (publicado_em DESC) WHERE estado = 'publicado';

CREATE TRIGGER trg_simulados_updated_at
    BEFORE UPDATE OF titulo, edital_id, estado, duracao_minutos, regras ON simulados
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE simulados IS 'Mock exams';
COMMENT ON COLUMN simulados.regras IS 'Penalty for wrong answers, shuffling, pauses';
COMMENT ON COLUMN simulados.questoes_total IS 'Kept by a trigger on simulados_questoes';

CREATE TABLE simulados_questoes (
    simulado_id uuid NOT NULL REFERENCES simulados (id) ON DELETE CASCADE,
    questao_id uuid NOT NULL REFERENCES questoes (id),
    ordem integer NOT NULL,
    peso numeric(4, 2) NOT NULL DEFAULT 1,
    PRIMARY KEY (simulado_id, questao_id),
    -- Reordering swaps places within a transaction.
    CONSTRAINT uq_simulados_questoes_ordem UNIQUE (simulado_id, ordem) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_simulados_questoes_ordem CHECK (ordem > 0),
    CONSTRAINT ck_simulados_questoes_peso CHECK (peso > 0)
);

CREATE INDEX idx_simulados_questoes_questao ON simulados_questoes (questao_id);

COMMENT ON TABLE simulados_questoes IS 'Questions of a mock exam, in order';

CREATE FUNCTION conta_simulado_questoes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE public.simulados s
        SET questoes_total = s.questoes_total + n.total
        FROM (SELECT simulado_id, count(*) AS total FROM novas GROUP BY simulado_id) n
        WHERE s.id = n.simulado_id;
    ELSE
        UPDATE public.simulados s
        SET questoes_total = s.questoes_total - n.total
        FROM (SELECT simulado_id, count(*) AS total FROM antigas GROUP BY simulado_id) n
        WHERE s.id = n.simulado_id;
    END IF;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION conta_simulado_questoes() IS 'Keeps simulados.questoes_total';

CREATE TRIGGER trg_simulados_questoes_entram
    AFTER INSERT ON simulados_questoes
    REFERENCING NEW TABLE AS novas
    FOR EACH STATEMENT EXECUTE FUNCTION conta_simulado_questoes();

CREATE TRIGGER trg_simulados_questoes_saem
    AFTER DELETE ON simulados_questoes
    REFERENCING OLD TABLE AS antigas
    FOR EACH STATEMENT EXECUTE FUNCTION conta_simulado_questoes();

CREATE TABLE simulados_execucao (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    simulado_id uuid NOT NULL REFERENCES simulados (id),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tentativa smallint NOT NULL DEFAULT 1,
    estado execucao_estado NOT NULL DEFAULT 'em_andamento',
    iniciada_em timestamptz NOT NULL DEFAULT now(),
    concluida_em timestamptz,
    pausas tstzrange[] NOT NULL DEFAULT '{}',
    CONSTRAINT uq_simulados_execucao_tentativa UNIQUE (simulado_id, user_id, tentativa),
    CONSTRAINT ck_simulados_execucao_tentativa CHECK (tentativa > 0),
    CONSTRAINT ck_simulados_execucao_conclusao CHECK ((estado = 'concluida') = (concluida_em IS NOT NULL))
);

CREATE INDEX idx_simulados_execucao_user ON simulados_execucao (user_id, iniciada_em DESC);
CREATE UNIQUE INDEX uq_simulados_execucao_aberta ON simulados_execucao (user_id, simulado_id)
    WHERE estado = 'em_andamento';

COMMENT ON TABLE simulados_execucao IS 'A user''s attempts at a mock exam; one at a time is open';

CREATE TABLE simulados_resultados (
    execucao_id uuid PRIMARY KEY REFERENCES simulados_execucao (id) ON DELETE CASCADE,
    acertos integer NOT NULL,
    erros integer NOT NULL,
    em_branco integer NOT NULL DEFAULT 0,
    questoes integer GENERATED ALWAYS AS (acertos + erros + em_branco) STORED,
    nota numeric(6, 2) NOT NULL,
    percentil percentual,
    por_disciplina jsonb NOT NULL DEFAULT '{}',
    calculado_em timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_simulados_resultados_contagens CHECK (acertos >= 0 AND erros >= 0 AND em_branco >= 0)
);

CREATE INDEX idx_simulados_resultados_nota ON simulados_resultados (nota DESC);

COMMENT ON TABLE simulados_resultados IS 'Result of a finished attempt';
COMMENT ON COLUMN simulados_resultados.percentil IS 'Among all results at the time of calculation';

CREATE TABLE questoes_respostas (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    questao_id uuid NOT NULL REFERENCES questoes (id),
    execucao_id uuid REFERENCES simulados_execucao (id) ON DELETE CASCADE,
    resposta text,
    correta boolean NOT NULL,
    tempo_ms integer NOT NULL,
    confianca smallint,
    respondida_em timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_questoes_respostas_tempo CHECK (tempo_ms >= 0),
    CONSTRAINT ck_questoes_respostas_confianca CHECK (confianca BETWEEN 1 AND 4)
);

CREATE INDEX idx_questoes_respostas_user ON questoes_respostas (user_id, respondida_em DESC);
CREATE INDEX idx_questoes_respostas_questao ON questoes_respostas (questao_id);
CREATE INDEX idx_questoes_respostas_execucao ON questoes_respostas (execucao_id) WHERE execucao_id IS NOT NULL;
CREATE INDEX idx_questoes_respostas_erros ON questoes_respostas (user_id, questao_id) WHERE NOT correta;

COMMENT ON TABLE questoes_respostas IS 'Every answer ever given, within a mock exam or outside';
COMMENT ON COLUMN questoes_respostas.resposta IS 'Empty if the question was skipped';

CREATE FUNCTION conta_questao_respostas() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE public.questoes q
    SET respostas_total = q.respostas_total + n.total,
        acertos_total = q.acertos_total + n.acertos
    FROM (
        SELECT questao_id, count(*) AS total, count(*) FILTER (WHERE correta) AS acertos
        FROM novas
        GROUP BY questao_id
    ) n
    WHERE q.id = n.questao_id;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION conta_questao_respostas() IS 'Keeps the totals of questoes; they count answers of erased users too';

CREATE TRIGGER trg_questoes_respostas_entram
    AFTER INSERT ON questoes_respostas
    REFERENCING NEW TABLE AS novas
    FOR EACH STATEMENT EXECUTE FUNCTION conta_questao_respostas();

CREATE VIEW vw_simulados_ranking AS
SELECT
    e.simulado_id,
    e.user_id,
    e.tentativa,
    r.nota,
    rank() OVER (PARTITION BY e.simulado_id ORDER BY r.nota DESC) AS colocacao
FROM simulados_execucao e
JOIN simulados_resultados r ON r.execucao_id = e.id
WHERE e.estado = 'concluida';

COMMENT ON VIEW vw_simulados_ranking IS 'Places in each mock exam; every attempt counts';
