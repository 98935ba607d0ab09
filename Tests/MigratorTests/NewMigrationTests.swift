import Migrator
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A new migration")
struct NewMigrationTests {
    private let now = Date(timeIntervalSince1970: 1_770_849_224)

    @Test(
        "comes behind the newest, in the folder's own way of counting",
        arguments: [
            ([], "0001_add_phone.sql"), (["0009_a.sql"], "0010_add_phone.sql"), (["9_a.sql"], "10_add_phone.sql"),
            (["99999_a.sql"], "100000_add_phone.sql"), (["20260114030000_a.sql"], "20260211223344_add_phone.sql"),
            (["20990101000000_a.sql"], "20990101000001_add_phone.sql"),
            (["9999999999999999999999999_a.sql"], "10000000000000000000000000_add_phone.sql"),
            (["9000000000000000000000099_a.sql"], "9000000000000000000000100_add_phone.sql"),
        ] as [([String], String)]
    )
    func comesBehind(names: [String], expected: String) async throws {
        try await withTemporaryFolder(Dictionary(uniqueKeysWithValues: names.map { ($0, "select 1") })) { folder in
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            _ = try directory.addMigration(titled: "Add  phone!", hasDown: true, now: now)
            #expect(try folder.names.contains(expected))
            #expect(try folder.names.contains(expected.replacing(".sql", with: ".down.sql")))
            // Once more with the same view of the folder: the number is taken, and no file is written over.
            #expect(throws: (any Error).self) {
                try directory.addMigration(titled: "add phone", hasDown: false, now: now)
            }
            #expect(throws: MigratorError.self) { try directory.addMigration(titled: "!!", hasDown: false, now: now) }
        }
    }

    @Test(
        "is written as its layout writes them",
        arguments: [
            (.lastro, [], ["0001_x.down.sql", "0001_x.sql"]),
            (.golangMigrate, [], ["000001_x.down.sql", "000001_x.up.sql"]),
            (.golangMigrate, ["000007_a.up.sql"], ["000008_x.down.sql", "000008_x.up.sql"]),
            (.dbmate, [], ["20260211223344_x.sql"]), (.goose, [], ["20260211223344_x.sql"]),
            (.flyway, [], ["U1__x.sql", "V1__x.sql"]), (.flyway, ["V1.9__a.sql"], ["U1.10__x.sql", "V1.10__x.sql"]),
            (.sqlx, [], ["20260211223344_x.down.sql", "20260211223344_x.up.sql"]),
            (.prisma, ["0_init/migration.sql"], ["20260211223344_x/down.sql", "20260211223344_x/migration.sql"]),
        ] as [(MigrationLayout, [String], [String])]
    )
    func followsLayout(layout: MigrationLayout, names: [String], expected: [String]) async throws {
        try await withTemporaryFolder(Dictionary(uniqueKeysWithValues: names.map { ($0, "select 1") })) { folder in
            let directory = try await MigrationDirectory(readingFrom: folder.path, layout: layout)
            let new = try directory.addMigration(titled: "x", hasDown: true, now: now)
            #expect(new.files.sorted() == expected.map(folder.file))
            #expect(new.warning == nil)
            let again = try await MigrationDirectory(readingFrom: folder.path, layout: layout)
            let migration = try #require(again.migrations.last)
            #expect(new.files.first == migration.path)
            for source in [migration.up, try #require(migration.down)] {
                #expect(try MigrationText(of: source).text.contains("x\n"))
            }
        }
    }

    @Test("is not made by halves for a plan that another tool writes")
    func leavesPlans() async throws {
        try await withTemporaryFolder(["sqitch.plan": ""]) { folder in
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            let error = #expect(throws: MigratorError.self) {
                try directory.addMigration(titled: "x", hasDown: false)
            }
            #expect(error?.code == .unsupportedLayout)
            #expect(error?.next == "add the change with `sqitch add NAME`")
        }
    }

    @Test("warns that the newest version lies in the future, here or on another branch")
    func warns() async throws {
        try await withTemporaryFolder(["20990101000000_a.sql": ""]) { folder in
            let new = try await MigrationDirectory(readingFrom: folder.path)
                .addMigration(titled: "x", hasDown: false, behind: ["20990102000000_b.sql", "README.md"], now: now)
            #expect(new.files == [folder.file("20990102000001_x.sql")])
            #expect(
                new.warning
                    == "the newest version, 20990102000000, lies in the future; the new one is counted on from it"
            )
        }
    }

    @Test("counts on from the names of another branch too")
    func comesBehindOthers() async throws {
        try await withTemporaryFolder(["0003_a.sql": ""]) { folder in
            let directory = try await MigrationDirectory(readingFrom: folder.path)
            let new = try directory.addMigration(titled: "x", hasDown: false, behind: ["0007_b.sql", "0005_c.sql"])
            #expect(new.files == [folder.file("0008_x.sql")])
            #expect(BaseBranch.names(in: folder.file("nowhere")).isEmpty)
        }
    }
}
