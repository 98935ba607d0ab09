import SQLSyntax
import SourceText

/// A file with everything blanked out that does not belong to one part of it.
struct SectionText {
    /// The text: as long as the file, with its line ends where they were.
    private(set) var bytes: [UInt8]
    /// The text in whose leading comments the directives stand.
    private(set) var header: [UInt8]
    /// Whether the layout's own marker asks for no transaction.
    private(set) var asksForNoTransaction = false

    /// Takes a part of a file.
    ///
    /// - Throws: ``MigratorError`` for a part that is not there or there twice, or a marker that is not known.
    init(_ section: MigrationSource.Section, of text: [UInt8], path: String) throws(MigratorError) {
        bytes = text
        header = text
        switch section {
        case .whole:
            asksForNoTransaction = Self.beginsWithSqlxMarker(text)
        case .wrapped:
            asksForNoTransaction = Self.beginsWithSqlxMarker(text)
            unwrap(to: ["COMMIT", "COMMIT TRANSACTION", "COMMIT WORK", "END"], path: path)
        case .rolledBack:
            unwrap(to: ["ROLLBACK", "ROLLBACK TRANSACTION", "ROLLBACK WORK"], path: path)
        case .dbmateUp, .dbmateDown, .gooseUp, .gooseDown:
            try cut(section, path: path)
        }
    }

    /// sqlx's way to ask for no transaction: the very first line.
    private static func beginsWithSqlxMarker(_ text: [UInt8]) -> Bool {
        text.starts(with: "-- no-transaction".utf8)
            && text.dropFirst(17).prefix { $0 != .newline }.allSatisfy(\.isBlank)
    }

    /// Keeps the lines behind one marker, up to the next one.
    private mutating func cut(_ section: MigrationSource.Section, path: String) throws(MigratorError) {
        let isGoose = section == .gooseUp || section == .gooseDown
        let text = bytes
        var current: MigrationSource.Section?
        var seen: Set<MigrationSource.Section> = []
        for (index, line) in bytes.lines.enumerated() {
            guard let marker = bytes[line].withUnsafeBytes({ SectionMarker(line: $0) }), marker.isGoose == isGoose
            else {
                if current != section { bytes.blank(line) }
                // What stands above all parts is about the way up.
                if current != section, current != nil || section.isDown { header.blank(line) }
                continue
            }
            let location = SourceLocation(file: path, position: SourcePosition(line: index + 1, column: 1))
            if seen.isEmpty { try Self.checkNothingStands(above: line.lowerBound, in: text, path: path) }
            switch marker.meaning {
            case .begins(let found):
                guard seen.insert(found).inserted else {
                    throw .sectionTwice(String(decoding: bytes[line], as: UTF8.self), at: location)
                }
                current = found
                if found == section, marker.options.split(separator: " ").contains("transaction:false") {
                    asksForNoTransaction = true
                }
            case .gooseNoTransaction: asksForNoTransaction = true
            case .gooseIgnored: break
            case .gooseUnknown(let words): throw .unknownAnnotation(words, at: location)
            }
            bytes.blank(line)
            header.blank(line)
        }
        guard seen.contains(section) else { throw .missingSection(section, path: path) }
    }

    /// Sees to it that no statement stands above all parts, where nobody would run it.
    private static func checkNothingStands(
        above end: Int,
        in text: [UInt8],
        path: String
    ) throws(MigratorError) {
        let script: SQLScript
        do {
            script = try SQLScript(utf8: Array(text[..<end]), file: path)
        } catch {
            throw .invalidScript(error, path: path)
        }
        guard let statement = script.statements.first else { return }
        let position = script.position(ofByte: statement.range.lowerBound)
        throw .statementOutsideSections(at: SourceLocation(file: path, position: position))
    }

    private static let begins: Set = ["BEGIN", "BEGIN TRANSACTION", "BEGIN WORK", "START TRANSACTION"]

    /// Blanks a transaction out that goes around the whole file, which a runner has around it anyway.
    private mutating func unwrap(to ends: [String], path: String) {
        // What cannot be split is left as it is: whoever runs it has the words for it.
        guard let statements = try? SQLScript(utf8: bytes, file: path).statements, statements.count > 1,
            let first = statements.first, let last = statements.last, Self.begins.contains(first.words),
            ends.contains(last.words)
        else { return }
        bytes.blank(first.range)
        bytes.blank(last.range)
        for offset in [first.range.upperBound, last.range.upperBound] where bytes.indices.contains(offset) {
            if bytes[offset] == UInt8(ascii: ";") { bytes.blank(offset..<offset + 1) }
        }
    }
}

extension MigrationSource.Section {
    fileprivate var isDown: Bool { self == .dbmateDown || self == .gooseDown }
}

extension SectionMarker {
    fileprivate var isGoose: Bool { meaning != .begins(.dbmateUp) && meaning != .begins(.dbmateDown) }
}

extension SQLStatement {
    /// All its words in upper case.
    fileprivate var words: String {
        text.uppercased().split { $0.isWhitespace }.joined(separator: " ")
    }
}

extension [UInt8] {
    /// Puts spaces over a range, except for its line ends.
    mutating func blank(_ range: Range<Int>) {
        for index in range where self[index] != .newline && self[index] != .carriageReturn { self[index] = .space }
    }

    /// The ranges of the lines, without their ends.
    var lines: [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        for index in indices where self[index] == .newline || self[index] == .carriageReturn {
            // Of \r\n the second character ends nothing any more.
            if self[index] == .newline, index == start, index > 0, self[index - 1] == .carriageReturn {
                start = index + 1
                continue
            }
            lines.append(start..<index)
            start = index + 1
        }
        lines.append(start..<count)
        return lines
    }
}
