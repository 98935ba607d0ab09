/// Which snapshots of a database are kept.
public struct Retention: Hashable, Sendable {
    /// How many of the newest.
    public var last = 0
    /// Of how many days the newest of each, and so on.
    public var daily = 0
    /// Of how many weeks, which begin on Mondays.
    public var weekly = 0
    /// Of how many months.
    public var monthly = 0
    /// Of how many years.
    public var yearly = 0
    /// All that are younger.
    public var within: Duration?
    /// Snapshots, or beginnings of their names, that are kept in any case.
    public var named: [String] = []

    /// Makes rules that keep nothing yet.
    public init() {}

    /// Whether there is no rule.
    public var isEmpty: Bool {
        [last, daily, weekly, monthly, yearly].allSatisfy { $0 == 0 } && within == nil
    }

    /// A snapshot that a rule may keep.
    struct Candidate: Hashable, Sendable {
        var id: SnapshotID
        /// When it was taken, as ISO 8601.
        var time: String
    }

    /// Says which are kept, and why.
    ///
    /// - Parameters:
    ///   - candidates: good snapshots of one database.
    ///   - now: what time it is, in seconds.
    /// - Returns: those that are kept, each with the rules that keep it.
    func kept(among candidates: [Candidate], now: Int) -> [SnapshotID: [String]] {
        // Names are in the order in which snapshots were taken, whatever the clock said.
        let newestFirst = candidates.sorted { $0.id > $1.id }
        var reasons: [SnapshotID: [String]] = [:]
        func keep(_ rule: String, _ count: Int, by period: (Candidate) -> String) {
            var periods: Set<String> = []
            for candidate in newestFirst where periods.count < count {
                if periods.insert(period(candidate)).inserted { reasons[candidate.id, default: []].append(rule) }
            }
        }
        keep("last", last) { $0.id.description }
        keep("daily", daily) { String($0.time.prefix(10)) }
        keep("weekly", weekly) { candidate in
            let day = (Timestamp.seconds(candidate.time) ?? 0) / Timestamp.secondsADay
            return String((day + 3) / 7)  // 1970 began on a Thursday
        }
        keep("monthly", monthly) { String($0.time.prefix(7)) }
        keep("yearly", yearly) { String($0.time.prefix(4)) }
        if let within {
            let limit = now - Int(within.components.seconds)
            for candidate in candidates where Timestamp.seconds(candidate.time) ?? .max >= limit {
                reasons[candidate.id, default: []].append("within")
            }
        }
        for candidate in candidates where isNamed(candidate.id) { reasons[candidate.id, default: []].append("named") }
        return reasons
    }

    func isNamed(_ id: SnapshotID) -> Bool { named.contains { id.description.hasPrefix($0) } }
}
