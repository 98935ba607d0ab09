import Postgres
import TestSupport
import Testing

@Suite("The doctor")
struct DoctorTests {
    private let files = ["m/0001_a.sql": "create table a (i int);\n"]

    @Test("finds rows without a name, as verify does, before migrate stops at them")
    func findsNamelessRows() async throws {
        try await withProject(files) { lastro, _, url in
            try await withPostgresConnection(to: ConnectionSettings(url)) { connection in
                try await connection.script(
                    "create table schema_migrations (name text, applied_at timestamptz); insert into schema_migrations values (null, now())"
                )
            }
            for arguments in ["doctor", "verify", "migrate", "migrate --check"] {
                let outcome = try await lastro.shell("exec $lastro \(arguments)")
                #expect(outcome.status == 1, "\(arguments)")
                #expect(outcome.text.contains("1 row of schema_migrations have no name"), "\(arguments)")
            }
            #expect(try await lastro("status").status == 0)
        }
    }

    @Test("finds what the role may not do")
    func findsMissingRights() async throws {
        try await withProject(files) { lastro, _, url in
            var lastro = lastro
            lastro.environment["DATABASE_URL"] = url + "&options=-cdefault_transaction_read_only%3Don"
            let readOnly = try await lastro("doctor")
            #expect(readOnly.status == 1)
            #expect(readOnly.output.contains("bad  role "))
            #expect(readOnly.output.contains("default_transaction_read_only is on"))

            lastro.environment["DATABASE_URL"] = url
            let elsewhere = try await lastro("doctor", "--history-table", "pg_catalog.history")
            #expect(elsewhere.status == 1)
            #expect(
                elsewhere.output.contains(
                    "pg_catalog, where lastro may not create anything, and the history's tables are still to be made there"
                )
            )
        }
    }

    @Test("tells of a folder that cannot be read once")
    func tellsOnce() async throws {
        try await withProject(["m/0001_a.sql": "", "m/1_b.sql": ""]) { lastro, _, _ in
            let outcome = try await lastro("doctor")
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("1 thing to mend"))
            #expect(outcome.output.split(separator: "have one version", omittingEmptySubsequences: false).count == 2)
            #expect(outcome.output.contains("not looked at, since the migrations cannot be read"))
        }
    }
}
