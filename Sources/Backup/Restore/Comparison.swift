import Postgres

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

    func run() async throws {
        let tables = manifest.tables.sorted { $0.rows > $1.rows }
        let queue = WorkQueue(tables)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(jobs, tables.count)) {
                group.addTask {
                    try await withPostgresConnection(to: settings) { connection in
                        try await connection.script(SnapshotSessions.settings)
                        while let table = queue.next() { try await compare(table, on: connection) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func compare(_ table: Manifest.Table, on connection: PostgresConnection) async throws {
        let source = SourceTable(restored: table)
        let sum = Sum()
        try await connection.copyOut(source.copy(.whole, encoding: manifest.database.encoding)) { row in
            sum.lines.add(row)
        }
        // From one major version to the next, the text of some types is another: then only the rows are counted.
        let isSameMajor = connection.serverVersion.major == ServerVersion(number: manifest.database.serverVersion).major
        guard sum.lines.count == table.rows, !isSameMajor || sum.lines.digits == table.lineSum else {
            throw BackupError.otherContent(source.quotedName, rows: sum.lines.count, expected: table.rows)
        }
    }

    private final class Sum: @unchecked Sendable {  // used by one connection's thread, and read when that is done
        var lines = LineSum()
    }
}

extension SourceTable {
    /// The table as a manifest describes it, so that it can be read the same way.
    init(restored table: Manifest.Table) {
        self.init(
            oid: 0,
            fileNode: 0,
            schema: table.schema,
            name: table.name,
            kind: "r",
            isHeap: true,
            pages: 0,
            totalBytes: 0,
            owner: table.owner,
            isReadable: true,
            condition: table.condition,
            columns: table.columns
        )
    }
}
