import Catalog

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension DriftReport {
    /// `2 objects differ from what the migrations make`.
    var summary: String {
        let what = hasHistory ? "what the applied migrations make" : "what is wanted"
        guard !differing.isEmpty else { return "the database is \(what)" }
        let count = differing.count
        return "\(Words.count(count, "object")) differ\(count == 1 ? "s" : "") from \(what)"
    }

    /// Who explains a change: the statement that last named the object, and what the history has of it.
    func explanation(of change: Change) -> String? {
        if let definition = change.lastDefined {
            let verb = change.difference.change == "drop" ? "last named" : "last defined"
            return "\(verb) at \(definition.place), \(definition.origin); the history has no entry of what differs"
        }
        guard hasHistory else { return nil }
        return "no applied migration names it: it came by another hand, and the history has no entry of it"
    }

    func text(style: TextStyle) -> String {
        var lines: [String] = []
        for change in differing {
            let difference = change.difference
            let name = "\(difference.kind) \(difference.object)".printableLine
            switch difference.change {
            case "create": lines.append(style.bad("- \(name)") + " is missing")
            case "drop": lines.append(style.good("+ \(name)") + " is there and should not be")
            default: lines.append(style.warning("~ \(name)") + " differs")
            }
            if difference.change == "alter" { lines += difference.attributes.flatMap { $0.lines(style) } }
            if let words = explanation(of: change) { lines.append("      " + style.faint(words.printableLine)) }
        }
        if !lines.isEmpty { lines.append("") }
        lines.append(summary)
        if !reordered.isEmpty {
            let words = "in another order, or declared by a parent too, which no statement changes: "
            lines.append((words + reordered.joined(separator: ", ")).printable)
        }
        lines += proposedRenames.map { style.warning($0.words.printable) }
        lines += notCompared.map(\.words.printable)
        if !notModelled.isEmpty { lines.append("not modelled: \(notModelled.joined(separator: ", "))".printable) }
        guard !differing.isEmpty else { return lines.joined(separator: "\n") }
        for repair in repairs {
            let notes = repair.hazards.isEmpty ? "" : " (hazards: \(repair.hazards.joined(separator: ", ")))"
            lines += ["", style.strong(repair.title) + notes, repair.body.printable]
        }
        return lines.joined(separator: "\n")
    }

    /// Both ways to end the drift.
    var repairs: [(title: String, hazards: [String], body: String, isSQL: Bool)] {
        [
            (
                "To take the database back", hazards,
                refusal.map { "no statements do it rightly: \($0)" } ?? takingBack,
                refusal == nil
            ),
            (
                "To adopt what is there, as a migration (--write NAME)", adopting.hazards,
                adopting.refusal.map { "no statements do it rightly: \($0)" } ?? adoption, adopting.refusal == nil
            ),
        ]
    }
}

extension DriftReport.Change {
    /// What differs in one line.
    var words: String {
        let name = "\(difference.kind) \(difference.object)"
        switch difference.change {
        case "create": return "\(name) is missing"
        case "drop": return "\(name) is there and should not be"
        default:
            let attributes = difference.attributes.map { attribute in
                "\(attribute.name) is \(attribute.from?.words ?? "(none)") instead of \(attribute.to?.words ?? "(none)")"
            }
            return "\(name): \(attributes.joined(separator: "; "))"
        }
    }
}

extension DriftReport.Definition {
    /// `migrations/0003_x.sql:4:1`.
    var place: String {
        [file, line.map(String.init), column.map(String.init)].compactMap(\.self).joined(separator: ":")
    }

    /// How, when and by whom its migration came into the history.
    var origin: String {
        let verb =
            switch outcome {
            case nil: "put into the history by another hand"
            case "marked"?: "marked as run"
            case "baseline"?: "there before the history began"
            case "adopted"?: "taken over from another history"
            default: "applied"
            }
        return verb + (appliedAt.map { " \($0.formatted(.iso8601))" } ?? "") + (appliedBy.map { " by \($0)" } ?? "")
    }
}
