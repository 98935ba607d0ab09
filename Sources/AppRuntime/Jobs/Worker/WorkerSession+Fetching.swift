import Logging
import Postgres
import Synchronization

extension WorkerSession {
    private var mayGoOn: Bool { !stop.isRaised && !lost.isRaised }

    /// Takes jobs and starts them, until the worker is to stop; then its task is cancelled, too.
    func fetchLoop() async {
        var failures = 0
        var lastFullFetch: ContinuousClock.Instant?
        var ahead = 0
        var floors = FetchFloors(pollInterval: options.pollInterval)
        var lostReplies = LostReplies(timeToLive: options.timeToLive)
        while mayGoOn {
            startWaiting()
            let held = running.held
            let room = options.concurrency + ahead - held
            // Behind a full fetch there is probably more: many at once need few round trips, but a job that waits for
            // others to end must not wait long.
            let many = options.concurrency / 2
            let isEarly = room < many && lastFullFetch.map { .now - $0 < .milliseconds(5) } ?? false
            if room <= 0 || isEarly || acknowledger.backlog > 10 * options.acknowledgementBatch {
                let wanted = isEarly ? many : 1
                wakesAt.store(room >= wanted ? .max : held + room - wanted, ordering: .relaxed)
                // A job that ended before it could see the wish calls nobody.
                if running.held == held { await wake.wait(upTo: isEarly ? .milliseconds(5) : .milliseconds(250)) }
                if !isEarly { ahead = 0 }
                continue
            }
            do {
                try await lostReplies.look(in: self)
                let began = ContinuousClock.now
                let ended = running.ended
                let look = try await fetch(room, ahead: ahead, &floors)
                metrics.fetched(in: .now - began)
                failures = 0
                add(look.jobs)
                guard mayGoOn else { break }
                lastFullFetch = look.jobs.count == room ? .now : nil
                // As many as end while a fetch is on its way find room when it is back, and as many again soon after: large fetches
                // cost less than many small ones.
                ahead = lastFullFetch == nil ? 0 : min(mostAhead, 2 * (running.ended - ended))
                wakesAt.store(look.hasLimited ? .max : .min, ordering: .relaxed)
                guard lastFullFetch == nil else { continue }
                // What the floors hid is looked for as soon as they end.
                let poll = options.pollInterval * Double.random(in: 0.8...1.2)
                let rest = look.isWhole ? poll : min(poll, floors.rest(at: .now))
                await wake.wait(upTo: lostReplies.next.map { min(rest, max(.zero, $0 - .now)) } ?? rest)
            } catch {
                guard mayGoOn else { break }
                failures += 1
                lostReplies.noteFailure()
                logger.warning("cannot fetch jobs, trying again", metadata: ["error": "\(error)"])
                await pause(after: failures)
            }
        }
        // What a last fetch brought has nobody who would start it.
        running.removeWaiting(where: { _ in true }, giveBack)
    }

    /// How many jobs wait in the process at most, where others end quickly.
    private var mostAhead: Int { max(options.concurrency, min(4 * options.concurrency, 500)) }

    /// What a fetch came to.
    private struct Look {
        var jobs: [FetchedJob]
        /// Whether there are types whose jobs wait for others to end.
        let hasLimited: Bool
        /// Whether it looked above its floors, too.
        let isWhole: Bool
    }

    /// Takes so many jobs at most, of which so many will wait for room; of limited types none does, since it counts as running.
    private func fetch(_ limit: Int, ahead: Int, _ floors: inout FetchFloors) async throws -> Look {
        let connection = try await fetcher.open()
        let timeouts = types.map { (handlers.entries[$0]?.settings.timeout ?? .seconds(600)).storableSeconds }
        let began = ContinuousClock.now
        let stretches = floors.stretches(at: began)
        let results = try await take(
            on: connection,
            [
                try PostgresStatement(WorkerTransaction.taking),
                try FetchStatement.statement(types, limit: limit, worker: id, timeouts: timeouts, in: stretches),
                try PostgresStatement(FetchStatement.hasLimited, types),
            ]
        )
        floors.looked(from: stretches, limit: limit, start: began, end: .now, took: results[1])
        var look = Look(
            jobs: try FetchedJob.all(of: results[1]),
            hasLimited: try results[2].single.decode(Bool.self),
            isWhole: stretches == nil
        )
        let left = limit - ahead - look.jobs.count
        if look.hasLimited, left > 0 {
            let more = try await take(
                on: connection,
                [
                    try PostgresStatement(WorkerTransaction.taking),
                    try PostgresStatement(FetchStatement.lockControls, types),
                    try PostgresStatement(FetchStatement.limited, types, left, id, timeouts),
                ]
            )
            look.jobs += try FetchedJob.all(of: more[2])
        }
        return look
    }

    /// Sends the statements of a fetch, once more if a claim stood in its way.
    private func take(
        on connection: PostgresConnection,
        _ statements: [PostgresStatement]
    ) async throws -> [PostgresRows] {
        do {
            return try await connection.preparedPipeline(statements)
        } catch let error as PostgresError where error.sqlState == .uniqueViolation {
            try await connection.query(FetchStatement.dropStaleClaims)
            return try await connection.preparedPipeline(statements)
        }
    }

    private func add(_ jobs: [FetchedJob]) {
        guard !jobs.isEmpty else { return }
        let now = ContinuousClock.now
        let entries = jobs.compactMap { job -> RunningJobs.Entry? in
            // The fetch asks only for types that have a handler.
            guard let handler = handlers.entries[job.type] else { return nil }
            return RunningJobs.Entry(job: job, settings: handler.settings, started: now)
        }
        for (type, ofType) in Dictionary(grouping: jobs, by: \.type) {
            typeMetrics[type]?.started(after: ofType.map(\.waited))
        }
        running.add(entries)
        startWaiting()
    }

    /// Starts jobs that wait as far as there is room.
    private func startWaiting() {
        let isTraced = RuntimeSpan.isWanted
        running.fill(options.concurrency) { entry in
            Task { await work(on: entry.job, isTraced: isTraced) }
        }
    }

    private func work(on job: FetchedJob, isTraced: Bool) async {
        guard let handler = handlers.entries[job.type] else { return }
        let context = JobContext(
            id: job.id,
            type: job.type,
            attempt: job.attempt,
            maxAttempts: job.maxAttempts,
            traceParent: job.traceParent,
            isTraced: isTraced,
            payload: job.data,
            base: logger,
            reports: reports
        )
        let outcome: Result<String?, any Error>
        do {
            outcome = .success(try await handler.work(job.data, context))
        } catch {
            outcome = .failure(error)
        }
        // Of a job that was given up the result is nobody's.
        let left = running.remove(token: job.token) { entry in
            let acknowledgement = entry.acknowledgement(of: outcome)
            if case .failure(let error) = outcome, acknowledgement.outcome != .interrupted {
                context.logger.info(
                    "did not succeed",
                    metadata: ["error": "\(error)", "outcome": "\(acknowledgement.outcome)"]
                )
            }
            typeMetrics[job.type]?.finished(acknowledgement.outcome, after: .now - entry.started)
            acknowledger.add(Acknowledger.Item(acknowledgement: acknowledgement, batch: job.batch))
        }
        guard let left else { return }
        if left.hasWaiting { startWaiting() }
        callForRoom(holding: left.held)
    }

    /// Wakes the fetch loop if it waits for jobs to end, and so few are left, or for their ends to get through.
    func callForRoom(holding count: Int) {
        if count <= wakesAt.load(ordering: .relaxed) { wake.call() }
    }
}

extension RunningJobs.Entry {
    /// What to say of an attempt whose handler has ended so.
    func acknowledgement(of outcome: Result<String?, any Error>) -> Acknowledgement {
        switch outcome {
        case .success(let result):
            return acknowledgement(.completed, result: result)
        case .failure(let directive as JobDirective):
            switch directive {
            case .retry(let delay, let reason): return acknowledgement(.retry, error: reason, delay: delay)
            case .discard(let reason): return acknowledgement(.failed, error: reason)
            case .snooze(let delay): return acknowledgement(.snooze, delay: delay)
            }
        case .failure(let error):
            switch cause {
            case .timeout: return timedOut
            case .request: return acknowledgement(.cancelled, error: "cancelled while it ran")
            case .shutdown, .lostWorker:
                return acknowledgement(.interrupted, error: "interrupted by the worker's stop")
            case nil: return acknowledgement(.retry, error: "\(error)", delay: nextDelay)
            }
        }
    }

    /// What to say of an attempt that took too long.
    var timedOut: Acknowledgement {
        acknowledgement(.retry, error: "timed out after \(settings.timeout)", delay: nextDelay)
    }

    /// What to say of an attempt that the worker gives back.
    var givenBack: Acknowledgement { acknowledgement(.interrupted, error: "interrupted by the worker's stop") }

    private var nextDelay: Duration {
        settings.retry.delay(after: job.attempt, jitter: Double.random(in: 0.75...1.25))
    }

    private func acknowledgement(
        _ outcome: JobOutcome,
        result: String? = nil,
        error: String? = nil,
        delay: Duration = .zero
    ) -> Acknowledgement {
        Acknowledgement(
            jobID: job.id,
            token: job.token,
            outcome: outcome,
            result: result,
            error: error.map(StorableText.error),
            delay: delay
        )
    }
}
