import Postgres
import Synchronization

/// Reads restored tables again, and compares their rows with those that were backed up.
final class Comparison: Sendable {
    private let manifest: Manifest
    private let text: ComparableText
    /// What was read of each table, and how many parts are still to be read.
    private let tables: Mutex<[Progress]>

    private struct Progress {
        var sum = LineSum()
        var remaining = 0
    }

    /// What one COPY reads.
    typealias Part = WorkUnit

    init(of manifest: Manifest, by text: ComparableText) {
        self.manifest = manifest
        self.text = text
        tables = Mutex([Progress](repeating: Progress(), count: manifest.tables.count))
    }

    /// From which size on a table is read in parts.
    private static let partedBytes = 128 << 20

    /// Cuts a table into the parts that are read, all of which then have to be.
    ///
    /// - Parameters:
    ///   - index: the table's place in the manifest.
    ///   - connection: a connection to the database that it is in.
    /// - Returns: the parts.
    /// - Throws: `PostgresError`.
    func parts(of index: Int, on connection: PostgresConnection) async throws -> [Part] {
        let table = manifest.tables[index]
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

    /// Reads a part; with the last one of a table it is known whether that is what it was.
    func read(_ part: Part, on connection: PostgresConnection) async throws {
        guard let index = part.tableIndex else { return }  // large objects are read on their own
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
            kind: "r",
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
