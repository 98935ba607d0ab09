/// The form of an age file that is text (age v1, "ASCII armor"): lines of base64 between two marks.
enum AgeArmor {
    static let begin = Array("-----BEGIN AGE ENCRYPTED FILE-----".utf8)
    static let end = Array("-----END AGE ENCRYPTED FILE-----".utf8)
    static let columns = 64
    /// How much white space may stand before the first mark and behind the last.
    static let whitespaceLimit = 1024

    /// Whether a file is of this form, as far as its beginning tells; white space before the mark is skipped.
    static func begins(_ reader: BufferedReader) throws -> Bool {
        var skipped = 0
        while let byte = try reader.peek(), isWhitespace(byte), skipped < whitespaceLimit {
            reader.skip()
            skipped += 1
        }
        return try reader.startsWith(begin)
    }

    static func isWhitespace(_ byte: UInt8) -> Bool {
        [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains(byte)
    }
}

/// Reads the bytes in an armored file.
final class ArmorReader: ByteSource {
    private let reader: BufferedReader
    private var bytes: ArraySlice<UInt8> = []
    private var state = State.before

    private enum State {
        case before, inside, afterLastLine, atEnd
    }

    init(_ reader: BufferedReader) {
        self.reader = reader
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if state == .before { try readBeginning() }
        while bytes.isEmpty, state != .atEnd { try readMore() }
        let part = bytes.prefix(buffer.count)
        buffer.copyBytes(from: part)
        bytes = bytes.dropFirst(part.count)
        return part.count
    }

    private func readBeginning() throws {
        guard try AgeArmor.begins(reader), try line()?.elementsEqual(AgeArmor.begin) == true else {
            throw BackupError.malformedArmor("it does not begin with its mark")
        }
        state = .inside
    }

    private func readMore() throws {
        guard let line = try line() else { throw BackupError.malformedArmor("it ends before its last mark") }
        if line.elementsEqual(AgeArmor.end) {
            try readTrailer()
            state = .atEnd
            return
        }
        guard state == .inside else {
            throw BackupError.malformedArmor("something stands between its last line and its last mark")
        }
        guard !line.isEmpty, line.count <= AgeArmor.columns else {
            throw BackupError.malformedArmor("a line has \(line.count) characters")
        }
        guard let decoded = Base64.decode(line, padded: true) else {
            throw BackupError.malformedArmor("a line is no canonical base64")
        }
        if decoded.count < AgeArmor.columns / 4 * 3 { state = .afterLastLine }
        bytes = decoded[...]
    }

    /// Only white space may stand behind the mark.
    private func readTrailer() throws {
        var count = 0
        while let byte = try reader.peek() {
            count += 1
            guard AgeArmor.isWhitespace(byte), count <= AgeArmor.whitespaceLimit else {
                throw BackupError.malformedArmor("something stands behind its last mark")
            }
            reader.skip()
        }
    }

    /// The next line without its end, which is `\n` or `\r\n`; nil at the end of the file.
    private func line() throws -> ArraySlice<UInt8>? {
        guard let line = try reader.readLine(limit: 128) else {
            throw BackupError.malformedArmor("a line is too long")
        }
        guard !line.isEmpty else { return nil }
        var content = line[...]
        if content.last == UInt8(ascii: "\n") {
            content.removeLast()
            if content.last == UInt8(ascii: "\r") { content.removeLast() }
        }
        return content
    }
}

/// Writes bytes as an armored file.
final class ArmorWriter: ByteSink {
    private let sink: any ByteSink
    /// What makes no full line yet.
    private var rest: [UInt8] = []
    private var hasBegun = false

    init(to sink: any ByteSink) {
        self.sink = sink
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var text = beginning()
        rest.append(contentsOf: bytes)
        let lineSize = AgeArmor.columns / 4 * 3
        var position = 0
        while rest.count - position >= lineSize {
            text += Base64.encode(rest[position..<position + lineSize]) + [UInt8(ascii: "\n")]
            position += lineSize
        }
        rest.removeFirst(position)
        try text.withUnsafeBytes { try sink.write($0) }
    }

    /// Writes the last line and the mark.
    func finish() throws {
        var text = beginning()
        if !rest.isEmpty { text += Base64.encode(rest, padded: true) + [UInt8(ascii: "\n")] }
        text += AgeArmor.end + [UInt8(ascii: "\n")]
        try text.withUnsafeBytes { try sink.write($0) }
    }

    private func beginning() -> [UInt8] {
        defer { hasBegun = true }
        return hasBegun ? [] : AgeArmor.begin + [UInt8(ascii: "\n")]
    }
}
