import Logging
import Postgres
import Synchronization

/// Sends the ends of attempts to the server, as many at once as have gathered while the last were on their way.
///
/// The first of a quiet time goes at once. What cannot be sent stays and is sent again: an end is never dropped while
/// the worker lives, and one that is sent twice changes nothing the second time. Where many gather while a session waits
/// for somebody's lock or for the disk, a second one sends them; only their counts wait for the commit of the first.
final class Acknowledger: Sendable {
    /// An end, with what has to be looked at behind it.
    struct Item: Sendable {
        var acknowledgement: Acknowledgement
        var batch: String?
    }

    /// A session that sends.
    private struct Sender: Sendable {
        let number: Int
        let connection: ReopenedConnection
        /// How many ends have to wait before it takes any.
        let least: Int
        let wake = WakeUp()
    }

    private struct State {
        var items: [Item] = []
        /// By the senders' numbers.
        var onTheirWay: [[Item]]
        var isClosed = false

        var all: [Item] { onTheirWay.reduce(items, +) }
        var count: Int { onTheirWay.reduce(items.count) { $0 + $1.count } }

        /// Whether a sender is to take some.
        func isWanted(_ sender: Sender) -> Bool {
            // At the end a few that wait behind a session that is held up are as good a reason as many.
            items.count >= (isClosed && !onTheirWay[0].isEmpty ? 1 : sender.least)
        }
    }

    private let state: Mutex<State>
    private let senders: [Sender]
    private let worker: String
    private let limit: Int
    private let logger: Logger
    private let metrics: JobMetrics

    /// Makes one.
    ///
    /// - Parameters:
    ///   - connection: what sends.
    ///   - helper: what sends beside it where many have gathered.
    ///   - worker: whose ends they are.
    ///   - limit: how many are sent at once at most.
    ///   - logger: is told what could not be sent.
    ///   - metrics: counts what was.
    init(
        connection: ReopenedConnection,
        helper: ReopenedConnection,
        worker: String,
        limit: Int,
        logger: Logger,
        metrics: JobMetrics
    ) {
        senders = [
            Sender(number: 0, connection: connection, least: 1),
            Sender(number: 1, connection: helper, least: max(2, limit / 2)),
        ]
        state = Mutex(State(onTheirWay: senders.map { _ in [] }))
        self.worker = worker
        self.limit = limit
        self.logger = logger
        self.metrics = metrics
    }

    /// How many ends wait or are on their way.
    var backlog: Int { state.withLock { $0.count } }

    /// The claims whose ends wait or are on their way.
    var tokens: Set<Int> { state.withLock { Set($0.all.map(\.acknowledgement.token)) } }

    func add(_ item: Item) {
        let waiting = state.withLock { state in
            state.items.append(item)
            return state.items.count
        }
        for sender in senders where waiting >= sender.least { sender.wake.call() }
    }

    /// Says that no more come; ``run(_:)`` returns when all are sent.
    func close() {
        state.withLock { $0.isClosed = true }
        wakeAll()
    }

    /// Sends what comes until it is closed and empty, or the task is cancelled.
    ///
    /// - Parameter afterDelivery: is called when some have got through.
    func run(_ afterDelivery: @escaping @Sendable () -> Void) async {
        await withTaskGroup { group in
            for sender in senders { group.addTask { await self.run(sender, afterDelivery) } }
            // Who returns has seen that nothing is left; another one may still try to get its session.
            await group.next()
            group.cancelAll()
        }
    }

    private func run(_ sender: Sender, _ afterDelivery: () -> Void) async {
        var failures = 0
        while !Task.isCancelled {
            let (isWanted, isClosed, isEmpty) = state.withLock { ($0.isWanted(sender), $0.isClosed, $0.count == 0) }
            if isClosed, isEmpty { return }
            guard isWanted else {
                await sender.wake.wait(upTo: isClosed ? .milliseconds(100) : .seconds(5))
                continue
            }
            do {
                // Nobody takes what it has no session for: the other one may send it at once.
                _ = try await sender.connection.open()
                if try await deliver(sender) { afterDelivery() }
                failures = 0
            } catch {
                if Task.isCancelled { return }
                failures += 1
                logger.warning(
                    "cannot say how jobs ended, trying again",
                    metadata: ["error": "\(error)", "jobs": "\(backlog)"]
                )
                await pause(after: failures)
            }
        }
    }

    /// Sends some; what does not get through waits again, for whoever comes first.
    ///
    /// - Returns: whether there were any.
    private func deliver(_ sender: Sender) async throws -> Bool {
        let items = state.withLock { state -> [Item] in
            guard state.isWanted(sender) else { return [] }
            let items = Array(state.items.prefix(limit))
            state.items.removeFirst(items.count)
            state.onTheirWay[sender.number] = items
            return items
        }
        if items.isEmpty { return false }
        do {
            try await send(items, on: sender.connection)
            let isClosed = state.withLock { state in
                state.onTheirWay[sender.number] = []
                return state.isClosed
            }
            if isClosed { wakeAll() }
            return true
        } catch {
            state.withLock { state in
                state.items = items + state.items
                state.onTheirWay[sender.number] = []
            }
            wakeAll()
            throw error
        }
    }

    private func wakeAll() {
        for sender in senders { sender.wake.call() }
    }

    private func send(_ items: [Item], on connection: ReopenedConnection) async throws {
        do {
            try await sendTogether(items, on: connection)
        } catch let error as PostgresError where error.isOfData {
            // One of them the server does not take: the halves find out which.
            guard items.count > 1 else { return try await sendRefused(items[0], error, on: connection) }
            let middle = items.count / 2
            try await send(Array(items[..<middle]), on: connection)
            try await send(Array(items[middle...]), on: connection)
        }
    }

    /// Says of an end that cannot be stored that the attempt failed; it is in nobody's way, whatever the server makes of that.
    private func sendRefused(_ item: Item, _ error: PostgresError, on connection: ReopenedConnection) async throws {
        var end = item.acknowledgement
        end.result = nil
        end.outcome = .retry
        end.error = "what came of this attempt cannot be stored: \(error.message)"
        end.delay = .seconds(60)
        do {
            try await sendTogether([Item(acknowledgement: end, batch: item.batch)], on: connection)
        } catch let error as PostgresError where error.isOfData {
            // The sweep for jobs that are held by nobody finds it.
            logger.error(
                "no end of a job can be stored: the worker lets go of it",
                metadata: ["job": "\(end.jobID)", "error": "\(error)"]
            )
            try await connection.open().query(
                "DELETE FROM job_claims WHERE job_id = $1::uuid AND token = $2 AND worker_id = $3::uuid",
                end.jobID,
                end.token,
                worker
            )
        }
    }

    private func sendTogether(_ items: [Item], on connection: ReopenedConnection) async throws {
        let acknowledgements = items.map(\.acknowledgement)
        let statement = try AckStatement.statement(acknowledgements, worker: worker)
        let connection = try await connection.open()
        let rows = try await connection.preparedPipeline([try PostgresStatement(WorkerTransaction.ending), statement])[
            1
        ]
        metrics.acknowledged(items.count)
        if rows.count < items.count { try await recordStale(acknowledgements, accepted: rows, on: connection) }
        let batches = Set(items.compactMap(\.batch))
        if !batches.isEmpty { try await look(at: batches.sorted(), on: connection) }
    }

    private func look(at batches: [String], on connection: PostgresConnection) async throws {
        do {
            try await BatchEnd.look(at: batches, on: connection)
        } catch let error as PostgresError where error.isOfData {
            // The ends have got through: whatever is wrong with what comes behind a batch, they are not to be sent again.
            logger.error("a batch cannot be ended", metadata: ["batches": "\(batches)", "error": "\(error)"])
        }
    }

    /// Leaves a trace of ends that came after their claims were lost.
    private func recordStale(
        _ sent: [Acknowledgement],
        accepted: PostgresRows,
        on connection: PostgresConnection
    ) async throws {
        let known = Set(try accepted.map { try String(postgres: $0[0]) })
        let stale = sent.filter { !known.contains($0.jobID) }
        metrics.stale(stale.count)
        logger.warning("jobs had been taken away before they ended", metadata: ["jobs": "\(stale.map(\.jobID))"])
        try await connection.query(
            """
            INSERT INTO job_events (job_id, kind, details)
            SELECT e.job_id, 'ack-stale', jsonb_build_object('outcome', e.outcome, 'worker', $3::text)
            FROM unnest($1::uuid[], $2::text[]) AS e (job_id, outcome)
            """,
            stale.map(\.jobID),
            stale.map(\.outcome.rawValue),
            worker
        )
    }
}

extension PostgresError {
    /// Whether the server refused a value, so that sending it again would not help: by what it is (SQLSTATE class 22), by a limit
    /// of the server's own (class 54) or by a check of the table.
    var isOfData: Bool {
        sqlState.map { ["22", "54"].contains($0.errorClass) || $0 == "23514" } ?? false
    }
}

/// How long to sleep after so many failures in a row: ever longer and never all at the same time.
func pauseLength(after failures: Int) -> Duration {
    .seconds(min(5, 0.05 * Double(1 << min(failures, 10))) * Double.random(in: 0.5...1))
}

/// Sleeps after so many failures in a row.
func pause(after failures: Int) async {
    try? await Task.sleep(for: pauseLength(after: failures))  // cut short when all stops
}
