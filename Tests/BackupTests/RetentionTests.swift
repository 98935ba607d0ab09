import Testing

@testable import Backup

@Suite("Rules of retention")
struct RetentionTests {
    private func candidate(_ time: String, order: Int = 0) throws -> Retention.Candidate {
        let digits = Timestamp.digits(time)
        let id = try #require(SnapshotID("\(digits)-0000000\(order)"))
        return Retention.Candidate(id: id, time: time)
    }

    private func kept(_ times: [String], now: String? = nil, _ set: (inout Retention) -> Void) throws -> [String] {
        var retention = Retention()
        set(&retention)
        let candidates = try times.map { try candidate($0) }
        let limit = now.flatMap { Timestamp.seconds($0) } ?? 0
        let kept = retention.kept(among: candidates, now: limit)
        return candidates.filter { kept[$0.id] != nil }.map { String($0.time.prefix(10)) }
    }

    @Test("keep the newest of each period, and periods without a snapshot do not count")
    func keepsPeriods() throws {
        let days = ["2025-12-28", "2025-12-29", "2026-01-01", "2026-01-04", "2026-01-05", "2026-01-31", "2026-02-01"]
        let times = days.map { $0 + "T03:00:00Z" }
        #expect(try kept(times) { $0.last = 2 } == ["2026-01-31", "2026-02-01"])
        #expect(try kept(times) { $0.daily = 3 } == ["2026-01-05", "2026-01-31", "2026-02-01"])
        // Weeks begin on Mondays: 29 December to 4 January is one.
        #expect(try kept(times) { $0.weekly = 4 } == ["2025-12-28", "2026-01-04", "2026-01-05", "2026-02-01"])
        #expect(try kept(times) { $0.monthly = 2 } == ["2026-01-31", "2026-02-01"])
        #expect(try kept(times) { $0.yearly = 9 } == ["2025-12-29", "2026-02-01"])
        let within = try kept(times, now: "2026-02-01T12:00:00Z") { $0.within = .seconds(2 * 86_400) }
        #expect(within == ["2026-01-31", "2026-02-01"])
        #expect(try kept(times) { $0.named = ["20260101"] } == ["2026-01-01"])
        #expect(try kept(times) { _ in }.isEmpty)
    }

    @Test("keep the newest of several a day")
    func keepsNewestOfDay() throws {
        let candidates = try [3, 9, 21].map { try candidate("2026-01-14T\($0 < 10 ? "0" : "")\($0):00:00Z") }
        var retention = Retention()
        retention.daily = 5
        #expect(retention.kept(among: candidates, now: 0) == [candidates[2].id: ["daily"]])
    }

    @Test("go by the order in which snapshots were taken, also when the clock was set back")
    func survivesClocks() throws {
        let first = try SnapshotID(time: "2026-03-01T03:00:00Z")
        let second = try SnapshotID(time: "2026-02-01T03:00:00Z", after: first)
        let third = try SnapshotID(time: "2026-02-01T03:00:00Z", after: second)
        #expect(first < second && second < third)
        #expect(second.description.hasPrefix("20260301T030001Z-") && third.description.hasPrefix("20260301T030002Z-"))
        let endOfYear = try SnapshotID(time: "2026-12-31T23:59:59Z")
        #expect(
            try SnapshotID(time: "2026-02-01T03:00:00Z", after: endOfYear).description.hasPrefix("20270101T000000Z-")
        )
        var retention = Retention()
        retention.last = 2
        let kept = retention.kept(
            among: [first, second, third].map { Retention.Candidate(id: $0, time: "2026-02-01T03:00:00Z") },
            now: 0
        )
        #expect(Set(kept.keys) == [second, third])
    }
}

@Suite("Reading again what is only referenced")
struct RecheckTests {
    private let day = Timestamp.secondsADay

    private func objects(_ days: [Int]) -> [StoredObject] {
        days.enumerated().map { number, day in
            let file = StoredObject.File(name: "objects/00/\(number)-0.payload", size: 1, sha256: "")
            return StoredObject(header: file, payload: file, checked: day)
        }
    }

    @Test("comes to every file within the time, however often backups are made", arguments: [1, 4, 24, 24 * 7])
    func readsAll(hours: Int) {
        var all = objects(Array(repeating: 1000, count: 500))
        var now = 1000 * day
        var most = 0
        for _ in 0..<(60 * 24 / hours) {
            let previous = now
            now += hours * 3600
            let due = RecheckPlan(within: 30 * day, now: now).due(among: all, since: previous)
            most = max(most, due.count)
            let names = Set(due.map(\.payload.name))
            for index in all.indices where names.contains(all[index].payload.name) { all[index].checked = now / day }
            let oldest = all.map { $0.checked ?? 0 }.min() ?? 0
            #expect(now - oldest * day <= 31 * day)
        }
        // Spread out: no run reads much more than its share.
        #expect(most <= 500 * hours / (30 * 24) * 3 / 2 + 20, "\(most)")
    }

    @Test("reads all when no backup was made for long")
    func readsAllAfterPause() {
        let all = objects(Array(repeating: 1000, count: 10))
        #expect(RecheckPlan(within: 30 * day, now: 1040 * day).due(among: all, since: 1000 * day).count == 10)
        #expect(RecheckPlan(within: 30 * day, now: 1000 * day + 60).due(among: all, since: 1000 * day).isEmpty)
    }
}
