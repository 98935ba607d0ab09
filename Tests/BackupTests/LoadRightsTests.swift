import Postgres
import TestSupport
import Testing

@testable import Backup

@Suite("Tables whose owners may not write to them")
struct LoadRightsTests {
    @Test("are loaded as these all the same, and their grants are as they were", arguments: [true, false])
    func areLoaded(bySuperuser: Bool) async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                let name = settings["dbname"] ?? ""
                let superuser = try await TestServer.standard.superuser().with(database: name)
                let (owner, keeper, member) = ("\(name)_o", "\(name)_k", "\(name)_m")
                try await withPostgresConnection(to: superuser) { connection in
                    // One is large enough for a file of its own. Only a superuser can give a table away in another's schema.
                    _ = try await connection.script(
                        """
                        CREATE ROLE \(owner); CREATE ROLE \(keeper); CREATE ROLE \(member) LOGIN CREATEDB IN ROLE \(owner), \(keeper);
                        CREATE SCHEMA s AUTHORIZATION \(bySuperuser ? keeper : owner);
                        CREATE TABLE s.archive AS SELECT n, repeat('x', 100) AS t FROM generate_series(1, 60000) n;
                        CREATE TABLE s.small (n integer, twice integer GENERATED ALWAYS AS (2 * n) STORED);
                        INSERT INTO s.small SELECT generate_series(1, 10);
                        ALTER TABLE s.archive OWNER TO \(owner); ALTER TABLE s.small OWNER TO \(owner);
                        REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON s.archive FROM \(owner); REVOKE INSERT ON s.small FROM \(owner)
                        """
                    )
                }
                let user = bySuperuser ? superuser : settings.with("user", member)
                _ = try await test.creation(of: user)()
                try await withRestored(user) { copy in
                    let before = try await grants(superuser)
                    let result = try await test.restoration(to: copy)()
                    #expect(result.rows == 60_010 && result.schemaIsEqual)
                    #expect(try await grants(superuser.with(database: copy["dbname"] ?? "")) == before)
                    try await withPostgresConnection(to: superuser.with(database: copy["dbname"] ?? "")) {
                        _ = try await $0.script("TRUNCATE s.archive, s.small")
                    }
                    #expect(try await test.restoration(to: copy) { $0.isDataOnly = true }().rows == 60_010)
                    #expect(try await grants(superuser.with(database: copy["dbname"] ?? "")) == before)
                }
                try await withPostgresConnection(to: superuser) {
                    _ = try await $0.script(
                        "DROP OWNED BY \(owner), \(keeper), \(member) CASCADE; DROP ROLE \(owner), \(keeper), \(member)"
                    )
                }
            }
        }
    }

    private func grants(_ settings: ConnectionSettings) async throws -> String {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.query(
                """
                SELECT concat_ws(' ', coalesce(nspacl, acldefault('n', nspowner)), (SELECT string_agg(concat_ws(' ', relname, relowner::regrole, relacl), ' ' ORDER BY relname)
                    FROM pg_class WHERE relnamespace = n.oid AND relkind = 'r')) FROM pg_namespace n WHERE nspname = 's'
                """
            ).single.decode(String.self)
        }
    }
}
