import Synchronization

/// The newest snapshot of a database, and which of its objects a new one may reference.
struct EarlierSnapshot: Sendable {
    /// The newest index of the database that we can believe.
    var newest: SnapshotIndex?
    /// Objects that are there, for the same recipients, each with the day on which it was last read.
    var objects: [StoredObject] = []

    /// Looks for it.
    struct Search: Sendable {
        private let repository: Repository
        private let keys: HostKeys
        private let now: Int
        var recheckTime: Duration = .seconds(30 * 86_400)
        var jobs = 4
        var note: @Sendable (String) -> Void = { _ in }

        /// Makes ready to look; of an index is believed what we or somebody trusted have signed.
        init(in repository: Repository, keys: HostKeys, now: Int) {
            var repository = repository
            repository.trusted = (repository.trusted ?? []).union([keys.signing.verificationKey])
            self.repository = repository
            self.keys = keys
            self.now = now
        }

        /// Finds what may be referenced.
        ///
        /// - Parameters:
        ///   - database: the database's name.
        ///   - recipients: the name of the set of recipients.
        ///   - isFull: whether nothing is to be referenced.
        /// - Returns: what was found.
        /// - Throws: ``BackupError`` if the store cannot be read.
        func callAsFunction(for database: String, recipients: String, isFull: Bool) async throws -> EarlierSnapshot {
            var found = EarlierSnapshot()
            var isOfOtherKey = false
            let key = try keys.deduplicationFingerprint
            for (id, generation) in try repository.generations().sorted(by: { $0.key > $1.key }) {
                let index: SnapshotIndex
                do {
                    index = try repository.index(of: id, generation: generation).index
                } catch let error as BackupError where error.code != .store {
                    continue  // not ours: nothing is believed of it
                }
                guard index.database == database else { continue }
                found.newest = found.newest ?? index
                if isFull { break }
                guard index.deduplicationKey == key else {
                    isOfOtherKey = true
                    continue
                }
                guard index.recipients == recipients else { continue }
                found.objects = try await usable(objects(of: index), of: index)
                return found
            }
            if isOfOtherKey { note("the key that names chunks is another than before: everything is written anew") }
            return found
        }

        private func objects(of index: SnapshotIndex) -> [StoredObject] {
            let day = (Timestamp.seconds(index.time) ?? 0) / Timestamp.secondsADay
            return index.objects.map { object in
                var object = object
                object.checked = object.checked ?? day
                return object
            }
        }

        /// Those that are there and are not to be deleted, when the share that is due was read again.
        private func usable(_ objects: [StoredObject], of index: SnapshotIndex) async throws -> [StoredObject] {
            let marked = try repository.markedFiles()
            let sizes = try repository.store.sizes(in: "objects")
            let unmarked = objects.filter { !$0.files.contains { marked.contains($0.name) } }
            let present = unmarked.filter { $0.files.allSatisfy { sizes[$0.name] == $0.size } }
            if present.count < unmarked.count {
                note(
                    "of snapshot \(index.id) \(unmarked.count - present.count) of \(unmarked.count) chunks are missing or "
                        + "cut off: what they held is written anew; look after the repository"
                )
            }
            return try await checked(present, since: Timestamp.seconds(index.time) ?? 0)
        }

        /// Reads the share that is due, and leaves out what is no longer what was written.
        private func checked(_ objects: [StoredObject], since previous: Int) async throws -> [StoredObject] {
            let due = RecheckPlan(within: Int(recheckTime.components.seconds), now: now).due(
                among: objects,
                since: previous
            )
            let damaged = Mutex<Set<String>>([])
            try await inParallel(due, jobs: jobs) { object in
                do {
                    for file in object.files { _ = try repository.bytes(of: file) }
                } catch let error as BackupError where error.code == .damagedRepository {
                    damaged.withLock { _ = $0.insert(object.payload.name) }
                    note("\(error.message): it is written anew; look after the repository")
                }
            }
            let names = Set(due.map(\.payload.name))
            let bad = damaged.withLock(\.self)
            return objects.filter { !bad.contains($0.payload.name) }.map { object in
                var object = object
                if names.contains(object.payload.name) { object.checked = now / Timestamp.secondsADay }
                return object
            }
        }
    }
}

/// Which objects are to be read again, so that none goes unread for longer than a time.
struct RecheckPlan {
    private let limit: Int
    private let now: Int

    /// Makes a plan; times are in seconds.
    init(within limit: Int, now: Int) {
        self.limit = max(limit, 1)
        self.now = now
    }

    /// Those that would be overdue before the next backup, if that is as far off as the last one, and as many of the others
    /// as spreads the work evenly.
    ///
    /// - Parameters:
    ///   - objects: the objects, each with the day on which it was last read.
    ///   - previous: when the last backup was.
    /// - Returns: the objects to read.
    func due(among objects: [StoredObject], since previous: Int) -> [StoredObject] {
        let interval = max(now - previous, 0)
        let sorted = objects.sorted { ($0.checked ?? 0, $0.payload.name) < ($1.checked ?? 0, $1.payload.name) }
        let lastDay = (now + interval - limit) / Timestamp.secondsADay
        let overdue = sorted.prefix { ($0.checked ?? 0) <= lastDay }.count
        let share = min(1, Double(interval) / Double(limit))
        // What was read today is not read again for an even spread.
        let old = sorted.prefix { ($0.checked ?? 0) < now / Timestamp.secondsADay }.count
        return Array(sorted.prefix(max(overdue, min(old, Int((Double(objects.count) * share).rounded(.up))))))
    }
}
