/// Writes lines of COPY's text as COPY's binary form, which costs the server a third less (PostgreSQL manual, `COPY`, "Binary
/// Format").
///
/// It knows the forms in which the server writes values under the settings of a backup, and no others: whoever loads falls back to the
/// text where one of them comes.
struct BinaryRows: Sendable {
    private let kinds: [Kind]

    /// Makes ready for a table's columns; nil if one of them is of a type that is better left to the server.
    init?(typeNumbers: [Int]) {
        let kinds = typeNumbers.compactMap { Kind(typeNumber: $0) }
        guard kinds.count == typeNumbers.count, !kinds.isEmpty else { return nil }
        self.kinds = kinds
    }

    /// What stands before the first row: the signature, no flags, and no extension.
    static let head: [UInt8] = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0] + [UInt8](repeating: 0, count: 8)
    /// What stands behind the last row.
    static let end: [UInt8] = [0xff, 0xff]

    /// What stands for the type of every enum, whose numbers differ from database to database.
    static let enumNumber = 3500  // that of the pseudo-type anyenum

    /// A value is written in another way than is known here.
    struct UnknownForm: Error {}

    /// The rows of whole lines.
    ///
    /// - Parameter text: lines, with the newline at the end of each.
    /// - Returns: the rows, without head and end.
    /// - Throws: ``UnknownForm``.
    func rows(in text: [UInt8]) throws -> [UInt8] {
        var capacity = text.count + text.count / 2 + 4096
        while true {
            var isWhole = false
            let rows = try [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                try text.withUnsafeBytes { text in
                    guard let start = text.baseAddress, let target = buffer.baseAddress else { return isWhole = true }
                    var writer = BinaryWriter(
                        text: start.assumingMemoryBound(to: UInt8.self),
                        count: text.count,
                        target: UnsafeMutableRawPointer(target),
                        capacity: capacity
                    )
                    isWhole = try writer.write(kinds)
                    count = writer.written
                }
            }
            if isWhole { return rows }
            // Short values grow: a digit takes eight bytes.
            capacity *= 2
        }
    }

    /// How values of a type are written.
    enum Kind: UInt8 {
        case int2, int4, int8, bool, characters, jsonb, uuid, bytea, date, timestamp, timestamptz, float4, float8,
            numeric

        /// Finds the form of a type; numbers of built-in types never change.
        init?(typeNumber: Int) {
            switch typeNumber {
            case 16: self = .bool
            case 17: self = .bytea
            case 20: self = .int8
            case 21: self = .int2
            case 23: self = .int4
            // Text, json, character, character varying, and the names of an enum's values.
            case 25, 114, 1042, 1043, BinaryRows.enumNumber: self = .characters
            case 700: self = .float4
            case 701: self = .float8
            case 1082: self = .date
            case 1114: self = .timestamp
            case 1184: self = .timestamptz
            case 1700: self = .numeric
            case 2950: self = .uuid
            case 3802: self = .jsonb
            default: return nil
            }
        }
    }
}
