public import Postgres
import Subprocess
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Puts a PgBouncer in transaction mode before a database, for a test.
///
/// - Parameters:
///   - settings: the database.
///   - poolSize: how many server connections the pooler has.
///   - options: more lines of its configuration.
///   - body: the test, with settings that reach the database through the pooler.
/// - Returns: what the test returns.
/// - Throws: what the test throws, or what keeps the pooler from starting.
public func withPgBouncer<Result: Sendable>(
    to settings: ConnectionSettings,
    poolSize: Int,
    options: [String] = [],
    _ body: @Sendable @escaping (ConnectionSettings) async throws -> Result
) async throws -> Result {
    let socketFolder = settings["host"] ?? ""
    return try await withTemporaryFolder { folder in
        let database = settings["dbname"] ?? ""
        try folder.write(
            """
            [pgbouncer]
            listen_addr =
            unix_socket_dir = \(folder.path)
            listen_port = 6432
            auth_type = any
            pool_mode = transaction
            default_pool_size = \(poolSize)
            max_client_conn = 200
            query_wait_timeout = 60
            logfile = \(folder.file("log"))
            \(options.joined(separator: "\n"))

            [databases]
            \(database) = host=\(socketFolder) port=\(settings["port"] ?? "5432") dbname=\(database) user=\(settings["user"] ?? "")
            """,
            to: "pgbouncer.ini"
        )
        // As the user who may enter the server's socket folder: the pooler, like the server, refuses to run as root.
        var information = stat()
        guard stat(socketFolder, &information) == 0, chown(folder.path, information.st_uid, information.st_gid) == 0
        else {
            throw Errno(rawValue: errno)
        }
        let isSwitched = geteuid() != information.st_uid
        let command = ["/usr/sbin/pgbouncer", "-q", folder.file("pgbouncer.ini")]
        let switching = [
            "--reuid=\(information.st_uid)", "--regid=\(information.st_gid)", "--clear-groups", "--no-new-privs",
        ]
        let pooled = settings.with("host", folder.path).with("port", "6432")
        let outcome = try await run(
            .path(isSwitched ? "/usr/bin/setpriv" : FilePath(command[0])),
            arguments: Arguments(isSwitched ? switching + command : Array(command.dropFirst())),
            workingDirectory: "/",
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            let result: Swift.Result<Result, any Error>
            do {
                // Its socket is there a moment after it has started.
                try await withPostgresConnection(to: pooled, waitingUpTo: .seconds(20)) { _ in }
                result = .success(try await body(pooled))
            } catch {
                result = .failure(error)
            }
            try? execution.send(signal: .kill)  // it may have ended by itself
            return result
        }
        return try outcome.closureResult.get()
    }
}
