import Postgres
import SourceText
import TestSupport
import Testing

@testable import Migrator

@Suite("Files of every kind")
struct RepeatableTests {
    @Test("run: repeatable ones behind the others, again when they change, and never back")
    func runsRepeatables() async throws {
        let files = ["0001_t.sql": "create table t (i int)", "R__v.sql": "create or replace view v as select i from t"]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.states() == ["0001_t applied", "R__v applied"])
            #expect(try await stage.migrator().migrate()().migrations.isEmpty)
            try stage.folder.write("create or replace view v as select i, i + 1 as j from t", to: "R__v.sql")
            try stage.folder.write("alter table t add k int", to: "0002_k.sql")
            #expect(try await stage.states() == ["0001_t applied", "0002_k pending", "R__v due"])
            #expect(try await stage.migrator().migrate()().migrations == ["0002_k", "R__v"])
            #expect(try await stage.states() == ["0001_t applied", "0002_k applied", "R__v applied"])
            let rows = try await withPostgresConnection(to: stage.settings) { connection in
                try await connection.query(
                    "select name, kind, version from schema_migrations order by position"
                ).decode(as: (String, String, String?).self)
            }
            #expect(rows.map(\.0) == ["0001_t", "0002_k", "R__v"])
            #expect(rows.map(\.1) == ["versioned", "versioned", "repeatable"])
            #expect(rows.map(\.2) == ["0001", "0002", nil])
            try stage.folder.write("alter table t drop k", to: "0002_k.down.sql")
            #expect(try await stage.migrator().undo()().migrations == ["0002_k"])
        }
    }

    @Test("run: both directions of one file, and a change of Sqitch without its own transaction")
    func runsLayouts() async throws {
        let goose = "-- +goose Up\ncreate table a (i int);\n-- +goose Down\ndrop table a;\n"
        try await withStage(["00001_a.sql": goose]) { stage in
            try await stage.migrator().migrate()()
            #expect(try await stage.tables() == ["a"])
            #expect(try await stage.migrator().undo()().migrations == ["00001_a"])
            #expect(try await stage.tables().isEmpty)
        }
        let sqitch = [
            "sqitch.plan": "zebra 2026\n@v1 2026\napi 2026\n",
            "deploy/zebra.sql": "BEGIN;\ncreate table z (i int);\nCOMMIT;\n",
            "deploy/api.sql": "create table b (i int)",
        ]
        try await withStage(sqitch) { stage in
            #expect(try await stage.migrator().migrate(to: .through("zebra"))().migrations == ["zebra"])
            #expect(try await stage.migrator().migrate()().migrations == ["api"])
            let states = try await stage.states()
            #expect(states == ["zebra applied", "api applied"])
        }
    }

    @Test("do not count as changed for a newline more or less at their end")
    func ignoresFinalNewlines() async throws {
        let files = [
            "0001_t.sql": "create table t (i int);\n", "R__v.sql": "create or replace view v as select 1 as i",
        ]
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            try stage.folder.write("create table t (i int);", to: "0001_t.sql")
            try stage.folder.write("create or replace view v as select 1 as i\n", to: "R__v.sql")
            #expect(try await stage.states() == ["0001_t applied", "R__v applied"])
            #expect(try await stage.migrator().migrate()().migrations.isEmpty)
            try stage.folder.write("create table t (i int); ", to: "0001_t.sql")
            #expect(try await stage.states() == ["0001_t changed", "R__v applied"])
        }
    }

    @Test("run with the values of their placeholders, and an error has its place in the file")
    func replacesPlaceholders() async throws {
        try await withStage(["0001_t.sql": "create table ${name} (i int);\nselect '${long}', nope;"]) { stage in
            var migrator = stage.migrator()
            #expect(try await stage.failure(of: migrator.migrate()).code != .unknownPlaceholder)
            migrator.options.placeholders = ["name": "t"]
            let unknown = try await stage.failure(of: migrator.migrate())
            #expect(unknown.code == .unknownPlaceholder)
            #expect(try await migrator.plan().problems.map(\.code) == [.unknownPlaceholder])
            migrator.options.placeholders?["long"] = "a\nb\nc"
            let error = try await stage.failure(of: migrator.migrate())
            #expect(error.location?.position == SourcePosition(line: 2, column: 19))
            migrator.options.placeholders?["long"] = "', 'x' as nope --"
            try await migrator.migrate()()
            #expect(try await stage.tables() == ["t"])
        }
    }

    @Test(
        "must come behind what they require",
        arguments: [
            ("0002_b", "0001_a", nil, nil), ("0002_b", "2", "requires 2, which does not come before it", nil),
            ("0002_b", "0003_c.sql", "requires 0003_c.sql, which does not come before it", nil),
            ("0002_b", "0001_b", "requires 0001_b, and no migration is called so", "perhaps 0001_a is meant"),
            ("R__v", "0003_c", nil, nil), ("R__v", "R__w", "requires R__w, which does not come before it", nil),
        ] as [(String, String, String?, String?)]
    )
    func requireOthers(name: String, requirement: String, message: String?, next: String?) async throws {
        let names = ["0001_a", "0002_b", "0003_c", "R__v", "R__w"]
        let files = names.map { ("\($0).sql", $0 == name ? "\n-- lastro: requires \(requirement)\n" : "") }
        try await withTemporaryFolder(Dictionary(uniqueKeysWithValues: files)) { folder in
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            let plan = try Plan(directory: directory, history: .empty)
            let problems = await directory.problemsInScripts(
                of: plan.pending,
                ScriptReader(placeholders: nil, reserved: ReservedTables(history: nil))
            )
            #expect(problems.map(\.message) == [message].compactMap(\.self))
            #expect(problems.map(\.code) == (message == nil ? [] : [.unmetRequirement]))
            #expect(problems.allSatisfy { $0.location?.position == SourcePosition(line: 2, column: 21) })
            if let next { #expect(problems.first?.next == next) }
        }
    }

    @Test("stop a run before it begins when a directive is wrong, all of them at once")
    func checksDirectives() async throws {
        let files = ["0001_a.sql": "-- lastro: lock-timout 2s", "0002_b.sql": "-- lastro: requires 0009"]
        try await withStage(files) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .several)
            #expect(error.message.contains("0001_a.sql:1:12: \"lock-timout\" is no directive of Lastro"))
            #expect(try await stage.migrator().plan().problems.map(\.code) == [.invalidDirective, .unmetRequirement])
            #expect(try await stage.value("select to_regclass('schema_migrations') is null", as: Bool.self))
        }
    }
}
