import ArgumentParser
import Migrator
import Postgres
import SchemaDiff

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two schemas, and print the SQL that makes the one into the other.",
        discussion: """
            FROM and TO are each a database URL, a folder of migrations, a file or folder of SQL, a catalog file, \
            git:REVISION:PATH for a folder as it was in that revision, or empty. What is only written down is built on a \
            private server; nothing is made on a database that is read.

            The statements of a plan that may hurt carry hazards. Its SQL can be run once they are allowed by name.

            EXAMPLES
              lastro diff "$DATABASE_URL" migrations
              lastro diff "$DATABASE_URL" schema.sql --format sql --allow-hazards index-build | psql "$DATABASE_URL"
              lastro diff git:main:migrations migrations --format markdown
              lastro diff empty "$DATABASE_URL" --format sql > schema.sql

            EXIT STATUS
              0  the schemas are equal
              1  they differ
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: DiffOptions

    @Option(
        help: ArgumentHelp(
            "Make a migration of the plan in the migrations folder, with what takes it back.",
            valueName: "name"
        )
    )
    var write: String?

    @Argument(help: "What is.")
    var from: String

    @Argument(help: "What is wanted.")
    var to: String

    func run() async throws {
        let settings = try global.settings(formats: [.text, .json, .sql, .markdown, .html])
        let comparison = try await options.comparison(from: from, to: to, settings: settings)
        let report = DiffReport(comparison, allowed: options.allowed, limits: options.limits(settings))
        try global.writer.write(report)
        if !report.forbidden.isEmpty, global.format == .sql {
            global.writer.note(
                "hazards that are not allowed: \(report.forbidden.joined(separator: ", "))\n"
                    + "  state: nothing was run; the statements are printed as comments\n"
                    + "  next:  allow them with --allow-hazards \(report.forbidden.joined(separator: ","))"
            )
        }
        if let write { return try await makeMigration(titled: write, comparison, settings) }
        if !comparison.isEqual { throw Finding() }
    }

    /// Makes a migration of the plan, and its down side of the plan back.
    private func makeMigration(titled title: String, _ comparison: SchemaComparison, _ settings: Settings) async throws
    {
        guard !comparison.isEqual else { return global.writer.note("nothing differs: no migration was made") }
        let limits = options.limits(settings)
        let back = try SchemaComparison(
            from: comparison.to,
            to: comparison.from,
            options: PlanOptions(isOnline: !options.offline)
        )
        let new = try await MigrationDirectory.addMigration(
            to: settings.migrations,
            layout: settings.layout,
            titled: title,
            hasDown: true,
            statements: NewMigration.Statements(
                up: PlanScript(comparison.plan, limits: limits).migration,
                down: PlanScript(back.plan, limits: limits).migration
            )
        )
        if let warning = new.warning { global.writer.note(warning) }
        global.writer.note(new.files.map { "made \($0)" }.joined(separator: "\n"))
    }
}
