import Postgres
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("The judgement of random histories", .serialized)
struct SoundnessTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// 200 histories that are always the same, or 5,000 others every night; `LASTRO_HISTORIES` says how many.
    private static let count = environment["LASTRO_HISTORIES"].flatMap(Int.init) ?? (isLongTest ? 5000 : 200)
    private static let firstSeed = isLongTest || environment["LASTRO_SEED"] != nil ? testSeed : 1
    /// How many failures of a sort are made smaller and told.
    private static let failuresToShrink = environment["LASTRO_SHRINK"].flatMap(Int.init) ?? 3

    @Test("is what a server says", arguments: SoundnessCheck.Theorem.allCases)
    func agrees(theorem: SoundnessCheck.Theorem) async throws {
        var tally = Tally()
        try await withThrowingTaskGroup(of: Tally.self) { group in
            let width = 2
            for worker in 0..<width {
                let seeds = stride(from: worker, to: Self.count, by: width).map { Self.firstSeed &+ UInt64($0) }
                group.addTask { try await Self.tally(of: seeds, theorem) }
            }
            for try await part in group { tally.add(part) }
        }
        print("\(tally.description) \(theorem.rawValue), from seed \(Self.firstSeed)")
        for words in tally.told { print(words) }
        #expect(tally.missed == 0, "\(tally.told.first ?? "")")
        #expect(Double(tally.falseAlarms) <= 0.05 * Double(max(1, tally.alarms)))
        // A generator whose histories all fail, or never do, proves nothing.
        #expect(tally.clean * 5 >= Self.count && tally.alarms * 5 >= Self.count)
    }

    private static func tally(of seeds: [UInt64], _ theorem: SoundnessCheck.Theorem) async throws -> Tally {
        var tally = Tally()
        try await withTestDatabase { settings in
            let superuser = try await TestServer.standard.superuser()
            let own = superuser.with(database: settings["dbname"] ?? "")
            try await withPostgresConnection(to: own) { connection in
                try await SoundnessCheck.prepare(connection)
                let check = SoundnessCheck(theorem: theorem, connection: connection)
                for seed in seeds {
                    let history = RandomHistories.history(seed: seed, hasStart: theorem == .database)
                    let outcome = try await check.outcome(of: history, seed: seed)
                    for fact in tally.add(outcome) where tally.sorts[fact.sort, default: 0] <= failuresToShrink {
                        let smallest = try await history.shrunk { smaller in
                            let outcome = try await check.outcome(of: smaller, seed: seed)
                            return (outcome.misses + outcome.falseAlarms).contains { $0.sort == fact.sort }
                        }
                        let last = try await check.outcome(of: smallest, seed: seed)
                        let missed = last.misses.first { $0.sort == fact.sort }
                        let alarm = last.falseAlarms.first { $0.sort == fact.sort }
                        tally.told.append(
                            "\(missed == nil ? "FALSE ALARM" : "MISSED") \((missed ?? alarm)?.description ?? "")\n\(smallest)"
                                + "repeat with LASTRO_SEED=\(seed) LASTRO_HISTORIES=1\n"
                        )
                    }
                }
            }
        }
        return tally
    }

    private struct Tally: Sendable, CustomStringConvertible {
        var histories = 0
        var runs = 0
        var clean = 0
        var missed = 0
        var alarms = 0
        var falseAlarms = 0
        var sorts: [String: Int] = [:]
        var outside: [String: Int] = [:]
        var told: [String] = []

        /// Counts an outcome in.
        ///
        /// - Returns: what is not as it should be.
        mutating func add(_ outcome: SoundnessCheck.Outcome) -> [SoundnessCheck.Fact] {
            histories += 1
            runs += outcome.runs
            clean += outcome.isClean ? 1 : 0
            missed += outcome.misses.isEmpty ? 0 : 1
            alarms += outcome.alarms
            falseAlarms += outcome.falseAlarms.count
            for (state, count) in outcome.outside { outside[state, default: 0] += count }
            let facts = outcome.misses.prefix(1) + outcome.falseAlarms.prefix(1)
            for fact in facts { sorts[fact.sort, default: 0] += 1 }
            return Array(facts)
        }

        mutating func add(_ other: Tally) {
            histories += other.histories
            runs += other.runs
            clean += other.clean
            missed += other.missed
            alarms += other.alarms
            falseAlarms += other.falseAlarms
            sorts.merge(other.sorts, uniquingKeysWith: +)
            outside.merge(other.outside, uniquingKeysWith: +)
            told += other.told
        }

        var description: String {
            let failures = outside.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            let causes = sorts.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return
                "\(histories) histories in \(runs) runs, \(clean) without findings: \(missed) missed, \(falseAlarms) of \(alarms) "
                + "alarms false (\(causes)); not about existence: \(failures.isEmpty ? "none" : failures);"
        }
    }
}
