import Postgres
import TestSupport
import Testing

@testable import Migrator

/// A database and a folder of migrations, for one test.
struct Stage {
    let settings: ConnectionSettings
    let folder: TemporaryFolder

    func migrator(order: OrderRule = .byVersion, lockPatience: Duration? = nil) -> Migrator {
        Migrator(
            directory: folder.path,
            database: settings,
            options: Migrator.Options(lockPatience: lockPatience, order: order)
        )
    }

    /// One value from the database.
    func value<Value: PostgresDecodable>(_ sql: String, as type: Value.Type = Value.self) async throws -> Value {
        try await withPostgresConnection(to: settings) { try await $0.query(sql).single.decode(type) }
    }

    /// Runs SQL by another hand.
    func run(_ sql: String) async throws {
        try await withPostgresConnection(to: settings) { _ = try await $0.script(sql) }
    }

    /// Asks until a statement answers true.
    func wait(until sql: String) async throws {
        try await withPostgresConnection(to: settings) { try await $0.wait(until: sql) }
    }

    /// The key of the run lock.
    func lockKey() async throws -> Int {
        try await withPostgresConnection(to: settings) {
            RunLock.key(of: try await HistoryStore.read(named: nil, in: nil, from: $0).store.table)
        }
    }

    /// Each migration with its state: `0001_a applied`.
    func states() async throws -> [String] {
        try await migrator().plan().statuses.map { "\($0.name) \($0.state.rawValue)" }
    }

    /// The names of the tables that migrations made.
    func tables() async throws -> [String] {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.query(
                """
                SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                AND relname !~ '^(schema_migrations|lastro_)' ORDER BY 1
                """
            ).decode(as: String.self)
        }
    }

    /// The error that a run ends with.
    func failure(of run: MigrationRun) async throws -> MigratorError {
        try #require(await #expect(throws: MigratorError.self) { try await run() })
    }
}

/// Lends an empty database and a folder with the given files to a test.
func withStage<Result>(_ files: [String: String], _ body: (Stage) async throws -> Result) async throws -> Result {
    try await withTestDatabase { settings in
        try await withTemporaryFolder(files) { folder in
            try await body(Stage(settings: settings, folder: folder))
        }
    }
}
