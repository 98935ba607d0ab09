/// Reads a source by lines and blocks, with a buffer of its own.
final class BufferedReader: ByteSource {
    private let source: any ByteSource
    private var buffer: [UInt8]
    private var position = 0
    private var end = 0
    private var sourceIsAtEnd = false

    init(_ source: any ByteSource, bufferSize: Int = 1 << 18) {
        self.source = source
        buffer = [UInt8](repeating: 0, count: bufferSize)
    }

    /// Whether nothing is left.
    func isAtEnd() throws -> Bool {
        if position == end { try fill() }
        return position == end
    }

    /// The next byte, which stays the next one; nil at the end.
    func peek() throws -> UInt8? {
        try isAtEnd() ? nil : buffer[position]
    }

    /// Skips the byte that was looked at.
    func skip() {
        position += 1
    }

    /// Whether these bytes come next; they stay.
    ///
    /// There must be no more of them than the buffer has room for.
    func startsWith(_ bytes: [UInt8]) throws -> Bool {
        while end - position < bytes.count, !sourceIsAtEnd { try fill() }
        return buffer[position..<end].starts(with: bytes)
    }

    func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        if position == end, target.count >= buffer.count, !sourceIsAtEnd {
            let count = try source.read(into: target)
            if count == 0 { sourceIsAtEnd = true }
            return count
        }
        guard try !isAtEnd() else { return 0 }
        let count = min(target.count, end - position)
        target.copyBytes(from: buffer[position..<position + count])
        position += count
        return count
    }

    /// Reads until memory is full or the source at its end.
    ///
    /// - Returns: how many bytes there were.
    func readFully(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        var count = 0
        while count < target.count {
            let part = try read(into: UnsafeMutableRawBufferPointer(rebasing: target[count...]))
            if part == 0 { break }
            count += part
        }
        return count
    }

    /// Reads a line with its newline; at the end of the source what is left, empty if that is nothing.
    ///
    /// - Returns: the line; nil if it is longer than the limit.
    func readLine(limit: Int) throws -> [UInt8]? {
        var line: [UInt8] = []
        while try !isAtEnd() {
            let rest = buffer[position..<end]
            let newline = rest.firstIndex(of: UInt8(ascii: "\n"))
            let part = newline.map { rest[...$0] } ?? rest
            guard line.count + part.count <= limit else { return nil }
            line += part
            position += part.count
            if newline != nil { break }
        }
        return line
    }

    /// Gets more from the source behind what is there.
    private func fill() throws {
        guard !sourceIsAtEnd else { return }
        if position > 0 {
            let left = position..<end
            buffer.replaceSubrange(0..<left.count, with: Array(buffer[left]))
            position = 0
            end = left.count
        }
        let count = try buffer.withUnsafeMutableBytes { buffer in
            try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
        }
        if count == 0 { sourceIsAtEnd = true }
        end += count
    }
}
