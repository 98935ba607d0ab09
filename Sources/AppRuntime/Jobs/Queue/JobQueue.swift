public import Foundation
public import Postgres

/// Where jobs are put, and where people look after them.
///
/// A job that is inserted within a transaction of the caller's is there if that transaction commits, and only then: no
/// second system can disagree. Workers of this process are woken directly, those of others by a notification.
public struct JobQueue: Sendable {
    let pool: PostgresPool
    let wake: JobWake
    let metrics = JobMetrics()

    /// Makes a queue over a pool of connections to the database that has the table `jobs`.
    public init(pool: PostgresPool) {
        self.pool = pool
        wake = JobWake(metrics: metrics)
    }

    /// Puts a job into the queue.
    ///
    /// - Parameters:
    ///   - job: the work.
    ///   - insertion: when and how it is to run; what is left out comes from the job's own settings.
    /// - Returns: the job's id.
    /// - Throws: ``AppRuntimeError`` for a payload that cannot be written; ``PostgresError``.
    @discardableResult
    public func insert<Work: Job>(_ job: Work, _ insertion: JobInsertion = JobInsertion()) async throws -> String {
        try await pool.withConnection { try await insert(job, insertion, on: $0) }
    }

    /// Puts a job into the queue within the transaction that is open on the caller's connection.
    @discardableResult
    public func insert<Work: Job>(
        _ job: Work,
        _ insertion: JobInsertion = JobInsertion(),
        on connection: PostgresConnection
    ) async throws -> String {
        let row = try JobRow(job, insertion)
        try await send(try row.statements, inserting: row, on: connection)
        return row.id
    }

    /// Puts many jobs of one kind into the queue with one COPY: all of them or none.
    ///
    /// - Parameters:
    ///   - jobs: the work.
    ///   - insertion: the same for all; a batch, keys, tags and traces cost a row more for each job.
    /// - Returns: the ids, in the order of the jobs.
    /// - Throws: ``AppRuntimeError`` for a payload that cannot be written; ``PostgresError``.
    @discardableResult
    public func insert<Work: Job>(
        contentsOf jobs: some Sequence<Work> & Sendable,
        _ insertion: JobInsertion = JobInsertion()
    ) async throws -> [String] {
        try await pool.withConnection { connection in
            try await connection.withTransaction { try await insert(contentsOf: jobs, insertion, on: $0) }
        }
    }

    /// Puts many jobs of one kind into the queue, within the transaction that is open on the caller's connection.
    @discardableResult
    public func insert<Work: Job>(
        contentsOf jobs: some Sequence<Work> & Sendable,
        _ insertion: JobInsertion = JobInsertion(),
        on connection: PostgresConnection
    ) async throws -> [String] {
        let rows = try jobs.map { try JobRow($0, insertion) }
        guard !rows.isEmpty else { return [] }
        try await JobRow.copy(rows, on: connection)
        if insertion.isDue { try await connection.query(try JobWake.notification(of: Work.type)) }
        wake.callLocal()
        metrics.enqueued(Work.type, rows.count)
        if insertion.isDue { metrics.notified(isSuppressed: false) }
        return rows.map(\.id)
    }

    /// Sends the statements that belong to the insertion of one job, and wakes those who work on its type.
    func send(
        _ statements: [PostgresStatement],
        inserting row: JobRow,
        on connection: PostgresConnection
    ) async throws {
        let isDue = row.insertion.isDue
        let isNotified = isDue && wake.mayNotify(row.type)
        let all = statements + (isNotified ? [try JobWake.notification(of: row.type)] : [])
        if !all.isEmpty { _ = try await connection.pipeline(all) }
        metrics.enqueued(row.type)
        guard isDue else { return }
        // A transaction of the caller's is open yet; what comes too early is made good by the poll.
        wake.callLocal()
        if !isNotified { wake.notifyLater(row.type, through: pool) }
    }
}

/// When and how a job is to run.
public struct JobInsertion: Sendable {
    /// Not before this time; nil for at once.
    public var scheduledAt: Date?
    /// Which jobs go first, the higher number; nil as the job's settings say.
    public var priority: Int?
    /// How often it is tried in all; nil as the job's settings say.
    public var maxAttempts: Int?
    /// A name for people; nil for the type.
    public var name: String?
    /// What ``JobLimits/runningPerKey`` counts.
    public var concurrencyKey: String?
    /// The batch that the job belongs to.
    public var batch: JobBatch?
    /// Words to find the job by.
    public var tags: [String]
    /// Who asked for it.
    public var actor: String?
    /// The W3C trace context of the request that asked for it.
    public var traceParent: String?

    /// Makes an insertion; without arguments the job runs as soon as a worker has room.
    public init(
        scheduledAt: Date? = nil,
        priority: Int? = nil,
        maxAttempts: Int? = nil,
        name: String? = nil,
        concurrencyKey: String? = nil,
        batch: JobBatch? = nil,
        tags: [String] = [],
        actor: String? = nil,
        traceParent: String? = nil
    ) {
        self.scheduledAt = scheduledAt
        self.priority = priority
        self.maxAttempts = maxAttempts
        self.name = name
        self.concurrencyKey = concurrencyKey
        self.batch = batch
        self.tags = tags
        self.actor = actor
        self.traceParent = traceParent
    }

    var isDue: Bool { scheduledAt.map { $0 <= Date() } ?? true }

    var hasMeta: Bool {
        concurrencyKey != nil || batch != nil || !tags.isEmpty || actor != nil || traceParent != nil
    }
}
