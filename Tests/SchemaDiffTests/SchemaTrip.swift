import Catalog
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

/// The way from one schema to another on a real server, looked at from inside and from outside.
struct SchemaTrip {
    /// What the database is made of.
    var from = ""
    /// What it should become.
    var to = ""
    /// Rows that are put into it before.
    var rows = ""
    /// A query whose result is the same before and behind.
    var survivors: String?
    var isOnline = true
    var server = TestServer.standard
    var major: Int?

    /// Plans, runs the plan and compares; returns the statements.
    @discardableResult
    func run(sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws -> [PlanStatement] {
        var statements: [PlanStatement] = []
        try await withTestDatabase(on: server) { wanted in
            let wanted = try await superuser(of: wanted)
            let goal = try await prepared(wanted, to)
            try await withTestDatabase(on: server) { settings in
                let settings = try await superuser(of: settings)
                let start = try await prepared(settings, from, rows)
                statements = try SchemaDiff.plan(from: start, to: goal, options: PlanOptions(isOnline: isOnline))
                    .steps.flatMap(\.statements)
                let before = try await answer(on: settings)
                guard await run(statements, on: settings, sourceLocation) else { return }
                let after = try await answer(on: settings)
                #expect(before == after, sourceLocation: sourceLocation)
                let result = try await prepared(settings)
                let rest = CatalogChanges(from: result, to: goal).changes.flatMap { change in
                    change.attributes.filter { $0.name != .position }.map { attribute in
                        "\(change.identity) \(attribute.name): \(attribute.from as Any) is to be \(attribute.to as Any)"
                    } + (change.attributes.isEmpty ? ["\(change.identity)"] : [])
                }
                let text = statements.map(\.sql).joined(separator: ";\n")
                #expect(rest == [], "after:\n\(text)", sourceLocation: sourceLocation)
                let again = try SchemaDiff.plan(from: result, to: goal).steps.flatMap(\.statements).map(\.sql)
                #expect(again == [], sourceLocation: sourceLocation)
                let dump = try await schemaDump(of: settings, major: major)
                let expected = try await schemaDump(of: wanted, major: major)
                let lines = Self.lines(dump)
                let expectedLines = Self.lines(expected)
                let missing = expectedLines.filter { !lines.contains($0) }
                let surplus = lines.filter { !expectedLines.contains($0) }
                #expect(
                    missing == [] && surplus == [],
                    "missing: \(missing)\nsurplus: \(surplus)\nafter:\n\(text)",
                    sourceLocation: sourceLocation
                )
            }
        }
        return statements
    }

    private static let newerServers = [16, 18].map { (major: $0, server: TestServer(major: $0)) }

    /// Both directions, and each schema from nothing and to nothing, online and offline; on newer servers, where there
    /// are any, online and to nothing no more.
    func runAll(newer: Bool = true, sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws {
        for newer in newer ? Self.newerServers : [] {
            // A server that is not installed is no failure of the rules.
            guard (try? await PostgresInstallation.find(major: newer.major)) != nil else { continue }
            for (from, to) in [(from, to), (to, from), ("", from), ("", to)] {
                var trip = self
                trip.from = from
                trip.to = to
                trip.server = newer.server
                trip.major = newer.major
                if from != self.from {
                    trip.rows = ""
                    trip.survivors = nil
                }
                try await trip.run(sourceLocation: sourceLocation)
            }
        }
        for isOnline in [true, false] {
            for (from, to) in [(from, to), (to, from), ("", from), ("", to), (from, ""), (to, "")] {
                var trip = self
                trip.from = from
                trip.to = to
                trip.isOnline = isOnline
                if from != self.from { trip.rows = "" }
                if from != self.from || to.isEmpty { trip.survivors = nil }
                try await trip.run(sourceLocation: sourceLocation)
            }
        }
    }

    private static func lines(_ dump: String) -> [String] {
        dump.split(separator: "\n").map { $0.last == "," ? String($0.dropLast()) : String($0) }.sorted()
    }

    private func superuser(of settings: ConnectionSettings) async throws -> ConnectionSettings {
        settings.with("user", try await server.superuser()["user"])
    }

    private func prepared(_ settings: ConnectionSettings, _ scripts: String...) async throws -> Catalog {
        try await withPostgresConnection(to: settings) { connection in
            for script in scripts where !script.isEmpty { _ = try await connection.script(script) }
            return try await Catalog.read(on: connection)
        }
    }

    private func answer(on settings: ConnectionSettings) async throws -> [String] {
        guard let survivors else { return [] }
        return try await withPostgresConnection(to: settings) { connection in
            try await connection.query(survivors).map { row in row[0].text ?? "null" }
        }
    }

    private func run(
        _ statements: [PlanStatement],
        on settings: ConnectionSettings,
        _ sourceLocation: Testing.SourceLocation
    ) async -> Bool {
        do {
            try await withPostgresConnection(to: settings) { connection in
                for statement in statements { _ = try await connection.script(statement.sql) }
            }
            return true
        } catch {
            Issue.record(
                "\(error)\nin:\n\(statements.map(\.sql).joined(separator: ";\n"))",
                sourceLocation: sourceLocation
            )
            return false
        }
    }
}
