import Catalog
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

/// What the rules make of one schema and of the way to another, on a real server.
struct RoundTrip {
    /// Statements that a superuser runs.
    let sql: String
    /// What the second schema is made of.
    let other: String
    var server = TestServer.standard
    var major: Int?

    /// Creates by hand, reads, creates by the rules in an empty database, reads, and compares; then alters both ways.
    func check(sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws {
        try await created(from: sql, sourceLocation)
        try await created(from: other, sourceLocation)
        try await altered(from: sql, to: other, sourceLocation)
        try await altered(from: other, to: sql, sourceLocation)
    }

    private func created(from sql: String, _ sourceLocation: Testing.SourceLocation) async throws {
        try await altered(from: "", to: sql, sourceLocation)
        try await altered(from: sql, to: "", sourceLocation)
    }

    private func altered(from: String, to: String, _ sourceLocation: Testing.SourceLocation) async throws {
        try await withSuperuserDatabase(on: server) { wanted in
            try await run(to, on: wanted)
            try await withSuperuserDatabase(on: server) { database in
                try await run(from, on: database)
                let goal = try await catalog(of: wanted)
                let schemaPlan = try SchemaDiff.plan(from: try await catalog(of: database), to: goal)
                let plan = schemaPlan.steps.flatMap(\.statements)
                do {
                    for block in PlanScript(schemaPlan).blocks {
                        let script = block.statements.map { $0.sql + ";" }.joined(separator: "\n")
                        try await run("SET check_function_bodies = off;", script, on: database)
                    }
                } catch {
                    Issue.record(
                        "\(error)\nin:\n\(plan.map(\.sql).joined(separator: ";\n"))",
                        sourceLocation: sourceLocation
                    )
                    return
                }
                let result = try await catalog(of: database)
                let rest = CatalogChanges(from: result, to: goal).changes.map { change in
                    "\(change.identity): "
                        + change.attributes.map { "\($0.name): \($0.from as Any) → \($0.to as Any)" }
                        .joined(separator: ", ")
                }
                #expect(
                    rest.isEmpty,
                    "after:\n\(plan.map(\.sql).joined(separator: ";\n"))",
                    sourceLocation: sourceLocation
                )
                let dump = try await schemaDump(of: database, major: major)
                let expected = try await schemaDump(of: wanted, major: major)
                #expect(
                    dump.split(separator: "\n").sorted() == expected.split(separator: "\n").sorted(),
                    sourceLocation: sourceLocation
                )
            }
        }
    }

    private func run(_ scripts: String..., on settings: ConnectionSettings) async throws {
        try await withPostgresConnection(to: settings) { connection in
            for script in scripts { _ = try await connection.script(script) }
        }
    }
}

func catalog(of settings: ConnectionSettings) async throws -> Catalog {
    try await withPostgresConnection(to: settings) { connection in try await Catalog.read(on: connection) }
}

/// Lends an empty database and a superuser's way into it.
func withSuperuserDatabase(
    on server: TestServer = .standard,
    _ body: (ConnectionSettings) async throws -> Void
) async throws {
    let superuser = try await server.superuser()["user"]
    try await withTestDatabase(on: server) { settings in
        try await body(settings.with("user", superuser))
        // A database is not dropped while it has subscriptions.
        try await withPostgresConnection(to: settings.with("user", superuser)) { connection in
            let names = try await connection.query(
                """
                SELECT quote_ident(subname) FROM pg_catalog.pg_subscription
                WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                """
            )
            for name in try names.decode(as: String.self) {
                _ = try await connection.script("DROP SUBSCRIPTION \(name)")
            }
        }
    }
}
