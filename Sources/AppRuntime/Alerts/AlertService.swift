public import Logging
public import Postgres

/// Tells people of alerts, on the channels that this process has, and watches that somebody leads.
///
/// Every process may run one. What is to be told stands in `alert_deliveries`, written together with the alert: it is
/// tried ten times, ever more rarely, and told at least once. What is silent waits, and what resolves meanwhile is not told.
public final class AlertService: DrainingService {
    private let connection: ReopenedConnection
    private let channels: [String: any AlertChannel]
    private let interval: Duration
    private let logger: Logger

    /// Makes the service; it does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - settings: where the database is.
    ///   - channels: the channels of this process's configuration; rules name them.
    ///   - interval: how often to look.
    ///   - logger: where to say what happens.
    public init(
        to settings: ConnectionSettings,
        channels: [any AlertChannel],
        every interval: Duration = .seconds(5),
        logger: Logger = Logger(label: "lastro.alerts")
    ) {
        connection = ReopenedConnection(settings.forWork, named: "lastro alerts")
        self.channels = Dictionary(channels.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        self.interval = interval
        self.logger = logger
    }

    /// Tells until a graceful shutdown, or the task's cancellation.
    public func run() async throws {
        await StopSignal.guarding { await self.work(until: $0, $1) }
    }

    private func work(until stop: StopSignal, _ wake: WakeUp) async {
        let began = ContinuousClock.now
        while !stop.isRaised {
            await look(watchingSince: began, until: stop)
            await wake.wait(upTo: interval * Double.random(in: 0.8...1.2))
        }
        await connection.close()
    }

    private func look(watchingSince began: ContinuousClock.Instant, until stop: StopSignal) async {
        do {
            try await withThrowingTaskGroup { group in
                group.addTask {
                    let connection = try await self.connection.open()
                    try await self.watchLeader(since: began, on: connection)
                    while !stop.isRaised, try await self.deliver(on: connection, until: stop) > 0 {}
                }
                // What is being told is told to its end, unless there is no time left for that.
                group.addTask {
                    await stop.arrivesHard()
                    throw CancellationError()
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            if stop.isRaised { return }
            logger.warning("cannot look after alerts, trying again", metadata: ["error": "\(error)"])
        }
    }

    /// Opens an alert where nobody leads: whoever leads judges all others, and resolves this one.
    ///
    /// Only the time counts in which this process has watched: that nobody led while nothing ran is no news at the next start.
    private func watchLeader(
        since began: ContinuousClock.Instant,
        on connection: PostgresConnection
    ) async throws {
        let rows = try await connection.query(SnapshotStatements.leader)
        guard let leader = try rows.first.map({ try LeaderFigures($0) }), !leader.isPresent else { return }
        let words =
            "nobody has led for \(Int(leader.vacancy)) s: no schedule fires and no dead worker's job is given back"
        let watched = min(leader.vacancy, began.duration(to: .now) / .seconds(1))
        let observation = AlertObservation(.noLeader, value: watched, words)
        try await AlertBook.judge([observation], for: [.noLeader], as: nil, on: connection)
    }

    /// Takes what is due, a few at once, and tells it.
    ///
    /// - Returns: how many were taken.
    @discardableResult
    func deliver(on connection: PostgresConnection, until stop: StopSignal = StopSignal()) async throws -> Int {
        // Taken by its next time: a process that dies here, or is to end, leaves it to be tried again then.
        let rows = try await connection.query(AlertDelivery.take, channels.keys.sorted())
        for row in rows where !stop.isRaised {
            let delivery = try AlertDelivery(row)
            guard let channel = channels[delivery.channel] else { continue }
            try await tell(delivery, through: channel, on: connection)
        }
        return rows.count
    }

    private func tell(
        _ delivery: AlertDelivery,
        through channel: any AlertChannel,
        on connection: PostgresConnection
    ) async throws {
        do {
            try await channel.deliver(delivery.message)
            try await connection.query(AlertDelivery.told, delivery.message.delivery)
        } catch let error as PostgresError {
            throw error
        } catch {
            let reason = StorableText.error("\(error)")
            logger.warning(
                "an alert could not be told",
                metadata: ["channel": "\(delivery.channel)", "alert": "\(delivery.message.key)", "error": "\(reason)"]
            )
            try await connection.query(AlertDelivery.failed, delivery.message.delivery, reason)
        }
    }
}

/// A row of `alert_deliveries` that was taken.
struct AlertDelivery: Sendable {
    /// How often one is tried.
    private static let attempts = 10

    let channel: String
    let message: AlertMessage

    init(_ row: PostgresRow) throws(PostgresError) {
        let (delivery, channel, event, attempt, alert, key, grade, title, details, opened, resolved) = try row.decode(
            String.self,
            String.self,
            String.self,
            Int.self,
            String.self,
            String.self,
            String.self,
            String.self,
            String.self,
            String.self,
            String?.self
        )
        self.channel = channel
        message = AlertMessage(
            delivery: delivery,
            attempt: attempt,
            event: event,
            alert: alert,
            key: key,
            severity: AlertSeverity(rawValue: grade) ?? .medium,
            title: title,
            details: details,
            openedAt: opened,
            resolvedAt: resolved
        )
    }

    static let take = """
        WITH due AS (
            SELECT d.id FROM alert_deliveries d JOIN ops_alertas a ON a.id = d.alert_id
            WHERE d.delivered_at IS NULL AND d.gave_up_at IS NULL AND d.next_try_at <= now()
                AND d.channel = ANY ($1::text[]) AND \(AlertSilence.end(of: "a.chave")) IS NULL
            ORDER BY d.next_try_at, d.id LIMIT 5 FOR UPDATE OF d SKIP LOCKED
        ), taken AS (
            UPDATE alert_deliveries d SET attempts = d.attempts + 1,
                next_try_at = now() + make_interval(secs => least(3600, 30 * 2 ^ least(d.attempts, 10)))
            FROM due WHERE d.id = due.id RETURNING d.*
        )
        SELECT t.id, t.channel, t.event, t.attempts, a.id, a.chave, a.severidade, a.titulo, a.detalhes,
            to_json(a.aberto_em) #>> '{}', to_json(a.resolvido_em) #>> '{}'
        FROM taken t JOIN ops_alertas a ON a.id = t.alert_id ORDER BY t.event, t.id
        """

    static let told = """
        WITH d AS (
            UPDATE alert_deliveries SET delivered_at = now(), last_error = NULL
            WHERE id = $1::uuid AND delivered_at IS NULL RETURNING *
        )
        INSERT INTO alert_events (alert_id, key, kind, details)
        SELECT a.id, a.chave, 'told', jsonb_build_object('channel', d.channel, 'event', d.event, 'attempt', d.attempts)
        FROM d JOIN ops_alertas a ON a.id = d.alert_id
        """

    static let failed = """
        WITH d AS (
            UPDATE alert_deliveries SET last_error = $2,
                gave_up_at = CASE WHEN attempts >= \(attempts) THEN now() END
            WHERE id = $1::uuid AND delivered_at IS NULL RETURNING *
        )
        INSERT INTO alert_events (alert_id, key, kind, details)
        SELECT a.id, a.chave, 'not-told', jsonb_build_object('channel', d.channel, 'event', d.event, 'error', $2::text)
        FROM d JOIN ops_alertas a ON a.id = d.alert_id WHERE d.gave_up_at IS NOT NULL
        """
}
