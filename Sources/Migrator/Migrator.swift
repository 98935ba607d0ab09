public import Postgres
import SQLSyntax

/// Brings a database from the migrations that ran on it to those of a folder, each exactly once.
///
/// A migration runs in one transaction with its row in the history: it is there wholly or not at all, whenever the
/// runner or the server dies. One runner works at a time, and any number may be started. What stands in the way (an
/// edited file, a row that another hand wrote) stops a run before it begins.
///
/// ```swift
/// let migrator = Migrator(directory: "migrations", database: try ConnectionSettings("postgresql:///app"))
/// for try await event in migrator.migrate() {
///     if case .applied(let step, let duration) = event { print(step.name, duration) }
/// }
/// ```
public struct Migrator: Sendable {
    /// The folder of migrations.
    public let directory: String
    /// The database.
    public let database: ConnectionSettings
    /// How to run.
    public var options: Options
    /// What runs around migrations beside the hook files of the folder.
    public var hookAction: HookAction?
    /// Is told what a change of the history waits for, such as a mark; a run says so among its events.
    public var onWait: (@Sendable (MigrationEvent) -> Void)?
    /// What compares the database with what its migrations make, for a squashed file whose predecessors nobody compared.
    public var catalogComparison: CatalogComparison?
    /// The folder, if somebody has begun to read it; the first run takes it as it was read.
    public var reading: FolderReading?
    /// The scripts that runs on other targets have read already; nil to read each for itself.
    var scripts: ScriptCache?
    /// The folder as a run on another target has read it; nil to read it.
    var files: MigrationDirectory?
    /// Whether a run gives way at once to another runner.
    var givesWay = false
    /// How long a run waits for its second connection behind a pooler: at first, and where others keep the pool busy.
    var poolPatience = [Duration.seconds(2), .seconds(28)]

    /// How to run.
    public struct Options: Hashable, Sendable {
        /// How long to wait for a database that does not answer yet.
        public var connectPatience = Duration.zero
        /// How long to wait for another runner, and for what it left behind; nil for ever.
        public var lockPatience: Duration?
        /// Whether a migration may run after one that comes later in the folder.
        public var order = OrderRule.byVersion
        /// How long a statement of a migration waits for a lock before the migration is rolled back and tried again; nil for
        /// the server's own setting.
        public var lockTimeout: Duration? = .seconds(5)
        /// How often a migration that met a lock is tried again.
        public var lockRetries = 10
        /// How long a statement of a migration may run; nil for the server's own setting.
        public var statementTimeout: Duration?
        /// The role that migrations run as and that owns what they make; nil for the connection's own.
        public var role: String?
        /// The schema that migrations work in: it stands first in the search path, and the history is in it; nil for the
        /// search path as it is.
        public var schema: String?
        /// How the folder's files are named; nil to recognise it.
        public var layout: MigrationLayout?
        /// The values of `${name}` in files; nil to leave such text as it is.
        public var placeholders: [String: String]?
        /// The table of what ran; nil for `schema_migrations`, or `lastro_migrations` beside another tool's.
        public var historyTable: HistoryTableName?
        /// Whether all pending migrations are one transaction, as far as they can be.
        public var isSingleTransaction = false
        /// Why replaced migrations count as run though nobody compared their files; nil to compare the schema.
        public var squashReason: String?
        /// What happens where IF NOT EXISTS finds an object that is not what its statement declares.
        public var skipRule = SkipRule.verify
        /// Whether sessions that work on for a runner which is gone are ended instead of waited for.
        public var endsOrphans = false

        /// Makes options: no waiting for the database, waiting for ever for another runner, order by version, a
        /// recognised layout, no placeholders.
        public init(
            connectPatience: Duration = .zero,
            lockPatience: Duration? = nil,
            order: OrderRule = .byVersion,
            layout: MigrationLayout? = nil,
            placeholders: [String: String]? = nil
        ) {
            self.connectPatience = connectPatience
            self.lockPatience = lockPatience
            self.order = order
            self.layout = layout
            self.placeholders = placeholders
        }
    }

    /// Makes a migrator; nothing is read or opened yet.
    public init(directory: String, database: ConnectionSettings, options: Options = Options()) {
        self.directory = directory
        self.database = database
        self.options = options
    }

    /// Finds out what a run would do, and changes nothing.
    ///
    /// - Parameters:
    ///   - target: how far the run would go.
    ///   - onWait: is told who locks the history, when it cannot be read at once.
    /// - Returns: the plan, with what stands in its way.
    /// - Throws: ``MigratorError`` for the folder and the history; ``PostgresError``.
    public func plan(
        to target: MigrationTarget = .newest,
        onWait: @escaping @Sendable ([Blocker]) -> Void = { _ in }
    ) async throws -> Plan {
        try await withDatabase { event in
            if case .historyLocked(let blockers) = event { onWait(blockers) }
        } reading: { connection in
            try await record(on: connection)
        } _: { _, files, record in
            try await plan(files, record, to: target)
        }
    }

    /// Finds out what a run would do with a folder that was read before, on a connection that is open, and changes nothing.
    ///
    /// For who looks again and again: nothing is opened, and no file is read unless a migration is pending.
    ///
    /// - Parameters:
    ///   - files: the folder.
    ///   - connection: a connection to ``database``.
    /// - Returns: the plan, with what stands in its way.
    /// - Throws: ``MigratorError`` for the history; ``PostgresError``.
    public func plan(of files: MigrationDirectory, on connection: PostgresConnection) async throws -> Plan {
        let record: Record
        do {
            record = try await connection.withRole(options.role) { try await self.record(on: $0) }
        } catch let error as PostgresError where error.code == .server {
            throw MigratorError.historyUnreadable(error)
        }
        return try await plan(files, record, to: .newest)
    }

    /// What the database has on record.
    private struct Record: Sendable {
        let history: History
        var failed: Set<String> = []
        var progress = ProgressRecords()
        var obstacle: MigratorError?
    }

    private func record(on connection: PostgresConnection) async throws -> Record {
        let (store, history) = try await HistoryStore.read(
            named: options.historyTable,
            in: options.schema,
            from: connection
        )
        guard history.table != nil else {
            return Record(history: history, obstacle: try await otherHistory(beside: history, on: connection))
        }
        return Record(
            history: history,
            failed: try await store.failedMigrations(on: connection),
            progress: try await ProgressRecords(of: store, on: connection),
            obstacle: try await store.namelessRows(on: connection)
        )
    }

    private func plan(
        _ files: MigrationDirectory,
        _ record: Record,
        to target: MigrationTarget
    ) async throws -> Plan {
        let plan = try plan(files, record.history, to: target, failed: record.failed).plan
            .telling(record.progress, in: files, reader(beside: record.history))
        return plan.adding([record.obstacle].compactMap(\.self)).adding(
            await files.problemsInScripts(of: plan.pending, reader(beside: record.history))
        )
    }

    /// The error for a database that another tool has migrated: without adoption everything would run a second time.
    ///
    /// Who names a table for the history, or a schema of its own, has said that it is about other migrations.
    ///
    /// - Returns: nil where nothing is against it.
    func otherHistory(beside history: History, on connection: PostgresConnection) async throws -> MigratorError? {
        guard history.entries.isEmpty, options.historyTable == nil, options.schema == nil else { return nil }
        return try await ForeignTable.inUse(on: connection).map { .otherHistory($0.table.title, of: $0.tool) }
    }

    /// What reads the scripts of migrations that are to run beside a history.
    func reader(beside history: History) -> ScriptReader {
        ScriptReader(
            placeholders: options.placeholders,
            reserved: ReservedTables(history: history.tableName ?? options.historyTable?.name),
            cache: scripts
        )
    }

    /// Makes a plan, and the directory that it is of.
    ///
    /// Where files differ from what ran, they are looked at once more: a newline at the end is no change.
    func plan(
        _ files: MigrationDirectory,
        _ history: History,
        to target: MigrationTarget = .newest,
        failed: Set<String> = [],
        trusted: Set<String> = []
    ) throws(MigratorError) -> (plan: Plan, files: MigrationDirectory) {
        let trusted = options.squashReason == nil ? trusted : files.replacedNames
        func make(_ files: MigrationDirectory) throws(MigratorError) -> Plan {
            try Plan(
                directory: files,
                history: history,
                target: target,
                order: options.order,
                failed: failed,
                trusted: trusted
            )
            .tellingWhereToCatchUp(in: files)
        }
        let plan = try make(files)
        guard plan.statuses.contains(where: { $0.state == .changed || $0.state == .due }) else { return (plan, files) }
        let accepted = files.acceptingFinalNewlines(since: history)
        return (try make(accepted), accepted)
    }

    /// Applies the pending migrations.
    public func migrate(to target: MigrationTarget = .newest) -> MigrationRun {
        MigrationRun { [self] emit in
            try await tellingInterruption { try await apply(to: target, emit: emit) }
        }
    }

    /// Takes applied migrations back with their down files, the last one first.
    public func undo(_ target: UndoTarget = .steps(1)) -> MigrationRun {
        MigrationRun { [self] emit in
            try await tellingInterruption { try await undo(target, emit: emit) }
        }
    }

    /// Opens a connection and reads the history, and meanwhile the folder, for a closure.
    ///
    /// If both fail, the folder's error is the one to tell: it is there whatever the database does.
    ///
    /// - Parameters:
    ///   - emit: is told of waiting.
    ///   - reading: reads the history.
    ///   - body: the work.
    /// - Returns: what the closure returns.
    /// - Throws: what the closures throw; ``MigratorError`` for the folder; ``PostgresError`` for the connection.
    func withDatabase<Read: Sendable, Result>(
        emit: @escaping MigrationRun.Emit = { _ in },
        reading: @escaping @Sendable (PostgresConnection) async throws -> Read,
        _ body: (PostgresConnection, MigrationDirectory, Read) async throws -> Result
    ) async throws -> Result {
        async let opening = open(emit: emit, reading: reading)
        // The request to the server goes out first: what follows keeps this thread busy for milliseconds.
        await Task.yield()
        // If this throws, the connection is not waited for: whatever the database does, the folder's error is there.
        let files =
            if let known = self.files {
                known
            } else if let begun = self.reading {
                try await begun.directory
            } else {
                try await MigrationDirectory(readingFrom: directory, layout: options.layout)
            }
        let (connection, read) = try await opening
        do {
            let result = try await body(connection, files, read)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    private func open<Read: Sendable>(
        emit: @escaping MigrationRun.Emit,
        reading: @escaping @Sendable (PostgresConnection) async throws -> Read
    ) async throws -> (connection: PostgresConnection, read: Read) {
        let connection = try await PostgresConnection.open(database, waitingUpTo: options.connectPatience)
        do {
            let read = try await waitingVisibly(on: connection) {
                emit(.historyLocked($0))
            } _: {
                try await connection.withRole(options.role) { try await reading($0) }
            }
            return (connection, read)
        } catch {
            await connection.close()
            if let error = error as? PostgresError, error.code == .server {
                throw MigratorError.historyUnreadable(error)
            }
            throw error
        }
    }

    /// Runs a closure as the only runner, with the history read behind the lock.
    ///
    /// - Parameters:
    ///   - runID: the run's name in the history.
    ///   - connection: the connection for the work.
    ///   - lockConnection: the connection for the lock; nil to open one.
    ///   - emit: is told of waiting and of a takeover.
    ///   - body: the work.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws; ``MigratorError`` if another runner does not end in time.
    func withRunLock<Result>(
        runID: String,
        on connection: PostgresConnection,
        lockedBy lockConnection: PostgresConnection? = nil,
        emit: @escaping MigrationRun.Emit,
        _ body: (RunSession, History) async throws -> Result
    ) async throws -> Result {
        try await withConnection(lockConnection) { lockConnection in
            let (name, schema) = (options.historyTable, options.schema)
            let searchPath = try await connection.searchPath(beginningWith: schema, as: options.role)
            let store = try await connection.withRole(options.role) {
                try await HistoryStore.read(named: name, in: schema, from: $0).store
            }
            let lock = RunLock(on: lockConnection, for: store.table)
            try await lock.acquire(waitingUpTo: givesWay ? .zero : options.lockPatience) {
                emit(.waiting($0))
            } onPause: {
                try await connection.giveSignOfLife()
            }
            let isPooled = try await lock.checkPool(for: connection, within: poolPatience)
            // Read again: whoever held the lock before may have made the table.
            let (current, history) = try await settledHistory(runID: runID, on: connection, emit: emit)
            let server = try await lock.serverIdentity()
            let watch = RunWatch()
            let watching = Task { await watch.follow(on: lock, emit: emit) }
            defer { watching.cancel() }
            let session = RunSession(
                runID: runID,
                store: current,
                lock: lock,
                connection: connection,
                isPooled: isPooled,
                options: options,
                searchPath: searchPath,
                scripts: scripts,
                watch: watch,
                server: server,
                hookAction: hookAction,
                emit: emit
            )
            let result: Result
            do {
                result = try await body(session, history)
            } catch {
                await session.writeLockEvents()
                throw error
            }
            await session.writeLockEvents()
            watching.cancel()
            await watching.value
            await lock.release()
            return result
        }
    }

    /// The history with its tables made or taken over, read behind the lock.
    private func settledHistory(
        runID: String,
        on connection: PostgresConnection,
        emit: @escaping MigrationRun.Emit
    ) async throws -> (HistoryStore, History) {
        var attempts = 0
        while true {
            attempts += 1
            do {
                return try await connection.withRole(options.role) { connection in
                    let (found, _) = try await HistoryStore.read(
                        named: options.historyTable,
                        in: options.schema,
                        from: connection
                    )
                    do {
                        let takeover = try await found.setUp(runID: runID, on: connection)
                        if let takeover { emit(.tookOver(takeover)) }
                    } catch let error as PostgresError where error.code == .server {
                        if error.saysAlreadyThere, attempts < 3 { throw error }
                        throw MigratorError.historyNotMade(error, table: found.table)
                    }
                    return (found.settled, try await found.settled.history(on: connection))
                }
            } catch let error as PostgresError where error.saysAlreadyThere && attempts < 3 {
                // Another hand, which knows nothing of the lock, made such a table in the same moment.
                continue
            }
        }
    }

    private func withConnection<Result>(
        _ connection: PostgresConnection?,
        _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        guard let connection else { return try await withPostgresConnection(to: database, body) }
        return try await body(connection)
    }
}

extension PostgresError {
    /// Whether an object of that name is there; two sessions that make it at once meet in an index of the catalog.
    fileprivate var saysAlreadyThere: Bool {
        sqlState == .duplicateTable || sqlState == "42710" || sqlState == "42P06" || sqlState == .uniqueViolation
    }
}

extension PostgresConnection {
    /// Runs a closure as another role, in a transaction: what a session keeps might reach another client of a pooler.
    func withRole<Result>(_ role: String?, _ body: (PostgresConnection) async throws -> Result) async throws -> Result {
        guard let role else { return try await body(self) }
        return try await withTransaction(TransactionOptions(isolation: .readCommitted)) { connection in
            do {
                try await connection.script("SET LOCAL ROLE \(Identifier.quote(role))")
            } catch let error as PostgresError where error.code == .server {
                throw MigratorError.unusableRole(error)
            }
            return try await body(connection)
        }
    }
}
