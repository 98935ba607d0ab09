/// The statements of the roll-up.
///
/// Their parameters: the learners, the time of the run, how many days, zones that are none.
enum ProgressQueries {
    /// Who did something in the time; a day more, since nobody's day is longer than that.
    static let activeLearners = """
        SELECT user_id::text FROM (
            SELECT user_id FROM questoes_respostas
            WHERE respondida_em >= $1::timestamptz - make_interval(days => $2 + 1) AND respondida_em < $1::timestamptz
            UNION
            SELECT c.user_id FROM srs_reviews v JOIN srs_cards c ON c.id = v.card_id
            WHERE v.revisado_em >= $1::timestamptz - make_interval(days => $2 + 1) AND v.revisado_em < $1::timestamptz
            UNION
            SELECT user_id FROM user_drops
            WHERE lido_em >= $1::timestamptz - make_interval(days => $2 + 1) AND lido_em < $1::timestamptz
        ) active ORDER BY 1
        """

    /// Time zones that somebody wrote into a profile and that the server does not know: those days end at midnight in UTC.
    static let unknownZones = """
        SELECT DISTINCT fuso_horario FROM users
        WHERE fuso_horario NOT IN (SELECT name FROM pg_timezone_names)
        """

    /// In the order in which they are run: each reads what the one before it wrote.
    static let all = [days, weeks, months, topics]

    /// The learners with their zone and the instants between which their days are summed up.
    private static let learners = """
        u AS (
            SELECT id, zone, ((day - $3::int)::timestamp AT TIME ZONE zone) AS since, day - $3::int AS first_day, day
            FROM (
                SELECT id, zone, ($2::timestamptz AT TIME ZONE zone)::date AS day FROM (
                    SELECT id, CASE WHEN fuso_horario = ANY ($4::text[]) THEN 'UTC' ELSE fuso_horario END AS zone
                    FROM users WHERE id = ANY ($1::uuid[])
                ) z
            ) d
        )
        """

    private static let days = """
        WITH \(learners), done AS (
            SELECT r.user_id, (r.respondida_em AT TIME ZONE u.zone)::date AS dia, count(*) AS questoes,
                count(*) FILTER (WHERE r.correta) AS acertos, 0 AS revisoes, 0 AS drops, sum(r.tempo_ms) AS ms
            FROM u JOIN questoes_respostas r ON r.user_id = u.id
            WHERE r.respondida_em >= u.since AND r.respondida_em < $2 GROUP BY 1, 2
            UNION ALL
            SELECT c.user_id, (v.revisado_em AT TIME ZONE u.zone)::date, 0, 0, count(*), 0, sum(coalesce(v.tempo_ms, 0))
            FROM u JOIN srs_cards c ON c.user_id = u.id JOIN srs_reviews v ON v.card_id = c.id
            WHERE v.revisado_em >= u.since AND v.revisado_em < $2 GROUP BY 1, 2
            UNION ALL
            SELECT l.user_id, (l.lido_em AT TIME ZONE u.zone)::date, 0, 0, 0, count(*), sum(d.leitura_segundos) * 1000
            FROM u JOIN user_drops l ON l.user_id = u.id JOIN drops d ON d.id = l.drop_id
            WHERE l.lido_em >= u.since AND l.lido_em < $2 GROUP BY 1, 2
        )
        INSERT INTO progress_diario AS p (user_id, dia, minutos, questoes, acertos, revisoes, drops)
        SELECT user_id, dia, least(1440, ceil(sum(ms) / 60000.0))::int, sum(questoes)::int, sum(acertos)::int,
            sum(revisoes)::int, sum(drops)::int
        FROM done GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (user_id, dia) DO UPDATE SET minutos = excluded.minutos, questoes = excluded.questoes,
            acertos = excluded.acertos, revisoes = excluded.revisoes, drops = excluded.drops
        WHERE (p.minutos, p.questoes, p.acertos, p.revisoes, p.drops) IS DISTINCT FROM (
            excluded.minutos, excluded.questoes, excluded.acertos, excluded.revisoes, excluded.drops)
        """

    private static let weeks = """
        WITH \(learners)
        INSERT INTO progress_semanal AS p (user_id, semana, minutos, questoes, acertos, pontos, dias_ativos)
        SELECT d.user_id, date_trunc('week', d.dia::timestamp)::date, sum(d.minutos)::int, sum(d.questoes)::int,
            sum(d.acertos)::int, sum(10 * d.acertos + 2 * d.revisoes + 5 * d.drops)::int,
            count(*) FILTER (WHERE d.minutos + d.questoes + d.revisoes + d.drops > 0)::smallint
        FROM u JOIN progress_diario d ON d.user_id = u.id
        WHERE d.dia >= date_trunc('week', u.first_day::timestamp)::date AND d.dia <= u.day GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (user_id, semana) DO UPDATE SET minutos = excluded.minutos, questoes = excluded.questoes,
            acertos = excluded.acertos, pontos = excluded.pontos, dias_ativos = excluded.dias_ativos
        WHERE (p.minutos, p.questoes, p.acertos, p.pontos, p.dias_ativos) IS DISTINCT FROM (
            excluded.minutos, excluded.questoes, excluded.acertos, excluded.pontos, excluded.dias_ativos)
        """

    private static let months = """
        WITH \(learners), sums AS (
            SELECT d.user_id, date_trunc('month', d.dia::timestamp)::date AS mes, sum(d.minutos)::int AS minutos,
                sum(d.questoes)::int AS questoes, sum(d.acertos)::int AS acertos
            FROM u JOIN progress_diario d ON d.user_id = u.id
            WHERE d.dia >= date_trunc('month', u.first_day::timestamp)::date AND d.dia <= u.day GROUP BY 1, 2
        ), subjects AS (
            SELECT user_id, mes, jsonb_object_agg(codigo, answers) AS por_disciplina FROM (
                SELECT r.user_id, date_trunc('month', r.respondida_em AT TIME ZONE u.zone)::date AS mes,
                    s.codigo::text AS codigo, count(*) AS answers
                FROM u JOIN questoes_respostas r ON r.user_id = u.id JOIN questoes q ON q.id = r.questao_id
                JOIN topicos t ON t.id = q.topico_id JOIN disciplinas s ON s.id = t.disciplina_id
                WHERE r.respondida_em >= (date_trunc('month', u.first_day::timestamp) AT TIME ZONE u.zone)
                    AND r.respondida_em < $2
                GROUP BY 1, 2, 3
            ) a GROUP BY 1, 2
        )
        INSERT INTO progress_mensal AS p (user_id, mes, minutos, questoes, acertos, por_disciplina)
        SELECT s.user_id, s.mes, s.minutos, s.questoes, s.acertos, coalesce(d.por_disciplina, '{}')
        FROM sums s LEFT JOIN subjects d USING (user_id, mes) ORDER BY 1, 2
        ON CONFLICT (user_id, mes) DO UPDATE SET minutos = excluded.minutos, questoes = excluded.questoes,
            acertos = excluded.acertos, por_disciplina = excluded.por_disciplina
        WHERE (p.minutos, p.questoes, p.acertos, p.por_disciplina) IS DISTINCT FROM (
            excluded.minutos, excluded.questoes, excluded.acertos, excluded.por_disciplina)
        """

    /// Mastery is the share of right answers of the last 90 days, with one right and one wrong answer added: few answers
    /// say little.
    private static let topics = """
        WITH \(learners), touched AS (
            SELECT DISTINCT r.user_id, q.topico_id, u.day
            FROM u JOIN questoes_respostas r ON r.user_id = u.id JOIN questoes q ON q.id = r.questao_id
            WHERE r.respondida_em >= u.since AND r.respondida_em < $2
        ), measured AS (
            SELECT t.user_id, t.topico_id, t.day, count(*) AS answers,
                round((count(*) FILTER (WHERE r.correta) + 1.0) / (count(*) + 2.0), 4) AS dominio
            FROM touched t JOIN questoes_respostas r ON r.user_id = t.user_id
            JOIN questoes q ON q.id = r.questao_id AND q.topico_id = t.topico_id
            WHERE r.respondida_em >= $2::timestamptz - interval '90 days' AND r.respondida_em < $2
            GROUP BY 1, 2, 3
        )
        INSERT INTO progress_evolucao AS p (user_id, topico_id, dominio, variacao, amostras, medido_em)
        SELECT m.user_id, m.topico_id, m.dominio, m.dominio - l.dominio, m.answers::int, m.day
        FROM measured m LEFT JOIN LATERAL (
            SELECT e.dominio FROM progress_evolucao e
            WHERE e.user_id = m.user_id AND e.topico_id = m.topico_id AND e.medido_em < m.day
            ORDER BY e.medido_em DESC LIMIT 1
        ) l ON true ORDER BY 1, 2
        ON CONFLICT (user_id, topico_id, medido_em) DO UPDATE SET dominio = excluded.dominio,
            variacao = excluded.variacao, amostras = excluded.amostras
        WHERE (p.dominio, p.variacao, p.amostras) IS DISTINCT FROM (
            excluded.dominio, excluded.variacao, excluded.amostras)
        """
}
