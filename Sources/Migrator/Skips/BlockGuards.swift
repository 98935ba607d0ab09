import SQLSyntax

/// The guarded statements in a `DO` block, which its words do not show and PostgreSQL's parser of PL/pgSQL does.
///
/// A statement that runs whatever happens is judged like one of the file. What stands behind a condition, in a loop, or
/// behind something that may change what was there is known and not judged.
struct BlockGuards {
    /// A guarded statement of the block.
    struct Part {
        let script: SQLScript
        /// Where its text begins in the file's; nil where it cannot be told.
        let place: Int?
        /// Whether it stands there as it is, and not as a constant.
        let isVerbatim: Bool
        /// Why it is not judged; nil if it is.
        let doubt: String?

        var statement: SQLStatement? { script.statements.first }
    }

    private(set) var parts: [Part] = []
    /// Why what comes next is not judged.
    private var doubt: String?
    private var made: Set<String> = []
    private let body: Body?

    /// Reads a statement; there is nothing in one that is no block, or is none in PL/pgSQL.
    init(_ statement: SQLStatement) {
        guard let parsed = try? ParsedStatement(statement), case .doBlock(let syntax)? = parsed.node,
            syntax.language.lowercased() == "plpgsql", let block = try? ProceduralBody(of: parsed)
        else {
            // What no parser reads is left to the server.
            body = nil
            return
        }
        body = Body(of: statement)
        read(block.statements, isCertain: true)
    }

    /// What the guards are about.
    var guards: [StatementGuard] { parts.flatMap { $0.statement?.guards ?? [] } }

    private mutating func read(_ statements: [ProceduralBody.Statement], isCertain: Bool) {
        for statement in statements {
            switch statement {
            case .sql(let text, let line):
                read(text, line: line, isCertain: isCertain)
            case .dynamic(let expression, let line):
                if let text = Self.constant(expression) {
                    read(text, line: line, isCertain: isCertain, isWritten: false)
                } else {
                    note("an EXECUTE before it may have changed what was there")
                }
            case .branches(let branches, _):
                for branch in branches { read(branch.body, isCertain: false) }
                noteWay(out: branches.map(\.body))
            case .loop(let inner, _):
                read(inner, isCertain: false)
                noteWay(out: [inner])
            case .block(let inner, let handlers, _):
                read(Array(inner.prefix(1)), isCertain: isCertain)
                // Where errors are caught, one that fails before it keeps a statement from running.
                read(Array(inner.dropFirst()), isCertain: isCertain && handlers.isEmpty)
                for handler in handlers { read(handler.body, isCertain: false) }
                noteWay(out: handlers.map(\.body))
            case .query, .expression, .transactionEnd, .other:
                continue
            }
        }
    }

    private mutating func read(_ text: String, line: Int, isCertain: Bool, isWritten: Bool = true) {
        guard let script = try? SQLScript(text), let statement = script.statements.first else { return }
        let guards = statement.guards
        if !guards.isEmpty {
            let isMadeBefore = guards.flatMap(\.names).contains(where: made.contains)
            parts.append(
                Part(
                    script: script,
                    place: isWritten ? body?.offset(of: text, fromLine: line) : body?.offset(ofLine: line),
                    isVerbatim: isWritten,
                    doubt: !isCertain
                        ? "what it declares, since it stands behind a condition"
                        : isMadeBefore ? "what it declares, since the block makes one of that name before" : doubt
                )
            )
        }
        made.formUnion(guards.flatMap(\.names))
        switch StatementEffect(statement) {
        case .none: break
        case .makes(let name): made.insert(name)
        case .changes(let name):
            if let name { made.insert(name) }
            note("a statement before it may have changed what was there")
        case .anything: note("a statement before it may have changed what was there")
        }
    }

    private mutating func note(_ words: String) {
        if doubt == nil { doubt = "what it declares, since " + words }
    }

    /// What may leave the block early makes a condition of it for all that comes behind.
    private mutating func noteWay(out lists: [[ProceduralBody.Statement]]) {
        let mayLeave = lists.joined().contains { statement in
            switch statement {
            case .expression, .transactionEnd, .other: true
            default: false
            }
        }
        if mayLeave { note("the block may end before it") }
    }

    /// The text of an expression that is a constant.
    private static func constant(_ expression: String) -> String? {
        let text = expression.trimmingBlanks
        guard let script = try? SQLScript(text), let statement = script.statements.first,
            statement.tokens.count == 1, statement.text == text
        else { return nil }
        if text.hasPrefix("'") { return String(text.dropFirst().dropLast()).replacing("''", with: "'") }
        guard text.hasPrefix("$"), let end = text.dropFirst().firstIndex(of: "$") else { return nil }
        let tag = text[...end]
        return String(text.dropFirst(tag.count).dropLast(tag.count))
    }

    /// The block's body as it stands in the file.
    private struct Body {
        private let bytes: ArraySlice<UInt8>
        private let start: Int

        /// Nil for a body that is not in dollar quotes: its bytes are not those of the file.
        init?(of statement: SQLStatement) {
            let text = Array(statement.text.utf8)
            let start = statement.range.lowerBound
            let dollar = UInt8(ascii: "$")
            let tokens = statement.tokens.map { ($0.range.lowerBound - start)..<($0.range.upperBound - start) }
            guard let body = tokens.first(where: { text[$0].first == dollar && text[$0].last == dollar }),
                let tag = text[body].dropFirst().firstIndex(of: dollar)
            else { return nil }
            let end = body.upperBound - (tag + 1 - body.lowerBound)
            guard end > tag else { return nil }
            self.start = start
            bytes = text[(tag + 1)..<end]
        }

        func offset(of text: String, fromLine line: Int) -> Int? {
            guard let beginning = place(ofLine: line) else { return nil }
            let wanted = Array(text.utf8)
            guard let first = wanted.first else { return nil }
            var place = beginning
            while let next = bytes[place...].firstIndex(of: first) {
                if bytes[next...].starts(with: wanted) { return start + next }
                place = next + 1
            }
            return nil
        }

        func offset(ofLine line: Int) -> Int? {
            place(ofLine: line).map { place in
                start + (bytes[place...].firstIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") } ?? place)
            }
        }

        private func place(ofLine line: Int) -> Int? {
            var place = bytes.startIndex
            for _ in 1..<max(line, 1) {
                guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
                place = end + 1
            }
            return place
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
