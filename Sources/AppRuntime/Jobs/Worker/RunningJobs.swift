import Synchronization

/// The jobs that a worker holds just now: a table under a lock, with what is to be done about each.
final class RunningJobs: Sendable {
    /// Why a handler was told to stop.
    enum Cause: Sendable {
        case timeout
        case request
        case shutdown
        case lostWorker
    }

    /// A job that a handler works on.
    struct Entry: Sendable {
        let job: FetchedJob
        let settings: JobSettings
        let started: ContinuousClock.Instant
        let deadline: ContinuousClock.Instant
        var task: Task<Void, Never>?
        var cause: Cause?
        var toldAt: ContinuousClock.Instant?
    }

    /// By the claims' tokens: a job that was lost and taken again is another entry.
    private let entries = Mutex<[Int: Entry]>([:])

    var count: Int { entries.withLock { $0.count } }

    /// Adds jobs and starts their tasks, none of which can end before it is known.
    func start(_ all: [Entry], _ task: (Entry) -> Task<Void, Never>) {
        entries.withLock { entries in
            for var entry in all {
                entry.task = task(entry)
                entries[entry.job.token] = entry
            }
        }
    }

    /// Takes a job out, and tells how many are left; nil if it was taken out before, and whatever its handler came up with
    /// counts no more.
    func remove(token: Int) -> (Entry, left: Int)? {
        entries.withLock { entries in
            entries.removeValue(forKey: token).map { ($0, entries.count) }
        }
    }

    /// Tells handlers to stop; the first cause counts.
    func stop(_ cause: Cause, where isMeant: (Entry) -> Bool) {
        let tasks = entries.withLock { entries -> [Task<Void, Never>] in
            var tasks: [Task<Void, Never>] = []
            for (token, entry) in entries where entry.cause == nil && isMeant(entry) {
                entries[token]?.cause = cause
                entries[token]?.toldAt = .now
                if let task = entry.task { tasks.append(task) }
            }
            return tasks
        }
        for task in tasks { task.cancel() }
    }

    /// Takes out the jobs whose handlers were told to stop so long ago and have not.
    func removeStuck(after patience: Duration) -> [Entry] {
        let now = ContinuousClock.now
        return entries.withLock { entries in
            let stuck = entries.values.filter { entry in
                entry.toldAt.map { now - $0 >= patience } ?? false
            }
            for entry in stuck { entries[entry.job.token] = nil }
            return stuck
        }
    }

    /// Takes out all.
    func removeAll() -> [Entry] {
        entries.withLock { entries in
            defer { entries = [:] }
            return Array(entries.values)
        }
    }
}
