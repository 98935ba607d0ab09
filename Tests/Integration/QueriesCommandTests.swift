import Postgres
import StudyPlatform
import TestSupport
import Testing

@Suite("lastro queries check")
struct QueriesCommandTests {
    private let files = [
        "m/0001_jobs.sql": "CREATE TABLE jobs (id int);\n",
        "m/0002_time.sql": "ALTER TABLE jobs ADD COLUMN scheduled_for timestamptz;\n",
        "queries/jobs.sql": "-- name: pick_next_job\nSELECT id FROM jobs\nWHERE scheduled_for < :time;\n",
    ]

    @Test("tells of a query that the database is not ready for, and keeps the program from starting")
    func guardsTheStart() async throws {
        try await withProject(files) { lastro, folder, _ in
            #expect(try await lastro("migrate", "--to", "0001").status == 0)
            let run = try await lastro("queries", "check")
            #expect(run.status == 1)
            #expect(
                run.output == """
                    broken  pick_next_job
                      queries/jobs.sql:3:7: column "scheduled_for" does not exist (SQLSTATE 42703)
                      next:  m/0002_time.sql:1:1 has yet to bring it: run `lastro migrate` before the application
                    1 query checked against the database: 1 broken

                    """
            )
            let json = try await lastro("queries", "check", "--format", "json")
            #expect(json.status == 1)
            #expect(json.output.contains(#""migration":"0002_time""#))
            #expect(json.output.contains(#""state":"broken""#))
            let github = try await lastro("queries", "check", "--format", "github")
            #expect(github.output.hasPrefix("::error file=queries/jobs.sql,line=3,col=7,title=pick_next_job::column "))
            let junit = try await lastro("queries", "check", "--format", "junit")
            #expect(junit.output.contains(#"tests="1" failures="1" skipped="0""#))
            #expect(junit.output.contains(#"<failure message="column &quot;scheduled_for&quot; does not exist">"#))
            let migrations = try await lastro("queries", "check", "--against", "migrations")
            #expect(migrations.status == 0, "\(migrations.text)")
            #expect(migrations.output == "1 query checked against the migrations: 0 broken\n")

            let start = try await lastro("run", "-q", "--check-queries", "--", "echo", "started")
            #expect(start.status == 0)
            #expect(start.output == "started\n")
            try folder.write("-- name: x\nSELECT missing FROM jobs", to: "queries/x.sql")
            let refused = try await lastro("run", "--check-queries", "--", "echo", "started")
            #expect(refused.status == 1)
            #expect(refused.output.isEmpty)
            #expect(refused.errors.contains("queries/x.sql:2:8: column \"missing\" does not exist"))
        }
    }

    @Test("without a database asks what the migrations make")
    func usesMigrations() async throws {
        try await withTemporaryFolder(files) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            let run = try await lastro("queries", "check")
            #expect(run.status == 0, "\(run.text)")
            #expect(run.output == "1 query checked against the migrations: 0 broken\n")
            #expect(try await lastro("queries", "check", "--against", "database").status == 2)
            #expect(try await lastro("queries", "check", "--queries", "nowhere").status == 2)
        }
    }
}
