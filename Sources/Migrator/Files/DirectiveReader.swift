import SourceText

/// Reads the directives in the comments at the head of a text.
struct DirectiveReader {
    private(set) var directives = Directives()
    private let path: String

    /// Reads the comments that stand before the first statement of a range of a text.
    ///
    /// - Parameters:
    ///   - text: the file's text, UTF-8.
    ///   - path: the file, for errors.
    /// - Throws: ``MigratorError`` at a directive that is none, or whose value is none.
    init(_ text: [UInt8], path: String) throws(MigratorError) {
        self.path = path
        var isHeader = true
        var blockDepth = 0
        for (index, line) in text.lines.enumerated() {
            let bytes = text[line]
            let content = bytes.drop(while: \.isBlank)
            if isHeader, blockDepth > 0 || content.starts(with: "/*".utf8) {
                let rest = Self.endOfBlockComment(content, depth: &blockDepth)
                isHeader = blockDepth > 0 || rest.allSatisfy(\.isBlank)
                continue
            }
            guard content.starts(with: "--".utf8) else {
                isHeader = isHeader && content.isEmpty
                continue
            }
            let comment = content.dropFirst(2).drop(while: \.isBlank)
            guard comment.starts(with: "lastro:".utf8) else { continue }
            let words = comment.dropFirst(7)
            let start = words.firstIndex { !$0.isBlank } ?? words.endIndex
            var reader = LineReader(
                text: String(decoding: text[start..<line.upperBound], as: UTF8.self),
                line: index + 1,
                column: text[line.lowerBound..<start].count { $0 & 0b1100_0000 != 0b1000_0000 } + 1
            )
            try read(&reader, isHeader: isHeader)
        }
        if let done = directives.batchDone, directives.batch == nil {
            throw .invalidDirective("batch-done without batch", at: location(done.position), next: "say how with batch")
        }
    }

    /// What stands behind a block comment on its last line; comments nest, as in the server.
    private static func endOfBlockComment(_ line: ArraySlice<UInt8>, depth: inout Int) -> ArraySlice<UInt8> {
        var rest = line
        repeat {
            if rest.starts(with: "/*".utf8) {
                depth += 1
                rest = rest.dropFirst(2)
            } else if rest.starts(with: "*/".utf8) {
                depth -= 1
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
            }
        } while depth > 0 && !rest.isEmpty
        return rest
    }

    private mutating func read(_ line: inout LineReader, isHeader: Bool) throws(MigratorError) {
        let word = line.next() ?? Word(text: "", position: line.position)
        guard Directives.words.contains(word.text) else {
            // What stands further down may be anybody's words.
            guard isHeader else { return }
            throw .unknownWord(
                word.text,
                isNo: "directive of Lastro",
                known: Directives.words,
                at: location(word.position)
            )
        }
        guard isHeader || word.text == "allow" else { throw .lateDirective(word.text, at: location(word.position)) }
        guard isHeader else { return }
        switch word.text {
        case "no-transaction":
            if let more = line.next() { throw .surplus(more.text, behind: word.text, at: location(more.position)) }
            try once(directives.noTransaction, word)
            directives.noTransaction = word.position
        case "lock-timeout":
            try once(directives.lockTimeout, word)
            directives.lockTimeout = try duration(&line, of: word)
        case "statement-timeout":
            try once(directives.statementTimeout, word)
            directives.statementTimeout = try duration(&line, of: word)
        case "allow":
            let rule = try value(line.next(), of: word, "the name of a rule")
            directives.allowances.append(
                Directives.Located(
                    value: Directives.Allowance(rule: rule.text, reason: line.rest?.text ?? ""),
                    position: rule.position
                )
            )
        case "idempotent":
            // A word for the linter: a migration runs once all the same.
            if let more = line.next() { throw .surplus(more.text, behind: word.text, at: location(more.position)) }
        case "requires":
            directives.requirements.append(try value(line.next(), of: word, "the name of a migration").located)
            if let more = line.next() { throw .surplus(more.text, behind: word.text, at: location(more.position)) }
        case "assert":
            directives.assertions.append(try value(line.rest, of: word, "a query").located)
        case "replaces":
            let value = try value(line.rest, of: word, "a migration and its checksum")
            guard let replaced = ReplacedMigration(value.text) else {
                throw .invalidDirective(
                    "replaces lacks a checksum that this version of Lastro knows",
                    at: location(value.position),
                    next: "write `-- lastro: replaces NAME v1:…`, as `lastro squash` does"
                )
            }
            directives.replaced.append(Directives.Located(value: replaced, position: value.position))
        case "batch":
            try once(directives.batch, word)
            directives.batch = try batch(&line, of: word)
        default:
            try once(directives.batchDone, word)
            directives.batchDone = try value(line.rest, of: word, "a query").located
        }
    }

    private func location(_ position: SourcePosition) -> SourceLocation {
        SourceLocation(file: path, position: position)
    }

    private func once<Value>(_ earlier: Value?, _ word: Word) throws(MigratorError) {
        guard earlier != nil else { return }
        throw .invalidDirective(
            "\(word.text) is there twice",
            at: location(word.position),
            next: "leave one of the two"
        )
    }

    private func value(_ value: Word?, of word: Word, _ what: String) throws(MigratorError) -> Word {
        if let value { return value }
        throw .invalidDirective(
            "\(word.text) lacks \(what)",
            at: location(word.position),
            next: "write `-- lastro: \(word.text) …`"
        )
    }

    private func duration(
        _ line: inout LineReader,
        of word: Word
    ) throws(MigratorError) -> Directives.Located<Duration> {
        let value = try value(line.next(), of: word, "a duration")
        if let more = line.next() { throw .surplus(more.text, behind: word.text, at: location(more.position)) }
        return Directives.Located(value: try duration(value), position: value.position)
    }

    private func duration(_ word: Word) throws(MigratorError) -> Duration {
        guard let duration = Duration(text: word.text) else {
            throw .invalidDirective(
                "\"\(word.text)\" is no duration",
                at: location(word.position),
                next: "write a number with its unit: 500ms, 2s, 10min, 1h"
            )
        }
        return duration
    }

    private func batch(
        _ line: inout LineReader,
        of directive: Word
    ) throws(MigratorError) -> Directives.Located<Directives.Batch> {
        var batch = Directives.Batch()
        var seen: Set<String> = []
        while let word = line.next() {
            let parts = word.text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(parts[0])
            guard Self.batchKeys.contains(key) else {
                throw .unknownWord(key, isNo: "part of batch", known: Self.batchKeys, at: location(word.position))
            }
            guard parts.count == 2, !parts[1].isEmpty else {
                throw .invalidDirective("\(key) lacks a value", at: location(word.position), next: "write \(key)=…")
            }
            if !seen.insert(key).inserted { try once(word, Word(text: key, position: word.position)) }
            let place = SourcePosition(line: word.position.line, column: word.position.column + key.count + 1)
            let value = Word(text: String(parts[1]), position: place)
            switch key {
            case "key": batch.key = value.text
            case "table": batch.table = value.text
            case "size":
                guard let size = Int(value.text), size > 0 else {
                    throw .invalidDirective(
                        "\"\(value.text)\" is no number of rows",
                        at: location(place),
                        next: "write a whole number from 1"
                    )
                }
                batch.size = size
            case "pause": batch.pause = try duration(value)
            case "max-lag": batch.maxLag = try duration(value)
            default: batch.maxDuration = try duration(value)
            }
        }
        guard !batch.key.isEmpty else {
            throw .invalidDirective(
                "batch lacks key=COLUMN",
                at: location(directive.position),
                next: "name the column whose values cut the table into parts, best the primary key"
            )
        }
        return Directives.Located(value: batch, position: directive.position)
    }

    private static let batchKeys = ["key", "size", "pause", "max-lag", "max-duration", "table"]
}
