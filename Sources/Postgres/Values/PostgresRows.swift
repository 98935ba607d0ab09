/// What one statement gave: its rows, in the server's order, its command tag and its notices.
public struct PostgresRows: RandomAccessCollection, Sendable {
    /// The columns, in order.
    public let columns: [PostgresColumn]
    /// What the server says it did.
    public let tag: CommandTag
    /// The notices that the server sent while it ran, in order.
    public let notices: [ServerReport]

    private let rowCount: Int
    let bytes: [UInt8]
    /// For each cell where it ends in `bytes`; the complement of that for a null.
    private let ends: [Int]

    init(
        columns: [PostgresColumn],
        tag: CommandTag,
        notices: [ServerReport],
        count: Int,
        bytes: [UInt8],
        ends: [Int]
    ) {
        self.columns = columns
        self.tag = tag
        self.notices = notices
        rowCount = count
        self.bytes = bytes
        self.ends = ends
    }

    /// The index of the first row.
    public var startIndex: Int { 0 }

    /// The number of rows.
    public var endIndex: Int { rowCount }

    /// The row at an index.
    public subscript(index: Int) -> PostgresRow {
        precondition(indices.contains(index), "row \(index) of \(rowCount)")
        return PostgresRow(rows: self, index: index)
    }

    /// Reads every row as one value, of results with one column.
    public func decode<Value: PostgresDecodable>(as type: Value.Type = Value.self) throws(PostgresError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(rowCount)
        for row in self { values.append(try row.decode(type)) }
        return values
    }

    /// Reads every row as a tuple of as many values as there are columns.
    public func decode<First: PostgresDecodable, Second: PostgresDecodable, each Value: PostgresDecodable>(
        as types: (First, Second, repeat each Value).Type
    ) throws(PostgresError) -> [(First, Second, repeat each Value)] {
        var values: [(First, Second, repeat each Value)] = []
        values.reserveCapacity(rowCount)
        for row in self {
            values.append(try row.decode(First.self, Second.self, repeat (each Value).self))
        }
        return values
    }

    /// The only row.
    ///
    /// - Throws: ``PostgresError`` with code `decoding` if there are none or several.
    public var single: PostgresRow {
        get throws(PostgresError) {
            guard rowCount == 1 else { throw .notOneRow(rowCount) }
            return self[0]
        }
    }

    func cell(row: Int, column: Int) -> PostgresCell {
        PostgresCell(bytes: range(row: row, column: column).map { bytes[$0] }, column: columns[column])
    }

    /// Where a value lies in `bytes`; nil for a null.
    func range(row: Int, column: Int) -> Range<Int>? {
        let index = row * columns.count + column
        let end = ends[index]
        return end < 0 ? nil : (index == 0 ? 0 : position(ends[index - 1]))..<end
    }

    private func position(_ end: Int) -> Int { end < 0 ? ~end : end }
}

/// A column of a result.
public struct PostgresColumn: Hashable, Sendable {
    /// The name, as the statement gave it.
    public let name: String
    /// The object identifier of the type in `pg_type`.
    public let typeOID: UInt32
    /// What the type is given beside its name, such as a length, as `atttypmod` has it; -1 for nothing.
    public let typeModifier: Int
}

/// One row of a result.
public struct PostgresRow: Sendable {
    private let rows: PostgresRows
    private let index: Int

    init(rows: PostgresRows, index: Int) {
        self.rows = rows
        self.index = index
    }

    /// The columns, in order.
    public var columns: [PostgresColumn] { rows.columns }

    /// The value in a column, counted from 0.
    public subscript(column: Int) -> PostgresCell { rows.cell(row: index, column: column) }

    /// Reads the value of a named column.
    public func decode<Value: PostgresDecodable>(
        _ name: String,
        as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard let column = columns.firstIndex(where: { $0.name == name }) else {
            throw .noColumn(name, among: columns.map(\.name))
        }
        return try Value(postgres: self[column])
    }

    /// Reads the row as one value a column, in order.
    ///
    /// - Throws: ``PostgresError`` with code `decoding` if the number of columns is another, or a value does not fit.
    public func decode<each Value: PostgresDecodable>(
        _ types: repeat (each Value).Type
    ) throws(PostgresError) -> (repeat each Value) {
        var wanted = 0
        for _ in repeat each types { wanted += 1 }
        guard wanted == columns.count else { throw .wrongColumnCount(columns.count, wanted: wanted) }
        var column = -1
        func next<One: PostgresDecodable>(_ type: One.Type) throws(PostgresError) -> One {
            column += 1
            return try One(postgres: self[column])
        }
        return (repeat try next(each types))
    }
}

/// One value of a row, as the server sent it.
public struct PostgresCell: Sendable {
    /// The value in the server's text format; nil for a null.
    public let bytes: ArraySlice<UInt8>?
    /// The column that it stands in.
    public let column: PostgresColumn

    /// The value as text; nil for a null.
    public var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
}

/// What the server says that a statement did: `INSERT 0 3`, `CREATE TABLE`.
public struct CommandTag: Hashable, Sendable, CustomStringConvertible {
    /// The tag as the server sent it.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// How many rows the statement inserted, updated, deleted, copied or returned; 0 where the tag has no number.
    public var rowCount: Int {
        description.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }
}
