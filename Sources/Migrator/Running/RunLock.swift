import Postgres
import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Keeps other runners away from one history, on a connection of its own.
///
/// The lock is an advisory one of an idle READ COMMITTED transaction: behind a pooler in transaction mode the
/// transaction keeps its server connection, the lock ends with its holder, and since an idle READ COMMITTED transaction
/// has no snapshot, it never holds back CREATE INDEX CONCURRENTLY. It is tried, never waited for: a waiting statement
/// would have a snapshot.
struct RunLock: Sendable {
    let connection: PostgresConnection
    /// The advisory lock's key.
    let key: Int

    init(on connection: PostgresConnection, for table: HistoryTable) {
        self.connection = connection
        key = Self.key(of: table)
    }

    /// Takes the lock, however often it takes to try.
    ///
    /// - Parameters:
    ///   - patience: how long to try; nil for ever.
    ///   - onWait: is told once for each holder that is waited for.
    ///   - onPause: is called between tries.
    /// - Throws: ``MigratorError`` with code `lock-timeout`; `CancellationError`; ``PostgresError``.
    func acquire(
        waitingUpTo patience: Duration?,
        onWait: (LockHolder?) -> Void,
        onPause: () async throws -> Void = {}
    ) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        var pause = Duration.milliseconds(20)
        var lastHolder: LockHolder??
        while true {
            if try await isTaken() { return }
            let holder = try await holder()
            // Rolled back at once, so that a pooled server connection is free for others while this runner sleeps.
            try await connection.script("ROLLBACK")
            if lastHolder != .some(holder) {
                onWait(holder)
                lastHolder = .some(holder)
            }
            let waited = start.duration(to: clock.now)
            if let patience, waited >= patience { throw MigratorError.lockTimeout(holder, waited: waited) }
            try await clock.sleep(for: pause * Double.random(in: 0.75...1.25))
            pause = min(pause * 1.6, .milliseconds(500))
            try await onPause()
        }
    }

    /// Whether the connection that holds the lock still stands, as far as can be seen without asking the server.
    func isHeld() async -> Bool { await connection.isAlive() }

    /// Gives the lock back; a connection that was cut has done so already.
    func release() async {
        _ = try? await connection.script("COMMIT")  // closing it ends the lock just as well
    }

    /// Sees to it that the pooler, if there is one, has a second server connection for the work.
    ///
    /// - Returns: whether there is a pooler.
    /// - Throws: ``MigratorError`` with code `pool-too-small`, once the lock is given back.
    func checkPool(for connection: PostgresConnection, within patiences: [Duration]) async throws -> Bool {
        guard try await self.connection.isPooled() else { return false }
        let start = ContinuousClock.now
        let isInterrupted = Flag()
        // The statement waits in the pooler, where no cancel request finds it; giving the lock back lets it go.
        let release = Task {
            for patience in patiences {
                do {
                    try await Task.sleep(for: patience)
                } catch {
                    guard isInterrupted.isSet else { throw error }
                    break
                }
                // A pool that has more connections is busy, and its turn will come.
                if await !hasOtherSessions() { break }
            }
            // In a task of its own: this one is cancelled where the run was interrupted.
            await Task { await self.release() }.value
        }
        do {
            try await withTaskCancellationHandler {
                _ = try await connection.query("SELECT 1")
            } onCancel: {
                isInterrupted.set()
                release.cancel()
            }
        } catch {
            release.cancel()
            _ = await release.result
            let isUnserved = (error as? PostgresError)?.message.contains("query_wait_timeout") == true
            throw isUnserved ? MigratorError.poolTooSmall(waited: start.duration(to: .now)) : error
        }
        release.cancel()
        if case .success = await release.result { throw MigratorError.poolTooSmall(waited: start.duration(to: .now)) }
        return true
    }

    /// Whether the server has another session of this role on this database.
    private func hasOtherSessions() async -> Bool {
        let rows = try? await connection.script(  // a look that fails says nothing; the next one decides
            """
            SELECT pg_catalog.pg_stat_clear_snapshot(); SELECT count(*) > 0 FROM pg_catalog.pg_stat_activity
            WHERE datname = current_database() AND usename = session_user AND pid <> pg_catalog.pg_backend_pid()
            """
        )
        return (try? rows?.last?.single.decode(Bool.self)) ?? true
    }

    /// Puts a new transaction in the place of the lock's, without a moment in which somebody else could have the lock.
    ///
    /// CREATE INDEX CONCURRENTLY waits for the end of every transaction that has a snapshot at the moment when it looks: if
    /// that is the moment of a look of ours, it waits for the lock's transaction, which would wait for it.
    func renew() async throws {
        // In a task of its own, and one message: a pooler gives it one session, and nothing stops it halfway.
        try await Task {
            _ = try await connection.script(
                """
                SELECT pg_catalog.pg_advisory_lock(\(key)); COMMIT; \(beginning); \
                SELECT pg_catalog.pg_try_advisory_xact_lock(\(key)); SELECT pg_catalog.pg_advisory_unlock(\(key))
                """
            )
        }.value
    }

    private func isTaken() async throws -> Bool {
        let results = try await connection.script(
            "\(beginning); SELECT pg_catalog.pg_try_advisory_xact_lock(\(key))"
        )
        return try results.last?.single.decode(Bool.self) ?? false
    }

    private var beginning: String {
        // The role's default isolation may be another one, and newer servers end long transactions.
        let timeout = connection.serverVersion.major >= 17 ? "; SET LOCAL transaction_timeout = 0" : ""
        return "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 0\(timeout)"
    }

    private func holder() async throws -> LockHolder? {
        let rows = try await connection.query(
            """
            SELECT a.pid, a.application_name, (extract(epoch FROM a.xact_start) * 1000000)::bigint
            FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.pid <> pg_catalog.pg_backend_pid()
            AND ((l.classid::bigint << 32) | l.objid::bigint) = $1::bigint
            AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
            """,
            key
        ).decode(as: (Int, String?, Int?).self)
        return rows.first.map { pid, application, microseconds in
            LockHolder(
                pid: pid,
                applicationName: application ?? "",
                since: microseconds.map { Date(timeIntervalSince1970: Double($0) / 1_000_000) }
            )
        }
    }

    /// The advisory lock's key: a stable hash of a fixed text and the history's schema and table.
    static func key(of table: HistoryTable) -> Int {
        let text = "lastro run lock \(table.schema).\(table.name)"
        return Int(bitPattern: UInt(StableHash(text).value))
    }
}

/// Set once, from whatever thread a task is cancelled on.
private final class Flag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}

/// Who keeps other runners away.
public struct LockHolder: Hashable, Sendable, CustomStringConvertible {
    /// The server process.
    public let pid: Int
    /// What the client calls itself.
    public let applicationName: String
    /// Since when.
    public let since: Date?

    /// The holder in words: `process 4711 (lastro), since 2026-01-14T03:00:00Z`.
    public var description: String {
        let name = applicationName.isEmpty ? "" : " (\(applicationName))"
        return "process \(pid)\(name)" + (since.map { ", since \($0.formatted(.iso8601))" } ?? "")
    }
}
