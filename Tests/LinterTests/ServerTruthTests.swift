import Postgres
import SQLSyntax
import TestSupport
import Testing

@testable import Linter

@Suite("The examples of the rules, on a server")
struct ServerTruthTests {
    /// Rules whose bad example the server refuses.
    private static let refused: Set<String> = [
        "column-may-not-exist", "table-may-not-exist", "schema-may-not-exist", "type-may-not-exist",
        "index-may-not-exist",
        "constraint-may-not-exist", "trigger-may-not-exist", "function-may-not-exist", "enum-label-may-not-exist",
        "if-not-exists-parent-lacks-key", "on-conflict-no-arbiter", "wrong-kind", "function-body-syntax",
        "drop-has-dependents",
        "replace-view-shape", "replace-function-signature", "drop-if-exists-wrong-kind", "drop-index-vs-constraint",
        "no-such-guard", "object-already-exists", "concurrent-in-do", "concurrent-in-transaction",
        "enum-value-used-in-transaction", "duplicate-column-assignment",
    ]

    /// Rules whose bad example the server takes, although it does not do what it says.
    private static let silent: Set<String> = [
        "if-not-exists-differs", "if-not-exists-foreign-key", "serial-in-skipped-create",
        "add-column-if-not-exists-differs",
        "index-if-not-exists-differs", "truncated-name-collision", "if-not-exists-wrong-kind",
        "if-not-exists-search-path",
        "if-not-exists-case", "partition-if-not-exists-differs", "matview-if-not-exists-differs",
        "sequence-if-not-exists-ignored", "schema-if-not-exists-ignored", "extension-if-not-exists-ignored",
        "enum-if-not-exists-position", "replace-view-loses-options", "replace-function-loses-attributes",
        "drop-if-exists-unknown", "alter-if-exists-skips", "guard-hides-different-type", "function-body-missing-column",
    ]

    @Test("run as the pages say")
    func run() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                for rule in Rule.all {
                    let good = try await failure(of: rule.good, on: connection)
                    #expect(good == nil, "\(rule.name), the good example: \(good ?? "")")
                    if Self.refused.contains(rule.name) {
                        let bad = try await failure(of: rule.bad, on: connection)
                        #expect(bad != nil, "\(rule.name): the server takes the bad example")
                    } else if Self.silent.contains(rule.name) {
                        let bad = try await failure(of: rule.bad, on: connection)
                        #expect(bad == nil, "\(rule.name), the bad example: \(bad ?? "")")
                    }
                }
            }
        }
    }

    /// What the server says against an example; nil if it runs.
    private func failure(of example: Rule.Example, on connection: PostgresConnection) async throws -> String? {
        let reset = """
            DO $$ DECLARE s text; BEGIN
                FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$' LOOP
                    EXECUTE format('DROP SCHEMA %I CASCADE', s);
                END LOOP;
                CREATE SCHEMA public;
            END $$;
            """
        _ = try await connection.script("ROLLBACK; RESET ALL; SET client_min_messages = error; " + reset)
        for statement in try SQLScript(example.history).statements { _ = try await connection.script(statement.text) }
        do {
            for statement in try SQLScript(example.sql).statements { _ = try await connection.script(statement.text) }
            return nil
        } catch let error as PostgresError where error.code == .server {
            return "\(error)"
        }
    }
}
