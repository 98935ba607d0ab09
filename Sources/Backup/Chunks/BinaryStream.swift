/// Takes what a COPY gives in binary form apart, message by message: the rows, without what stands before and behind them.
struct BinaryStream: Sendable {
    private var isBehindHead = false

    /// The row in a message; nil if there is none in it.
    ///
    /// - Parameter message: what the server sent; the first row comes with the head before it.
    /// - Returns: the row, in the same memory.
    /// - Throws: ``BackupError`` if it is no binary form.
    mutating func row(in message: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer? {
        var rest = message[...]
        if !isBehindHead {
            let head = BinaryRows.head
            guard rest.starts(with: head) else { throw BackupError.noBinaryRows() }
            rest = rest.dropFirst(head.count)
            isBehindHead = true
        }
        if rest.isEmpty || rest.elementsEqual(BinaryRows.end) { return nil }
        return UnsafeRawBufferPointer(rebasing: rest)
    }

    /// Passes on each of the rows that stand one behind the other.
    ///
    /// - Parameters:
    ///   - bytes: whole rows.
    ///   - body: takes a row.
    /// - Throws: ``BackupError`` if these are no rows.
    static func forEachRow(of bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Void) throws {
        try bytes.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                var place = start
                func number<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
                    guard bytes.count - place >= MemoryLayout<Number>.size else { throw BackupError.noBinaryRows() }
                    defer { place += MemoryLayout<Number>.size }
                    return Number(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: Number.self))
                }
                for _ in 0..<max(0, try number(Int16.self)) {
                    let size = Int(max(0, try number(Int32.self)))
                    guard bytes.count - place >= size else { throw BackupError.noBinaryRows() }
                    place += size
                }
                body(UnsafeRawBufferPointer(rebasing: bytes[start..<place]))
                start = place
            }
        }
    }
}
