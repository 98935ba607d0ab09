import Postgres
import TestSupport
import Testing

/// Lends a folder of files, an empty database and the program that works on both to a test.
func withProject<Result>(
    _ files: [String: String],
    on server: TestServer = .standard,
    _ body: (LastroProcess, TemporaryFolder, String) async throws -> Result
) async throws -> Result {
    try await withTestDatabase(on: server) { settings in
        try await withTemporaryFolder(files) { folder in
            try await body(LastroProcess(in: folder, on: settings), folder, settings.url)
        }
    }
}

extension LastroProcess {
    /// The program in a folder with migrations in `m`, on a database.
    init(in folder: TemporaryFolder, on settings: ConnectionSettings) {
        self.init(folder: folder.path, environment: ["DATABASE_URL": settings.url, "LASTRO_MIGRATIONS": "m"])
    }
}

/// Asks a database once.
func ask<Value: PostgresDecodable>(
    _ sql: String,
    on url: String,
    as type: Value.Type = Value.self
) async throws -> Value {
    try await withPostgresConnection(to: ConnectionSettings(url)) { try await $0.query(sql).single.decode(type) }
}

/// Asks a database until the answer is true.
func wait(until sql: String, on url: String) async throws {
    try await withPostgresConnection(to: ConnectionSettings(url)) { try await $0.wait(until: sql) }
}

/// Runs SQL on a database.
func run(_ sql: String, on url: String) async throws {
    try await withPostgresConnection(to: ConnectionSettings(url)) { _ = try await $0.script(sql) }
}

/// Whether no session of Lastro is left on the database that is asked.
let noSessionIsLeft = """
    select not exists (select from pg_stat_activity where application_name = 'lastro'
        and datname = current_database() and pid <> pg_backend_pid())
    """

/// Whether no advisory lock is held on the database that is asked.
let noLockIsLeft = """
    select not exists (select from pg_locks where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database()))
    """

extension ConnectionSettings {
    /// The settings as a URL, as a user would write it.
    var url: String {
        "postgresql://\(self["user"] ?? "")@/\(self["dbname"] ?? "")?host=\(self["host"] ?? "")&port=\(self["port"] ?? "5432")"
    }
}
