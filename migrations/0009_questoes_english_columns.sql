-- The public API speaks English. The old names stay until their last reader is gone, and a trigger keeps both alike.

-- Without defaults, so that the table is not written again, and so that a value here was given by somebody.
ALTER TABLE questoes
    ADD COLUMN statement text,
    ADD COLUMN difficulty text,
    ADD COLUMN answer_key text,
    ADD COLUMN explanation text,
    ADD COLUMN exam_year smallint,
    ADD COLUMN source text,
    ADD COLUMN is_active boolean;

COMMENT ON COLUMN questoes.statement IS 'enunciado, for the API';
COMMENT ON COLUMN questoes.difficulty IS 'dificuldade, for the API: easy, medium or hard';
COMMENT ON COLUMN questoes.answer_key IS 'gabarito, for the API';
COMMENT ON COLUMN questoes.explanation IS 'explicacao, for the API';
COMMENT ON COLUMN questoes.exam_year IS 'ano, for the API';
COMMENT ON COLUMN questoes.source IS 'fonte, for the API';
COMMENT ON COLUMN questoes.is_active IS 'ativo, for the API';

CREATE FUNCTION questao_difficulty(nivel nivel_dificuldade) RETURNS text
    LANGUAGE sql
    IMMUTABLE
    PARALLEL SAFE
    RETURN CASE nivel WHEN 'facil' THEN 'easy' WHEN 'media' THEN 'medium' WHEN 'dificil' THEN 'hard' END;

COMMENT ON FUNCTION questao_difficulty(nivel_dificuldade) IS 'The English name of a level';

CREATE FUNCTION questao_dificuldade(difficulty text) RETURNS nivel_dificuldade
    LANGUAGE plpgsql
    IMMUTABLE
    PARALLEL SAFE
    AS $$
BEGIN
    CASE difficulty
        WHEN 'easy' THEN RETURN 'facil';
        WHEN 'medium' THEN RETURN 'media';
        WHEN 'hard' THEN RETURN 'dificil';
        ELSE
            RAISE EXCEPTION 'difficulty is %, not easy, medium or hard', coalesce(difficulty, 'null')
                USING ERRCODE = 'check_violation';
    END CASE;
END;
$$;

COMMENT ON FUNCTION questao_dificuldade(text) IS 'The level that an English name stands for; refuses others';

-- Before the trigger exists, and only what is missing. No column in the list of trg_questoes_updated_at is written,
-- so that a question does not look edited because of its translation.
UPDATE questoes
SET statement = enunciado,
    difficulty = questao_difficulty(dificuldade),
    answer_key = gabarito,
    explanation = explicacao,
    exam_year = ano,
    source = fonte,
    is_active = ativo
WHERE statement IS NULL;

CREATE FUNCTION sincroniza_questoes_english() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- The English side wins where the writer gave it: on insert that is any value, on update a changed one.
    IF TG_OP = 'INSERT' THEN
        NEW.enunciado := coalesce(NEW.statement, NEW.enunciado);
        NEW.gabarito := coalesce(NEW.answer_key, NEW.gabarito);
        NEW.explicacao := coalesce(NEW.explanation, NEW.explicacao);
        NEW.ano := coalesce(NEW.exam_year, NEW.ano);
        NEW.fonte := coalesce(NEW.source, NEW.fonte);
        NEW.ativo := coalesce(NEW.is_active, NEW.ativo);
        IF NEW.difficulty IS NOT NULL THEN
            NEW.dificuldade := public.questao_dificuldade(NEW.difficulty);
        END IF;
    ELSE
        IF NEW.statement IS DISTINCT FROM OLD.statement THEN NEW.enunciado := NEW.statement; END IF;
        IF NEW.answer_key IS DISTINCT FROM OLD.answer_key THEN NEW.gabarito := NEW.answer_key; END IF;
        IF NEW.explanation IS DISTINCT FROM OLD.explanation THEN NEW.explicacao := NEW.explanation; END IF;
        IF NEW.exam_year IS DISTINCT FROM OLD.exam_year THEN NEW.ano := NEW.exam_year; END IF;
        IF NEW.source IS DISTINCT FROM OLD.source THEN NEW.fonte := NEW.source; END IF;
        IF NEW.is_active IS DISTINCT FROM OLD.is_active THEN NEW.ativo := NEW.is_active; END IF;
        IF NEW.difficulty IS DISTINCT FROM OLD.difficulty THEN
            NEW.dificuldade := public.questao_dificuldade(NEW.difficulty);
        END IF;
    END IF;

    NEW.statement := NEW.enunciado;
    NEW.difficulty := public.questao_difficulty(NEW.dificuldade);
    NEW.answer_key := NEW.gabarito;
    NEW.explanation := NEW.explicacao;
    NEW.exam_year := NEW.ano;
    NEW.source := NEW.fonte;
    NEW.is_active := NEW.ativo;
    RETURN NEW;
END;
$$;

COMMENT ON FUNCTION sincroniza_questoes_english() IS 'Keeps the Portuguese and the English columns of questoes alike';

-- With column lists, so that the counters, which move with every answer, do not pay for it.
CREATE TRIGGER trg_questoes_english_insert
    BEFORE INSERT ON questoes
    FOR EACH ROW EXECUTE FUNCTION sincroniza_questoes_english();

CREATE TRIGGER trg_questoes_english_update
    BEFORE UPDATE OF
        enunciado, dificuldade, gabarito, explicacao, ano, fonte, ativo,
        statement, difficulty, answer_key, explanation, exam_year, source, is_active
    ON questoes
    FOR EACH ROW EXECUTE FUNCTION sincroniza_questoes_english();

CREATE OR REPLACE TRIGGER trg_questoes_updated_at
    BEFORE UPDATE OF
        enunciado, tipo, dificuldade, gabarito, explicacao, ano, fonte, ativo,
        statement, difficulty, answer_key, explanation, exam_year, source, is_active
    ON questoes
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

CREATE VIEW vw_questions AS
SELECT
    q.id,
    q.topico_id AS topic_id,
    q.banca_id AS board_id,
    q.statement,
    q.difficulty,
    q.answer_key,
    q.explanation,
    q.exam_year,
    q.source,
    q.created_at,
    q.updated_at
FROM questoes q
WHERE q.is_active;

COMMENT ON VIEW vw_questions IS 'Active questions, as the API shows them';
