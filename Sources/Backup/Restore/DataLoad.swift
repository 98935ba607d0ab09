import Postgres
import SQLSyntax

/// Loads the data of all tables, units side by side.
struct DataLoad: Sendable {
    private let manifest: Manifest
    private let reader: ChunkReader
    private let settings: ConnectionSettings
    private let asOwners: Bool
    private let jobs: Int

    init(_ manifest: Manifest, _ reader: ChunkReader, settings: ConnectionSettings, asOwners: Bool, jobs: Int) {
        self.manifest = manifest
        self.reader = reader
        self.settings = settings
        self.asOwners = asOwners
        self.jobs = jobs
    }

    private struct Item: Sendable {
        let table: Manifest.Table
        let unit: Manifest.Unit
        var bytes: Int { unit.chunks.reduce(0) { $0 + $1.size } }
    }

    func run() async throws {
        let items = manifest.tables.flatMap { table in
            table.units.filter { $0.rows > 0 }.map { Item(table: table, unit: $0) }
        }
        let queue = WorkQueue(items.sorted { $0.bytes > $1.bytes })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(jobs, items.count)) {
                group.addTask {
                    try await withPostgresConnection(to: settings) { connection in
                        try await connection.script(SnapshotSessions.settings)
                        try await connection.script("SET default_transaction_isolation = 'read committed'")
                        while let item = queue.next() { try await load(item, on: connection) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Loads a unit in one transaction: rows become visible when the last chunk was found authentic.
    private func load(_ item: Item, on connection: PostgresConnection) async throws {
        let table = item.table
        let name = Identifier.quote(table.schema) + "." + Identifier.quote(table.name)
        let columns = table.columns.map { Identifier.quote($0) }.joined(separator: ", ")
        let list = columns.isEmpty ? "" : " (\(columns))"
        let copy = "COPY \(name)\(list) FROM STDIN (ENCODING '\(manifest.database.encoding)')"
        try await connection.withTransaction { connection in
            // What a constraint or a default calls must not run with the rights of who restores.
            if asOwners { try await connection.script("SET LOCAL ROLE \(Identifier.quote(table.owner))") }
            let rows = try await connection.copyIn(copy, from: ChunkContents(item.unit.chunks, reader))
            guard rows == item.unit.rows else {
                throw BackupError.otherContent(name, rows: rows, expected: item.unit.rows)
            }
        }
    }
}
