import Postgres
import SQLSyntax

/// Makes the objects of a schema: in order, and side by side where that takes long.
struct SchemaRun: Sendable {
    let settings: ConnectionSettings
    let jobs: Int
    /// Whether what cannot be made is left out.
    let leavesOut: Bool

    /// The schemas that names are looked up in.
    var searchPath: [String] = []
    /// Knows what who restores may not make; nil if that ends the run.
    var refusals: Refusals?
    /// Is told which materialized views stay without rows; nil if each has to be filled.
    var noteUnfilled: (@Sendable (String) -> Void)?

    /// What every session that makes objects is told first.
    var script: String { Self.sessionSettings + "; " + Self.setting(ofSearchPath: searchPath) }

    static func setting(ofSearchPath schemas: [String]) -> String {
        let list = schemas.map { Identifier.quote($0) }.joined(separator: ", ")
        return "SET search_path = \(list.isEmpty ? "''" : list)"
    }

    /// What holds in every session that makes objects.
    static let sessionSettings = """
        \(SessionTimeouts.lifted);
        SET standard_conforming_strings = on; SET search_path = ''; SET check_function_bodies = off;
        SET xmloption = content; SET client_min_messages = warning; SET row_security = off;
        SET synchronous_commit = off; SET default_transaction_isolation = 'read committed'; SET jit = off;
        SELECT pg_catalog.set_config('maintenance_work_mem', '256MB', false)
            WHERE pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')) < 256 * 1024 * 1024
        """

    /// Lends a session that makes objects.
    func session<Result>(_ body: (PostgresConnection) async throws -> Result) async throws -> Result {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.script(script)
            return try await body(connection)
        }
    }

    /// Does something in a session that looks names up in the system's schema alone, as `create` did: names of objects are written without
    /// the schemas that they would be found in, and a function of the same name could be taken for the system's.
    func inSystemSchema(on connection: PostgresConnection, _ body: () async throws -> Void) async throws {
        guard !searchPath.isEmpty else { return try await body() }
        try await connection.script(Self.setting(ofSearchPath: []))
        try await body()
        try await connection.script(Self.setting(ofSearchPath: searchPath))
    }

    /// Makes objects one after the other.
    func inOrder(_ entries: [SchemaEntry]) async throws {
        guard !entries.isEmpty else { return }
        try await session { connection in
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

    /// Makes what comes behind the data, but for the indexes that it begins with: foreign keys when all else stands.
    ///
    /// - Parameters:
    ///   - plan: the objects.
    ///   - sizes: how many bytes the tables have, by the archive's numbers.
    /// - Throws: ``BackupError`` if an object cannot be made.
    func behindIndexes(_ plan: Plan, sizes: [Int: Int]) async throws {
        try await inOrder(plan.middle)
        try await sideBySide(plan.foreignKeys, sizes: sizes)
        try await inOrder(plan.rest)
    }

    /// What can be made when.
    struct Plan: Sendable {
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

    /// Makes objects as soon as what they need is there, those of large tables first.
    func sideBySide(_ entries: [SchemaEntry], sizes: [Int: Int]) async throws {
        guard entries.count > 1, jobs > 1 else { return try await inOrder(entries) }
        let tasks = entries.map { entry in
            RestoreTask(
                work: .make(entry),
                tables: entry.dependencies.sorted(),
                bytes: entry.dependencies.map { sizes[$0] ?? 0 }.max() ?? 0
            )
        }
        try await RestoreSchedule(tasks).run(sessions: min(jobs, tasks.count), to: settings, script) {
            if case .make(let entry) = $0.work { try await make(entry, on: $1) }
            return []
        }
    }

    /// Makes what comes before the data: tables that stand in a row in as many shares as there are sessions.
    func beforeData(_ entries: [SchemaEntry]) async throws {
        var rest = entries[...]
        while let first = rest.firstIndex(where: { Self.tableKinds.contains($0.kind) }) {
            let end = rest[first...].firstIndex { !Self.tableKinds.contains($0.kind) } ?? rest.endIndex
            try await inOrder(Array(rest[..<first]))
            let refused = try await inShares(Array(rest[first..<end]))
            // What nobody said that it needs something of another share.
            try await inOrder(refused)
            rest = rest[end...]
        }
        try await inOrder(Array(rest))
    }

    /// What is made together with tables.
    private static let tableKinds: Set = ["TABLE", "SEQUENCE", "SEQUENCE OWNED BY", "COMMENT"]

    /// Makes objects in shares, if none needs one of another share.
    ///
    /// - Returns: those that could not be made, in their order.
    private func inShares(_ entries: [SchemaEntry]) async throws -> [SchemaEntry] {
        let size = (entries.count + jobs - 1) / max(jobs, 1)
        let shares = stride(from: 0, to: entries.count, by: max(size, 1)).map { start in
            Array(entries[start..<min(start + size, entries.count)])
        }
        let all = Set(entries.map(\.id))
        let areApart = shares.allSatisfy { share in
            let others = all.subtracting(share.map(\.id))
            return share.allSatisfy { $0.dependencies.isDisjoint(with: others) }
        }
        guard jobs > 1, entries.count >= 40, areApart else { return entries }
        return try await withThrowingTaskGroup(of: (Int, [SchemaEntry]).self) { group in
            for (number, share) in shares.enumerated() {
                group.addTask { (number, try await refused(of: share)) }
            }
            var left = shares.map { _ in [SchemaEntry]() }
            for try await (number, some) in group { left[number] = some }
            return left.flatMap(\.self)
        }
    }

    /// Makes objects as far as that can be done.
    private func refused(of entries: [SchemaEntry]) async throws -> [SchemaEntry] {
        try await session { connection in
            var refused: [SchemaEntry] = []
            for start in stride(from: 0, to: entries.count, by: 50) {
                let some = Array(entries[start..<min(start + 50, entries.count)])
                let isDone = try await succeeds {
                    try await connection.script(some.map(\.script).joined(separator: "\n"))
                }
                if !isDone { refused += some }
            }
            return refused
        }
    }

    /// Finds out, before there are rows, which objects behind them may not be made: of kinds that need none.
    func tryOut(_ entries: [SchemaEntry]) async throws {
        let some = entries.filter { ["EVENT TRIGGER", "PUBLICATION", "SUBSCRIPTION"].contains($0.kind) }
        guard refusals != nil, !some.isEmpty else { return }
        try await session { connection in
            for entry in some {
                try await connection.script("BEGIN")
                // What it lacks else may be there when it is made.
                do { try await make(entry, on: connection) } catch is BackupError {}
                try await connection.script("ROLLBACK")
            }
        }
    }

    func make(_ entry: SchemaEntry, on connection: PostgresConnection) async throws {
        do {
            try await connection.script(entry.script)
        } catch let error as PostgresError where error.code == .server {
            if let refusals, error.sqlState == .insufficientPrivilege { return refusals.add(entry) }
            if leavesOut || refusals?.all.isEmpty == false, error.isOutcomeOfDrill { return }
            // One that reads an empty one cannot be filled either.
            let isUnfillable = error.isOutcomeOfDrill || error.sqlState == "55000"
            if let noteUnfilled, entry.kind == "MATERIALIZED VIEW DATA", isUnfillable {
                return noteUnfilled("\(entry.schema).\(entry.name) stays without rows: \(error.message)")
            }
            throw BackupError.refused(entry.title, error)
        }
    }
}
