import Postgres
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("Large objects")
struct LargeObjectTests {
    /// What of them a user sees.
    private let list = """
        SELECT string_agg(concat_ws(' ', oid, pg_get_userbyid(lomowner), lomacl IS NULL,
            (SELECT array_agg(i ORDER BY i::text) FROM unnest(lomacl) i)::text,
            obj_description(oid, 'pg_largeobject'), md5(lo_get(oid))), E'\\n' ORDER BY oid) FROM pg_largeobject_metadata
        """

    // From 17 on, pg_dump tells of them in another section.
    @Test(
        "have the same content, owner, privileges and comment in a restored database, and through the script",
        arguments: [nil, 18]
    )
    func areEqual(major: Int?) async throws {
        let installed = try await PostgresInstallation.all()
        guard major == nil || installed.contains(where: { $0.version.major == major }) else {
            return print("skipped: PostgreSQL \(major ?? 0) is not installed: script/servers brings it")
        }
        let server = major.map { TestServer(major: $0) } ?? .standard
        let superuser = try await server.superuser()
        let programs = try await PostgresInstallation.find(major: major).program("psql").removingLastComponent().string
        try await withTestDatabase(on: server) { owned in
            try await withTestRepository { test in
                let settings = superuser.with(database: owned["dbname"] ?? "")
                let names = ["_restored", "_script"].map { (owned["dbname"] ?? "") + $0 }
                let (owner, reader) = ("\(names[0])_o\"'", "\(names[0])_r")
                func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
                let expected = try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.script(
                        """
                        CREATE ROLE \(quoted(owner)); CREATE ROLE \(quoted(reader));
                        SELECT lo_create(12345); SELECT lo_from_bytea(500, decode(repeat('00ff5c4e0a', 50000), 'hex'));
                        SELECT lo_from_bytea(501, ''); SELECT lo_put(lo_create(502), 200000, 'behind a hole');
                        SELECT lo_from_bytea(9000 + n, convert_to('number ' || n, 'UTF8')) FROM generate_series(1, 3000) n;
                        ALTER LARGE OBJECT 500 OWNER TO \(quoted(owner));
                        GRANT SELECT ON LARGE OBJECT 500 TO \(quoted(reader)) WITH GRANT OPTION;
                        GRANT UPDATE ON LARGE OBJECT 501 TO PUBLIC; REVOKE ALL ON LARGE OBJECT 502 FROM postgres;
                        COMMENT ON LARGE OBJECT 500 IS E'it''s\\tone\\\\N'; ALTER DATABASE \(owned["dbname"] ?? "") SET bytea_output = 'escape'
                        """
                    )
                    return try await connection.query(list).single.decode(String.self)
                }
                let snapshot = try await test.creation(of: settings)()
                var verification = SnapshotVerification(of: test.repository)
                verification.identities = test.identities
                #expect(try await verification().problems.isEmpty)

                let restored = settings.with(database: names[0])
                let result = try await Restoration(from: test.repository, with: test.identities, to: restored)()
                #expect(result.schemaIsEqual)
                try await test.restoreWithScript(snapshot.id, to: settings.with(database: names[1]), programs: programs)
                for name in names {
                    try await withPostgresConnection(to: settings.with(database: name)) { connection in
                        let found = try await connection.query(list).single.decode(String.self)
                        #expect(found == expected)
                    }
                }
                let drill = try await Drill(of: test.repository, with: test.identities)(snapshot.id)
                #expect(drill.restoration.schemaIsEqual)
                // What the next one finds unchanged is not written again.
                let second = try await test.creation(of: settings)()
                #expect(second.addedBytes < snapshot.addedBytes)
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.script("SELECT lo_unlink(500)")
                    for name in names { try await connection.query("DROP DATABASE \(name) WITH (FORCE)") }
                    _ = try await connection.script("DROP ROLE \(quoted(owner)); DROP ROLE \(quoted(reader))")
                }
            }
        }
    }

    @Test("are all there when there are many, and none is half there that is made meanwhile")
    func areMany() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                let count = isLongTest ? 200_000 : 4000
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.script(
                        "SELECT lo_from_bytea(100000 + n, 'ten bytes.') FROM generate_series(1, \(count)) n"
                    )
                    var creation = test.creation(of: settings)
                    creation.observe = { phase, _ in
                        guard phase != .read else { return }
                        _ = try await connection.script(
                            "SELECT lo_from_bytea(0, 'later'), lo_unlink(100000 + \(phase == .locked ? 1 : 2))"
                        )
                    }
                    let snapshot = try await creation()
                    let manifest = try test.manifest(snapshot.id)
                    #expect(manifest.largeObjects?.count == count)
                    #expect((manifest.largeObjects?.units.count ?? 0) > 1)
                    let drill = try await Drill(of: test.repository, with: test.identities)(snapshot.id)
                    #expect(drill.restoration.schemaIsEqual)
                }
            }
        }
    }

    @Test("that the role may not read fail the backup, and are named")
    func areNamed() async throws {
        let superuser = try await TestServer.standard.superuser()
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                let database = settings["dbname"] ?? ""
                try await withPostgresConnection(to: superuser.with(database: database)) { connection in
                    _ = try await connection.script(
                        "CREATE TABLE t (); ALTER TABLE t OWNER TO lastro; SELECT lo_create(4711)"
                    )
                    let error = await #expect(throws: (any Error).self) { try await test.creation(of: settings)() }
                    #expect("\(error.map { "\($0)" } ?? "")".contains("4711"))
                    let snapshots = try test.repository.list().snapshots
                    #expect(snapshots.isEmpty)
                }
            }
        }
    }
}
