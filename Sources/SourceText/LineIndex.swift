/// Turns offsets into a UTF-8 text into lines and columns.
///
/// A line ends at `\n`, `\r\n` or a lone `\r`, as in psql and in editors.
public struct LineIndex: Sendable {
    private let bytes: [UInt8]
    private let lineStarts: [Int]
    /// How many scalars begin before each block of bytes: a line may be as long as its file.
    private let scalarCounts: [Int]
    private static let blockSize = 1024

    /// Indexes a text given as UTF-8.
    public init(utf8 bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
        var starts = [0]
        for (offset, byte) in self.bytes.enumerated() {
            let endsLine =
                byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r") && !self.bytes[(offset + 1)...].starts(with: [UInt8(ascii: "\n")])
            if endsLine { starts.append(offset + 1) }
        }
        lineStarts = starts
        var counts = [0]
        for start in stride(from: 0, to: self.bytes.count - Self.blockSize + 1, by: Self.blockSize) {
            let block = self.bytes[start..<start + Self.blockSize]
            counts.append(counts[counts.count - 1] + block.count(where: isScalarStart))
        }
        scalarCounts = counts
    }

    /// How many scalars begin before a byte.
    private func scalarCount(before offset: Int) -> Int {
        let block = offset / Self.blockSize
        return scalarCounts[block] + bytes[block * Self.blockSize..<offset].count(where: isScalarStart)
    }

    /// Indexes a text.
    public init(_ text: String) {
        self.init(utf8: text.utf8)
    }

    /// The place of a byte, given as an offset counted from 0; offsets behind the end mean the end.
    public func position(ofByte offset: Int) -> SourcePosition {
        let offset = min(max(offset, 0), bytes.count)
        let line = lineStarts.partitioningIndex { $0 > offset } - 1
        let column = scalarCount(before: offset) - scalarCount(before: lineStarts[line])
        return SourcePosition(line: line + 1, column: column + 1)
    }

    /// The byte offset of a character, given as PostgreSQL counts error positions: in Unicode scalars, from 1.
    public func byteOffset(ofCharacter character: Int) -> Int {
        var remaining = character
        for (offset, byte) in bytes.enumerated() where isScalarStart(byte) {
            remaining -= 1
            if remaining <= 0 { return offset }
        }
        return bytes.count
    }

    /// The byte offset of a place; places behind the end of a line mean its end, with the line break.
    public func byteOffset(of position: SourcePosition) -> Int {
        guard position.line <= lineStarts.count else { return bytes.count }
        let start = lineStarts[max(position.line, 1) - 1]
        let end = position.line < lineStarts.count ? lineStarts[position.line] : bytes.count
        var remaining = position.column
        for offset in start..<end where isScalarStart(bytes[offset]) {
            remaining -= 1
            if remaining <= 0 { return offset }
        }
        return end
    }

    /// The place of a character, given as PostgreSQL counts error positions: in Unicode scalars, from 1.
    public func position(ofCharacter character: Int) -> SourcePosition {
        position(ofByte: byteOffset(ofCharacter: character))
    }
}

private func isScalarStart(_ byte: UInt8) -> Bool { byte & 0b1100_0000 != 0b1000_0000 }
