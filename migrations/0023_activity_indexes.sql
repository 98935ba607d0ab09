-- lastro: no-transaction
-- The nightly jobs look for who studied lately. Answers come in the order of time, for which a block range index is enough.

CREATE INDEX CONCURRENTLY idx_questoes_respostas_respondida ON questoes_respostas USING brin (respondida_em);
CREATE INDEX CONCURRENTLY idx_user_drops_lido ON user_drops (lido_em) WHERE lido_em IS NOT NULL;
