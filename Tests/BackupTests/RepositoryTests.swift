import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("A folder of files")
struct FolderStoreTests {
    @Test("gives back what was put into it, and never takes another in its place")
    func keepsFiles() async throws {
        try await withTemporaryFolder { folder in
            let store = FolderStore(FilePath(folder.file("r")))
            #expect(try store.names(in: "objects").isEmpty)
            #expect(try store.get("objects/ab/x") == nil)
            #expect(try store.size(of: "objects/ab/x") == nil)
            try store.put("objects/ab/x", [1, 2, 3])
            try store.put("objects/cd/y", [])
            #expect(try store.get("objects/ab/x") == [1, 2, 3])
            #expect(try store.size(of: "objects/cd/y") == 0)
            #expect(try store.names(in: "objects").sorted() == ["objects/ab/x", "objects/cd/y"])
            #expect(throws: BackupError.self) { try store.put("objects/ab/x", [4]) }
            #expect(try store.get("objects/ab/x") == [1, 2, 3])
            try store.remove("objects/ab/x")
            try store.remove("objects/ab/x")
            #expect(try store.get("objects/ab/x") == nil)
        }
    }

    @Test("has no half files, and takes away what killed processes left and living ones did not")
    func sweepsDrafts() async throws {
        try await withTemporaryFolder { folder in
            let living = FolderStore(FilePath(folder.path))
            try living.put("a", [1])
            let own = try folder.names(in: "tmp")
            #expect(own.count == 1)
            try folder.write("half", to: "tmp/1-2/3")
            let other = FolderStore(FilePath(folder.path))
            try other.put("b", [2])
            let names = try folder.names(in: "tmp")
            #expect(names.count == 2 && names.contains(own[0]) && !names.contains("1-2"))
            try living.put("c", [3])
            #expect(try living.names(in: ".").filter { !$0.hasPrefix("./tmp/") }.sorted() == ["./a", "./b", "./c"])
        }
    }
}

@Suite("The index of a snapshot")
struct SnapshotIndexTests {
    private let key: SigningKey
    private let index: SnapshotIndex

    init() throws {
        key = try .generate()
        let id = try SnapshotID(time: "2026-01-14T03:00:00Z")
        let file = StoredObject.File(name: id.manifestName, size: 3, sha256: "00")
        index = SnapshotIndex(
            id: id,
            time: "2026-01-14T03:00:00Z",
            database: "app",
            bytes: 10,
            addedBytes: 5,
            recipients: "aa",
            deduplicationKey: "bb",
            manifest: file,
            objects: []
        )
    }

    @Test("is what was signed, with any bit of it changed it is refused")
    func isSigned() throws {
        let bytes = try SignedIndex.encode(index, signedWith: key)
        let trusted: Set = [key.verificationKey]
        #expect(try SignedIndex(reading: bytes, of: index.id, trusted: trusted).index == index)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1 << UInt8(place % 8)
            #expect(throws: BackupError.self, "changed at \(place)") {
                try SignedIndex(reading: changed, of: index.id, trusted: trusted)
            }
        }
        for cut in 0..<bytes.count {
            #expect(throws: BackupError.self) {
                try SignedIndex(reading: Array(bytes[..<cut]), of: index.id, trusted: trusted)
            }
        }
        #expect(throws: BackupError.self) { try SignedIndex(reading: bytes + [10], of: index.id, trusted: trusted) }
    }

    @Test("is refused from another hand, and in the place of another snapshot")
    func isPinned() throws {
        let bytes = try SignedIndex.encode(index, signedWith: .generate())
        let foreign = #expect(throws: BackupError.self) {
            try SignedIndex(reading: bytes, of: index.id, trusted: [key.verificationKey])
        }
        #expect(foreign?.code == .untrusted)
        #expect(try SignedIndex(reading: bytes, of: index.id, trusted: nil).index == index)
        let other = try SnapshotID(time: "2026-01-15T03:00:00Z")
        let replayed = #expect(throws: BackupError.self) {
            try SignedIndex(reading: bytes, of: other, trusted: nil)
        }
        #expect(replayed?.code == .untrusted)
    }
}

@Suite("Chunks")
struct ChunkTests {
    /// Lines that look like no others, as a table's would.
    private func lines(_ count: Int, from seed: UInt64) -> [[UInt8]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { number in
            let length = Int.random(in: 5...60, using: &generator)
            return Array("\(number)\t".utf8)
                + (0..<length).map { _ in UInt8.random(in: 97...122, using: &generator) } + [UInt8(ascii: "\n")]
        }
    }

    private func sizes(_ lines: [[UInt8]]) -> [[UInt8]] {
        let cutter = ChunkCutter(minimum: 1000, normal: 4000, maximum: 8000)
        var chunks: [[UInt8]] = []
        var chunk: [UInt8] = []
        var sum = LineSum()
        for line in lines {
            chunk += line
            let hash = line.withUnsafeBytes { sum.add($0) }
            if cutter.cuts(at: chunk.count, lineSize: line.count, hash: hash) {
                chunks.append(chunk)
                chunk = []
            }
        }
        return chunk.isEmpty ? chunks : chunks + [chunk]
    }

    @Test("have sizes between the limits, and stay what they are where nothing changed")
    func followContent() {
        let lines = lines(20_000, from: 1)
        let chunks = sizes(lines)
        #expect(chunks.flatMap(\.self) == lines.flatMap(\.self))
        #expect(chunks.dropLast().allSatisfy { (1000..<8070).contains($0.count) })
        let mean = lines.reduce(0) { $0 + $1.count } / chunks.count
        #expect((2500...6000).contains(mean), "\(mean)")
        var changed = lines
        changed.insert(Array("new\n".utf8), at: 10_000)
        let known = Set(chunks)
        #expect(sizes(changed).filter { !known.contains($0) }.count <= 4)
        #expect(sizes(lines + self.lines(100, from: 2)).filter { !known.contains($0) }.count <= 4)
    }

    @Test("are cut at the longest size where all lines are alike")
    func areBounded() {
        let chunks = sizes(Array(repeating: Array("same\n".utf8), count: 10_000))
        #expect(chunks.allSatisfy { $0.count <= 8005 })
    }

    @Test("have a sum that does not depend on the order of lines, and on everything else")
    func areSummed() {
        func sum(_ lines: [[UInt8]]) -> LineSum {
            lines.reduce(into: LineSum()) { sum, line in _ = line.withUnsafeBytes { sum.add($0) } }
        }
        let lines = lines(1000, from: 3)
        #expect(sum(lines) == sum(lines.reversed()))
        var parts = sum(Array(lines[..<400]))
        parts.add(sum(Array(lines[400...])))
        #expect(parts == sum(lines))
        #expect(sum(lines).digits.count == 32)
        var changed = lines
        changed[500][3] ^= 1
        #expect(sum(changed).digits != sum(lines).digits)
        #expect(sum(lines + [lines[0]]).digits != sum(lines).digits)
    }

    @Test("come back from a repository, are written once, and are noticed when they were changed")
    func areStored() async throws {
        try await withTemporaryFolder { folder in
            let store = FolderStore(FilePath(folder.file("r")))
            let keys = try HostKeys.find(for: "test", at: HostKeys.Places(folder: FilePath(folder.file("keys"))))
            let key = try AgeSecretKey.generate()
            let recipients = [AgeRecipient.publicKey(key.publicKey)]
            let content = content(300_000)
            let compressor = try ZstdCompressor(level: 1)
            let writer = try ChunkWriter(to: store, for: recipients, keys: keys, known: [])
            let chunk = try content.withUnsafeBytes { try writer.write($0, with: compressor).chunk }
            #expect(try content.withUnsafeBytes { try writer.write($0, with: compressor).chunk } == chunk)
            #expect(try store.names(in: "objects").count == 2)
            let objects = writer.result.objects
            #expect(objects.count == 1 && objects[0].contentCode == chunk.code)

            let later = try ChunkWriter(to: store, for: recipients, keys: keys, known: objects)
            #expect(try content.withUnsafeBytes { try later.write($0, with: compressor).chunk } == chunk)
            #expect(later.result.addedBytes == 0 && later.result.objects == objects)
            #expect(try store.names(in: "objects").count == 2)

            func read(_ objects: [StoredObject]) throws -> [UInt8] {
                var index = SnapshotIndex(
                    id: try SnapshotID(time: "2026-01-14T03:00:00Z"),
                    time: "",
                    database: "",
                    bytes: 0,
                    addedBytes: 0,
                    recipients: "",
                    deduplicationKey: "",
                    manifest: objects[0].header,
                    objects: []
                )
                index.objects = objects
                return try ChunkReader(of: index, in: Repository(in: store), with: [.secretKey(key)]).content(of: chunk)
            }
            #expect(try read(objects) == content)
            for name in [objects[0].header.name, objects[0].payload.name] {
                let bytes = try #require(try store.get(name))
                for place in [0, bytes.count / 2, bytes.count - 1] {
                    var changed = bytes
                    changed[place] ^= 1
                    try store.remove(name)
                    try store.put(name, changed)
                    #expect(throws: BackupError.self) { try read(objects) }
                }
                try store.remove(name)
                #expect(throws: BackupError.missingObject(name)) { try read(objects) }
                try store.put(name, bytes)
            }
            #expect(try read(objects) == content)
            // With both files of another object in its place, which are authentic, the hash tells.
            let other = try ChunkWriter(to: store, for: recipients, keys: keys, known: [])
            _ = try Array("other\n".utf8).withUnsafeBytes { try other.write($0, with: compressor) }
            var swapped = other.result.objects[0]
            swapped.header = objects[0].header
            #expect(throws: BackupError.self) { try read([swapped]) }
        }
    }
}

@Suite("Compression")
struct CompressionTests {
    @Test(
        "gives back what went in, with each effort, one after the other in one compressor",
        arguments: [0, 1, 900_000]
    )
    func isLossless(size: Int) throws {
        let content = content(size)
        let compressor = try ZstdCompressor(.quick)
        for effort in [CompressionEffort.quick, .level(1), .level(3), .quick, .level(19)] {
            compressor.use(effort)
            let frame = try content.withUnsafeBytes { try compressor.frame(of: $0) }
            #expect(try ZstdDecompressor().bytes(in: frame, size: size) == content)
        }
    }

    @Test("is quick, at level 1 where little is left of a chunk, and harder where the store is slower")
    func isChosen() {
        var choice = CompressionChoice(compression: .automatic)
        #expect(choice.effort == .quick)
        choice.lastRatio = 20
        #expect(choice.effort == .level(1))
        var pace = StorePace()
        let start = ContinuousClock.now
        for number in 1...16 { pace.add(.milliseconds(100), threads: 2, now: start + .milliseconds(50 * number)) }
        #expect(pace.storeIsLimit)
        choice.storeIsLimit = pace.storeIsLimit
        #expect(choice.effort == .level(3))
        for number in 17...32 { pace.add(.milliseconds(10), threads: 2, now: start + .milliseconds(50 * number)) }
        #expect(!pace.storeIsLimit)
        #expect(CompressionChoice(compression: .level(7), storeIsLimit: true, lastRatio: 50).effort == .level(7))
    }
}
