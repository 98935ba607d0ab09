import Linter
import ProjectSettings
import SourceText

/// What `lint --fix` changes, and what it leaves.
struct LintFixReport: Report {
    /// A file that changes.
    struct Row: Encodable {
        let file: String
        let rules: [String]
        let diff: String
    }

    /// A finding that is left, though its rule can be mended.
    struct Left: Encodable {
        let rule: String
        let file: String
        let line: Int
        let column: Int
        let reason: String
    }

    let fixes: [Row]
    let notFixed: [Left]
    let written: Bool

    init(_ fixes: LintFixes, isWritten: Bool) {
        self.fixes = fixes.files.map { file in
            Row(
                file: file.path,
                rules: file.findings.map(\.rule),
                diff: UnifiedDiff(from: file.before, to: file.after).text(from: file.path, to: file.path)
            )
        }
        notFixed = fixes.refusals.map { refusal in
            Left(
                rule: refusal.finding.rule,
                file: refusal.finding.file,
                line: refusal.finding.position.line,
                column: refusal.finding.position.column,
                reason: refusal.reason
            )
        }
        written = isWritten
    }

    func text(style: TextStyle) -> String {
        var parts = fixes.map { coloured($0.diff, style) }
        for left in notFixed {
            let place = "\(left.file):\(left.line):\(left.column)".printableLine
            parts.append("# \(place): not mended[\(left.rule)]: \(left.reason.printableLine)\n")
        }
        let count = fixes.reduce(0) { $0 + $1.rules.count }
        let verb = written ? "mended" : "can be mended"
        var summary = "\(Words.count(count, "finding")) in \(Words.count(fixes.count, "file")) \(verb)"
        if !notFixed.isEmpty { summary += ", \(notFixed.count) left to you" }
        if !written, !fixes.isEmpty { summary += "; --fix --write writes the files" }
        // As a comment, so that the whole is a patch.
        parts.append("# \(summary)")
        return parts.joined()
    }

    private func coloured(_ diff: String, _ style: TextStyle) -> String {
        diff.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let text = String(line).printable
            if line.hasPrefix("@@") { return style.faint(text) }
            if line.hasPrefix("+") { return style.good(text) }
            if line.hasPrefix("-") { return style.bad(text) }
            return text
        }.joined(separator: "\n")
    }
}
