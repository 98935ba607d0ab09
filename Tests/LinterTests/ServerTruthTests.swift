import Postgres
import SQLSyntax
import TestSupport
import Testing

@testable import Linter

@Suite("The examples of the rules, on a server")
struct ServerTruthTests {
    @Test("run as the pages say")
    func run() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                for rule in Rule.all {
                    let good = try await refusal(of: rule.good, on: connection)
                    #expect(good == rule.good.refusal, "\(rule.name), the good example")
                    let bad = try await refusal(of: rule.bad, on: connection)
                    #expect(bad == rule.bad.refusal, "\(rule.name), the bad example")
                }
            }
        }
    }

    /// What the server says against an example; nil if it runs.
    private func refusal(of example: Rule.Example, on connection: PostgresConnection) async throws -> String? {
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
            for sql in [example.sql, example.down] {
                // A text that cannot be split is the server's as a whole.
                let statements = (try? SQLScript(sql))?.statements.map(\.text) ?? [sql]
                for statement in statements { _ = try await connection.script(statement) }
            }
            return nil
        } catch let error as PostgresError where error.code == .server {
            return error.message
        }
    }
}
