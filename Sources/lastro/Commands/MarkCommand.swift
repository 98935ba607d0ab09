import ArgumentParser
import Migrator

struct MarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark",
        abstract: "Say that migrations count as applied, and why, without running them.",
        discussion: """
            For a migration whose work somebody did by hand, and for a row that another hand put into the history. The \
            reason stays in the history, with who said so and when.

            EXAMPLES
              lastro mark 0011_jobs_system --reason "tables made by hand on 14 January, see the incident report"
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions

    @Argument(help: ArgumentHelp("The migrations, by name or version.", valueName: "name"))
    var names: [String]

    @Option(help: "Why.")
    var reason: String

    func validate() throws { try checkGiven(("--reason", reason)) }

    func run() async throws {
        let migrator = try await options.migratorOfHistory(for: try global.settings(options), writer: global.writer)
        let marked = try await migrator.mark(names, reason: reason)
        try global.writer.write(ChangeReport("marked", marked, end: "marked"))
    }
}

/// What was changed in the history, by a person's word.
struct ChangeReport: Report {
    let change: String
    let migrations: [String]
    /// What is said of all of them together.
    private let end: String

    private enum CodingKeys: CodingKey {
        case change, migrations
    }

    init(_ change: String, _ migrations: [String], end: String) {
        self.change = change
        self.migrations = migrations
        self.end = end
    }

    func text(style: TextStyle) -> String {
        (migrations.map { "\(style.good(change))  \($0.printableLine)" } + [
            "\(Words.count(migrations.count, "migration")) \(end)"
        ])
        .joined(separator: "\n")
    }
}
