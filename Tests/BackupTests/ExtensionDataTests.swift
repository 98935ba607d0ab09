import Postgres
import SystemPackage
import TestSupport
import Testing

@testable import Backup

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("What an extension keeps of its user's")
struct ExtensionDataTests {
    private static let script = """
        CREATE TABLE words (id integer PRIMARY KEY, word text, is_ours boolean);
        INSERT INTO words VALUES (-1, 'built in', true), (-2, 'built in', true);
        CREATE SEQUENCE word_ids; CREATE SEQUENCE other_ids;
        SELECT pg_catalog.pg_extension_config_dump('words', 'WHERE NOT is_ours');
        SELECT pg_catalog.pg_extension_config_dump('word_ids', '');
        """

    @Test(
        "comes back beside what the extension brings, in a drill too: rows, many, few or none, and where its sequences stand",
        arguments: [0, 10, 50_000]
    )
    func comesBack(count: Int) async throws {
        guard try await PostgresInstallation.all().contains(where: { $0.version.major == 18 }) else {
            return print(
                "skipped: PostgreSQL 18, which finds extensions elsewhere, is not installed: script/servers brings it"
            )
        }
        let server = TestServer(major: 18)
        try await withTestDatabase(on: server) { settings in
            try await withTestRepository { test in
                let name = settings["dbname"] ?? ""
                let superuser = try await server.superuser().with(database: name)
                try test.folder.write(
                    "default_version = '1'\nrelocatable = true\n",
                    to: "share/extension/\(name).control"
                )
                try test.folder.write(Self.script, to: "share/extension/\(name)--1.sql")
                // The server is another user's.
                guard chmod(test.folder.path, 0o755) == 0 else { throw Errno(rawValue: errno) }
                let places = "$system:\(test.folder.file("share"))"
                let path = "SET extension_control_path = '\(places)'"
                try await withPostgresConnection(to: superuser) { connection in
                    _ = try await connection.script(
                        "CREATE ROLE \(name)_su SUPERUSER LOGIN; ALTER ROLE \(name)_su \(path)"
                    )
                }
                let user = superuser.with("user", "\(name)_su")
                let facts =
                    "SELECT (SELECT count(*) FROM words)::int, (SELECT count(*) FROM words WHERE is_ours)::int, nextval('word_ids')::int"
                try await withPostgresConnection(to: user) { connection in
                    _ = try await connection.script(
                        """
                        CREATE EXTENSION \(name);
                        INSERT INTO words SELECT nextval('word_ids'), repeat('x', 100), false FROM generate_series(1, \(count))
                        """
                    )
                }
                _ = try await test.creation(of: user)()
                // What the extension brings is the superuser's there, and another role loads the rows.
                var drill = Drill(of: test.repository, with: test.identities)
                drill.serverSettings = ["extension_control_path": places]
                let drilled = try await drill()
                #expect(drilled.outcome == .passed && drilled.restoration.rows == count)
                try await withRestored(user) { copy in
                    #expect(try await test.restoration(to: copy)().rows == count)
                    let (rows, ours, next) = try await withPostgresConnection(to: copy) {
                        try await $0.query(facts).single.decode(Int.self, Int.self, Int.self)
                    }
                    #expect(rows == count + 2 && ours == 2 && next == count + 1)
                }
                try await withPostgresConnection(to: superuser) {
                    _ = try await $0.script("DROP OWNED BY \(name)_su CASCADE; DROP ROLE \(name)_su")
                }
            }
        }
    }
}
