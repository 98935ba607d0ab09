import Linter
import Migrator
import ProjectSettings
import SourceText

/// Reads `lint.allow`: which rule, in which files or versions, and why.
struct AllowanceReader {
    let file: SettingsFile
    let rules: LintOptions

    private static let keys = ["rule", "path", "from", "to", "reason"]

    func allowances(_ entry: YAMLFile.Entry) throws(ConfigurationError) -> [ConfiguredAllowance] {
        let reader = StructureReader(file: file.path, key: SettingStructure.lintAllow.rawValue)
        let example = "- rule: drop-table, path: 0042_*.sql, reason: why"
        switch entry.value.content {
        case .none: return []
        case .list(let nodes):
            var allowances: [ConfiguredAllowance] = []
            for node in nodes { allowances += try self.allowances(node, reader, example) }
            return allowances
        default: throw reader.mistake("a list was expected", at: entry.value.position, next: "write \(example)")
        }
    }

    private func allowances(
        _ node: YAMLFile.Node,
        _ reader: StructureReader,
        _ example: String
    ) throws(ConfigurationError) -> [ConfiguredAllowance] {
        let fields = try reader.fields(node, known: Self.keys, example: example)
        guard let names = fields["rule"] else {
            throw reader.mistake("an entry names no rule", at: node.position, next: "write rule: NAME")
        }
        guard let reason = fields["reason"] else {
            throw reader.mistake(
                "\(names.text) is allowed without a reason",
                at: node.position,
                next: "write reason: and why, for who reads it next year"
            )
        }
        guard fields["path"] != nil || fields["from"] != nil || fields["to"] != nil else {
            throw reader.mistake(
                "\(names.text) is allowed everywhere",
                at: node.position,
                next: "say path:, from: or to:, or turn the rule off with lint.off"
            )
        }
        var allowances: [ConfiguredAllowance] = []
        for name in names.text.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map(String.init) {
            guard rules.rule(named: name) != nil else {
                let near = rules.rules.map(\.name).nearest(to: name)
                throw reader.mistake(
                    "there is no rule \"\(name)\"",
                    at: names.position,
                    next: near.map { "did you mean \($0)?" } ?? "`lastro lint --list-rules` prints them"
                )
            }
            allowances.append(
                ConfiguredAllowance(
                    rule: name,
                    path: fields["path"]?.text,
                    from: try version("from", fields, reader),
                    through: try version("to", fields, reader),
                    reason: reason.text,
                    location: reader.location(node.position),
                    excerpt: excerpt(line: node.position.line)
                )
            )
        }
        return allowances
    }

    private func version(
        _ key: String,
        _ fields: [String: (text: String, position: SourcePosition)],
        _ reader: StructureReader
    ) throws(ConfigurationError) -> MigrationVersion? {
        guard let field = fields[key] else { return nil }
        guard let version = MigrationVersion(dotted: field.text) else {
            throw reader.mistake(
                "\(key): \"\(field.text)\" is no version",
                at: field.position,
                next: "write one such as 0042"
            )
        }
        return version
    }

    private func excerpt(line: Int) -> String {
        let lines = file.content?.text.split(separator: "\n", omittingEmptySubsequences: false) ?? []
        return lines.indices.contains(line - 1) ? String(lines[line - 1]) : ""
    }
}
