import Glibc
import Subprocess
import SystemPackage
import Testing

@testable import Postgres

/// A folder for the traces of one test, and surroundings that keep servers' folders in it.
struct Workshop: Sendable {
    let folder: FilePath
    let surroundings: Surroundings

    /// Makes the folder; with `ownCache` templates are made anew, too, instead of being shared with other tests.
    init(ownCache: Bool = false) throws {
        // Short, for the sockets, and open, for the server's user.
        folder = FilePath("/tmp/lst-\(UInt32.random(in: .min ... .max))")
        try folder.createFolders(mode: 0o755)
        var variables = Surroundings.current().variables
        variables["TMPDIR"] = folder.string
        if ownCache { variables["LASTRO_CACHE"] = folder.appending("cache").string }
        surroundings = Surroundings(variables: variables)
    }

    /// Runs a test in a workshop of its own, and removes it.
    static func use<Result>(
        ownCache: Bool = false,
        _ body: (Workshop) async throws -> Result
    ) async throws -> Result {
        let workshop = try Workshop(ownCache: ownCache)
        do {
            let result = try await body(workshop)
            await workshop.remove()
            return result
        } catch {
            await workshop.remove()
            throw error
        }
    }

    private func remove() async {
        await Task { _ = try? await output(of: "/bin/rm", ["-rf", folder.string]) }.value  // the system tidies /tmp
    }

    /// What servers have left in the file system, but for the empty files that are their locks.
    var leftFolders: [String] { surroundings.runFolder.entries.filter { !$0.hasSuffix(".lock") } }

    /// The lock files of servers.
    var leftLocks: [String] { surroundings.runFolder.entries.filter { $0.hasSuffix(".lock") } }

    /// Processes that name the workshop in their command line.
    var leftProcesses: [pid_t] { ProcessTable.processes { $0.contains(folder.string) } }

    /// Whether nothing is left of any server, at once or within half a minute.
    func becomesEmpty() async throws -> Bool {
        try await eventually { leftFolders.isEmpty && leftProcesses.isEmpty }
    }

    /// Variables for a process that shall work here.
    var environment: Environment {
        .inherit.updating([
            "TMPDIR": folder.string, "LASTRO_CACHE": surroundings.cache.root.string,
        ])
    }
}

/// The processes of this machine.
enum ProcessTable {
    /// The processes whose command line, with blanks between its words, is one that is looked for.
    static func processes(where isWanted: (String) -> Bool) -> [pid_t] {
        FilePath("/proc").entries.compactMap { pid_t($0) }.filter { pid in
            guard pid != getpid(), let text = FilePath("/proc/\(pid)/cmdline").text else { return false }
            return isWanted(text.split(separator: "\0").joined(separator: " "))
        }
    }
}

/// Waits for a condition, half a minute at most.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<3000 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}

/// What a program says, on both its outputs; its exit status is of no interest.
func output(of program: FilePath, _ arguments: [String], environment: Environment = .inherit) async throws -> String {
    let result = try await run(
        .path(program),
        arguments: Arguments(arguments),
        environment: environment,
        output: .string(limit: 1 << 20),
        error: .combinedWithOutput
    )
    return result.standardOutput.lastLines(.max)
}

/// What `psql` answers to statements: values, or the error.
func psql(_ url: String, _ statements: String..., of installation: PostgresInstallation) async throws -> String {
    let commands = statements.flatMap { ["-c", $0] }
    return try await output(
        of: installation.program("psql"),
        ["-X", "-q", "-At", "-v", "VERBOSITY=terse"] + commands + [url]
    )
}

extension LocalServer {
    /// What `psql` answers here to statements.
    func answer(_ statements: String, user: String = "postgres", database: String = "postgres") async throws -> String {
        try await psql(connectionString(database: database, user: user), statements, of: installation)
    }
}

/// The program that owns servers and can be killed; it lies beside the test's own.
let ownerProgram: FilePath = {
    let tests = FilePath("/proc/self/exe").resolved ?? "/"
    return tests.removingLastComponent().appending("local-server-owner")
}()

/// Whether the long form of a test was asked for.
let isLong = getenv("LASTRO_LONG").map { String(cString: $0) == "1" } ?? false
