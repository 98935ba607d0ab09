import SourceText

/// A migration that a squashed file stands for: `-- lastro: replaces NAME CHECKSUM`.
public struct ReplacedMigration: Hashable, Sendable {
    /// Its name, without `.sql`.
    public let name: String
    /// The checksum that its file had.
    public let checksum: Checksum
    /// The squashed file that stood for it, and is replaced itself by now; nil if it was a file of its own till the end.
    public let within: String?

    init(name: String, checksum: Checksum, within: String? = nil) {
        self.name = name
        self.checksum = checksum
        self.within = within
    }

    /// Reads what stands behind the directive's word; nil for anything else.
    ///
    /// The first word that is a checksum divides it, since a name may hold spaces.
    init?(_ text: String) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard let place = words.indices.dropFirst().first(where: { Checksum(words[$0]) != nil }),
            let checksum = Checksum(words[place])
        else { return nil }
        name = String(text[words[0].startIndex..<words[place - 1].endIndex])
        self.checksum = checksum
        let rest = words[(place + 1)...]
        guard let first = rest.first else {
            within = nil
            return
        }
        guard first == "within", let start = rest.dropFirst().first?.startIndex, let end = rest.last?.endIndex else {
            return nil
        }
        within = String(text[start..<end])
    }

    var key: MigrationKey { MigrationKey(name) }

    /// The directive that says it.
    var directive: String { "-- lastro: replaces \(name) \(checksum)" + (within.map { " within \($0)" } ?? "") }
}

extension ReplacedMigration {
    /// Reads which migrations a file stands for.
    ///
    /// Nearly every file stands for itself alone, so no more is looked at than the comments at its head.
    ///
    /// - Parameter content: the file's content.
    /// - Returns: what it replaces; nothing for a file whose head cannot be read, which is told when it is to run.
    static func all(in content: UnsafeRawBufferPointer) -> [ReplacedMigration] {
        guard mayReplace(content) else { return [] }
        let text = content.starts(with: byteOrderMark) ? Array(content.dropFirst(3)) : Array(content)
        let directives = (try? DirectiveReader(text, path: "").directives) ?? Directives()
        return directives.replaced.map(\.value)
    }

    /// Whether a comment at the head has the directive's words.
    private static func mayReplace(_ content: UnsafeRawBufferPointer) -> Bool {
        var rest = content.starts(with: byteOrderMark) ? content.dropFirst(3) : content[...]
        while true {
            rest = rest.drop { $0 == .space || $0 == .newline || $0 == .carriageReturn || $0 == UInt8(ascii: "\t") }
            if rest.starts(with: "/*".utf8) { return content.offset(of: "replaces") != nil }
            guard rest.starts(with: "--".utf8) else { return false }
            let end = rest.firstIndex(of: .newline) ?? rest.endIndex
            let words = rest[..<end].dropFirst(2).drop { $0 == .space || $0 == UInt8(ascii: "\t") }
            if words.starts(with: "lastro:".utf8),
                words.dropFirst(7).drop(while: { $0 == .space || $0 == UInt8(ascii: "\t") })
                    .starts(with: "replaces".utf8)
            {
                return true
            }
            rest = rest[end...]
        }
    }
}
