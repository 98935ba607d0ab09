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

    @Test("says what the server lacks before it begins, and is partial when that is left out")
    func isPartial() async throws {
        let sql = """
            CREATE TABLE plain AS SELECT n FROM generate_series(1, 10) n; CREATE SEQUENCE s;
            CREATE TABLE kept (a text); INSERT INTO kept VALUES ('x')
            """
        try await withSnapshot(sql) { test, settings, snapshot in
            // No server has an extension of this name: the snapshot is made to want it.
            let id = try test.repository.snapshot(named: snapshot.id)
            let index = try test.repository.index(of: id).index
            var manifest = try Manifest.read(of: index, in: test.repository, with: test.identities)
            manifest.database.extensions = [Manifest.Extension(name: "absent", schema: "public", version: "1")]
            manifest.tables.append(manifest.tables[0])
            manifest.tables[manifest.tables.count - 1].name = "needs_it"
            let bytes = try manifest.encoded(for: [.publicKey(test.key.publicKey)])
            var other = index
            other.generation = 2
            other.manifest = StoredObject.File(
                name: id.manifestName(generation: 2),
                size: bytes.count,
                sha256: sha256(bytes)
            )
            try test.store.put(other.manifest.name, bytes)
            _ = try SnapshotCommit(to: test.repository, signedWith: test.keys.signing)(other)

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
