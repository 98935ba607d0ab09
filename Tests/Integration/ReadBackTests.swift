import Postgres
import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("lastro backup, where the lines of a snapshot are no lines that a server writes")
struct ReadBackTests {
    /// Puts other lines into the place of a table's, and signs that they were backed up.
    private func replace(_ table: String, with lines: String, in folder: TemporaryFolder) throws {
        let repository = Repository(in: FolderStore(FilePath(folder.file("r"))))
        let identities = try IdentityFile.read(FilePath(folder.file("key.txt")))
        var index = try repository.index(of: repository.snapshot(named: nil)).index
        var manifest = try Manifest.read(of: index, in: repository, with: identities)
        let keys = try HostKeys.find(
            for: manifest.database.name,
            at: HostKeys.Places(folder: FilePath(folder.file(".lastro")))
        )
        let recipients = identities.compactMap { identity -> AgeRecipient? in
            if case .secretKey(let key) = identity { .publicKey(key.publicKey) } else { nil }
        }
        let writer = try ChunkWriter(to: repository.store, for: recipients, keys: keys, known: [])
        let chunks = try writer.write(Array(lines.utf8), with: ZstdCompressor(level: 1))
        let sum = LineSum(ofLinesIn: Array(lines.utf8))
        let place = try #require(manifest.tables.firstIndex { $0.name == table })
        manifest.tables[place].units = [Manifest.Unit(rows: sum.count, chunks: chunks)]
        manifest.tables[place].rows = sum.count
        manifest.tables[place].lineSum = sum.digits
        index.objects += writer.result.objects
        index.generation = (index.generation ?? 1) + 1
        let bytes = try manifest.encoded(for: recipients)
        let name = index.id.manifestName(generation: index.generation ?? 1)
        index.manifest = StoredObject.File(name: name, size: bytes.count, sha256: sha256(bytes))
        try repository.store.put(name, bytes)
        _ = try SnapshotCommit(to: repository, signedWith: keys.signing)(index)
    }

    @Test("restores them, and says in a drill, and with --read-back, that the rows are other ones")
    func areReadBack() async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run(
                """
                CREATE TABLE t AS SELECT n, timestamp '2026-01-01 00:00' + n * interval '1.5 s' AS at FROM generate_series(1, 10) n;
                CREATE TABLE plain AS SELECT n FROM generate_series(1, 10) n
                """,
                on: url
            )
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            #expect(try await lastro("backup", "create", "--repository", "r", "--recipient", recipient).status == 0)
            // A row that is stored like 1 and 00:00:01.5, as if it had been turned into another one on its way in.
            try replace("t", with: "01\t2026-01-01 00:00:01.500\n", in: folder)
            let verified = try await lastro("backup", "verify", "--repository", "r", "--full", "--identity", "key.txt")
            #expect(verified.status == 0, "\(verified.errors)")
            let settings = try ConnectionSettings(url)
            let target = settings.with(database: (settings["dbname"] ?? "") + "_copy")
            let restore = [
                "backup", "restore", "--repository", "r", "--identity", "key.txt", "--database", target.url,
            ]
            let hashed = try await lastro(restore)
            #expect(hashed.status == 0, "\(hashed.errors)")
            try await run("DROP DATABASE \(target["dbname"] ?? "")", on: url)
            for words in [
                restore + ["--read-back"], ["backup", "drill", "--repository", "r", "--identity", "key.txt"],
            ] {
                let failed = try await lastro(words)
                #expect(failed.status == 4 && failed.errors.contains("public.t"), "\(failed.errors)")
            }
            #expect(try await lastro("backup", "list", "--repository", "r").output.contains("drill failed 20"))
            let left = "SELECT count(*) FROM pg_database WHERE datname = '\(target["dbname"] ?? "")'"
            #expect(try await ask(left, on: url, as: Int.self) == 0)
        }
    }
}
