import Catalog
import SchemaDiff

extension DiffReport {
    /// A tree: the objects by kind, below each its attributes with what is and what is wanted, then its statements.
    func text(style: TextStyle) -> String {
        var lines: [String] = []
        var kind: String?
        for change in changes {
            if change.kind != kind {
                kind = change.kind
                if !lines.isEmpty { lines.append("") }
                lines.append(style.strong(change.kind))
            }
            lines.append("  " + headline(of: change, style))
            for proposal in proposals(for: change) {
                lines.append("      " + style.warning("? \(proposal.words.printableLine)"))
            }
            for attribute in change.attributes where ["alter", "rename"].contains(change.change) {
                lines += attribute.lines(style)
            }
            for statement in change.statements {
                lines += statement.sql.printable.split(separator: "\n", omittingEmptySubsequences: false).map {
                    "      " + style.faint(String($0))
                }
                let notes = statement.hazards + (statement.lock.map { ["lock \($0)"] } ?? [])
                if !notes.isEmpty { lines.append("      " + style.warning("  ! " + notes.joined(separator: ", "))) }
            }
        }
        if !lines.isEmpty { lines.append("") }
        lines.append(summary)
        if !reordered.isEmpty {
            lines.append("in another order, which no statement changes: \(reordered.joined(separator: ", "))".printable)
        }
        lines += notCompared.map(\.words.printable)
        if !notModelled.isEmpty { lines.append("not modelled: \(notModelled.joined(separator: ", "))".printable) }
        return lines.joined(separator: "\n")
    }

    /// The renames that could take the place of a drop, or of a part of a change.
    func proposals(for change: Change) -> [ProposedRename] {
        guard change.change == "drop" || change.change == "alter" else { return [] }
        return proposedRenames.filter { proposal in
            proposal.kind == change.kind
                && (proposal.object == change.object
                    || change.change == "alter" && proposal.object.hasPrefix(change.object + "."))
        }
    }

    private func headline(of change: Change, _ style: TextStyle) -> String {
        let name = change.object.printableLine
        return switch change.change {
        case "create": style.good("+ \(name)")
        case "drop": style.bad("- \(name)")
        case "alter": style.warning("~ \(name)")
        case "rename": style.warning("> \(name)")
        default: style.faint("= \(name) (created again)")
        }
    }

    /// `3 objects differ; hazards: deletes-data`.
    var summary: String {
        let count = changes.count { $0.change != "rebuild" }
        guard count > 0 else { return "the schemas are equal" }
        return "\(Words.count(count, "object")) differ\(count == 1 ? "s" : "")"
            + (proposedRenames.isEmpty ? "" : "; \(Words.count(proposedRenames.count, "rename")) proposed")
            + (hazards.isEmpty ? "" : "; hazards: \(hazards.joined(separator: ", "))")
    }
}

extension DiffReport.Attribute {
    /// The attribute with what is and what is wanted, below an object's line.
    func lines(_ style: TextStyle) -> [String] {
        let (from, to) = (self.from?.words ?? "(none)", self.to?.words ?? "(none)")
        guard from.contains("\n") || to.contains("\n") || from.count + to.count > 100 else {
            return ["      \(name): \(style.bad(from.printable)) → \(style.good(to.printable))"]
        }
        func block(_ text: String, _ mark: String, _ style: (String) -> String) -> [String] {
            text.printable.split(separator: "\n", omittingEmptySubsequences: false).map {
                "        " + style("\(mark) \($0)")
            }
        }
        return ["      \(name):"] + block(from, "-", style.bad) + block(to, "+", style.good)
    }
}

extension AttributeValue {
    /// The value as reports show it.
    var words: String {
        switch self {
        case .text(let text): text
        case .flag(let flag): flag ? "yes" : "no"
        case .number(let number): String(number)
        case .list(let list): list.joined(separator: ", ")
        }
    }
}
