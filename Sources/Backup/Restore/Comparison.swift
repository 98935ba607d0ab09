import Postgres
import Synchronization

/// Compares the rows of restored tables with those that were backed up.
///
/// Where the server can hash rows as it was sent them, it does; other tables are read again.
final class Comparison: Sendable {
    private let manifest: Manifest
    private let text: ComparableText
    private let tables: Mutex<[Progress]>

    /// What is known of a table, and how many parts are still to be looked at.
    private struct Progress {
        var sent: Sent?
        var isUnknown = false
        /// Of what was read.
        var sum = LineSum()
        /// Of what the server has hashed.
        var rows = RowHash.Sum()
        var remaining = 0

        /// What was sent, if that is known of all rows.
        var hashed: Sent? { isUnknown ? nil : sent }
    }

    private struct Sent {
        let hash: RowHash
        var lines: LineSum
        var rows: RowHash.Sum
    }

    /// What is looked at at once.
    typealias Part = WorkUnit

    init(of manifest: Manifest, by text: ComparableText) {
        self.manifest = manifest
        self.text = text
        tables = Mutex([Progress](repeating: Progress(), count: manifest.tables.count))
    }

    /// From which size on a table is looked at in parts.
    private static let partedBytes = 128 << 20

    /// Notes what was sent of a table.
    ///
    /// - Parameters:
    ///   - rows: what was sent; nil if that is not known.
    ///   - index: the table's place in the manifest.
    func note(_ rows: SentRows?, of index: Int) {
        tables.withLock { tables in
            guard let rows else { return tables[index].isUnknown = true }
            let sums = rows.sums
            if tables[index].sent == nil {
                tables[index].sent = Sent(hash: rows.hash, lines: sums.lines, rows: sums.rows)
            } else {
                tables[index].sent?.lines.add(sums.lines)
                tables[index].sent?.rows.add(sums.rows)
            }
        }
    }

    /// Cuts a table into the parts that are looked at, all of which then have to be.
    ///
    /// - Parameters:
    ///   - index: the table's place in the manifest.
    ///   - connection: a connection to the database that it is in.
    /// - Returns: the parts.
    /// - Throws: `PostgresError`; ``BackupError`` if what was sent is not what the manifest says.
    func parts(of index: Int, on connection: PostgresConnection) async throws -> [Part] {
        let table = manifest.tables[index]
        if let sent = tables.withLock({ $0[index].hashed }) {
            guard sent.lines.count == table.rows, sent.lines.digits == table.lineSum else {
                throw BackupError.otherContent(table.quotedName, rows: sent.lines.count, expected: table.rows)
            }
        }
        var present: TableSize?
        if table.bytes >= Self.partedBytes { present = try await TableSize.read(of: table.quotedName, on: connection) }
        let parts = WorkUnit.parts(
            of: SourceTable(restored: table, as: present),
            index: index,
            server: connection.serverVersion
        )
        tables.withLock { $0[index].remaining = parts.count }
        return parts
    }

    /// Looks at some parts; with the last one of a table it is known whether that is what it was.
    func compare(_ parts: [Part], on connection: PostgresConnection) async throws {
        var hashed: [(part: Part, query: String)] = []
        for part in parts {
            guard let index = part.tableIndex else { continue }  // large objects are read on their own
            if let hash = tables.withLock({ $0[index].hashed?.hash }) {
                let name = manifest.tables[index].quotedName
                let query = hash.query(of: name, where: part.pages.condition, numbered: hashed.count)
                hashed.append((part, query))
            } else {
                try await read(part, of: index, on: connection)
            }
        }
        guard !hashed.isEmpty else { return }
        var sums: [RowHash.Sum?] = hashed.map { _ in nil }
        do {
            let rows = try await connection.query(hashed.map { "(\($0.query))" }.joined(separator: " UNION ALL "))
            for (place, count, hashes) in try rows.decode(as: (Int, Int, String).self) {
                sums[place] = RowHash.Sum(count: count, hashes: Int128(hashes) ?? 0)
            }
        } catch let error as PostgresError where error.code == .server {
            // What could not be hashed can perhaps be read.
        }
        for (sum, part) in zip(sums, hashed.map(\.part)) {
            guard let index = part.tableIndex else { continue }  // there is none without
            try await add(sum, to: index, on: connection)
        }
    }

    private func add(_ sum: RowHash.Sum?, to index: Int, on connection: PostgresConnection) async throws {
        let isEqual = tables.withLock { tables -> Bool? in
            if let sum { tables[index].rows.add(sum) }
            tables[index].remaining -= 1
            return tables[index].remaining == 0 ? tables[index].rows == tables[index].sent?.rows : nil
        }
        guard isEqual == false else { return }
        // The rows have the last word: not what some function makes of them.
        let source = SourceTable(restored: manifest.tables[index])
        let copy = source.copy(.whole, encoding: manifest.database.encoding)
        try manifest.tables[index].check(
            try await connection.sum(ofRowsIn: copy, isBinary: source.isBinary),
            by: text
        )
    }

    private func read(_ part: Part, of index: Int, on connection: PostgresConnection) async throws {
        let copy = part.copy(encoding: manifest.database.encoding)
        let sum = try await connection.sum(ofRowsIn: copy, isBinary: part.isBinary)
        let whole = tables.withLock { tables -> LineSum? in
            tables[index].sum.add(sum)
            tables[index].remaining -= 1
            return tables[index].remaining == 0 ? tables[index].sum : nil
        }
        guard let whole else { return }
        try manifest.tables[index].check(whole, by: text)
    }
}

/// How large a restored table is.
struct TableSize: Sendable {
    let isHeap: Bool
    let pages: Int
    let totalBytes: Int

    static func read(of name: String, on connection: PostgresConnection) async throws -> TableSize {
        let (isHeap, pages, bytes) = try await connection.query(
            """
            SELECT coalesce(m.amname = 'heap', false),
                pg_relation_size(c.oid) / current_setting('block_size')::bigint, pg_table_size(c.oid)
            FROM pg_class c LEFT JOIN pg_am m ON m.oid = c.relam WHERE c.oid = $1::regclass
            """,
            name
        ).single.decode(Bool.self, Int.self, Int.self)
        return TableSize(isHeap: isHeap, pages: pages, totalBytes: bytes)
    }
}

extension Manifest.Table {
    /// Compares the lines that were read.
    func check(_ sum: LineSum, by text: ComparableText) throws {
        guard sum.count == rows, text.obstacle(to: self) != nil || sum.digits == lineSum else {
            throw BackupError.otherContent(quotedName, rows: sum.count, expected: rows)
        }
    }
}

extension PostgresConnection {
    /// The sum of the rows that a COPY gives, as lines or in binary form.
    nonisolated func sum(ofRowsIn copy: String, isBinary: Bool) async throws -> LineSum {
        let sum = RunningSum()
        if isBinary {
            try await copyOut(copy) { if let row = try sum.stream.row(in: $0) { sum.lines.add(row) } }
        } else {
            try await copyOut(copy) { sum.lines.add($0) }
        }
        return sum.lines
    }
}

private final class RunningSum: @unchecked Sendable {  // used by one connection's thread, and read when that is done
    var lines = LineSum()
    var stream = BinaryStream()
}

extension SourceTable {
    /// The table as a manifest describes it, so that it can be read the same way.
    ///
    /// - Parameters:
    ///   - table: what the manifest says.
    ///   - present: how large the restored table is; nil if it is to be read as a whole.
    init(restored table: Manifest.Table, as present: TableSize? = nil) {
        self.init(
            oid: 0,
            fileNode: 0,
            schema: table.schema,
            name: table.name,
            kind: table.isPartitioned == true ? "p" : "r",
            root: table.isPartitioned == true ? 0 : nil,
            isAbsent: false,
            isHeap: present?.isHeap ?? false,
            pages: present?.pages ?? 0,
            totalBytes: present?.totalBytes ?? 0,
            owner: table.owner,
            isReadable: true,
            condition: table.condition,
            columns: table.columns
        )
        isBinary = table.form == .binary
    }
}
