import Postgres
import SQLSyntax

/// Loads the data of tables, in portions that can be loaded side by side.
struct DataLoad: Sendable {
    let manifest: Manifest
    let reader: ChunkReader
    /// As whom a table's rows are loaded; nil for who restores.
    let owner: @Sendable (Manifest.Table) -> String?
    let jobs: Int
    let target: LoadTarget
    /// Whether all rows are read again to be compared, so that nothing needs to be known of those that are sent.
    let readsBack: Bool

    /// What is loaded in one transaction: many small tables of one owner, a large table, or a part of one.
    struct Batch: Sendable {
        let owner: String?
        fileprivate(set) var items: [Item]
        fileprivate(set) var bytes: Int
        /// The tables, by their places in the manifest.
        var tables: [Int] { items.map(\.table) }
    }

    /// What one COPY loads.
    struct Item: Sendable {
        let table: Int
        let units: [Manifest.Unit]
        /// Whether it is all that its table has.
        let isWhole: Bool
        var bytes: Int { units.reduce(0) { $0 + $1.bytes } }
        var rows: Int { units.reduce(0) { $0 + $1.rows } }
    }

    /// What a batch of small tables has at most.
    private static let batchBytes = 1 << 20
    private static let batchCount = 50
    /// From which size on a table is worth a new file, which spares the log and later writing.
    private static let newFileBytes = 4 << 20

    /// The batches, the largest first.
    func batches() -> [Batch] {
        let total = manifest.tables.reduce(0) { $0 + $1.bytes }
        let items = manifest.tables.enumerated().flatMap { index, table in
            let units = table.units.filter { $0.rows > 0 }
            guard units.count > 1, !isOneSession(table, of: total) else {
                return units.isEmpty ? [] : [Item(table: index, units: units, isWhole: true)]
            }
            return units.map { Item(table: index, units: [$0], isWhole: false) }
        }
        var batches: [Batch] = []
        var open: [String?: Batch] = [:]
        for item in items {
            let owner = owner(manifest.tables[item.table])
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

    /// Whether one session loads a large table: only its transaction can make the file, into which nothing is logged then.
    private func isOneSession(_ table: Manifest.Table, of total: Int) -> Bool {
        // With more sessions, all but one would stand idle at the end.
        target.skipsLog && (jobs <= 2 || table.bytes <= total / jobs)
    }

    /// Loads a batch in one transaction: rows become visible when the last chunk was found authentic.
    ///
    /// - Parameters:
    ///   - batch: what to load.
    ///   - connection: the session that does.
    /// - Returns: what was sent of each item; nil where that is not known.
    /// - Throws: ``BackupError``, `PostgresError` or `CancellationError`; then nothing is loaded.
    func load(_ batch: Batch, on connection: PostgresConnection) async throws -> [SentRows?] {
        do {
            return try await load(batch, inBinary: true, on: connection)
        } catch is BinaryRows.UnknownForm {
            return try await load(batch, inBinary: false, on: connection)
        }
    }

    private func load(
        _ batch: Batch,
        inBinary: Bool,
        on connection: PostgresConnection
    ) async throws -> [SentRows?] {
        try await connection.withTransaction { connection in
            // What a constraint or a default calls must not run with the rights of who restores.
            if let owner = batch.owner { try await connection.script("SET LOCAL ROLE \(Identifier.quote(owner))") }
            var sent: [SentRows?] = []
            for item in batch.items { sent.append(try await load(item, inBinary: inBinary, on: connection)) }
            return sent
        }
    }

    private func load(_ item: Item, inBinary: Bool, on connection: PostgresConnection) async throws -> SentRows? {
        let table = manifest.tables[item.table]
        let name = table.quotedName
        // Into a file that the transaction has made rows go without a log where the server may leave that out, and
        // marked as visible to all, so that nobody has to write the pages again.
        // What an extension has put into a table of its own, beside which the rows are to come, stays there.
        let isNew =
            item.isWhole && item.bytes >= Self.newFileBytes && table.condition == nil && table.isPartitioned != true
        if isNew { try await connection.script("TRUNCATE TABLE ONLY \(name)") }
        var form = ChunkSequence.Form.lines
        var sent: SentRows?
        if table.form == .binary {
            form = .binaryRows
        } else if inBinary, let numbers = target.typeNumbers(of: table, encoding: manifest.database.encoding),
            let binary = BinaryRows(typeNumbers: numbers)
        {
            sent =
                readsBack || table.isPartitioned == true ? nil : target.rowHash(of: table, numbers).map { SentRows($0) }
            form = .converted(binary, noting: sent)
        }
        let isBinary = if case .lines = form { false } else { true }
        let rows = try await connection.copyIn(
            table.copy(encoding: manifest.database.encoding, isFrozen: isNew, isBinary: isBinary),
            from: ChunkSequence(item.units.flatMap(\.chunks), reader, as: form)
        )
        guard rows == item.rows else { throw BackupError.otherContent(name, rows: rows, expected: item.rows) }
        return sent
    }
}

extension Manifest.Unit {
    var bytes: Int { chunks.reduce(0) { $0 + $1.size } }
}

extension Manifest.Table {
    var quotedName: String { Identifier.quote(schema) + "." + Identifier.quote(name) }

    /// What its rows are in: not in tables that inherit from it, but in partitions.
    var reference: String { isPartitioned == true ? quotedName : "ONLY " + quotedName }

    /// The size of its text.
    var bytes: Int { units.reduce(0) { $0 + $1.bytes } }

    /// The COPY that loads the table.
    func copy(encoding: String, isFrozen: Bool = false, isBinary: Bool = false) -> String {
        let columns = columns.map { Identifier.quote($0) }.joined(separator: ", ")
        let list = columns.isEmpty ? "" : " (\(columns))"
        let form = isBinary ? "FORMAT binary" : "ENCODING '\(encoding)'"
        return "COPY \(quotedName)\(list) FROM STDIN (\(form)\(isFrozen ? ", FREEZE" : ""))"
    }
}
