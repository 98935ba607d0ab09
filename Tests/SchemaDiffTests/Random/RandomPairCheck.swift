import Catalog
import Postgres
import TestSupport

@testable import SchemaDiff

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes both schemas of a pair on a server, and goes from each to the other.
struct RandomPairCheck: Sendable {
    enum Outcome: Hashable, Sendable {
        /// Both directions lead where they should.
        case holds(statements: Int)
        /// A change that no plan does rightly.
        case refused(String)
        case fails(String)

        var isFailure: Bool {
            if case .fails = self { true } else { false }
        }
    }

    let server: ConvergenceServer
    /// Whether `pg_dump` looks at the end too.
    var comparesDumps = false
    /// Whether a plan that leads elsewhere is told with what is wrong.
    var tellsPlan = false

    /// Makes the roles that random schemas name.
    static func prepare(_ server: ConvergenceServer) async throws {
        try await withPostgresConnection(to: server.superuser) { _ = try await $0.script(KindCase.roles) }
    }

    /// Takes the pair there and back.
    func outcome(of pair: RandomPair) async throws -> Outcome {
        let id = UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(12)
        let (old, new) = ("random_old_\(id)", "random_new_\(id)")
        do {
            let outcome = try await outcome(of: pair, old, new)
            try await drop([old, new])
            return outcome
        } catch {
            try await drop([old, new])
            throw error
        }
    }

    private func outcome(of pair: RandomPair, _ old: String, _ new: String) async throws -> Outcome {
        try await load(pair.old, into: old)
        try await load(pair.new, into: new)
        let catalogs = (old: try await server.catalog(of: old), new: try await server.catalog(of: new))
        var dumps: (old: [String], new: [String])?
        // Neither the order of columns nor whether a child has its parent's column of its own, too, can be changed, and both
        // show in more than the tables.
        if comparesDumps, CatalogChanges(from: catalogs.old, to: catalogs.new).changes.allSatisfy(\.keepsPosition) {
            dumps = (try await server.dump(old), try await server.dump(new))
        }
        var statements = 0
        for isForth in [true, false] {
            let (database, from, to) =
                isForth ? (old, catalogs.old, catalogs.new) : (new, catalogs.new, catalogs.old)
            let direction = isForth ? "forth" : "back"
            do {
                statements += try await go(on: database, from, to, isOnline: pair.isOnline)
            } catch let error as SchemaDiffError where error.code == .refusedChange {
                return .refused(error.message)
            } catch let error as Divergence {
                return .fails("\(direction): \(error.words)")
            } catch let error as SchemaDiffError {
                return .fails("\(direction): \(error.message)")
            }
            if let dumps {
                let (reached, wanted) = (try await server.dump(database), isForth ? dumps.new : dumps.old)
                let odd = Set(reached).symmetricDifference(wanted).sorted().joined(separator: " | ")
                if !odd.isEmpty { return .fails("\(direction): pg_dump differs: \(odd.prefix(900))") }
            }
        }
        return .holds(statements: statements)
    }

    private struct Divergence: Error {
        let words: String
    }

    private func go(on database: String, _ from: Catalog, _ to: Catalog, isOnline: Bool) async throws -> Int {
        let settlement = Settlement(server: ScratchServer(given: server.superuser))
        let present = try await settlement.rewording(from, as: to)
        let plan = try SchemaDiff.plan(from: present, to: to, options: PlanOptions(isOnline: isOnline))
        let script = PlanScript(plan)
        try await server.run(script, on: database)
        let reached = try await settlement.rewording(try await server.catalog(of: database), as: to)
        let rest = try SchemaComparison(from: reached, to: to)
        guard let change = rest.changes.first else {
            let again = rest.plan.steps.flatMap(\.statements)
            guard let first = again.first else { return plan.steps.reduce(0) { $0 + $1.statements.count } }
            throw Divergence(words: "a second diff is not empty: \(first.sql)")
        }
        let what = change.attributes.map { attribute in
            "\(attribute.name): \(attribute.from.map { "\($0)" } ?? "-") → \(attribute.to.map { "\($0)" } ?? "-")"
        }
        throw Divergence(
            words: "a second diff is not empty: \(change.identity) \(what.joined(separator: "; "))"
                + (tellsPlan ? "\nafter\n\(script.sql)" : "")
        )
    }

    /// Makes a database and runs the statements that the server takes.
    ///
    /// - Parameters:
    ///   - statements: the statements.
    ///   - database: its name.
    /// - Returns: what the server said to those that it refused.
    /// - Throws: what keeps the database from being made.
    @discardableResult
    func load(_ statements: [String], into database: String) async throws -> [String] {
        try await withPostgresConnection(to: server.superuser) {
            _ = try await $0.query("CREATE DATABASE \(database) TEMPLATE template0")
        }
        guard !statements.isEmpty else { return [] }
        let quoted = statements.map { "$lastro_item$\($0)$lastro_item$" }.joined(separator: ", ")
        let script = """
            DO $lastro_load$ DECLARE statement text; refused text := ''; filled regclass; BEGIN
                FOREACH statement IN ARRAY ARRAY[\(quoted)] LOOP
                    BEGIN EXECUTE statement;
                    EXCEPTION WHEN OTHERS THEN refused := refused || E'\\x1' || sqlerrm || ': ' || statement; END;
                END LOOP;
                -- What cannot be filled again since a view's owner may not read a table, no plan and no dump makes.
                FOR filled IN SELECT oid FROM pg_class WHERE relkind = 'm' AND relispopulated LOOP
                    BEGIN EXECUTE format('REFRESH MATERIALIZED VIEW %s', filled);
                    EXCEPTION
                        WHEN insufficient_privilege THEN EXECUTE format('DROP MATERIALIZED VIEW %s CASCADE', filled);
                        WHEN OTHERS THEN NULL;
                    END;
                END LOOP;
                PERFORM set_config('lastro.refused', refused, false);
            END $lastro_load$
            """
        return try await withPostgresConnection(to: server.superuser.with(database: database)) { connection in
            _ = try await connection.script("SET client_min_messages = error;" + script)
            let refused = try await connection.query("SELECT current_setting('lastro.refused')").single
            return try refused.decode(String.self).split(separator: "\u{1}").map(String.init)
        }
    }

    /// Drops databases with their subscriptions, which would keep them.
    private func drop(_ databases: [String]) async throws {
        for database in databases {
            do {
                try await withPostgresConnection(to: server.superuser.with(database: database)) { connection in
                    let names = try await connection.query(
                        "SELECT quote_ident(subname) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
                    )
                    for name in try names.decode(as: String.self) {
                        _ = try await connection.script("DROP SUBSCRIPTION \(name)")
                    }
                }
            } catch let error as PostgresError where error.sqlState == "3D000" {
                continue
            }
        }
        try await server.drop(databases)
    }
}

extension ObjectChange {
    /// Whether a column that is on both sides stands at the same place, and is its table's own as before.
    fileprivate var keepsPosition: Bool {
        before == nil || after == nil || !attributes.contains { $0.name == .position || $0.name == .inherited }
    }
}
