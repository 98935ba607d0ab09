import Postgres
import SQLSyntax
import Synchronization

/// Looks, while a migration runs for long, at who blocks it and how far it is; on the connection of the run lock.
///
/// The lock's own transaction is READ COMMITTED, so a look has a snapshot for a moment only.
final class RunWatch: Sendable {
    private struct Work {
        let step: MigrationStep
        let marker: RunMarker
        let since: ContinuousClock.Instant
        var blockers: [Blocker] = []
        var lastTableWait: ContinuousClock.Instant?
    }

    private let work = Mutex<Work?>(nil)

    /// Notes what runs now.
    func begin(_ step: MigrationStep, marker: RunMarker) {
        work.withLock { $0 = Work(step: step, marker: marker, since: .now) }
    }

    /// Notes that it ended.
    ///
    /// - Returns: who was last seen to block it.
    @discardableResult
    func end() -> [Blocker] {
        work.withLock { work in
            defer { work = nil }
            return work?.blockers ?? []
        }
    }

    /// Who blocks what runs now, as of the last look.
    var blockers: [Blocker] { work.withLock { $0?.blockers ?? [] } }

    /// When what runs now was last seen to wait for a strong lock on a table; nil if it was not.
    var lastTableWait: ContinuousClock.Instant? { work.withLock { $0?.lastTableWait } }

    /// Looks again and again until the task is cancelled.
    func follow(on lock: RunLock, emit: MigrationRun.Emit) async {
        var lastSign = ContinuousClock.now
        while !Task.isCancelled {
            // Cancelled while it sleeps: the loop ends.
            try? await Task.sleep(for: .milliseconds(300))
            guard let current = work.withLock({ $0 }), current.since.duration(to: .now) > .milliseconds(600) else {
                // A pooler may end transactions that are idle (`idle_transaction_timeout`), and the lock's is.
                if lastSign.duration(to: .now) > .milliseconds(500), !Task.isCancelled {
                    try? await lock.connection.giveSignOfLife()  // whoever works sees that the lock is lost
                    lastSign = .now
                }
                continue
            }
            let start = ContinuousClock.now
            lastSign = start
            // A look that failed says nothing.
            guard let sight = try? await lock.look(at: current.marker) else { continue }
            let isCurrent = work.withLock { work in
                guard work?.since == current.since else { return false }
                work?.blockers = sight.blockers
                if sight.waitsForTable { work?.lastTableWait = start }
                return true
            }
            guard isCurrent, !Task.isCancelled else { continue }
            emit(
                .working(
                    current.step,
                    WorkProgress(
                        elapsed: current.since.duration(to: .now),
                        blockers: sight.blockers,
                        phase: sight.phase,
                        percent: sight.percent
                    )
                )
            )
        }
    }
}

/// How a migration gets on that runs for long.
public struct WorkProgress: Hashable, Sendable {
    /// How long it has been running.
    public let elapsed: Duration
    /// Who holds what it waits for; empty while it works.
    public let blockers: [Blocker]
    /// What an index build is doing, in the server's words.
    public let phase: String?
    /// How much of that phase is done, in percent.
    public let percent: Int?
}

extension RunLock {
    /// What is seen of a running statement.
    struct Sight {
        let blockers: [Blocker]
        let phase: String?
        let percent: Int?
        /// Whether it waits for a strong lock on a table.
        let waitsForTable: Bool
    }

    /// Looks at the sessions that run what bears a marker.
    func look(at marker: RunMarker) async throws -> Sight {
        let pattern = StringLiteral.quote(marker.patternOfRun)
        // As simple queries: the portal of an extended one stays open until the transaction's end, with its snapshot, and
        // CREATE INDEX CONCURRENTLY would wait for it. Within a transaction the server shows the same picture again unless it
        // is told to forget it.
        var results = try await connection.script(
            """
            SELECT pg_catalog.pg_stat_clear_snapshot();
            SELECT DISTINCT \(Blocker.columns(pid: "b.pid"))
            FROM pg_catalog.pg_stat_activity ours, unnest(pg_catalog.pg_blocking_pids(ours.pid)) AS b (pid)
                LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
            WHERE ours.query LIKE \(pattern) AND ours.state = 'active' AND ours.pid <> pg_catalog.pg_backend_pid();
            SELECT p.phase, (100.0 * greatest(p.blocks_done, p.tuples_done)
                / nullif(CASE WHEN p.blocks_done > p.tuples_done THEN p.blocks_total ELSE p.tuples_total END, 0))::int
            FROM pg_catalog.pg_stat_activity ours JOIN pg_catalog.pg_stat_progress_create_index p USING (pid)
            WHERE ours.query LIKE \(pattern);
            SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity ours JOIN pg_catalog.pg_locks l USING (pid)
                WHERE ours.query LIKE \(pattern) AND l.locktype = 'relation' AND NOT l.granted
                AND l.mode IN ('ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'));
            SELECT pg_catalog.pg_backend_pid()
            """
        )
        let own = try results.removeLast().single.decode(Int.self)
        let seen = try Blocker.read(results[1])
        if seen.contains(where: { $0.pid == own }) { try await renew() }
        let blockers = seen.filter { $0.pid != own }
        let progress = try results[2].decode(as: (String?, Int?).self)
        return Sight(
            blockers: blockers,
            phase: progress.first?.0,
            percent: progress.first?.1.map { min($0, 100) },
            waitsForTable: try results[3].single.decode(Bool.self)
        )
    }
}
