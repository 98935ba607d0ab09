import Catalog
import Postgres
import TestSupport
import Testing

@Suite("A catalog")
struct CatalogTests {
    @Test("holds the schemas of a database with owner and comment")
    func holdsSchemas() async throws {
        try await withTestDatabase { settings in
            let catalog = try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script(
                    "CREATE SCHEMA \"Odd \"\"name\"; COMMENT ON SCHEMA \"Odd \"\"name\" IS 'it''s'"
                )
                return try await Catalog.read(on: connection)
            }
            let schema = try #require(catalog[ObjectIdentity(.schema, "Odd \"name")])
            #expect(schema.text(.owner) == "lastro")
            #expect(schema.text(.comment) == "it's")
            #expect(schema.list(.grants) == [])
        }
    }
}
