import Glibc
import SystemPackage
import Testing

@testable import Postgres

@Suite("A local server")
struct LocalServerTests {
    @Test("answers, on every installation of this machine")
    func answersEverywhere() async throws {
        let installations = try await PostgresInstallation.all()
        try #require(!installations.isEmpty, "the tests need PostgreSQL; nothing is skipped")
        for installation in installations {
            try await withLocalServer(.init(installation: installation)) { server in
                let answer = try await server.answer("SHOW server_version")
                #expect(PostgresInstallation.Version(answer) == installation.version)
                let extensions = try await server.answer(
                    "CREATE EXTENSION \"uuid-ossp\"; SELECT length(uuid_generate_v4()::text)"
                )
                #expect(extensions == "36" || installation.binFolder.string.contains("site-packages"))
            }
        }
    }

    @Test("does not run as root, and lets nobody else into its folder")
    func isPrivate() async throws {
        try await withLocalServer { server in
            let data = try #require(server.path.appending("data").information)
            #expect(data.userID.rawValue != 0)
            #expect(data.permissions == .ownerReadWriteExecute)
            let folder = try #require(server.path.information)
            #expect(folder.permissions == .ownerReadWriteExecute)
            #expect(try await server.answer("SHOW listen_addresses") == "")
            let postmaster = try #require(PostmasterFile(dataFolder: server.path.appending("data")))
            let process = try #require(FilePath("/proc/\(postmaster.pid)").information)
            #expect(process.userID == data.userID)
        }
    }

    @Test("has a role for foreign SQL that can make databases, and neither run programs nor read files")
    func confinesForeignSQL() async throws {
        try await withLocalServer { server in
            #expect(
                try await server.answer(
                    "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles "
                        + "WHERE rolname = current_user",
                    user: "lastro"
                ) == "f|t|f|f|f"
            )
            #expect(
                try await server.answer("SELECT count(*) FROM pg_auth_members WHERE member = 'lastro'::regrole") == "0"
            )
            #expect(try await server.answer("CREATE DATABASE foreign_sql", user: "lastro") == "")
            for statement in [
                "COPY (SELECT 1) TO PROGRAM 'true'", "COPY pg_class TO '/tmp/stolen'",
                "SELECT pg_read_file('/etc/passwd')",
                "CREATE ROLE other", "SET ROLE postgres", "ALTER SYSTEM SET fsync = on",
            ] {
                let answer = try await server.answer(statement, user: "lastro", database: "foreign_sql")
                #expect(
                    answer.hasPrefix("ERROR:  ") && answer.contains(/permission denied|must be superuser|must have/),
                    "\(answer)"
                )
            }
            #expect(try await server.answer("CREATE TABLE t (a int)", user: "lastro", database: "foreign_sql") == "")
            let trusted = "CREATE EXTENSION \"uuid-ossp\"; SELECT uuid_generate_v4() IS NULL"
            #expect(try await server.answer(trusted, user: "lastro", database: "foreign_sql") == "f")
        }
    }

    @Test("runs beside others, started at the same moment")
    func runsBesideOthers() async throws {
        let answers = try await withThrowingTaskGroup(of: (FilePath, String).self) { group in
            for number in 0..<4 {
                group.addTask {
                    try await withLocalServer { server in (server.path, try await server.answer("SELECT \(number)")) }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.map(\.0)).count == 4)
        #expect(Set(answers.map(\.1)) == ["0", "1", "2", "3"])
        #expect(answers.allSatisfy { !$0.0.exists })
    }

    @Test("takes settings, and durability, as asked")
    func takesSettings() async throws {
        let question = """
            SELECT current_setting('wal_level'), current_setting('max_connections'), current_setting('fsync'),
                current_setting('max_wal_size')
            """
        try await withLocalServer(.init(settings: ["wal_level": "logical", "max_connections": "17"])) { server in
            let answer = try await server.answer(question)
            #expect(answer == "logical|17|off|64MB")
        }
        try await withLocalServer(.init(isDurable: true)) { server in
            let answer = try await server.answer(question)
            #expect(answer == "minimal|100|on|1GB")
        }
    }

    @Test("refuses settings that would open it", arguments: ["listen_addresses", "Unix_Socket_Directories", "a=b", ""])
    func refusesSettings(name: String) async throws {
        try await Workshop.use { workshop in
            await #expect(throws: LocalServerError.settingReserved(name)) {
                try await LocalServer.start(.init(settings: [name: "x"]), workshop.surroundings)
            }
            #expect(workshop.leftFolders.isEmpty)
        }
    }

    @Test("tells the end of its log when it does not start, and leaves nothing")
    func tellsWhyItDoesNotStart() async throws {
        try await Workshop.use { workshop in
            let error = try await #require(throws: LocalServerError.self) {
                try await LocalServer.start(
                    .init(settings: ["shared_preload_libraries": "no_such_one"]),
                    workshop.surroundings
                )
            }
            #expect(error.code == .startFailed)
            #expect(error.message.contains("could not access file \"no_such_one\""))
            #expect(workshop.leftFolders.isEmpty)
            #expect(try await workshop.becomesEmpty())
        }
    }

    @Test("is given up when it is not ready in time, and leaves nothing")
    func isGivenUp() async throws {
        try await Workshop.use { workshop in
            let error = try await #require(throws: LocalServerError.self) {
                try await LocalServer.start(.init(startLimit: .zero), workshop.surroundings)
            }
            #expect(error.code == .startTimedOut)
            #expect(try await workshop.becomesEmpty())
        }
    }

    @Test("leaves nothing when its task is cancelled while it starts")
    func leavesNothingWhenCancelled() async throws {
        try await Workshop.use { workshop in
            for _ in 0..<8 {
                let start = Task { try await LocalServer.start(.init(), workshop.surroundings) }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...80)))
                start.cancel()
                switch await start.result {
                case .success(let server): await server.stop()  // it was faster
                case .failure(let error): #expect(error is CancellationError, "\(error)")
                }
                #expect(workshop.leftFolders.isEmpty && workshop.leftLocks.isEmpty)
            }
            #expect(try await workshop.becomesEmpty())
        }
    }

    @Test("is stopped when the closure throws, and when its task is cancelled")
    func isStoppedInEveryCase() async throws {
        struct Problem: Error {}
        var path: FilePath?
        await #expect(throws: Problem.self) {
            try await withLocalServer { server in
                path = server.path
                throw Problem()
            }
        }
        #expect(try #require(path).exists == false)
        let (paths, continuation) = AsyncStream.makeStream(of: FilePath.self, bufferingPolicy: .bufferingNewest(1))
        let use = Task {
            try await withLocalServer { server in
                continuation.yield(server.path)
                try await Task.sleep(for: .seconds(600))
            }
        }
        path = await paths.first { _ in true }
        use.cancel()
        await #expect(throws: CancellationError.self) { try await use.value }
        #expect(try #require(path).exists == false)
    }

    @Test("is stopped when nobody holds it any longer")
    func isStoppedWhenForgotten() async throws {
        try await Workshop.use { workshop in
            _ = try await LocalServer.start(.init(), workshop.surroundings)
            #expect(try await workshop.becomesEmpty())
        }
    }

    @Test("may be stopped twice, and also by two at once")
    func stopsTwice() async throws {
        let server = try await LocalServer.start()
        async let first: Void = server.stop()
        async let second: Void = server.stop()
        _ = await (first, second)
        await server.stop()
        #expect(!server.path.exists)
    }

    @Test("knows nothing of its owner's environment but where programs are")
    func hidesEnvironment() {
        let variables = ["PATH": "/opt/bin", "HOME": "/root", "LASTRO_CACHE": "/c", "DATABASE_URL": "secret"]
        let environment = Surroundings(variables: variables).environment
        #expect(environment == ["PATH": "/usr/bin:/bin:/opt/bin", "LC_ALL": "C", "TZ": "UTC"])
    }

    @Test("has its folder under /tmp when the one for temporary files is too deep for a socket")
    func choosesShortFolder() throws {
        let user = ServerUser.current()
        let deep = FilePath("/tmp/\(String(repeating: "d", count: 90))")
        try deep.createFolders(mode: 0o755)
        defer { rmdir(deep.string) }
        #expect(Surroundings(variables: ["TMPDIR": deep.string]).runFolder == FilePath("/tmp/lastro-\(user.uid)"))
        #expect(Surroundings(variables: ["TMPDIR": "/var/tmp"]).runFolder == FilePath("/var/tmp/lastro-\(user.uid)"))
        #expect(Surroundings(variables: ["TMPDIR": "/no/such"]).runFolder == FilePath("/tmp/lastro-\(user.uid)"))
    }

    @Test("writes its address so that libpq reads the same names")
    func writesAddress() {
        let url = socketAddress(folder: "/tmp/a b/s-1", database: "été & co?", user: "o'neil@home")
        #expect(
            url == "postgresql://o%27neil%40home@/%C3%A9t%C3%A9%20%26%20co%3F?host=/tmp/a%20b/s-1&port=5432"
        )
    }
}

@Suite("A postmaster.pid")
struct PostmasterFileTests {
    private let lines = ["4711", "/data", "1764000000", "5432", "/tmp/s", "", "  1234   5", "ready   ", ""]

    @Test("says ready only when the server takes connections")
    func readsStatus() throws {
        let ready = try #require(PostmasterFile(text: lines.joined(separator: "\n")))
        #expect(ready.pid == 4711 && ready.started == .seconds(1_764_000_000) && ready.isReady)
        let starting = try #require(
            PostmasterFile(text: lines.joined(separator: "\n").replacing("ready", with: "starting"))
        )
        #expect(!starting.isReady)
    }

    @Test(
        "is nothing as long as it is half written",
        arguments: ["", "4711", "4711\n/data\n", "x\n/data\n1\n", "-1\n/d\n1\n"]
    )
    func isNothing(text: String) {
        #expect(PostmasterFile(text: text) == nil)
    }
}
