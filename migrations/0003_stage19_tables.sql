-- Stage 19: classes, assignments, comments and essays.

CREATE TABLE turmas (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    professor_id uuid NOT NULL REFERENCES users (id),
    nome text NOT NULL,
    codigo_convite text NOT NULL,
    capacidade integer,
    membros_total integer NOT NULL DEFAULT 0,
    periodo daterange,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_turmas_codigo_convite UNIQUE (codigo_convite),
    CONSTRAINT ck_turmas_codigo_convite CHECK (codigo_convite ~ '^[A-Z0-9]{8}$'),
    CONSTRAINT ck_turmas_capacidade CHECK (capacidade > 0),
    CONSTRAINT ck_turmas_membros CHECK (membros_total >= 0)
);

CREATE INDEX idx_turmas_professor ON turmas (professor_id);

CREATE TRIGGER trg_turmas_updated_at
    BEFORE UPDATE OF nome, codigo_convite, capacidade, periodo ON turmas
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE turmas IS 'Classes that a teacher leads';
COMMENT ON COLUMN turmas.membros_total IS 'Kept by a trigger on turma_membros';

CREATE TABLE turma_membros (
    turma_id uuid NOT NULL REFERENCES turmas (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    papel text NOT NULL DEFAULT 'aluno',
    entrou_em timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (turma_id, user_id),
    CONSTRAINT ck_turma_membros_papel CHECK (papel IN ('aluno', 'monitor'))
);

CREATE INDEX idx_turma_membros_user ON turma_membros (user_id);

COMMENT ON TABLE turma_membros IS 'Students of a class';

-- One update a statement, not one a row: a whole school is enrolled with a single INSERT.
CREATE FUNCTION conta_turma_membros() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE public.turmas t
        SET membros_total = t.membros_total + n.total
        FROM (SELECT turma_id, count(*) AS total FROM novos GROUP BY turma_id) n
        WHERE t.id = n.turma_id;
    ELSE
        UPDATE public.turmas t
        SET membros_total = t.membros_total - n.total
        FROM (SELECT turma_id, count(*) AS total FROM antigos GROUP BY turma_id) n
        WHERE t.id = n.turma_id;
    END IF;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION conta_turma_membros() IS 'Keeps turmas.membros_total';

CREATE TRIGGER trg_turma_membros_entram
    AFTER INSERT ON turma_membros
    REFERENCING NEW TABLE AS novos
    FOR EACH STATEMENT EXECUTE FUNCTION conta_turma_membros();

CREATE TRIGGER trg_turma_membros_saem
    AFTER DELETE ON turma_membros
    REFERENCING OLD TABLE AS antigos
    FOR EACH STATEMENT EXECUTE FUNCTION conta_turma_membros();

CREATE TABLE turma_tarefas (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    turma_id uuid NOT NULL REFERENCES turmas (id) ON DELETE CASCADE,
    trilha_id uuid REFERENCES trilhas (id) ON DELETE SET NULL,
    titulo text NOT NULL,
    instrucoes text,
    valor numeric(5, 2) NOT NULL DEFAULT 10,
    abre_em timestamptz NOT NULL,
    fecha_em timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_turma_tarefas_janela CHECK (fecha_em > abre_em),
    CONSTRAINT ck_turma_tarefas_valor CHECK (valor > 0)
);

CREATE INDEX idx_turma_tarefas_turma ON turma_tarefas (turma_id, fecha_em);
CREATE INDEX idx_turma_tarefas_trilha ON turma_tarefas (trilha_id);

COMMENT ON TABLE turma_tarefas IS 'Assignments of a class';

CREATE TABLE turma_entregas (
    tarefa_id uuid NOT NULL REFERENCES turma_tarefas (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    arquivo_id uuid REFERENCES arquivos (id) ON DELETE SET NULL,
    texto text,
    nota numeric(5, 2),
    devolutiva text,
    entregue_em timestamptz NOT NULL DEFAULT now(),
    corrigida_em timestamptz,
    PRIMARY KEY (tarefa_id, user_id),
    CONSTRAINT ck_turma_entregas_conteudo CHECK (num_nonnulls(arquivo_id, texto) >= 1),
    CONSTRAINT ck_turma_entregas_nota CHECK (nota >= 0)
);

CREATE INDEX idx_turma_entregas_user ON turma_entregas (user_id);
CREATE INDEX idx_turma_entregas_arquivo ON turma_entregas (arquivo_id);
CREATE INDEX idx_turma_entregas_por_corrigir ON turma_entregas (entregue_em) WHERE corrigida_em IS NULL;

COMMENT ON TABLE turma_entregas IS 'What students handed in';

CREATE TABLE comentarios (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    autor_id uuid REFERENCES users (id) ON DELETE SET NULL,
    questao_id uuid REFERENCES questoes (id) ON DELETE CASCADE,
    drop_id uuid REFERENCES drops (id) ON DELETE CASCADE,
    resposta_a_id uuid REFERENCES comentarios (id) ON DELETE CASCADE,
    corpo text NOT NULL,
    oculto boolean NOT NULL DEFAULT false,
    reacoes_total integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_comentarios_um_alvo CHECK (num_nonnulls(questao_id, drop_id) = 1),
    CONSTRAINT ck_comentarios_corpo CHECK (length(corpo) BETWEEN 1 AND 10000),
    CONSTRAINT ck_comentarios_resposta CHECK (resposta_a_id <> id)
);

CREATE INDEX idx_comentarios_questao ON comentarios (questao_id, created_at) WHERE questao_id IS NOT NULL;
CREATE INDEX idx_comentarios_drop ON comentarios (drop_id, created_at) WHERE drop_id IS NOT NULL;
CREATE INDEX idx_comentarios_autor ON comentarios (autor_id);
CREATE INDEX idx_comentarios_resposta_a ON comentarios (resposta_a_id);

CREATE TRIGGER trg_comentarios_updated_at
    BEFORE UPDATE OF corpo, oculto ON comentarios
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE comentarios IS 'Discussion below questions and drops';
COMMENT ON COLUMN comentarios.oculto IS 'Hidden by a moderator; the answers to it stay';

CREATE TABLE comentario_reacoes (
    comentario_id uuid NOT NULL REFERENCES comentarios (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reacao text NOT NULL DEFAULT '👍',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (comentario_id, user_id),
    CONSTRAINT ck_comentario_reacoes_reacao CHECK (reacao IN ('👍', '❤️', '🎯', '🤔'))
);

CREATE INDEX idx_comentario_reacoes_user ON comentario_reacoes (user_id);

COMMENT ON TABLE comentario_reacoes IS 'One reaction a user and comment';

CREATE FUNCTION conta_comentario_reacoes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE public.comentarios SET reacoes_total = reacoes_total + 1 WHERE id = NEW.comentario_id;
    ELSE
        UPDATE public.comentarios SET reacoes_total = reacoes_total - 1 WHERE id = OLD.comentario_id;
    END IF;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION conta_comentario_reacoes() IS 'Keeps comentarios.reacoes_total';

CREATE TRIGGER trg_comentario_reacoes_conta
    AFTER INSERT OR DELETE ON comentario_reacoes
    FOR EACH ROW EXECUTE FUNCTION conta_comentario_reacoes();

CREATE TABLE redacoes (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    edital_id uuid REFERENCES editais (id) ON DELETE SET NULL,
    tema text NOT NULL,
    texto text NOT NULL,
    palavras integer GENERATED ALWAYS AS (cardinality(regexp_split_to_array(btrim(texto), '\s+'))) STORED,
    enviada_em timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_redacoes_tema CHECK (tema <> '')
);

CREATE INDEX idx_redacoes_user ON redacoes (user_id, created_at DESC);
CREATE INDEX idx_redacoes_edital ON redacoes (edital_id);
CREATE INDEX idx_redacoes_fila ON redacoes (enviada_em) WHERE enviada_em IS NOT NULL;

CREATE TRIGGER trg_redacoes_updated_at
    BEFORE UPDATE ON redacoes
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE redacoes IS 'Essays; without enviada_em still a draft';

CREATE TABLE redacao_avaliacoes (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    redacao_id uuid NOT NULL REFERENCES redacoes (id) ON DELETE CASCADE,
    avaliador_id uuid REFERENCES users (id) ON DELETE SET NULL,
    competencias smallint[] NOT NULL,
    nota integer NOT NULL,
    parecer text,
    marcacoes jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_redacao_avaliacoes_avaliador UNIQUE (redacao_id, avaliador_id),
    CONSTRAINT ck_redacao_avaliacoes_competencias CHECK (cardinality(competencias) = 5),
    CONSTRAINT ck_redacao_avaliacoes_nota CHECK (nota BETWEEN 0 AND 1000)
);

CREATE INDEX idx_redacao_avaliacoes_avaliador ON redacao_avaliacoes (avaliador_id);

COMMENT ON TABLE redacao_avaliacoes IS 'Marks of an essay, by up to two readers';
COMMENT ON COLUMN redacao_avaliacoes.competencias IS 'Five marks of 0 to 200 each, as in the national exam';
