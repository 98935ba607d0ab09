import SQLSyntax

/// A hash of a table's rows that the server computes where they are, and a client of what it has sent.
///
/// To read a table back costs the server more than to hash it. A row's hash is made of all its values, each by its place and by all its bits; the
/// sum over the rows, with their number, does not depend on their order. Like any hash it proves equality against chance; where two differ, rows
/// are read and compared before anything is said.
struct RowHash: Sendable {
    private enum Part {
        case int2, int4, int8, bool, bytes
        /// What the server hashes as an element of an array, which it does for the bytes of any type.
        case element
    }

    private let parts: [Part]
    private let names: [String]
    private let numbers: [Int]

    /// The first version that has the functions.
    static let firstVersion = 11

    /// Makes ready for a table.
    ///
    /// - Parameters:
    ///   - names: its columns.
    ///   - typeNumbers: their types, as ``BinaryRows`` knows them; nil comes of others.
    init?(names: [String], typeNumbers: [Int]) {
        guard names.count == typeNumbers.count, typeNumbers.allSatisfy({ BinaryRows.Kind(typeNumber: $0) != nil })
        else { return nil }
        self.names = names
        numbers = typeNumbers
        parts = typeNumbers.map { number in
            switch number {
            case 16: .bool
            case 20: .int8
            case 21: .int2
            case 23: .int4
            case 25, 1043, 2950: .bytes
            default: .element
            }
        }
    }

    // MARK: The server's side

    /// The query that gives the number of rows and the sum of their hashes.
    ///
    /// - Parameters:
    ///   - table: the table, as SQL names it.
    ///   - condition: chooses rows; nil for all.
    ///   - number: what the query gives first.
    /// - Returns: the query.
    func query(of table: String, where condition: String? = nil, numbered number: Int = 0) -> String {
        let condition = condition.map { " WHERE \($0)" } ?? ""
        var values: [String] = []
        var elements: [String] = []
        for (index, part) in parts.enumerated() {
            let name = Identifier.quote(names[index])
            if part == .element {
                elements.append(Self.bytes(of: name, numbers[index]))
            } else {
                let value = Self.hash(of: name, part, numbers[index], seed: index + 1)
                values.append("coalesce(\(value), '\(Int64(bitPattern: Self.absent(index)))'::int8)")
            }
        }
        let value = values.isEmpty ? "0::int8" : values.joined(separator: " # ")
        guard !elements.isEmpty else {
            return "SELECT \(number), count(*), coalesce(sum(\(value)), 0)::text FROM ONLY \(table)\(condition)"
        }
        let array = "hash_array_extended(ARRAY[\(elements.joined(separator: ", "))], \(parts.count + 1))"
        // OFFSET 0 keeps the server from hashing the array once for each time that its hash is used.
        return """
            SELECT \(number), count(*), coalesce(sum(v # a # hashint8extended(a, 1)), 0)::text
            FROM (SELECT \(value) AS v, \(array) AS a FROM ONLY \(table)\(condition) OFFSET 0) r
            """
    }

    private static func hash(of name: String, _ part: Part, _ number: Int, seed: Int) -> String {
        switch part {
        case .int2: "hashint2extended(\(name), \(seed))"
        case .int4: "hashint4extended(\(name), \(seed))"
        // The hash is of 32 folded bits.
        case .int8: "hashint8extended(\(name), \(seed)) # \(name)"
        case .bool: "hashint4extended(\(name)::int4, \(seed))"
        case .bytes, .element:
            number == 2950
                ? "uuid_hash_extended(\(name), \(seed))"
                : "hashtextextended(\(name) COLLATE pg_catalog.\"C\", \(seed))"
        }
    }

    /// A value's bytes in binary form.
    private static func bytes(of name: String, _ number: Int) -> String {
        switch number {
        case 17: name
        case 114: "json_send(\(name))"
        case 700: "float4send(\(name))"
        case 701: "float8send(\(name))"
        case 1042: "bpcharsend(\(name))"
        case 1082: "date_send(\(name))"
        case 1114: "timestamp_send(\(name))"
        case 1184: "timestamptz_send(\(name))"
        case 1700: "numeric_send(\(name))"
        case 3802: "jsonb_send(\(name))"
        default: "enum_send(\(name))"
        }
    }

    // MARK: The client's side

    /// Hashes rows in COPY's binary form.
    ///
    /// - Parameter rows: whole rows, without what stands before and behind them.
    /// - Returns: their number, and the sum of their hashes.
    /// - Throws: ``BackupError`` if these are no such rows.
    func sum(of rows: [UInt8]) throws -> Sum {
        var sum = Sum()
        try rows.withUnsafeBytes { rows in
            var place = 0
            while place < rows.count {
                guard rows.count - place >= 2 else { throw BackupError.noBinaryRows() }
                place += 2
                sum.add(try hash(of: rows, at: &place))
            }
        }
        return sum
    }

    private func hash(of rows: UnsafeRawBufferPointer, at place: inout Int) throws -> UInt64 {
        var value: UInt64 = 0
        var array: UInt64 = 1
        var hasElements = false
        for index in 0..<parts.count {
            let part = parts[index]
            guard rows.count - place >= 4 else { throw BackupError.noBinaryRows() }
            let size = Int(Int32(bigEndian: rows.loadUnaligned(fromByteOffset: place, as: Int32.self)))
            place += 4
            if part == .element {
                hasElements = true
                array = array &* 31
            }
            guard size >= 0 else {
                if part != .element { value ^= Self.absent(index) }
                continue
            }
            guard rows.count - place >= size else { throw BackupError.noBinaryRows() }
            let bytes = UnsafeRawBufferPointer(rebasing: rows[place..<place + size])
            place += size
            let seed = UInt64(index + 1)
            switch part {
            case .element: array &+= ServerHash.bytes(bytes, seed: UInt64(parts.count + 1))
            case .bytes: value ^= ServerHash.bytes(bytes, seed: seed)
            case .int4: value ^= ServerHash.number(try Self.number(bytes, Int32.self), seed: seed)
            case .int2: value ^= ServerHash.number(Int32(try Self.number(bytes, Int16.self)), seed: seed)
            case .bool: value ^= ServerHash.number(Int32(try Self.number(bytes, Int8.self)), seed: seed)
            case .int8:
                let number = try Self.number(bytes, Int64.self)
                value ^= ServerHash.number(number, seed: seed) ^ UInt64(bitPattern: number)
            }
        }
        guard hasElements else { return value }
        return value ^ array ^ ServerHash.number(Int64(bitPattern: array), seed: 1)
    }

    @inline(__always)
    private static func number<Number: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer,
        _ type: Number.Type
    ) throws -> Number {
        guard bytes.count == MemoryLayout<Number>.size else { throw BackupError.noBinaryRows() }
        return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }

    /// What stands for no value in a column.
    private static func absent(_ index: Int) -> UInt64 { 0x9e37_79b9_7f4a_7c15 &* UInt64(index + 1) }

    /// The number of some rows, and the sum of their hashes, which are numbers with a sign.
    struct Sum: Hashable, Sendable {
        var count = 0
        var hashes: Int128 = 0

        mutating func add(_ hash: UInt64) {
            count += 1
            hashes += Int128(Int64(bitPattern: hash))
        }

        mutating func add(_ other: Sum) {
            count += other.count
            hashes += other.hashes
        }
    }
}
