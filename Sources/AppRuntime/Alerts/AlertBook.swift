import Postgres

/// Opens and resolves alerts by what was observed.
///
/// All of it stands in the database: since when something is too high, what is open, what is to be told. Whoever leads
/// next goes on where the last one stopped, and the same trouble has one open alert, by `uq_ops_alertas_aberto`.
enum AlertBook {
    /// Judges observations, in one transaction.
    ///
    /// - Parameters:
    ///   - observations: the values.
    ///   - rules: the rules that were looked at; what they find no more resolves.
    ///   - term: in whose name; a former leader changes nothing. Nil for what is seen where nobody leads.
    ///   - connection: where to write.
    /// - Returns: how many alerts opened and resolved.
    /// - Throws: ``PostgresError``.
    @discardableResult
    static func judge(
        _ observations: [AlertObservation],
        for rules: [AlertRule],
        as term: LeaderTerm?,
        on connection: PostgresConnection
    ) async throws -> (opened: Int, resolved: Int) {
        try await connection.withTransaction { connection in
            if let term {
                let leads = "SELECT \(Trends.leads("$1", "$2"))"
                guard try await connection.query(leads, term.holder, term.term).single.decode(Bool.self) else {
                    return (0, 0)
                }
            }
            let stored = try await AlertRule.all(on: connection)
            let looked = rules.map(\.name).filter { stored[$0] != nil }
            // The first of a key counts: one statement writes a row once.
            var keys: Set<String> = []
            let high = observations.filter { one in
                guard looked.contains(one.rule), let rule = stored[one.rule], rule.isEnabled else { return false }
                return one.value > rule.threshold && keys.insert(one.key).inserted
            }
            let results = try await connection.pipeline([
                try PostgresStatement(forget, looked, high.map(\.key)),
                try PostgresStatement(note, high.map(\.key), high.map(\.rule)),
                try PostgresStatement(
                    open,
                    high.map(\.key),
                    high.map(\.rule),
                    high.map(\.value),
                    high.map { StorableText.error($0.title) }
                ),
                try PostgresStatement(resolve, looked, high.map(\.key)),
            ])
            return (results[2].count, results[3].count)
        }
    }

    private static let forget = """
        DELETE FROM alert_pending WHERE rule = ANY ($1::text[]) AND NOT key = ANY ($2::text[])
        """

    private static let note = """
        INSERT INTO alert_pending (key, rule)
        SELECT o.key, o.rule FROM unnest($1::text[], $2::text[]) AS o (key, rule) ORDER BY 1
        ON CONFLICT (key) DO NOTHING
        """

    /// Opens what has been too high for long enough, and brings the values of what is open up to date.
    private static let open = """
        WITH ripe AS (
            SELECT o.*, r.severity, r.channels, p.since
            FROM unnest($1::text[], $2::text[], $3::float8[], $4::text[]) AS o (key, rule, value, title)
            JOIN alert_rules r ON r.name = o.rule JOIN alert_pending p ON p.key = o.key
            WHERE p.since <= now() - make_interval(secs => r.for_seconds)
        ), opened AS (
            INSERT INTO ops_alertas AS a (chave, severidade, titulo, detalhes)
            SELECT key, severity, title, jsonb_build_object('rule', rule, 'value', value, 'since', since)
            FROM ripe ORDER BY key
            ON CONFLICT (chave) WHERE resolvido_em IS NULL
                DO UPDATE SET titulo = excluded.titulo, detalhes = a.detalhes || excluded.detalhes
                WHERE a.titulo <> excluded.titulo
            RETURNING a.id, a.chave, xmax = 0 AS is_new
        ), told AS (
            INSERT INTO alert_events (alert_id, key, kind, details)
            SELECT o.id, o.chave, 'opened', jsonb_build_object('value', r.value, 'title', r.title)
            FROM opened o JOIN ripe r ON r.key = o.chave WHERE o.is_new
        ), queued AS (
            INSERT INTO alert_deliveries (alert_id, channel, event)
            SELECT DISTINCT o.id, c, 'opened' FROM opened o JOIN ripe r ON r.key = o.chave CROSS JOIN unnest(r.channels) c
            WHERE o.is_new
        )
        SELECT id FROM opened WHERE is_new
        """

    /// Resolves what is no longer found.
    ///
    /// Who was not told of its beginning is not told of its end either.
    private static let resolve = """
        WITH resolved AS (
            UPDATE ops_alertas SET resolvido_em = greatest(now(), aberto_em)
            WHERE resolvido_em IS NULL AND detalhes ->> 'rule' = ANY ($1::text[]) AND NOT chave = ANY ($2::text[])
            RETURNING id, chave
        ), told AS (
            INSERT INTO alert_events (alert_id, key, kind) SELECT id, chave, 'resolved' FROM resolved
        ), withdrawn AS (
            UPDATE alert_deliveries d SET gave_up_at = now(), last_error = 'resolved before it was told'
            FROM resolved r WHERE d.alert_id = r.id AND d.delivered_at IS NULL AND d.gave_up_at IS NULL
        ), queued AS (
            INSERT INTO alert_deliveries (alert_id, channel, event)
            SELECT d.alert_id, d.channel, 'resolved' FROM alert_deliveries d JOIN resolved r ON r.id = d.alert_id
            WHERE d.event = 'opened' AND d.delivered_at IS NOT NULL
            ON CONFLICT DO NOTHING
        )
        SELECT id FROM resolved
        """
}

extension MaintenanceDuty {
    /// Looks for what is wrong, and opens and resolves alerts, as the leader.
    ///
    /// Hand them to ``JobMaintenance``, and run an ``AlertService`` in every process, which tells people.
    ///
    /// - Parameter looks: where to look.
    /// - Returns: a duty for each look.
    public static func alerts(_ looks: [AlertLook]) -> [MaintenanceDuty] {
        looks.map { look in
            MaintenanceDuty("alerts: \(look.name)", every: look.interval, timeout: .seconds(60)) { connection, term in
                let found = try await look.look(connection)
                try await AlertBook.judge(found, for: look.rules, as: term, on: connection)
            }
        }
    }
}
