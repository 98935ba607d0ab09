-- Spaced repetition, progress by day, week and month, and mnemonics.

CREATE TYPE srs_estado AS ENUM ('novo', 'aprendendo', 'revisao', 'reaprendendo');

CREATE TABLE srs_decks (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    nome text NOT NULL,
    novos_por_dia smallint NOT NULL DEFAULT 20,
    retencao_alvo numeric(3, 2) NOT NULL DEFAULT 0.90,
    parametros double precision[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_srs_decks_nome UNIQUE (user_id, nome),
    CONSTRAINT ck_srs_decks_novos CHECK (novos_por_dia BETWEEN 0 AND 999),
    CONSTRAINT ck_srs_decks_retencao CHECK (retencao_alvo BETWEEN 0.70 AND 0.99)
);

CREATE TRIGGER trg_srs_decks_updated_at
    BEFORE UPDATE ON srs_decks
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE srs_decks IS 'Collections of cards with their own pace';
COMMENT ON COLUMN srs_decks.parametros IS 'Weights of the scheduler, fitted to the user; empty means the defaults';

CREATE TABLE srs_cards (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    deck_id uuid NOT NULL REFERENCES srs_decks (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    drop_id uuid REFERENCES drops (id) ON DELETE SET NULL,
    questao_id uuid REFERENCES questoes (id) ON DELETE SET NULL,
    frente text NOT NULL,
    verso text NOT NULL,
    estado srs_estado NOT NULL DEFAULT 'novo',
    facilidade numeric(4, 2) NOT NULL DEFAULT 2.50,
    intervalo_dias integer NOT NULL DEFAULT 0,
    repeticoes integer NOT NULL DEFAULT 0,
    lapsos integer NOT NULL DEFAULT 0,
    vence_em timestamptz,
    suspenso boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_srs_cards_facilidade CHECK (facilidade >= 1.30),
    CONSTRAINT ck_srs_cards_intervalo CHECK (intervalo_dias >= 0),
    CONSTRAINT ck_srs_cards_contagens CHECK (lapsos >= 0 AND lapsos <= repeticoes),
    CONSTRAINT ck_srs_cards_vencimento CHECK (estado = 'novo' OR vence_em IS NOT NULL)
);

CREATE INDEX idx_srs_cards_pendentes ON srs_cards (user_id, vence_em) WHERE NOT suspenso AND vence_em IS NOT NULL;
CREATE INDEX idx_srs_cards_deck ON srs_cards (deck_id);
CREATE INDEX idx_srs_cards_user ON srs_cards (user_id);
CREATE INDEX idx_srs_cards_drop ON srs_cards (drop_id);
CREATE INDEX idx_srs_cards_questao ON srs_cards (questao_id);

CREATE TRIGGER trg_srs_cards_updated_at
    BEFORE UPDATE ON srs_cards
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE srs_cards IS 'Cards for spaced repetition';
COMMENT ON COLUMN srs_cards.facilidade IS 'Ease factor, as in SM-2; never below 1.30';

CREATE TABLE srs_reviews (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    card_id uuid NOT NULL REFERENCES srs_cards (id) ON DELETE CASCADE,
    nota smallint NOT NULL,
    intervalo_anterior integer NOT NULL,
    intervalo_novo integer NOT NULL,
    facilidade_nova numeric(4, 2) NOT NULL,
    tempo_ms integer,
    revisado_em timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_srs_reviews_nota CHECK (nota BETWEEN 0 AND 5),
    CONSTRAINT ck_srs_reviews_intervalos CHECK (intervalo_anterior >= 0 AND intervalo_novo >= 0)
);

CREATE INDEX idx_srs_reviews_card ON srs_reviews (card_id, revisado_em DESC);
CREATE INDEX idx_srs_reviews_revisado ON srs_reviews USING brin (revisado_em);

COMMENT ON TABLE srs_reviews IS 'History of reviews; the scheduler is fitted to it';

CREATE FUNCTION srs_proximo_intervalo(intervalo integer, repeticoes integer, facilidade numeric, nota integer)
    RETURNS integer
    LANGUAGE sql
    IMMUTABLE
    PARALLEL SAFE
    RETURN CASE
        WHEN nota < 3 THEN 1
        WHEN repeticoes <= 0 THEN 1
        WHEN repeticoes = 1 THEN 6
        ELSE least(round(intervalo * facilidade)::integer, 36500)
    END;

COMMENT ON FUNCTION srs_proximo_intervalo(integer, integer, numeric, integer) IS 'Days until the next review, by SM-2';

CREATE TABLE progress_diario (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    dia date NOT NULL,
    minutos integer NOT NULL DEFAULT 0,
    questoes integer NOT NULL DEFAULT 0,
    acertos integer NOT NULL DEFAULT 0,
    acerto_pct numeric(5, 2) GENERATED ALWAYS AS (round(100.0 * acertos / nullif(questoes, 0), 2)) STORED,
    revisoes integer NOT NULL DEFAULT 0,
    drops integer NOT NULL DEFAULT 0,
    detalhes jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, dia),
    CONSTRAINT ck_progress_diario_minutos CHECK (minutos BETWEEN 0 AND 1440),
    CONSTRAINT ck_progress_diario_acertos CHECK (acertos >= 0 AND acertos <= questoes)
);

CREATE INDEX idx_progress_diario_dia ON progress_diario (dia);

CREATE TRIGGER trg_progress_diario_updated_at
    BEFORE UPDATE ON progress_diario
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE progress_diario IS 'Study a day; the day ends at midnight in the user''s time zone';

CREATE TABLE progress_semanal (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    semana date NOT NULL,
    minutos integer NOT NULL DEFAULT 0,
    questoes integer NOT NULL DEFAULT 0,
    acertos integer NOT NULL DEFAULT 0,
    pontos integer NOT NULL DEFAULT 0,
    dias_ativos smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, semana),
    CONSTRAINT ck_progress_semanal_semana CHECK (extract(isodow FROM semana) = 1),
    CONSTRAINT ck_progress_semanal_dias CHECK (dias_ativos BETWEEN 0 AND 7)
);

CREATE INDEX idx_progress_semanal_pontos ON progress_semanal (semana, pontos DESC);

COMMENT ON TABLE progress_semanal IS 'Study a week, summed by the nightly job';
COMMENT ON COLUMN progress_semanal.semana IS 'The Monday';

CREATE TABLE progress_mensal (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mes date NOT NULL,
    minutos integer NOT NULL DEFAULT 0,
    questoes integer NOT NULL DEFAULT 0,
    acertos integer NOT NULL DEFAULT 0,
    por_disciplina jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (user_id, mes),
    CONSTRAINT ck_progress_mensal_mes CHECK (extract(day FROM mes) = 1)
);

CREATE INDEX idx_progress_mensal_mes ON progress_mensal (mes);

COMMENT ON TABLE progress_mensal IS 'Study a month, summed by the nightly job';

CREATE TABLE progress_evolucao (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    topico_id uuid NOT NULL REFERENCES topicos (id) ON DELETE CASCADE,
    dominio numeric(5, 4) NOT NULL,
    variacao numeric(6, 4),
    amostras integer NOT NULL DEFAULT 0,
    medido_em date NOT NULL,
    CONSTRAINT uq_progress_evolucao_medida UNIQUE (user_id, topico_id, medido_em),
    CONSTRAINT ck_progress_evolucao_dominio CHECK (dominio BETWEEN 0 AND 1)
);

CREATE INDEX idx_progress_evolucao_topico ON progress_evolucao (topico_id, medido_em);

COMMENT ON TABLE progress_evolucao IS 'Estimated mastery of a topic over time';

CREATE TABLE mnemonicos (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    topico_id uuid NOT NULL REFERENCES topicos (id),
    autor_id uuid REFERENCES users (id) ON DELETE SET NULL,
    sigla text NOT NULL,
    frase text NOT NULL,
    explicacao text,
    imagem_id uuid REFERENCES arquivos (id) ON DELETE SET NULL,
    publico boolean NOT NULL DEFAULT false,
    curtidas integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_mnemonicos_sigla CHECK (length(sigla) BETWEEN 2 AND 20),
    CONSTRAINT ck_mnemonicos_curtidas CHECK (curtidas >= 0)
);

CREATE INDEX idx_mnemonicos_topico ON mnemonicos (topico_id);
CREATE INDEX idx_mnemonicos_autor ON mnemonicos (autor_id);
CREATE INDEX idx_mnemonicos_imagem ON mnemonicos (imagem_id);
CREATE INDEX idx_mnemonicos_publicos ON mnemonicos (curtidas DESC) WHERE publico;
CREATE INDEX idx_mnemonicos_sigla ON mnemonicos (lower(sigla) text_pattern_ops);

CREATE TRIGGER trg_mnemonicos_updated_at
    BEFORE UPDATE OF sigla, frase, explicacao, imagem_id, publico ON mnemonicos
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE mnemonicos IS 'Memory aids: an acronym and the sentence it stands for';

CREATE TABLE mnemonicos_usuario (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mnemonico_id uuid NOT NULL REFERENCES mnemonicos (id) ON DELETE CASCADE,
    versao_propria text,
    favorito boolean NOT NULL DEFAULT false,
    eficacia real,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, mnemonico_id),
    CONSTRAINT ck_mnemonicos_usuario_eficacia CHECK (eficacia >= 0 AND eficacia <= 1)
);

CREATE INDEX idx_mnemonicos_usuario_mnemonico ON mnemonicos_usuario (mnemonico_id);

COMMENT ON TABLE mnemonicos_usuario IS 'Memory aids that a user has taken up';
COMMENT ON COLUMN mnemonicos_usuario.versao_propria IS 'The sentence in the user''s own words';

CREATE TABLE mnemonicos_srs_map (
    mnemonico_id uuid NOT NULL REFERENCES mnemonicos (id) ON DELETE CASCADE,
    card_id uuid NOT NULL REFERENCES srs_cards (id) ON DELETE CASCADE,
    mostrar text NOT NULL DEFAULT 'verso',
    PRIMARY KEY (mnemonico_id, card_id),
    CONSTRAINT ck_mnemonicos_srs_map_mostrar CHECK (mostrar IN ('frente', 'verso', 'dica'))
);

CREATE INDEX idx_mnemonicos_srs_map_card ON mnemonicos_srs_map (card_id);

COMMENT ON TABLE mnemonicos_srs_map IS 'Which cards show which memory aid';

CREATE TABLE mnemonicos_tracking (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    mnemonico_id uuid NOT NULL REFERENCES mnemonicos (id) ON DELETE CASCADE,
    user_id uuid REFERENCES users (id) ON DELETE SET NULL,
    evento text NOT NULL,
    lembrou boolean,
    latencia_ms integer,
    ocorrido_em timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_mnemonicos_tracking_evento CHECK (evento IN ('exibido', 'usado', 'curtido', 'dispensado')),
    CONSTRAINT ck_mnemonicos_tracking_lembrou CHECK (evento = 'usado' OR lembrou IS NULL)
);

CREATE INDEX idx_mnemonicos_tracking_mnemonico ON mnemonicos_tracking (mnemonico_id, ocorrido_em);
CREATE INDEX idx_mnemonicos_tracking_user ON mnemonicos_tracking (user_id);

COMMENT ON TABLE mnemonicos_tracking IS 'Whether memory aids help: shown, used, remembered';

CREATE VIEW vw_srs_pendentes AS
SELECT
    c.user_id,
    c.deck_id,
    count(*) AS cartoes,
    min(c.vence_em) AS desde
FROM srs_cards c
WHERE NOT c.suspenso AND c.vence_em <= now()
GROUP BY c.user_id, c.deck_id;

COMMENT ON VIEW vw_srs_pendentes IS 'Cards that are due, by user and deck';

CREATE MATERIALIZED VIEW mv_ranking_semanal AS
SELECT
    p.semana,
    p.user_id,
    p.pontos,
    rank() OVER (PARTITION BY p.semana ORDER BY p.pontos DESC) AS colocacao
FROM progress_semanal p
JOIN users u ON u.id = p.user_id
WHERE u.ativo AND u.deleted_at IS NULL
WITH NO DATA;

-- REFRESH CONCURRENTLY needs it, and readers must not wait for the nightly refresh.
CREATE UNIQUE INDEX uq_mv_ranking_semanal ON mv_ranking_semanal (semana, user_id);

COMMENT ON MATERIALIZED VIEW mv_ranking_semanal IS 'The leaderboard; empty until the nightly job has filled it';
