import Migrator
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A layout")
struct LayoutTests {
    /// A folder of a layout, and what is found in it.
    struct Example: Sendable {
        let files: [String: String]
        let layout: MigrationLayout
        let names: [String]
        var downs: [String] = []
        var repeatables: [String] = []
    }

    private static let dbmate = "-- migrate:up\ncreate table a (i int);\n-- migrate:down\ndrop table a;\n"
    private static let goose = "-- a remark\n\n-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;\n"

    static let examples = [
        Example(
            files: [
                "0010_b.sql": "", "9_a.sql": "", "9_a.down.sql": "", "9_a.verify.sql": "", "R__z.sql": "",
                "R__views.sql": "", "before-run.sql": "", "note.txt": "",
            ],
            layout: .lastro,
            names: ["9_a", "0010_b"],
            downs: ["9_a"],
            repeatables: ["R__views", "R__z"]
        ),
        Example(
            files: ["20260114030000_b.sql": "", "20250114030000_a.sql": ""],
            layout: .lastro,
            names: ["20250114030000_a", "20260114030000_b"]
        ),
        Example(
            files: ["000001_a.up.sql": "", "000001_a.down.sql": "", "000002_b.up.sql": ""],
            layout: .golangMigrate,
            names: ["000001_a", "000002_b"],
            downs: ["000001_a"]
        ),
        Example(
            files: ["20260101000000_a.sql": dbmate, "20260102000000_b.sql": "\u{FEFF}" + dbmate],
            layout: .dbmate,
            names: ["20260101000000_a", "20260102000000_b"],
            downs: ["20260101000000_a", "20260102000000_b"]
        ),
        Example(files: ["00001_a.sql": goose], layout: .goose, names: ["00001_a"], downs: ["00001_a"]),
        Example(
            files: [
                "V1_10__c.sql": "", "V1.9__b.sql": "", "V1__a.sql": "", "U1.0__other words.sql": "", "R__v.sql": "",
                "beforeMigrate.sql": "", "V2024.01.02.3__d.sql": "",
            ],
            layout: .flyway,
            names: ["V1__a", "V1.9__b", "V1_10__c", "V2024.01.02.3__d"],
            downs: ["V1__a"],
            repeatables: ["R__v"]
        ),
        Example(
            files: [
                "0_init/migration.sql": "", "20260101000000_a/migration.sql": "", "20260101000000_a/down.sql": "",
                "migration_lock.toml": "provider = \"postgresql\"",
            ],
            layout: .prisma,
            names: ["0_init", "20260101000000_a"],
            downs: ["20260101000000_a"]
        ),
        Example(
            files: [
                "sqitch.plan": """
                %syntax-version=1.0.0
                %project=app

                users 2026-01-01T00:00:00Z A <a@example.com> # the users
                api/list [users] 2026-01-02T00:00:00Z A <a@example.com>
                @v1.0 2026-01-03T00:00:00Z A <a@example.com> # first
                users [users@v1.0] 2026-01-04T00:00:00Z A <a@example.com> # reworked
                """,
                "deploy/users.sql": "", "deploy/users@v1.0.sql": "", "deploy/api/list.sql": "",
                "revert/users.sql": "", "revert/users@v1.0.sql": "", "verify/users.sql": "",
            ],
            layout: .sqitch,
            names: ["users@v1.0", "api/list", "users"],
            downs: ["users@v1.0", "users"]
        ),
        Example(files: [:], layout: .lastro, names: []),
    ]

    @Test("is recognised, and gives its migrations in its own order", arguments: examples)
    func isRecognised(example: Example) async throws {
        try await withTemporaryFolder(example.files) { folder in
            for layout in [nil, example.layout] {
                let directory = try await MigrationDirectory(readingFrom: folder.path, layout: layout)
                #expect(directory.layout == example.layout)
                #expect(directory.migrations.map(\.name) == example.names)
                #expect(directory.migrations.filter { $0.down != nil }.map(\.name) == example.downs)
                #expect(directory.repeatables.map(\.name) == example.repeatables)
                #expect(directory.repeatables.allSatisfy { $0.kind == .repeatable && $0.version == nil })
                for migration in directory.migrations {
                    #expect(directory.migration(called: migration.name) == migration)
                    #expect(directory.migration(called: migration.name + ".sql") == migration)
                    #expect(FileManager.default.fileExists(atPath: migration.path))
                }
            }
        }
    }

    @Test("finds a migration by its version as the layout writes it")
    func findsByVersion() async throws {
        try await withTemporaryFolder(["V1.2__a.sql": "", "V3__b.sql": ""]) { folder in
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            for version in ["1.2", "1_2", "01.2.0"] {
                #expect(directory.migration(called: version)?.name == "V1.2__a")
            }
            #expect(directory.migration(called: "1") == nil)
        }
        try await withTemporaryFolder(["000001_a.up.sql": ""]) { folder in
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            #expect(directory.migration(called: "000001_a.up.sql")?.name == "000001_a")
        }
    }

    @Test("of sqlx is Lastro's own unless it is named, and then both endings do")
    func readsSqlx() async throws {
        let files = ["1_a.sql": "", "2_b.up.sql": "", "2_b.down.sql": ""]
        try await withTemporaryFolder(files) { folder in
            let directory = try await MigrationDirectory(readingFrom: folder.path, layout: .sqlx)
            #expect(directory.migrations.map(\.name) == ["1_a", "2_b"])
        }
    }

    @Test(
        "says where a way back that is missing is to be written",
        arguments: [
            (["V1.2__a.sql": "SELECT 1;"], "U1.2__a.sql"), (["0001_a.up.sql": "SELECT 1;"], "0001_a.down.sql"),
            (["20250101000000_a/migration.sql": "SELECT 1;"], "20250101000000_a/down.sql"),
            (["0001_a.sql": "SELECT 1;"], "0001_a.down.sql"),
        ]
    )
    func namesWayBack(files: [String: String], place: String) async throws {
        try await withStage(files) { stage in
            try await stage.migrator().migrate()()
            let error = try await stage.failure(of: stage.migrator().undo())
            #expect(error.code == .noDownFile)
            #expect(error.next == "write \(place), or put the change into a new migration")
        }
    }

    @Test("has hooks, by the names of Lastro and of Flyway")
    func hasHooks() async throws {
        let native = [
            "0001_a.sql": "", "before-run.sql": "", "after-run.sql": "", "before-each.sql": "", "after-each.sql": "",
        ]
        let flyway = [
            "V1__a.sql": "", "beforeMigrate.sql": "", "afterMigrate.sql": "", "beforeEachMigrate.sql": "",
            "afterEachMigrate.sql": "",
        ]
        for files in [native, flyway] {
            try await withTemporaryFolder(files) { folder in
                let directory = try await MigrationDirectory(readingFrom: folder.path)
                #expect(Set(directory.hooks.keys) == Set(MigrationHook.allCases))
                #expect(directory.migrations.count == 1)
            }
        }
    }

    @Test(
        "is an error when it is not one",
        arguments: [
            (
                ["V1__a.sql": "", "0002_b.sql": ""], nil, "mixed-layouts",
                "the files follow two layouts: flyway (V1__a.sql) and lastro (0002_b.sql)"
            ),
            (
                ["1_a.up.sql": "", "2_b.sql": ""], nil, "mixed-layouts",
                "the files follow two layouts: golang-migrate (1_a.up.sql) and lastro (2_b.sql)"
            ),
            (
                ["1_a.sql": dbmate, "2_b.sql": goose, "3_c.sql": "select 1"], nil, "mixed-layouts",
                "the files follow several layouts: dbmate (1_a.sql) and goose (2_b.sql) and lastro (3_c.sql)"
            ),
            (
                ["1_a.sql": "", "x/migration.sql": ""], nil, "mixed-layouts",
                "the files follow two layouts: prisma (x) and lastro (1_a.sql)"
            ),
            (
                ["V1__a.sql": "", "V1.0__b.sql": "", "V01__c.sql": ""], nil, "duplicate-version",
                "V01__c.sql, V1.0__b.sql and V1__a.sql have one version, 01"
            ),
            (
                ["V49__a.sql": "", "V49__b.sql": ""], nil, "duplicate-version",
                "V49__a.sql and V49__b.sql have one version, 49"
            ),
            (
                ["7_x.sql": "", "007_y.sql": ""], nil, "duplicate-version",
                "007_y.sql and 7_x.sql have one version, 007"
            ),
            (
                ["R__a.sql": "", "R__A.sql": ""], nil, "duplicate-version",
                "R__A.sql and R__a.sql differ in upper and lower case only"
            ),
            (
                ["V1__a.sql": "", "before-run.sql": "", "beforeMigrate.sql": ""], nil, "duplicate-hook",
                "before-run.sql and beforeMigrate.sql run at the same moment"
            ),
            (
                ["1_a.sql": "", "2_b.verify.sql": ""], nil, "down-without-migration",
                "2_b.verify.sql: there is no migration of that name to check"
            ),
            (
                ["V1__a.sql": "", "U2__a.sql": ""], nil, "down-without-migration",
                "U2__a.sql: there is no migration of that name to take back"
            ),
            (
                ["1_a.sql": "", "V2__b.sql": ""], .lastro, "misnamed-file",
                "V2__b.sql: the name of a migration is NNNN_name.sql, NNNN_name.down.sql, NNNN_name.verify.sql or R__name.sql"
            ),
            (
                ["1_a.sql": dbmate, "1_a.down.sql": ""], nil, "misnamed-file",
                "1_a.down.sql: in dbmate's layout the name of a migration is NNNN_name.sql"
            ),
            (
                ["a/migration.sql": "", "a/other.sql": "", "stray.sql": ""], nil, "misnamed-file",
                "a/other.sql, stray.sql: in Prisma's layout a migration is a folder with migration.sql, and perhaps down.sql and verify.sql"
            ),
            (
                ["sqitch.plan": "a 2026\nb 2026\n", "deploy/a.sql": ""], nil, "missing-file",
                "the plan names a change whose file is not there: deploy/b.sql"
            ),
            (
                ["sqitch.plan": "a 2026\n", "deploy/a.sql": "", "deploy/b.sql": ""], nil, "misnamed-file",
                "deploy/b.sql: in Sqitch's layout a migration is a line of sqitch.plan with a file in deploy/, revert/ and verify/"
            ),
            (
                ["sqitch.plan": "%project=x\na 2026\na 2026\n", "deploy/a.sql": ""], nil, "invalid-plan",
                "a is there twice without a tag between"
            ),
            (
                ["sqitch.plan": "../../a 2026\n"], nil, "invalid-plan", "\"../../a\" is no name of a change"
            ),
        ] as [([String: String], MigrationLayout?, String, String)]
    )
    func refuses(files: [String: String], layout: MigrationLayout?, code: String, message: String) async throws {
        try await withTemporaryFolder(files) { folder in
            let error = await #expect(throws: MigratorError.self) {
                try await MigrationDirectory(readingFrom: folder.path, layout: layout)
            }
            #expect(error?.code.rawValue == code)
            #expect(error?.message == message)
            #expect(error?.isRefusal == true)
            #expect(error?.state == "nothing was run")
        }
    }

    @Test("names all that is wrong at once: names, versions, content")
    func namesAll() async throws {
        try await withTemporaryFolder(["1_a.sql": "", "01_b.sql": "", "x.sql": "", "2_c.down.sql": ""]) { folder in
            try folder.write([0xFF, 0xFE, 0x73, 0], to: "3_d.sql")
            try folder.write("", to: "4_e.sql/inside")
            try FileManager.default.createSymbolicLink(atPath: folder.file("5_f.sql"), withDestinationPath: "5_f.sql")
            let error = await #expect(throws: MigratorError.self) {
                try await MigrationDirectory(readingFrom: folder.path)
            }
            #expect(error?.code == .several)
            #expect(error?.location == nil)
            let words = [
                "x.sql: the name", "01_b.sql and 1_a.sql have one version", "2_c.down.sql: there is no",
                "3_d.sql:1:1: the file is UTF-16, not UTF-8", "4_e.sql: the file cannot be read: Is a directory",
                "5_f.sql: the file cannot be read: Too many levels of symbolic links",
            ]
            for words in words { #expect(error?.message.contains(words) == true, "\(words)") }
        }
    }

    @Test("sees each migration of a Kubernetes ConfigMap once")
    func readsConfigMap() async throws {
        try await withTemporaryFolder(["..2026_01_14/0001_a.sql": "select 1"]) { folder in
            let files = FileManager.default
            try files.createSymbolicLink(atPath: folder.file("..data"), withDestinationPath: "..2026_01_14")
            try files.createSymbolicLink(atPath: folder.file("0001_a.sql"), withDestinationPath: "..data/0001_a.sql")
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            #expect(directory.migrations.map(\.name) == ["0001_a"])
            #expect(directory.migrations.first?.checksum == Checksum(of: Array("select 1".utf8)))
        }
    }
}
