public import Postgres

/// Takes a snapshot of a database into a repository.
public struct Creation: Sendable {
    let database: ConnectionSettings
    let repository: Repository
    let recipients: [AgeRecipient]
    let keys: HostKeys
    /// How many sessions read data at once: while one waits for the server, another compresses.
    public var jobs = 4
    /// How hard to compress.
    public var compression = Compression.automatic
    /// How many bytes of the tables' text may be read in a second; nil for as many as come.
    public var maximumRate: Int?
    /// Is given the progress when data begins to be read.
    public var showProgress: @Sendable (CreationProgress) -> Void = { _ in }
    /// Which tables are read in COPY's binary form, as `table` or `schema.table`, with `*` and `?`.
    public var binaryTables: [String] = []
    /// Whether rights over the whole server, settings and passwords of the roles are in it too, as far as they may be read.
    public var hasFullRoles = false
    /// Whether everything is written anew, also what the repository has already.
    public var isFull = false
    /// Within which time each stored file that is referenced, and not written again, is read again.
    public var recheckTime: Duration = .seconds(30 * 86_400)
    /// What time it is, in seconds since 1970.
    var now = Timestamp.now
    /// How often it is begun anew when the schema changes meanwhile.
    public var attempts = 5
    /// How long others may wait for a lock that the backup holds, before it gives up; nil for as long as it takes.
    public var patienceOfOthers: Duration?
    /// How long the whole may take; nil for as long as it takes.
    public var maximumDuration: Duration?
    /// How long a table is waited for before all are let go, so that nobody waits for long behind us.
    var lockTimeout: Duration = .seconds(5)
    /// Is called before a session takes its locks, the leader's or a worker's.
    var willLock: @Sendable (PostgresConnection, _ isLeader: Bool) async throws -> Void = { _, _ in }
    /// Is called when a phase has ended.
    var observe: @Sendable (Phase, SnapshotSessions) async throws -> Void = { _, _ in }
    /// Is told what a user should know of.
    public var note: @Sendable (String) -> Void = { _ in }

    /// Makes ready for a snapshot.
    ///
    /// - Parameters:
    ///   - database: what to back up.
    ///   - repository: where to.
    ///   - recipients: who can decrypt it.
    ///   - keys: the host's keys.
    public init(
        of database: ConnectionSettings,
        into repository: Repository,
        for recipients: [AgeRecipient],
        keys: HostKeys
    ) {
        self.database = database
        self.repository = repository
        self.recipients = recipients
        self.keys = keys
    }

    /// Takes the snapshot.
    ///
    /// - Returns: the snapshot, which is whole and on disk.
    /// - Throws: ``BackupError``, `PostgresError` or `CancellationError`; then there is no new snapshot.
    public func callAsFunction() async throws -> Snapshot {
        guard !recipients.isEmpty else { throw BackupError.noRecipients() }
        var attempt = 1
        while true {
            do {
                let progress = CreationProgress(maximumRate: maximumRate)
                return try await withConnections(count: jobs + 2) { connections in
                    try await watched(by: connections[0], holding: Array(connections.dropFirst()), progress) {
                        try await take(
                            leader: connections[1],
                            workers: Array(connections.dropFirst(2)),
                            watcher: connections[0],
                            progress
                        )
                    }
                }
            } catch {
                guard attempt < attempts, await isWorthAnother(error, attempt: attempt) else { throw error }
                let words = (error as? BackupError)?.message ?? (error as? PostgresError)?.message
                note("\(words ?? "\(error)"); beginning anew")
                attempt += 1
                try await Task.sleep(for: .milliseconds(200 * attempt))
            }
        }
    }

    /// Whether another attempt may end otherwise.
    private func isWorthAnother(_ error: any Error, attempt: Int) async -> Bool {
        if let error = error as? BackupError {
            if error.code == .schemaChanged { return true }
            // Whether pg_dump fails for a reason that stays, the next time tells.
            if error.code == .programFailed, attempt == 1 { return true }
            guard [.connectionsLost, .programFailed].contains(error.code) else { return false }
        } else if let error = error as? PostgresError {
            guard error.code == .connectionLost || error.sqlState?.rawValue == "40001" else { return false }
        } else {
            return false
        }
        // A standby ends sessions that are in the way of what it has to replay.
        let isStandby = try? await withPostgresConnection(to: database) { connection in
            try await connection.query("SELECT pg_is_in_recovery()").single.decode(Bool.self)
        }
        return isStandby ?? false  // if it does not answer, there is nothing to be had from another attempt
    }

    private func take(
        leader: PostgresConnection,
        workers: [PostgresConnection],
        watcher: PostgresConnection,
        _ progress: CreationProgress
    ) async throws -> Snapshot {
        let start = ContinuousClock.now
        let source = try await BackupSource.read(on: leader)
        let fingerprint = try ChunkWriter.fingerprint(of: recipients, keys: keys)
        let earlier = try await earlierSnapshot(of: source.database, recipients: fingerprint)
        let sessions = try await SnapshotSessions.begin(
            leader: leader,
            workers: workers,
            lockTimeout: lockTimeout,
            willLock: { [willLock] in try await willLock($0, $0 === leader) }
        )
        try await observe(.locked, sessions)
        let writer = try ChunkWriter(
            to: repository.store,
            for: recipients,
            keys: keys,
            known: earlier.objects
        )
        let work = try await work(of: sessions, encoding: source.encoding)
        let (schema, read) = try await schemaAndData(work, sessions, writer, watcher: watcher, progress)
        let facts = schema.facts
        let manifest = Manifest(
            id: try SnapshotID(time: facts.time, after: earlier.newest?.id),
            database: facts.database,
            schema: schema.archive,
            roles: schema.roles,
            catalog: schema.catalog,
            migrations: facts.migrations,
            tables: read.tables,
            sequences: schema.sequences,
            largeObjects: read.largeObjects
        )
        try await observe(.read, sessions)
        // The snapshot was one only while the session that took it was there.
        try await sessions.leader.query("SELECT")
        await sessions.end()
        var index = try index(of: manifest, writer.result, time: facts.time, recipients: fingerprint)
        index.system = source.system
        index.seconds = Int((ContinuousClock.now - start).components.seconds)
        var snapshot = Snapshot(try SnapshotCommit(to: repository, signedWith: keys.signing, now: now)(index))
        snapshot.compression = Self.words(for: read.efforts, compression)
        return snapshot
    }

    /// How chunks were compressed, for people; nil if none was.
    private static func words(for efforts: [CompressionEffort: Int], _ compression: Compression) -> String? {
        guard let most = efforts.max(by: { $0.value < $1.value }) else { return nil }
        guard compression == .automatic else { return most.key.words }
        let limit = most.key == .level(3) ? "the store" : "the processor"
        return "\(most.key.words) (\(limit) was the limit)"
    }

    /// What ends one after the other while a snapshot is taken.
    enum Phase: Hashable, Sendable, CaseIterable {
        /// All tables are locked, and the snapshot is taken.
        case locked
        /// The schema is read.
        case dumped
        /// The data is read.
        case read
    }
}
