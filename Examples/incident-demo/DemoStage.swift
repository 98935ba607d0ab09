import Postgres

/// The server of the demo, and what is looked at on its databases.
struct DemoStage {
    let server: LocalServer

    /// Makes an empty database that belongs to a role without special rights, and connects as that role.
    func makeDatabase(_ name: String) async throws -> ConnectionSettings {
        let superuser = try ConnectionSettings(server.connectionString())
        try await withPostgresConnection(to: superuser) { try await $0.query("CREATE DATABASE \(name) OWNER lastro") }
        return try ConnectionSettings(server.connectionString(database: name, user: "lastro"))
    }

    /// The application's tables: not partitions, and not Lastro's own.
    func tableCount(_ settings: ConnectionSettings) async throws -> Int {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.query(
                """
                SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                AND NOT relispartition AND relname !~ '^(schema_migrations|lastro_)'
                """
            ).single.decode(Int.self)
        }
    }

    /// The names of the indexes on jobs.
    func jobIndexes(_ settings: ConnectionSettings) async throws -> [String] {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.query(
                "SELECT indexname::text FROM pg_indexes WHERE tablename = 'jobs' ORDER BY indexname COLLATE \"C\""
            ).decode(as: String.self)
        }
    }

    /// The names of a table's columns.
    func columns(of table: String, on connection: PostgresConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
            ORDER BY attnum
            """,
            table
        ).decode(as: String.self)
    }

    /// Looks at what the worker needs, and prints it.
    func look(at settings: ConnectionSettings) async throws {
        try check(try await tableCount(settings) == 85, "85 tables")
        try check(try await jobIndexes(settings).count == 7, "7 indexes on jobs")
        try await withPostgresConnection(to: settings) { connection in
            try check(try await columns(of: "jobs", on: connection).contains("scheduled_for"), "jobs has scheduled_for")
            try await connection.script(
                """
                INSERT INTO jobs (name, type) VALUES ('demo', 'email.digest');
                INSERT INTO jobs (name, type, scheduled_for)
                SELECT 'later', 'rag.index', now() + i * interval '1 minute' FROM generate_series(1, 20000) AS i
                """
            )
            try await connection.query("ANALYZE jobs")
            let job = try await connection.query(
                """
                SELECT name, status FROM jobs
                WHERE status = 'pending' AND (scheduled_for IS NULL OR scheduled_for <= now()) AND attempts < max_attempts
                ORDER BY priority DESC, created_at ASC LIMIT 1
                """
            ).decode(as: (String?, String).self)
            try check(job.count == 1, "the worker's query finds a job that is due")
            let plan = try await connection.query("EXPLAIN SELECT * FROM jobs WHERE scheduled_for <= now()")
                .decode(as: String.self)
            print("   EXPLAIN SELECT * FROM jobs WHERE scheduled_for <= now()")
            for line in plan { print("     \(line)") }
            try check(plan.joined().contains("idx_jobs_scheduled"), "it uses idx_jobs_scheduled")
        }
    }
}
