import Foundation
public import Postgres

/// Looks how the background work is, once for however many ask.
///
/// A snapshot is kept for two seconds, and whoever asks while one is being taken gets that one: a hundred open pages cost
/// the database what one costs. It has a connection of its own, which the application's pool does not have to lend.
public actor SnapshotSource {
    private let connection: ReopenedConnection
    private let lifetime: Duration
    private let status: RuntimeStatus?
    private var last: (result: Result<RuntimeSnapshot, any Error>, at: ContinuousClock.Instant)?
    private var underWay: Task<RuntimeSnapshot, any Error>?
    private var history: SnapshotHistory?
    private let gauges: SnapshotGauges?

    /// How many snapshots were taken.
    public private(set) var looks = 0
    /// The last snapshot that could be taken, however old; nil before the first.
    public private(set) var latest: RuntimeSnapshot?

    /// Makes a source that has looked at nothing yet.
    ///
    /// - Parameters:
    ///   - settings: where the database is.
    ///   - status: what this process knows of its components.
    ///   - lifetime: how long a snapshot is kept.
    ///   - setsGauges: whether each snapshot also sets this process's gauges for Prometheus.
    public init(
        to settings: ConnectionSettings,
        status: RuntimeStatus? = nil,
        lifetime: Duration = .seconds(2),
        setsGauges: Bool = true
    ) {
        connection = ReopenedConnection(settings, named: "lastro figures")
        self.status = status
        self.lifetime = lifetime
        gauges = setsGauges ? SnapshotGauges() : nil
    }

    /// How the background work is, or was two seconds ago.
    ///
    /// - Returns: the snapshot.
    /// - Throws: ``PostgresError``, for two seconds the same.
    public func snapshot() async throws -> RuntimeSnapshot {
        if let last, last.at.duration(to: .now) < lifetime { return try last.result.get() }
        if let underWay { return try await underWay.value }
        // Not the task of whoever asks first: the others wait for it too, and it may be cancelled.
        let task = Task { try await take() }
        underWay = task
        let result = await task.result
        underWay = nil
        last = (result, .now)
        return try result.get()
    }

    /// Closes the connection; it is opened again when somebody asks.
    public func close() async { await connection.close() }

    private func take() async throws -> RuntimeSnapshot {
        let connection = try await connection.open()
        if let history, history.isFresh {
            let snapshot = try await look(history, on: connection)
            return snapshot
        }
        let fresh = try await SnapshotHistory(on: connection)
        history = fresh
        return try await look(fresh, on: connection)
    }

    private func look(_ history: SnapshotHistory, on connection: PostgresConnection) async throws -> RuntimeSnapshot {
        looks += 1
        let asked = Date()
        let began = ContinuousClock.now
        let answers = try await connection.pipeline(SnapshotAnswers.statements(since: history.edge))
        let latency = began.duration(to: .now) / .seconds(1)
        let reading = SnapshotReading(asked: asked, latency: latency, history: history, status: status?.current)
        let snapshot = try reading.snapshot(from: SnapshotAnswers(answers))
        latest = snapshot
        gauges?.set(snapshot)
        return snapshot
    }
}

/// What does not change any more: the minutes that are over, read once a minute.
struct SnapshotHistory: Sendable {
    /// The first minute, as a number since 1970, that may still change: acknowledgements that began in a minute may commit in the
    /// next one.
    let edge: Int
    let minutes: [RollupRow]
    /// By type; the minute is 1 for those of the last hour, else 0.
    let types: [RollupRow]
    let requests: [RequestMinute]
    private let readAt = ContinuousClock.now

    var isFresh: Bool { readAt.duration(to: .now) < .seconds(60) }

    init(on connection: PostgresConnection) async throws {
        let answers = try await connection.pipeline(
            [try PostgresStatement("SELECT extract(epoch FROM date_trunc('minute', clock_timestamp()))::int8 / 60 - 1")]
        )
        edge = try answers[0].single.decode(Int.self)
        let rows = try await connection.pipeline(try Self.statements(edge: edge))
        minutes = try rows[1].map(RollupRow.init)
        types = try rows[2].map(RollupRow.init)
        requests = try RequestMinute.read(rows[3])
    }

    static func statements(edge: Int) throws(PostgresError) -> [PostgresStatement] {
        [
            try SnapshotAnswers.patience,
            try PostgresStatement(SnapshotStatements.minutes, edge),
            try PostgresStatement(SnapshotStatements.types, edge),
            try PostgresStatement(SnapshotStatements.requests, edge, RequestMetric.allCases.map(\.rawValue)),
        ]
    }
}
