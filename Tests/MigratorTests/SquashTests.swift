import Postgres
import SourceText
import TestSupport
import Testing

@testable import Migrator

@Suite("A squashed file")
struct SquashTests {
    private static let files = [
        "0001_a.sql": "create table a (i int);\n",
        "0002_b.sql": "create table b (i int);\n",
        "0003_c.sql": "create table c (i int);\n",
        "0004_d.sql": "-- lastro: requires 0002_b\ncreate table d (i int);\n",
        "0004_d.down.sql": "drop table d;\n",
    ]
    private static let body = "create table a (i int); create table b (i int); create table c (i int);"

    /// Squashes the folder of a stage up to a migration.
    @discardableResult
    private func squash(
        _ stage: Stage,
        to name: String = "0003_c",
        titled title: String = "baseline",
        body: String = Self.body
    ) async throws -> SquashedFolder.Outcome {
        let directory = try await MigrationDirectory(readingFrom: stage.folder.path)
        let draft = try SquashDraft(of: directory, to: name, titled: title, placeholders: nil)
        return try await SquashedFolder.write(draft, draft.text(of: body))
    }

    private func rows(_ stage: Stage) async throws -> String {
        try await stage.value(
            "select coalesce(string_agg(name || ' ' || outcome, ', ' order by name), '') from schema_migrations"
        )
    }

    @Test("runs on a database on which nothing ran")
    func runs() async throws {
        try await withStage(Self.files) { stage in
            let outcome = try await squash(stage)
            #expect(outcome.removed == ["0001_a.sql", "0002_b.sql", "0003_c.sql"])
            #expect(try stage.folder.names == ["0003_baseline.sql", "0004_d.down.sql", "0004_d.sql"])
            let summary = try await stage.migrator().migrate()()
            #expect(summary.migrations == ["0003_baseline", "0004_d"])
            #expect(summary.adopted.isEmpty)
            #expect(try await stage.tables() == ["a", "b", "c", "d"])
            #expect(try await rows(stage) == "0003_baseline applied, 0004_d applied")
            // With a down file it is a migration like any other where it ran itself.
            try stage.folder.write("drop table a, b, c;", to: "0003_baseline.down.sql")
            #expect(try await stage.migrator().undo(.steps(2))().migrations == ["0004_d", "0003_baseline"])
            #expect(try await stage.migrator().migrate()().migrations == ["0003_baseline", "0004_d"])
        }
    }

    @Test("is recorded, and does not run, where all ran that it replaces; old rows stay and are marked")
    func isAdopted() async throws {
        try await withStage(Self.files) { stage in
            _ = try await stage.migrator().migrate()()
            try await squash(stage, body: "select 1 / 0;")
            #expect(try await stage.states() == ["0003_baseline pending", "0004_d applied"])
            let plan = try await stage.migrator().plan()
            #expect(plan.problems.isEmpty)
            #expect(plan.adoptions.map(\.migration.name) == ["0003_baseline"])
            #expect(plan.pending.map(\.name) == ["0003_baseline"])
            #expect(plan.statuses.first?.standing == .whole)
            let summary = try await stage.migrator().migrate()()
            #expect(summary.migrations.isEmpty)
            #expect(summary.adopted == ["0003_baseline"])
            #expect(summary.appliedCount == 2)
            #expect(
                try await rows(stage)
                    == "0001_a squashed, 0002_b squashed, 0003_baseline adopted, 0003_c squashed, 0004_d applied"
            )
            #expect(
                try await stage.value(
                    "select detail->>'replaces' from lastro_events where event = 'adopted' and migration = '0003_baseline'"
                ) == "0001_a, 0002_b, 0003_c"
            )
            #expect(try await stage.states() == ["0003_baseline applied", "0004_d applied"])
            let again = try await stage.migrator().migrate()()
            #expect(again.adopted.isEmpty && again.migrations.isEmpty)
        }
    }

    @Test("is refused where only some ran, with what is missing and the revision that still has it")
    func isRefusedInPart() async throws {
        try await withStage(Self.files) { stage in
            _ = try await stage.migrator().migrate(to: .through("0002_b"))()
            try await squash(stage)
            let words = try await stage.failure(of: stage.migrator().migrate())
            #expect(words.code == .squashIncomplete)
            #expect(try await stage.migrator().plan().statuses.first?.standing == .partial)
            #expect(words.isRefusal)
            #expect(words.message.hasSuffix("0003_c is missing"))
            #expect(words.next.contains("a revision of the folder that still has 0003_c"))
            #expect(try await rows(stage) == "0001_a applied, 0002_b applied")
            #expect(try await stage.tables() == ["a", "b"])
            // Caught up, it is recorded.
            for (name, text) in Self.files { try stage.folder.write(text, to: "old/\(name)") }
            let old = Migrator(directory: stage.folder.file("old"), database: stage.settings)
            _ = try await old.migrate(to: .through("0003_c"))()
            let summary = try await stage.migrator().migrate()()
            #expect(summary.adopted == ["0003_baseline"])
            #expect(summary.migrations == ["0004_d"])
        }
    }

    @Test("is refused where a migration ran from another file, with both checksums")
    func isRefusedIfChanged() async throws {
        try await withStage(Self.files) { stage in
            _ = try await stage.migrator().migrate()()
            let old = Checksum(of: Array((Self.files["0002_b.sql"] ?? "").utf8)).short
            try stage.folder.write("create table b (i bigint);\n", to: "0002_b.sql")
            let new = Checksum(of: Array("create table b (i bigint);\n".utf8)).short
            try await squash(stage)
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .checksumMismatch)
            #expect(error.message.contains("0002_b (\(new) in the file, \(old) in the history)"), "\(error)")
            // A person's word settles it, and the old rows go with it.
            try await stage.migrator().mark(["0003_baseline"], reason: "int or bigint is the same to us")
            #expect(try await stage.migrator().migrate()().migrations.isEmpty)
            #expect(
                try await rows(stage).hasPrefix(
                    "0001_a squashed, 0002_b squashed, 0003_baseline marked, 0003_c squashed"
                )
            )
        }
    }

    @Test("asks for a comparison or a reason where nobody compared files")
    func asksIfUnverified() async throws {
        try await withStage(Self.files) { stage in
            try await stage.run(
                """
                create table schema_migrations (name text primary key, applied_at timestamptz default now());
                insert into schema_migrations (name) values ('0001_a.sql'), ('0002_b.sql'), ('0003_c.sql');
                create table a (i int); create table b (i int); create table c (i int)
                """
            )
            try await squash(stage)
            let refused = try await stage.failure(of: stage.migrator().migrate(to: .through("0003_baseline")))
            #expect(refused.code == .squashUnverified)
            #expect(try await stage.migrator().plan().statuses.first?.standing == .unverified)
            #expect(refused.message.hasSuffix("0001_a, 0002_b, 0003_c"))
            var migrator = stage.migrator()
            migrator.catalogComparison = { ["column public.a.i differs"] }
            let differs = try await stage.failure(of: migrator.migrate())
            #expect(differs.message.contains("column public.a.i differs"))
            migrator.catalogComparison = { [] }
            let summary = try await migrator.migrate()()
            #expect(summary.adopted == ["0003_baseline"])
            #expect(
                try await rows(stage)
                    == "0001_a.sql squashed, 0002_b.sql squashed, 0003_baseline.sql adopted, 0003_c.sql squashed, 0004_d.sql applied"
            )
        }
        try await withStage(Self.files) { stage in
            _ = try await stage.migrator().migrate()()
            try await stage.run("update schema_migrations set checksum = null where name = '0002_b'")
            try await squash(stage)
            var migrator = stage.migrator()
            migrator.options.squashReason = "compared by hand"
            #expect(try await migrator.migrate()().adopted == ["0003_baseline"])
            #expect(
                try await stage.value("select reason from schema_migrations where name = '0003_baseline'")
                    == "compared by hand"
            )
        }
    }

    @Test("has no way back where it was recorded, and does not hide what can be taken back")
    func isNotUndone() async throws {
        try await withStage(Self.files) { stage in
            _ = try await stage.migrator().migrate()()
            try await squash(stage)
            _ = try await stage.migrator().migrate()()
            #expect(try await stage.migrator().undo()().migrations == ["0004_d"])
            let squash = try await stage.failure(of: stage.migrator().undo())
            #expect(squash.message.contains("0003_baseline stands for migrations that ran before it was made"))
            try stage.folder.write("drop table a, b, c;", to: "0003_baseline.down.sql")
            #expect(try await stage.failure(of: stage.migrator().undo()).code == .noDownFile)
            let replaced = try await stage.failure(of: stage.migrator().undo(.to("0001_a")))
            #expect(replaced.message == "0001_a was squashed into 0003_baseline, so there is no way back any more")
            let target = try await stage.failure(of: stage.migrator().migrate(to: .through("0002")))
            #expect(target.message == "0002 was squashed into 0003_baseline")
        }
    }

    @Test("is squashed itself: a database may have come by either way")
    func isSquashedAgain() async throws {
        func stages(_ body: (Stage) async throws -> Void) async throws {
            try await withStage(Self.files) { try await body($0) }
        }
        // By the first squash, recorded; by the first squash, run; by none.
        for way in ["adopted", "run", "none"] {
            try await stages { stage in
                if way != "run" { _ = try await stage.migrator().migrate()() }
                try await squash(stage)
                if way != "none" { _ = try await stage.migrator().migrate()() }
                try await squash(stage, to: "4", titled: "all", body: Self.body + " create table d (i int);")
                let text = try stage.folder.read("0004_all.sql")
                #expect(text.contains(" within 0003_baseline\n"))
                let summary = try await stage.migrator().migrate()()
                #expect(summary.adopted == ["0004_all"], "\(way)")
                #expect(try await stage.states() == ["0004_all applied"])
                #expect(try await stage.tables() == ["a", "b", "c", "d"])
            }
        }
        try await stages { stage in
            _ = try await stage.migrator().migrate(to: .through("0003"))()
            try await squash(stage)
            try await squash(stage, to: "4", titled: "all", body: "select 1 / 0")
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.message.hasSuffix("0004_d is missing"))
        }
    }

    @Test("is recorded once by two runners, and by a run of its own beside a row that is locked")
    func isAdoptedOnce() async throws {
        try await withStage(Self.files) { stage in
            _ = try await stage.migrator().migrate()()
            try await squash(stage)
            let adopted = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 { group.addTask { try await stage.migrator().migrate()().adopted.count } }
                return try await group.reduce(0, +)
            }
            #expect(adopted == 1)
            #expect(
                try await stage.value("select count(*)::int from lastro_events where event = 'adopted'", as: Int.self)
                    == 1
            )
        }
    }

    @Test("is recorded with all the marks or not at all when the connection is cut", arguments: [true, false])
    func isAtomic(reachesServer: Bool) async throws {
        try await withStage(Self.files) { stage in
            _ = try await stage.migrator().migrate()()
            try await squash(stage)
            let cut =
                reachesServer
                ? ConnectionCut.afterSending("SET outcome = 'squashed'") : .beforeSending("SET outcome = 'squashed'")
            let (_, isCut) = try await withCuttingProxy(to: stage.settings, cut) { settings in
                _ = try? await Migrator(directory: stage.folder.path, database: settings).migrate()()
            }
            #expect(isCut)
            _ = try await stage.migrator().migrate()()
            #expect(
                try await rows(stage)
                    == "0001_a squashed, 0002_b squashed, 0003_baseline adopted, 0003_c squashed, 0004_d applied"
            )
            #expect(
                try await stage.value("select count(*)::int from lastro_events where event = 'adopted'", as: Int.self)
                    == 1
            )
        }
    }

    @Test("is what a replay of the history begins with, however late it was recorded")
    func isReplayedFirst() async throws {
        try await withStage(Self.files) { stage in
            _ = try await stage.migrator().migrate()()
            try await squash(stage)
            #expect(
                try await stage.migrator().recordedHistory().records.map(\.migration.name) == [
                    "0003_baseline", "0004_d",
                ]
            )
            _ = try await stage.migrator().migrate()()
            #expect(
                try await stage.migrator().recordedHistory().records.map(\.migration.name) == [
                    "0003_baseline", "0004_d",
                ]
            )
        }
    }

    @Test("is run in each of many schemas that is new, and recorded in those where all ran")
    func worksForManySchemas() async throws {
        try await withStage(Self.files) { stage in
            try await stage.run("create schema t1; create schema t2")
            func summary(_ pattern: String) async throws -> FanOutSummary {
                let fanOut = FanOut(
                    directory: stage.folder.path,
                    targets: .schemas([SchemaPattern(pattern)], of: stage.settings)
                )
                return try #require(try await fanOut.migrate()())
            }
            _ = try await summary("t1")
            try await squash(stage)
            #expect(try await summary("t*").migratedCount == 2)
            #expect(try await summary("t*").upToDateCount == 2)
            for schema in ["t1", "t2"] {
                #expect(
                    try await stage.value(
                        "select count(*)::int from pg_tables where schemaname = '\(schema)' and tablename in ('a', 'b', 'c', 'd')",
                        as: Int.self
                    ) == 4
                )
            }
            #expect(
                try await stage.value("select outcome from t1.schema_migrations where name = '0003_baseline'")
                    == "adopted"
            )
            #expect(
                try await stage.value("select outcome from t2.schema_migrations where name = '0003_baseline'")
                    == "applied"
            )
        }
    }
}
