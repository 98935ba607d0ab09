import SQLSyntax

/// The text of a script that runs in one transaction.
///
/// Lines and columns are the file's own: what does not go to the server is blanked out.
struct TransactionText: Sendable {
    /// The text, without the data of its COPY statements.
    let text: String
    /// The data of its COPY statements, in order.
    let copyData: [ArraySlice<UInt8>]
    /// Which of the file's statements the text has.
    let statements: Range<Int>

    /// Nothing to run.
    static let empty = TransactionText()

    private init() {
        text = ""
        copyData = []
        statements = 0..<0
    }

    init(_ script: SQLScript, statements: Range<Int>) {
        self.statements = statements
        copyData = statements.compactMap { script.statements[$0].copyLines }
        var hidden = script.statements.indices.filter { !statements.contains($0) }.map { script.statements[$0].range }
        hidden += statements.compactMap { script.statements[$0].copyDataWithItsEnd(in: script.utf8) }
        text =
            hidden.isEmpty
            ? String(decoding: script.utf8, as: UTF8.self)
            : String(decoding: script.utf8.blanking(hidden), as: UTF8.self)
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
