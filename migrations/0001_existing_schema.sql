-- The platform as it stood when its schema was first written down. Everything later builds on these tables.

CREATE EXTENSION IF NOT EXISTS "uuid-ossp";

-- The pattern only catches slips of the keyboard; an address is proved by the mail that is sent to it.
CREATE DOMAIN email_address AS text
    CONSTRAINT email_address_format CHECK (VALUE ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$');

CREATE DOMAIN percentual AS numeric(5, 2)
    CONSTRAINT percentual_range CHECK (VALUE >= 0 AND VALUE <= 100);

CREATE DOMAIN slug AS text
    CONSTRAINT slug_format CHECK (VALUE ~ '^[a-z0-9]+(-[a-z0-9]+)*$');

CREATE TYPE nivel_dificuldade AS ENUM ('facil', 'media', 'dificil');
CREATE TYPE assinatura_estado AS ENUM ('teste', 'ativa', 'suspensa', 'encerrada');

CREATE FUNCTION set_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;

COMMENT ON FUNCTION set_updated_at() IS 'Row trigger for every table that has updated_at';

CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    email email_address NOT NULL,
    password_hash text,
    nome text NOT NULL,
    papel text NOT NULL DEFAULT 'aluno',
    ativo boolean NOT NULL DEFAULT true,
    fuso_horario text NOT NULL DEFAULT 'America/Sao_Paulo',
    preferencias jsonb NOT NULL DEFAULT '{}',
    ultimo_acesso_em timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT ck_users_nome CHECK (length(nome) BETWEEN 1 AND 200),
    CONSTRAINT ck_users_papel CHECK (papel IN ('aluno', 'professor', 'editor', 'admin'))
);

-- A deleted account frees its address, and nobody signs up twice by changing the case.
CREATE UNIQUE INDEX uq_users_email ON users (lower(email)) WHERE deleted_at IS NULL;
CREATE INDEX idx_users_created ON users (created_at);
CREATE INDEX idx_users_preferencias ON users USING gin (preferencias jsonb_path_ops);

CREATE TRIGGER trg_users_updated_at
    BEFORE UPDATE ON users
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE users IS 'Everybody who can sign in: students, teachers, editors, administrators';
COMMENT ON COLUMN users.password_hash IS 'Empty for accounts that sign in with another provider';
COMMENT ON COLUMN users.fuso_horario IS 'IANA name; decides where a study day ends';
COMMENT ON COLUMN users.deleted_at IS 'Set when the account is closed; personal data is erased 30 days later';

CREATE TABLE arquivos (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid REFERENCES users (id) ON DELETE SET NULL,
    nome text NOT NULL,
    tipo_mime text NOT NULL,
    tamanho_bytes bigint NOT NULL,
    sha256 bytea NOT NULL,
    local_chave text NOT NULL,
    metadados jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_arquivos_local_chave UNIQUE (local_chave),
    CONSTRAINT ck_arquivos_tamanho CHECK (tamanho_bytes >= 0),
    CONSTRAINT ck_arquivos_sha256 CHECK (octet_length(sha256) = 32)
);

CREATE INDEX idx_arquivos_user ON arquivos (user_id);
CREATE INDEX idx_arquivos_sha256 ON arquivos USING hash (sha256);

COMMENT ON TABLE arquivos IS 'Uploaded files; the content lies in object storage';
COMMENT ON COLUMN arquivos.local_chave IS 'Key in the object store, never shown to a browser';

CREATE TABLE user_profiles (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    apelido text,
    bio text,
    avatar_arquivo_id uuid REFERENCES arquivos (id) ON DELETE SET NULL,
    data_nascimento date,
    objetivo text,
    horas_semana smallint NOT NULL DEFAULT 10,
    horario_estudo time,
    interesses text[] NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_user_profiles_apelido UNIQUE (apelido),
    CONSTRAINT ck_user_profiles_horas CHECK (horas_semana BETWEEN 0 AND 112)
);

CREATE INDEX idx_user_profiles_avatar ON user_profiles (avatar_arquivo_id);
CREATE INDEX idx_user_profiles_interesses ON user_profiles USING gin (interesses);

CREATE TRIGGER trg_user_profiles_updated_at
    BEFORE UPDATE ON user_profiles
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE user_profiles IS 'What a user says about themselves; one row a user at most';
COMMENT ON COLUMN user_profiles.horas_semana
    IS 'Hours a week the user means to study; the planner fills no more than that';

CREATE TABLE planos (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    codigo slug NOT NULL,
    nome text NOT NULL,
    preco_centavos integer NOT NULL,
    duracao interval NOT NULL,
    recursos jsonb NOT NULL DEFAULT '{}',
    ativo boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_planos_codigo UNIQUE (codigo),
    CONSTRAINT ck_planos_preco CHECK (preco_centavos >= 0)
);

COMMENT ON TABLE planos IS 'What can be subscribed to';
COMMENT ON COLUMN planos.preco_centavos IS 'In centavos of a real, so that no price is ever rounded';

CREATE TABLE assinaturas (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    plano_id uuid NOT NULL REFERENCES planos (id),
    estado assinatura_estado NOT NULL DEFAULT 'teste',
    vigencia tstzrange NOT NULL,
    valor_centavos integer NOT NULL,
    gateway_ref text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_assinaturas_vigencia CHECK (NOT isempty(vigencia)),
    CONSTRAINT ck_assinaturas_valor CHECK (valor_centavos >= 0)
);

CREATE UNIQUE INDEX uq_assinaturas_uma_ativa ON assinaturas (user_id) WHERE estado = 'ativa';
CREATE INDEX idx_assinaturas_user ON assinaturas (user_id);
CREATE INDEX idx_assinaturas_plano ON assinaturas (plano_id);
CREATE INDEX idx_assinaturas_vigencia ON assinaturas USING gist (vigencia);

CREATE TRIGGER trg_assinaturas_updated_at
    BEFORE UPDATE ON assinaturas
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE assinaturas IS 'Who pays for which plan, and from when to when';
COMMENT ON COLUMN assinaturas.valor_centavos
    IS 'The price at the time of signing, which later changes of the plan leave alone';

CREATE TABLE disciplinas (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    codigo slug NOT NULL,
    nome text NOT NULL,
    cor text NOT NULL DEFAULT '#888888',
    ordem integer NOT NULL DEFAULT 0,
    ativa boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_disciplinas_codigo UNIQUE (codigo),
    CONSTRAINT ck_disciplinas_cor CHECK (cor ~ '^#[0-9a-f]{6}$')
);

COMMENT ON TABLE disciplinas IS 'Subjects, as exam notices name them';

CREATE TABLE topicos (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    disciplina_id uuid NOT NULL REFERENCES disciplinas (id),
    parent_id uuid REFERENCES topicos (id),
    nome text NOT NULL,
    profundidade smallint NOT NULL DEFAULT 0,
    peso numeric(6, 3) NOT NULL DEFAULT 1,
    palavras_chave text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_topicos_profundidade CHECK (profundidade BETWEEN 0 AND 8),
    CONSTRAINT ck_topicos_peso CHECK (peso > 0),
    CONSTRAINT ck_topicos_parent CHECK (parent_id <> id)
);

CREATE INDEX idx_topicos_disciplina ON topicos (disciplina_id);
CREATE INDEX idx_topicos_parent ON topicos (parent_id);
CREATE INDEX idx_topicos_palavras_chave ON topicos USING gin (palavras_chave);

COMMENT ON TABLE topicos IS 'Topics within a subject; a tree of up to eight levels';
COMMENT ON COLUMN topicos.peso IS 'How often past exams asked for it; 1 is the average';

CREATE TABLE bancas (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    sigla text NOT NULL,
    nome text NOT NULL,
    site text,
    estilo jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT uq_bancas_sigla UNIQUE (sigla)
);

COMMENT ON TABLE bancas IS 'Examination boards';
COMMENT ON COLUMN bancas.estilo
    IS 'How the board likes to ask: statement length, negative wording, penalty for wrong answers';

CREATE TABLE editais (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    banca_id uuid NOT NULL REFERENCES bancas (id),
    orgao text NOT NULL,
    cargo text NOT NULL,
    numero text NOT NULL,
    publicado_em date NOT NULL,
    prova_em date,
    vagas integer,
    conteudo jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_editais_numero UNIQUE (banca_id, numero),
    CONSTRAINT ck_editais_datas CHECK (prova_em > publicado_em),
    CONSTRAINT ck_editais_vagas CHECK (vagas >= 0)
);

CREATE INDEX idx_editais_prova ON editais (prova_em) WHERE prova_em IS NOT NULL;

COMMENT ON TABLE editais IS 'Exam notices: which board examines for which post, when, and on what';
COMMENT ON COLUMN editais.conteudo IS 'The syllabus as published: an array of {disciplina, itens}';

CREATE TABLE tags (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    nome slug NOT NULL,
    grupo text,
    usos integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_tags_nome UNIQUE (nome),
    CONSTRAINT ck_tags_usos CHECK (usos >= 0)
);

COMMENT ON TABLE tags IS 'Free labels of questions';
COMMENT ON COLUMN tags.usos IS 'Questions that carry the tag; kept by a trigger on questoes_tags';

CREATE TABLE drops (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    topico_id uuid NOT NULL REFERENCES topicos (id),
    autor_id uuid REFERENCES users (id) ON DELETE SET NULL,
    titulo text NOT NULL,
    corpo text NOT NULL,
    formato text NOT NULL DEFAULT 'markdown',
    dificuldade nivel_dificuldade NOT NULL DEFAULT 'media',
    leitura_segundos integer NOT NULL DEFAULT 60,
    blocos jsonb NOT NULL DEFAULT '[]',
    publicado_em timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_drops_formato CHECK (formato IN ('markdown', 'html', 'audio', 'video')),
    CONSTRAINT ck_drops_leitura CHECK (leitura_segundos > 0)
);

CREATE INDEX idx_drops_topico ON drops (topico_id, publicado_em DESC);
CREATE INDEX idx_drops_autor ON drops (autor_id);
CREATE INDEX idx_drops_rascunhos ON drops (created_at) WHERE publicado_em IS NULL;
CREATE INDEX idx_drops_blocos ON drops USING gin (blocos);

CREATE TRIGGER trg_drops_updated_at
    BEFORE UPDATE ON drops
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE drops IS 'Micro-lessons: one idea that is read in a minute or two';
COMMENT ON COLUMN drops.publicado_em IS 'Empty for a draft';

CREATE TABLE user_drops (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    drop_id uuid NOT NULL REFERENCES drops (id) ON DELETE CASCADE,
    estado text NOT NULL DEFAULT 'novo',
    lido_em timestamptz,
    favorito boolean NOT NULL DEFAULT false,
    nota smallint,
    anotacao text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, drop_id),
    CONSTRAINT ck_user_drops_estado CHECK (estado IN ('novo', 'lendo', 'lido', 'dispensado')),
    CONSTRAINT ck_user_drops_nota CHECK (nota BETWEEN 1 AND 5),
    CONSTRAINT ck_user_drops_lido CHECK (estado <> 'lido' OR lido_em IS NOT NULL)
);

CREATE INDEX idx_user_drops_drop ON user_drops (drop_id);
CREATE INDEX idx_user_drops_favoritos ON user_drops (user_id, created_at DESC) WHERE favorito;

COMMENT ON TABLE user_drops IS 'What each user did with each drop';

CREATE TABLE questoes (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    topico_id uuid NOT NULL REFERENCES topicos (id),
    banca_id uuid REFERENCES bancas (id),
    edital_id uuid REFERENCES editais (id),
    enunciado text NOT NULL,
    tipo text NOT NULL DEFAULT 'multipla',
    dificuldade nivel_dificuldade NOT NULL DEFAULT 'media',
    gabarito text NOT NULL,
    explicacao text,
    ano smallint,
    fonte text,
    ativo boolean NOT NULL DEFAULT true,
    metadados jsonb NOT NULL DEFAULT '{}',
    respostas_total integer NOT NULL DEFAULT 0,
    acertos_total integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_questoes_tipo CHECK (tipo IN ('multipla', 'certo_errado', 'discursiva')),
    CONSTRAINT ck_questoes_ano CHECK (ano BETWEEN 1980 AND 2100),
    CONSTRAINT ck_questoes_totais CHECK (acertos_total >= 0 AND acertos_total <= respostas_total)
);

CREATE INDEX idx_questoes_topico ON questoes (topico_id, dificuldade) WHERE ativo;
CREATE INDEX idx_questoes_topico_todas ON questoes (topico_id);
CREATE INDEX idx_questoes_banca ON questoes (banca_id, ano);
CREATE INDEX idx_questoes_edital ON questoes (edital_id);
CREATE INDEX idx_questoes_metadados ON questoes USING gin (metadados jsonb_path_ops);
-- The importer meets the same question in many PDFs, with other line breaks and capitals.
CREATE INDEX idx_questoes_enunciado_md5
    ON questoes (md5(lower(regexp_replace(enunciado, '\s+', ' ', 'g'))));

-- Only the text columns count as a change of the question: the counters move with every answer.
CREATE TRIGGER trg_questoes_updated_at
    BEFORE UPDATE OF enunciado, tipo, dificuldade, gabarito, explicacao, ano, fonte, ativo ON questoes
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE questoes IS 'The question bank';
COMMENT ON COLUMN questoes.gabarito
    IS 'Letter of the right option, C or E for true/false, the expected answer otherwise';
COMMENT ON COLUMN questoes.respostas_total IS 'Answers ever given; kept by a trigger on questoes_respostas';

CREATE TABLE questoes_alternativas (
    questao_id uuid NOT NULL REFERENCES questoes (id) ON DELETE CASCADE,
    letra text NOT NULL,
    texto text NOT NULL,
    correta boolean NOT NULL DEFAULT false,
    comentario text,
    PRIMARY KEY (questao_id, letra),
    CONSTRAINT ck_questoes_alternativas_letra CHECK (letra ~ '^[A-E]$')
);

CREATE UNIQUE INDEX uq_questoes_alternativas_correta ON questoes_alternativas (questao_id) WHERE correta;

COMMENT ON TABLE questoes_alternativas IS 'Options of a multiple-choice question; at most one is right';

CREATE TABLE rag_blocks (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    topico_id uuid REFERENCES topicos (id) ON DELETE SET NULL,
    drop_id uuid REFERENCES drops (id) ON DELETE CASCADE,
    fonte text NOT NULL,
    posicao integer NOT NULL,
    conteudo text NOT NULL,
    conteudo_md5 text NOT NULL GENERATED ALWAYS AS (md5(conteudo)) STORED,
    busca tsvector NOT NULL GENERATED ALWAYS AS (to_tsvector('portuguese'::regconfig, conteudo)) STORED,
    embedding real[],
    tokens integer NOT NULL,
    metadados jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_rag_blocks_posicao UNIQUE (fonte, posicao),
    CONSTRAINT ck_rag_blocks_tokens CHECK (tokens > 0 AND tokens <= 2048)
);

CREATE INDEX idx_rag_blocks_busca ON rag_blocks USING gin (busca);
CREATE INDEX idx_rag_blocks_topico ON rag_blocks (topico_id);
CREATE INDEX idx_rag_blocks_drop ON rag_blocks (drop_id);
CREATE INDEX idx_rag_blocks_sem_embedding ON rag_blocks (created_at) WHERE embedding IS NULL;

COMMENT ON TABLE rag_blocks IS 'Passages that retrieval can quote, cut from drops and from uploaded sources';
COMMENT ON COLUMN rag_blocks.posicao IS 'Order within the source, so that neighbours can be read along';
COMMENT ON COLUMN rag_blocks.embedding IS 'Empty until the embedding job has seen the block';

CREATE TABLE configuracoes (
    chave text PRIMARY KEY,
    valor jsonb NOT NULL,
    descricao text,
    updated_by uuid REFERENCES users (id) ON DELETE SET NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_configuracoes_updated_by ON configuracoes (updated_by);

CREATE TRIGGER trg_configuracoes_updated_at
    BEFORE UPDATE ON configuracoes
    FOR EACH ROW EXECUTE FUNCTION set_updated_at();

COMMENT ON TABLE configuracoes IS 'Settings that can be changed without a deployment';

-- The first worker took a job as soon as it was there; it knew no other time than created_at.
CREATE TABLE jobs (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    name varchar(255),
    type varchar(100),
    status varchar(50) DEFAULT 'pending',
    priority integer DEFAULT 5,
    data jsonb DEFAULT '{}',
    result jsonb,
    error text,
    attempts integer DEFAULT 0,
    max_attempts integer DEFAULT 3,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz DEFAULT now()
);

CREATE INDEX idx_jobs_status ON jobs (status);
CREATE INDEX idx_jobs_type ON jobs (type);
CREATE INDEX idx_jobs_priority ON jobs (priority DESC);
CREATE INDEX idx_jobs_created ON jobs (created_at);

COMMENT ON TABLE jobs IS 'Background work';

CREATE VIEW vw_questoes_estatisticas AS
SELECT
    q.id AS questao_id,
    t.disciplina_id,
    q.topico_id,
    q.dificuldade,
    q.respostas_total,
    q.acertos_total,
    round(100.0 * q.acertos_total / nullif(q.respostas_total, 0), 2) AS acerto_pct
FROM questoes q
JOIN topicos t ON t.id = q.topico_id
WHERE q.ativo;

COMMENT ON VIEW vw_questoes_estatisticas IS 'How often each active question is answered, and how often rightly';
