CREATE TABLE orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    item text NOT NULL,
    ordered_at timestamptz NOT NULL DEFAULT now(),
    receipt_sent_at timestamptz
);
