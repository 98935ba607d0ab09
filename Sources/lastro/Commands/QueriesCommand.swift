import ArgumentParser
import Migrator
import Postgres
import QueryContract
import SchemaDiff

struct QueriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queries",
        abstract: "Check the application's queries against a schema.",
        subcommands: [Check.self]
    )

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Have the server prepare each query of the application, and say which would fail.",
            discussion: """
                Queries stand in queries/*.sql, each below a line `-- name: pick_next_job`. They are prepared and planned, \
                never run, in transactions that are rolled back: on the configured database, or, where none is configured, \
                on what the migrations make on a private server.

                What the server does not know is told with its place and the migration that has yet to bring it or took it \
                away; so are privileges that the role lacks, and INSERTs without a column that must have a value. What \
                cannot be judged this way is told apart, and breaks nothing.

                COMMENTS
                  -- name: NAME            the query below is called so
                  -- param: NAME TYPE      the type of :NAME, where the server cannot tell
                  -- setup: STATEMENT      CREATE TEMPORARY … or SET LOCAL, before the query
                  -- role: ROLE            the role that runs it
                  -- search-path: NAME, …  where it looks for names

                EXAMPLES
                  lastro queries check
                  lastro queries check --against migrations --format github
                  lastro queries check --database "$PRODUCTION_URL"

                EXIT STATUS
                  0  every query can run, as far as this can be told
                  1  a query would fail
                """
        )

        @OptionGroup var global: GlobalOptions
        @OptionGroup var options: MigratorOptions
        @OptionGroup var queries: QueryOptions

        @Option(
            help: ArgumentHelp(
                "The schema: database or migrations (default: the database, if one is configured).",
                valueName: "schema"
            )
        )
        var against: Against?

        @Option(help: ArgumentHelp("The server to build schemas on (default: a private one).", valueName: "url"))
        var scratch: String?

        func run() async throws {
            let settings = try global.settings(options, formats: [.text, .json, .github, .junit])
            let configured = against == .migrations ? nil : try await settings.configuredDatabase(.direct)
            let migratorOptions = options.options(for: settings)
            let report: QueriesReport
            if against == .database || configured != nil {
                let database = if let configured { configured } else { try await settings.database(.direct) }
                report = try await queries.check(on: database, settings: settings, options: migratorOptions)
            } else {
                var reader = SchemaReader()
                reader.scratch = try scratch.map { try ConnectionSettings($0) }
                reader.migratorOptions.layout = settings.layout
                reader.migratorOptions.placeholders = settings.placeholders
                report = try await queries.check(onWhatMigrationsMakeWith: reader, settings: settings)
            }
            try global.writer.write(report)
            if report.broken > 0 { throw Finding() }
        }
    }

    /// What queries are checked against.
    enum Against: String, ExpressibleByArgument, CaseIterable {
        case database
        case migrations
    }
}
