import Testing

@testable import Linter

@Suite("What a migration does, in words")
struct TellingTests {
    private func work(_ sql: String, after history: String = "") async throws -> FileWork {
        var options = LintOptions()
        options.tellsWork = true
        let before = LintInput(LintText(path: "m/0001_before.sql", sql: history), isJudged: false)
        let now = LintInput(LintText(path: "m/0002_now.sql", sql: sql))
        let works = try await Linter(options: options).lint([before, now]).works
        #expect(works.count == 1)
        return try #require(works.first)
    }

    @Test(
        "is said of each statement",
        arguments: [
            ("CREATE TABLE IF NOT EXISTS t (a int, b int)", "creates table t (a, b), unless it is there"),
            ("CREATE MATERIALIZED VIEW m AS SELECT 1 AS a", "creates materialized view m from a query"),
            (
                "CREATE UNIQUE INDEX CONCURRENTLY i ON jobs (id)",
                "builds unique index i on jobs (id) without keeping writers out"
            ),
            ("ALTER TABLE jobs ADD COLUMN due date, DROP COLUMN old", "jobs: adds column due date, drops column old"),
            (
                "ALTER TABLE jobs ADD CONSTRAINT p CHECK (id > 0) NOT VALID",
                "jobs: adds check p without a look at the rows"
            ),
            ("DROP TABLE jobs CASCADE", "drops table jobs and what depends on it"),
            ("ALTER TABLE jobs RENAME COLUMN old TO older", "renames column old of jobs to older"),
            ("UPDATE jobs SET old = 1", "updates all rows of jobs"),
            ("DELETE FROM jobs WHERE id = 1", "deletes rows of jobs"),
            ("CREATE EXTENSION citext", "CREATE EXTENSION citext"),
        ]
    )
    func saysDeed(sql: String, deed: String) async throws {
        let work = try await work(sql + ";", after: "CREATE TABLE jobs (id int, old int);")
        #expect(work.deeds == [deed])
        #expect(work.isInOneTransaction != sql.contains("CONCURRENTLY"))
    }

    @Test("has the strongest lock on each table that was there before")
    func saysLocks() async throws {
        let history = "CREATE TABLE jobs (id int); CREATE TABLE users (id int);"
        let work = try await work(
            """
            CREATE TABLE new (id int);
            ALTER TABLE new ADD COLUMN a int;
            CREATE INDEX i ON jobs (id);
            ALTER TABLE users VALIDATE CONSTRAINT c;
            ALTER TABLE jobs ADD COLUMN due date;
            """,
            after: history
        )
        #expect(
            work.locks == [
                "jobs: ACCESS EXCLUSIVE (nobody reads or writes)",
                "users: SHARE UPDATE EXCLUSIVE (readers and writers go on)",
            ]
        )
    }

    @Test("is told only where it is asked for, and kept with the rest")
    func isKept() async throws {
        #expect(try await Linter().lint([LintInput(LintText(path: "1.sql", sql: "SELECT 1;"))]).works.isEmpty)
        var options = LintOptions()
        options.tellsWork = true
        let inputs = (1...5).map { LintInput(LintText(path: "\($0).sql", sql: "CREATE TABLE t\($0) (id int);")) }
        let store = Store()
        let anew = try await Linter(options: options).lint(inputs, cache: store.cache)
        let kept = try await Linter(options: options).lint(inputs, cache: store.cache)
        #expect(anew.works.count == 5 && kept.works == anew.works)
    }

    private final class Store: @unchecked Sendable {
        // One task writes it and reads it.
        private var bytes: [UInt8]?
        var cache: LintCache { LintCache(bytes: bytes) { self.bytes = $0 } }
    }
}
