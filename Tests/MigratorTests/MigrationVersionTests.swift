import Migrator
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
}
