import SQLSyntax

/// Writes what mends a statement.
struct StatementFixer {
    let source: LintSource
    let script: SQLScript
    let index: Int
    let options: LintOptions
    let tokens: [StatementToken]

    init?(_ source: LintSource, statement index: Int, options: LintOptions) {
        guard let script = source.script, source.statements.indices.contains(index) else { return nil }
        self.source = source
        self.script = script
        self.index = index
        self.options = options
        tokens = source.statements[index].parsed.statement.tokens
    }

    var statement: LintSource.Statement { source.statements[index] }
    var start: Int { statement.range.lowerBound }
    var end: Int { statement.range.upperBound }

    /// What mends it, or why it is left alone.
    func outcome(of fix: LintFix) -> FixOutcome {
        switch fix {
        case .concurrently: concurrently()
        case .notValid(let name): notValid(name)
        case .moveForeignKey(let location, let columns, let name): moveForeignKey(location, columns, name)
        case .guarded(let guarding): guarded(guarding)
        case .limit(let setting, let isLocal): limit(setting, isLocal)
        }
    }

    /// A statement of its own behind this one.
    func appended(_ sql: String) -> TextEdit { TextEdit(range: end..<end, text: ";\n\n" + sql, stacks: true) }

    /// A statement of its own before this one.
    func prepended(_ sql: String) -> TextEdit { .insert(sql + ";\n", at: start) }

    func text(in range: Range<Int>) -> String { script.text(in: range) }

    /// A directive at the head of the file.
    func directive(_ text: String) -> TextEdit {
        let first = source.statements.first?.range.lowerBound ?? script.header.upperBound
        let bytes = script.utf8
        var line = first
        while line > 0, bytes[line - 1] != UInt8(ascii: "\n"), bytes[line - 1] != UInt8(ascii: "\r") { line -= 1 }
        // Behind a block comment that ends in the line of the first statement there is no room.
        let isInComment = script.comments(in: script.header).contains {
            $0.range.lowerBound < line && line < $0.range.upperBound
        }
        let isIndented = bytes[line..<first].allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let offset = isInComment || !isIndented ? script.header.lowerBound : line
        return .insert("-- lastro: \(text)\n", at: offset)
    }

    /// A limit on the time that something takes.
    private func limit(_ setting: String, _ isLocal: Bool) -> FixOutcome {
        let value = LintFix.value(of: setting)
        let directives = ["lock_timeout": "lock-timeout", "statement_timeout": "statement-timeout"]
        if options.runner == .lastro, let name = directives[setting] {
            return .edits([directive("\(name) \(value)")])
        }
        return .edits([prepended("SET \(isLocal ? "LOCAL " : "")\(setting) = '\(value)'")])
    }
}

extension LintFix {
    /// What a limit is set to.
    static func value(of setting: String) -> String { setting == "lock_timeout" ? "2s" : "1min" }
}
