import SQLSyntax
import SourceText

/// What needs a file that runs in steps.
extension StatementFixer {
    func concurrently() -> FixOutcome {
        if let reason = reasonAgainstSteps { return .refused(reason) }
        let words = ["INDEX", "TABLE", "SCHEMA", "DATABASE"]
        // REINDEX INDEX and its like: what stands in parentheses before it is options.
        guard let place = tokens.firstIndex(where: { $0.depth == 0 && words.contains($0.word ?? "") }) else {
            return .refused("where CONCURRENTLY belongs is not clear")
        }
        let edit = TextEdit.insert(" CONCURRENTLY", at: tokens[place].range.upperBound)
        return .edits([edit] + stepDirective)
    }

    func notValid(_ name: String?) -> FixOutcome {
        guard case .alterTable(let alter) = statement.node, alter.actions.count == 1,
            let constraint = alter.actions.first?.constraint
        else { return .refused("the statement does several things at once: give each one of its own") }
        guard let name = constraint.name ?? name else {
            return .refused("the constraint has no name of its own: give it one, by which it can be validated")
        }
        if alter.ifExists {
            return .refused("ALTER TABLE IF EXISTS may do nothing, and then there is nothing to validate")
        }
        if let reason = reasonAgainstSteps { return .refused(reason) }
        let table = "\(alter.relation.isOnly ? "ONLY " : "")\(alter.relation.name)"
        var edits = [
            TextEdit(
                range: end..<end,
                text: " NOT VALID;\n\nALTER TABLE \(table) VALIDATE CONSTRAINT \(Identifier.quote(name))"
            )
        ]
        if constraint.name == nil {
            guard let location = constraint.location else { return .refused("its place is not known") }
            edits.append(.insert("CONSTRAINT \(Identifier.quote(name)) ", at: location))
        }
        return .edits(edits + stepDirective)
    }

    private var stepDirective: [TextEdit] { source.text.asksForNoTransaction ? [] : [directive("no-transaction")] }

    /// Why the file cannot run wholly in steps; nil if it can.
    private var reasonAgainstSteps: String? {
        if options.runner == .wrapping { return "the runner puts a transaction around each file" }
        if source.text.isBatched { return "the file is repeated in batches" }
        if source.text.hidesTransaction || source.hasTransactionControl {
            return "the file begins and ends transactions of its own"
        }
        // A file that runs in steps as it is stays one.
        if source.runsInSteps { return nil }
        guard let other = source.statements.first(where: { !$0.canBeAStep }) else { return nil }
        let line = source.position(ofByte: other.range.lowerBound).line
        return "the file cannot run in steps because of the statement at line \(line): "
            + "put this one into a migration of its own"
    }
}

extension LintSource.Statement {
    /// Whether it needs no other statement to be taken back with it.
    fileprivate var canBeAStep: Bool {
        switch node {
        case .createIndex, .reindex, .comment: true
        case .drop(let drop): drop.kind == .index
        case .alterTable(let alter):
            alter.actions.count == 1
                && alter.actions.allSatisfy { action in
                    action.kind == .validateConstraint
                        || action.kind == .addConstraint
                            && [.foreignKey, .check].contains(action.constraint?.kind)
                }
        default: false
        }
    }
}
