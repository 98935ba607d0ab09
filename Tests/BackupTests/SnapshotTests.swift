import Postgres
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Backup

/// A repository in a folder, with the keys that belong to it.
struct TestRepository {
    let folder: TemporaryFolder
    let store: FolderStore
    let keys: HostKeys
    let key: AgeSecretKey

    init(in folder: TemporaryFolder) throws {
        self.folder = folder
        store = FolderStore(FilePath(folder.file("r")))
        keys = try HostKeys.find(for: "test", at: HostKeys.Places(folder: FilePath(folder.file("keys"))))
        key = try .generate()
    }

    var repository: Repository { Repository(in: store) }
    var identities: [AgeIdentity] { [.secretKey(key)] }

    func creation(of settings: ConnectionSettings) -> Creation {
        Creation(of: settings, into: repository, for: [.publicKey(key.publicKey)], keys: keys)
    }

    func manifest(_ name: String? = nil) throws -> Manifest {
        let index = try repository.index(of: repository.snapshot(named: name)).index
        return try Manifest.read(of: index, in: repository, with: identities)
    }

    /// The lines of each table in a snapshot.
    func content(_ name: String? = nil) throws -> [String: [String]] {
        let index = try repository.index(of: repository.snapshot(named: name)).index
        let manifest = try Manifest.read(of: index, in: repository, with: identities)
        let reader = ChunkReader(of: index, in: repository, with: identities)
        return try Dictionary(
            uniqueKeysWithValues: manifest.tables.map { table in
                let bytes = try table.units.flatMap(\.chunks).reduce(into: []) { $0 += try reader.content(of: $1) }
                return (
                    table.name, String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
                )
            }
        )
    }
}

/// Lends an empty repository to a test.
func withTestRepository<Result>(_ body: (TestRepository) async throws -> Result) async throws -> Result {
    try await withTemporaryFolder { try await body(TestRepository(in: $0)) }
}

/// Lends a repository that holds a snapshot of a database.
func withSnapshot(
    _ sql: String,
    on server: TestServer = .standard,
    _ body: (TestRepository, ConnectionSettings, Snapshot) async throws -> Void
) async throws {
    try await withTestDatabase(on: server) { settings in
        try await withTestRepository { test in
            try await withPostgresConnection(to: settings) { _ = try await $0.script(sql) }
            let snapshot = try await test.creation(of: settings)()
            try await body(test, settings, snapshot)
        }
    }
}

@Suite("A snapshot")
struct SnapshotTests {
    @Test("holds every table that has data of the user's, and only that")
    func holdsTables() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.script(
                        """
                        CREATE TABLE plain (a integer, b text); INSERT INTO plain VALUES (1, E'x\\ty'), (2, NULL);
                        CREATE TABLE empty (a integer);
                        CREATE TABLE none (); INSERT INTO none DEFAULT VALUES;
                        CREATE TABLE made (a integer, b integer GENERATED ALWAYS AS (a + 1) STORED); INSERT INTO made VALUES (5);
                        CREATE TABLE parent (a integer); INSERT INTO parent VALUES (1);
                        CREATE TABLE child () INHERITS (parent); INSERT INTO child VALUES (2);
                        CREATE TABLE split (a integer) PARTITION BY LIST (a);
                        CREATE TABLE part PARTITION OF split FOR VALUES IN (7); INSERT INTO split VALUES (7);
                        CREATE SCHEMA "Other one"; CREATE TABLE "Other one"."Ta""ble" ("c d" text);
                        INSERT INTO "Other one"."Ta""ble" VALUES ('é');
                        CREATE UNLOGGED TABLE quick (a integer); INSERT INTO quick VALUES (3);
                        CREATE TEMPORARY TABLE mine (a integer);
                        CREATE VIEW seen AS SELECT * FROM plain;
                        """
                    )
                }
                let snapshot = try await test.creation(of: settings)()
                #expect(try test.repository.list().snapshots.map(\.id) == [snapshot.id])
                #expect(
                    try test.content() == [
                        "plain": ["1\tx\\ty", "2\t\\N"], "empty": [], "none": [], "made": ["5"], "parent": ["1"],
                        "child": ["2"],
                        "part": ["7"], "Ta\"ble": ["é"], "quick": ["3"],
                    ]
                )
                let checked = try await SnapshotVerification(of: test.repository)()
                #expect(checked.problems.isEmpty && !checked.isFull)
                var full = SnapshotVerification(of: test.repository)
                full.identities = test.identities
                #expect(try await full().problems.isEmpty)
            }
        }
    }

    @Test("of a large table is read in parts, each row once")
    func splitsTables() async throws {
        let table = SourceTable(
            oid: 1,
            fileNode: 1,
            schema: "s",
            name: "t",
            kind: "r",
            root: nil,
            isAbsent: false,
            isHeap: true,
            pages: 20_000,
            totalBytes: 20_000 * 8192,
            owner: "o",
            isReadable: true,
            condition: nil,
            columns: ["a"]
        )
        let units = WorkUnit.plan([table], server: ServerVersion(number: 150_000))
        #expect(
            Set(units.map(\.pages)) == [
                PageRange(first: nil, end: 8192), PageRange(first: 8192, end: 16_384),
                PageRange(first: 16_384, end: nil),
            ]
        )
        #expect(WorkUnit.plan([table], server: ServerVersion(number: 130_000)).map(\.pages) == [.whole])
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script("CREATE TABLE t AS SELECT n AS a FROM generate_series(1, 20000) n")
                let source = try #require(try await SourceTable.all(on: connection).first)
                var rows: [String] = []
                let bounds: [PageRange] = [
                    PageRange(first: nil, end: 20), PageRange(first: 20, end: 40), PageRange(first: 40, end: nil),
                ]
                for range in bounds {
                    for try await chunk in connection.copyOut(source.copy(range, encoding: "UTF8")) {
                        rows += String(decoding: chunk, as: UTF8.self).split(separator: "\n").map(String.init)
                    }
                }
                #expect(rows.compactMap { Int($0) }.sorted() == Array(1...20_000))
            }
        }
    }

    @Test("references what an earlier one has, and writes all of it with isFull")
    func deduplicates() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.script(
                        "CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 200000) n"
                    )
                }
                let first = try await test.creation(of: settings)()
                let second = try await test.creation(of: settings)()
                #expect(second.addedBytes < first.addedBytes / 20)
                #expect(abs(second.storedBytes - first.storedBytes) < first.storedBytes / 20)
                var full = test.creation(of: settings)
                full.isFull = true
                #expect(try await full().addedBytes > first.addedBytes / 2)
                #expect(try test.repository.list().snapshots.count == 3)
                #expect(try await SnapshotVerification(of: test.repository)(second.id).problems.isEmpty)
            }
        }
    }

    @Test("is not made when a table cannot be read")
    func refuses() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.script("CREATE TABLE t (a integer)")
                }
                let superuser = try await TestServer.standard.superuser()
                try await withPostgresConnection(to: superuser) { connection in
                    let role = "reader_\(UInt32.random(in: .min ... .max))"
                    _ = try await connection.script("CREATE ROLE \(role) LOGIN")
                    let refused = await #expect(throws: BackupError.self) {
                        try await test.creation(of: settings.with("user", role))()
                    }
                    #expect(refused == .unreadableTables(["public.t"]))
                    _ = try await connection.script("DROP ROLE \(role)")
                }
                #expect(try test.repository.list().snapshots.isEmpty)
            }
        }
    }

    @Test("is complete when somebody waits to change a table, and is begun anew when the change was first")
    func outlivesChanges() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.script(
                        "CREATE TABLE a AS SELECT n FROM generate_series(1, 1000) n; CREATE TABLE b AS SELECT * FROM a"
                    )
                    // Holds b, so that the snapshot has to wait; truncates a meanwhile and lets go.
                    _ = try await connection.script("BEGIN; LOCK TABLE b IN ACCESS EXCLUSIVE MODE")
                    async let snapshot = test.creation(of: settings)()
                    try await withPostgresConnection(to: settings) { observer in
                        try await observer.wait(
                            until: """
                                SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                                    WHERE NOT l.granted AND d.datname = current_database())
                                """
                        )
                    }
                    _ = try await connection.script("ALTER TABLE b ALTER COLUMN n TYPE bigint; COMMIT")
                    _ = try await snapshot
                }
                let content = try test.content()
                #expect(content["a"]?.count == 1000 && content["b"]?.count == 1000)
            }
        }
    }

    @Test("that was damaged is noticed, whichever file it is, with its name")
    func noticesDamage() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.script("CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) n")
                }
                let snapshot = try await test.creation(of: settings)()
                let names = try (test.store.names(in: "objects") + test.store.names(in: "snapshots"))
                    .filter { !$0.hasSuffix("index.json") }
                #expect(names.count >= 5)
                for name in names {
                    let bytes = try #require(try test.store.get(name))
                    for damage in [
                        Array(bytes.dropLast()), bytes + [0], bytes.indices.map { bytes[$0] ^ ($0 == 9 ? 1 : 0) },
                    ] {
                        try test.store.remove(name)
                        try test.store.put(name, damage)
                        let problems = try await SnapshotVerification(of: test.repository)(snapshot.id).problems
                        #expect(problems.count == 1 && problems[0].hasPrefix(name))
                    }
                    try test.store.remove(name)
                    #expect(try await SnapshotVerification(of: test.repository)().problems == ["\(name) is missing"])
                    try test.store.put(name, bytes)
                }
                #expect(try await SnapshotVerification(of: test.repository)().problems.isEmpty)
            }
        }
    }
}

@Suite("A restored database")
struct RestorationTests {
    private let schema = """
        CREATE TYPE mood AS ENUM ('well', 'ill');
        CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, mood mood,
            shout text GENERATED ALWAYS AS (upper(name)) STORED);
        INSERT INTO people (name, mood) SELECT 'n' || n, 'well' FROM generate_series(1, 500) n;
        CREATE TABLE odd (a text, b numeric, c timestamptz, d bytea, e integer[], f jsonb, g double precision, h int4range);
        INSERT INTO odd VALUES (E'a\\tb\\\\\\n\\r', 'NaN', 'infinity', '\\x00ff', '{}', '{"k": null}', '-Infinity', '[1,5)'),
            (NULL, NULL, '4713-01-01 BC', NULL, NULL, NULL, NULL, NULL), (E'\\\\.', 1e-20, NULL, '', '{NULL,1}', '[]', 1e-300, 'empty');
        CREATE TABLE none (); INSERT INTO none DEFAULT VALUES; INSERT INTO none DEFAULT VALUES;
        CREATE TABLE notes (id serial PRIMARY KEY, person bigint REFERENCES people);
        INSERT INTO notes (person) SELECT id FROM people;
        CREATE TABLE split (a integer, b text) PARTITION BY RANGE (a);
        CREATE TABLE low PARTITION OF split FOR VALUES FROM (0) TO (10);
        CREATE TABLE high PARTITION OF split FOR VALUES FROM (10) TO (20);
        INSERT INTO split SELECT n, 'x' FROM generate_series(0, 19) n;
        CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM people;
        CREATE MATERIALIZED VIEW twice AS SELECT n * 2 AS n FROM counted;
        CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
        CREATE TRIGGER refuses BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION touched();
        SELECT setval('notes_id_seq', 900, false);
        """

    @Test("is the one that was backed up, also after a drill and through the script of last resort")
    func isEqual() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                try await withPostgresConnection(to: settings) { _ = try await $0.script(schema) }
                let snapshot = try await test.creation(of: settings)()
                let restored = settings.with(database: (settings["dbname"] ?? "") + "_restored")
                let restoration = Restoration(from: test.repository, with: test.identities, to: restored)
                let result = try await restoration()
                #expect(result.schemaIsEqual && result.rows == 500 + 3 + 2 + 500 + 20)
                try await withPostgresConnection(to: restored) { connection in
                    let row = try await connection.query(
                        "SELECT (SELECT n FROM twice), nextval('notes_id_seq'), (SELECT max(shout) FROM people)"
                    ).single
                    #expect(try row.decode(Int.self, Int.self, String.self) == (1000, 900, "N99"))
                }
                let again = await #expect(throws: BackupError.self) { try await restoration() }
                #expect(again?.code == .databaseExists)
                // The second copy has to be equal to the first in all that a snapshot sees.
                let second = try await test.creation(of: restored)()
                #expect(try test.content(second.id) == test.content(snapshot.id))

                #expect(try test.repository.list().snapshots[0].lastDrill == nil)
                let drill = try await Drill(of: test.repository, with: test.identities)(snapshot.id)
                #expect(drill.restoration.schemaIsEqual)
                #expect(try test.repository.list().snapshots[0].lastDrill == drill.time)

                let target = settings.with(database: (settings["dbname"] ?? "") + "_script")
                try await test.restoreWithScript(snapshot.id, to: target)
                let copy = try await test.creation(of: target)()
                #expect(try test.content(copy.id) == test.content(snapshot.id))
                for name in ["_restored", "_script"] { try await drop((settings["dbname"] ?? "") + name, settings) }
            }
        }
    }

    @Test("is not there when a chunk turns out not to be authentic, or with the wrong key")
    func isWholeOrAbsent() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.script("CREATE TABLE t AS SELECT n FROM generate_series(1, 100000) n")
                }
                _ = try await test.creation(of: settings)()
                let name = (settings["dbname"] ?? "") + "_restored"
                let wrong = [AgeIdentity.secretKey(try .generate())]
                let refused = await #expect(throws: BackupError.self) {
                    try await Restoration(from: test.repository, with: wrong, to: settings.with(database: name))()
                }
                #expect(refused?.code == .noMatch)
                let largest = try #require(
                    try test.store.names(in: "objects").max {
                        try test.store.size(of: $0) ?? 0 < test.store.size(of: $1) ?? 0
                    }
                )
                var bytes = try #require(try test.store.get(largest))
                bytes[bytes.count / 2] ^= 1
                try test.store.remove(largest)
                try test.store.put(largest, bytes)
                await #expect(throws: BackupError.self) {
                    try await Restoration(
                        from: test.repository,
                        with: test.identities,
                        to: settings.with(database: name)
                    )()
                }
                try await withPostgresConnection(to: settings) { connection in
                    let rows = try await connection.query("SELECT FROM pg_database WHERE datname = $1", name)
                    #expect(rows.isEmpty)
                    // Other tests restore on this server too, for a while.
                    try await connection.wait(
                        until: "SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname LIKE 'lastro\\_restore\\_%')"
                    )
                }
            }
        }
    }

    private func drop(_ database: String, _ settings: ConnectionSettings) async throws {
        try await withPostgresConnection(to: settings) { connection in
            _ = try await connection.query("DROP DATABASE \(database) WITH (FORCE)")
        }
    }
}
