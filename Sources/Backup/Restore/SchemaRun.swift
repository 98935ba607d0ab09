import Postgres

/// Makes the objects of a schema: in order, and side by side where that takes long.
struct SchemaRun: Sendable {
    let settings: ConnectionSettings
    let jobs: Int
    /// Whether what cannot be made is left out.
    let leavesOut: Bool

    /// What holds in every session that makes objects.
    static let sessionSettings = """
        SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;
        SET standard_conforming_strings = on; SET search_path = ''; SET check_function_bodies = off;
        SET xmloption = content; SET client_min_messages = warning; SET row_security = off;
        SET synchronous_commit = off; SET default_transaction_isolation = 'read committed'; SET jit = off;
        SELECT pg_catalog.set_config('maintenance_work_mem', '256MB', false)
            WHERE pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')) < 256 * 1024 * 1024
        """

    /// Makes objects one after the other.
    func inOrder(_ entries: [SchemaEntry]) async throws {
        guard !entries.isEmpty else { return }
        try await withPostgresConnection(to: settings) { connection in
            try await connection.script(Self.sessionSettings)
            for start in stride(from: 0, to: entries.count, by: 50) {
                try await make(entries[start..<min(start + 50, entries.count)], on: connection)
            }
        }
    }

    /// Makes objects in one transaction; if that fails, one by one, so that it is known which one cannot be made.
    private func make(_ entries: ArraySlice<SchemaEntry>, on connection: PostgresConnection) async throws {
        let isDone = try await succeeds {
            try await connection.script(entries.map(\.script).joined(separator: "\n"))
        }
        if isDone { return }
        for entry in entries { try await make(entry, on: connection) }
    }

    private func succeeds(_ body: () async throws -> Void) async throws -> Bool {
        do {
            try await body()
            return true
        } catch let error as PostgresError where error.code == .server {
            return false
        }
    }

    /// Makes what comes behind the data: keys and indexes of large tables first, foreign keys when all else stands.
    ///
    /// - Parameters:
    ///   - entries: the objects, in the order of the archive.
    ///   - sizes: how many bytes the tables have, by the archive's numbers.
    /// - Throws: ``BackupError`` if an object cannot be made.
    func behindData(_ entries: [SchemaEntry], sizes: [Int: Int]) async throws {
        let plan = Self.plan(entries)
        try await sideBySide(plan.indexes, sizes: sizes)
        try await inOrder(plan.middle)
        try await sideBySide(plan.foreignKeys, sizes: sizes)
        try await inOrder(plan.rest)
    }

    /// What can be made when.
    struct Plan {
        var indexes: [SchemaEntry] = []
        var middle: [SchemaEntry] = []
        var foreignKeys: [SchemaEntry] = []
        var rest: [SchemaEntry] = []
    }

    static func plan(_ entries: [SchemaEntry]) -> Plan {
        var plan = Plan()
        // An index of a partition may need nothing but its parent's, which costs nothing: then it waits for that.
        let others = Set(entries.filter { !["INDEX", "CONSTRAINT"].contains($0.kind) }.map(\.id))
        var late: Set<Int> = others
        var remaining: [SchemaEntry] = []
        for entry in entries {
            if !others.contains(entry.id), entry.dependencies.isDisjoint(with: late) {
                plan.indexes.append(entry)
            } else {
                late.insert(entry.id)
                remaining.append(entry)
            }
        }
        let firstKey = remaining.firstIndex { $0.kind == "FK CONSTRAINT" } ?? remaining.endIndex
        plan.middle = Array(remaining[..<firstKey])
        var behind: Set<Int> = Set(remaining[firstKey...].filter { $0.kind != "FK CONSTRAINT" }.map(\.id))
        for entry in remaining[firstKey...] {
            if entry.kind == "FK CONSTRAINT", entry.dependencies.isDisjoint(with: behind) {
                plan.foreignKeys.append(entry)
            } else {
                behind.insert(entry.id)
                plan.rest.append(entry)
            }
        }
        return plan
    }

    private func sideBySide(_ entries: [SchemaEntry], sizes: [Int: Int]) async throws {
        guard entries.count > 1, jobs > 1 else { return try await inOrder(entries) }
        let schedule = SchemaSchedule(entries, sizes: sizes)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<min(jobs, entries.count) {
                group.addTask {
                    try await withPostgresConnection(to: settings) { connection in
                        try await connection.script(Self.sessionSettings)
                        while let entry = try await schedule.next() {
                            try await make(entry, on: connection)
                            await schedule.end(entry)
                        }
                    }
                }
            }
            do {
                try await group.waitForAll()
            } catch {
                // Others may wait for what nobody will make.
                await schedule.stop()
                throw error
            }
        }
    }

    func make(_ entry: SchemaEntry, on connection: PostgresConnection) async throws {
        do {
            try await connection.script(entry.script)
        } catch let error as PostgresError where error.code == .server {
            if leavesOut, error.isOutcomeOfDrill { return }
            throw BackupError.refused(entry.title, error)
        }
    }
}

/// Hands out objects that are made side by side: those of large tables first, and none whose tables somebody works on.
private actor SchemaSchedule {
    private var waiting: [SchemaEntry]
    private var unmade: Set<Int>
    /// How many work on a table, and how many lock it against all others.
    private var busy: [Int: Int] = [:]
    private var exclusive: [Int: Int] = [:]
    private var isStopped = false
    private var sleepers: [CheckedContinuation<Void, Never>] = []

    init(_ entries: [SchemaEntry], sizes: [Int: Int]) {
        func size(_ entry: SchemaEntry) -> Int { entry.dependencies.map { sizes[$0] ?? 0 }.max() ?? 0 }
        // The sort is stable only by the place as well.
        waiting = entries.enumerated().sorted { (size($1.element), $0.offset) < (size($0.element), $1.offset) }
            .map(\.element)
        unmade = Set(entries.map(\.id))
    }

    /// The next object; nil when nothing is left.
    func next() async throws -> SchemaEntry? {
        while !isStopped, !waiting.isEmpty {
            let ready = waiting.firstIndex { entry in
                entry.dependencies.isDisjoint(with: unmade) && isFree(entry)
            }
            if let ready {
                let entry = waiting.remove(at: ready)
                count(entry, 1)
                return entry
            }
            await withCheckedContinuation { sleepers.append($0) }
            try Task.checkCancellation()
        }
        return nil
    }

    func end(_ entry: SchemaEntry) {
        unmade.remove(entry.id)
        count(entry, -1)
        wake()
    }

    func stop() {
        isStopped = true
        wake()
    }

    private func wake() {
        for sleeper in sleepers { sleeper.resume() }
        sleepers = []
    }

    /// Whether nobody works on a table that it would lock against others; indexes of one table are made at once.
    private func isFree(_ entry: SchemaEntry) -> Bool {
        !entry.dependencies.contains { (entry.kind == "INDEX" ? exclusive : busy)[$0] ?? 0 > 0 }
    }

    private func count(_ entry: SchemaEntry, _ change: Int) {
        for table in entry.dependencies {
            busy[table, default: 0] += change
            if entry.kind != "INDEX" { exclusive[table, default: 0] += change }
        }
    }
}
