import AppRuntime
import Foundation
import Migrator
import Postgres
import SchemaDiff
import StudyPlatform
import TestSupport
import Testing

@Suite("The boot gate")
struct BootGateTests {
    @Test("stays shut before the legacy database, says what is missing, and opens once it is migrated")
    func endsTheIncident() async throws {
        try await withTestDatabase { legacy in
            try await withPostgresConnection(to: legacy) { connection in
                _ = try await connection.script(try StudyPlatform.incident("legacy.sql"))
            }
            let migrator = Migrator(directory: StudyPlatform.migrations, database: legacy)
            var gate = BootGate(migrator)
            gate.checks = [.queries(in: StudyPlatform.root + "/queries")]
            let shut = gate
            let error = await #expect(throws: AppRuntimeError.self) { try await shut.open() }
            #expect(error?.code == .notMigrated)
            #expect(error?.message.contains("pending: ") == true, "\(error?.message ?? "")")
            #expect(
                error?.message.contains("column \"scheduled_for\" does not exist") == true,
                "\(error?.message ?? "")"
            )
            #expect(error?.next.contains("lastro migrate") == true)
            #expect(gate.status.phase.name == "failed")
            // Nothing was written: the history is the one that was typed by hand.
            try await withPostgresConnection(to: legacy) { connection in
                let columns = try await connection.query(
                    "SELECT count(*) FROM information_schema.columns WHERE table_name = 'schema_migrations'"
                ).decode(as: Int.self)
                #expect(columns == [2])
            }
            try await migrator.migrate()()
            var second = BootGate(migrator)
            second.checks = gate.checks
            try await second.open()
            #expect(second.status.phase == .startingServices)
        }
    }

    @Test("lets one of twelve processes migrate, an index that is built concurrently among it, and opens for all [T21]")
    func letsOneMigrate() async throws {
        let files = [
            "0001_a.sql": "CREATE TABLE a (i int); INSERT INTO a SELECT generate_series(1, 20000);",
            "0002_index.sql": "CREATE INDEX CONCURRENTLY a_i ON a (i);",
            "0003_b.sql": "CREATE TABLE b (i int); SELECT pg_sleep(0.3);",
        ]
        try await withTestDatabase { database in
            try await withTemporaryFolder(files) { folder in
                let gates = (0..<12).map { _ in
                    BootGate(Migrator(directory: folder.path, database: database), mode: .migrate)
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for gate in gates { group.addTask { try await gate.open() } }
                    try await group.waitForAll()
                }
                #expect(gates.allSatisfy { $0.status.phase == .startingServices })
                try await withPostgresConnection(to: database) { connection in
                    let runs = try await connection.query(
                        "SELECT count(DISTINCT run_id), count(*) FROM schema_migrations"
                    ).decode(as: (Int, Int).self)
                    #expect(runs.map(\.0) == [1])
                    #expect(runs.map(\.1) == [3])
                    let valid = try await connection.query(
                        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_i'::regclass"
                    ).decode(as: Bool.self)
                    #expect(valid == [true])
                }
            }
        }
    }

    @Test("waits for another process's migration, and not for ever")
    func waitsForAnother() async throws {
        try await withTestDatabase { database in
            try await withTemporaryFolder(["0001_a.sql": "CREATE TABLE a (i int);"]) { folder in
                let migrator = Migrator(directory: folder.path, database: database)
                let late = BootGate(migrator, mode: .waitForMigration(timeout: .milliseconds(50)))
                let error = await #expect(throws: AppRuntimeError.self) { try await late.open() }
                #expect(error?.code == .notMigrated)
                let gate = BootGate(migrator, mode: .waitForMigration(timeout: .seconds(60)))
                async let opening: Void = gate.open()
                try await wait(for: "the gate waits") { gate.status.phase == .waitingForMigration(holder: nil) }
                try await migrator.migrate()()
                try await opening
                #expect(gate.status.phase == .startingServices)
            }
        }
    }

    @Test("opens before a newer schema only within the range that the program declares", arguments: BootGateTests.modes)
    func toleratesNewer(mode: BootGate.Mode) async throws {
        let files = ["0001_a.sql": "CREATE TABLE a (i int);", "0002_b.sql": "CREATE TABLE b (i int);"]
        let more = ["0003_c.sql": "CREATE TABLE c (i int);"]
        try await withTestDatabase { database in
            try await withTemporaryFolder(files.merging(more) { $1 }) { newer in
                try await Migrator(directory: newer.path, database: database).migrate()()
                try await withTemporaryFolder(files) { older in
                    func gate(through version: String?) -> BootGate {
                        var gate = BootGate(Migrator(directory: older.path, database: database), mode: mode)
                        gate.newestVersion = version.flatMap { MigrationVersion($0) }
                        return gate
                    }
                    for version in [nil, "0002"] {
                        let error = await #expect(throws: AppRuntimeError.self) {
                            try await gate(through: version).open()
                        }
                        #expect(error?.code == .schemaTooNew)
                        #expect(error?.message.contains("0003_c") == true)
                    }
                    try await gate(through: "0003").open()
                    try await gate(through: "9999").open()
                    // A row without a file that is not newer is something else.
                    try older.delete("0001_a.sql")
                    await #expect(throws: MigratorError.self) { try await gate(through: "0003").open() }
                }
            }
        }
    }

    private static let modes: [BootGate.Mode] = [.migrate, .verifyOnly, .waitForMigration(timeout: .seconds(1))]

    @Test("refuses a schema that is not what its migrations make, or only says so")
    func noticesDrift() async throws {
        try await withTestDatabase { database in
            try await withTemporaryFolder(["0001_a.sql": "CREATE TABLE a (i int);"]) { folder in
                let check = DriftCheck(of: database, against: .migrations(folder.path))
                var gate = BootGate(Migrator(directory: folder.path, database: database), mode: .migrate)
                gate.checks = [.drift(check)]
                try await gate.open()
                try await withPostgresConnection(to: database) { connection in
                    _ = try await connection.query("ALTER TABLE a ADD COLUMN by_hand int")
                }
                gate.checks = [.drift(check, onFinding: .report)]
                try await gate.open()
                gate.checks = [.drift(check)]
                let shut = gate
                let error = await #expect(throws: AppRuntimeError.self) { try await shut.open() }
                #expect(error?.code == .drift)
                #expect(error?.message.contains("by_hand") == true, "\(error?.message ?? "")")
                var printed = BootGate(Migrator(directory: folder.path, database: database))
                printed.checks = [.fingerprint("0000")]
                let other = printed
                let second = await #expect(throws: AppRuntimeError.self) { try await other.open() }
                #expect(second?.code == .drift)
            }
        }
    }

    @Test("waits for a database that is not up yet")
    func waitsForTheDatabase() async throws {
        try await withTemporaryFolder(["0001_a.sql": "CREATE TABLE a (i int);"]) { folder in
            try await withOwnServer { server in
                try await server.initialise()
                let gate = BootGate(
                    Migrator(directory: folder.path, database: try server.superuser()),
                    mode: .migrate
                )
                async let opening: Void = gate.open()
                try await wait(for: "the gate waits") { gate.status.phase == .waitingForDatabase }
                try await server.whileRunning { _ in
                    try await wait(for: "the gate is open") { gate.status.phase == .startingServices }
                }
                try await opening
            }
        }
    }

    @Test("fails at once where time mends nothing")
    func failsAtOnce() async throws {
        try await withTestDatabase { database in
            try await withTemporaryFolder(["0001_a.sql": "CREATE TABLE a (i int;"]) { folder in
                let broken = BootGate(Migrator(directory: folder.path, database: database), mode: .migrate)
                await #expect(throws: MigratorError.self) { try await broken.open() }
                let absent = BootGate(
                    Migrator(directory: folder.path, database: database.with(database: "no_such_database"))
                )
                await #expect(throws: PostgresError.self) { try await absent.open() }
                #expect(absent.status.phase.name == "failed")
                // Also where no database answers that it would wait for.
                let nowhere = database.with("host", folder.path)
                let folderless = BootGate(Migrator(directory: folder.file("nothing"), database: nowhere))
                await #expect(throws: MigratorError.self) { try await folderless.open() }
            }
        }
    }
}
