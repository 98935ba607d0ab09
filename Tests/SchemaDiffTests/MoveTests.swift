import Catalog
import TestSupport
import Testing

@testable import SchemaDiff

@Suite("An object in another schema")
struct MoveTests {
    @Test("is moved where that is said, with all that belongs to it, and nothing is left to do", arguments: cases)
    func isMoved(_ given: RenameTests.Case) async throws {
        let trip = RenameTrip(
            from: given.from,
            to: given.to,
            accepted: [given.request],
            isSuperuser: given.isSuperuser
        )
        let comparison = try await trip.run()
        // A range type's multirange moves by a statement of its own.
        #expect(RenameTrip.statements(comparison).first == given.statement)
        #expect(Self.drops(in: comparison) == [])
    }

    @Test(
        "is proposed where there is no doubt, with what to say, and taken where that is wanted",
        arguments: cases.filter { ["table", "sequence", "enum", "function"].contains($0.kind) }
    )
    func isProposed(_ given: RenameTests.Case) async throws {
        var trip = RenameTrip(from: given.from, to: given.to, isSuperuser: given.isSuperuser)
        let comparison = try await trip.run(carriesOut: false)
        #expect(comparison.renames.isEmpty)
        #expect(comparison.proposedRenames.map(\.request) == [given.request])
        trip.isAutomatic = true
        #expect(RenameTrip.statements(try await trip.run()) == [given.statement])
    }

    @Test("keeps its rows on the way to a schema that is made for it, and back")
    func keepsRows() async throws {
        func schema(_ name: String) -> String {
            """
            CREATE SCHEMA \(name);
            CREATE TABLE \(name).users (id serial PRIMARY KEY, name text NOT NULL);
            CREATE TABLE \(name).letters (id integer PRIMARY KEY, sender integer REFERENCES \(name).users);
            GRANT USAGE ON SCHEMA \(name) TO PUBLIC;
            COMMENT ON SCHEMA \(name) IS 'where they are'
            """
        }
        let from = schema("a") + "; CREATE TABLE a.rest (i integer)"
        let comparison = try await RenameTrip(
            from: from,
            to: schema("b") + "; CREATE SCHEMA a; CREATE TABLE a.rest (i integer)",
            isAutomatic: true,
            rows: "INSERT INTO a.users (name) SELECT 'm' || i FROM generate_series(1, 50) i",
            survivors: ("SELECT id || name FROM a.users ORDER BY id", "SELECT id || name FROM b.users ORDER BY id")
        ).run()
        #expect(
            RenameTrip.statements(comparison) == [
                "CREATE SCHEMA b", "ALTER TABLE a.letters SET SCHEMA b", "ALTER TABLE a.users SET SCHEMA b",
            ]
        )
        #expect(Self.drops(in: comparison) == [])
        let proof = try await SchemaReader().prove(comparison)
        #expect(proof.differences == [] && proof.lostRows == [])
        #expect(proof.tablesWithRows == 3)
        let back = try await SchemaReader().reversal(of: comparison, options: PlanOptions())
        #expect(
            RenameTrip.statements(back) == [
                "ALTER TABLE b.letters SET SCHEMA a", "ALTER TABLE b.users SET SCHEMA a",
            ]
        )
        #expect(back.plan.steps.flatMap(\.statements).map(\.sql).contains("DROP SCHEMA b"))
    }

    @Test("may get another name, and trade places with another one")
    func mayBeRenamed() async throws {
        func tables(_ first: String, _ second: String) -> String {
            "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE \(first) (i integer); CREATE TABLE \(second) (t text)"
        }
        let renamed = try await RenameTrip(
            from: tables("a.x", "b.x"),
            to: tables("b.y", "b.x"),
            accepted: ["a.x=b.y"]
        ).run()
        #expect(RenameTrip.statements(renamed) == ["ALTER TABLE a.x RENAME TO y", "ALTER TABLE a.y SET SCHEMA b"])
        try await RenameTrip(
            from: tables("a.x", "b.y"),
            to: tables("b.y", "a.x"),
            accepted: ["a.x=b.y", "b.y=a.x"],
            rows: "INSERT INTO a.x VALUES (1); INSERT INTO b.y VALUES ('z')",
            survivors: (
                "SELECT i FROM a.x UNION ALL SELECT 7 FROM b.y", "SELECT i FROM b.y UNION ALL SELECT 7 FROM a.x"
            )
        ).run(comparesAgain: false)
    }

    @Test("that differs otherwise is proposed as long as most of it is the same, and never taken unasked")
    func isProposedThoughItDiffers() async throws {
        var trip = RenameTrip(
            from: "CREATE SCHEMA a; CREATE TABLE a.x (id integer, name text, mail text)",
            to: "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE b.x (id integer, name text, mail text, phone text)",
            isAutomatic: true
        )
        let comparison = try await trip.run(carriesOut: false)
        #expect(comparison.renames.isEmpty)
        #expect(comparison.proposedRenames.map(\.request) == ["a.x=b.x"])
        trip.accepted = ["a.x=b.x"]
        #expect(RenameTrip.statements(try await trip.run()) == ["CREATE SCHEMA b", "ALTER TABLE a.x SET SCHEMA b"])
    }

    private static func drops(in comparison: SchemaComparison) -> [String] {
        comparison.plan.steps.flatMap(\.statements).map(\.sql).filter { $0.hasPrefix("DROP") }
    }
}
