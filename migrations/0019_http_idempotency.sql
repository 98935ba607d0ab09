-- What the API answered to requests that carry a key of their own, so that one that is sent again, to whichever process, changes
-- nothing a second time. The row is written in the transaction of what the request does.

CREATE TABLE http_idempotency (
    principal text NOT NULL,
    key text NOT NULL,
    request bytea NOT NULL,
    status integer,
    response text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, key)
);

CREATE INDEX idx_http_idempotency_created ON http_idempotency (created_at);

COMMENT ON TABLE http_idempotency IS 'Answers to requests that may be sent again, for a day';
COMMENT ON COLUMN http_idempotency.request IS 'SHA-256 of method, path and body: another request with the same key is refused';
COMMENT ON COLUMN http_idempotency.response IS 'The body of the answer, which the same request gets again';
