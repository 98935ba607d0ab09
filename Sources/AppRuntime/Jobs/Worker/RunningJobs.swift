import Synchronization

/// The jobs that a worker holds just now: a table under a lock, with what is to be done about each.
///
/// Most of them run. A few wait for room that there was to be by the time they came; these have no handler to tell anything.
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
    }

    private let state = Mutex(State())

    /// How many jobs run.
    var count: Int { state.withLock { $0.running.count } }
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
            guard state.running.count < room, !state.waiting.isEmpty else { return }
            let now = ContinuousClock.now
            while state.running.count < room, var entry = state.waiting.popLast() {
                entry.started = now
                entry.task = task(entry)
                state.running[entry.job.token] = entry
            }
        }
    }

    /// Takes out a job that runs, and tells how many are held then; nil if it was taken out before, and whatever its handler
    /// came up with counts no more.
    func remove(token: Int) -> (Entry, held: Int, hasWaiting: Bool)? {
        state.withLock { state in
            guard let entry = state.running.removeValue(forKey: token) else { return nil }
            state.ended += 1
            return (entry, state.held, !state.waiting.isEmpty)
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

    /// Takes out jobs that wait.
    func removeWaiting(where isMeant: (Entry) -> Bool) -> [Entry] {
        state.withLock { state in
            let removed = state.waiting.filter(isMeant)
            if !removed.isEmpty { state.waiting.removeAll(where: isMeant) }
            return removed
        }
    }

    /// Takes out the jobs whose handlers were told to stop so long ago and have not.
    func removeStuck(after patience: Duration) -> [Entry] {
        let now = ContinuousClock.now
        return state.withLock { state in
            let stuck = state.running.values.filter { entry in
                entry.toldAt.map { now - $0 >= patience } ?? false
            }
            for entry in stuck { state.running[entry.job.token] = nil }
            return stuck
        }
    }

    /// Takes out all.
    func removeAll() -> [Entry] {
        state.withLock { state in
            defer { state = State() }
            return state.waiting + Array(state.running.values)
        }
    }
}

extension RunningJobs.State {
    fileprivate var held: Int { running.count + waiting.count }
}
