public import Foundation

/// What becomes of slots in which nobody could run what was due.
public enum MissedRunPolicy: Hashable, Sendable {
    /// They are left out.
    case skip
    /// The newest of them is made up for.
    case once
    /// The newest of them are made up for, this many at most, however long nobody ran.
    case all(max: Int)

    /// Decides what is to run now.
    ///
    /// - Parameters:
    ///   - schedule: the slots.
    ///   - last: the last slot that was dealt with, or the instant at which the schedule began.
    ///   - now: the time.
    ///   - grace: how late a slot may be without having been missed.
    /// - Returns: the slots to run and the one to wait for. A clock that was set back runs nothing again.
    public func decide(
        _ schedule: CronSchedule,
        after last: Date,
        now: Date,
        grace: Duration = .seconds(60)
    ) -> MissedRunDecision {
        let next = schedule.next(after: max(last, now))
        guard last < now else { return MissedRunDecision(slots: [], next: next) }
        let slots =
            switch self {
            case .skip:
                schedule.lastSlots(1, after: max(last, now.addingTimeInterval(-(grace / .seconds(1)))), through: now)
            case .once: schedule.lastSlots(1, after: last, through: now)
            case .all(let count): schedule.lastSlots(count, after: last, through: now)
            }
        return MissedRunDecision(slots: slots, next: next)
    }
}

/// What is to run now, and what to wait for.
public struct MissedRunDecision: Hashable, Sendable {
    /// The slots to run, in order.
    public let slots: [Date]
    /// The next slot; nil if there is none.
    public let next: Date?
}

extension MissedRunPolicy: CustomStringConvertible, LosslessStringConvertible {
    /// `skip`, `once` or `all(max: 5)`.
    public var description: String {
        switch self {
        case .skip: "skip"
        case .once: "once"
        case .all(let count): "all(max: \(count))"
        }
    }

    /// Reads what ``description`` writes, also as `all(5)`; nil for anything else.
    public init?(_ description: String) {
        switch description {
        case "skip": self = .skip
        case "once": self = .once
        default:
            let text = description.filter { $0 != " " }
            guard text.hasPrefix("all("), text.hasSuffix(")") else { return nil }
            let number = text.dropFirst(4).dropLast()
            guard let count = Int(number.hasPrefix("max:") ? number.dropFirst(4) : number), count > 0 else {
                return nil
            }
            self = .all(max: count)
        }
    }
}
