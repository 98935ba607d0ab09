import Postgres
import SQLSyntax

/// Loads the data of all tables, units side by side.
struct DataLoad: Sendable {
    let manifest: Manifest
    let reader: ChunkReader
    let settings: ConnectionSettings
    /// As whom a table's rows are loaded; nil for who restores.
    let owner: @Sendable (Manifest.Table) -> String?
    let jobs: Int

    /// Units of one owner that are loaded in one transaction: many small ones, or a large one.
    private struct Batch: Sendable {
        let owner: String?
        var items: [Item]
        var bytes: Int
    }

    private struct Item: Sendable {
        let table: Manifest.Table
        let unit: Manifest.Unit
        /// Whether it is all that its table has.
        let isWhole: Bool
        var bytes: Int { unit.chunks.reduce(0) { $0 + $1.size } }
    }

    /// What a batch of small units has at most.
    private static let batchBytes = 1 << 20
    private static let batchCount = 50
    /// From which size on a table is worth a new file, which spares the log and later writing.
    private static let newFileBytes = 4 << 20

    func run() async throws {
        let batches = batches()
        let queue = WorkQueue(batches)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(jobs, batches.count)) {
                group.addTask {
                    try await withPostgresConnection(to: settings) { connection in
                        try await connection.script(SnapshotSessions.settings)
                        try await connection.script(
                            "SET default_transaction_isolation = 'read committed'; SET synchronous_commit = off"
                        )
                        while let batch = queue.next() { try await load(batch, on: connection) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The largest first.
    private func batches() -> [Batch] {
        let items = manifest.tables.flatMap { table in
            let units = table.units.filter { $0.rows > 0 }
            return units.map { Item(table: table, unit: $0, isWhole: units.count == 1) }
        }
        var batches: [Batch] = []
        var open: [String?: Batch] = [:]
        for item in items {
            let owner = owner(item.table)
            guard item.bytes < Self.batchBytes / 2 else {
                batches.append(Batch(owner: owner, items: [item], bytes: item.bytes))
                continue
            }
            var batch = open[owner] ?? Batch(owner: owner, items: [], bytes: 0)
            batch.items.append(item)
            batch.bytes += item.bytes
            let isFull = batch.bytes >= Self.batchBytes || batch.items.count >= Self.batchCount
            if isFull { batches.append(batch) }
            open[owner] = isFull ? nil : batch
        }
        return (batches + open.values).sorted { $0.bytes > $1.bytes }
    }

    /// Loads units in one transaction: rows become visible when the last chunk was found authentic.
    private func load(_ batch: Batch, on connection: PostgresConnection) async throws {
        try await connection.withTransaction { connection in
            // What a constraint or a default calls must not run with the rights of who restores.
            if let owner = batch.owner { try await connection.script("SET LOCAL ROLE \(Identifier.quote(owner))") }
            for item in batch.items { try await load(item, on: connection) }
        }
    }

    private func load(_ item: Item, on connection: PostgresConnection) async throws {
        let name = item.table.quotedName
        // Into a file that the transaction has made rows go without a log where the server may leave that out, and
        // marked as visible to all, so that nobody has to write the pages again.
        let isNew = item.isWhole && item.bytes >= Self.newFileBytes
        if isNew { try await connection.script("TRUNCATE TABLE ONLY \(name)") }
        let rows = try await connection.copyIn(
            item.table.copy(encoding: manifest.database.encoding, isFrozen: isNew),
            from: ChunkSequence(item.unit.chunks, reader)
        )
        guard rows == item.unit.rows else { throw BackupError.otherContent(name, rows: rows, expected: item.unit.rows) }
    }
}

extension Manifest.Table {
    var quotedName: String { Identifier.quote(schema) + "." + Identifier.quote(name) }

    /// The COPY that loads the table.
    func copy(encoding: String, isFrozen: Bool = false) -> String {
        let columns = columns.map { Identifier.quote($0) }.joined(separator: ", ")
        let list = columns.isEmpty ? "" : " (\(columns))"
        return "COPY \(quotedName)\(list) FROM STDIN (ENCODING '\(encoding)'\(isFrozen ? ", FREEZE" : ""))"
    }
}
