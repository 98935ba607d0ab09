-- Sessions, rotating refresh tokens, roles, second factors and password resets.

CREATE TABLE user_sessions (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    ip inet,
    agente text,
    nivel smallint NOT NULL DEFAULT 1,
    criada_em timestamptz NOT NULL DEFAULT now(),
    vista_em timestamptz NOT NULL DEFAULT now(),
    expira_em timestamptz NOT NULL,
    revogada_em timestamptz,
    CONSTRAINT uq_user_sessions_token UNIQUE (token_hash),
    CONSTRAINT ck_user_sessions_token CHECK (octet_length(token_hash) = 32),
    CONSTRAINT ck_user_sessions_nivel CHECK (nivel BETWEEN 1 AND 3),
    CONSTRAINT ck_user_sessions_validade CHECK (expira_em > criada_em)
);

CREATE INDEX idx_user_sessions_user ON user_sessions (user_id);
CREATE INDEX idx_user_sessions_vivas ON user_sessions (user_id, expira_em) WHERE revogada_em IS NULL;

COMMENT ON TABLE user_sessions IS 'Signed-in sessions';
COMMENT ON COLUMN user_sessions.token_hash IS 'SHA-256 of the token; the token itself is known to the browser alone';
COMMENT ON COLUMN user_sessions.nivel IS '1 password, 2 second factor, 3 confirmed again within ten minutes';

CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    session_id uuid NOT NULL REFERENCES user_sessions (id) ON DELETE CASCADE,
    familia uuid NOT NULL,
    token_hash bytea NOT NULL,
    substituido_por_id uuid REFERENCES refresh_tokens (id) ON DELETE SET NULL,
    emitido_em timestamptz NOT NULL DEFAULT now(),
    expira_em timestamptz NOT NULL,
    usado_em timestamptz,
    CONSTRAINT uq_refresh_tokens_token UNIQUE (token_hash),
    CONSTRAINT ck_refresh_tokens_token CHECK (octet_length(token_hash) = 32),
    CONSTRAINT ck_refresh_tokens_validade CHECK (expira_em > emitido_em),
    CONSTRAINT ck_refresh_tokens_substituto CHECK (substituido_por_id IS NULL OR usado_em IS NOT NULL)
);

CREATE INDEX idx_refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX idx_refresh_tokens_familia ON refresh_tokens (familia);
CREATE INDEX idx_refresh_tokens_substituido_por ON refresh_tokens (substituido_por_id);

COMMENT ON TABLE refresh_tokens IS 'Refresh tokens, each used once';
COMMENT ON COLUMN refresh_tokens.familia IS 'All tokens of one sign-in: a second use of any revokes them all';

CREATE TABLE login_attempts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL,
    user_id uuid REFERENCES users (id) ON DELETE SET NULL,
    ip inet NOT NULL,
    sucesso boolean NOT NULL,
    motivo text,
    tentado_em timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_login_attempts_motivo CHECK (sucesso OR motivo IS NOT NULL)
);

CREATE INDEX idx_login_attempts_email ON login_attempts (lower(email), tentado_em DESC);
CREATE INDEX idx_login_attempts_ip ON login_attempts (ip, tentado_em DESC);
CREATE INDEX idx_login_attempts_user ON login_attempts (user_id);

COMMENT ON TABLE login_attempts IS 'Every try to sign in, also for addresses that nobody has';
COMMENT ON COLUMN login_attempts.email IS 'As typed, therefore not of type email_address';

CREATE TABLE auth_roles (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    nome slug NOT NULL,
    descricao text,
    sistema boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_auth_roles_nome UNIQUE (nome)
);

COMMENT ON TABLE auth_roles IS 'Roles of the application (not of the database)';
COMMENT ON COLUMN auth_roles.sistema IS 'The application relies on it: not to be deleted';

CREATE TABLE auth_role_permissions (
    role_id uuid NOT NULL REFERENCES auth_roles (id) ON DELETE CASCADE,
    recurso text NOT NULL,
    acao text NOT NULL,
    condicao jsonb,
    PRIMARY KEY (role_id, recurso, acao),
    CONSTRAINT ck_auth_role_permissions_acao CHECK (acao IN ('ler', 'criar', 'alterar', 'excluir', 'administrar'))
);

COMMENT ON TABLE auth_role_permissions IS 'What a role may do';

CREATE TABLE auth_user_roles (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role_id uuid NOT NULL REFERENCES auth_roles (id) ON DELETE CASCADE,
    concedido_por uuid REFERENCES users (id) ON DELETE SET NULL,
    concedido_em timestamptz NOT NULL DEFAULT now(),
    expira_em timestamptz,
    PRIMARY KEY (user_id, role_id),
    CONSTRAINT ck_auth_user_roles_validade CHECK (expira_em > concedido_em)
);

CREATE INDEX idx_auth_user_roles_role ON auth_user_roles (role_id);
CREATE INDEX idx_auth_user_roles_concedido_por ON auth_user_roles (concedido_por);

COMMENT ON TABLE auth_user_roles IS 'Who holds which role, and until when';

CREATE TABLE auth_mfa_methods (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tipo text NOT NULL,
    rotulo text NOT NULL,
    segredo bytea NOT NULL,
    contador bigint NOT NULL DEFAULT 0,
    confirmado_em timestamptz,
    usado_em timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_auth_mfa_methods_rotulo UNIQUE (user_id, rotulo),
    CONSTRAINT ck_auth_mfa_methods_tipo CHECK (tipo IN ('totp', 'webauthn', 'recuperacao')),
    CONSTRAINT ck_auth_mfa_methods_contador CHECK (contador >= 0)
);

COMMENT ON TABLE auth_mfa_methods IS 'Second factors';
COMMENT ON COLUMN auth_mfa_methods.segredo IS 'Encrypted by the application; the database never sees the key';

CREATE TABLE auth_password_resets (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    pedido_de inet,
    pedido_em timestamptz NOT NULL DEFAULT now(),
    expira_em timestamptz NOT NULL,
    usado_em timestamptz,
    CONSTRAINT uq_auth_password_resets_token UNIQUE (token_hash),
    CONSTRAINT ck_auth_password_resets_token CHECK (octet_length(token_hash) = 32),
    CONSTRAINT ck_auth_password_resets_validade CHECK (expira_em > pedido_em)
);

CREATE INDEX idx_auth_password_resets_user ON auth_password_resets (user_id);

COMMENT ON TABLE auth_password_resets IS 'Links to set a new password, each good once';

CREATE FUNCTION revoga_familia() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- A token that comes a second time was stolen, or was the thief's: nobody can tell, so the whole sign-in ends.
    UPDATE public.user_sessions s
    SET revogada_em = now()
    FROM public.refresh_tokens r
    WHERE r.familia = NEW.familia AND s.id = r.session_id AND s.revogada_em IS NULL;
    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION revoga_familia() IS 'Ends a sign-in one of whose refresh tokens was used twice';

CREATE TRIGGER trg_refresh_tokens_reuso
    AFTER UPDATE OF usado_em ON refresh_tokens
    FOR EACH ROW
    WHEN (OLD.usado_em IS NOT NULL AND NEW.usado_em IS DISTINCT FROM OLD.usado_em)
    EXECUTE FUNCTION revoga_familia();

CREATE VIEW vw_auth_permissoes AS
SELECT ur.user_id, r.nome AS papel, p.recurso, p.acao, p.condicao
FROM auth_user_roles ur
JOIN auth_roles r ON r.id = ur.role_id
JOIN auth_role_permissions p ON p.role_id = r.id
WHERE ur.expira_em IS NULL OR ur.expira_em > now();

COMMENT ON VIEW vw_auth_permissoes IS 'What each user may do now';
