import Catalog
import Migrator
import Postgres
import SourceText
import TestSupport
import Testing

@testable import SchemaDiff

@Suite("A check for drift")
struct DriftTests {
    private static let files = [
        "0001_people.sql": """
        CREATE SCHEMA app;
        CREATE TABLE app.people (
            id bigserial PRIMARY KEY,
            name text NOT NULL
        );
        """,
        "0002_index.sql": "CREATE INDEX people_name ON app.people (name);\nCOMMENT ON TABLE app.people IS 'people';\n",
        "0003_view.sql": "SET search_path = app;\nCREATE VIEW names AS SELECT name FROM people;\n",
    ]

    /// Migrates a database, changes it behind the migrations' back, and checks it.
    private func drift(
        after sql: String,
        files: [String: String] = Self.files,
        _ change: (inout DriftCheck) -> Void = { _ in }
    ) async throws -> Drift {
        try await withTestDatabase { settings in
            try await withTemporaryFolder(files) { folder in
                _ = try await Migrator(directory: folder.path, database: settings).migrate()()
                try await withPostgresConnection(to: settings) { _ = try await $0.script(sql) }
                var check = DriftCheck(of: settings, against: .migrations(folder.path))
                change(&check)
                return try await check()
            }
        }
    }

    private func words(_ drift: Drift) -> [String] {
        drift.changes.map { change in
            let verb = change.before == nil ? "missing" : change.after == nil ? "surplus" : "differs"
            let place = drift.definitions[change.identity].map { statement in
                let file = statement.location.file.split(separator: "/").last ?? ""
                return "\(file):\(statement.location.position?.description ?? "")"
            }
            return "\(change.identity) \(verb), \(place ?? "unexplained")"
        }
    }

    @Test("finds none in what the migrations made, whoever owns it")
    func findsNone() async throws {
        let drift = try await drift(after: "SELECT 1")
        #expect(words(drift) == [])
        #expect(drift.isEqual)
    }

    @Test("proposes what may be one object under two names, with a rename each way")
    func proposesRenames() async throws {
        let drift = try await drift(
            after: "ALTER TABLE app.people RENAME COLUMN name TO title; COMMENT ON VIEW app.names IS 'names'"
        )
        let proposal = try #require(drift.proposedRenames.first)
        #expect(drift.proposedRenames.count == 1)
        #expect(proposal.rename.from.description == "column app.people.title" && proposal.rename.newName == "name")
        #expect(proposal.takingBack == ["ALTER TABLE app.people RENAME COLUMN title TO name"])
        #expect(proposal.adopting == ["ALTER TABLE app.people RENAME COLUMN name TO title"])
        let script = try PlanScript(#require(drift.takingBack.plan), limits: PlanScript.Limits()).sql
        #expect(script.contains("-- column app.people.title may be what is wanted as name"))
    }

    @Test("says what differs, attribute by attribute, and which statement last named it")
    func explains() async throws {
        let drift = try await drift(
            after: """
                ALTER TABLE app.people ADD COLUMN age int, ALTER COLUMN name DROP NOT NULL;
                ALTER TABLE app.people DROP CONSTRAINT people_pkey;
                ALTER SEQUENCE app.people_id_seq INCREMENT 2;
                DROP INDEX app.people_name;
                COMMENT ON VIEW app.names IS 'names';
                CREATE TABLE app.hotfix ();
                """
        )
        #expect(
            words(drift) == [
                "sequence app.people_id_seq differs, 0001_people.sql:2:1",
                "table app.hotfix surplus, unexplained",
                "column app.people.age surplus, unexplained",
                "column app.people.name differs, 0001_people.sql:2:1",
                "view app.names differs, 0003_view.sql:2:1",
                "constraint app.people.people_pkey missing, 0001_people.sql:2:1",
                "index app.people.people_name missing, 0002_index.sql:1:1",
            ]
        )
        let column = try #require(drift.changes.first { $0.identity.name == "name" })
        #expect(column.attributes.map(\.name) == [.notNull])
        #expect(column.attributes.map(\.to) == [.flag(true)])
        let statement = try #require(drift.definitions[column.identity])
        #expect(statement.migration == "0001_people")
        #expect(statement.entry.appliedBy == "lastro")
        #expect(statement.entry.appliedAt != nil)
    }

    @Test("gives statements that take the database back, and others that adopt what is live")
    func repairs() async throws {
        let change =
            "ALTER TABLE app.people ADD COLUMN age int; DROP VIEW app.names; GRANT SELECT ON app.people TO PUBLIC;"
        try await withTestDatabase { settings in
            try await withTemporaryFolder(Self.files) { folder in
                _ = try await Migrator(directory: folder.path, database: settings).migrate()()
                try await withPostgresConnection(to: settings) { _ = try await $0.script(change) }
                let check = DriftCheck(of: settings, against: .migrations(folder.path))
                let found = try await check()
                #expect(!found.isEqual)
                let adopting = try #require(found.adopting.plan)
                let back = try #require(found.takingBack.plan)
                try await withPostgresConnection(to: settings) { connection in
                    for statement in back.steps.flatMap(\.statements) { _ = try await connection.script(statement.sql) }
                }
                let after = try await check()
                #expect(words(after) == [])
                try folder.write(PlanScript(adopting).migration, to: "0004_adopt.sql")
                _ = try await Migrator(directory: folder.path, database: settings).migrate()()
                let adopted = try await check()
                #expect(words(adopted) == [])
                #expect(adopted.live[.init(.column, schema: "app", parent: "people", "age")] != nil)
            }
        }
    }

    @Test("looks at owners, grants and comments apart")
    func isScoped() async throws {
        let sql = """
            GRANT SELECT ON app.people TO PUBLIC; COMMENT ON SCHEMA app IS 'x'; ALTER TABLE app.people ADD x int;
            ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
            """
        func names(_ aspects: DriftScope.Aspect...) async throws -> [String] {
            try await drift(after: sql) { $0.scope = DriftScope(Set(aspects)) }.changes.map(\.identity.description)
        }
        let privileges = "default privileges lastro(tables)"
        let grants = try await names(.grants)
        #expect(grants == ["table app.people", privileges])
        let comments = try await names(.comments)
        #expect(comments == ["schema app"])
        let objects = try await names(.objects)
        #expect(objects == ["column app.people.x"])
        let owners = try await names(.owners)
        #expect(owners == [])
        let without = try await drift(after: sql) { check in
            check.ignored = [IgnoreList("attribute:grants, attribute:comment")].compactMap(\.self)
        }
        #expect(without.changes.map(\.identity.description) == ["column app.people.x", privileges])
    }

    @Test("replays what the history has, in its order, and leaves out what is pending")
    func replays() async throws {
        try await withTestDatabase { settings in
            let first = ["0002_b.sql": "CREATE TABLE t (); CREATE VIEW v AS SELECT 1 AS one;"]
            try await withTemporaryFolder(first) { folder in
                var options = Migrator.Options(order: .any)
                options.lockTimeout = nil
                let migrator = Migrator(directory: folder.path, database: settings, options: options)
                _ = try await migrator.migrate()()
                try folder.write("ALTER TABLE t ADD a int;", to: "0001_a.sql")
                _ = try await migrator.migrate()()
                try folder.write("DROP TABLE t;", to: "0003_c.sql")
                let drift = try await DriftCheck(of: settings, against: .migrations(folder.path))()
                #expect(words(drift) == [])
                try folder.write("ALTER TABLE t ADD b int;", to: "0001_a.sql")
                let error = await #expect(throws: MigratorError.self) {
                    try await DriftCheck(of: settings, against: .migrations(folder.path))()
                }
                #expect(error?.code == .checksumMismatch)
                #expect(error?.isRefusal == true)
            }
        }
    }

    @Test("counts a row that another hand wrote, and says so")
    func countsForeignRows() async throws {
        try await withTestDatabase { settings in
            try await withTemporaryFolder(Self.files) { folder in
                let migrator = Migrator(directory: folder.path, database: settings)
                _ = try await migrator.migrate()()
                try folder.write("CREATE TABLE app.never_made ();", to: "0004_never.sql")
                try await withPostgresConnection(to: settings) {
                    _ = try await $0.script("INSERT INTO schema_migrations (name) VALUES ('0004_never.sql')")
                }
                let drift = try await DriftCheck(of: settings, against: .migrations(folder.path))()
                #expect(words(drift) == ["table app.never_made missing, 0004_never.sql:1:1"])
                #expect(drift.definitions.values.first?.entry.outcome == nil)
            }
        }
    }

    @Test("compares with a catalog file")
    func comparesWithFile() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { _ = try await $0.script("CREATE TABLE a (x int)") }
            let catalog = try await withPostgresConnection(to: settings) { try await Catalog.read(on: $0) }
            try await withTemporaryFolder(["schema.json": CatalogFile.text(of: catalog)]) { folder in
                let check = DriftCheck(of: settings, against: .catalogFile(folder.file("schema.json")))
                let before = try await check()
                #expect(before.isEqual)
                try await withPostgresConnection(to: settings) { _ = try await $0.script("ALTER TABLE a DROP x") }
                let after = try await check()
                #expect(words(after) == ["column public.a.x missing, unexplained"])
                #expect(!after.hasHistory)
            }
        }
    }

    @Test("builds a schema once, and again when a file, a placeholder or an extension is another")
    func isCached() async throws {
        let marker = UUIDText.new()
        var files = ["0001_a.sql": "-- \(marker)\nCREATE TABLE ${table} (x text);"]
        func isCached(_ value: String) async throws -> Bool {
            try await withTestDatabase { settings in
                try await withTemporaryFolder(files) { folder in
                    let options = Migrator.Options(placeholders: ["table": value])
                    _ = try await Migrator(directory: folder.path, database: settings, options: options).migrate()()
                    var check = DriftCheck(of: settings, against: .migrations(folder.path))
                    check.reader.migratorOptions = options
                    let drift = try await check()
                    #expect(words(drift) == [])
                    return drift.isCached
                }
            }
        }
        let found = [
            try await isCached("a"), try await isCached("a"), try await isCached("b"), try await isCached("b"),
        ]
        #expect(found == [false, true, false, true])
        files["0001_a.sql"]?.append("\n-- one comment more\n")
        let other = try await isCached("a")
        #expect(!other)
    }
}

/// A text that is there once.
private enum UUIDText {
    static func new() -> String { (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined() }
}
