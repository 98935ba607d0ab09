/// The statements of the recommendations.
enum RecommendationQueries {
    /// The model in whose name proposals are made; the first run makes its row.
    static let model = """
        WITH m AS (
            INSERT INTO recco_models (nome, versao, algoritmo, parametros, treinado_em)
            VALUES ('dominio-e-peso', 1, 'heuristica', '{"propostas": 10, "topicos": 5}', now())
            ON CONFLICT (nome, versao) DO NOTHING RETURNING id
        )
        SELECT id::text FROM m UNION ALL
        SELECT id::text FROM recco_models WHERE nome = 'dominio-e-peso' AND versao = 1 LIMIT 1
        """

    static let activeLearners = """
        SELECT u.id::text FROM users u
        WHERE u.ativo AND u.deleted_at IS NULL AND EXISTS (
            SELECT FROM progress_diario d
            WHERE d.user_id = u.id AND d.dia >= ($1::timestamptz)::date - $2::int AND d.dia <= ($1::timestamptz)::date + 1
        ) ORDER BY 1
        """

    /// What a topic matters: how often exams ask for it, times what the learner does not know of it yet.
    static let priorities = """
        WITH latest AS (
            SELECT DISTINCT ON (e.user_id, e.topico_id) e.user_id, e.topico_id, e.dominio
            FROM progress_evolucao e WHERE e.user_id = ANY ($1::uuid[]) AND e.medido_em <= ($2::timestamptz)::date + 1
            ORDER BY e.user_id, e.topico_id, e.medido_em DESC
        )
        INSERT INTO recco_prioridades AS p (user_id, topico_id, peso, origem, valida_ate)
        SELECT l.user_id, l.topico_id, least(round(t.peso * (1 - l.dominio), 4), 9999), 'motor',
            ($2::timestamptz)::date + 30
        FROM latest l JOIN topicos t ON t.id = l.topico_id ORDER BY 1, 2
        ON CONFLICT (user_id, topico_id) DO UPDATE SET peso = excluded.peso, valida_ate = excluded.valida_ate
        WHERE p.origem = 'motor' AND (p.peso, p.valida_ate) IS DISTINCT FROM (excluded.peso, excluded.valida_ate)
        """

    /// What was proposed before and nobody has seen.
    static let removal = """
        DELETE FROM recco_predictions p WHERE p.user_id = ANY ($1::uuid[]) AND p.model_id = $2 AND p.exibida_em IS NULL
            AND NOT EXISTS (SELECT FROM recco_feedback f WHERE f.prediction_id = p.id)
        """

    /// Of the five topics that matter most, questions that were not answered rightly for a month, and drops that are unread.
    static let proposals = """
        WITH topics AS (
            SELECT user_id, topico_id, peso, place FROM (
                SELECT p.user_id, p.topico_id, p.peso,
                    row_number() OVER (PARTITION BY p.user_id ORDER BY p.peso DESC, p.topico_id) AS place
                FROM recco_prioridades p WHERE p.user_id = ANY ($1::uuid[]) AND p.peso > 0
                    AND (p.valida_ate IS NULL OR p.valida_ate >= ($2::timestamptz)::date)
            ) ranked WHERE place <= 5
        ), candidates AS (
            SELECT t.user_id, 'questao' AS kind, q.id, t.topico_id, t.peso,
                row_number() OVER (
                    PARTITION BY t.user_id, t.topico_id
                    ORDER BY q.dificuldade, md5(q.id::text || ($2::timestamptz)::date::text)
                ) AS place
            FROM topics t JOIN questoes q ON q.topico_id = t.topico_id AND q.ativo
            WHERE NOT EXISTS (
                SELECT FROM questoes_respostas r
                WHERE r.user_id = t.user_id AND r.questao_id = q.id AND r.correta
                    AND r.respondida_em > $2::timestamptz - interval '30 days' AND r.respondida_em < $2
            )
            UNION ALL
            SELECT t.user_id, 'drop', d.id, t.topico_id, t.peso,
                2 + row_number() OVER (PARTITION BY t.user_id, t.topico_id ORDER BY d.publicado_em DESC, d.id)
            FROM topics t JOIN drops d ON d.topico_id = t.topico_id AND d.publicado_em <= $2
            WHERE NOT EXISTS (
                SELECT FROM user_drops s
                WHERE s.user_id = t.user_id AND s.drop_id = d.id AND s.estado IN ('lido', 'dispensado')
            )
        ), ranked AS (
            SELECT c.*, row_number() OVER (
                PARTITION BY c.user_id ORDER BY c.peso / c.place DESC, c.kind DESC, c.id
            ) AS posicao
            FROM candidates c WHERE c.place <= 3
        )
        INSERT INTO recco_predictions
            (user_id, model_id, alvo_tipo, alvo_id, score, posicao, razoes, contexto, expira_em, created_at)
        SELECT r.user_id, $3::uuid, r.kind, r.id, (r.peso / r.place)::float8, r.posicao::smallint,
            ARRAY['Prioridade ' || round(r.peso, 2) || ' em ' || t.nome], jsonb_build_object('topico', r.topico_id),
            $2::timestamptz + interval '36 hours', $2::timestamptz
        FROM ranked r JOIN topicos t ON t.id = r.topico_id WHERE r.posicao <= 10 ORDER BY 1, 6
        """

    static let states = """
        INSERT INTO recco_states AS s (user_id, model_id, interacoes, calculado_em)
        SELECT u.id, $3::uuid, (SELECT count(*) FROM questoes_respostas r WHERE r.user_id = u.id AND r.respondida_em < $2::timestamptz), $2::timestamptz
        FROM users u WHERE u.id = ANY ($1::uuid[]) ORDER BY 1
        ON CONFLICT (user_id) DO UPDATE SET model_id = excluded.model_id, interacoes = greatest(s.interacoes, excluded.interacoes),
            calculado_em = excluded.calculado_em
        """

    /// What has expired unseen; what was shown stays, as do the answers to it: they teach the next model.
    static let expired = """
        DELETE FROM recco_predictions p WHERE p.expira_em < $1::timestamptz - interval '7 days' AND p.exibida_em IS NULL
            AND NOT EXISTS (SELECT FROM recco_feedback f WHERE f.prediction_id = p.id)
        """

    static let expiredPriorities = """
        DELETE FROM recco_prioridades WHERE origem = 'motor' AND valida_ate < ($1::timestamptz)::date
        """
}
