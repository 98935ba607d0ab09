public import Foundation
public import Postgres

/// What people do about alerts; everything leaves a row in `alert_events`.
public struct AlertDesk: Sendable {
    private let pool: PostgresPool

    /// Makes a desk over a pool of connections.
    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Keeps alerts from being told for a while; they open and resolve all the same.
    ///
    /// - Parameters:
    ///   - pattern: a key, in which `*` stands for anything: `oldest-age/*`.
    ///   - duration: for how long.
    ///   - reason: why.
    ///   - actor: who wants it.
    /// - Returns: the silence's id.
    /// - Throws: ``PostgresError``, also for a pattern with a backslash, or an empty one.
    @discardableResult
    public func silence(
        _ pattern: String,
        for duration: Duration,
        because reason: String,
        by actor: String
    ) async throws -> String {
        try await pool.withConnection { connection in
            try await connection.query(
                """
                WITH s AS (
                    INSERT INTO alert_silences (pattern, reason, actor, ends_at)
                    VALUES ($1, $2, $3, now() + make_interval(secs => $4)) RETURNING *
                ), e AS (
                    INSERT INTO alert_events (key, kind, actor, details)
                    SELECT pattern, 'silenced', actor, jsonb_build_object('until', ends_at, 'reason', reason, 'silence', id)
                    FROM s
                )
                SELECT id FROM s
                """,
                pattern,
                reason,
                actor,
                duration.storableSeconds
            ).single.decode(String.self)
        }
    }

    /// Ends a silence.
    ///
    /// - Returns: whether it was not over yet.
    @discardableResult
    public func endSilence(_ id: String, by actor: String) async throws -> Bool {
        try await pool.withConnection { connection in
            try await connection.query(
                """
                WITH s AS (
                    UPDATE alert_silences SET ends_at = greatest(now(), starts_at)
                    WHERE id = $1::uuid AND ends_at > now() RETURNING *
                ), e AS (
                    INSERT INTO alert_events (key, kind, actor, details)
                    SELECT pattern, 'silence-ended', $2, jsonb_build_object('silence', id) FROM s
                )
                SELECT id FROM s
                """,
                id,
                actor
            ).count == 1
        }
    }

    /// Notes that somebody looks after an open alert.
    ///
    /// - Parameters:
    ///   - id: the alert.
    ///   - actor: who, in words.
    ///   - user: the user's id, if they are one.
    /// - Returns: whether the alert is open.
    /// - Throws: ``PostgresError``.
    @discardableResult
    public func acknowledge(_ id: String, by actor: String, user: UUID? = nil) async throws -> Bool {
        try await pool.withConnection { connection in
            try await connection.query(
                """
                WITH a AS (
                    UPDATE ops_alertas SET reconhecido_por = coalesce($3::uuid, reconhecido_por),
                        detalhes = detalhes || jsonb_build_object('acknowledged_by', $2::text)
                    WHERE id = $1::uuid AND resolvido_em IS NULL RETURNING id, chave
                ), e AS (
                    INSERT INTO alert_events (alert_id, key, kind, actor) SELECT id, chave, 'acknowledged', $2 FROM a
                )
                SELECT id FROM a
                """,
                id,
                actor,
                user
            ).count == 1
        }
    }

    /// The rules as they stand, by name.
    public func rules() async throws -> [AlertRule] {
        try await pool.withConnection { connection in
            try await AlertRule.all(on: connection).values.sorted { $0.name < $1.name }
        }
    }

    /// Changes a rule by hand; from then on the code's own values are left aside.
    ///
    /// - Returns: whether there is a rule of that name.
    @discardableResult
    public func change(_ rule: AlertRule, by actor: String) async throws -> Bool {
        try await pool.withConnection { connection in
            try await connection.query(
                """
                WITH old AS (SELECT name, to_jsonb(a) AS rule FROM alert_rules a WHERE name = $1 FOR UPDATE), r AS (
                    UPDATE alert_rules a SET severity = $2::text::alerta_severidade, threshold = $3, for_seconds = $4,
                        channels = $5, enabled = $6, changed_by = $7, changed_at = now()
                    FROM old WHERE a.name = old.name RETURNING a.name, old.rule AS before, to_jsonb(a) AS after
                ), e AS (
                    INSERT INTO alert_events (key, kind, actor, details)
                    SELECT name, 'rule-changed', $7, jsonb_build_object('before', before, 'after', after) FROM r
                )
                SELECT name FROM r
                """,
                rule.name,
                rule.severity.rawValue,
                rule.threshold,
                rule.duration / .seconds(1),
                rule.channels,
                rule.isEnabled,
                actor
            ).count == 1
        }
    }
}
