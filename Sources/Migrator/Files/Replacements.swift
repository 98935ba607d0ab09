import SourceText

/// A text with the values of its placeholders in place of `${name}`.
///
/// They are replaced everywhere, also in quotes and comments, as Flyway does: a name that is part of a string is what
/// placeholders are mostly used for. A value is not looked at again.
struct Replacements {
    /// The text with the values in it.
    private(set) var bytes: [UInt8] = []
    /// The placeholders that were there.
    private(set) var used: [String: String] = [:]
    private var places: [(sent: Range<Int>, file: Range<Int>)] = []
    private let original: [UInt8]

    /// Replaces the placeholders of a text.
    ///
    /// - Parameters:
    ///   - values: their values.
    ///   - text: the text, UTF-8.
    ///   - path: the file, for errors.
    ///   - origin: where in the file the text begins, if it is a part of a line.
    /// - Throws: ``MigratorError`` for one that has no value.
    init(
        of values: [String: String],
        in text: [UInt8],
        path: String,
        from origin: SourcePosition = SourcePosition(line: 1, column: 1)
    ) throws(MigratorError) {
        original = text
        bytes.reserveCapacity(text.count)
        var offset = 0
        while let placeholder = Self.next(in: text, from: offset) {
            let name = String(decoding: text[placeholder.dropFirst(2).dropLast()], as: UTF8.self)
            guard let value = values[name] else {
                let place = LineIndex(utf8: text).position(ofByte: placeholder.lowerBound)
                let position = SourcePosition(
                    line: place.line + origin.line - 1,
                    column: place.column + (place.line == 1 ? origin.column - 1 : 0)
                )
                throw .unknownPlaceholder(
                    name,
                    known: values.keys.sorted(),
                    at: SourceLocation(file: path, position: position)
                )
            }
            bytes += text[offset..<placeholder.lowerBound]
            let start = bytes.count
            bytes += value.utf8
            places.append((start..<bytes.count, placeholder))
            used[name] = value
            offset = placeholder.upperBound
        }
        bytes += text[offset...]
    }

    /// The place in the file of a byte of the text with values; one inside a value is where its placeholder begins.
    func filePosition(ofByte offset: Int) -> SourcePosition {
        var shift = 0
        for (sent, file) in places {
            if offset < sent.lowerBound { break }
            if offset < sent.upperBound { return LineIndex(utf8: original).position(ofByte: file.lowerBound) }
            shift = file.upperBound - sent.upperBound
        }
        return LineIndex(utf8: original).position(ofByte: offset + shift)
    }

    /// The next `${name}`, unless a further `$` stands before it: then it is the text of a string in dollar quotes,
    /// such as `$${1,2}$$`.
    private static func next(in text: [UInt8], from start: Int) -> Range<Int>? {
        var offset = start
        while offset + 3 < text.count {
            guard text[offset] == UInt8(ascii: "$"), text[offset + 1] == UInt8(ascii: "{"),
                offset == 0 || text[offset - 1] != UInt8(ascii: "$")
            else {
                offset += 1
                continue
            }
            let end = text[(offset + 2)...].firstIndex { !$0.isNamePart } ?? text.count
            if end > offset + 2, end < text.count, text[end] == UInt8(ascii: "}"), !text[offset + 2].isDigit {
                return offset..<end + 1
            }
            offset += 1
        }
        return nil
    }
}

extension Directives {
    /// Replaces the placeholders in what is sent to the server.
    mutating func replacePlaceholders(by values: [String: String], path: String) throws(MigratorError) {
        func replaced(_ sql: Located<String>) throws(MigratorError) -> Located<String> {
            let text = try Replacements(of: values, in: Array(sql.value.utf8), path: path, from: sql.position)
            return Located(value: String(decoding: text.bytes, as: UTF8.self), position: sql.position)
        }
        for index in assertions.indices { assertions[index] = try replaced(assertions[index]) }
        if let sql = batchDone { batchDone = try replaced(sql) }
        if let batch, let table = batch.value.table {
            var value = batch.value
            value.table = try replaced(Located(value: table, position: batch.position)).value
            self.batch = Located(value: value, position: batch.position)
        }
    }
}

extension UInt8 {
    /// Whether it can be part of a placeholder's name: letters, digits, and `_`, `.`, `:`, `-`.
    fileprivate var isNamePart: Bool {
        (self | 0x20) &- UInt8(ascii: "a") < 26 || isDigit || self >= 0x80 || self == .underscore
            || self == UInt8(ascii: ".") || self == UInt8(ascii: ":") || self == UInt8(ascii: "-")
    }
}
