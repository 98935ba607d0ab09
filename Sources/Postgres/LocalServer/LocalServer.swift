import Glibc
public import SystemPackage

/// A private PostgreSQL server that is thrown away after use: for tests, proofs and drills.
///
/// - It needs no set-up: the programs are found, and its data is a copy of a template that is made once.
/// - It listens on a Unix socket in a folder that only its user can enter, never on the network.
/// - It does not run as root: where the caller is root, it runs as `postgres` or `nobody`.
/// - Nothing of it stays behind, however its owner ends: a watchdog process stops the server and removes the folder,
///   and what a killed watchdog has left is removed before the next start.
/// - The superuser `postgres` is for what Lastro itself sets up. Foreign SQL runs as `lastro`, who can make databases
///   but cannot run programs or read files on the server.
public final class LocalServer: Sendable {
    /// The PostgreSQL that runs.
    public let installation: PostgresInstallation
    private let folder: ServerFolder
    private let lock: FileLock
    private let watchdog: Watchdog
    private let surroundings: Surroundings

    /// The port in the name of every socket; with a folder for each server there is no need for another one.
    static let port = 5432

    /// The version of the server.
    public var version: PostgresInstallation.Version { installation.version }

    /// The server's log, which is there until it stops.
    public var log: FilePath { folder.log }

    /// The folder of the server's data directory, socket and log.
    public var path: FilePath { folder.path }

    private init(
        _ installation: PostgresInstallation,
        template: Template,
        _ options: Options,
        _ surroundings: Surroundings
    ) throws {
        let lock = try ServerFolder.claim(in: surroundings)
        let folder = ServerFolder(lockedBy: lock)
        do {
            let settings = ServerSettings(isDurable: options.isDurable, custom: options.settings)
            let command =
                try [installation.program("postgres").string]
                + settings.arguments(
                    dataFolder: folder.data,
                    socketFolder: folder.path,
                    major: installation.version.major
                )
            watchdog = try Watchdog(
                folder: folder,
                lock: lock,
                template: template.folder,
                command: command,
                surroundings
            )
        } catch {
            lock.removeFile()
            throw error
        }
        self.installation = installation
        self.folder = folder
        self.lock = lock
        self.surroundings = surroundings
    }

    /// Starts a server, and returns when it takes connections.
    ///
    /// - Parameter options: what kind of server.
    /// - Returns: the server; ``stop()`` ends it. To have it stopped in every case, use
    ///   ``withLocalServer(_:_:)``.
    /// - Throws: `CancellationError` if the task was cancelled, after everything was removed; ``LocalServerError``
    ///   otherwise.
    public static func start(_ options: Options = Options()) async throws -> LocalServer {
        try await start(options, .current())
    }

    static func start(_ options: Options, _ surroundings: Surroundings) async throws -> LocalServer {
        try Task.checkCancellation()
        await ServerFolder.sweep(surroundings)
        let installation =
            if let chosen = options.installation { chosen } else {
                try await InstallationSearch(surroundings).find(major: options.major)
            }
        let template = Template(installation, surroundings, isDurable: options.isDurable)
        try await template.prepare()
        let server = try LocalServer(installation, template: template, options, surroundings)
        do {
            try await server.waitUntilReady(limit: options.startLimit)
            return server
        } catch {
            await server.stop()
            throw error
        }
    }

    /// Stops the server and removes its data, and returns when both are gone; may be called again.
    public func stop() async {
        await watchdog.release()
        // Still there only if the watchdog was killed.
        if folder.path.exists { await folder.remove(surroundings) }
        _ = lock.path.withPlatformString { unlink($0) }
    }

    /// The address of a database of this server, as a libpq URL.
    ///
    /// - Parameters:
    ///   - database: the name of the database.
    ///   - user: the role; `lastro` for foreign SQL.
    /// - Returns: `postgresql://user@/database?host=…&port=…`.
    public func connectionString(database: String = "postgres", user: String = "postgres") -> String {
        socketAddress(folder: folder.path, database: database, user: user)
    }

    /// Waits for the server to take connections.
    private func waitUntilReady(limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        var wait = Duration.milliseconds(1)
        while PostmasterFile(dataFolder: folder.data)?.isReady != true {
            if watchdog.isGone {
                throw LocalServerError.startFailed(version: version, log: await watchdog.release())
            }
            if folder.exited.exists {
                throw LocalServerError.startFailed(version: version, log: logEnd)
            }
            if ContinuousClock.now > deadline {
                throw LocalServerError.startTimedOut(version: version, limit: limit, log: logEnd)
            }
            try await Task.sleep(for: wait)
            wait = min(wait * 1.2, .milliseconds(20))
        }
    }

    /// The last lines of the server's log.
    var logEnd: String { (folder.log.text ?? "").lastLines(10) }
}

/// Runs a local server for the duration of a closure.
///
/// - Parameters:
///   - options: what kind of server.
///   - body: what to do with it.
/// - Returns: what the closure returns, after the server was stopped and removed.
/// - Throws: what ``LocalServer/start(_:)`` or the closure throws, after the server was stopped and removed.
public func withLocalServer<Result>(
    _ options: LocalServer.Options = LocalServer.Options(),
    _ body: (LocalServer) async throws -> Result
) async throws -> Result {
    let server = try await LocalServer.start(options)
    do {
        let result = try await body(server)
        await server.stop()
        return result
    } catch {
        await server.stop()
        throw error
    }
}
