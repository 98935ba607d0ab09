import Synchronization

/// The jobs that a worker holds just now: a table under a lock, with what is to be done about each.
///
/// Most of them run. A few wait for room that there was to be by the time they came; these have no handler to tell anything.
/// Whoever takes some out says how they ended, and until that is said the table is not empty: no end is lost where all stops.
final class RunningJobs: Sendable {
    /// Why a handler was told to stop.
    enum Cause: Sendable {
        case timeout
        case request
        case shutdown
        case lostWorker
    }

    /// A job that a handler works on, or will.
    struct Entry: Sendable {
        let job: FetchedJob
        let settings: JobSettings
        /// When the handler was started; when the job was taken, of one that waits.
        var started: ContinuousClock.Instant
        var deadline: ContinuousClock.Instant { started + settings.timeout }
        var task: Task<Void, Never>?
        var cause: Cause?
        var toldAt: ContinuousClock.Instant?
    }

    fileprivate struct State {
        /// By the claims' tokens: a job that was lost and taken again is another entry.
        var running: [Int: Entry] = [:]
        /// The next one last.
        var waiting: [Entry] = []
        var ended = 0
        /// How many are taken out just now.
        var leaving = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// How many jobs run.
    var count: Int { state.withLock { $0.running.count } }
    /// Whether no job runs, and of each that ran it is said how it ended.
    var areOver: Bool { state.withLock { $0.running.isEmpty && $0.leaving == 0 } }
    /// How many jobs run or wait.
    var held: Int { state.withLock { $0.held } }
    /// How many handlers have ended so far.
    var ended: Int { state.withLock { $0.ended } }

    /// The claims of all jobs that run or wait.
    var tokens: Set<Int> {
        state.withLock { Set($0.running.keys).union($0.waiting.map(\.job.token)) }
    }

    /// Adds jobs behind those that wait.
    func add(_ entries: [Entry]) {
        state.withLock { $0.waiting.insert(contentsOf: entries.reversed(), at: 0) }
    }

    /// Starts the tasks of those that wait while fewer than `room` run; none can end before it is known.
    func fill(_ room: Int, _ task: (Entry) -> Task<Void, Never>) {
        state.withLock { state in
            guard state.running.count < room, !state.waiting.isEmpty, !state.isClosed else { return }
            let now = ContinuousClock.now
            while state.running.count < room, var entry = state.waiting.popLast() {
                entry.started = now
                entry.task = task(entry)
                state.running[entry.job.token] = entry
            }
        }
    }

    /// Lets no more of them start: what comes yet only waits.
    func close() { state.withLock { $0.isClosed = true } }

    /// Takes out a job that runs, and has it said how it ended.
    ///
    /// - Returns: what is held then; nil if it was taken out before, and whatever its handler came up with counts no more.
    func remove(token: Int, _ sayEnd: (Entry) -> Void) -> (held: Int, hasWaiting: Bool)? {
        let entry = state.withLock { state -> Entry? in
            guard let entry = state.running.removeValue(forKey: token) else { return nil }
            state.ended += 1
            state.leaving += 1
            return entry
        }
        guard let entry else { return nil }
        sayEnd(entry)
        return state.withLock { state in
            state.leaving -= 1
            return (state.held, !state.waiting.isEmpty)
        }
    }

    /// Tells handlers to stop; the first cause counts.
    func stop(_ cause: Cause, where isMeant: (Entry) -> Bool) {
        let tasks = state.withLock { state -> [Task<Void, Never>] in
            var tasks: [Task<Void, Never>] = []
            for (token, entry) in state.running where entry.cause == nil && isMeant(entry) {
                state.running[token]?.cause = cause
                state.running[token]?.toldAt = .now
                if let task = entry.task { tasks.append(task) }
            }
            return tasks
        }
        for task in tasks { task.cancel() }
    }

    /// Takes out jobs that wait, and has it said of each how it ended.
    func removeWaiting(where isMeant: (Entry) -> Bool, _ sayEnd: (Entry) -> Void) {
        remove(sayEnd) { state in
            let removed = state.waiting.filter(isMeant)
            if !removed.isEmpty { state.waiting.removeAll(where: isMeant) }
            return removed
        }
    }

    /// Takes out the jobs whose handlers were told to stop so long ago and have not, and has it said of each how it ended.
    func removeStuck(after patience: Duration, _ sayEnd: (Entry) -> Void) {
        let now = ContinuousClock.now
        remove(sayEnd) { state in
            let stuck = state.running.values.filter { entry in
                entry.toldAt.map { now - $0 >= patience } ?? false
            }
            for entry in stuck { state.running[entry.job.token] = nil }
            return stuck
        }
    }

    /// Takes out all, and has it said of each how it ended.
    func removeAll(_ sayEnd: (Entry) -> Void) {
        remove(sayEnd) { state in
            let all = state.waiting + Array(state.running.values)
            state.waiting = []
            state.running = [:]
            return all
        }
    }

    private func remove(_ sayEnd: (Entry) -> Void, _ take: (inout State) -> [Entry]) {
        let entries = state.withLock { state in
            let entries = take(&state)
            state.leaving += entries.count
            return entries
        }
        guard !entries.isEmpty else { return }
        for entry in entries { sayEnd(entry) }
        state.withLock { $0.leaving -= entries.count }
    }
}

extension RunningJobs.State {
    fileprivate var held: Int { running.count + waiting.count }
}
