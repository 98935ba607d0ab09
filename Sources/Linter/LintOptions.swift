public import SQLSyntax

/// How migrations are judged.
public struct LintOptions: Sendable {
    /// Who runs the files.
    public enum Runner: Hashable, Sendable {
        /// Lastro: one transaction a file, unless a statement cannot run in one; each file runs once.
        case lastro
        /// Nobody knows: what the files say about transactions is all there is, and a file may run again after it failed.
        case unknown
        /// One that puts a transaction around each file.
        case wrapping
    }

    /// What is said about a rule.
    public enum Setting: Hashable, Sendable {
        /// It is not asked.
        case off
        /// It is asked, and its findings weigh as much as it says.
        case on
        /// It is asked, and its findings weigh this.
        case severity(Severity)
    }

    /// The major version of the server; rules that depend on it judge by it.
    public var serverMajor = 15
    /// Who runs the files.
    public var runner = Runner.lastro
    /// Whether every rule is asked, also those that are off unless configured.
    public var asksEveryRule = false
    /// What is configured about rules, by their names.
    public var settings: [String: Setting] = [:]
    /// How many rows the tables of the database have, by schema and name; empty where no database is known.
    public var rowCounts: [QualifiedName: Int] = [:]
    /// Findings that are left out because a baseline has them.
    public var baseline: Set<String> = []
    /// What the configuration lets files do.
    public var allowances: [ConfiguredAllowance] = []
    /// The rules of the house, beside those that everybody has.
    public var houseRules: [HouseRule] = []
    /// Whether all files are judged that ever are, so that an allowance which nothing needs is known to be in vain.
    public var judgesAll = false

    /// Whether it is told what each judged file does.
    public var tellsWork = false

    /// Makes the usual options.
    public init() {}

    /// All rules: those that everybody has and those of the house.
    public var rules: [Rule] { Rule.all + houseRules.map(\.rule) }

    /// The rule with a name; nil if there is none.
    public func rule(named name: String) -> Rule? {
        Rule.named(name) ?? houseRules.first { $0.name == name }?.rule
    }

    /// Whether a rule is asked.
    func asks(_ rule: Rule) -> Bool {
        switch settings[rule.name] {
        case .off: false
        case .on, .severity: true
        case nil: rule.isDefault || asksEveryRule
        }
    }
}
