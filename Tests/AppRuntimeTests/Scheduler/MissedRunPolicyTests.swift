import AppRuntime
import Foundation
import Testing

@Suite("The policy for missed runs")
struct MissedRunPolicyTests {
    private let schedule: CronSchedule
    private let last: Date

    init() throws {
        schedule = try CronSchedule("0 * * * *")
        last = try instant("2026-01-01T00:00:00Z")
    }

    @Test(
        "makes up for none, one or at most so many, however long nobody ran [T16]",
        arguments: [2.5, 50.5, 24 * 365 * 8 + 0.5]
    )
    func limitsWhatIsMadeUpFor(hours: Double) {
        let now = last.addingTimeInterval(hours * 3600)
        let newest = last.addingTimeInterval(hours.rounded(.down) * 3600)
        let next = newest.addingTimeInterval(3600)
        #expect(MissedRunPolicy.skip.decide(schedule, after: last, now: now).slots == [])
        #expect(MissedRunPolicy.once.decide(schedule, after: last, now: now).slots == [newest])
        let all = MissedRunPolicy.all(max: 5).decide(schedule, after: last, now: now)
        #expect(all.slots.count == min(5, Int(hours)))
        #expect(all.slots.last == newest)
        #expect(all.next == next)
    }

    @Test("runs a slot that is due now, whichever it is", arguments: [MissedRunPolicy.skip, .once, .all(max: 3)])
    func runsWhatIsDue(policy: MissedRunPolicy) {
        let slot = last.addingTimeInterval(3600)
        let decision = policy.decide(schedule, after: last, now: slot.addingTimeInterval(0.3))
        #expect(decision.slots == [slot])
        #expect(decision.next == slot.addingTimeInterval(3600))
        #expect(policy.decide(schedule, after: last, now: slot).slots == [slot])
        #expect(policy.decide(schedule, after: last, now: slot.addingTimeInterval(-0.1)).slots == [])
        #expect(policy.decide(schedule, after: slot, now: slot.addingTimeInterval(1)).slots == [])
    }

    @Test("runs nothing again when the clock was set back", arguments: [MissedRunPolicy.skip, .once, .all(max: 3)])
    func survivesAClockSetBack(policy: MissedRunPolicy) {
        let decision = policy.decide(schedule, after: last, now: last.addingTimeInterval(-7200))
        #expect(decision == policy.decide(schedule, after: last, now: last))
        #expect(decision.slots == [])
        #expect(decision.next == last.addingTimeInterval(3600))
    }

    @Test("is read as it is written")
    func isReadAsWritten() {
        for policy in [MissedRunPolicy.skip, .once, .all(max: 12)] { #expect(MissedRunPolicy("\(policy)") == policy) }
        #expect(MissedRunPolicy("all(7)") == .all(max: 7))
        for text in ["all", "all(0)", "all(-1)", "all(x)", "", "Skip"] { #expect(MissedRunPolicy(text) == nil) }
    }
}
