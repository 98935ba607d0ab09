import Glibc
import Subprocess
import SystemPackage
import Testing

@testable import Postgres

@Suite("A local server's owner")
struct LocalServerKillTests {
    @Test("leaves neither process nor folder when it is killed at any moment")
    func leavesNothing() async throws {
        try await Workshop.use { workshop in
            _ = try await workshop.startOwner(killedAfter: .seconds(3))  // makes the template, if need be
            for _ in 0..<(isLong ? 60 : 10) {
                let moment = Duration.milliseconds(Int.random(in: 0...500))
                try await workshop.startOwner(killedAfter: moment)
                #expect(try await workshop.becomesEmpty(), "killed after \(moment): \(workshop.leftFolders)")
            }
            // A lock whose owner was killed before it had a watchdog is for the next start to remove.
            await ServerFolder.sweep(workshop.surroundings)
            #expect(workshop.leftLocks.isEmpty)
        }
    }

    @Test("has what it left removed at the next start, when the watchdog was killed as well")
    func isSweptUp() async throws {
        try await Workshop.use { workshop in
            try await workshop.withOwner { owner in
                let path = try await owner.serverPath()
                let server = try #require(PostmasterFile(dataFolder: path.appending("data")))
                kill(owner.pid, SIGSTOP)  // so that it does not tidy up before it is killed, too
                for pid in workshop.leftProcesses where FilePath("/proc/\(pid)/comm").text == "sh\n" {
                    kill(pid, SIGKILL)
                }
                kill(owner.pid, SIGKILL)
                // As the owner is gone now and the watchdog, too, the server is still there.
                try await Task.sleep(for: .milliseconds(200))
                #expect(ServerProcesses(dataFolder: path.appending("data")).contains(server.pid))
                #expect(path.exists)
                let next = try await LocalServer.start(.init(), workshop.surroundings)
                #expect(!path.exists && !ServerFolder(path: path).lock.exists)
                #expect(!ServerProcesses(dataFolder: path.appending("data")).contains(server.pid))
                await next.stop()
                #expect(try await workshop.becomesEmpty())
            }
        }
    }

    @Test("keeps its server when others start and sweep")
    func keepsItsServer() async throws {
        try await Workshop.use { workshop in
            try await workshop.withOwner { owner in
                let path = try await owner.serverPath()
                for _ in 0..<3 { await ServerFolder.sweep(workshop.surroundings) }
                await (try LocalServer.start(.init(), workshop.surroundings)).stop()
                let installation = try await PostgresInstallation.find()
                let url = socketAddress(folder: path, database: "postgres", user: "postgres")
                #expect(try await psql(url, "SELECT 1", of: installation) == "1")
            }
        }
    }

    @Test("has a stranger's process spared that got the number of its dead server")
    func sparesStrangers() async throws {
        try await Workshop.use { workshop in
            let user = workshop.surroundings.user
            try user.createPrivateFolder(workshop.surroundings.runFolder)
            let folder = ServerFolder(path: workshop.surroundings.runFolder.appending("s-deadbeef"))
            try user.createPrivateFolder(folder.path)
            try user.createPrivateFolder(folder.data)
            let stranger = try await run(
                .path("/bin/sleep"),
                arguments: ["600"],
                input: .none,
                output: .discarded,
                error: .discarded
            ) { execution in
                let pid = execution.processIdentifier.value
                try folder.data.appending("postmaster.pid").replaceContents(
                    with: "\(pid)\n\(folder.data)\n1\n5432\n\n\n\nready\n"
                )
                await ServerFolder.sweep(workshop.surroundings)
                #expect(workshop.leftFolders.isEmpty)
                #expect(kill(pid, 0) == 0)
                try execution.send(signal: .terminate)
            }
            #expect(stranger.terminationStatus == .signaled(SIGTERM))
        }
    }

    @Test("may be one of five that start at once where there is no template, of which one is made")
    func makesOneTemplate() async throws {
        try await Workshop.use(ownCache: true) { workshop in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<5 {
                    group.addTask { try await output(of: ownerProgram, ["ask"], environment: workshop.environment) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers == Array(repeating: "postgres on postgres", count: 5))
            #expect(workshop.surroundings.cache.templates.entries.count == 1)
            #expect(try await workshop.becomesEmpty())
        }
    }

    @Test("is not misled by a template that was half made, and neither by one whose maker it was")
    func ignoresHalfMadeTemplates() async throws {
        try await Workshop.use(ownCache: true) { workshop in
            let templates = workshop.surroundings.cache.templates
            for moment in [Duration.milliseconds(60), .milliseconds(150), .milliseconds(400)] {
                try await workshop.startOwner(killedAfter: moment)
            }
            try workshop.surroundings.cache.prepare(for: workshop.surroundings.user)
            try templates.appending("draft-1").createFolder(mode: 0o700)
            let server = try await LocalServer.start(.init(), workshop.surroundings)
            #expect(try await server.answer("SELECT count(*) FROM pg_database") == "3")
            await server.stop()
            // An initdb whose owner was killed may still be at work; the next start removes what it made.
            let isTidy = try await eventually {
                await (try LocalServer.start(.init(), workshop.surroundings)).stop()
                return templates.entries.count == 1
            }
            #expect(isTidy, "\(templates.entries)")
            #expect(!(templates.entries.first ?? "draft-").hasPrefix("draft-"))
        }
    }

    @Test("may be an ordinary user, as whom the server runs then")
    func mayBeAnybody() async throws {
        try #require(geteuid() == 0, "only root can become somebody else")
        try await Workshop.use(ownCache: true) { workshop in
            let folder = workshop.folder.appending("nobody")
            try folder.createFolders(mode: 0o777)
            let environment = Environment.inherit.updating([
                "TMPDIR": folder.string, "LASTRO_CACHE": folder.appending("cache").string, "HOME": "/nonexistent",
            ])
            let nobody = ["--reuid=nobody", "--regid=nogroup", "--clear-groups", ownerProgram.string]
            let answer = try await output(of: "/usr/bin/setpriv", nobody + ["ask"], environment: environment)
            #expect(answer == "postgres on postgres")
            let templates = folder.appending("cache").entries.filter { $0.hasPrefix("templates-") }
            #expect(templates == ["templates-65534"])
            #expect(folder.appending("cache/templates-65534").information?.userID.rawValue == 65534)
            #expect(try await eventually { folder.appending("lastro-65534").entries.isEmpty })
        }
    }
}

/// A process that holds one server.
private struct Owner {
    let pid: pid_t
    let lines: AsyncThrowingStream<String, any Error>

    /// The server's folder, said when it is ready.
    func serverPath() async throws -> FilePath {
        for try await line in lines { return FilePath(line) }
        throw NoServer()
    }

    struct NoServer: Error {}
}

extension Workshop {
    /// Starts an owner of two servers and kills it after a time.
    fileprivate func startOwner(killedAfter moment: Duration) async throws {
        let result = try await run(
            .path(ownerProgram),
            arguments: ["hold", "2"],
            environment: environment,
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            try await Task.sleep(for: moment)
            try execution.send(signal: .kill)
        }
        #expect(result.terminationStatus == .signaled(SIGKILL))
    }

    /// Runs a closure beside an owner of one server, and kills that afterwards.
    fileprivate func withOwner(_ body: (Owner) async throws -> Void) async throws {
        _ = try await run(
            .path(ownerProgram),
            arguments: ["hold", "1"],
            environment: environment,
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            let pid = execution.processIdentifier.value
            let output = execution.standardOutput
            let lines = AsyncThrowingStream<String, any Error> {
                var iterator = output.strings().makeAsyncIterator()
                return try await iterator.next()
            }
            do { try await body(Owner(pid: pid, lines: lines)) } catch {
                kill(pid, SIGKILL)
                throw error
            }
            kill(pid, SIGKILL)
        }
    }
}
