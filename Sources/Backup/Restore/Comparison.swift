import Postgres
import Synchronization

/// Reads every restored table again, and compares its rows with those that were backed up.
struct Comparison: Sendable {
    private let manifest: Manifest
    private let settings: ConnectionSettings
    private let jobs: Int

    init(of manifest: Manifest, settings: ConnectionSettings, jobs: Int) {
        self.manifest = manifest
        self.settings = settings
        self.jobs = jobs
    }

    /// Compares tables side by side, and large ones in parts.
    func run() async throws {
        let sums = Mutex([LineSum](repeating: LineSum(), count: manifest.tables.count))
        let version = try await withPostgresConnection(to: settings) { connection in
            let units = WorkUnit.plan(try await tables(on: connection), server: connection.serverVersion)
            try await read(WorkQueue(units), count: units.count) { index, sum in
                sums.withLock { $0[index].add(sum) }
            }
            return connection.serverVersion
        }
        for (table, sum) in zip(manifest.tables, sums.withLock(\.self)) {
            try table.check(sum, isSameMajor: manifest.isSameMajor(as: version))
        }
    }

    private func read(
        _ queue: WorkQueue<WorkUnit>,
        count: Int,
        _ add: @escaping @Sendable (Int, LineSum) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(jobs, count)) {
                group.addTask {
                    try await withPostgresConnection(to: settings) { connection in
                        try await connection.script(SnapshotSessions.settings)
                        while let unit = queue.next() {
                            guard let table = unit.tableIndex else { continue }  // large objects are read on their own
                            let copy = unit.copy(encoding: manifest.database.encoding)
                            add(table, try await connection.sum(ofLinesIn: copy))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The tables as the manifest describes them, with the sizes that they have here.
    private func tables(on connection: PostgresConnection) async throws -> [SourceTable] {
        let present = Dictionary(
            try await SourceTable.all(on: connection).map { ($0.quotedName, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        return manifest.tables.map { SourceTable(restored: $0, as: present[$0.quotedName]) }
    }
}

extension Manifest {
    /// Whether a server writes the text of every type as the one did that was backed up.
    func isSameMajor(as version: ServerVersion) -> Bool {
        version.major == ServerVersion(number: database.serverVersion).major
    }
}

extension Manifest.Table {
    /// Compares the lines that were read.
    func check(_ sum: LineSum, isSameMajor: Bool) throws {
        // From one major version to the next, the text of some types is another: then only the rows are counted.
        guard sum.count == rows, !isSameMajor || sum.digits == lineSum else {
            throw BackupError.otherContent(quotedName, rows: sum.count, expected: rows)
        }
    }
}

extension PostgresConnection {
    /// The sum of the lines that a COPY gives.
    nonisolated func sum(ofLinesIn copy: String) async throws -> LineSum {
        let sum = RunningSum()
        try await copyOut(copy) { sum.lines.add($0) }
        return sum.lines
    }
}

private final class RunningSum: @unchecked Sendable {  // used by one connection's thread, and read when that is done
    var lines = LineSum()
}

extension SourceTable {
    /// The table as a manifest describes it, so that it can be read the same way.
    ///
    /// - Parameters:
    ///   - table: what the manifest says.
    ///   - present: the table that was restored, for its size; nil if it is to be read as a whole.
    init(restored table: Manifest.Table, as present: SourceTable? = nil) {
        self.init(
            oid: 0,
            fileNode: 0,
            schema: table.schema,
            name: table.name,
            kind: "r",
            isHeap: present?.isHeap ?? false,
            pages: present?.pages ?? 0,
            totalBytes: present?.totalBytes ?? 0,
            owner: table.owner,
            isReadable: true,
            condition: table.condition,
            columns: table.columns
        )
    }
}
