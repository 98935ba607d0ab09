import Glibc
import Subprocess
import SystemPackage
import Testing

@testable import Postgres

@Suite("A development server")
struct LocalServerDevelopmentTests {
    @Test("keeps a table from start to start")
    func keepsData() async throws {
        try await use { server, _ in
            #expect(server.status().isRunning == false)
            #expect(server.status().major == nil)
            let first = try await server.start()
            #expect(first.isRunning && first.major != nil && first.started != nil && first.bytes > 1_000_000)
            let installation = try await PostgresInstallation.find()
            let tables = "CREATE TABLE kept (a int); INSERT INTO kept VALUES (42); SHOW fsync"
            #expect(try await psql(first.url, tables, of: installation) == "on")
            #expect(try await server.start() == server.status())
            #expect(server.status().started == first.started)
            try await server.stop()
            #expect(server.status().isRunning == false && server.status().started == nil)
            try await server.stop()
            let second = try await server.start()
            #expect(second.url == first.url)
            #expect(try await psql(second.url, "SELECT a, current_user FROM kept", of: installation) == "42|lastro")
        }
    }

    @Test("is one, however many start it at once")
    func isOne() async throws {
        try await use { server, workshop in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addTask { try await server.start() } }
                for _ in 0..<2 {
                    group.addTask {
                        let directory = workshop.folder.appending(".lastro").string
                        let url = try await output(
                            of: ownerProgram,
                            ["develop", directory],
                            environment: workshop.environment
                        )
                        #expect(url == server.url)
                    }
                }
                try await group.waitForAll()
            }
            let data = server.status().dataFolder.string
            #expect(ProcessTable.processes { $0.contains("postgres -D \(data)") }.count == 1)
        }
    }

    @Test("outlives its starter")
    func outlivesStarter() async throws {
        try await use { server, workshop in
            let directory = workshop.folder.appending(".lastro").string
            let url = try await output(of: ownerProgram, ["develop", directory], environment: workshop.environment)
            #expect(server.status().isRunning)
            #expect(try await psql(url, "SELECT 1", of: PostgresInstallation.find()) == "1")
        }
    }

    @Test("comes back after a crash, also when its number is somebody else's by then")
    func comesBack() async throws {
        try await use { server, _ in
            let installation = try await PostgresInstallation.find()
            let status = try await server.start()
            _ = try await psql(status.url, "CREATE TABLE kept AS SELECT 42 AS a", of: installation)
            let file = try #require(PostmasterFile(dataFolder: status.dataFolder))
            kill(file.pid, SIGKILL)
            #expect(try await eventually { !server.status().isRunning })
            let stale = try #require(status.dataFolder.appending("postmaster.pid").text)
            let stolen = stale.replacing("\(file.pid)\n", with: "\(getpid())\n", maxReplacements: 1)
            try status.dataFolder.appending("postmaster.pid").replaceContents(with: stolen)
            #expect(server.status().isRunning == false)
            try await server.start()
            #expect(try await psql(status.url, "SELECT a FROM kept", of: installation) == "42")
        }
    }

    @Test("holds its lock to its last process's end, and is not started beside whoever holds it")
    func holdsItsLock() async throws {
        try await use { server, _ in
            let status = try await server.start()
            let lock = status.dataFolder.removingLastComponent().appending("server.lock")
            #expect(FileLock.isHeld(lock))
            try await server.stop()
            #expect(try await eventually { !FileLock.isHeld(lock) })
            // A holder whose processes nobody sees here.
            let holder = try await FileLock.take(lock)
            let trace = status.dataFolder.appending("postmaster.pid")
            let text = "4194304\n\(status.dataFolder)\n1\n5432\n\n\n\nready\n"
            try trace.replaceContents(with: text)
            #expect(server.status().isRunning == false)
            let error = try await #require(throws: LocalServerError.self) {
                try await server.start(.init(startLimit: .milliseconds(100)))
            }
            #expect(error.code == .runningElsewhere)
            #expect(trace.text == text)
            _ = consume holder
            #expect(try await server.start().isRunning)
        }
    }

    @Test("is one also for a container that does not see its processes", .enabled { try await mayHideProcesses() })
    func isOneAcrossContainers() async throws {
        try await use { server, workshop in
            let status = try await server.start()
            let installation = try await PostgresInstallation.find()
            func ask(_ command: String) async throws -> String {
                let directory = workshop.folder.appending(".lastro").string
                return try await output(
                    of: FilePath(unshare[0]),
                    unshare[1...] + [ownerProgram.string, command, directory],
                    environment: workshop.environment
                )
            }
            #expect(try await ask("develop") == status.url)
            #expect(server.status() == status)
            #expect(try await psql(status.url, "SELECT 1", of: installation) == "1")
            #expect(try await ask("halt").hasPrefix("a server whose processes cannot be seen from here works on"))
            #expect(server.status() == status)
        }
    }

    @Test("is the same through a link to its folder")
    func followsLinks() async throws {
        try await use { server, workshop in
            let project = workshop.folder.appending("project")
            try project.createFolder(mode: 0o755)
            #expect(symlink("../.lastro", project.appending(".lastro").string) == 0)
            let status = try await server.start()
            let linked = DevelopmentServer(directory: project.appending(".lastro"), workshop.surroundings)
            #expect(linked.status() == status)
            try await linked.stop()
            #expect(server.status().isRunning == false)
            #expect(try await linked.start().url == status.url)
            #expect(server.status().isRunning)
        }
    }

    @Test("is not started on data of another major version")
    func mindsMajorVersion() async throws {
        try await use { server, _ in
            let status = try await server.start()
            try await server.stop()
            let other = try await #require(throws: LocalServerError.self) { try await server.start(.init(major: 99)) }
            #expect(other.code == .majorMismatch)
            try status.dataFolder.appending("PG_VERSION").replaceContents(with: "12\n")
            let gone = try await #require(throws: LocalServerError.self) { try await server.start() }
            #expect(gone.code == .majorMismatch)
            #expect(gone.message.contains("is PostgreSQL 12's, and it is not installed"))
        }
    }

    @Test("tells the end of its log when it does not start")
    func tellsWhyItDoesNotStart() async throws {
        try await use { server, workshop in
            let error = try await #require(throws: LocalServerError.self) {
                try await server.start(.init(settings: ["shared_preload_libraries": "no_such_one"]))
            }
            #expect(error.code == .startFailed)
            #expect(error.message.contains("could not access file \"no_such_one\""))
            #expect(workshop.leftProcesses.isEmpty)
        }
    }

    @Test("has its data in the cache folder where the server's user cannot reach the project")
    func movesToCache() async throws {
        try #require(geteuid() == 0, "only root has folders that the server's user cannot reach")
        try await Workshop.use(ownCache: true) { workshop in
            let project = workshop.folder.appending("secret")
            try project.createFolder(mode: 0o700)
            let server = DevelopmentServer(directory: project.appending(".lastro"), workshop.surroundings)
            let status = try await server.start()
            #expect(status.dataFolder.starts(with: workshop.surroundings.cache.development))
            #expect(try await psql(status.url, "SELECT 1", of: PostgresInstallation.find()) == "1")
            try await server.stop()
            #expect(project.appending(".lastro").entries.sorted() == [".gitignore", "lock"])
        }
    }

    @Test("has its socket elsewhere where the project's path is too long for one")
    func movesSocket() async throws {
        try await Workshop.use { workshop in
            let project = workshop.folder.appending(String(repeating: "long", count: 25))
            let server = DevelopmentServer(directory: project.appending(".lastro"), workshop.surroundings)
            let status = try await server.start()
            #expect(status.url.utf8.count < 160)
            #expect(try await psql(status.url, "SELECT 1", of: PostgresInstallation.find()) == "1")
            try await server.stop()
        }
    }

    /// Runs a test on a server of its own, and stops that.
    private func use(_ body: (DevelopmentServer, Workshop) async throws -> Void) async throws {
        try await Workshop.use { workshop in
            let server = DevelopmentServer(directory: workshop.folder.appending(".lastro"), workshop.surroundings)
            do { try await body(server, workshop) } catch {
                try await server.stop()
                throw error
            }
            try await server.stop()
        }
    }
}

/// What starts a program that does not see the processes of others.
private let unshare = ["/usr/bin/unshare", "--pid", "--fork", "--mount-proc"]

private func mayHideProcesses() async throws -> Bool {
    try await output(of: FilePath(unshare[0]), unshare[1...] + ["/bin/echo", "yes"]) == "yes"
}
