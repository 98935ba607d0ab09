import Postgres
import Synchronization

/// Transactions that run one behind the other on the connection's own thread.
///
/// Between two of them the run has nothing to wait for, and every change of threads would cost the server a pause: with
/// many small migrations that is a third of the time. What is not as usual ends the row, and goes the long way.
final class TransactionRow: PostgresScriptFeed {
    /// What became of the transaction that the row ended with.
    struct Failure {
        let error: any Error
        /// Who was last seen to block it.
        let blockers: [Blocker]
    }

    /// A transaction that is sent, or is next.
    private struct Item {
        let run: TransactionRun
        let text: MigrationTransaction.ComposedText
        let marker: RunMarker
        let scan: LockScan
        var start = ContinuousClock.now
    }

    private struct State {
        /// How many were handed out.
        var count = 0
        /// How many came to their end.
        var ended = 0
        var upcoming: Item?
        var current: Item?
        /// What there is to tell, once the server has its next work: whoever hears of it takes time.
        var events: [MigrationEvent] = []
    }

    /// The run does not go on this way.
    private struct Stop: Error {}

    private let runs: [TransactionRun]
    private let state = Mutex(State())

    init(_ runs: [TransactionRun]) {
        self.runs = runs
    }

    /// How many came to their end, from the first on.
    var endedCount: Int { state.withLock(\.ended) }

    /// Runs them.
    ///
    /// - Returns: what became of the first one that did not come to its end; nil if there is none, or it was not sent.
    func run(on connection: PostgresConnection) async -> Failure? {
        do {
            // The server parses a text whole before it runs any of it, so the setting has to be there before.
            if await connection.parameterStatus("standard_conforming_strings") == "off" { return nil }
            try await connection.scripts(self)
            tell()
            return nil
        } catch {
            tell()
            let current = state.withLock(\.current)
            let blockers = current?.run.session.watch.end() ?? []
            await connection.rollBack()
            guard let current else { return nil }
            if let error = error as? PostgresError, error.code == .server {
                let failure = current.text.failure(for: error)
                // It is as if it had not been sent: whoever sends it again says all that it does.
                if current.run.prepared != nil, failure.lacksPrepared { return nil }
                return Failure(error: failure, blockers: blockers)
            }
            return Failure(error: error, blockers: blockers)
        }
    }

    func next() -> PostgresScript? {
        tell()
        return state.withLock { state in
            guard runs.indices.contains(state.count) else { return nil }
            let run = runs[state.count]
            let scan = run.session.locks.scan(run.task.script.source, run.text.statements)
            // A lock that others may wait for is announced, and its time taken.
            guard scan.demands.isEmpty else { return nil }
            let transaction = run.probingTransaction
            let text = transaction.composed
            state.count += 1
            state.upcoming = Item(run: run, text: text, marker: transaction.marker, scan: scan)
            return PostgresScript(text.sql)
        }
    }

    func willSend() throws {
        let item = try state.withLock { state in
            guard var item = state.upcoming, item.run.session.lock.connection.isConnected else { throw Stop() }
            item.start = .now
            state.current = item
            state.upcoming = nil
            return item
        }
        let (session, task) = (item.run.session, item.run.task)
        let events: [MigrationEvent] =
            [.started(task.step)] + task.script.remarks.map { .remark(task.step.name, $0) }
        state.withLock { $0.events += events }
        session.locks.begin()
        session.watch.begin(task.step, marker: item.marker)
    }

    func didEnd(_ results: [PostgresRows]) {
        let item = state.withLock { state in
            state.ended += 1
            defer { state.current = nil }
            return state.current
        }
        guard let item else { return }
        let session = item.run.session
        let notices = results.flatMap(\.notices)
        session.watch.end()
        _ = session.locks.note(item.scan, notices)
        let step = item.run.task.step
        let events: [MigrationEvent] =
            notices.map { .notice(step, $0) } + [.applied(step, item.start.duration(to: .now))]
        state.withLock { $0.events += events }
    }

    /// Tells what there is to tell.
    private func tell() {
        let events = state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
        for event in events { runs[0].session.emit(event) }
    }
}
