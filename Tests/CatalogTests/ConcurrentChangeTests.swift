import Catalog
import Postgres
import TestSupport
import Testing

@Suite("A catalog read while others change the schema")
struct ConcurrentChangeTests {
    /// Two whole schemas: a reader sees one of them, never parts of both.
    private static let states = ["a", "b"].map { name in
        """
        BEGIN;
        DROP VIEW IF EXISTS v; DROP TABLE IF EXISTS t CASCADE; DROP FUNCTION IF EXISTS f; DROP TYPE IF EXISTS kind CASCADE;
        CREATE TYPE kind AS ENUM ('\(name)');
        CREATE FUNCTION f(kind) RETURNS kind LANGUAGE sql IMMUTABLE AS 'SELECT $1 -- \(name)';
        CREATE TABLE t (id integer CONSTRAINT \(name)_key PRIMARY KEY, \(name) kind DEFAULT f('\(name)'), CHECK (f(\(name)) = '\(name)'));
        CREATE INDEX i ON t (f(\(name))); CREATE VIEW v AS SELECT f(\(name)) AS \(name) FROM t;
        CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING; COMMENT ON VIEW v IS '\(name)';
        COMMIT
        """
    }

    /// One schema whose parts change by themselves, so that nothing is missed by the reader.
    private static let alterations = ["a", "b"].map { name in
        let other = name == "a" ? "b" : "a"
        return "BEGIN; ALTER TABLE t RENAME COLUMN \(other) TO \(name); COMMENT ON TABLE t IS '\(name)'; COMMIT"
    }

    @Test("is one of the schemas that there were, or says that it could not be had")
    func isWhole() async throws {
        try await withTestDatabase { settings in
            try await check(on: settings, first: [], Self.states)
        }
    }

    @Test("never joins the names of one schema and the definitions of another one")
    func isOfOneTime() async throws {
        try await withTestDatabase { settings in
            let first = [
                "CREATE TABLE t (id integer PRIMARY KEY, b text CHECK (b <> 'x'))",
                "CREATE INDEX i ON t (lower(b))", "CREATE VIEW v AS SELECT b AS c FROM t WHERE b > 'a'",
                "CREATE STATISTICS s ON id, b FROM t",
            ]
            try await check(on: settings, first: first, Self.alterations)
        }
    }

    private func check(on settings: ConnectionSettings, first: [String], _ changes: [String]) async throws {
        let wholes = try await withPostgresConnection(to: settings) { connection in
            for statement in first { _ = try await connection.script(statement) }
            var wholes: Set<Catalog> = []
            for change in changes + changes {
                _ = try await connection.script(change)
                wholes.insert(try await Catalog.read(on: connection))
            }
            return wholes
        }
        #expect(wholes.count == 2)
        let changing = Task {
            try await withPostgresConnection(to: settings) { connection in
                var count = 0
                while !Task.isCancelled {
                    for change in changes { _ = try await connection.script(change) }
                    count += 1
                    // Now and then nobody changes anything for as long as a reading takes.
                    if count % 5 == 0 { try await Task.sleep(for: .milliseconds(300)) }
                }
            }
        }
        var outcomes = (whole: 0, refused: 0)
        for _ in 0..<(isLongTest ? 200 : 20) {
            do {
                let catalog = try await withPostgresConnection(to: settings) { try await Catalog.read(on: $0) }
                #expect(wholes.contains(catalog))
                outcomes.whole += 1
            } catch let error as CatalogError {
                #expect(error.code == .changedMeanwhile)
                outcomes.refused += 1
            }
        }
        changing.cancel()
        _ = await changing.result
        print("read whole \(outcomes.whole) times, changed meanwhile \(outcomes.refused) times")
        #expect(outcomes.whole + outcomes.refused > 0)
    }
}
