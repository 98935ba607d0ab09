public import Postgres
import Subprocess
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A server of a test that can be killed and started again on its data, or follow another one.
///
/// `LocalServer` removes its data when it ends; this one keeps it as long as the test lasts.
public struct OwnServer: Sendable {
    private let installation: PostgresInstallation
    private let folder: TemporaryFolder
    private let user: (uid: uid_t, gid: gid_t)

    /// The folder of the data.
    public var dataFolder: String { folder.file("data") }

    /// What reaches the server's own database as its superuser.
    public func superuser() throws -> ConnectionSettings {
        try ConnectionSettings("host=\(folder.path) port=5432 user=postgres dbname=postgres")
    }

    fileprivate init(in folder: TemporaryFolder) async throws {
        installation = try await PostgresInstallation.find()
        self.folder = folder
        // Whoever runs the private servers: a server refuses to run as root.
        var information = stat()
        let socketFolder = try await TestServer.standard.superuser()["host"] ?? ""
        guard stat(socketFolder, &information) == 0 else { throw Errno(rawValue: errno) }
        user = (information.st_uid, information.st_gid)
        guard chown(folder.path, user.uid, user.gid) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Makes an empty data folder, with a role `lastro` without special rights.
    public func initialise() async throws {
        try await tool(
            "initdb",
            ["-D", dataFolder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        )
        try await whileRunning { _ in
            try await withPostgresConnection(to: superuser()) { connection in
                _ = try await connection.script("CREATE ROLE lastro LOGIN CREATEDB")
            }
        }
    }

    /// Makes the data folder of a standby.
    public func follow(_ primary: ConnectionSettings) async throws {
        try await tool(
            "pg_basebackup",
            [
                "-D", dataFolder, "-d", "host=\(primary["host"] ?? "") port=\(primary["port"] ?? "5432") user=postgres",
                "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf", "--no-sync",
            ]
        )
    }

    /// Runs the server for the duration of a closure, and stops it at once behind it; one that was killed starts again.
    ///
    /// - Parameters:
    ///   - settings: settings of the server.
    ///   - body: what to do with the running server; ``crash()`` makes it crash.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws, or what keeps the server from starting.
    @discardableResult
    public func whileRunning<Result: Sendable>(
        _ settings: [String: String] = [:],
        _ body: @Sendable @escaping (OwnServer) async throws -> Result
    ) async throws -> Result {
        let all = ["listen_addresses": "", "port": "5432", "unix_socket_directories": folder.path, "autovacuum": "off"]
            .merging(settings) { $1 }
        let words = ["-D", dataFolder] + all.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        // Ends with the test's process, however that one ends; a server that was killed is started again.
        let script = """
            log=$1 owner=$2 stop=$3; shift 3
            while [ -d "/proc/$owner" ] && [ ! -e "$stop" ]; do
                "$@" >>"$log" 2>&1 &
                server=$!
                while [ -d "/proc/$owner" ] && [ ! -e "$stop" ] && kill -0 "$server" 2>/dev/null; do sleep 0.05; done
            done
            kill -QUIT "$server" 2>/dev/null
            wait "$server"
            rm -f "$stop"
            """
        let program = installation.program("postgres").string
        let command = ["/bin/sh", "-c", script, "sh", folder.file("log"), "\(getpid())", stopFile, program] + words
        let outcome = try await run(
            executable(command),
            arguments: arguments(command),
            workingDirectory: "/",
            input: .none,
            output: .discarded,
            error: .discarded
        ) { _ in
            let result: Swift.Result<Result, any Error>
            do {
                try await withPostgresConnection(to: superuser(), waitingUpTo: .seconds(30)) { _ in }
                result = .success(try await body(self))
            } catch {
                result = .failure(error)
            }
            try folder.write("", to: "stop")
            return result
        }
        return try outcome.closureResult.get()
    }

    /// Ends every process of the server with SIGKILL, as if the machine had lost them all, and waits until it is up again.
    public func crash() async throws {
        guard let postmaster else { return }
        let children = processes(of: postmaster)
        // The postmaster first: it would start all the others again.
        for process in [postmaster] + children { _ = kill(process, SIGKILL) }
        while self.postmaster == postmaster { try await Task.sleep(for: .milliseconds(10)) }
        try await withPostgresConnection(to: superuser(), waitingUpTo: .seconds(60)) { _ in }
    }

    private var stopFile: String { folder.file("stop") }

    /// The server's log.
    public var log: String { (try? folder.read("log")) ?? "" }  // not there before the first start

    private var postmaster: pid_t? {
        guard let text = try? folder.read("data/postmaster.pid") else { return nil }  // it does not run
        return text.split(separator: "\n").first.flatMap { pid_t($0) }
    }

    private func processes(of parent: pid_t) -> [pid_t] {
        let list = FilePath("/proc/\(parent)/task/\(parent)/children").string
        guard let file = fopen(list, "r") else { return [] }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        let count = fread(&buffer, 1, buffer.count, file)
        let text = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: " ").compactMap { pid_t($0) }
    }

    private func tool(_ name: String, _ words: [String]) async throws {
        let command = [installation.program(name).string] + words
        let result = try await run(
            executable(command),
            arguments: arguments(command),
            workingDirectory: "/",
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else { throw ToolFailure(name: name, words: result.standardError) }
    }

    private var isSwitched: Bool { geteuid() != user.uid }

    private func executable(_ command: [String]) -> Executable {
        .path(isSwitched ? "/usr/bin/setpriv" : FilePath(command[0]))
    }

    private func arguments(_ command: [String]) -> Arguments {
        let switching = ["--reuid=\(user.uid)", "--regid=\(user.gid)", "--clear-groups", "--no-new-privs"]
        return Arguments(isSwitched ? switching + command : Array(command.dropFirst()))
    }
}

private struct ToolFailure: Error {
    let name: String
    let words: String
}

/// Lends a server's place to a test, without data yet, and removes it behind it.
public func withOwnServer<Result>(_ body: (OwnServer) async throws -> Result) async throws -> Result {
    try await withTemporaryFolder { folder in
        try await body(OwnServer(in: folder))
    }
}
