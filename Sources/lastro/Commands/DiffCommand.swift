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
        if !comparison.isEqual { throw Finding() }
    }
}
