import Postgres

/// From where on a worker's next fetch has to look: the last place that it took a job from, at each level of priority.
///
/// While somebody holds an old snapshot, the index entries of finished jobs cannot be removed; they stand before those of
/// the jobs that wait, and a fetch that begins at the top reads all of them. A fetch takes jobs in their order, whatever
/// their types: of what it could see, nothing is left above the last job that it took, so the next one may begin there.
///
/// What comes to stand above a floor later is not seen from it: the job of a long transaction, whose time is that of its
/// beginning, one that was given back, one that another worker had locked and left. So floors hold for twenty times as
/// long as the last look at all took, which costs a twentieth of the time at most, and never longer than a second or a poll.
struct FetchFloors: Sendable {
    /// A place in the order of a level.
    struct Place: Hashable, Sendable {
        var createdAt: String
        var id: String
    }

    /// What a look does not begin before it is through with the one above.
    enum Stretch: Hashable, Sendable {
        /// The jobs of one level from a place on.
        case level(Int, from: Place)
        /// The jobs of all levels in between, without the two.
        case gap(above: Int, below: Int)
    }

    /// More levels than this have no floors of their own; of these the lowest are looked at as a whole.
    static let mostLevels = 16
    /// How long floors hold, in times of what it took to look without.
    static let patience = 20
    /// For how long floors hold at most.
    static let longest = Duration.seconds(1)

    private var places: [Int: Place] = [:]
    private var end = ContinuousClock.now
    private let longest: Duration

    init(pollInterval: Duration) {
        longest = min(Self.longest, pollInterval)
    }

    /// How long floors hold from now on; zero where all has to be looked at.
    func rest(at now: ContinuousClock.Instant) -> Duration {
        places.isEmpty ? .zero : max(.zero, now.duration(to: end))
    }

    /// Where to look, from the top; nil for everywhere.
    func stretches(at now: ContinuousClock.Instant) -> [Stretch]? {
        guard rest(at: now) > .zero else { return nil }
        var stretches: [Stretch] = []
        // Of a type that has room for each level and for one more on both sides.
        var above = Int.max
        for (level, place) in places.sorted(by: { $0.key > $1.key }) {
            stretches += [.gap(above: level, below: above), .level(level, from: place)]
            above = level
        }
        return stretches + [.gap(above: .min, below: above)]
    }

    /// Remembers what a look from `stretches` came to, which asked for `limit` jobs and took as long as from `start` to `end`.
    mutating func looked(
        from stretches: [Stretch]?,
        limit: Int,
        start: ContinuousClock.Instant,
        end: ContinuousClock.Instant,
        took rows: PostgresRows
    ) {
        let taken = Self.last(of: rows)
        if stretches == nil {
            self.end = start + min(longest, start.duration(to: end) * Self.patience)
            // Nobody has looked below the lowest level of a full fetch, where something may have come.
            if rows.count >= limit { places = places.filter { $0.key > taken.keys.min() ?? .max } }
        }
        places.merge(taken) { _, newer in newer }
        for level in places.keys.sorted().dropLast(Self.mostLevels) { places[level] = nil }
    }

    /// The last place of each level; jobs that waited for a time stand in another order.
    private static func last(of rows: PostgresRows) -> [Int: Place] {
        var last: [Int: Int] = [:]
        for row in rows.indices where !rows.isNull(row: row, column: FetchedJob.queuedAtColumn) {
            // A job without a priority has no level; it is found when all is looked at.
            guard let level = (try? rows.number(row: row, column: FetchedJob.priorityColumn)) ?? nil else { continue }
            last[level] = row
        }
        return last.compactMapValues { row in
            guard let createdAt = rows.text(row: row, column: FetchedJob.queuedAtColumn),
                let id = rows.text(row: row, column: FetchedJob.idColumn)
            else { return nil }
            return Place(createdAt: createdAt, id: id)
        }
    }
}

extension [FetchFloors.Stretch] {
    /// The stretches as ``FetchStatement/fromFloors`` wants them: arrays of one length, null where a kind has no such thing.
    var parameters: FetchFloors.Parameters {
        var parameters = FetchFloors.Parameters()
        for stretch in self {
            switch stretch {
            case .level(let level, let place):
                parameters.append(level: level, place: place)
            case .gap(let above, let below):
                parameters.append(above: above, below: below)
            }
        }
        return parameters
    }
}

extension FetchFloors {
    /// The last parameters of ``FetchStatement/fromFloors``.
    struct Parameters: Sendable {
        private(set) var levels: [Int?] = []
        private(set) var times: [String?] = []
        private(set) var ids: [String?] = []
        private(set) var above: [Int?] = []
        private(set) var below: [Int?] = []

        fileprivate mutating func append(level: Int? = nil, place: Place? = nil, above: Int? = nil, below: Int? = nil) {
            levels.append(level)
            times.append(place?.createdAt)
            ids.append(place?.id)
            self.above.append(above)
            self.below.append(below)
        }
    }
}
