import Postgres

/// The sessions that read one snapshot: a leader that took it, and workers that share it.
struct SnapshotSessions: Sendable {
    let leader: PostgresConnection
    let workers: [PostgresConnection]
    let tables: [SourceTable]
    /// The tables that the workers have locked as well, by their numbers.
    private let workersTables: Set<Int>
    /// The snapshot's name, which other programs can share while the leader lives.
    let name: String

    /// What holds in every session, whatever role and database have set.
    static let settings = """
        SET search_path = ''; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 3;
        SET TimeZone = 'UTC'; SET row_security = off; SET synchronize_seqscans = off; SET xmloption = 'content';
        SET default_transaction_isolation = 'repeatable read'; SET jit = off; SET quote_all_identifiers = off;
        SET bytea_output = 'hex'; \(SessionTimeouts.lifted);
        """

    /// Takes a snapshot in which no table changes any more: tables are locked first, by all sessions, then it is taken.
    ///
    /// - Parameters:
    ///   - leader: an open connection.
    ///   - workers: open connections.
    ///   - lockTimeout: how long a table is waited for.
    ///   - willLock: is called before a session takes its locks.
    /// - Returns: the sessions, all of them in a transaction.
    /// - Throws: ``BackupError`` with code `schema-changed` if a table changed meanwhile: then it may be tried again.
    static func begin(
        leader: PostgresConnection,
        workers: [PostgresConnection],
        lockTimeout: Duration,
        willLock: @escaping @Sendable (PostgresConnection) async throws -> Void = { _ in }
    ) async throws -> SnapshotSessions {
        let tables = try await SourceTable.all(on: leader)
        let unreadable = tables.filter { !$0.isReadable }.map(\.quotedName)
        guard unreadable.isEmpty else { throw BackupError.unreadableTables(unreadable) }
        let shared = try await shared(tables, workers: workers.count, on: leader)
        let (leaderLocks, workerLocks) = (statements(locking: tables), statements(locking: shared))
        // LOCK takes no snapshot, so that ours is taken when nothing can change any more. The workers lock before it is
        // shared: behind somebody who waits for the leader, they would wait for ever.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in [leader] + workers {
                group.addTask {
                    try await willLock(connection)
                    let locks = connection === leader ? leaderLocks : workerLocks
                    try await lock(locks, on: connection, timeout: lockTimeout)
                }
            }
            try await group.waitForAll()
        }
        let name = try await leader.query("SELECT pg_export_snapshot()").single.decode(String.self)
        for worker in workers { try await worker.script("SET TRANSACTION SNAPSHOT '\(name)'") }
        let now = try await SourceTable.all(on: leader)
        guard now.count == tables.count, zip(now, tables).allSatisfy({ $0.isSame(as: $1) }) else {
            throw BackupError.schemaChanged()
        }
        return SnapshotSessions(
            leader: leader,
            workers: workers,
            tables: now,
            workersTables: Set(shared.map(\.oid)),
            name: name
        )
    }

    /// Whether a worker has nothing to wait for with a table.
    func isLockedByWorkers(_ table: SourceTable) -> Bool { workersTables.contains(table.oid) }

    var areAllLockedByWorkers: Bool { workersTables.count == tables.count }

    /// Ends the transactions.
    func end() async {
        for connection in [leader] + workers { await connection.rollBack() }
    }

    /// The tables that the workers lock: all, if the server has room for that, else those that several of them read.
    private static func shared(
        _ tables: [SourceTable],
        workers: Int,
        on connection: PostgresConnection
    ) async throws -> [SourceTable] {
        let limit = try await connection.query(
            """
            SELECT current_setting('max_locks_per_transaction')::integer
                * (current_setting('max_connections')::integer + current_setting('max_prepared_transactions')::integer)
            """
        ).single.decode(Int.self)
        // Others need some too; pg_dump locks the tables, and the catalogs that it reads with their indexes.
        let room = limit / 10 * 9 - 100
        guard tables.count <= room else { throw BackupError.tooManyTables(tables.count, limit: limit) }
        if tables.count * (workers + 2) <= room { return tables }
        let split = tables.filter { WorkUnit.parts(of: $0, index: 0, server: connection.serverVersion).count > 1 }
        // There is room for two who hold each lock (`max_locks_per_transaction` counts locked objects).
        return tables.count * 2 + split.count * workers <= room * 2 ? split : []
    }

    private static func lock(_ statements: [String], on connection: PostgresConnection, timeout: Duration) async throws
    {
        do {
            try await connection.script(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = \(timeout.milliseconds)"
            )
            for statement in statements { try await connection.script(statement) }
            try await connection.script("SET LOCAL lock_timeout = 0")
        } catch let error as PostgresError {
            // Dropped or renamed since it was listed, or in somebody's way: again from the beginning.
            guard let state = error.sqlState, [.undefinedTable, .lockNotAvailable].contains(state) else { throw error }
            throw BackupError.schemaChanged(error.message)
        }
    }

    /// In batches, so that no statement grows without limit.
    private static func statements(locking tables: [SourceTable]) -> [String] {
        stride(from: 0, to: tables.count, by: 200).map { start in
            let names = tables[start..<min(start + 200, tables.count)].map { "ONLY " + $0.quotedName }
            return "LOCK TABLE \(names.joined(separator: ", ")) IN ACCESS SHARE MODE"
        }
    }
}
