import ArgumentParser
import Linter

/// The options that say how migrations are judged.
struct LintJudging: ParsableArguments, SettingFlags {
    @Option(help: ArgumentHelp("The server's major version (default: the database's, else 15).", valueName: "n"))
    var pgVersion: String?

    @Option(
        help: ArgumentHelp(
            "From which severity on findings fail: note, warning or error (default).",
            valueName: "severity"
        )
    )
    var failOn: String?

    @Flag(help: "Ask every rule, and judge for a runner that nobody knows.")
    var allRules = false

    @Flag(help: "Judge for a runner that puts a transaction around each file.")
    var assumeInTransaction = false

    var settings: [(setting: Setting, flag: String, value: String?)] {
        [(.lintVersion, "--pg-version", pgVersion), (.lintFailOn, "--fail-on", failOn)]
    }

    /// How to judge, by the command line and the configuration.
    func options(_ settings: LintSettings) throws -> LintOptions {
        var options = settings.options
        options.asksEveryRule = allRules
        if allRules { options.runner = .unknown }
        if assumeInTransaction { options.runner = .wrapping }
        options.baseline = try LintBaseline.read(settings.baseline)
        return options
    }
}

/// A severity in the configuration.
struct SeverityName: SettingValue, Hashable {
    let severity: Severity

    static let expectation = "note, warning or error"

    init?(configString text: String) {
        guard let severity = Severity(rawValue: text) else { return nil }
        self.severity = severity
    }

    var description: String { severity.rawValue }
}

/// A list of rules in the configuration.
struct RuleNames: SettingValue, Hashable {
    let names: [String]
    let description: String

    static let expectation = "names of rules, separated by commas; `lastro lint --list-rules` prints them"

    init?(configString text: String) {
        names = text.split { $0 == "," || $0.isWhitespace }.map(String.init)
        description = text
    }
}
