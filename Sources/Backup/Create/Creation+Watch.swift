import Postgres

extension Creation {
    /// Does the work while others are watched who wait for it.
    ///
    /// - Parameters:
    ///   - watcher: a connection that nobody else uses.
    ///   - sessions: those that hold locks.
    ///   - progress: is told what they hold back.
    ///   - work: the work, which is cancelled when somebody has waited for too long, or when it takes too long.
    /// - Returns: what the work returns.
    /// - Throws: what the work throws; ``BackupError`` with code `given-up`.
    func watched(
        by watcher: PostgresConnection,
        holding sessions: [PostgresConnection],
        _ progress: CreationProgress,
        _ work: @escaping @Sendable () async throws -> Snapshot
    ) async throws -> Snapshot {
        let start = ContinuousClock.now
        return try await withThrowingTaskGroup(of: Snapshot?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await watch(with: watcher, pids: sessions.map(\.backendPID), since: start, progress)
                return nil
            }
            defer { group.cancelAll() }
            // The watch ends only with an error, or when it is cancelled.
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private func watch(
        with watcher: PostgresConnection,
        pids: [Int],
        since start: ContinuousClock.Instant,
        _ progress: CreationProgress
    ) async throws {
        var waiting: [Int: ContinuousClock.Instant] = [:]
        while true {
            if let limit = maximumDuration, ContinuousClock.now - start > limit {
                throw BackupError.tookTooLong(limit)
            }
            let age = try await watcher.query(Self.horizonQuery(for: pids)).single[0].text
            progress.setHorizonAge(age.flatMap { Int($0) })
            let rows = try await watcher.query(Self.waitersQuery(for: pids))
            let found = try rows.map { try $0.decode(Int.self, String.self, String.self) }
            waiting = waiting.filter { pid, _ in found.contains { $0.0 == pid } }
            for (pid, user, program) in found {
                if let since = waiting[pid] {
                    if let limit = patienceOfOthers, ContinuousClock.now - since > limit {
                        throw BackupError.inTheWay(of: pid, user: user, limit: limit)
                    }
                } else {
                    waiting[pid] = .now
                    let name = program.isEmpty ? "" : " (\(program))"
                    note("session \(pid) of \(user)\(name) waits for a table until the backup is done")
                }
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// How many transactions began since the oldest that our sessions still look back to; null before there is a snapshot.
    private static func horizonQuery(for pids: [Int]) -> String {
        let list = pids.map(String.init).joined(separator: ", ")
        return "SELECT max(age(backend_xmin)) FROM pg_stat_activity WHERE pid IN (\(list))"
    }

    /// Those who wait for one of our sessions.
    ///
    /// What they run is left out: it may hold anything.
    private static func waitersQuery(for pids: [Int]) -> String {
        let list = pids.map(String.init).joined(separator: ", ")
        return """
            SELECT a.pid, coalesce(a.usename::text, ''), coalesce(a.application_name, '')
            FROM pg_stat_activity a
            WHERE a.wait_event_type = 'Lock' AND a.datname = current_database() AND a.pid NOT IN (\(list))
                AND pg_blocking_pids(a.pid) && ARRAY[\(list)]
            """
    }
}
