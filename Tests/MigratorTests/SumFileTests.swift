import SourceText
import TestSupport
import Testing

@testable import Migrator

@Suite("lastro.sum")
struct SumFileTests {
    private let files = [
        "0001_a.sql": "select 1", "0002_b c.sql": "select 2", "0001_a.down.sql": "select -1", "R__v.sql": "select 3",
        "0002_b c.verify.sql": "select 4", "before-run.sql": "select 5",
    ]

    @Test("is written in the order of versions, with the files that have no order below")
    func isWritten() async throws {
        try await withSum(files) { folder, directory in
            let lines = try folder.read("lastro.sum").split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 10)
            #expect(lines[0].hasPrefix("#"))
            #expect(lines[2].hasPrefix("v1:"))
            #expect(lines[2].hasSuffix(" 0001_a.sql"))
            #expect(lines[3].hasSuffix(" 0002_b c.sql"))
            #expect(lines[2].contains(" c1:"))
            #expect(lines[4].isEmpty)
            let below = ["0001_a.down.sql", "0002_b c.verify.sql", "R__v.sql", "before-run.sql"]
            #expect(zip(lines[5...], below).allSatisfy { $0.hasSuffix(" \($1)") && !$0.contains(" c1:") })
            #expect(directory.sumProblems.isEmpty)
            #expect(try directory.writeSum() == nil)
        }
    }

    @Test("says which file differs, is missing or is new")
    func findsDifferences() async throws {
        try await withSum(files) { folder, _ in
            try folder.write("select 11", to: "0001_a.sql")
            try folder.write("select -11", to: "0001_a.down.sql")
            try folder.delete("0002_b c.verify.sql")
            try folder.delete("0002_b c.sql")
            try folder.write("select 3", to: "0003_c.sql")
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            let problems = directory.sumProblems.map { "\($0)".replacing(folder.path, with: "m") }
            #expect(
                problems == [
                    """
                    m/0001_a.sql: differs from lastro.sum: checksum 62f6230f, there 822ae07d
                      state: nothing was run
                      next:  if that is meant, say so with `lastro verify --write`
                    """,
                    """
                    m/0001_a.down.sql: differs from lastro.sum: checksum e8bf50a8, there 76522076
                      state: nothing was run
                      next:  if that is meant, say so with `lastro verify --write`
                    """,
                    """
                    m/lastro.sum: 0002_b c.sql, 0002_b c.verify.sql: missing, though lastro.sum lists them
                      state: nothing was run
                      next:  bring them back; if that is meant, say so with `lastro verify --write`
                    """,
                    """
                    m/lastro.sum: 0003_c.sql: new, and not in lastro.sum
                      state: nothing was run
                      next:  if that is meant, say so with `lastro verify --write`
                    """,
                ]
            )
            let plan = try Plan(directory: directory, history: .empty)
            #expect(throws: MigratorError.self) { try plan.check() }
            #expect(try directory.writeSum() == folder.file("lastro.sum"))
            #expect(try await MigrationDirectory(readingFrom: folder.path).sumProblems.isEmpty)
        }
    }

    @Test("notices that the lines of two branches were merged without a look")
    func findsMerges() async throws {
        let base = ["0001_a.sql": "select 1"]
        try await withSum(base.merging(["0002_b.sql": "select 2"]) { $1 }) { folder, _ in
            let ours = try folder.read("lastro.sum")
            let theirs = try await withSum(base.merging(["0003_c.sql": "select 3"]) { $1 }) { folder, _ in
                try folder.read("lastro.sum")
            }
            try folder.write("select 3", to: "0003_c.sql")
            let last = try #require(theirs.split(separator: "\n").last)
            try folder.write(ours + last + "\n", to: "lastro.sum")
            let merged = try await MigrationDirectory(readingFrom: folder.path).sumProblems
            #expect(merged.map(\.code) == [.sumMismatch])
            #expect(merged.first?.location?.position?.line == 5)
            #expect(
                merged.first?.message
                    == "the chain is broken at 0003_c.sql: its line does not follow from those above it, as after a merge"
            )
            try folder.write(ours + "<<<<<<< ours\n", to: "lastro.sum")
            let conflict = try await MigrationDirectory(readingFrom: folder.path)
            #expect(conflict.sumProblems.map(\.message) == ["a merge conflict is open"])
            #expect(conflict.sumProblems.first?.location.map { "\($0)" } == folder.file("lastro.sum") + ":5:1")
            try folder.write("v9:abc x.sql\n", to: "lastro.sum")
            let other = try await MigrationDirectory(readingFrom: folder.path)
            #expect(other.sumProblems.map(\.message) == ["the line is none of lastro.sum"])
            #expect(try other.writeSum() != nil)
            #expect(try await MigrationDirectory(readingFrom: folder.path).sumProblems.isEmpty)
        }
    }

    @Test("does not mind line ends, a byte order mark, or a newline more or less at a file's end")
    func ignoresFinalNewlines() async throws {
        try await withSum(["0001_a.sql": "select 1;\nselect 2"]) { folder, _ in
            for text in ["select 1;\nselect 2\n", "\u{FEFF}select 1;\r\nselect 2\r\n", "select 1;\nselect 2"] {
                try folder.write(text, to: "0001_a.sql")
                #expect(try await MigrationDirectory(readingFrom: folder.path).sumProblems.isEmpty)
            }
            let sum = try folder.read("lastro.sum").replacing("\n", with: "\r\n")
            try folder.write(sum, to: "lastro.sum")
            #expect(try await MigrationDirectory(readingFrom: folder.path).sumProblems.isEmpty)
            try folder.write("select 1;\nselect 2\n\n", to: "0001_a.sql")
            #expect(try await MigrationDirectory(readingFrom: folder.path).sumProblems.count == 1)
        }
    }

    @Test("grows with a new migration, and forgets nothing that was wrong before")
    func grows() async throws {
        try await withSum(["0001_a.sql": "select 1"]) { folder, _ in
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            _ = try directory.addMigration(titled: "b", hasDown: true)
            let grown = try await MigrationDirectory(readingFrom: folder.path)
            #expect(grown.sumProblems.isEmpty)
            try folder.write("select 11", to: "0001_a.sql")
            _ = try await MigrationDirectory(readingFrom: folder.path).addMigration(titled: "c", hasDown: false)
            let problems = try await MigrationDirectory(readingFrom: folder.path).sumProblems
            #expect(problems.map { $0.location?.file } == [folder.file("0001_a.sql")])
        }
    }

    @Test("is read back as it was written, and breaks at the first line that is moved, changed or left out")
    func isAChain() {
        struct Case {
            let lines: [String]
            let first: Int
            let second: Int
        }
        forAll(
            generate: { generator in
                let count = Int.random(in: 2...9, using: &generator)
                let first = Int.random(in: 0..<count - 1, using: &generator)
                return Case(
                    lines: (0..<count).map { "\($0)_\(Int.random(in: 0...9, using: &generator)) x.sql" },
                    first: first,
                    second: Int.random(in: first + 1..<count, using: &generator)
                )
            },
            holds: { example in
                let chained = example.lines.map { (file: $0, checksum: Checksum(of: Array($0.utf8))) }
                let sum = SumFile(chained: chained, unchained: [("R__x.sql", Checksum(of: []))])
                let read = try SumFile(sum.text, path: "lastro.sum")
                guard read.text == sum.text, read.brokenLine == nil else { return false }
                var lines = sum.text.split(separator: "\n", omittingEmptySubsequences: false)
                lines.swapAt(example.first + 2, example.second + 2)
                let swapped = try SumFile(lines.joined(separator: "\n"), path: "lastro.sum").brokenLine?.number
                lines.swapAt(example.first + 2, example.second + 2)
                lines.remove(at: example.first + 2)
                let cut = try SumFile(lines.joined(separator: "\n"), path: "lastro.sum").brokenLine?.number
                return swapped == example.first + 3 && cut == example.first + 3
            }
        )
    }

    private func withSum<Result>(
        _ files: [String: String],
        _ body: (TemporaryFolder, MigrationDirectory) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder(files) { folder in
            try await MigrationDirectory(readingFrom: folder.path).writeSum()
            return try await body(folder, MigrationDirectory(readingFrom: folder.path))
        }
    }
}
