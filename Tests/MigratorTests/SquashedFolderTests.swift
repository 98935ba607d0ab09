import Postgres
import SourceText
import TestSupport
import Testing

@testable import Migrator

@Suite("A folder that is squashed")
struct SquashedFolderTests {
    private static let files = [
        "0001_a.sql": "create table a (i int);\n", "0001_a.down.sql": "drop table a;\n",
        "0002_b.sql": "create table b (i int);\n", "0002_b.verify.sql": "select true;\n",
        "0003_c.sql": "create table c (i int);\n", "R__v.sql": "create or replace view v as select 1 as one;\n",
    ]

    private func draft(_ folder: TemporaryFolder, to name: String = "2") async throws -> SquashDraft {
        let directory = try await MigrationDirectory(readingFrom: folder.path)
        return try SquashDraft(of: directory, to: name, titled: "baseline", placeholders: nil)
    }

    @Test("keeps lastro.sum right, and what is not replaced as it is")
    func keepsSum() async throws {
        try await withTemporaryFolder(Self.files) { folder in
            try await MigrationDirectory(readingFrom: folder.path).writeSum()
            let draft = try await draft(folder)
            let outcome = try await SquashedFolder.write(draft, draft.text(of: "select 1;"))
            #expect(outcome.removed == ["0001_a.down.sql", "0001_a.sql", "0002_b.verify.sql", "0002_b.sql"])
            #expect(try folder.names == ["0002_baseline.sql", "0003_c.sql", "R__v.sql", "lastro.sum"])
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            #expect(directory.sumProblems.isEmpty)
            #expect(directory.sum?.text == (try directory.computeSum().text))
            #expect(directory.migrations.first?.replaced.map(\.name) == ["0001_a", "0002_b"])
        }
    }

    @Test(
        "is refused as a whole by every reader while a squash is half done, and finished by another call",
        arguments: 0...4
    )
    func isFinished(gone: Int) async throws {
        try await withTemporaryFolder(Self.files) { folder in
            try await MigrationDirectory(readingFrom: folder.path).writeSum()
            let draft = try await draft(folder)
            try folder.write(draft.text(of: "select 1;"), to: draft.fileName)
            // In the order in which they go.
            let order = ["0001_a.down.sql", "0001_a.sql", "0002_b.verify.sql", "0002_b.sql"]
            for file in order.prefix(gone) { try folder.delete(file) }
            if gone < 4 {
                let error = try #require(
                    await #expect(throws: MigratorError.self) {
                        _ = try await MigrationDirectory(readingFrom: folder.path)
                    }
                )
                #expect(error.code == .squashUnfinished)
                #expect(error.next.contains("lastro squash --to 0002_baseline"))
                let outcome = try await SquashedFolder.finish(in: folder.path, layout: nil)
                #expect(outcome?.file == "0002_baseline.sql")
                #expect(outcome?.removed == Array(order.dropFirst(gone)))
                #expect(try await MigrationDirectory(readingFrom: folder.path).sumProblems.isEmpty)
            }
            #expect(try await SquashedFolder.finish(in: folder.path, layout: nil) == nil)
            #expect(try folder.names == ["0002_baseline.sql", "0003_c.sql", "R__v.sql", "lastro.sum"])
        }
    }

    @Test("deletes no file that was edited meanwhile")
    func keepsEdits() async throws {
        try await withTemporaryFolder(Self.files) { folder in
            let draft = try await draft(folder)
            try folder.write("create table a (i bigint);\n", to: "0001_a.sql")
            let early = try #require(
                await #expect(throws: MigratorError.self) {
                    try await SquashedFolder.write(draft, draft.text(of: "select 1;"))
                }
            )
            #expect(early.code == .cannotSquash)
            try folder.write(draft.text(of: "select 1;"), to: draft.fileName)
            let late = try #require(
                await #expect(throws: MigratorError.self) {
                    try await SquashedFolder.finish(in: folder.path, layout: nil)
                }
            )
            #expect(late.code == .squashUnfinished)
            #expect(late.location?.file == folder.file("0001_a.sql"))
            #expect(try folder.names.count == 7)
        }
    }

    @Test("is squashed in the layouts that number their files")
    func knowsLayouts() async throws {
        let folders: [(files: [String: String], to: String, squashed: String, left: [String])] = [
            (
                [
                    "1_a.up.sql": "select 1;", "1_a.down.sql": "select 1;", "2_b.up.sql": "select 1;",
                    "2_b.down.sql": "select 1;",
                ],
                "2", "2_baseline.up.sql", ["2_baseline.up.sql"]
            ),
            (
                [
                    "V1__a.sql": "select 1;", "V1.1__b.sql": "select 1;", "U1.1__b.sql": "select 1;",
                    "V2__c.sql": "select 1;",
                ],
                "1.1", "V1.1__baseline.sql", ["V1.1__baseline.sql", "V2__c.sql"]
            ),
            (
                [
                    "1_a.sql": "-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;",
                    "2_b.sql": "-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;",
                ], "2_b", "2_baseline.sql", ["2_baseline.sql"]
            ),
            (
                ["1_a.sql": "-- +goose Up\nselect 1;", "2_b.sql": "-- +goose Up\nselect 1;"], "2", "2_baseline.sql",
                ["2_baseline.sql"]
            ),
        ]
        for (files, name, squashed, left) in folders {
            try await withStage(files) { stage in
                _ = try await stage.migrator().migrate()()
                let draft = try await draft(stage.folder, to: name)
                #expect(draft.fileName == squashed)
                _ = try await SquashedFolder.write(draft, draft.text(of: "select 1;"))
                #expect(try stage.folder.names == left)
                #expect(try await stage.migrator().migrate()().adopted == [draft.name])
            }
        }
    }

    @Test("is refused for what one file in one transaction cannot stand for")
    func refuses() async throws {
        func refusal(
            _ files: [String: String],
            to name: String,
            placeholders: [String: String]? = nil
        ) async throws -> MigratorError {
            try await withTemporaryFolder(files) { folder in
                let directory = try await MigrationDirectory(readingFrom: folder.path)
                return try #require(
                    #expect(throws: MigratorError.self) {
                        try SquashDraft(of: directory, to: name, titled: "baseline", placeholders: placeholders)
                    }
                )
            }
        }
        #expect(try await refusal(Self.files, to: "0009").code == .unknownMigration)
        #expect(try await refusal(Self.files, to: "R__v").message.contains("is repeatable"))
        #expect(try await refusal(Self.files, to: "1").message.contains("is the first migration"))
        var files = Self.files
        files["0002_b.sql"] = "create table t (i int);\ncreate role somebody;\n"
        let role = try await refusal(files, to: "2")
        #expect(role.code == .cannotSquash && role.isRefusal)
        #expect(role.location?.description.hasSuffix("0002_b.sql:2:1") == true)
        files["0002_b.sql"] = "create table ${name} (i int);\n"
        #expect(try await refusal(files, to: "2", placeholders: ["name": "b"]).message.hasPrefix("${name} stands for"))
        files["0002_b.sql"] = nil
        files["0002_b.verify.sql"] = nil
        files["0002_baseline.sql"] = "select 1;"
        #expect(try await refusal(files, to: "2").message == "a migration is called 0002_baseline already")
        #expect(
            try await refusal(["1_a/migration.sql": "select 1", "2_b/migration.sql": "select 1"], to: "2_b").message
                .contains("prisma's layout")
        )
    }

    @Test("has directives that are checked like all others")
    func checksDirectives() async throws {
        let checksum = Checksum(of: [])
        #expect(ReplacedMigration("0001_a \(checksum)")?.name == "0001_a")
        #expect(ReplacedMigration("0001 a  b \(checksum) within 3 x")?.name == "0001 a  b")
        #expect(ReplacedMigration("0001 a  b \(checksum) within 3 x")?.within == "3 x")
        for text in [
            "", "0001_a", "\(checksum)", "0001_a v1:12", "0001_a \(checksum) in x", "0001_a \(checksum) within",
        ] {
            #expect(ReplacedMigration(text) == nil, "\(text)")
        }
        try await withStage(["0001_a.sql": "-- lastro: replaces 0000_x v9:12\nselect 1;"]) { stage in
            let error = try await stage.failure(of: stage.migrator().migrate())
            #expect(error.code == .invalidDirective)
            #expect(error.location?.description.hasSuffix("0001_a.sql:1:21") == true)
        }
    }
}
