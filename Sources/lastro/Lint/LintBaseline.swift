import Linter
import ProjectSettings
import SourceText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The file of what is found and known, so that an old project starts clean.
///
/// One finding a line: its fingerprint, and behind a blank the rule and the place for people.
enum LintBaseline {
    /// The fingerprints of a file; none if it is not there.
    static func read(_ path: String) throws -> Set<String> {
        let file = try SettingsFile(path: path)
        guard let content = file.content else { return [] }
        let lines = content.text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
        return Set(lines.compactMap { $0.split(separator: " ").first.map(String.init) })
    }

    /// Writes what was found.
    static func write(_ report: LintReport, to path: String) throws {
        var seen: Set<String> = []
        var lines = ["# What `lastro lint` knows and does not report; made by --write-baseline."]
        for finding in report.findings where seen.insert(finding.fingerprint).inserted {
            lines.append("\(finding.fingerprint) \(finding.rule) \(finding.file):\(finding.position.line)")
        }
        try ProjectFiles.replaceFile(path, lines.joined(separator: "\n") + "\n")
    }
}
