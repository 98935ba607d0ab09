import SQLSyntax

/// What keeps a statement from failing the second time.
extension StatementFixer {
    func guarded(_ guarding: LintFix.Guard) -> FixOutcome {
        switch guarding {
        case .ifNotExists: return inserting("IF NOT EXISTS", behind: Self.made)
        case .ifExists:
            return inserting("IF EXISTS", behind: Self.dropped)
        case .orReplace:
            guard tokens.first?.word == "CREATE" else { return .refused("it is no CREATE") }
            return .edits([.insert(" OR REPLACE", at: tokens[0].range.upperBound)])
        case .addColumn(let location):
            guard let location else { return .refused("its place is not known") }
            return .edits([.insert("IF NOT EXISTS ", at: location)])
        case .addValue:
            guard let value = tokens.first(where: { $0.word == "VALUE" && $0.depth == 0 }) else {
                return .refused("where IF NOT EXISTS belongs is not clear")
            }
            return .edits([.insert(" IF NOT EXISTS", at: value.range.upperBound)])
        case .dropPart(let name): return dropPart(name)
        case .dropConstraintBefore(let name):
            guard case .alterTable(let alter) = statement.node else { return .refused("it is no ALTER TABLE") }
            let table = "\(alter.relation.isOnly ? "ONLY " : "")\(alter.relation.name)"
            return .edits([prepended("ALTER TABLE \(table) DROP CONSTRAINT IF EXISTS \(Identifier.quote(name))")])
        case .dropBefore(let sql): return .edits([prepended(sql)])
        case .block:
            let sql = text(in: start..<end)
            guard !sql.contains("$guard$") else { return .refused("its text has the mark $guard$") }
            return .edits([
                .insert("DO $guard$\nBEGIN\n    ", at: start),
                .insert(";\nEXCEPTION WHEN duplicate_object THEN\n    NULL;\nEND\n$guard$", at: end),
            ])
        }
    }

    private static let made = ["TABLE", "INDEX", "SEQUENCE", "SCHEMA", "VIEW", "EXTENSION", "STATISTICS"]
    private static let dropped = [
        "TABLE", "VIEW", "INDEX", "SEQUENCE", "SCHEMA", "TYPE", "DOMAIN", "FUNCTION", "PROCEDURE", "ROUTINE",
        "AGGREGATE", "EXTENSION", "TRIGGER", "POLICY", "RULE", "COLLATION", "CONVERSION", "PUBLICATION", "STATISTICS",
    ]

    /// A guard behind the word for what is made or dropped, which is one of the first.
    private func inserting(_ words: String, behind kinds: [String]) -> FixOutcome {
        guard ["CREATE", "DROP"].contains(tokens.first?.word),
            let place = tokens.prefix(5).firstIndex(where: { kinds.contains($0.word ?? "") }),
            !tokens.dropFirst(place).contains(where: { $0.depth == 0 && $0.word == "CREATE" })
        else { return .refused("where \(words) belongs is not clear") }
        let isConcurrent = tokens.indices.contains(place + 1) && tokens[place + 1].word == "CONCURRENTLY"
        return .edits([.insert(" " + words, at: tokens[isConcurrent ? place + 1 : place].range.upperBound)])
    }

    private func dropPart(_ name: String) -> FixOutcome {
        for (place, token) in tokens.enumerated() where token.word == "DROP" && token.depth == 0 {
            var next = place + 1
            if tokens.indices.contains(next), ["COLUMN", "CONSTRAINT"].contains(tokens[next].word) { next += 1 }
            guard tokens.indices.contains(next) else { continue }
            let written = text(in: tokens[next].range)
            guard
                Identifier.quote(name) == written || tokens[next].word?.lowercased() == name
                    || written == "\"\(name)\""
            else { continue }
            return .edits([.insert("IF EXISTS ", at: tokens[next].range.lowerBound)])
        }
        return .refused("where IF EXISTS belongs is not clear")
    }
}
