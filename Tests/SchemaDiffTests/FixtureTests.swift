import Catalog
import Postgres
import TestSupport
import Testing

@testable import SchemaDiff

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A pair of schemas")
struct FixtureTests {
    private static let folder =
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/fixtures/diff"
    private static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? []

    @Test("converges in both directions, online and offline", arguments: names, [true, false])
    func converges(name: String, isOnline: Bool) async throws {
        let convergence = Convergence(
            setup: "",
            old: try text("\(name)/old.sql"),
            new: try text("\(name)/new.sql"),
            options: PlanOptions(isOnline: isOnline)
        )
        let outcome = try await convergence.check(on: try await ConvergenceServer())
        #expect(outcome == .converges)
    }

    @Test("leaves the rows of tables that stay", arguments: names)
    func keepsRows(name: String) async throws {
        let server = try await ConvergenceServer()
        let id = UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(12)
        let (old, new) = ("rows_old_\(id)", "rows_new_\(id)")
        try await server.load(try text("\(name)/old.sql"), into: old)
        try await server.load(try text("\(name)/new.sql"), into: new)
        let (from, to) = (try await server.catalog(of: old), try await server.catalog(of: new))
        let tables = from.objects(of: .table).map(\.identity).filter { to[$0] != nil }
        let before = try await rows(of: tables, in: old, on: server)
        try await server.run(PlanScript(try SchemaDiff.plan(from: from, to: to)), on: old)
        let after = try await rows(of: tables, in: old, on: server)
        try await server.drop([old, new])
        #expect(before == after)
        #expect(!Self.names.isEmpty)
    }

    private func rows(
        of tables: [ObjectIdentity],
        in database: String,
        on server: ConvergenceServer
    ) async throws -> [String] {
        try await withPostgresConnection(to: server.superuser.with(database: database)) { connection in
            var rows: [String] = []
            for table in tables {
                let query = "SELECT '\(table.name)' || to_jsonb(t)::text FROM \(table.qualifiedName) t ORDER BY 1"
                rows += try await connection.query(query).decode(as: String.self)
            }
            return rows
        }
    }

    private func text(_ file: String) throws -> String {
        let content = try #require(FileManager.default.contents(atPath: Self.folder + "/" + file))
        return String(decoding: content, as: UTF8.self)
    }
}
