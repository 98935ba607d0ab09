import Postgres
import Synchronization
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("lastro backup on a disk that fails")
struct BackupDiskTests {
    private let fill = "CREATE TABLE t AS SELECT n, md5(n::text) FROM generate_series(1, 2000) n"

    /// Lends a project in which there is one snapshot.
    private func withRepository(
        _ body: (LastroProcess, TemporaryFolder, FaultyDisk, _ create: [String]) async throws -> Void
    ) async throws {
        try await withProject([:]) { lastro, folder, url in
            try await run(fill, on: url)
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            let create = ["backup", "create", "--repository", "r", "--recipient", recipient, "--full"]
            #expect(try await lastro(create).status == 0)
            try await body(lastro, folder, FaultyDisk(in: folder, under: "r/"), create)
        }
    }

    private func with(_ variables: [String: String], _ lastro: LastroProcess) -> LastroProcess {
        var lastro = lastro
        lastro.environment.merge(variables) { $1 }
        return lastro
    }

    private func count(_ lastro: LastroProcess) async throws -> Int {
        let list = try await lastro("backup", "list", "--repository", "r")
        #expect(list.status == 0, "\(list.text)")
        return list.output.split(separator: "\n").count
    }

    @Test("has no half snapshot whichever step it is killed before, and the next run cleans up")
    func isKilledAnywhere() async throws {
        try await withRepository { lastro, folder, disk, create in
            _ = try await with(disk.recording, lastro)(create)
            let steps = try disk.takeSteps()
            // Each file is written, brought to disk, linked, and its folder is brought to disk; the index comes last.
            let links = steps.indices.filter { steps[$0].hasPrefix("link ") }
            #expect(links.last.map { steps[$0].hasSuffix("/index.json") } == true)
            let index = try #require(links.last)
            let written = try await count(lastro)
            var snapshots = written
            // Every step takes a while: those of the index, the one before it, and some of the others.
            let chosen =
                isLongTest
                ? Array(steps.indices) : steps.indices.filter { $0 >= index - 2 || $0 == 1 || $0 == index / 2 }
            for number in chosen {
                let killed = try await with(disk.environment(.kill, at: "any", number + 1), lastro)(create)
                #expect(killed.status == 128 + SIGKILL, "step \(number): \(killed.text)")
                // Workers take their steps in no order, so what it did is what it says. The last step was not taken.
                let taken = try disk.takeSteps()
                let isThere = taken.dropLast().contains { $0.hasPrefix("link ") && $0.hasSuffix("/index.json") }
                let now = try await count(lastro)
                #expect(now == snapshots + (isThere ? 1 : 0), "killed before \(taken.last ?? "the first step")")
                snapshots = now
                let verified = try await lastro("backup", "verify", "--repository", "r")
                #expect(verified.status == 0, "killed before \(steps[number]): \(verified.text)")
            }
            #expect(try await lastro(create).status == 0)
            #expect(try folder.names(in: "r/tmp").isEmpty)
            let full = try await lastro("backup", "verify", "--repository", "r", "--full", "--identity", "key.txt")
            #expect(full.status == 0)
        }
    }

    @Test(
        "fails with what the disk says, and leaves the snapshots that were there",
        arguments: [("write", Errno.noSpace), ("write", .ioError), ("fsync", .ioError), ("link", .ioError)]
    )
    func fails(kind: String, problem: Errno) async throws {
        try await withRepository { lastro, folder, disk, create in
            // How many folders are made, and brought to disk, depends on the names that objects come to have.
            let disk = kind == "fsync" ? try await FaultyDisk(in: folder, under: "r/tmp/") : disk
            _ = try await with(disk.recording, lastro)(create)
            let steps = try disk.takeSteps().filter { $0.hasPrefix(kind + " ") }.count
            let before = try await count(lastro)
            // The last step of a kind is of the index.
            for number in [1, steps / 2, steps] {
                let failed = try await with(disk.environment(.error(problem), at: kind, number), lastro)(create)
                #expect(failed.status == 4 && failed.errors.contains("cannot be written: \(problem)"), "\(failed.text)")
                #expect(failed.errors.contains("\n  state: ") && failed.output.isEmpty)
                #expect(try await count(lastro) == before)
            }
            #expect(try await lastro(create).status == 0)
            #expect(try await lastro("backup", "verify", "--repository", "r").status == 0)
        }
    }

    @Test("fails where a folder cannot be brought to disk")
    func folderFails() async throws {
        try await withRepository { lastro, folder, _, create in
            let disk = try await FaultyDisk(in: folder, under: "r/objects/")
            let before = try await count(lastro)
            let failed = try await with(disk.environment(.error(.ioError), at: "fsync", 0), lastro)(create)
            #expect(
                failed.status == 4 && failed.errors.contains("cannot be written: \(Errno.ioError)"),
                "\(failed.text)"
            )
            #expect(try await count(lastro) == before)
            #expect(try await lastro(create).status == 0)
        }
    }

    @Test("writes on where the disk takes a part of what it was given, and fails when that is all")
    func writesOn() async throws {
        try await withRepository { lastro, folder, disk, create in
            let short = try await with(disk.environment(.short, at: "write", 0), lastro)(create)
            #expect(short.status == 0, "\(short.errors)")
            let full = try await lastro("backup", "verify", "--repository", "r", "--full", "--identity", "key.txt")
            #expect(full.status == 0, "\(full.text)")
        }
    }

    @Test("that is full ends with status 4, and nothing of it is under a final name that is not whole")
    func isFull() async throws {
        guard geteuid() == 0 else {
            print("skipped: a full disk takes a file system of its own, which only root can mount")
            return
        }
        try await withProject([:]) { lastro, folder, url in
            try await run("CREATE TABLE t AS SELECT sha512(n::text::bytea) FROM generate_series(1, 100000) n", on: url)
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            let create = "$lastro backup create --repository r --recipient \(recipient)"
            let outcome = try await lastro.shell(
                """
                mkdir r
                mount -t tmpfs -o size=4m tmpfs r || { echo 'skipped: this machine lets nobody mount' >&2; exit 99; }
                trap 'umount r' EXIT
                \(create); echo "status $?"
                $lastro backup list --repository r
                rm -rf r/tmp r/objects
                mount -o remount,size=64m r
                \(create) --quiet; echo "status $?"
                $lastro backup verify --repository r; echo "status $?"
                """
            )
            if outcome.status == 99 { return print(outcome.errors) }
            #expect(outcome.output.hasPrefix("status 4\nthere is no snapshot\nstatus 0\n"), "\(outcome.text)")
            #expect(outcome.output.hasSuffix("status 0\n"), "\(outcome.text)")
            #expect(outcome.errors.contains("cannot be written: No space left on device"))
        }
    }

    @Test("that is full where it is restored ends with status 4 and leaves no database, and with room it is restored")
    func isFullWhereItIsRestored() async throws {
        guard geteuid() == 0 else {
            print("skipped: a full disk takes a file system of its own, which only root can mount")
            return
        }
        try await withProject([:]) { lastro, folder, url in
            try await run(
                """
                CREATE TABLE t AS SELECT sha512(n::text::bytea) AS a, sha512((-n)::text::bytea) AS b FROM generate_series(1, 200000) n;
                CREATE TABLE u AS SELECT n FROM generate_series(1, 100) n; CREATE INDEX ON t (a, b)
                """,
                on: url
            )
            let recipient = String(try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast())
            #expect(try await lastro("backup", "create", "--repository", "r", "--recipient", recipient).status == 0)
            try await withOwnServer { server in
                try await server.initialise()
                let base = server.dataFolder + "/base"
                let mounted = try await lastro.shell(
                    """
                    owner=$(stat -c %u:%g '\(base)')
                    mv '\(base)' '\(base).old' && mkdir '\(base)' && chown $owner '\(base)' && chmod 700 '\(base)'
                    mount -t tmpfs -o size=45m,mode=700 tmpfs '\(base)' || { echo 'skipped: this machine lets nobody mount' >&2; exit 99; }
                    chown $owner '\(base)' && cp -a '\(base).old/.' '\(base)/' && rm -r '\(base).old'
                    """
                )
                if mounted.status == 99 { return print(mounted.errors) }
                #expect(mounted.status == 0, "\(mounted.text)")
                let outcome: Result<Void, any Error>
                do {
                    try await server.whileRunning { server in
                        let target = try server.superuser().with(database: "back").url
                        let list = "SELECT string_agg(datname::text, ' ' ORDER BY datname) FROM pg_database"
                        let postgres = try server.superuser().url
                        let restore = [
                            "backup", "restore", "--repository", "r", "--identity", "key.txt", "--no-owner",
                            "--database", target,
                        ]
                        // Too small for the rows, and then for the index.
                        for size in ["45m", "75m"] {
                            _ = try await lastro.shell("mount -o remount,size=\(size) '\(base)'")
                            let full = try await lastro(restore)
                            #expect(full.status == 4, "\(full.text)")
                            #expect(full.errors.contains("No space left on device"), "\(full.errors)")
                            #expect(
                                full.errors.contains(size == "45m" ? "could not extend" : "index"),
                                "\(full.errors)"
                            )
                            #expect(
                                try await ask(list, on: postgres, as: String.self) == "postgres template0 template1"
                            )
                        }
                        _ = try await lastro.shell("mount -o remount,size=200m '\(base)'")
                        let done = try await lastro(restore)
                        #expect(done.status == 0, "\(done.text)")
                        #expect(try await ask("SELECT count(*) FROM t", on: target, as: Int.self) == 200_000)
                    }
                    outcome = .success(())
                } catch {
                    outcome = .failure(error)
                }
                _ = try await lastro.shell("umount -l '\(base)'")
                try outcome.get()
            }
        }
    }

    @Test("prune that was stopped past its time, while backups run, takes nothing from them")
    func isStoppedWhilePruning() async throws {
        try await withRepository { lastro, folder, disk, create in
            #expect(try await lastro(create).status == 0)
            let deletes = ["backup", "prune", "--repository", "r", "--keep-last", "1", "--delete"]
            // As short as the backups that there are allow.
            var seconds = 2
            var marked = try await lastro(deletes + ["--grace", "\(seconds)s"])
            while marked.status == 2 {
                seconds *= 2
                marked = try await lastro(deletes + ["--grace", "\(seconds)s"])
            }
            try #require(marked.status == 0 && marked.output.contains("marked "), "\(marked.text)")
            let stopping = with(disk.environment(.stop, at: "unlink", 1), lastro)
            let counted = try await count(lastro)
            // Until its time is over it deletes nothing, and so it is not stopped.
            let limit = ContinuousClock.now + .seconds(90 + 4 * seconds)
            let isThrough = Flag()
            while !isThrough.isSet {
                try #require(ContinuousClock.now < limit)
                let outcome = try await stopping.stopped(deletes) {
                    // Stopped when it has read all indexes and is about to delete.
                    isThrough.set()
                    // Without --full, so that it may reference what is there.
                    let same = try await lastro(Array(create.dropLast()))
                    #expect(same.status == 0, "\(same.text)")
                }
                #expect(outcome.status == 0, "\(outcome.text)")
                let steps = try disk.takeSteps()
                try #require(isThrough.isSet || !outcome.output.contains("deleted "), "\(steps)")
                if !isThrough.isSet { try await Task.sleep(for: .milliseconds(300)) }
            }
            #expect(try await count(lastro) == counted)  // one more, one less
            let full = try await lastro("backup", "verify", "--repository", "r", "--full", "--identity", "key.txt")
            #expect(full.status == 0, "\(full.text)")
        }
    }
}

/// Whether something has happened.
private final class Flag: Sendable {
    private let state = Mutex(false)

    func set() { state.withLock { $0 = true } }

    var isSet: Bool { state.withLock(\.self) }
}
