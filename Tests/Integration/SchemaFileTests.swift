import Postgres
import TestSupport
import Testing

@Suite("The file of the schema")
struct SchemaFileTests {
    private let files = [
        "lastro.yaml": "schema-file: db/schema.sql\nenvironments:\n  production:\n    schema-file: off\n",
        "m/0001_a.sql": "create table users (id int primary key);\n",
        "m/0001_a.down.sql": "drop table users;\n",
    ]

    @Test("follows what migrations do, and is written only when it changes")
    func followsMigrations() async throws {
        try await withProject(files) { lastro, folder, url in
            let migrated = try await lastro("migrate")
            #expect(migrated.status == 0)
            #expect(migrated.errors.contains("wrote the schema to db/schema.sql\n"))
            #expect(try folder.read("db/schema.sql") == (try await lastro("inspect", url, "--format", "sql").output))
            #expect(try await lastro("diff", "db/schema.sql", url).status == 0)
            let again = try await lastro("migrate")
            #expect(!again.errors.contains("wrote the schema"))
            try folder.write("create table teams (id int primary key);\n", to: "m/0002_b.sql")
            #expect(try await lastro("migrate", "--dry-run").status == 0)
            #expect(!(try folder.read("db/schema.sql").contains("teams")))
            #expect(try await lastro("migrate").status == 0)
            #expect(try folder.read("db/schema.sql").contains("CREATE TABLE public.teams"))
            try folder.write("drop table teams;\n", to: "m/0002_b.down.sql")
            #expect(try await lastro("undo").status == 0)
            #expect(!(try folder.read("db/schema.sql").contains("teams")))
            #expect(try folder.names(in: "db") == ["schema.sql"])
        }
    }

    @Test("is where a flag, a variable or an environment says, or nowhere")
    func isConfigured() async throws {
        try await withProject(files) { lastro, folder, _ in
            #expect(try await lastro("migrate", "--env", "production").status == 0)
            #expect(try await lastro("migrate", "--schema-file", "off").status == 0)
            let names = try folder.names
            #expect(!names.contains("db"))
            #expect(try await lastro("migrate", "--schema-file", "flag.sql").status == 0)
            #expect(try folder.read("flag.sql").contains("CREATE TABLE public.users"))
            var other = lastro
            other.environment["LASTRO_SCHEMA_FILE"] = "variable.sql"
            #expect(try await other("migrate").status == 0)
            #expect(try folder.read("variable.sql").contains("CREATE TABLE public.users"))
            #expect(try await lastro("migrate", "--schema-file", "").status == 2)
        }
    }

    @Test("that cannot be written is told of, and the migrations stay")
    func tellsFailures() async throws {
        try await withProject(files) { lastro, folder, url in
            try folder.write("in the way", to: "db")
            let outcome = try await lastro("migrate")
            #expect(outcome.status == 4)
            #expect(outcome.output.contains("applied"))
            #expect(outcome.errors.contains("db/schema.sql: the schema is not written: "))
            #expect(outcome.errors.contains("state: what was run is done and stays; the file is as it was"))
            #expect(try await ask("select count(*) from schema_migrations", on: url, as: Int.self) == 1)
            try folder.delete("db")
            #expect(try await lastro("migrate").status == 0)
            #expect(try folder.read("db/schema.sql").contains("CREATE TABLE public.users"))
        }
    }
}
