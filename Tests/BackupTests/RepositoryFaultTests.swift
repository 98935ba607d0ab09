import Postgres
import SystemPackage
import TestSupport
import Testing

@testable import Backup

/// A change to a repository by somebody who can write to it, or by a disk.
private struct Damage: Sendable {
    let name: String
    let cause: @Sendable (StoredSnapshots, _ first: SnapshotIndex, _ second: SnapshotIndex) throws -> Void

    init(_ name: String, _ cause: @escaping @Sendable (StoredSnapshots, SnapshotIndex, SnapshotIndex) throws -> Void) {
        self.name = name
        self.cause = cause
    }
}

extension StoredSnapshots {
    /// Puts other bytes in the place of a file.
    fileprivate func replace(_ name: String, with bytes: [UInt8]) throws {
        try store.remove(name)
        try store.put(name, bytes)
    }

    fileprivate func bytes(_ name: String) throws -> [UInt8] { try #require(try store.get(name)) }

    fileprivate func swap(_ one: String, _ other: String) throws {
        let bytes = (try bytes(one), try bytes(other))
        try replace(one, with: bytes.1)
        try replace(other, with: bytes.0)
    }

    /// Whether a snapshot is refused or found to be damaged, and never read as something else.
    fileprivate func isNoticed(_ id: SnapshotID) async throws -> Bool {
        do {
            return try await SnapshotVerification(of: repository)(id.description).problems.isEmpty == false
        } catch let error as BackupError {
            return error.isAboutRepository
        }
    }
}

@Suite("A repository that somebody or something has changed")
struct RepositoryFaultTests {
    private let start = 20_000 * Timestamp.secondsADay

    /// Lends two snapshots, the second of which shares a chunk with the first; one chunk is several pieces of an age file.
    private func withSnapshots(
        _ body: (StoredSnapshots, _ first: SnapshotIndex, _ second: SnapshotIndex) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let large = hexadecimal(try randomBytes(150_000))
            let first = try await test.make(["shared", large], at: start)
            let second = try await test.make(["shared", "other"], at: start + 60)
            try await body(test, first, second)
        }
    }

    @Test("that is cut off, at each border of a piece and beside it, is noticed, and nothing is read behind the cut")
    func noticesTruncation() async throws {
        try await withSnapshots { test, first, _ in
            let piece = 65_536 + 16
            for file in first.files {
                let bytes = try test.bytes(file.name)
                let borders = [0, 16] + stride(from: 16 + piece, through: bytes.count, by: piece) + [bytes.count]
                let cuts = Set(borders.flatMap { [$0 - 1, $0, $0 + 1] }.filter { (0..<bytes.count).contains($0) })
                for cut in cuts {
                    try test.replace(file.name, with: Array(bytes[..<cut]))
                    let error = #expect(throws: BackupError.self) { try test.repository.bytes(of: file) }
                    #expect(error?.message == "\(file.name) has \(cut) bytes in place of \(bytes.count)")
                }
                try test.replace(file.name, with: bytes)
            }
            let large = try #require(first.objects.max { $0.payload.size < $1.payload.size })
            let header = try test.bytes(large.header.name)
            let payload = try test.bytes(large.payload.name)
            #expect(payload.count > 2 * piece)
            let whole = decrypted(header + payload, with: test.identities)
            #expect(whole.error == nil)
            // Also somebody who signs a cut off file cannot make its end be believed.
            for border in stride(from: 16, through: payload.count - 1, by: piece) {
                for cut in [border - 1, border, border + 1] {
                    let result = decrypted(header + payload[..<cut], with: test.identities)
                    #expect(result.error?.code == (cut < 16 ? .malformedHeader : .damagedPayload))
                    #expect(whole.released.starts(with: result.released))
                }
            }
            #expect(try await test.wholeSnapshots().count == 2)
        }
    }

    @Test("by one bit, in whichever region of whichever file, is noticed")
    func noticesBits() async throws {
        try await withSnapshots { test, first, second in
            let names = second.files.map(\.name) + [second.id.indexName]
            for name in Set(names) {
                let bytes = try test.bytes(name)
                // Of a header every line, of a payload the nonce, a piece, its tag, of an index every field and the signature.
                let step = isLongTest ? 1 : max(1, bytes.count / 16)
                for place in Array(stride(from: 0, to: bytes.count, by: step)) + [bytes.count - 1] {
                    var changed = bytes
                    changed[place] ^= 1 << UInt8(place % 8)
                    try test.replace(name, with: changed)
                    #expect(try await test.isNoticed(second.id), "\(name), byte \(place)")
                }
                try test.replace(name, with: bytes)
            }
            #expect(try await test.wholeSnapshots() == [first.id, second.id])
        }
    }

    @Test("by one bit in a list of what is to go, in a drill or in a key of the host is never read as something else")
    func noticesBitsElsewhere() async throws {
        try await withSnapshots { test, first, second in
            var retention = Retention()
            retention.last = 1
            _ = try await test.prune(retention, at: start + 120)
            let mark = try #require(try test.store.names(in: "prune").first)
            try test.repository.record(
                DrillRecord(snapshot: second.id, time: "2026-01-01T00:00:00Z", seconds: 1, rows: 5, result: .passed)
            )
            let list = try test.bytes(mark)
            for place in stride(from: 0, to: list.count, by: isLongTest ? 1 : 5) {
                var changed = list
                changed[place] ^= 1 << UInt8(place % 8)
                try test.replace(mark, with: changed)
                #expect(try test.repository.marks().isEmpty, "byte \(place)")
            }
            try test.replace(mark, with: list)
            let drill = try #require(try test.store.names(in: "drills").first)
            let record = try test.bytes(drill)
            for place in stride(from: 0, to: record.count, by: isLongTest ? 1 : 3) {
                var changed = record
                changed[place] ^= 1 << UInt8(place % 8)
                try test.replace(drill, with: changed)
                // A record is not signed: it may be lost, but does not move to another snapshot, nor keep `list` from working.
                let drills = try test.repository.drills()
                #expect(drills.keys.allSatisfy { $0 == second.id })
            }
            for name in try test.folder.names(in: "keys") {
                let bytes = Array(try test.folder.read("keys/" + name).utf8)
                let end = bytes.count - 2
                for place in (end - 40)...end {
                    var changed = bytes
                    changed[place] ^= 2
                    try test.folder.write(changed, to: "keys/" + name)
                    let places = HostKeys.Places(folder: FilePath(test.folder.file("keys")))
                    #expect(throws: BackupError.self) { try HostKeys.find(for: "app", at: places) }
                }
                try test.folder.write(bytes, to: "keys/" + name)
            }
            #expect(try await test.wholeSnapshots() == [first.id, second.id])
        }
    }

    private static let damages: [Damage] = [
        Damage("two parts swapped") { test, first, _ in
            try test.swap(first.objects[0].payload.name, first.objects[1].payload.name)
        },
        Damage("two parts swapped with their headers") { test, first, _ in
            try test.swap(first.objects[0].payload.name, first.objects[1].payload.name)
            try test.swap(first.objects[0].header.name, first.objects[1].header.name)
        },
        Damage("the manifests of two snapshots swapped") { test, first, second in
            try test.swap(first.manifest.name, second.manifest.name)
        },
        Damage("two snapshots swapped") { test, first, second in
            try test.swap(first.manifest.name, second.manifest.name)
            try test.swap(first.id.indexName, second.id.indexName)
        },
        Damage("an old index in the place of a new one") { test, first, second in
            try test.replace(second.id.indexName, with: test.bytes(first.id.indexName))
            try test.replace(first.id.indexName, with: [])
        },
        Damage("a part deleted") { test, first, _ in try test.store.remove(first.objects[0].payload.name) },
        Damage("a header deleted") { test, first, _ in try test.store.remove(first.objects[0].header.name) },
        Damage("a manifest deleted") { test, first, _ in try test.store.remove(first.manifest.name) },
        Damage("garbage behind a part") { test, first, _ in
            let name = first.objects[0].payload.name
            try test.replace(name, with: test.bytes(name) + [0])
        },
        Damage("garbage behind an index") { test, first, _ in
            try test.replace(first.id.indexName, with: test.bytes(first.id.indexName) + [UInt8(ascii: "\n")])
        },
        Damage("a part and its name replaced") { test, first, _ in
            // With what the public recipient alone can make.
            let object = first.objects[0]
            let forged = try encrypted(Array("evil".utf8), for: [.publicKey(test.key.publicKey)])
            let header = try AgeHeader(reading: BufferedReader(MemorySource(forged))).encoded.count
            try test.replace(object.header.name, with: Array(forged[..<header]))
            try test.replace(object.payload.name, with: Array(forged[header...]))
        },
    ]

    @Test("in any other way is noticed by who reads the snapshot", arguments: damages.indices)
    func noticesDamage(number: Int) async throws {
        try await withSnapshots { test, first, second in
            try Self.damages[number].cause(test, first, second)
            #expect(try await test.isNoticed(first.id), "\(Self.damages[number].name)")
        }
    }

    @Test("by an old snapshot under a new name, or by one of another database, is refused")
    func refusesReplays() async throws {
        try await withSnapshots { test, first, _ in
            let other = try await test.make(["theirs"], at: start + 90, database: "other")
            for old in [first, other] {
                let id = try SnapshotID(time: Timestamp.text(start + 1000))
                try test.store.put(id.manifestName, test.bytes(old.manifest.name))
                try test.store.put(id.indexName, test.bytes(old.id.indexName))
                let error = #expect(throws: BackupError.self) { try test.repository.index(of: id) }
                #expect(error == .misplacedIndex(id))
                #expect(try test.repository.list().problems == [.misplacedIndex(id)])
                // The next backup references nothing of it, and prune deletes nothing that it names.
                #expect(try await test.begin(["shared"], at: start + 2000).earlier.newest?.database == "app")
                try test.store.remove(id.indexName)
            }
        }
    }

    @Test("by a snapshot that the public recipient alone made is refused by who trusts the host's key")
    func refusesForgeries() async throws {
        try await withSnapshots { test, _, second in
            // A stranger knows the recipient and can write to the store.
            let recipients = [AgeRecipient.publicKey(test.key.publicKey)]
            let stranger = try HostKeys.find(
                for: "app",
                at: HostKeys.Places(folder: FilePath(test.folder.file("stranger")))
            )
            let writer = try ChunkWriter(to: test.store, for: recipients, keys: stranger, known: [])
            _ = try writer.write(Array("evil".utf8), with: ZstdCompressor(level: 1))
            var index = second
            index.id = try SnapshotID(time: Timestamp.text(start + 1000))
            index.objects = writer.result.objects
            index.manifest.name = index.id.manifestName
            try test.store.put(index.manifest.name, test.bytes(second.manifest.name))
            _ = try SnapshotCommit(to: Repository(in: test.store), signedWith: stranger.signing)(index)
            let error = await #expect(throws: BackupError.self) {
                try await SnapshotVerification(of: test.repository)()
            }
            #expect(error == .untrustedSigner(stranger.signing.verificationKey, of: index.id))
            let restoration = Restoration(
                from: test.repository,
                with: test.identities,
                to: try await TestServer.standard.superuser().with(database: "never_made")
            )
            let refused = await #expect(throws: BackupError.self) { try await restoration() }
            #expect(refused?.code == .untrusted)
            // Who trusts nobody in particular is told whose it is.
            let checked = try await SnapshotVerification(of: Repository(in: test.store))()
            #expect(checked.signer == "\(stranger.signing.verificationKey)")
        }
    }

    @Test("is not at issue where the key is wrong, none, or the passphrase is: each is told as what it is")
    func tellsKeys() async throws {
        try await withTemporaryFolder { folder in
            let test = try StoredSnapshots(in: folder)
            let only = try await test.make(["a"], at: start)
            let phrase = AgeRecipient.passphrase(passphrase("right"), workFactor: 10)
            let locked = try encrypted(Array("a".utf8), for: [phrase])
            #expect(decrypted(locked, with: [.passphrase(passphrase("right"))]).error == nil)
            #expect(decrypted(locked, with: [.passphrase(passphrase("wrong"))]).error?.code == .noMatch)
            for identities in [[AgeIdentity.secretKey(try .generate())], []] {
                let error = #expect(throws: BackupError.self) {
                    try Manifest.read(of: only, in: test.repository, with: identities)
                }
                #expect(error?.code == .noMatch && error?.isAboutRepository == false)
            }
        }
    }
}
