import Postgres
import SourceText
import TestSupport
import Testing

@testable import Migrator

@Suite("Adopting a history")
struct AdoptionTests {
    /// A history, its table, and what is known of its two rows.
    struct Case: CustomTestStringConvertible, Sendable {
        let tool: AdoptionTool
        let table: String
        var states = ["unverified", "unverified"]
        var hasTimes = true

        var testDescription: String { tool.rawValue }
    }

    static let cases = [
        Case(tool: .golangMigrate, table: "public.schema_migrations", hasTimes: false),
        Case(tool: .dbmate, table: "public.schema_migrations", hasTimes: false),
        Case(tool: .rails, table: "public.schema_migrations", hasTimes: false),
        Case(tool: .goose, table: "public.goose_db_version"),
        Case(tool: .flyway, table: "public.flyway_schema_history", states: ["verified", "verified"]),
        Case(tool: .sqlx, table: "public._sqlx_migrations", states: ["verified", "verified"]),
        Case(tool: .prisma, table: "public._prisma_migrations", states: ["verified", "verified"]),
        Case(tool: .sqitch, table: "sqitch.changes", states: ["verified", "unverified"]),
    ]

    @Test("recognises it, keeps its order and times, and leaves its table as it was", arguments: cases)
    func adopts(_ history: Case) async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.setTimeZone("UTC")
            try await stage.run(AdoptionHistories.schema + AdoptionHistories.sql(of: history.tool))
            let before = try await stage.fingerprint(of: history.table)
            let plan = try await stage.migrator().adoptionPlan()
            #expect(plan.tool == history.tool)
            #expect(plan.table == history.table)
            #expect(plan.rows.map(\.name) == ["0001_a", "0002_b"])
            #expect(plan.rows.map(\.state.rawValue) == history.states)
            #expect(plan.pending == ["0003_c"])
            #expect(plan.gaps.isEmpty)
            #expect(plan.problems.isEmpty)
            #expect(try await stage.value("select to_regclass('lastro_events') is null", as: Bool.self))

            #expect(try await stage.migrator().adopt(plan, reason: "we move") == ["0001_a", "0002_b"])
            #expect(try await stage.fingerprint(of: history.table) == before)
            let now = history.states.map { $0 == "verified" ? "applied" : "unverified" }
            #expect(try await stage.states() == ["0001_a \(now[0])", "0002_b \(now[1])", "0003_c pending"])
            let own = history.table.hasSuffix("schema_migrations") ? "lastro_migrations" : "schema_migrations"
            #expect(plan.target == "public." + own)
            let rows = try await stage.value(
                """
                select string_agg(concat_ws(' ', name, version, kind, position, outcome, reason), ', ' order by position)
                from \(own)
                """,
                as: String.self
            )
            #expect(rows == "0001_a 0001 versioned 1 adopted we move, 0002_b 0002 versioned 2 adopted we move")
            let times = try await stage.value(
                "select string_agg(applied_at::text, ', ' order by position) from \(own) where applied_at < '2026-01-01'",
                as: String?.self
            )
            #expect(times == (history.hasTimes ? "2025-01-02 03:04:05.678901+00, 2025-01-03 00:00:00+00" : nil))
            let events = try await stage.value(
                "select string_agg(concat_ws(' ', event, reason, detail->>'tool', detail->>'rows'), ', ') from lastro_events",
                as: String.self
            )
            #expect(events == "adopted we move \(history.tool.rawValue) 2")

            #expect(try await stage.migrator().migrate()().migrations == ["0003_c"])
            #expect(try await stage.states().last == "0003_c applied")
            #expect(try await stage.fingerprint(of: history.table) == before)
        }
    }

    @Test(
        "refuses a dirty one, says which row and what to do, and makes nothing",
        arguments: [
            (
                AdoptionTool.golangMigrate, "update schema_migrations set dirty = true",
                "public.schema_migrations: version 2 was left half done (dirty is true)", "`migrate force 2`"
            ),
            (
                AdoptionTool.flyway, "update flyway_schema_history set success = false where version = '0002'",
                "public.flyway_schema_history: 0002_b.sql failed (success is false)", "`flyway repair`"
            ),
            (
                AdoptionTool.sqlx, "update _sqlx_migrations set success = false where version = 2",
                "public._sqlx_migrations: 2 b failed (success is false)", "delete the row"
            ),
            (
                AdoptionTool.prisma, "update _prisma_migrations set finished_at = null where id = 'i3'",
                "public._prisma_migrations: 0002_b failed (finished_at and rolled_back_at are null)",
                "`prisma migrate resolve --applied 0002_b`"
            ),
        ]
    )
    func refusesDirty(tool: AdoptionTool, change: String, message: String, next: String) async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(AdoptionHistories.sql(of: tool) + change)
            let plan = try await stage.migrator().adoptionPlan()
            #expect(plan.problems.map(\.message) == [message])
            let error = await #expect(throws: MigratorError.self) { try await stage.migrator().adopt(plan) }
            #expect(error?.code == .dirtyHistory)
            #expect(error?.isRefusal == true)
            #expect(error?.next.contains(next) == true)
            #expect(error?.state == "nothing was changed")
            #expect(try await stage.value("select to_regclass('lastro_events') is null", as: Bool.self))
        }
    }

    @Test(
        "says which files are not what ran, unless they are to be trusted",
        arguments: [
            (AdoptionTool.flyway, "-2014359584", "250472033"),
            (AdoptionTool.sqlx, "e3e5feb1", "5ec723d8"),
            (AdoptionTool.prisma, "74243234", "9d1756e4"),
            (AdoptionTool.sqitch, "2821b8bd", "09f44398"),
        ]
    )
    func findsChangedFiles(tool: AdoptionTool, applied: String, found: String) async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(AdoptionHistories.schema + AdoptionHistories.sql(of: tool))
            try stage.folder.write("create table a (i bigint);\n", to: "0001_a.sql")
            let plan = try await stage.migrator().adoptionPlan()
            #expect(plan.rows.first?.state == .changed)
            let error = await #expect(throws: MigratorError.self) { try await stage.migrator().adopt(plan) }
            #expect(error?.code == .checksumMismatch)
            #expect(error?.location?.file == stage.folder.file("0001_a.sql"))
            #expect(
                error?.message
                    == "changed after \(tool.title) ran it: \(tool.title)'s checksum is \(found), in its history \(applied)"
            )
            #expect(error?.next == "restore the file that ran, or take the files as they are with --trust-files")
            let trusting = AdoptionOptions(trustsFiles: true)
            try await stage.migrator().adopt(try await stage.migrator().adoptionPlan(options: trusting))
            #expect(try await stage.states() == ["0001_a applied", "0002_b applied", "0003_c pending"])
            let detail = try await stage.value("select detail->>'changed' from lastro_events", as: String?.self)
            #expect(detail == "0001_a")
        }
    }

    @Test("names rows without files and files between that have no row")
    func namesGaps() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(AdoptionHistories.dbmate + "insert into schema_migrations values ('0003'), ('0009')")
            try await stage.run("delete from schema_migrations where version = '0002'")
            let plan = try await stage.migrator().adoptionPlan()
            #expect(
                plan.rows.map { "\($0.name) \($0.state)" } == [
                    "0001_a unverified", "0003_c unverified", "0009 missing",
                ]
            )
            #expect(plan.pending == ["0002_b"])
            #expect(plan.gaps == ["0002_b"])
            #expect(plan.problems.isEmpty)
            try await stage.migrator().adopt(plan)
            #expect(
                try await stage.states()
                    == ["0001_a unverified", "0002_b out-of-order", "0003_c unverified", "0009 missing"]
            )
            #expect(try await stage.failure(of: stage.migrator().migrate()).code == .several)
            try await stage.migrator().repair(["0009"], reason: "squashed long ago")
            #expect(try await stage.migrator(order: .any).migrate()().migrations == ["0002_b"])
        }
    }

    @Test("refuses when Lastro's own history has rows")
    func refusesRows() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(AdoptionHistories.goose)
            let plan = try await stage.migrator().adoptionPlan()
            try await stage.migrator().baseline(at: "1", reason: "another project's rows")
            let error = await #expect(throws: MigratorError.self) { try await stage.migrator().adopt(plan) }
            #expect(error?.code == .wrongState)
            #expect(error?.message.hasPrefix("public.schema_migrations has a row already") == true)
            #expect(try await stage.migrator().adoptionPlan().problems.map(\.code) == [.wrongState])
        }
    }

    @Test("refuses a plan that is out of date")
    func refusesOldPlans() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(AdoptionHistories.goose)
            let plan = try await stage.migrator().adoptionPlan()
            try await stage.run("insert into goose_db_version (version_id, is_applied) values (3, true)")
            let error = await #expect(throws: MigratorError.self) { try await stage.migrator().adopt(plan) }
            #expect(error?.code == .wrongState)
            #expect(error?.message == "public.goose_db_version or the files changed after the plan was made")
            #expect(try await stage.value("select to_regclass('schema_migrations') is null", as: Bool.self))
        }
    }

    @Test("lets one runner adopt, and tells the other that it is done")
    func isAdoptedOnce() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(AdoptionHistories.flyway)
            let plan = try await stage.migrator().adoptionPlan()
            let outcomes = await withTaskGroup(of: Result<[String], any Error>.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        do {
                            return .success(try await stage.migrator().adopt(plan))
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let errors = outcomes.compactMap { outcome -> MigratorError? in
                if case .failure(let error) = outcome { error as? MigratorError } else { nil }
            }
            #expect(errors.map(\.code) == [.wrongState, .wrongState, .wrongState])
            #expect(try await stage.value("select count(*) from schema_migrations", as: Int.self) == 2)
        }
    }

    @Test("takes a home-made table over where it stands, as a run does")
    func takesOver() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(AdoptionHistories.schema + AdoptionHistories.naive)
            let plan = try await stage.migrator().adoptionPlan(options: AdoptionOptions(trustsFiles: true))
            #expect(plan.tool == .naive)
            #expect(plan.isInPlace)
            #expect(plan.rows.map { "\($0.label) \($0.state)" } == ["0001_a.sql unverified", "0002_b.sql unverified"])
            try await stage.migrator().adopt(plan, reason: "compared")
            #expect(try await stage.states() == ["0001_a applied", "0002_b applied", "0003_c pending"])
            let events = try await stage.value(
                "select string_agg(event, ' ' order by position) from lastro_events",
                as: String.self
            )
            #expect(events == "taken-over adopted")
            let error = await #expect(throws: MigratorError.self) { try await stage.migrator().adopt(plan) }
            #expect(error?.code == .unknownHistory)
        }
    }

    @Test("copies a home-made table that stands elsewhere, and merges rows that mean one migration")
    func copiesNaiveTables() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(
                """
                create schema old; create table old.migrations (name text, applied_at timestamp);
                insert into old.migrations values ('0002_b', null), ('0001_a.sql', '2025-01-01'), ('0001_a', '2025-02-01');
                """
            )
            let before = try await stage.fingerprint(of: "old.migrations")
            let source = AdoptionSource(table: "old.migrations")
            let plan = try await stage.migrator().adoptionPlan(from: source)
            #expect(!plan.isInPlace)
            #expect(plan.rows.map(\.label) == ["0001_a.sql", "0002_b"])
            try await stage.migrator().adopt(plan)
            #expect(try await stage.states() == ["0001_a unverified", "0002_b unverified", "0003_c pending"])
            #expect(try await stage.fingerprint(of: "old.migrations") == before)
            try await stage.run("insert into old.migrations values (null, null)")
            #expect(
                try await stage.migrator().adoptionPlan(from: source).problems.map(\.message) == [
                    "public.schema_migrations has 2 rows already: a history is adopted before anything else is written to it",
                    "1 row of migrations have no name",
                ]
            )
        }
    }

    @Test("begins at a baseline where the tool knows no files, or where somebody says so")
    func beginsAtABaseline() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(AdoptionHistories.schema + AdoptionHistories.alembic)
            let without = try await stage.migrator().adoptionPlan()
            let error = await #expect(throws: MigratorError.self) { try await stage.migrator().adopt(without) }
            #expect(error?.code == .baselineNeeded)
            #expect(error?.message == "the history of Alembic holds 1975ea83b712, which says nothing of the files")
            let plan = try await stage.migrator().adoptionPlan(options: AdoptionOptions(baseline: "2"))
            #expect(plan.rows.map(\.name) == ["0001_a", "0002_b"])
            try await stage.migrator().adopt(plan)
            #expect(try await stage.states() == ["0001_a unverified", "0002_b unverified", "0003_c pending"])
            let outcomes = try await stage.value(
                "select string_agg(outcome, ' ') from schema_migrations",
                as: String.self
            )
            #expect(outcomes == "baseline baseline")
            let unknown = await #expect(throws: MigratorError.self) {
                try await stage.migrator().adoptionPlan(options: AdoptionOptions(baseline: "42"))
            }
            #expect(unknown?.code == .unknownMigration)
        }
    }

    @Test("goes by what somebody says where the rows do not tell, but not over a dirty one")
    func goesByABaseline() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            let baseline = AdoptionOptions(baseline: "0001_a", trustsFiles: true)
            try await stage.run(AdoptionHistories.golangMigrate + "insert into schema_migrations values (1, false)")
            #expect(try await stage.migrator().adoptionPlan().problems.map(\.code) == [.unusableHistory])
            let plan = try await stage.migrator().adoptionPlan(options: baseline)
            #expect(plan.problems.isEmpty)
            try await stage.run(
                "delete from schema_migrations where version = 1; update schema_migrations set dirty = true"
            )
            #expect(try await stage.migrator().adoptionPlan(options: baseline).problems.map(\.code) == [.dirtyHistory])
            try await stage.run("update schema_migrations set dirty = false")
            try await stage.migrator().adopt(plan)
            #expect(try await stage.states() == ["0001_a applied", "0002_b pending", "0003_c pending"])
        }
    }

    @Test("is not begun at a baseline where its table becomes Lastro's own")
    func refusesBaselineInPlace() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(AdoptionHistories.naive)
            let problems = try await stage.migrator().adoptionPlan(options: AdoptionOptions(baseline: "1")).problems
            #expect(problems.map(\.code) == [.wrongState])
            #expect(
                problems.first?.message.hasPrefix("public.schema_migrations becomes Lastro's own with its rows") == true
            )
        }
    }

    @Test("writes nothing for an empty one")
    func leavesEmptyHistories() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(AdoptionHistories.golangMigrate + "truncate schema_migrations")
            let plan = try await stage.migrator().adoptionPlan()
            #expect(plan.rows.isEmpty)
            #expect(plan.pending.count == 3)
            #expect(try await stage.migrator().adopt(plan).isEmpty)
            #expect(try await stage.value("select to_regclass('lastro_migrations') is null", as: Bool.self))
        }
    }

    @Test("does not take an unknown table, none, or one of several")
    func needsOneHistory() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            func error(_ source: AdoptionSource = AdoptionSource()) async throws -> MigratorError {
                try #require(
                    await #expect(throws: MigratorError.self) {
                        _ = try await stage.migrator().adoptionPlan(from: source)
                    }
                )
            }
            // An application's own tables of such shapes are no histories.
            try await stage.run(
                "create table releases (version text); create table badges (name text, applied_at date)"
            )
            let none = try await error()
            #expect(none.code == .unknownHistory)
            #expect(none.message == "no history of another tool was found in public")
            #expect(none.isRefusal)
            #expect(
                try await error(AdoptionSource(tool: .flyway)).message == "no history of Flyway was found in public"
            )
            #expect(try await error(AdoptionSource(table: "nowhere")).message == "there is no table nowhere")
            try await stage.run("create table schema_migrations (version bigint, inserted_at timestamp)")
            let unknown = try await error(AdoptionSource(table: "schema_migrations"))
            #expect(
                unknown.message
                    == "public.schema_migrations (inserted_at, version) is no history of a tool that Lastro knows"
            )
            try await stage.run(AdoptionHistories.goose + AdoptionHistories.flyway)
            let several = try await error()
            #expect(several.code == .ambiguousHistory)
            #expect(
                several.message
                    == "there are several histories: public.flyway_schema_history (flyway), public.goose_db_version (goose)"
            )
            #expect(try await stage.migrator().adoptionPlan(from: AdoptionSource(tool: .goose)).tool == .goose)
            let named = AdoptionSource(table: "flyway_schema_history")
            #expect(try await stage.migrator().adoptionPlan(from: named).tool == .flyway)
        }
    }

    @Test("asks which project of a Sqitch registry is meant")
    func needsOneProject() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(
                AdoptionHistories.sqitch + """
                    INSERT INTO sqitch.projects VALUES ('other', 'u', now(), 'n', 'e');
                    INSERT INTO sqitch.changes VALUES ('c3', 'h', '0003_c', 'other', '', now(), 'n', 'e', now(), 'n', 'e');
                    """
            )
            let error = await #expect(throws: MigratorError.self) { try await stage.migrator().adoptionPlan() }
            #expect(error?.message == "sqitch.changes holds several projects: app, other")
            let plan = try await stage.migrator().adoptionPlan(from: AdoptionSource(project: "app"))
            #expect(plan.rows.map(\.name) == ["0001_a", "0002_b"])
            let unknown = await #expect(throws: MigratorError.self) {
                try await stage.migrator().adoptionPlan(from: AdoptionSource(project: "app2"))
            }
            #expect(unknown?.message == "sqitch.changes holds no project app2")
            #expect(unknown?.next == "it holds app, other")
        }
    }

    @Test("refuses two rows that stand for one file")
    func refusesDoubles() async throws {
        try await withStage(AdoptionHistories.files) { stage in
            try await stage.run(AdoptionHistories.dbmate + "insert into schema_migrations values ('1')")
            let problem = try #require(try await stage.migrator().adoptionPlan().problems.first)
            #expect(problem.code == .unusableHistory)
            #expect(problem.message == "public.schema_migrations: 0001 and 1 stand for one file, 0001_a")
        }
    }
}

extension Stage {
    /// What a table holds, its shape, and the transactions that wrote its rows.
    fileprivate func fingerprint(of table: String) async throws -> String {
        try await value(
            """
            select md5(concat_ws('|',
                (select string_agg(concat_ws(' ', ctid, xmin, t::text), '|' order by ctid) from \(table) t),
                (select string_agg(concat_ws(' ', attname, atttypid, attnotnull, atthasdef), '|' order by attnum)
                 from pg_attribute where attrelid = '\(table)'::regclass),
                (select relfilenode from pg_class where oid = '\(table)'::regclass)))
            """
        )
    }

    /// Sets the time zone of the database's sessions.
    fileprivate func setTimeZone(_ zone: String) async throws {
        let name = try await value("select current_database()", as: String.self)
        try await run("alter database \(name) set timezone = '\(zone)'")
    }
}
