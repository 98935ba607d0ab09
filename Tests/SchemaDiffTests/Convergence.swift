import Catalog
import Postgres
import SQLSyntax
import Subprocess
import SystemPackage
import TestSupport

@testable import SchemaDiff

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Two schemas, and whether the plans between them lead from each to the other.
struct Convergence {
    let setup: String
    let old: String
    let new: String
    var options = PlanOptions()
    /// Whether what is found under another name is renamed; pairs without such are passed over.
    var takesRenames = false

    enum Outcome: Hashable {
        case converges
        /// `pg_dump` sees no difference, so that there is nothing to plan.
        case alike
        /// One side is not what the server takes.
        case doesNotLoad(String)
        case fails(String)
    }

    /// Loads both sides, goes from each to the other, and looks at the end with our own eyes and with `pg_dump`'s.
    func check(on server: ConvergenceServer) async throws -> Outcome {
        let id = UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(12)
        let names = (old: "old_\(id)", new: "new_\(id)", target: "target_\(id)")
        do {
            let outcome = try await check(on: server, names)
            try await server.drop([names.old, names.new, names.target])
            return outcome
        } catch {
            try await server.drop([names.old, names.new, names.target])
            throw error
        }
    }

    private func check(
        on server: ConvergenceServer,
        _ names: (old: String, new: String, target: String)
    ) async throws -> Outcome {
        do {
            try await server.load(setup + "\n;\n" + old, into: names.old)
            try await server.load(setup + "\n;\n" + new, into: names.new)
        } catch let error as PostgresError {
            return .doesNotLoad(error.message)
        } catch let error as SQLSyntaxError {
            return .doesNotLoad("\(error)")
        }
        let dumps = (old: try await server.dump(names.old), new: try await server.dump(names.new))
        if dumps.old == dumps.new { return .alike }
        var isOfInterest = false
        for (from, to, dump) in [(names.old, names.new, dumps.new), (names.new, names.old, dumps.old)] {
            let direction = from == names.old ? "" : "back: "
            do {
                let wanted = try await server.catalog(of: to)
                try await server.copy(from, as: names.target)
                let settlement = Settlement(server: ScratchServer(given: server.superuser))
                let present = try await server.catalog(of: names.target)
                var reader = SchemaReader()
                reader.scratch = server.superuser
                let planned = try await reader.comparison(
                    try await settlement.rewording(present, as: wanted),
                    wanted,
                    RenameChoice(isAutomatic: takesRenames),
                    options
                )
                if takesRenames, planned.renames.isEmpty { continue }
                isOfInterest = true
                try await server.run(PlanScript(planned.plan), on: names.target)
                let ended = try await server.catalog(of: names.target)
                let reached = try await settlement.rewording(ended, as: wanted)
                let comparison = try SchemaComparison(from: reached, to: wanted, options: options)
                if let change = comparison.changes.first {
                    let what = change.attributes.first.map {
                        " \($0.name): \($0.from.map { "\($0)" } ?? "-") → \($0.to.map { "\($0)" } ?? "-")"
                    }
                    return .fails("\(direction)a second diff is not empty: \(change.identity)\(what ?? "")")
                }
                let reachedDump = try await server.dump(names.target)
                if reachedDump != dump {
                    let odd = Set(reachedDump).symmetricDifference(dump).sorted().joined(separator: " | ")
                    return .fails("\(direction)pg_dump differs: \(odd.prefix(600))")
                }
            } catch let error as SchemaDiffError {
                return .fails("\(direction)\(error.code.rawValue): \(error.message)")
            }
        }
        return isOfInterest ? .converges : .alike
    }
}

/// A server for databases that come and go, on which both sides are loaded as they were written: by a superuser.
struct ConvergenceServer: Sendable {
    let superuser: ConnectionSettings
    let pgDump: FilePath

    init(_ server: TestServer = .standard) async throws {
        superuser = try await server.superuser()
        let version = try await withPostgresConnection(to: superuser) { connection in
            let rows = try await connection.query("SELECT current_setting('server_version_num')::integer")
            return ServerVersion(number: try rows.single.decode(Int.self))
        }
        pgDump = try await PostgresInstallation.find(major: version.major).program("pg_dump")
    }

    func catalog(of database: String) async throws -> Catalog {
        try await withPostgresConnection(to: superuser.with(database: database)) { try await Catalog.read(on: $0) }
    }

    func run(_ script: PlanScript, on database: String) async throws {
        try await withPostgresConnection(to: superuser.with(database: database)) { try await script.run(on: $0) }
    }

    func copy(_ template: String, as name: String) async throws {
        try await withPostgresConnection(to: superuser) { connection in
            _ = try await connection.query("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
            _ = try await connection.query("CREATE DATABASE \(name) TEMPLATE \(template)")
        }
    }

    func drop(_ databases: [String]) async throws {
        try await withPostgresConnection(to: superuser) { connection in
            for name in databases { _ = try await connection.query("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }
        }
    }

    /// Loads a script into a new database; roles that it names and that are not there are made, and it is loaded afresh.
    func load(_ text: String, into database: String) async throws {
        let script = try SQLScript(text)
        var made: Set<String> = []
        while true {
            do {
                try await withPostgresConnection(to: superuser) { connection in
                    _ = try await connection.query("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
                    _ = try await connection.query("CREATE DATABASE \(database)")
                }
                return try await withPostgresConnection(to: superuser.with(database: database)) { connection in
                    for statement in script.statements where !statement.makesRole {
                        _ = try await connection.script(
                            statement.text,
                            copyData: statement.copyLines.map { [$0] } ?? []
                        )
                    }
                }
            } catch let error as PostgresError where error.code == .server {
                guard let role = error.message.missingRole, made.insert(role).inserted else { throw error }
                try await makeRole(role)
            }
        }
    }

    private func makeRole(_ name: String) async throws {
        try await withPostgresConnection(to: superuser) { connection in
            do {
                _ = try await connection.query("CREATE ROLE \(Identifier.quote(name))")
            } catch let error as PostgresError where error.sqlState == "42710" || error.sqlState == .uniqueViolation {
                // Another case was quicker.
            }
        }
    }

    /// What `pg_dump` writes, one text an object, sorted; the columns of tables are sorted too.
    func dump(_ database: String) async throws -> [String] {
        let outcome = try await Subprocess.run(
            .path(pgDump),
            arguments: [
                "--schema-only", "--dbname", "dbname=\(database) host=\(superuser["host"] ?? "") user=postgres",
            ],
            output: .string(limit: 64 << 20),
            error: .string(limit: 1 << 20)
        )
        guard outcome.terminationStatus.isSuccess else { throw DumpFailed(words: outcome.standardError) }
        return SchemaDump(outcome.standardOutput).texts
    }

    private struct DumpFailed: Error {
        let words: String
    }
}

extension SQLStatement {
    /// Whether it makes a role: roles are the server's, and are made as they are missed.
    fileprivate var makesRole: Bool {
        begins(with: "CREATE", "ROLE") || begins(with: "CREATE", "GROUP")
            || begins(with: "CREATE", "USER") && !begins(with: "CREATE", "USER", "MAPPING")
    }
}

extension String {
    fileprivate var missingRole: String? {
        guard let start = firstRange(of: "role \""), let end = firstRange(of: "\" does not exist"),
            start.upperBound < end.lowerBound
        else { return nil }
        return String(self[start.upperBound..<end.lowerBound])
    }
}
