-- Behavioural tracking. Raw events are many and short-lived, so they are kept by quarter and dropped by quarter.

CREATE TABLE tracking_devices (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    impressao text NOT NULL,
    plataforma text NOT NULL,
    modelo text,
    push_token text,
    consentimento_em timestamptz,
    visto_em timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_tracking_devices_impressao UNIQUE (user_id, impressao),
    CONSTRAINT ck_tracking_devices_plataforma CHECK (plataforma IN ('web', 'ios', 'android'))
);

CREATE INDEX idx_tracking_devices_push ON tracking_devices (user_id) WHERE push_token IS NOT NULL;

COMMENT ON TABLE tracking_devices IS 'Devices a user signs in from';
COMMENT ON COLUMN tracking_devices.consentimento_em
    IS 'When tracking was agreed to; without it only the sign-in is recorded';

CREATE TABLE tracking_sessions (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id uuid REFERENCES tracking_devices (id) ON DELETE SET NULL,
    iniciada_em timestamptz NOT NULL DEFAULT now(),
    encerrada_em timestamptz,
    duracao interval GENERATED ALWAYS AS (encerrada_em - iniciada_em) STORED,
    ip inet,
    origem jsonb NOT NULL DEFAULT '{}',
    eventos_total integer NOT NULL DEFAULT 0,
    CONSTRAINT ck_tracking_sessions_ordem CHECK (encerrada_em >= iniciada_em)
);

CREATE INDEX idx_tracking_sessions_user ON tracking_sessions (user_id, iniciada_em DESC);
CREATE INDEX idx_tracking_sessions_device ON tracking_sessions (device_id);
CREATE INDEX idx_tracking_sessions_abertas ON tracking_sessions (iniciada_em) WHERE encerrada_em IS NULL;

COMMENT ON TABLE tracking_sessions IS 'Visits: from opening the app until half an hour of silence';

-- No foreign keys: events outlive what they are about, and the writer must not wait for anybody.
CREATE TABLE tracking_events (
    id uuid NOT NULL DEFAULT uuid_generate_v4(),
    ocorrido_em timestamptz NOT NULL DEFAULT now(),
    session_id uuid NOT NULL,
    user_id uuid,
    nome text NOT NULL,
    alvo_tipo text,
    alvo_id uuid,
    propriedades jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (ocorrido_em, id),
    CONSTRAINT ck_tracking_events_alvo CHECK (num_nulls(alvo_tipo, alvo_id) <> 1)
) PARTITION BY RANGE (ocorrido_em);

CREATE TABLE tracking_events_2025_q4 PARTITION OF tracking_events
    FOR VALUES FROM ('2025-10-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');
CREATE TABLE tracking_events_2026_q1 PARTITION OF tracking_events
    FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-04-01 00:00:00+00');
CREATE TABLE tracking_events_2026_q2 PARTITION OF tracking_events
    FOR VALUES FROM ('2026-04-01 00:00:00+00') TO ('2026-07-01 00:00:00+00');
-- Phones with a wrong clock send events from anywhere in time.
CREATE TABLE tracking_events_default PARTITION OF tracking_events DEFAULT;

CREATE INDEX idx_tracking_events_user ON tracking_events (user_id, ocorrido_em DESC);
CREATE INDEX idx_tracking_events_session ON tracking_events (session_id);
CREATE INDEX idx_tracking_events_propriedades ON tracking_events USING gin (propriedades jsonb_path_ops);

COMMENT ON TABLE tracking_events IS 'Raw events, a partition for each quarter';
COMMENT ON COLUMN tracking_events.alvo_id IS 'What the event is about, with alvo_tipo; may be gone by now';
COMMENT ON TABLE tracking_events_default IS 'Events outside every quarter; should be nearly empty';

CREATE TABLE tracking_behavioral (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    dia date NOT NULL,
    minutos_ativos integer NOT NULL DEFAULT 0,
    pausas integer NOT NULL DEFAULT 0,
    abandono_pct percentual,
    horario_pico int4range,
    sinais jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT uq_tracking_behavioral_dia UNIQUE (user_id, dia),
    CONSTRAINT ck_tracking_behavioral_minutos CHECK (minutos_ativos BETWEEN 0 AND 1440)
);

CREATE INDEX idx_tracking_behavioral_dia ON tracking_behavioral USING brin (dia);
CREATE INDEX idx_tracking_behavioral_sinais ON tracking_behavioral USING gin (sinais);

COMMENT ON TABLE tracking_behavioral IS 'Habits a day and user, distilled from the events before these are dropped';
COMMENT ON COLUMN tracking_behavioral.horario_pico IS 'Minutes of the day, in the user''s time zone';

CREATE TABLE tracking_cognitive (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id uuid REFERENCES tracking_sessions (id) ON DELETE SET NULL,
    topico_id uuid REFERENCES topicos (id) ON DELETE SET NULL,
    medido_em timestamptz NOT NULL DEFAULT now(),
    foco real NOT NULL,
    fadiga real NOT NULL,
    carga double precision,
    tempo_resposta_ms integer,
    amostras integer[] NOT NULL DEFAULT '{}',
    CONSTRAINT ck_tracking_cognitive_foco CHECK (foco >= 0 AND foco <= 1),
    CONSTRAINT ck_tracking_cognitive_fadiga CHECK (fadiga >= 0 AND fadiga <= 1)
);

CREATE INDEX idx_tracking_cognitive_user ON tracking_cognitive (user_id, medido_em DESC);
CREATE INDEX idx_tracking_cognitive_session ON tracking_cognitive (session_id);
CREATE INDEX idx_tracking_cognitive_topico ON tracking_cognitive (topico_id);

COMMENT ON TABLE tracking_cognitive IS 'Estimates of attention and tiredness from answer times';
COMMENT ON COLUMN tracking_cognitive.foco IS '0 is none, 1 is full';

CREATE FUNCTION encerra_tracking_sessions(limite interval DEFAULT '30 minutes') RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    encerradas integer;
BEGIN
    -- The last event is the end of the visit, not the moment at which we noticed.
    UPDATE public.tracking_sessions s
    SET encerrada_em = u.ultimo, eventos_total = u.total
    FROM (
        SELECT e.session_id, max(e.ocorrido_em) AS ultimo, count(*) AS total
        FROM public.tracking_events e
        GROUP BY e.session_id
    ) u
    WHERE u.session_id = s.id
        AND s.encerrada_em IS NULL
        AND u.ultimo >= s.iniciada_em
        AND u.ultimo < now() - limite;
    GET DIAGNOSTICS encerradas = ROW_COUNT;
    RETURN encerradas;
END;
$$;

COMMENT ON FUNCTION encerra_tracking_sessions(interval)
    IS 'Closes visits without events for the given time; returns how many';
