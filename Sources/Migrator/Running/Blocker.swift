import Postgres

/// A session that holds a lock which a migration waits for.
public struct Blocker: Hashable, Sendable, CustomStringConvertible {
    /// The server process; 0 for a prepared transaction.
    public let pid: Int
    /// What the client calls itself.
    public let applicationName: String
    /// The role.
    public let user: String
    /// What the session is doing: active, idle in transaction and so on.
    public let state: String
    /// How long its transaction has been open.
    public let transactionAge: Duration?
    /// Its last statement, on one line, cut after 120 characters, or where it speaks of a password.
    public let query: String

    /// The session in words: `process 4711 (psql, idle in transaction for 12 s): ALTER TABLE …`.
    public var description: String {
        guard pid != 0 else { return "a prepared transaction" }
        let age = transactionAge.map { " for \($0.components.seconds) s" } ?? ""
        let words = [applicationName.isEmpty ? user : applicationName, state + age].filter { !$0.isEmpty }
        return "process \(pid) (\(words.joined(separator: ", ")))" + (query.isEmpty ? "" : ": \(query)")
    }
}

extension Blocker {
    /// The columns of `pg_stat_activity` as `a` that describe a session.
    ///
    /// - Parameter pid: the expression for its server process, which may have no row there.
    /// - Returns: a list for SELECT, to be read with ``read(_:)``.
    static func columns(pid: String = "a.pid") -> String {
        """
        \(pid), coalesce(a.application_name, ''), coalesce(a.usename::text, ''), coalesce(a.state, ''),
            (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::bigint,
            left(regexp_replace(regexp_replace(coalesce(a.query, ''), '\\s+', ' ', 'g'), '(passwo?r?d).*', '\\1 …', 'i'), 120)
        """
    }

    /// Reads sessions from rows with these columns.
    static func read(_ rows: PostgresRows) throws -> [Blocker] {
        try rows.decode(as: (Int, String, String, String, Int?, String).self)
            .map { pid, application, user, state, age, query in
                Blocker(
                    pid: pid,
                    applicationName: application,
                    user: user,
                    state: state,
                    transactionAge: age.map { .milliseconds($0) },
                    query: query
                )
            }
    }

    /// The sessions that hold what a server process waits for.
    static func blocking(_ pid: Int, on connection: PostgresConnection) async throws -> [Blocker] {
        try read(
            try await connection.query(
                """
                SELECT DISTINCT \(columns(pid: "b.pid")) FROM unnest(pg_catalog.pg_blocking_pids($1::int)) AS b (pid)
                    LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
                """,
                pid
            )
        )
    }
}
