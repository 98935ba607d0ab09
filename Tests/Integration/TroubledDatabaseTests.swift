import Postgres
import Subprocess
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("A database that cannot be used")
struct TroubledDatabaseTests {
    private static let files = [
        "m/0001_a.sql": "create table a (i int);\n", "m/0002_b.sql": "create table b (i int);\n",
    ]

    @Test("because nothing is there to reach, or it lets nobody in, is status 3 with the reason")
    func isUnreachable() async throws {
        try await withProject(Self.files) { lastro, folder, url in
            let host = try ConnectionSettings(url)["host"] ?? ""
            let cases = [
                (
                    "postgresql://u@nowhere.invalid/x", "could not translate host name \"nowhere.invalid\"",
                    "correct the host's name"
                ),
                ("postgresql://u@127.0.0.1:9/x", "Connection refused", "start the server there"),
                (
                    "host=/nowhere dbname=x user=u", "No such file or directory",
                    "start the server there, or correct the folder"
                ),
                (
                    "host=\(host) dbname=no_such_one user=lastro", "database \"no_such_one\" does not exist",
                    "correct the database's name"
                ),
                (
                    "host=\(host) dbname=postgres user=nobody_known", "role \"nobody_known\" does not exist",
                    "correct the user"
                ),
            ]
            for (database, words, next) in cases {
                for command in ["migrate", "status", "verify"] {
                    let outcome = try await lastro(command, "--database", database)
                    #expect(outcome.status == 3, "\(command) \(database)")
                    #expect(outcome.output.isEmpty)
                    #expect(outcome.errors.hasPrefix("no connection to "), "\(outcome.errors)")
                    #expect(outcome.errors.contains(words), "\(outcome.errors)")
                    #expect(outcome.errors.contains("\n  state: nothing was "), "\(outcome.errors)")
                    #expect(outcome.errors.contains("\n  next:  \(next)"), "\(outcome.errors)")
                }
            }
            for database in ["nosql://u@h/x", "postgresql://u@h/x?nothing=1", "host=h port='5", "u:secret@h/x"] {
                let settings = try await lastro("migrate", "--database", database)
                #expect(settings.status == 2)
                #expect(settings.errors.contains("the connection settings cannot be read: "), "\(settings.errors)")
            }
        }
    }

    @Test("because it only reads, by its setting, is told with what to do, and nothing is there to run twice")
    func readsOnly() async throws {
        try await withProject(Self.files) { lastro, _, url in
            try await run(
                "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$",
                on: url
            )
            let fresh = try await lastro("migrate")
            #expect(fresh.status == 4)
            expectReadOnly(fresh)
            try await run(
                "begin read write; do $$ begin execute format('alter database %I reset default_transaction_read_only', current_database()); end $$; commit",
                on: url
            )
            let one = try await lastro("migrate", "--steps", "1")
            #expect(one.status == 0)
            try await run(
                "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$",
                on: url
            )
            let status = try await lastro("status")
            #expect(status.status == 0)
            let rest = try await lastro("migrate")
            #expect(rest.status == 4)
            expectReadOnly(rest)
        }
    }

    @Test("because it is a standby is told with what to do; what it has can be looked at")
    func isAStandby() async throws {
        try await withLocalServer(
            LocalServer.Options(settings: ["wal_level": "replica", "max_wal_senders": "4", "synchronous_commit": "on"])
        ) { primary in
            let database = try await primary.makeDatabase("app")
            try await withTemporaryFolder(Self.files) { folder in
                let onPrimary = LastroProcess(in: folder, on: database)
                let first = try await onPrimary("migrate", "--steps", "1")
                #expect(first.status == 0)
                try await withOwnServer { standby in
                    try await standby.follow(database)
                    let settings = try standby.superuser().with(database: "app").with("user", "lastro")
                    let onStandby = LastroProcess(in: folder, on: settings)
                    try await standby.whileRunning { _ in
                        let status = try await onStandby("status")
                        #expect(status.status == 0)
                        #expect(status.output.hasSuffix("2 migrations: 1 applied, 1 pending\n"))
                        let refused = try await onStandby("migrate")
                        #expect(refused.status == 4)
                        expectReadOnly(refused)
                        let onTheOther = try await onPrimary("migrate")
                        #expect(onTheOther.status == 0)
                        try await wait(until: "select count(*) = 2 from schema_migrations", on: settings.url)
                        // With nothing to do, a standby is as good as any.
                        let nothing = try await onStandby("migrate")
                        #expect(nothing.status == 0, "\(nothing.errors)")
                    }
                }
            }
        }
    }

    private func expectReadOnly(_ outcome: LastroProcess.Outcome) {
        #expect(outcome.errors.contains("read-only"), "\(outcome.errors)")
        #expect(outcome.errors.contains("\n  state: "), "\(outcome.errors)")
        #expect(outcome.errors.contains("\n  next:  connect to the primary"), "\(outcome.errors)")
    }

    @Test("because the role may not create anything is told in the server's words, with what to do")
    func mayNotCreate() async throws {
        try await withProject(Self.files) { lastro, _, url in
            let superuser = try await TestServer.standard.superuser()
            try await withPostgresConnection(to: superuser) { connection in
                _ = try await connection.script(
                    "do $$ begin create role lastro_test_reader login; exception when duplicate_object then null; end $$"
                )
            }
            var reader = lastro
            reader.environment["DATABASE_URL"] = try ConnectionSettings(url).with("user", "lastro_test_reader").url
            let fresh = try await reader("migrate")
            #expect(fresh.status == 4)
            #expect(fresh.errors.contains("permission denied for schema public (SQLSTATE 42501)"), "\(fresh.errors)")
            #expect(fresh.errors.contains("\n  state: nothing was run"), "\(fresh.errors)")
            #expect(
                fresh.errors.contains("\n  next:  grant the role CREATE on the schema"),
                "\(fresh.errors)"
            )
            let owner = try await lastro("migrate", "--steps", "1")
            #expect(owner.status == 0)
            let denied = try await reader("migrate")
            #expect(denied.status == 4)
            #expect(denied.errors.contains("permission denied for table "), "\(denied.errors)")
            #expect(
                denied.errors.contains("\n  next:  grant the role SELECT on the table, or connect as its owner"),
                "\(denied.errors)"
            )
        }
    }

    @Test("because its disk is full rolls the migration back, and goes on when there is room")
    func isFull() async throws {
        guard geteuid() == 0 else {
            print("skipped: a full disk takes a file system of its own, which only root can mount")
            return
        }
        let superuser = try await TestServer.standard.superuser()
        var information = stat()
        try #require(stat(superuser["host"] ?? "", &information) == 0)
        let options = "size=8m,mode=700,uid=\(information.st_uid),gid=\(information.st_gid)"
        try await withTemporaryFolder { disk in
            guard try await succeeds("/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk.path]) else {
                print("skipped: this machine lets nobody mount a file system")
                return
            }
            let space = "full_" + String(testSeed)
            do {
                try await withPostgresConnection(to: superuser) { connection in
                    try await connection.query("create tablespace \(space) location '\(disk.path)'")
                    try await connection.query("grant create on tablespace \(space) to lastro")
                }
                try await expectFull(space)
            } catch {
                try await remove(space, from: disk, superuser)
                throw error
            }
            try await remove(space, from: disk, superuser)
        }
    }

    private func expectFull(_ space: String) async throws {
        let fill =
            "create table a (s text) tablespace \(space);\ninsert into a select repeat(i::text, 100) from generate_series(1, %) i;"
        try await withProject(["m/0001_a.sql": fill.replacing("%", with: "100000")]) { lastro, folder, url in
            let full = try await lastro("migrate")
            #expect(full.status == 4)
            #expect(
                full.errors.hasPrefix("m/0001_a.sql:2:1: statement 2 of 2: could not extend file "),
                "\(full.errors)"
            )
            #expect(full.errors.contains("No space left on device (SQLSTATE 53100)"))
            #expect(full.errors.contains("\n  state: rolled back; no migration is applied\n"))
            #expect(full.errors.contains("\n  next:  make room on the server's disk and run again"), "\(full.errors)")
            try folder.write(fill.replacing("%", with: "100"), to: "m/0001_a.sql")
            let next = try await lastro("migrate")
            #expect(next.status == 0, "\(next.errors)")
            try await run("drop table a", on: url)
        }
    }

    private func remove(_ space: String, from disk: TemporaryFolder, _ superuser: ConnectionSettings) async throws {
        try? await withPostgresConnection(to: superuser) { connection in  // not there if it could not be made
            _ = try await connection.query("drop tablespace \(space)")
        }
        #expect(try await succeeds("/bin/umount", [disk.path]))
    }

    private func succeeds(_ program: FilePath, _ arguments: [String]) async throws -> Bool {
        try await Subprocess.run(.path(program), arguments: Arguments(arguments), output: .discarded).terminationStatus
            .isSuccess
    }

    @Test("in time says which statement took too long, and where")
    func isSlow() async throws {
        let files = ["m/0001_a.sql": "-- lastro: statement-timeout 100ms\nselect 1;\n  select pg_sleep(5);\n"]
        try await withProject(files) { lastro, _, _ in
            let outcome = try await lastro("migrate")
            #expect(outcome.status == 4)
            #expect(
                outcome.errors == """
                    m/0001_a.sql:3:3: statement 2 of 2: canceling statement due to statement timeout (SQLSTATE 57014)
                      state: rolled back; no migration is applied
                      next:  give it more time with `-- lastro: statement-timeout …`, or run again when the server is less busy

                    """
            )
        }
    }

    @Test("because another session holds a lock says who, and is tried again")
    func isLocked() async throws {
        let files = [
            "m/0001_a.sql": "create table a (i int);",
            "m/0002_b.sql": "-- lastro: lock-timeout 100ms\nalter table a add column j int;",
        ]
        try await withProject(files) { lastro, _, url in
            let first = try await lastro("migrate", "--steps", "1")
            #expect(first.status == 0)
            let outcome = try await withPostgresConnection(to: ConnectionSettings(url)) { other in
                try await other.script("set application_name = 'reporting'; begin; select * from a")
                return try await lastro.running("migrate", "--format", "json") {
                    try await wait(
                        until: "select exists (select from lastro_events where event = 'lock-timeout')",
                        on: url
                    )
                    try await other.script("rollback")
                }
            }
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains(#""event":"retrying""#))
            #expect(try await ask("select count(*) from schema_migrations", on: url) == 2)
        }
    }
}
