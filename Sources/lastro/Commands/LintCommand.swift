import ArgumentParser
import Linter
import Migrator
import ProjectSettings

struct LintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Judge migrations before they run.",
        discussion: """
            Runs the history in the head, statement by statement, and asks every rule about what may be there: what a guard \
            hides, which locks are taken, what is lost, what the running application still needs. Without files the whole \
            folder is judged; a file is judged after the migrations of lower version, wherever it lies.

            With --database, or --catalog and a catalog file, it starts from what is really there, and the number of rows \
            weighs the rules about locks. The database is only read.

            COMMENTS
              -- lastro: allow RULE reason   at the head of a file, or above a statement
              -- lastro: idempotent          the file can run again

            --fix shows as a diff what would mend the findings that need no judgement: CONCURRENTLY, NOT VALID with VALIDATE, \
            guards, limits, foreign keys in CREATE TABLE IF NOT EXISTS. --fix --write writes it. A file that lastro.sum lists or \
            that the database has run is left as it is, unless --force is given.

            FORMATS
              text, json, github, gitlab, sarif, junit, markdown

            EXAMPLES
              lastro lint
              lastro lint --fix
              lastro lint --fix --write --fix-only index-not-concurrent
              lastro lint migrations/0042_orders.sql --format github
              lastro lint --since origin/main --format markdown
              lastro lint --database "$PRODUCTION_URL"
              lastro lint --explain column-may-not-exist

            EXIT STATUS
              0  nothing at or above --fail-on
              1  findings; with --fix, something to mend
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions
    @OptionGroup var selection: LintSelection
    @OptionGroup var judging: LintJudging
    @OptionGroup var fixing: LintFixing

    @Option(help: ArgumentHelp("Print the page of a rule.", valueName: "rule"))
    var explain: String?

    @Flag(help: "List the rules.")
    var listRules = false

    @Flag(help: "Write what is found now to the baseline file, so that only new findings are reported.")
    var writeBaseline = false

    @Flag(name: .customLong("no-cache"), help: "Read every file anew, and keep nothing.")
    var ignoresCache = false

    func run() async throws {
        let settings = try global.settings(options, judging, formats: LintReporter.formats)
        let configured = try LintSettings(settings)
        if listRules { return OutputWriter.print(RulePages.list(of: configured.options.rules)) }
        if let explain {
            guard let rule = configured.options.rule(named: explain) else {
                throw RulePages.unknown(explain, among: configured.options.rules)
            }
            return OutputWriter.print(RulePages.page(of: rule))
        }
        var linter = Linter(options: try judging.options(configured))
        if writeBaseline { linter.options.baseline = [] }
        linter.options.tellsWork = global.format == .markdown
        let start = try await selection.start(
            global.database,
            settings,
            options,
            &linter.options,
            isFixed: judging.pgVersion != nil
        )
        linter.options.judgesAll = selection.isEverything && start?.pending == nil
        let mayKeep = !ignoresCache && start == nil && !fixing.fix
        let inputs = try await selection.inputs(
            settings,
            from: configured.from,
            pending: start?.pending,
            judgesApplied: selection.applied || fixing.fix,
            isLate: mayKeep,
            note: global.writer.note
        )
        if fixing.fix {
            let fixes = try await fixing.run(linter, inputs, start, settings, global.writer)
            let isFound = fixing.write ? isFailing(fixes.report, from: configured.failOn) : !fixes.files.isEmpty
            if isFound { throw Finding() }
            return
        }
        let cache =
            mayKeep && inputs.count >= KeptLint.fewest
            ? KeptLint.cache(ofFolder: settings.migrations, linter.options) : nil
        let report = try await linter.lint(inputs, start: start?.text, cache: cache)
        if writeBaseline {
            try LintBaseline.write(report, to: configured.baseline)
            return global.writer.note(
                "wrote \(Words.count(Set(report.findings.map(\.fingerprint)).count, "finding")) to \(configured.baseline)"
            )
        }
        try global.writer.write(LintReporter(report))
        if isFailing(report, from: configured.failOn) { throw Finding() }
    }

    private func isFailing(_ report: LintReport, from severity: Severity) -> Bool {
        report.findings.contains { $0.severity >= severity }
    }
}
