/// The checksums of a folder's files as its `lastro.sum` holds them.
///
/// Each line of a versioned migration also covers the line before. So the lines have one order, and two branches that
/// both add a migration meet in git as a conflict, in place of a quiet union that nobody has looked at. The files that
/// have no order stand below, without a chain.
public struct SumFile: Hashable, Sendable {
    /// One file.
    public struct Line: Hashable, Sendable {
        /// The file, as a path from the folder.
        public let file: String
        /// The checksum of its content.
        public let checksum: Checksum
        /// The checksum of the line with all before it; nil below the chain.
        let chain: Checksum?
        /// Its number in the file; nil if it was not read from one.
        let number: Int?
    }

    /// The file's name.
    public static let fileName = "lastro.sum"

    /// The files of the versioned migrations, in order.
    public private(set) var chained: [Line] = []
    /// The others, by name.
    public private(set) var unchained: [Line] = []

    /// Makes the sums of files.
    init(chained: [(file: String, checksum: Checksum)], unchained: [(file: String, checksum: Checksum)]) {
        for (file, checksum) in chained { append(file, checksum) }
        self.unchained = unchained.sorted { $0.file < $1.file }
            .map { Line(file: $0.file, checksum: $0.checksum, chain: nil, number: nil) }
    }

    /// Adds a versioned migration behind the last one.
    mutating func append(_ file: String, _ checksum: Checksum) {
        let chain = Self.chain(file, checksum, after: chained.last?.chain)
        chained.append(Line(file: file, checksum: checksum, chain: chain, number: nil))
    }

    /// Adds a file that has no order.
    mutating func insert(_ file: String, _ checksum: Checksum) {
        let place = unchained.firstIndex { $0.file > file } ?? unchained.endIndex
        unchained.insert(Line(file: file, checksum: checksum, chain: nil, number: nil), at: place)
    }

    /// The first line that does not follow from the one before.
    var brokenLine: Line? {
        var previous: Checksum?
        for line in chained {
            if line.chain != Self.chain(line.file, line.checksum, after: previous) { return line }
            previous = line.chain
        }
        return nil
    }

    private static func chain(_ file: String, _ checksum: Checksum, after previous: Checksum?) -> Checksum {
        Checksum(of: Array("\(previous.map(word) ?? "")\n\(checksum) \(file)\n".utf8))
    }

    private static func word(_ chain: Checksum) -> String { "c1:" + chain.description.dropFirst(3) }
}

extension SumFile {
    /// The text of the file.
    public var text: String {
        var lines = [
            "# The checksums of this folder's files; each line of the first part covers the lines above it.",
            "# After a change that is meant: lastro verify --write",
        ]
        lines += chained.map { "\($0.checksum) \($0.chain.map(Self.word) ?? "") \($0.file)" }
        if !unchained.isEmpty { lines.append("") }
        lines += unchained.map { "\($0.checksum) \($0.file)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads the text of the file.
    ///
    /// - Throws: ``MigratorError`` at a line that is none of such a file, such as the marks of an open merge conflict.
    init(_ text: String, path: String) throws(MigratorError) {
        for (index, line) in text.utf8.split(separator: .newline, omittingEmptySubsequences: false).enumerated() {
            let line = line.last == .carriageReturn ? line.dropLast() : line
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            guard let read = Self.line(line, number: index + 1) else {
                throw .unreadableSum(String(decoding: line, as: UTF8.self), path: path, line: index + 1)
            }
            if read.chain == nil { unchained.append(read) } else { chained.append(read) }
        }
    }

    private static func line(_ line: Substring.UTF8View, number: Int) -> Line? {
        guard let checksum = Checksum(utf8: line.prefix(67)) else { return nil }
        var rest = line.dropFirst(67)
        guard rest.popFirst() == .space, !rest.isEmpty else { return nil }
        var chain: Checksum?
        if rest.starts(with: "c1:".utf8) {
            chain = Checksum(utf8: Array("v1:".utf8) + rest.dropFirst(3).prefix(64))
            rest = rest.dropFirst(67)
            guard chain != nil, rest.popFirst() == .space, !rest.isEmpty else { return nil }
        }
        return Line(file: String(decoding: rest, as: UTF8.self), checksum: checksum, chain: chain, number: number)
    }
}
