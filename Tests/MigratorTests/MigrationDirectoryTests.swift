import Migrator
import SourceText
import TestSupport
import Testing

@Suite("A migrations folder")
struct MigrationDirectoryTests {
    @Test("gives its migrations by version, with their down files, and leaves other files alone")
    func readsMigrations() async throws {
        let files = [
            "0002_b.sql": "select 2", "0001_a.sql": "select 1", "0010_c d é.sql": "select 3",
            "0001_a.down.sql": "select -1",
            "README.md": "words", ".hidden.sql": "x",
        ]
        try await withTemporaryFolder(files) { folder in
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            #expect(directory.migrations.map(\.name) == ["0001_a", "0002_b", "0010_c d é"])
            #expect(directory.migrations.map { $0.down != nil } == [true, false, false])
            for name in ["2", "0002", "0002_b", "0002_b.sql"] {
                #expect(directory.migration(called: name)?.name == "0002_b")
            }
            #expect(directory.migration(called: "0003") == nil)
        }
    }

    @Test(
        "is refused when a name would be forgotten in silence, or means two things",
        arguments: [
            (["jobs.sql"], "misnamed-file", ["jobs.sql"]),
            (["0001_a.sql", "1_b.sql"], "duplicate-version", ["0001_a.sql", "1_b.sql"]),
            (["0001_a.sql", "0001_A.sql"], "duplicate-version", ["0001_a.sql", "0001_A.sql"]),
            (["0001_a.sql", "0002_b.down.sql"], "down-without-migration", ["0002_b.down.sql"]),
        ] as [([String], String, [String])]
    )
    func refusesNames(names: [String], code: String, words: [String]) async throws {
        try await withTemporaryFolder(Dictionary(uniqueKeysWithValues: names.map { ($0, "select 1") })) { folder in
            let error = await #expect(throws: MigratorError.self) {
                try await MigrationDirectory(readingFrom: folder.path)
            }
            #expect(error?.code.rawValue == code)
            #expect(error?.isRefusal == true)
            for word in words { #expect(error?.message.contains(word) == true) }
        }
    }

    @Test("is refused when a file is no text, with the place where it stops to be one")
    func refusesContent() async throws {
        let contents: [(bytes: [UInt8], place: String?, words: String)] = [
            (Array("select\n 'é".utf8) + [0xFF] + Array("';".utf8), "2:4", "not UTF-8"),
            ([0xFF, 0xFE, 0x73, 0], "1:1", "UTF-16"),
            (Array("select 1;\n\0".utf8), "2:1", "NUL"),
        ]
        for content in contents {
            try await withTemporaryFolder { folder in
                try folder.write("select 1", to: "0001_a.sql")
                try folder.write(content.bytes, to: "0002_b.sql")
                let error = await #expect(throws: MigratorError.self) {
                    try await MigrationDirectory(readingFrom: folder.path)
                }
                #expect(error?.code == .invalidText)
                #expect(error?.location.map { "\($0)" }?.hasSuffix("0002_b.sql:\(content.place ?? "")") == true)
                #expect(error?.message.contains(content.words) == true)
            }
        }
    }

    @Test("names every file that is wrong, not only the first, and a folder that stands for a file")
    func namesEveryFile() async throws {
        try await withTemporaryFolder { folder in
            try folder.write([0xFF], to: "0001_a.sql")
            try folder.write("x", to: "0002_b.sql/inside")
            let error = await #expect(throws: MigratorError.self) {
                try await MigrationDirectory(readingFrom: folder.path)
            }
            #expect(error?.code == .several)
            #expect(error?.message.contains("0001_a.sql") == true)
            #expect(error?.message.contains("0002_b.sql") == true)
        }
    }

    @Test("says when it is not there")
    func isMissing() async throws {
        let error = await #expect(throws: MigratorError.self) {
            try await MigrationDirectory(readingFrom: "/nowhere/at/all")
        }
        #expect(error?.code == .noDirectory)
    }

    @Test("takes 3,000 files in the order of their numbers")
    func readsManyFiles() async throws {
        let files = Dictionary(uniqueKeysWithValues: (1...3000).map { ("\($0)_m.sql", "select \($0)") })
        try await withTemporaryFolder(files) { folder in
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            #expect(directory.migrations.map(\.name) == (1...3000).map { "\($0)_m" })
            #expect(Set(directory.migrations.map(\.checksum)).count == 3000)
        }
    }
}
