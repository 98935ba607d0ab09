import ArgumentParser
import Linter
import ProjectSettings

/// The pages of the rules.
enum RulePages {
    /// One line a rule, by what they are about.
    static func list(of all: [Rule]) -> String {
        let width = all.map(\.name.count).max() ?? 0
        return Category.allCases.map { category in
            let rules = all.filter { $0.category == category }.sorted { $0.name < $1.name }
            let lines = rules.map { rule in
                let gap = String(repeating: " ", count: width - rule.name.count + 2)
                let weight = rule.isDefault ? rule.severity.rawValue : "off"
                let space = String(repeating: " ", count: Severity.warning.rawValue.count - weight.count + 2)
                return "  \(rule.name)\(gap)\(weight)\(space)\(rule.summary)"
            }
            return ([category.rawValue] + lines).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// The page of a rule.
    static func page(of rule: Rule) -> String { rule.markdown }

    /// What to say of a rule that there is not.
    static func unknown(_ name: String, among rules: [Rule]) -> ValidationError {
        let near = rules.map(\.name).nearest(to: name)
        return ValidationError(
            "there is no rule \"\(name)\"" + (near.map { "; did you mean \($0)?" } ?? "; --list-rules prints them")
        )
    }
}
