import Linter
import ProjectSettings
import SourceText

/// Reads `lint.house-rules`: rules without code, each under its name.
struct HouseRuleReader {
    let file: String

    private static let demands = ["names", "columns", "types", "statements", "comments"]
    private static let keys = demands + ["pattern", "tables", "except", "severity", "advice"]

    private var reader: StructureReader { StructureReader(file: file, key: SettingStructure.lintHouseRules.rawValue) }

    func rules(_ entry: YAMLFile.Entry) throws(ConfigurationError) -> [HouseRule] {
        switch entry.value.content {
        case .none: return []
        case .mapping(let entries):
            var rules: [HouseRule] = []
            for entry in entries { rules.append(try rule(entry)) }
            return rules
        default:
            throw reader.mistake(
                "rules under their names were expected",
                at: entry.value.position,
                next: "write no-json: and under it types: json"
            )
        }
    }

    private func rule(_ entry: YAMLFile.Entry) throws(ConfigurationError) -> HouseRule {
        let letters = entry.key.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
        guard letters, !entry.key.hasPrefix(HouseRule.prefix), let first = entry.key.first, first.isLetter else {
            throw reader.mistake(
                "\"\(entry.key)\" is no name for a rule",
                at: entry.position,
                next: "write small letters, digits and hyphens; findings name it \(HouseRule.prefix)NAME"
            )
        }
        let fields = try reader.fields(entry.value, known: Self.keys, example: "types: json")
        var severity = Severity.warning
        if let field = fields["severity"] {
            guard let given = Severity(rawValue: field.text) else {
                throw reader.mistake(
                    "\"\(field.text)\" is no severity",
                    at: field.position,
                    next: "write \(SeverityName.expectation)"
                )
            }
            severity = given
        }
        return HouseRule(
            name: entry.key,
            demand: try demand(of: entry, fields),
            severity: severity,
            tables: patterns(fields["tables"]?.text),
            exceptions: patterns(fields["except"]?.text),
            advice: fields["advice"]?.text
        )
    }

    private func patterns(_ text: String?) -> [String] {
        text?.split { $0 == "," || $0.isWhitespace }.map(String.init) ?? []
    }

    private func demand(
        of entry: YAMLFile.Entry,
        _ fields: [String: (text: String, position: SourcePosition)]
    ) throws(ConfigurationError) -> HouseRule.Demand {
        let given = Self.demands.filter { fields[$0] != nil }
        guard given.count == 1, let key = given.first, let field = fields[key] else {
            throw reader.mistake(
                "\(entry.key) \(given.isEmpty ? "demands nothing" : "demands \(given.joined(separator: " and "))")",
                at: entry.position,
                next: "write one of \(Self.demands.joined(separator: ", ")) under it"
            )
        }
        let (demand, expected) = try demand(key, field.text, entry, fields)
        guard let demand else {
            throw reader.mistake(
                "\(key): \"\(field.text)\" cannot be read",
                at: field.position,
                next: "write \(expected)"
            )
        }
        return demand
    }

    private func demand(
        _ key: String,
        _ text: String,
        _ entry: YAMLFile.Entry,
        _ fields: [String: (text: String, position: SourcePosition)]
    ) throws(ConfigurationError) -> (HouseRule.Demand?, expected: String) {
        func words(_ kinds: some Sequence<HouseRule.NamedKind>) -> String {
            "some of " + kinds.map(\.rawValue).sorted().joined(separator: ", ")
        }
        switch key {
        case "names":
            guard let pattern = fields["pattern"] else {
                throw reader.mistake(
                    "\(entry.key) has no pattern",
                    at: entry.position,
                    next: "write pattern: and a regular expression that the whole name must fit"
                )
            }
            guard let expression = HouseRule.NamePattern(pattern.text) else {
                throw reader.mistake(
                    "\"\(pattern.text)\" is no regular expression",
                    at: pattern.position,
                    next: "write one such as [a-z][a-z0-9_]*, in quotes"
                )
            }
            return (HouseRule.kinds(text).map { .names($0, expression) }, words(HouseRule.NamedKind.allCases))
        case "columns":
            return (
                HouseRule.RequiredColumn.list(text).map { .columns($0) },
                "columns as CREATE TABLE has them, or their names"
            )
        case "types": return (HouseRule.types(text).map { .types($0) }, "types such as json, money")
        case "statements":
            return (
                HouseRule.statements(text).map { .statements($0) },
                "what they begin with, such as CREATE RULE, TRUNCATE"
            )
        default:
            return (
                HouseRule.kinds(text, among: HouseRule.commentedKinds).map { .comments($0) },
                words(HouseRule.commentedKinds)
            )
        }
    }
}
