import SQLSyntax
import SourceText

/// The text of a script that runs in one transaction.
///
/// Lines and columns are the file's own: what does not go to the server is blanked out.
struct TransactionText: Sendable {
    /// The text, without the data of its COPY statements; the script's own bytes where nothing is blanked out.
    private let bytes: [UInt8]
    /// The data of its COPY statements, in order.
    let copyData: [ArraySlice<UInt8>]
    /// Which of the file's statements the text has.
    let statements: Range<Int>
    private let script: SQLScript?

    /// Nothing to run.
    static let empty = TransactionText()

    private init() {
        script = nil
        bytes = []
        copyData = []
        statements = 0..<0
    }

    init(_ script: SQLScript, statements: Range<Int>) {
        self.script = script
        self.statements = statements
        copyData = statements.compactMap { script.statements[$0].copyLines }
        var hidden = script.statements.indices.filter { !statements.contains($0) }.map { script.statements[$0].range }
        hidden += script.statements.compactMap { $0.copyDataWithItsEnd(in: script.utf8) }
        bytes = hidden.isEmpty ? script.utf8 : script.utf8.blanking(hidden)
    }

    /// Some of its statements by themselves.
    func part(_ range: Range<Int>) -> TransactionText {
        guard range != statements, let script else { return self }
        return TransactionText(script, statements: range)
    }

    /// The statement at a place of the file, and the place itself, or the statement's end where that is before it.
    ///
    /// - Returns: nil where there is no statement.
    func statement(at position: SourcePosition) -> (index: Int, place: SourcePosition)? {
        guard let script, !statements.isEmpty else { return nil }
        let offset = script.lines.byteOffset(of: position)
        let index = statements.last { script.statements[$0].range.lowerBound <= offset } ?? statements.lowerBound
        let end = script.statements[index].range.upperBound
        return (index, offset < end ? position : script.position(ofByte: end))
    }

    /// The text between others, made in one go: a file may be large, and libpq makes two copies of its own.
    func text(after head: String = "", before tail: String = "") -> String {
        let count = head.utf8.count + bytes.count + tail.utf8.count
        return String(unsafeUninitializedCapacity: count) { buffer in
            var end = buffer.startIndex
            for part in [Array(head.utf8), bytes, Array(tail.utf8)] {
                _ = buffer[end...].update(fromContentsOf: part)
                end += part.count
            }
            return count
        }
    }
}

extension SQLStatement {
    /// The data of a COPY with the line `\.` behind it.
    fileprivate func copyDataWithItsEnd(in text: [UInt8]) -> Range<Int>? {
        guard let copyData else { return nil }
        let rest = text[copyData.upperBound...]
        guard rest.starts(with: Array("\\.".utf8)) else { return copyData }
        return copyData.lowerBound..<copyData.upperBound + 2
    }
}

extension [UInt8] {
    /// The bytes with spaces in these ranges; line ends stay.
    func blanking(_ ranges: [Range<Int>]) -> [UInt8] {
        var bytes = self
        for range in ranges {
            for index in range where bytes[index] != UInt8(ascii: "\n") && bytes[index] != UInt8(ascii: "\r") {
                bytes[index] = UInt8(ascii: " ")
            }
        }
        return bytes
    }
}
