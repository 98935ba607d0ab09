import ArgumentParser
import Migrator
import Postgres
import QueryContract
import SchemaDiff

/// Where the application's queries are.
struct QueryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder of queries (default: queries).", valueName: "dir"))
    var queries: String?

    /// Checks the queries on a database.
    func check(
        on database: ConnectionSettings,
        settings: Settings,
        options: Migrator.Options
    ) async throws -> QueriesReport {
        let folder = try QueryFolder(readingFrom: queries ?? "queries")
        let migrator = Migrator(directory: settings.migrations, database: database, options: options)
        let plan = try await migrator.plan()
        let directory = try await MigrationDirectory(readingFrom: settings.migrations, layout: settings.layout)
        let trail = try MigrationTrail(of: directory, statuses: plan.statuses, placeholders: settings.placeholders)
        return try await withPostgresConnection(to: database, waitingUpTo: options.connectPatience) { connection in
            QueriesReport(try await QueryCheck(trail)(folder.queries, on: connection), against: .database)
        }
    }

    /// Checks the queries on what the migrations make.
    func check(onWhatMigrationsMakeWith reader: SchemaReader, settings: Settings) async throws -> QueriesReport {
        let folder = try QueryFolder(readingFrom: queries ?? "queries")
        let directory = try await MigrationDirectory(readingFrom: settings.migrations, layout: settings.layout)
        let trail = try MigrationTrail(of: directory, placeholders: settings.placeholders)
        return try await reader.withMigrations(at: settings.migrations) { database in
            try await withPostgresConnection(to: database) { connection in
                let check = QueryCheck(trail, knowsRoles: false)
                return QueriesReport(try await check(folder.queries, on: connection), against: .migrations)
            }
        }
    }
}
