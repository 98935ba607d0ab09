import Catalog
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

@Suite("A source of a schema")
struct SourceTests {
    @Test("is told by its words")
    func isParsed() async throws {
        let files = [
            "migrations/0001_a.sql": "CREATE SCHEMA a;", "objects/schemas/a.sql": "CREATE SCHEMA a;",
            "one.sql": "CREATE SCHEMA a;",
        ]
        try await withTemporaryFolder(files) { folder in
            func expect(_ text: String, _ source: SchemaSource) async throws {
                let parsed = try await SchemaSource(text)
                #expect(parsed == source)
            }
            try await expect("empty", .empty)
            try await expect("postgresql:///app", .database(try ConnectionSettings("postgresql:///app")))
            try await expect("dbname=app", .database(try ConnectionSettings("dbname=app")))
            try await expect("git:main:migrations", .revision("main", path: "migrations"))
            try await expect(folder.file("migrations"), .migrations(folder.file("migrations")))
            try await expect(folder.file("objects"), .sql(folder.file("objects")))
            try await expect(folder.file("one.sql"), .sql(folder.file("one.sql")))
            try await expect("sql:" + folder.file("migrations"), .sql(folder.file("migrations")))
            await #expect(throws: SchemaDiffError.self) { try await SchemaSource(folder.file("nothing")) }
        }
    }

    @Test("is built from files in any order, with the roles that they name")
    func isBuilt() async throws {
        let files = [
            "a.sql": "COMMENT ON SCHEMA late IS 'here'; ALTER SCHEMA late OWNER TO nobody_yet;",
            "b.sql": "CREATE SCHEMA late;",
        ]
        let catalog = try await withTemporaryFolder(files) { folder in
            try await SchemaReader().read(.empty, .sql(folder.path)).to
        }
        let schema = try #require(catalog[ObjectIdentity(.schema, "late")])
        #expect(schema.text(.comment) == "here")
        #expect(schema.attributes[.owner] == nil)
    }

    @Test("tells the statement that cannot be built, and where it stands")
    func tellsFailures() async throws {
        try await withTemporaryFolder(["a.sql": "CREATE SCHEMA a;\nCOMMENT ON SCHEMA b IS 'x';\n"]) { folder in
            let error = await #expect(throws: SchemaDiffError.self) {
                try await SchemaReader().read(.sql(folder.file("a.sql")), .empty)
            }
            #expect(error?.code == .notBuilt)
            #expect(error?.message == "\(folder.file("a.sql")):2:1: schema \"b\" does not exist (SQLSTATE 3F000)")
        }
    }

    @Test("runs without the rights of a superuser")
    func isBuiltWithoutRights() async throws {
        try await withTemporaryFolder(["a.sql": "COPY pg_class TO PROGRAM 'true';"]) { folder in
            let error = await #expect(throws: SchemaDiffError.self) {
                try await SchemaReader().read(.sql(folder.file("a.sql")), .empty)
            }
            #expect(error?.message.contains("(SQLSTATE 42501)") == true)
        }
    }

    @Test("is what the migrations of a folder lead to, with the roles that they name")
    func isMigrated() async throws {
        let files = [
            "0001_a.sql": "CREATE SCHEMA a;", "0002_b.sql": "CREATE SCHEMA b; ALTER SCHEMA b OWNER TO somebody_else;",
        ]
        let catalog = try await withTemporaryFolder(files) { folder in
            try await SchemaReader().read(.empty, .migrations(folder.path)).to
        }
        #expect(catalog.objects.filter { $0.identity.kind == .schema }.map(\.identity.name) == ["a", "b", "public"])
        #expect(catalog.objects.filter { $0.identity.kind == .table } == [])
    }

    @Test("is what migrations lead to that need an extension which only a superuser lets in")
    func isMigratedWithExtension() async throws {
        let files = [
            "0001_a.sql": "CREATE SCHEMA a;",
            "0002_b.sql": "CREATE EXTENSION IF NOT EXISTS postgres_fdw; CREATE SCHEMA b;",
        ]
        let catalog = try await withTemporaryFolder(files) { folder in
            try await SchemaReader().read(.empty, .migrations(folder.path)).to
        }
        #expect(catalog[ObjectIdentity(.extension, "postgres_fdw")] != nil)
        #expect(catalog[ObjectIdentity(.schema, "b")] != nil)
    }

    @Test("is compared as text where it cannot be made, and says so")
    func isNotCompared() async throws {
        func catalog(_ check: String) -> Catalog {
            let table = ObjectIdentity(.table, schema: "public", "t")
            let column = ObjectIdentity(.column, schema: "public", parent: "t", "c")
            let type: AttributeValue = .text("public.not_here")
            return Catalog(
                serverVersion: ServerVersion(number: 150_000),
                objects: [
                    CatalogObject(ObjectIdentity(.schema, "public")), CatalogObject(table),
                    CatalogObject(column, attributes: [AttributeName(rawValue: "type"): type]),
                    CatalogObject(
                        ObjectIdentity(.constraint, schema: "public", parent: "t", "k"),
                        attributes: [.definition: .text(check)],
                        dependencies: [column, table]
                    ),
                ]
            )
        }
        let files = [
            "one.json": CatalogFile.text(of: catalog("CHECK (c IS NOT NULL)")),
            "two.json": CatalogFile.text(of: catalog("CHECK ((c IS NOT NULL))")),
        ]
        try await withTemporaryFolder(files) { folder in
            let pair = try await SchemaReader().read(
                .catalogFile(folder.file("one.json")),
                .catalogFile(folder.file("two.json"))
            )
            let comparison = try SchemaComparison(from: pair.from, to: pair.to, notCompared: pair.notCompared)
            #expect(comparison.notCompared.map(\.object.name) == ["k"])
            #expect(comparison.notCompared.first?.reason.contains("not_here") == true)
            #expect(comparison.changes.map(\.identity.name) == ["k"])
        }
    }
}
