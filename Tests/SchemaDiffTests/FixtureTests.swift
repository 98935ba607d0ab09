import Catalog
import Postgres
import SQLSyntax
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
        let tables = from.objects(of: .table).map(\.identity).filter { to[$0] != nil }.map { table in
            let columns = from.children(of: table, kind: .column).map(\.identity).filter { to[$0] != nil }
            let names = columns.map { Identifier.quote($0.name) }.joined(separator: ", ")
            return
                "SELECT \(StringLiteral.quote(table.name)) || ROW(\(names))::text FROM ONLY \(table.qualifiedName) ORDER BY 1"
        }
        let before = try await rows(of: tables, in: old, on: server)
        try await server.run(PlanScript(try SchemaDiff.plan(from: from, to: to)), on: old)
        let after = try await rows(of: tables, in: old, on: server)
        try await server.drop([old, new])
        #expect(before == after)
        #expect(!Self.names.isEmpty)
    }

    /// What no fixture can hold: a connection to another server, and types that only C can write whole.
    private static let elsewhere: Set<CatalogKind> = [.subscription, .baseType]

    @Test("touches, with the others, every kind of object and every hazard")
    func coversEverything() async throws {
        let server = try await ConvergenceServer()
        var kinds: Set<CatalogKind> = []
        var hazards: Set<Hazard.Kind> = []
        for name in Self.names {
            let id = UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(12)
            let (old, new) = ("cover_old_\(id)", "cover_new_\(id)")
            try await server.load(try text("\(name)/old.sql"), into: old)
            try await server.load(try text("\(name)/new.sql"), into: new)
            let (from, to) = (try await server.catalog(of: old), try await server.catalog(of: new))
            try await server.drop([old, new])
            for (from, to) in [(from, to), (to, from), (from, Catalog.bare(serverVersion: to.serverVersion))] {
                let plan = try SchemaDiff.plan(from: from, to: to)
                kinds.formUnion(plan.steps.map(\.identity.kind))
                hazards.formUnion(plan.hazards)
            }
        }
        #expect(Set(CatalogKind.allCases).subtracting(kinds).subtracting(Self.elsewhere) == [])
        #expect(Set(Hazard.Kind.allCases).subtracting(hazards) == [])
    }

    private func rows(
        of tables: [String],
        in database: String,
        on server: ConvergenceServer
    ) async throws -> [String] {
        try await withPostgresConnection(to: server.superuser.with(database: database)) { connection in
            var rows: [String] = []
            for query in tables { rows += try await connection.query(query).decode(as: String.self) }
            return rows
        }
    }

    private func text(_ file: String) throws -> String {
        let content = try #require(FileManager.default.contents(atPath: Self.folder + "/" + file))
        return String(decoding: content, as: UTF8.self)
    }
}
