/// Reading values where they lie, of results with many thousands of rows: to make a row and a cell for each value would
/// take longer than to read it.
extension PostgresRows {
    /// Whether a value is null.
    package func isNull(row: Int, column: Int) -> Bool { range(row: row, column: column) == nil }

    /// The text of a value; nil for a null.
    package func text(row: Int, column: Int) -> String? {
        guard let range = range(row: row, column: column) else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        }
    }

    /// The whole number that a value is; nil for a null.
    package func number(row: Int, column: Int) throws(PostgresError) -> Int? {
        guard let range = range(row: row, column: column) else { return nil }
        var number = 0
        for byte in bytes[range] {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10, range.count <= 18 else {
                return try Int(postgres: cell(row: row, column: column))
            }
            number = number * 10 + Int(digit)
        }
        return number
    }

    /// Whether a value has the same text as the one above it, or is a null as that one is.
    package func isRepeated(row: Int, column: Int) -> Bool {
        guard row > 0 else { return false }
        switch (range(row: row - 1, column: column), range(row: row, column: column)) {
        case (nil, nil): return true
        case (let above?, let range?): return bytes[above].elementsEqual(bytes[range])
        default: return false
        }
    }
}
