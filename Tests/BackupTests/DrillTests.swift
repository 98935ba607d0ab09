import Postgres
import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("A drill")
struct DrillTests {
    private func outcomes(_ test: TestRepository) throws -> [DrillOutcome] {
        try test.repository.drills().values.joined().sorted { $0.time < $1.time }.map(\.outcome)
    }

    @Test("on a given server leaves nothing there, checks what it was told to, and is on record")
    func checks() async throws {
        try await withSnapshot("CREATE TABLE t AS SELECT n FROM generate_series(1, 10) n") { test, settings, snapshot in
            var drill = Drill(of: test.repository, with: test.identities)
            drill.scratch = settings
            let good =
                "SELECT count(*) = 10 AS enough FROM t;\n\nDO $$ BEGIN ASSERT true; END $$;\nSELECT NULL::boolean, 'f'\n"
            drill.checks = [try DrillCheck(utf8: Array(good.utf8), file: "good.sql")]
            let passed = try await drill()
            #expect(passed.outcome == .passed && passed.restoration.rows == 10)
            #expect(try outcomes(test) == [.passed])
            #expect(try test.repository.list().snapshots[0].lastDrill == passed.time)
            for (bad, line) in [("\nSELECT true;\n SELECT n, n < 10 FROM t", 3), ("SELECT 1/0", 1)] {
                drill.checks = [try DrillCheck(utf8: Array(bad.utf8), file: "bad.sql")]
                let error = await #expect(throws: BackupError.self) { try await drill() }
                #expect(error?.description.hasPrefix("bad.sql:\(line):") == true && error?.code == .otherContent)
            }
            #expect(throws: BackupError.self) { try DrillCheck(utf8: Array("SELECT 'x".utf8), file: "x") }
            #expect(try outcomes(test).filter { $0 == .failed }.count == 2)
            let listed = try test.repository.list().snapshots[0]
            #expect(listed.lastDrill == passed.time && snapshot.id == listed.id)
            try await withPostgresConnection(to: settings) { connection in
                try await connection.wait(
                    until: "SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname LIKE 'lastro\\_drill\\_%')"
                )
            }
        }
    }

    @Test("knows again what a restored database prints in other words")
    func knowsOtherWords() async throws {
        let sql = """
            CREATE TABLE t (s varchar(9) DEFAULT 'a' CHECK (s IN ('a', 'b, c', 'it''s')), c char(3) CHECK (c IN ('x', 'y')));
            CREATE INDEX ON t (s) WHERE s IN ('a', 'b, c');
            CREATE VIEW v AS SELECT s FROM t WHERE s NOT IN ('a', '(ARRAY[');
            INSERT INTO t VALUES ('a', 'x')
            """
        try await withSnapshot(sql) { test, settings, _ in
            var drill = Drill(of: test.repository, with: test.identities)
            drill.scratch = settings
            let result = try await drill()
            #expect(result.outcome == .passed)
        }
    }

    @Test("of a damaged snapshot is on record as failed, and one with the wrong key is not on record")
    func fails() async throws {
        try await withSnapshot("CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) n") { test, settings, _ in
            var wrong = Drill(of: test.repository, with: [.secretKey(try .generate())])
            wrong.scratch = settings
            let refused = await #expect(throws: BackupError.self) { try await wrong() }
            #expect(refused?.code == .noMatch)
            #expect(try outcomes(test).isEmpty)
            let name = try #require(
                try test.store.sizes(in: "objects").max { $0.value < $1.value }?.key
            )
            var bytes = try #require(try test.store.get(name))
            bytes[bytes.count / 2] ^= 1
            try test.store.remove(name)
            try test.store.put(name, bytes)
            var drill = Drill(of: test.repository, with: test.identities)
            drill.scratch = settings
            await #expect(throws: BackupError.self) { try await drill() }
            #expect(try outcomes(test) == [.failed])
            let metrics = BackupMetrics(of: try test.repository.list().snapshots).text
            #expect(metrics.contains("lastro_backup_last_drill_passed{database=\"\(settings["dbname"] ?? "")\"} 0\n"))
            #expect(
                metrics.contains(
                    "lastro_backup_last_drill_timestamp_seconds{database=\"\(settings["dbname"] ?? "")\"} 0\n"
                )
            )
            #expect(
                metrics.contains("} 1\n")
                    && metrics.contains("# TYPE lastro_backup_last_success_timestamp_seconds gauge\n")
            )
        }
    }

    /// Puts another manifest into the place of a snapshot's.
    private func change(
        _ snapshot: Snapshot,
        in test: TestRepository,
        generation: Int,
        _ change: (inout Manifest) -> Void
    ) throws {
        let id = try test.repository.snapshot(named: snapshot.id)
        var index = try test.repository.index(of: id).index
        var manifest = try Manifest.read(of: index, in: test.repository, with: test.identities)
        change(&manifest)
        let bytes = try manifest.encoded(for: [.publicKey(test.key.publicKey)])
        index.generation = generation
        index.manifest = StoredObject.File(
            name: id.manifestName(generation: generation),
            size: bytes.count,
            sha256: sha256(bytes)
        )
        try test.store.put(index.manifest.name, bytes)
        _ = try SnapshotCommit(to: test.repository, signedWith: test.keys.signing)(index)
    }

    @Test("needs neither the tablespaces of the original nor the roles that its policies are for")
    func needsNoRoles() async throws {
        let superuser = try await TestServer.standard.superuser()
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                let name = settings["dbname"] ?? ""
                try await withPostgresConnection(to: superuser.with(database: name)) { connection in
                    // A folder of the server's own, so that none has to be made.
                    _ = try await connection.script("SET allow_in_place_tablespaces = on")
                    _ = try await connection.script("CREATE TABLESPACE \"\(name) s\" LOCATION ''")
                    _ = try await connection.script(
                        """
                        CREATE ROLE \(name)_p; CREATE TABLE t (n integer PRIMARY KEY USING INDEX TABLESPACE "\(name) s") TABLESPACE "\(name) s";
                        INSERT INTO t SELECT generate_series(1, 10); CREATE INDEX ON t ((-n)); CREATE TABLE u (n integer);
                        ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t TO \(name)_p USING (n < 5);
                        CREATE POLICY everybody ON t FOR DELETE USING (n < 5)
                        """
                    )
                    let snapshot = try await test.creation(of: superuser.with(database: name))()
                    try await withRestored(superuser) { copy in
                        _ = try await test.restoration(to: copy)()
                        let inside = try await withPostgresConnection(to: copy) { connection in
                            try await connection.query(
                                "SELECT count(*) FROM pg_class WHERE reltablespace <> 0 AND relname LIKE 't\\_%' OR relname = 't'"
                            ).single.decode(Int.self)
                        }
                        #expect(inside == 2)
                    }
                    _ = try await connection.script(
                        "DROP TABLE t; DROP OWNED BY \(name)_p; DROP ROLE \(name)_p"
                    )
                    _ = try await connection.script("DROP TABLESPACE \"\(name) s\"")
                    var drill = Drill(of: test.repository, with: test.identities)
                    let notes = Notes()
                    drill.note = { notes.add($0) }
                    let passed = try await drill(snapshot.id)
                    #expect(passed.outcome == .passed && passed.restoration.schemaIsEqual)
                    #expect(
                        notes.all == [
                            "there is no tablespace \(name) s here: what was in it goes into that of the database"
                        ]
                    )
                    drill.scratch = superuser
                    let lacking = await #expect(throws: BackupError.self) { try await drill() }
                    #expect(lacking?.message == "the server of the drill lacks the role \(name)_p")
                    drill.isPartialAllowed = true
                    let partial = try await drill()
                    #expect(partial.missing == ["\(name)_p"])
                }
            }
        }
    }

    @Test("sorts texts as the original does, and so does a restored database", arguments: [nil, 18])
    func sortsAlike(major: Int?) async throws {
        let installed = try await PostgresInstallation.all()
        guard major == nil || installed.contains(where: { $0.version.major == major }) else {
            return print("skipped: PostgreSQL \(major ?? 0) is not installed: script/servers brings it")
        }
        let server = major == nil ? TestServer.standard : TestServer(major: major)
        let superuser = try await server.superuser()
        let name = "sorted_\(UInt32.random(in: .min ... .max))"
        let source = superuser.with(database: name)
        let form = "LOCALE_PROVIDER icu ICU_LOCALE 'en-u-kn-true' TEMPLATE template0 OWNER lastro"
        try await withPostgresConnection(to: superuser) { connection in
            do {
                try await connection.query("CREATE DATABASE \(name) \(form)")
            } catch let error as PostgresError where error.sqlState == "0A000" {
                return print("skipped: \(error.message)")
            }
            try await withTestRepository { test in
                try await withPostgresConnection(to: source) { connection in
                    _ = try await connection.script(
                        """
                        CREATE TABLE t (a text CHECK (a > 'a9')) PARTITION BY RANGE (a); CREATE TABLE p PARTITION OF t FOR VALUES FROM ('a10') TO ('a20');
                        INSERT INTO t VALUES ('a10'), ('a19'); ALTER TABLE t OWNER TO lastro; ALTER TABLE p OWNER TO lastro
                        """
                    )
                }
                _ = try await test.creation(of: source)()
                let script = try RestoreScript(of: test.repository, with: test.identities)(folder: nil)
                #expect(script.contains("LOCALE_PROVIDER icu ICU_LOCALE 'en-u-kn-true'\n"))
                let copy = superuser.with(database: "\(name)_copy")
                let result = try await test.restoration(to: copy)()
                #expect(result.schemaIsEqual && result.rows == 2)
                try await withPostgresConnection(to: copy) { connection in
                    let row = try await connection.query(
                        "SELECT 'a10' > 'a9', datlocprovider = 'i' FROM pg_database WHERE datname = current_database()"
                    )
                    .single
                    #expect(try row.decode(Bool.self, Bool.self) == (true, true))
                }
                let drilled = try await Drill(of: test.repository, with: test.identities)()
                #expect(drilled.outcome == .passed)
            }
            for database in [name, "\(name)_copy"] {
                _ = try await connection.query("DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
            }
        }
    }

    @Test("says what only a superuser may make, and is partial when that is left out")
    func leavesOutWhatItMayNotMake() async throws {
        let sql = """
            CREATE TABLE kept AS SELECT n FROM generate_series(1, 10) n;
            CREATE FUNCTION discreet() RETURNS integer LANGUAGE sql IMMUTABLE LEAKPROOF AS 'SELECT 1';
            CREATE TABLE needs_it (n integer DEFAULT discreet()); INSERT INTO needs_it VALUES (1);
            CREATE FUNCTION notices() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
            CREATE EVENT TRIGGER noticing ON ddl_command_end EXECUTE FUNCTION notices(); COMMENT ON EVENT TRIGGER noticing IS 'all';
            CREATE PUBLICATION everything FOR ALL TABLES
            """
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                let superuser = try await TestServer.standard.superuser().with(database: settings["dbname"] ?? "")
                try await withPostgresConnection(to: superuser) { _ = try await $0.script(sql) }
                _ = try await test.creation(of: superuser)()
                let titles = ["function public.discreet()", "publication everything", "event trigger noticing"]
                var drill = Drill(of: test.repository, with: test.identities)
                let refused = await #expect(throws: BackupError.self) { try await drill() }
                #expect(refused?.message == "the role of the drill may not make \(titles.joined(separator: ", "))")
                #expect(refused?.isUsage == true)
                #expect(try outcomes(test).isEmpty)
                drill.isPartialAllowed = true
                let partial = try await drill()
                #expect(partial.outcome == .partial && partial.missing == titles)
                #expect(partial.restoration.tables == 1 && partial.restoration.rows == 10)
                let record = try #require(try test.repository.drills().values.joined().first)
                #expect(record.missing == ["event trigger", "function", "publication"])
                drill.isPartialAllowed = false
                drill.scratch = superuser
                let passed = try await drill()
                #expect(passed.outcome == .passed && passed.restoration.rows == 11)
            }
        }
    }

    @Test("says what the server lacks before it begins, and is partial when that is left out")
    func isPartial() async throws {
        let sql = """
            CREATE TABLE plain AS SELECT n FROM generate_series(1, 10) n; CREATE SEQUENCE s;
            CREATE TABLE kept (a text); INSERT INTO kept VALUES ('x')
            """
        try await withSnapshot(sql) { test, settings, snapshot in
            // No server has an extension or a locale of this name: the snapshot is made to want it.
            try change(snapshot, in: test, generation: 2) { $0.database.collation = "xx_XX.UTF-8" }
            var elsewhere = Drill(of: test.repository, with: test.identities)
            elsewhere.isPartialAllowed = true
            let unsorted = await #expect(throws: BackupError.self) { try await elsewhere() }
            #expect(unsorted?.message == "the server of the drill lacks the locale xx_XX.UTF-8")
            try change(snapshot, in: test, generation: 3) { manifest in
                manifest.database.collation = manifest.database.characterType
                manifest.database.extensions = [Manifest.Extension(name: "absent", schema: "public", version: "1")]
                manifest.tables.append(manifest.tables[0])
                manifest.tables[manifest.tables.count - 1].name = "needs_it"
            }

            var drill = Drill(of: test.repository, with: test.identities)
            drill.scratch = settings
            let lacking = await #expect(throws: BackupError.self) { try await drill() }
            #expect(
                lacking?.message == "the server of the drill lacks the extension absent" && lacking?.isUsage == true
            )
            #expect(try outcomes(test).isEmpty)
            drill.isPartialAllowed = true
            let partial = try await drill()
            #expect(partial.outcome == .partial && partial.missing == ["absent"])
            #expect(partial.restoration.tables == 2 && partial.restoration.rows == 11)
            #expect(try outcomes(test) == [.partial])
            let listed = try test.repository.list().snapshots[0]
            #expect(listed.lastDrill == nil && listed.newestDrill?.outcome == .partial)
        }
    }
}
