import Migrator
import TestSupport
import Testing

@Suite("A migration's version")
struct MigrationVersionTests {
    @Test(
        "is refused without a number",
        arguments: ["jobs.sql", "_jobs.sql", "x1_jobs.sql", "0_jobs.sql", "1_.sql", "1.sql", ""]
    )
    func refusesOtherNames(fileName: String) {
        #expect(MigrationVersion(fileName: fileName) == nil)
    }

    @Test("is a number, however it is written")
    func comparesAsNumber() throws {
        let versions = try ["7", "007", "10", "20260114030000", "123456789012345678901234567890"].map { digits in
            try #require(MigrationVersion(digits))
        }
        #expect(versions[0] == versions[1])
        #expect(versions[0].hashValue == versions[1].hashValue)
        #expect(versions.sorted() == versions)
        #expect("\(versions[1])" == "007")
        #expect(MigrationVersion(fileName: "0011_jobs_system.sql").map { "\($0)" } == "0011")
    }

    @Test("of several parts is compared part by part, and zeros at its end do not count")
    func comparesParts() throws {
        let sorted = ["0", "0.1", "1", "1.0.1", "1.2", "1.9", "1.10", "2", "2.0.0.1", "123456789012345678901.1"]
        let versions = try sorted.map { try #require(MigrationVersion(dotted: $0)) }
        #expect(versions.shuffled().sorted().map { "\($0)" } == sorted)
        let equal = try ["1.2", "1_2", "01.02", "1.2.0", "1.2.0.00"].map { try #require(MigrationVersion(dotted: $0)) }
        #expect(Set(equal).count == 1)
        #expect(MigrationVersion(dotted: "3") == MigrationVersion("3"))
        #expect(MigrationVersion(dotted: "3.0") == MigrationVersion("003"))
        for text in ["", "1.", ".1", "1..2", "1.a", "1-2"] { #expect(MigrationVersion(dotted: text) == nil) }
    }

    @Test("has one order, whatever its parts")
    func hasOneOrder() {
        func version(_ generator: inout SeededGenerator) -> String {
            (0...Int.random(in: 0...3, using: &generator)).map { _ in
                ["0", "00", "1", "01", "9", "10", "20260114030000", "99999999999999999999999"]
                    .randomElement(using: &generator) ?? ""
            }.joined(separator: ".")
        }
        forAll(
            generate: { generator in (0..<3).map { _ in version(&generator) } },
            holds: { texts in
                let versions = texts.compactMap { MigrationVersion(dotted: $0) }
                let (a, b, c) = (versions[0], versions[1], versions[2])
                let isTotal = [a < b, b < a, a == b].count { $0 } == 1
                let isTransitive = !(a < b && b < c) || a < c
                return isTotal && isTransitive && (a != b || a.hashValue == b.hashValue)
            }
        )
    }
}
