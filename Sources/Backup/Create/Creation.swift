import Catalog
public import Postgres

/// Takes a snapshot of a database into a repository.
public struct Creation: Sendable {
    private let database: ConnectionSettings
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
        async let dumped = SchemaDump.archive(
            of: database,
            snapshot: sessions.name,
            server: leader.serverVersion,
            lockTimeout: lockTimeout
        )
        let stamp = try await DefinitionStamp.read(on: leader)
        let (facts, sequences) = try await Self.orChanged {
            (
                try await DatabaseFacts.read(on: leader, roles: SourceRoles(isFull: hasFullRoles, note: note)),
                try await SourceSequence.all(on: leader)
            )
        }
        let writer = try ChunkWriter(
            to: repository.store,
            for: recipients,
            keys: keys,
            known: earlier.objects
        )
        let schema = try await dumped
        guard stamp.holds(in: try await DefinitionStamp.read(on: watcher)) else { throw BackupError.schemaChanged() }
        try await observe(.dumped, sessions)
        let compressor = try ZstdCompressor(level: 3)
        var manifest = Manifest(
            id: try SnapshotID(time: facts.time, after: earlier.newest?.id),
            database: facts.database,
            schema: try writer.write(schema, with: compressor),
            roles: try writer.write(Array(facts.roles.utf8), with: compressor),
            tables: [],
            sequences: sequences
        )
        let read = try await tables(sessions, writer, progress, encoding: facts.database.encoding)
        manifest.tables = read.tables
        manifest.largeObjects = read.largeObjects
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

    /// Reads all tables, the workers side by side.
    private func tables(
        _ sessions: SnapshotSessions,
        _ writer: ChunkWriter,
        _ progress: CreationProgress,
        encoding: String
    ) async throws -> ReadData {
        let sources = try await withForms(sessions.tables, encoding: encoding, on: sessions.leader)
        let tables = WorkUnit.plan(sources, server: sessions.leader.serverVersion)
        // In the snapshot, as everything: what others make or remove meanwhile is not seen.
        let objects = try await LargeObjectRange.all(on: sessions.leader).map { WorkUnit($0) }
        let units = (tables + objects).sorted { $0.bytes > $1.bytes }
        progress.begin(totalBytes: units.reduce(0) { $0 + $1.bytes })
        showProgress(progress)
        let pipeline = try ChunkPipeline(
            to: writer,
            compression: compression,
            sessions: sessions.workers.count,
            bufferSize: ChunkCutter().maximum + 64 * 1024
        )
        do {
            let queue = WorkQueue(units)
            let results = try await withTaskCancellationHandler {
                try await self.results(of: queue, sessions, pipeline, progress, encoding: encoding)
            } onCancel: {
                progress.stop()
            }
            let efforts = try await pipeline.finish()
            return ReadData(
                tables: Self.tables(sources, results),
                largeObjects: Self.largeObjects(results),
                efforts: efforts
            )
        } catch {
            progress.stop()
            await pipeline.abandon()
            throw error
        }
    }

    /// Reads all units, as long as there is somebody to read.
    private func results(
        of queue: WorkQueue<WorkUnit>,
        _ sessions: SnapshotSessions,
        _ pipeline: ChunkPipeline,
        _ progress: CreationProgress,
        encoding: String
    ) async throws -> [(WorkUnit, UnitReader.Result)] {
        let note = note
        var workers = sessions.workers
        var results: [(WorkUnit, UnitReader.Result)] = []
        // More than once only if a worker was lost when the others had nothing to do any more.
        while !queue.isEmpty {
            guard !workers.isEmpty else { throw BackupError.workersLost() }
            let shares = try await withThrowingTaskGroup(of: Share.self) { group in
                for (index, worker) in workers.enumerated() {
                    let reader = UnitReader(pipeline, progress: .init(progress: progress, number: index + 1))
                    group.addTask { try await Self.work(worker, queue, reader, encoding: encoding, note: note) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            workers = shares.filter { !$0.isLost }.map(\.worker)
            results += shares.flatMap(\.results)
        }
        return results
    }

    /// Reads what others may take away meanwhile.
    private static func orChanged<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as PostgresError where error.tellsOfChange {
            throw BackupError.schemaChanged(error.message)
        }
    }

    /// What was read.
    private struct ReadData {
        let tables: [Manifest.Table]
        let largeObjects: Manifest.LargeObjects?
        let efforts: [CompressionEffort: Int]
    }

    /// What the manifest says of large objects; nil if there are none.
    private static func largeObjects(_ results: [(WorkUnit, UnitReader.Result)]) -> Manifest.LargeObjects? {
        let units = results.compactMap { unit, result in
            if case .largeObjects(let range) = unit.source { (range, result) } else { nil }
        }
        guard !units.isEmpty else { return nil }
        var (entries, content) = (LineSum(), LineSum())
        for (_, result) in units {
            entries.add(result.entries)
            content.add(result.sum)
        }
        return Manifest.LargeObjects(
            count: entries.count,
            units: units.sorted { $0.0.first < $1.0.first }.map(\.1.unit),
            entrySum: entries.digits,
            contentSum: content.digits
        )
    }

    /// What the manifest says of the tables.
    private static func tables(
        _ tables: [SourceTable],
        _ results: [(WorkUnit, UnitReader.Result)]
    ) -> [Manifest.Table] {
        let byTable = Dictionary(grouping: results) { $0.0.tableIndex }
        return tables.enumerated().filter(\.element.holdsData).map { index, table in
            let units = (byTable[index] ?? []).map(\.1).sorted { ($0.pages.first ?? -1) < ($1.pages.first ?? -1) }
            var sum = LineSum()
            for unit in units { sum.add(unit.sum) }
            return Manifest.Table(
                schema: table.schema,
                name: table.name,
                columns: table.columns,
                units: units.map(\.unit),
                rows: sum.count,
                lineSum: sum.digits,
                condition: table.condition,
                owner: table.owner,
                form: table.isBinary ? .binary : nil
            )
        }
    }

    /// How chunks were compressed, for people; nil if none was.
    private static func words(for efforts: [CompressionEffort: Int], _ compression: Compression) -> String? {
        guard let most = efforts.max(by: { $0.value < $1.value }) else { return nil }
        guard compression == .automatic else { return most.key.words }
        let limit = most.key == .level(3) ? "the store" : "the processor"
        return "\(most.key.words) (\(limit) was the limit)"
    }

    /// Reads units until none is left; those of a worker that lost its connection are read by the others.
    private static func work(
        _ connection: PostgresConnection,
        _ queue: WorkQueue<WorkUnit>,
        _ reader: UnitReader,
        encoding: String,
        note: @Sendable (String) -> Void
    ) async throws -> Share {
        var share = Share(worker: connection)
        while let unit = queue.next() {
            do {
                share.results.append((unit, try await reader.read(unit, on: connection, encoding: encoding)))
            } catch let error as PostgresError where error.code == .connectionLost {
                queue.putBack(unit)
                note("a connection that read \(unit.name) was lost; the others read on")
                share.isLost = true
                return share
            }
        }
        return share
    }

    /// What a worker has read.
    private struct Share: Sendable {
        let worker: PostgresConnection
        var results: [(WorkUnit, UnitReader.Result)] = []
        var isLost = false
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

    private func withConnections<Result>(
        count: Int,
        _ body: ([PostgresConnection]) async throws -> Result
    ) async throws -> Result {
        var connections: [PostgresConnection] = []
        func close() async {
            for connection in connections { await connection.close() }
        }
        do {
            for _ in 0..<count { connections.append(try await PostgresConnection.open(database)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for connection in connections {
                    group.addTask { _ = try await connection.script(SnapshotSessions.settings) }
                }
                try await group.waitForAll()
            }
            let result = try await body(connections)
            await close()
            return result
        } catch {
            await close()
            throw error
        }
    }
}
