import Postgres
import SQLSyntax

extension RunLock {
    /// Looks at what is in the way of locks, on the lock's own connection, in one round trip.
    ///
    /// What the role may not see is left out. The tables are found in the catalog and never opened: a look waits for
    /// nobody. Should it fail all the same, the savepoint keeps the run's lock from being lost with it.
    ///
    /// - Parameters:
    ///   - demands: the locks.
    ///   - schema: where names without one are looked for before the search path.
    ///   - marker: what tells the run's own sessions.
    ///   - worker: the server process of the run's connection.
    /// - Returns: what is in the way.
    /// - Throws: `PostgresError`.
    func outlook(
        on demands: [LockDemand],
        in schema: String?,
        marker: RunMarker,
        worker: Int
    ) async throws -> LockOutlook {
        let query = OutlookQuery(demands: demands, schema: schema, marker: marker, worker: worker)
        do {
            // Simple queries, as with every look on this connection: no portal stays behind with a snapshot.
            let results = try await connection.script(
                """
                SAVEPOINT lastro_look; SELECT pg_catalog.pg_stat_clear_snapshot(); \(query.tables); \(query.transactions); \
                \(query.vacuums); \(query.standbys); RELEASE SAVEPOINT lastro_look
                """
            )
            return try query.read(results)
        } catch let error as PostgresError where error.code == .server {
            try await connection.script("ROLLBACK TO SAVEPOINT lastro_look; RELEASE SAVEPOINT lastro_look")
            throw error
        }
    }
}

/// The queries of a look, and the reading of their rows.
private struct OutlookQuery {
    let demands: [LockDemand]
    let schema: String?
    let marker: RunMarker
    let worker: Int

    /// From so many rows on a table counts as one in use.
    private static let manyRows = 5000

    /// The tables that are there, by the number of their demand; an index stands for its table.
    private var found: String {
        let values = demands.enumerated().map { number, demand in
            let schema = demand.relation.schema.map(StringLiteral.quote) ?? "NULL::text"
            return "(\(number), \(schema), \(StringLiteral.quote(demand.relation.name)))"
        }
        let first = schema.map(StringLiteral.quote) ?? "NULL::text"
        return """
            asked (number, schema, name) AS (VALUES \(values.joined(separator: ", "))),
            found AS MATERIALIZED (
                SELECT DISTINCT ON (asked.number) asked.number, coalesce(i.indrelid, c.oid) AS oid
                FROM asked JOIN pg_catalog.pg_class c ON c.relname = asked.name
                    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
                WHERE n.nspname = asked.schema
                    OR asked.schema IS NULL AND (n.nspname = \(first) OR pg_catalog.pg_table_is_visible(c.oid))
                ORDER BY asked.number, n.nspname = \(first) DESC),
            locked AS MATERIALIZED (
                SELECT found.number, found.oid, coalesce(l.pid, 0) AS pid, l.mode
                FROM found JOIN pg_catalog.pg_locks l ON l.relation = found.oid
                WHERE l.locktype = 'relation' AND l.granted AND l.database = (
                    SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
                    AND coalesce(l.pid, 0) NOT IN (\(ours)))
            """
    }

    /// The sessions of the run itself.
    private var ours: String {
        """
        SELECT pg_catalog.pg_backend_pid() UNION ALL SELECT \(worker) UNION ALL
        SELECT pid FROM pg_catalog.pg_stat_activity WHERE query LIKE \(StringLiteral.quote(marker.patternOfRun))
        """
    }

    var tables: String {
        """
        WITH \(found)
        SELECT found.number, pg_catalog.format('%I.%I', n.nspname, c.relname),
            greatest(c.reltuples::bigint, pg_catalog.pg_stat_get_live_tuples(c.oid), 0),
            EXISTS (SELECT FROM locked WHERE locked.oid = c.oid)
        FROM found JOIN pg_catalog.pg_class c ON c.oid = found.oid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ORDER BY 1
        """
    }

    /// Those with a lock on one of the tables, and those that have been open for long and hold something.
    var transactions: String {
        """
        WITH \(found), held AS (
            SELECT pid, pg_catalog.array_agg(DISTINCT number) FILTER (WHERE number IS NOT NULL) AS numbers FROM (
                SELECT pid, number FROM locked
                UNION ALL
                SELECT pid, NULL FROM pg_catalog.pg_stat_activity
                WHERE datname = pg_catalog.current_database()
                    AND xact_start < pg_catalog.clock_timestamp() - interval '10 s'
                    AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)
                    AND pid NOT IN (\(ours))) AS seen GROUP BY pid)
        SELECT \(Blocker.columns(pid: "held.pid")), held.numbers
        FROM held LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = held.pid
        WHERE a.backend_type IS DISTINCT FROM 'autovacuum worker'
        ORDER BY a.xact_start NULLS LAST, held.pid LIMIT 5
        """
    }

    /// Those that say so, and where the role may not read what they say, those on a table that is due.
    var vacuums: String {
        """
        WITH \(found)
        SELECT locked.number, locked.pid,
            (extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint
        FROM locked JOIN pg_catalog.pg_class c ON c.oid = locked.oid
            JOIN pg_catalog.pg_stat_activity a ON a.pid = locked.pid
        WHERE locked.mode = 'ShareUpdateExclusiveLock' AND (
            a.query LIKE 'autovacuum:%(to prevent wraparound)'
            OR a.backend_type IS NULL AND pg_catalog.age(c.relfrozenxid)
                > pg_catalog.current_setting('autovacuum_freeze_max_age')::int)
        ORDER BY 1, 2
        """
    }

    var standbys: String {
        """
        WITH standbys AS (
            SELECT application_name, replay_lag, CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN
                pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replay_lsn)::bigint END AS bytes
            FROM pg_catalog.pg_stat_replication)
        SELECT application_name, (extract(epoch FROM replay_lag) * 1000)::bigint, bytes FROM standbys
        WHERE replay_lag > interval '1 s' OR bytes > 16 * 1024 * 1024 ORDER BY bytes DESC NULLS LAST LIMIT 5
        """
    }

    func read(_ results: [PostgresRows]) throws -> LockOutlook {
        var names: [Int: String] = [:]
        var tables: [LockOutlook.Table] = []
        for (number, name, rows, isLocked) in try results[2].decode(as: (Int, String, Int, Bool).self) {
            names[number] = name
            guard isLocked || rows >= Self.manyRows, demands.indices.contains(number) else { continue }
            tables.append(LockOutlook.Table(name: name, lock: demands[number].lock, estimatedRows: rows))
        }
        let vacuums = try results[4].decode(as: (Int, Int, Int?).self).map { number, pid, age in
            LockOutlook.Vacuum(pid: pid, table: names[number] ?? "", elapsed: age.map { .milliseconds($0) })
        }
        let transactions = try results[3].map { row in
            let (pid, application, user, state, age, query, numbers) = try row.decode(
                Int.self,
                String.self,
                String.self,
                String.self,
                Int?.self,
                String.self,
                [Int]?.self
            )
            return LockOutlook.Transaction(
                session: Blocker(
                    pid: pid,
                    applicationName: application,
                    user: user,
                    state: state,
                    transactionAge: age.map { .milliseconds($0) },
                    query: query
                ),
                tables: (numbers ?? []).compactMap { names[$0] }
            )
        }
        let standbys = try results[5].decode(as: (String, Int?, Int?).self).map { name, lag, bytes in
            LockOutlook.Standby(name: name, replayLag: lag.map { .milliseconds($0) }, bytesBehind: bytes)
        }
        return LockOutlook(
            tables: tables,
            transactions: transactions.filter { seen in !vacuums.contains { $0.pid == seen.session.pid } },
            vacuums: vacuums,
            standbys: standbys
        )
    }
}
