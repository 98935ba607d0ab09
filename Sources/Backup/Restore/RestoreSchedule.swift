import Postgres
import SourceText

/// A piece of a restore's work that one session does.
struct RestoreTask: Sendable {
    enum Work: Sendable {
        case load(DataLoad.Batch)
        case make(SchemaEntry)
        case analyse(String)
        case compare([Comparison.Part])
    }

    let work: Work
    /// The tables that it is about, by the archive's numbers.
    let tables: [Int]
    /// How large the largest of these is.
    let bytes: Int
    /// Whether it is done while the rows are still in the processor's caches, before others are loaded.
    var isSmall = false

    /// What it keeps others from; what is alike can be done at once, but for statistics.
    enum Lock: Int, Sendable {
        case none, reading, indexing, analysing, exclusive
    }

    var lock: Lock {
        switch work {
        // Nothing else is done with a table while it is loaded.
        case .load: .none
        case .compare: .reading
        case .make(let entry): entry.kind == "INDEX" ? .indexing : .exclusive
        case .analyse: .analysing
        }
    }

    /// What comes first: small tables to their end, then rows, what is made of them, and what can be done at any time in the end.
    fileprivate var rank: Int {
        switch work {
        case .load: 1
        case .make: isSmall ? 0 : 2
        case .analyse: isSmall ? 0 : 3
        case .compare: isSmall ? 0 : 4
        }
    }
}

/// Hands out work that is done side by side: what is about large tables first, nothing before what it needs, and nothing that would
/// wait for a lock.
actor RestoreSchedule {
    private var waiting: [[RestoreTask]] = [[], [], [], [], []]
    /// What waits for rows, by a table that has not all of its yet.
    private var dormant: [Int: [RestoreTask]] = [:]
    /// Objects that are not there yet, by the archive's numbers.
    private var unmade: Set<Int>
    /// How much is to be loaded into a table yet, and how many objects are to be made on it that statistics may be about.
    private var loads: [Int: Int] = [:]
    private var makes: [Int: Int] = [:]
    /// How many hold each kind of lock on a table.
    private var locks: [Int: [Int]] = [:]
    private var running = 0
    private var isStopped = false
    private var sleepers: [CheckedContinuation<Void, Never>] = []

    init(_ tasks: [RestoreTask]) {
        unmade = Set(tasks.compactMap { if case .make(let entry) = $0.work { entry.id } else { nil } })
        // The sort is stable only by the place as well.
        for task in tasks {
            for table in task.tables {
                switch task.work {
                case .load: loads[table, default: 0] += 1
                case .make(let entry): if !entry.hasItsIndex { makes[table, default: 0] += 1 }
                case .analyse, .compare: break
                }
            }
        }
        // The sort is stable only by the place as well.
        for task in tasks.enumerated().sorted(by: { ($1.element.bytes, $0.offset) < ($0.element.bytes, $1.offset) }) {
            if let table = task.element.unloaded(loads) {
                dormant[table, default: []].append(task.element)
            } else {
                waiting[task.element.rank].append(task.element)
            }
        }
    }

    /// The next piece of work; nil when nothing is left.
    func next() async throws -> RestoreTask? {
        while !isStopped, running > 0 || !dormant.isEmpty || waiting.contains(where: { !$0.isEmpty }) {
            for rank in waiting.indices {
                guard let place = waiting[rank].firstIndex(where: isReady) else { continue }
                let task = waiting[rank].remove(at: place)
                running += 1
                hold(task, 1)
                return task
            }
            await withCheckedContinuation { sleepers.append($0) }
            try Task.checkCancellation()
        }
        return nil
    }

    /// Notes that rows are there.
    ///
    /// - Parameter task: what loaded them, which is not at its end before ``end(_:adding:)``.
    /// - Returns: the tables that have all of theirs now.
    func loaded(_ task: RestoreTask) -> [Int] {
        for table in task.tables { loads[table, default: 1] -= 1 }
        let whole = Set(task.tables).sorted().filter { loads[$0] == 0 }
        for table in whole {
            for task in dormant.removeValue(forKey: table) ?? [] { add(task) }
        }
        wake()
        return whole
    }

    /// Notes that work is done.
    ///
    /// - Parameters:
    ///   - task: the work.
    ///   - more: what there is to do because of it.
    func end(_ task: RestoreTask, adding more: [RestoreTask] = []) {
        running -= 1
        hold(task, -1)
        if case .make(let entry) = task.work {
            unmade.remove(entry.id)
            if !entry.hasItsIndex { for table in task.tables { makes[table, default: 1] -= 1 } }
        }
        for task in more { add(task) }
        wake()
    }

    /// Puts a task behind those that are as large.
    private func add(_ task: RestoreTask) {
        if let table = task.unloaded(loads) { return dormant[table, default: []].append(task) }
        let place = waiting[task.rank].partitioningIndex(where: { $0.bytes < task.bytes })
        waiting[task.rank].insert(task, at: task.isSmall ? waiting[task.rank].endIndex : place)
    }

    func stop() {
        isStopped = true
        wake()
    }

    private func wake() {
        for sleeper in sleepers { sleeper.resume() }
        sleepers = []
    }

    private func isReady(_ task: RestoreTask) -> Bool {
        switch task.work {
        case .load: return true
        case .make(let entry): if !entry.dependencies.isDisjoint(with: unmade) { return false }
        case .analyse: if task.tables.contains(where: { makes[$0] ?? 0 > 0 }) { return false }
        case .compare: break
        }
        return task.tables.allSatisfy { table in
            guard let held = locks[table] else { return true }
            return held.indices.allSatisfy { held[$0] == 0 || !Self.conflict($0, task.lock.rawValue) }
        }
    }

    /// Whether two cannot be done at once (PostgreSQL manual, 13.3.1 Table-Level Locks).
    private static func conflict(_ one: Int, _ other: Int) -> Bool {
        let (weaker, stronger) = (min(one, other), max(one, other))
        if stronger == RestoreTask.Lock.exclusive.rawValue { return weaker > RestoreTask.Lock.none.rawValue }
        return stronger == RestoreTask.Lock.analysing.rawValue && weaker >= RestoreTask.Lock.indexing.rawValue
    }

    private func hold(_ task: RestoreTask, _ change: Int) {
        guard task.lock != .none else { return }
        for table in task.tables {
            locks[table, default: [0, 0, 0, 0, 0]][task.lock.rawValue] += change
        }
    }
}

extension RestoreTask {
    /// A table that has not all of its rows yet, without which this cannot be done.
    fileprivate func unloaded(_ loads: [Int: Int]) -> Int? {
        if case .load = work { return nil }
        return tables.first { loads[$0] ?? 0 > 0 }
    }
}

extension RestoreSchedule {
    /// Has sessions do all there is.
    ///
    /// - Parameters:
    ///   - sessions: how many.
    ///   - settings: where they connect to.
    ///   - script: what each is told first.
    ///   - perform: does a piece of work, and returns what there is to do because of it.
    /// - Throws: the first error of a session; then no other begins anything.
    nonisolated func run(
        sessions: Int,
        to settings: ConnectionSettings,
        _ script: String,
        _ perform: @escaping @Sendable (RestoreTask, PostgresConnection) async throws -> [RestoreTask]
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<sessions {
                group.addTask {
                    do {
                        try await withPostgresConnection(to: settings) { connection in
                            try await connection.script(script)
                            while let task = try await self.next() {
                                await self.end(task, adding: try await perform(task, connection))
                            }
                        }
                    } catch {
                        // Others may wait for what nobody will do.
                        await self.stop()
                        throw error
                    }
                }
            }
            // With the first error the others are cancelled.
            while try await group.next() != nil {}
        }
    }
}
