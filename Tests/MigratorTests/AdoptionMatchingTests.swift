import Testing

@testable import Migrator

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Matching another tool's rows with files")
struct AdoptionMatchingTests {
    @Test(
        "compares versions as numbers with dots between",
        arguments: [
            ("1", "2"), ("2", "10"), ("1.2", "1.10"), ("1", "1.1"), ("1.0.5", "1.1"), ("0", "1"),
            ("9", "20250101120000"),
            ("18446744073709551615", "18446744073709551616"),
        ]
    )
    func comparesVersions(lower: String, higher: String) throws {
        let (lower, higher) = (try #require(ForeignVersion(lower)), try #require(ForeignVersion(higher)))
        #expect(lower < higher)
        #expect(!(higher < lower))
        #expect(lower != higher)
    }

    @Test("takes 1, 01, 1.0 and 1_0 for one version, and words for none")
    func readsVersions() {
        #expect(Set(["1", "01", "1.0", "1_0", "001.00"].map { ForeignVersion($0) }).count == 1)
        #expect(ForeignVersion("1.2")?.description == "1.2")
        #expect(ForeignVersion(0) == ForeignVersion("0"))
        for text in ["", "a", "1.", ".1", "1..2", "1a", "R__x"] { #expect(ForeignVersion(text) == nil) }
    }

    @Test("lets golang-migrate's one version stand for every file up to it")
    func reachesUp() {
        let history = ForeignHistory([GolangMigrateRow(version: 3, isDirty: false)], in: table)
        #expect(
            matches(history, ["000001_a", "000002_b", "000003_c", "000004_d"]) == ["000001_a", "000002_b", "000003_c"]
        )
        #expect(matches(history, ["000001_a", "000002_b"]) == ["000001_a", "000002_b", "3 is gone"])
        #expect(ForeignHistory([GolangMigrateRow(version: -1, isDirty: false)], in: table) == ForeignHistory())
        #expect(ForeignHistory([GolangMigrateRow](), in: table) == ForeignHistory())
    }

    @Test("refuses golang-migrate's table when it is dirty, and when it has many rows")
    func refusesDirtyVersion() throws {
        let dirty = ForeignHistory([GolangMigrateRow(version: 7, isDirty: true)], in: table)
        let matching = AdoptionMatching(rows: dirty.rows, files: files([("6_a", "6"), ("7_b", "7")])) { _, _ in false }
        #expect(matching.pairs.map(\.row.hasFailed) == [false, true])
        let error = try #require(dirty.problems.first)
        #expect(error.code == .dirtyHistory)
        #expect(error.message == "public.t: version 7 was left half done (dirty is true)")
        #expect(error.next.hasPrefix("finish it by hand and say so with `migrate force 7`"))
        let rows = [1, 2].map { GolangMigrateRow(version: $0, isDirty: false) }
        let many = try #require(ForeignHistory(rows, in: table).problems.first)
        #expect(many.code == .unusableHistory)
        #expect(many.message == "public.t has 2 rows, and golang-migrate keeps one")
    }

    @Test("finds Flyway's scripts by name, in folders too, and else by version")
    func findsScripts() {
        let history = ForeignHistory(
            [
                flyway("1", "V1__a.sql"), flyway("1.1", "more/V1.1__b.sql"), flyway("2", "V002__c.sql"),
                flyway(nil, "R__views.sql"), flyway("3", "org.example.V3__Java", type: "JDBC"),
            ],
            in: table
        )
        let files = [("V1__a", "1"), ("V1.1__b", "1.1"), ("V2__c", "2"), ("R__views", "R__views")]
        #expect(matches(history, files) == ["V1__a", "V1.1__b", "V2__c", "R__views", "org.example.V3__Java is gone"])
        #expect(matches(history, ["0001_a", "0002_c"]).prefix(1) == ["0001_a"])
        #expect(history.rows.map(\.isRepeatable) == [false, false, false, true, false])
    }

    @Test("counts what is below Flyway's baseline as run")
    func knowsBaselines() {
        let baseline = flyway("2", "<< Flyway Baseline >>", type: "BASELINE")
        let history = ForeignHistory([baseline, flyway("3", "V3__c.sql")], in: table)
        #expect(
            matches(history, [("V1__a", "1"), ("V2__b", "2"), ("V3__c", "3"), ("V4__d", "4")])
                == ["V1__a", "V2__b", "V3__c"]
        )
        #expect(matches(history, [("V3__c", "3")]) == ["V3__c"])
    }

    @Test("lets Flyway's later rows about a migration count")
    func readsLaterRows() throws {
        let history = ForeignHistory(
            [
                flyway(nil, "\"app\"", type: "SCHEMA"), flyway("1", "V1__a.sql"), flyway("2", "V2__b.sql"),
                flyway("3", "V3__c.sql"), flyway("3", "U3__c.sql", type: "UNDO_SQL"),
                flyway("2", "V2__b.sql", type: "DELETE"),
                flyway(nil, "R__v.sql"), flyway(nil, "R__v.sql", checksum: 5),
            ],
            in: table
        )
        #expect(history.problems.isEmpty)
        #expect(history.rows.map(\.label) == ["V1__a.sql", "R__v.sql"])
        #expect(history.rows.last?.sum == .flyway(5))
        let failed = ForeignHistory([flyway("1", "V1__a.sql", success: false)], in: table)
        let error = try #require(failed.problems.first)
        #expect(error.code == .dirtyHistory)
        #expect(error.message == "public.t: V1__a.sql failed (success is false)")
        #expect(error.next.contains("`flyway repair`"))
        let mended = [flyway("1", "V1__a.sql", success: false), flyway("1", "V1__a.sql")]
        #expect(ForeignHistory(mended, in: table).problems.isEmpty)
    }

    @Test("lets goose's last step about a version count")
    func readsSteps() {
        let steps = [(0, true), (1, true), (2, true), (2, false), (3, true), (1, false), (1, true)]
        let history = ForeignHistory(steps.map { GooseRow(version: $0, isApplied: $1, appliedAt: nil) })
        #expect(history.rows.map(\.label) == ["3", "1"])
        #expect(matches(history, ["00001_a", "00002_b", "00003_c"]) == ["00003_c", "00001_a"])
    }

    @Test("leaves out Prisma's attempts that were rolled back, and refuses one that hangs")
    func readsAttempts() throws {
        let date = Date(timeIntervalSince1970: 1_700_000_000)
        let attempts = [
            PrismaRow(name: "1_a", checksum: "x", finishedAt: nil, isRolledBack: true),
            PrismaRow(name: "1_a", checksum: "y", finishedAt: date, isRolledBack: false),
            PrismaRow(name: "2_b", checksum: "z", finishedAt: date, isRolledBack: false),
            PrismaRow(name: "2_b", checksum: "z", finishedAt: date, isRolledBack: false),
        ]
        let history = ForeignHistory(attempts, in: table)
        #expect(history.rows.map(\.label) == ["1_a", "2_b"])
        #expect(history.rows.first?.sum == .prisma("y"))
        let hanging = PrismaRow(name: "3_c", checksum: "", finishedAt: nil, isRolledBack: false)
        let error = try #require(ForeignHistory(attempts + [hanging], in: table).problems.first)
        #expect(error.code == .dirtyHistory)
        #expect(error.message == "public.t: 3_c failed (finished_at and rolled_back_at are null)")
        #expect(error.next.contains("`prisma migrate resolve --applied 3_c`"))
    }

    @Test("calls the earlier instances of Sqitch's reworked changes name@tag")
    func knowsReworkedChanges() {
        let changes = [
            sqitch("users", tags: []), sqitch("roles", tags: ["@v1", "@stable"]), sqitch("users", tags: ["@v2"]),
            sqitch("users", tags: []), sqitch("a/b", tags: []),
        ]
        let history = ForeignHistory(SqitchRegistry(changes: changes))
        let files = ["users@v1", "roles", "users@v2", "users", "a/b"]
        #expect(matches(history, files.map { ($0, "") }) == files)
        #expect(
            matches(history, ["users@stable", "roles", "users@v2", "users", "a/b"].map { ($0, "") }).first
                == "users@stable"
        )
    }

    @Test("finds by its checksum that a change was reworked only after this database had it")
    func findsReworkedInstance() {
        let history = ForeignHistory(SqitchRegistry(changes: [sqitch("users", tags: [], hash: "old")]))
        let found = matches(history, [("users@v1", ""), ("users", "")]) { file, _ in file.name == "users@v1" }
        #expect(found == ["users@v1"])
        #expect(matches(history, [("users@v1", ""), ("users", "")]) { _, _ in false } == ["users"])
    }

    @Test("reports rows that stand for one file")
    func findsDoubles() {
        let rows = ForeignHistory(versions: ["1", "01"]).rows
        let matching = AdoptionMatching(rows: rows, files: files([("0001_a", "0001")])) { _, _ in false }
        #expect(matching.doubles.map(\.labels) == [["1", "01"]])
    }

    @Test("leaves a changed repeatable to the next run, and does not judge one with placeholders")
    func plansRepeatables() throws {
        let entries = [
            flyway("1.2", "V1.2__a.sql", checksum: -873_187_034), flyway(nil, "R__changed.sql", checksum: 1),
            flyway(nil, "R__placeholders.sql", checksum: 1), flyway(nil, "R__same.sql", checksum: -873_187_034),
        ]
        let contents = ["R__changed": "select 1", "R__placeholders": "select ${x}"]
        let names = ["V1.2__a", "V1.3__b", "R__changed", "R__placeholders", "R__same"]
        let place = AdoptionPlan.Place(
            tool: .flyway,
            table: table,
            target: HistoryTable(schema: "public", name: "schema_migrations", isNaive: false),
            source: AdoptionSource(),
            targetRows: 0
        )
        func plan(trustsFiles: Bool) throws -> AdoptionPlan {
            try AdoptionPlan(
                place,
                history: ForeignHistory(entries, in: table),
                files: files(names.map { ($0, $0.hasPrefix("V") ? String($0.dropFirst().prefix(3)) : "") }),
                baseline: nil,
                options: AdoptionOptions(trustsFiles: trustsFiles),
                content: { Array((contents[$0.name] ?? "123456789").utf8) }
            )
        }
        let careful = try plan(trustsFiles: false)
        #expect(
            careful.rows.map { "\($0.name) \($0.state)" }
                == ["V1.2__a verified", "R__placeholders unverified", "R__same verified"]
        )
        #expect(careful.pending == ["V1.3__b", "R__changed"])
        #expect(careful.gaps.isEmpty)
        #expect(careful.problems.isEmpty)
        let trusting = try plan(trustsFiles: true)
        #expect(trusting.pending == ["V1.3__b"])
        #expect(trusting.rows.allSatisfy { $0.checksum != nil })
    }

    @Test("takes text versions by their number")
    func ordersVersions() {
        #expect(ForeignHistory(versions: ["10", "9", "20250101"]).rows.map(\.label) == ["9", "10", "20250101"])
    }

    private let table = ForeignTable(schema: "public", name: "t", columns: [])

    private func flyway(
        _ version: String?,
        _ script: String,
        type: String = "SQL",
        checksum: Int? = nil,
        success: Bool = true
    ) -> FlywayRow {
        FlywayRow(
            version: version,
            description: script,
            type: type,
            script: script,
            checksum: checksum,
            appliedAt: nil,
            success: success
        )
    }

    private func sqitch(_ name: String, tags: [String], hash: String? = nil) -> SqitchRegistry.Change {
        SqitchRegistry.Change(id: "id", name: name, scriptHash: hash, committedAt: nil, tags: tags)
    }

    private func files(_ names: [(String, String)]) -> [AdoptionFile] {
        names.map { AdoptionFile(name: $0, versionText: $1, path: "m/\($0).sql", checksum: Checksum(of: [])) }
    }

    private func matches(_ history: ForeignHistory, _ names: [String]) -> [String] {
        matches(history, names.map { ($0, String($0.prefix { $0 != "_" })) })
    }

    private func matches(
        _ history: ForeignHistory,
        _ names: [(String, String)],
        isSum: (AdoptionFile, ForeignSum) -> Bool = { _, _ in true }
    ) -> [String] {
        AdoptionMatching(rows: history.rows, files: files(names), isSum: isSum).pairs.map { pair in
            pair.file?.name ?? "\(pair.row.names.first ?? pair.row.label) is gone"
        }
    }
}

@Suite("Another tool's checksum")
struct ForeignSumTests {
    @Test("is the one that its algorithm gives")
    func isComputed() {
        let abc = Array("abc".utf8)
        #expect(ForeignSum.flyway(-873_187_034).matches(Array("123456789".utf8)) == true)
        #expect(ForeignSum.sqitch("a9993e364706816aba3e25717850c26c9cd0d89d").matches(abc) == true)
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(ForeignSum.prisma(sha256).matches(abc) == true)
        #expect(ForeignSum.prisma(sha256).matches(Array("abd".utf8)) == false)
        let sha384: [UInt8] = [
            0xCB, 0x00, 0x75, 0x3F, 0x45, 0xA3, 0x5E, 0x8B, 0xB5, 0xA0, 0x3D, 0x69, 0x9A, 0xC6, 0x50, 0x07, 0x27, 0x2C,
            0x32, 0xAB, 0x0E, 0xDE, 0xD1, 0x63, 0x1A, 0x8B, 0x60, 0x5A, 0x43, 0xFF, 0x5B, 0xED, 0x80, 0x86, 0x07, 0x2B,
            0xA1, 0xE7, 0xCC, 0x23, 0x58, 0xBA, 0xEC, 0xA1, 0x34, 0xC8, 0x25, 0xA7,
        ]
        #expect(ForeignSum.sqlx(sha384).matches(abc) == true)
        #expect(ForeignSum.sqlx(sha384).matches(abc + [10]) == false)
    }

    @Test("of Flyway goes by the lines, whatever their ends, and without a byte order mark")
    func ignoresLineEnds() {
        for text in ["123\n456\n789", "123\r\n456\r\n789\r\n", "123\r456\r789", "\u{FEFF}123456789", "\n\n123456789\n"]
        {
            #expect(ForeignSum.flyway(-873_187_034).matches(Array(text.utf8)) == true)
        }
        #expect(ForeignSum.flyway(0).matches([]) == true)
        #expect(ForeignSum.flyway(1).matches(Array("select ${x}".utf8)) == false)
        #expect(ForeignSum.flyway(1).matches(Array("select ${x}".utf8), isRepeatable: true) == nil)
    }

    @Test("of Prisma is also that of the file with other line ends, and of old releases without leading zeros")
    func knowsPrismaVariants() {
        let windows = "8e4621379786ef42a4fec155cd525c291dd7db3c1fde3478522f4f61c03fd1bd"
        #expect(ForeignSum.prisma(windows).matches(Array("a\n".utf8)) == true)
        #expect(ForeignSum.prisma(windows).matches(Array("a".utf8)) == false)
        let newline = "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"
        #expect(ForeignSum.prisma(newline).matches(Array("a\n".utf8)) == true)
        #expect(ForeignSum.prisma(newline).matches(Array("a\r\n".utf8)) == true)
        let unpadded = "87428fc522803d3165e7bce3cf03fe47596631e5e07bbd7afde60c4cf25c7"
        #expect(ForeignSum.prisma(unpadded).matches(Array("a\n".utf8)) == true)
    }
}
