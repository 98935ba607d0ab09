import Catalog
import Postgres
import SQLSyntax
import TestSupport
import Testing

@testable import SchemaDiff

/// The way from one schema to another in which objects are one under two names, on a real server.
struct RenameTrip {
    var from: String
    var to: String
    /// What the user says.
    var accepted: [String] = []
    var isAutomatic = false
    /// Rows that are put into it before.
    var rows = ""
    /// Queries before and behind whose results are the same.
    var survivors: (before: String, behind: String)?
    var isSuperuser = false
    var server = TestServer.standard

    /// Compares, carries the plan out, compares again and proves it; returns the comparison.
    @discardableResult
    func run(
        carriesOut: Bool = true,
        comparesAgain: Bool = true,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws -> SchemaComparison {
        try await withTestDatabase(on: server) { wanted in
            try await withTestDatabase(on: server) { settings in
                let role = isSuperuser ? try await server.superuser()["user"] : settings["user"]
                let (settings, wanted) = (settings.with("user", role), wanted.with("user", role))
                try await script(to, on: wanted)
                try await script(from + ";" + rows, on: settings)
                let reader = SchemaReader()
                let choice = RenameChoice(accepted: accepted, isAutomatic: isAutomatic)
                let comparison = try await reader.comparison(.database(settings), .database(wanted), renames: choice)
                #expect(comparison.isRenamingChecked, sourceLocation: sourceLocation)
                guard carriesOut else { return comparison }
                let before = try await answer(survivors?.before, on: settings)
                let text = comparison.plan.steps.flatMap(\.statements).map(\.sql).joined(separator: ";\n")
                do {
                    try await withPostgresConnection(to: settings) { try await PlanScript(comparison.plan).run(on: $0) }
                } catch {
                    Issue.record("\(error)\nin:\n\(text)", sourceLocation: sourceLocation)
                    return comparison
                }
                let after = try await answer(survivors?.behind, on: settings)
                #expect(before == after, "\(text)", sourceLocation: sourceLocation)
                guard comparesAgain else { return comparison }
                let rest = try await reader.comparison(.database(settings), .database(wanted), renames: choice)
                let words =
                    rest.changes.map { "\($0.identity): \($0.attributes)" } + rest.renames.map { "\($0.rename)" }
                #expect(words == [], "after:\n\(text)", sourceLocation: sourceLocation)
                return comparison
            }
        }
    }

    /// The statements that a comparison renames with.
    static func statements(_ comparison: SchemaComparison) -> [String] {
        comparison.renames.flatMap(\.statements).map(\.sql)
    }

    private func script(_ sql: String, on settings: ConnectionSettings) async throws {
        try await withPostgresConnection(to: settings) { connection in
            for statement in try SQLScript(sql).statements { _ = try await connection.script(statement.text) }
        }
    }

    private func answer(_ sql: String?, on settings: ConnectionSettings) async throws -> [String] {
        guard let sql else { return [] }
        return try await withPostgresConnection(to: settings) { connection in
            try await connection.query(sql).map { row in row[0].text ?? "null" }
        }
    }
}
