-- Alerts as data: the rules by which they open and resolve, what is silent, what is to be told to whom. The alerts
-- themselves lie in ops_alertas.

CREATE TABLE alert_rules (
    name text PRIMARY KEY,
    severity alerta_severidade NOT NULL DEFAULT 'media',
    threshold double precision NOT NULL,
    for_seconds double precision NOT NULL DEFAULT 0,
    params jsonb NOT NULL DEFAULT '{}',
    channels text[] NOT NULL DEFAULT '{}',
    enabled boolean NOT NULL DEFAULT true,
    changed_by text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_alert_rules_for CHECK (for_seconds >= 0)
);

COMMENT ON TABLE alert_rules IS 'When an alert opens: above which value, and after how long';
COMMENT ON COLUMN alert_rules.channels IS 'Names of channels of the configuration; addresses and secrets stand there alone';
COMMENT ON COLUMN alert_rules.changed_by IS 'Who set the rule by hand; empty while it is that of the code';

-- Kept in the database and not by the leader: a new leader does not begin to count anew.
CREATE TABLE alert_pending (
    key text PRIMARY KEY,
    rule text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fk_alert_pending_rule FOREIGN KEY (rule) REFERENCES alert_rules (name) ON DELETE CASCADE
);

CREATE INDEX idx_alert_pending_rule ON alert_pending (rule);

COMMENT ON TABLE alert_pending IS 'What is above its threshold, and since when';

CREATE TABLE alert_silences (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    pattern text NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    starts_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    CONSTRAINT ck_alert_silences_order CHECK (ends_at >= starts_at),
    CONSTRAINT ck_alert_silences_pattern CHECK (pattern <> '' AND position('\' IN pattern) = 0)
);

CREATE INDEX idx_alert_silences_ends ON alert_silences (ends_at);

COMMENT ON TABLE alert_silences IS 'What nobody is to be told of for a while; the alerts open all the same';
COMMENT ON COLUMN alert_silences.pattern IS 'A key of alerts, in which * stands for anything';

CREATE TABLE alert_deliveries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    alert_id uuid NOT NULL,
    channel text NOT NULL,
    event text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    gave_up_at timestamptz,
    last_error text,
    CONSTRAINT fk_alert_deliveries_alert FOREIGN KEY (alert_id) REFERENCES ops_alertas (id) ON DELETE CASCADE,
    CONSTRAINT uq_alert_deliveries UNIQUE (alert_id, channel, event),
    CONSTRAINT ck_alert_deliveries_event CHECK (event IN ('opened', 'resolved'))
);

CREATE INDEX idx_alert_deliveries_due ON alert_deliveries (next_try_at)
    WHERE delivered_at IS NULL AND gave_up_at IS NULL;

COMMENT ON TABLE alert_deliveries IS 'What is to be told on which channel; written with the alert, so that it outlives the leader';

CREATE TABLE alert_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id uuid,
    key text NOT NULL,
    kind text NOT NULL,
    actor text,
    details jsonb NOT NULL DEFAULT '{}',
    happened_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_alert_events_alert ON alert_events (alert_id, id);
CREATE INDEX idx_alert_events_happened ON alert_events USING brin (happened_at);

COMMENT ON TABLE alert_events IS 'What became of alerts, and what people did about them: opened, resolved, told, silenced, acknowledged';
COMMENT ON COLUMN alert_events.alert_id IS 'No foreign key: the trail outlives the alert; empty for what concerns a rule or a silence';
