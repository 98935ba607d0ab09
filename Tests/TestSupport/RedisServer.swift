import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A Redis of a test's own, on a Unix socket, that can be killed, stopped and started again.
public final class RedisServer: Sendable {
    /// The path of its socket.
    public let socketPath: String
    private let folder: TemporaryFolder
    private let process = Mutex<Process?>(nil)

    fileprivate init(in folder: TemporaryFolder) {
        self.folder = folder
        socketPath = folder.file("redis")
    }

    /// The server's log.
    public var log: String { (try? folder.read("log")) ?? "" }  // not there before the first start

    /// The process.
    public var pid: Int32 { process.withLock { $0?.processIdentifier ?? 0 } }

    /// Starts it, with nothing stored; its socket is there a moment later.
    ///
    /// - Parameter password: the password that it wants; none if nil.
    /// - Throws: what keeps the program from being run.
    public func start(password: String? = nil) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/redis-server")
        process.arguments =
            [
                "--port", "0", "--unixsocket", socketPath, "--save", "", "--appendonly", "no", "--dir", folder.path,
                "--databases", "4", "--logfile", folder.file("log"),
            ] + (password.map { ["--requirepass", $0] } ?? [])
        process.environment = ["PATH": "/usr/bin:/bin"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
    }

    /// Kills it.
    public func kill() {
        process.withLock { process in
            guard let process, process.isRunning else { return }
            Glibc.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }
}

/// Lends a Redis that runs to a test.
///
/// - Parameters:
///   - password: the password that it wants; none if nil.
///   - body: the test.
/// - Returns: what the test returns.
/// - Throws: what the test throws, or what keeps the server from starting.
public func withRedisServer<Result>(
    password: String? = nil,
    _ body: (RedisServer) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let server = RedisServer(in: folder)
        defer { server.kill() }
        try server.start(password: password)
        return try await body(server)
    }
}
