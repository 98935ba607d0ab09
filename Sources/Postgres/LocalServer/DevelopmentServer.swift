import Glibc
import Subprocess
public import SystemPackage

/// A local server that stays: for daily work on one project, with data that is kept between starts.
///
/// It belongs to a folder, not to a process: it survives whoever started it, and there is one for each folder however
/// many try to start it. Its socket is its only address. Committed data survives a crash of the machine.
public struct DevelopmentServer: Sendable {
    /// What a development server is doing.
    public struct Status: Hashable, Sendable {
        /// Whether it runs and takes connections.
        public let isRunning: Bool
        /// The address of its database, as a libpq URL; the same from start to start.
        public let url: String
        /// The major version of its data; nil as long as there is none.
        public let major: Int?
        /// When it was started, counted from 1970-01-01 00:00 UTC; nil when it does not run.
        public let started: Duration?
        /// Where the data is: in the project's folder, or in the cache folder where the server's user cannot reach that.
        public let dataFolder: FilePath
        /// The server's log.
        public let log: FilePath

        /// What the data takes up on disk, in bytes; measured when it is asked for, file by file.
        public var bytes: Int { dataFolder.bytesBelow }
    }

    /// The database that a new development server has, owned by the role `lastro`.
    public static let database = "development"

    private let directory: FilePath
    private let home: FilePath
    private let surroundings: Surroundings

    /// The development server of a project.
    ///
    /// - Parameter directory: the folder for its files, usually `.lastro` in the project's folder; made at the first start.
    public init(directory: FilePath) {
        self.init(directory: directory, .current())
    }

    init(directory: FilePath, _ surroundings: Surroundings) {
        // Resolved, since that is the path under which the server's processes say where they work.
        let directory = directory.resolvedAsFarAsPossible
        self.directory = directory
        self.surroundings = surroundings
        home =
            surroundings.user.canEnter(directory)
            ? directory.appending("postgres")
            : surroundings.cache.development.appending("\(StableHash(directory.string))")
    }

    /// Starts the server if it does not run; its data is made at the first start.
    ///
    /// - Parameter options: which version, for new data, and which settings; it is durable in any case. Has no effect
    ///   on a server that runs.
    /// - Returns: what it is doing now.
    /// - Throws: ``LocalServerError``, also when the data belongs to a version that is not installed; `CancellationError`
    ///   if the task was cancelled, with the server stopped if it was being started.
    @discardableResult
    public func start(_ options: LocalServer.Options = LocalServer.Options()) async throws -> Status {
        try await locked {
            if running?.isReady == true { return status() }
            let installation = try await installation(for: options)
            if !data.isFolder { try await makeData(installation) }
            guard let lock = try await serverLock(limit: options.startLimit) else { return status() }
            try await launch(installation, options, lock)
            _ = consume lock
            return status()
        }
    }

    /// Stops the server if it runs, after its sessions were ended and a checkpoint was written.
    ///
    /// - Throws: ``LocalServerError``, also when the server runs where its processes cannot be seen from here.
    public func stop() async throws {
        guard directory.isFolder else { return }
        try await locked {
            guard let running else { return }
            let processes = ServerProcesses(dataFolder: data)
            guard processes.contains(running.pid) else { throw LocalServerError.runningElsewhere(folder: data) }
            kill(running.pid, SIGINT)  // PostgreSQL manual, 19.5 Shutting Down the Server: fast shutdown
            let deadline = ContinuousClock.now + .seconds(60)
            while processes.contains(running.pid) {
                if ContinuousClock.now > deadline {
                    throw LocalServerError.stopTimedOut(folder: data, pids: [running.pid])
                }
                try await Task.sleep(for: .milliseconds(10))
            }
            // Where nobody would look for it: it is made again at the next start.
            if !socketFolder.starts(with: home) { _ = socketFolder.withPlatformString { rmdir($0) } }
        }
    }

    /// What the server is doing; changes nothing.
    public func status() -> Status {
        let running = running
        let isReady = running?.isReady == true
        return Status(
            isRunning: isReady,
            url: url,
            major: major,
            started: isReady ? running?.started : nil,
            dataFolder: data,
            log: log
        )
    }

    /// The address of the server's database, as a libpq URL; the same from start to start.
    public var url: String { socketAddress(folder: socketFolder, database: Self.database, user: "lastro") }

    private var data: FilePath { home.appending("data") }
    private var log: FilePath { home.appending("log") }
    /// Locked by every process of the server as long as it lives: a container and the machine around it may share the
    /// folder, and do not see each other's processes.
    private var serverLock: FilePath { home.appending("server.lock") }

    /// The folder of the socket: with the data, where the path is not too long for the address of a socket.
    private var socketFolder: FilePath {
        let folder = home.appending("run")
        if socket(in: folder).string.utf8.count <= 107 { return folder }
        return FilePath("/tmp/lastro-\(surroundings.user.uid)/d-\(StableHash(home.string))")
    }

    private var socket: FilePath { socket(in: socketFolder) }

    private func socket(in folder: FilePath) -> FilePath { folder.appending(".s.PGSQL.\(LocalServer.port)") }

    private var major: Int? {
        data.appending("PG_VERSION").text.flatMap(PostgresInstallation.Version.init)?.major
    }

    /// The server's own account of itself, if there is one and the process in it is really this server, or there is a
    /// server that takes connections and whose processes cannot be seen from here.
    private var running: PostmasterFile? {
        guard let file = PostmasterFile(dataFolder: data) else { return nil }
        let processes = ServerProcesses(dataFolder: data)
        if processes.contains(file.pid) { return file }
        let isElsewhere = FileLock.isHeld(serverLock) && processes.running.isEmpty && socket.isListening
        return isElsewhere ? file : nil
    }

    /// Runs a closure while no other process starts or stops this server.
    private func locked<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            try directory.createFolders(mode: 0o755)
            let ignored = directory.appending(".gitignore")
            if !ignored.exists { try ignored.replaceContents(with: "*\n") }
            if !home.starts(with: directory) {
                try surroundings.cache.prepare(for: surroundings.user)
                try surroundings.user.createPrivateFolder(surroundings.cache.development)
            }
            let lock = try await FileLock.take(directory.appending("lock"))
            try surroundings.user.createPrivateFolder(home)
            let result = try await body()
            _ = consume lock
            return result
        } catch let error as Errno {
            throw LocalServerError.developmentFolderUnusable(folder: directory, reason: "\(error)")
        }
    }

    /// The installation that fits the data, or the one that is asked for where there is no data yet.
    private func installation(for options: LocalServer.Options) async throws -> PostgresInstallation {
        let search = InstallationSearch(surroundings)
        guard let major else {
            if let chosen = options.installation { return chosen }
            return try await search.find(major: options.major)
        }
        if let wanted = options.installation?.version.major ?? options.major, wanted != major {
            throw LocalServerError.majorMismatch(folder: data, data: major, wanted: wanted, installed: [])
        }
        if let chosen = options.installation { return chosen }
        let found = try await search.run { $0.version.major == major }.installations
        guard let fitting = found.last, fitting.version.major == major else {
            let majors = found.map(\.version.major)
            throw LocalServerError.majorMismatch(folder: data, data: major, wanted: nil, installed: majors)
        }
        return fitting
    }

    /// Makes the data directory under another name and puts it in place when it is whole.
    private func makeData(_ installation: PostgresInstallation) async throws {
        let template = Template(installation, surroundings, isDurable: true)
        try await template.prepare()
        let draft = home.appending("draft")
        await surroundings.remove(draft)  // of a start that was killed
        do {
            try await surroundings.output(
                of: "/bin/cp",
                ["-a", "--reflink=auto", template.folder.string, draft.string]
            )
            let create = "CREATE DATABASE \(Self.database) OWNER lastro;\n"
            try await installation.runAlone(create, dataFolder: draft, surroundings)
            try await surroundings.output(of: installation.program("initdb"), ["--sync-only", "--pgdata=\(draft)"])
            try draft.rename(to: data)
        } catch {
            await surroundings.remove(draft)
            throw error
        }
    }

    /// Waits until no process works in the data directory, and takes the lock that says so; nil if one of them turns out
    /// to be a server that is ready.
    ///
    /// There are some when a starter was killed, whose server is on its way up, and when a server was killed, whose
    /// sessions end by themselves: until they have, they write to the data.
    private func serverLock(limit: Duration) async throws -> FileLock? {
        let processes = ServerProcesses(dataFolder: data)
        let deadline = ContinuousClock.now + limit
        while true {
            let left = processes.running
            if left.isEmpty, let lock = try FileLock.takeIfFree(serverLock) {
                // What a crash has left the server would take for a living one's as soon as the process identifier in
                // it belongs to somebody else.
                for file in [data.appending("postmaster.pid"), socket, FilePath("\(socket).lock")] {
                    _ = file.withPlatformString { unlink($0) }
                }
                return lock
            }
            if running?.isReady == true { return nil }
            if ContinuousClock.now > deadline {
                if left.isEmpty { throw LocalServerError.runningElsewhere(folder: data) }
                throw LocalServerError.stopTimedOut(folder: data, pids: left)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Starts the server in a session of its own, and returns when it takes connections.
    private func launch(
        _ installation: PostgresInstallation,
        _ options: LocalServer.Options,
        _ lock: borrowing FileLock
    ) async throws {
        let lockDescriptor = lock.descriptor
        let folder = socketFolder
        if !folder.starts(with: home) { try surroundings.user.createPrivateFolder(folder.removingLastComponent()) }
        try surroundings.user.createPrivateFolder(folder)
        let arguments = try ServerSettings(isDurable: true, custom: options.settings)
            .arguments(dataFolder: data, socketFolder: folder, major: installation.version.major)
        do {
            let launched = try await surroundings.output(
                of: "/bin/sh",
                ["-c", launchScript, "lastro", log.string, installation.program("postgres").string] + arguments,
                from: .fileDescriptor(lockDescriptor, closeAfterSpawningProcess: false),
                createSession: true
            )
            guard let pid = pid_t(launched.lastLines(1)) else {
                throw LocalServerError.programFailed("/bin/sh", reason: "said `\(launched)` in place of a process")
            }
            try await waitUntilReady(pid, installation.version, limit: options.startLimit)
        } catch {
            _ = await ServerProcesses(dataFolder: data).stopAtOnce()
            throw error
        }
    }

    private func waitUntilReady(
        _ pid: pid_t,
        _ version: PostgresInstallation.Version,
        limit: Duration
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while running?.isReady != true {
            // In this order: what the server has written to its end is in the log when it has ended.
            let hasEnded = !isAlive(pid)
            let logEnd = (log.text ?? "").lastLines(10)
            if hasEnded {
                throw LocalServerError.startFailed(version: version, log: logEnd)
            }
            if ContinuousClock.now > deadline {
                throw LocalServerError.startTimedOut(version: version, limit: limit, log: logEnd)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// Leaves the server behind as a child of nobody, with nothing of the caller's open but the server's lock, which comes
/// as standard input, and says which process it is.
private let launchScript = """
    umask 077
    log=$1
    shift
    exec 3<&0 </dev/null
    "$@" >>"$log" 2>&1 &
    echo $!
    """
