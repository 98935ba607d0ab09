public import Foundation

/// A cron expression in a time zone: the instants at which something is due, its slots.
///
/// Two rules say what happens when clocks are changed:
/// - An expression whose hour field allows every hour (`*/15 * * * *`, `@hourly`) follows the time that passes: it is due
///   in every minute that really comes and whose reading fits.
/// - Any other follows the clock on the wall. A reading that is left out (the gap in spring) is due once, at the first
///   instant behind the gap; one that comes twice (the fold in autumn) is due the first time.
public struct CronSchedule: Hashable, Sendable, CustomStringConvertible {
    /// The expression.
    public let expression: CronExpression
    /// The time zone.
    public let timeZone: TimeZone
    /// The zone's name as it was given: Foundation calls UTC GMT.
    let zoneName: String

    private var clock: WallClock { WallClock(zone: timeZone) }

    /// Makes a schedule.
    ///
    /// - Parameters:
    ///   - expression: five fields or a macro, see ``CronExpression``.
    ///   - timeZone: a name of the IANA time zone database.
    /// - Throws: ``AppRuntimeError`` with code `invalid-cron` or `unknown-time-zone`.
    public init(_ expression: String, timeZone: String = "UTC") throws(AppRuntimeError) {
        self.expression = try CronExpression(expression)
        // An offset such as GMT+3 and an abbreviation such as PST are no zones: they never change their clocks.
        let isName = timeZone.utf8.allSatisfy { byte in
            switch UnicodeScalar(byte) {
            case "A"..."Z", "a"..."z", "0"..."9", "/", "_", "-", "+": true
            default: false
            }
        }
        let isZone = isName && (["UTC", "GMT"].contains(timeZone) || timeZone.contains("/"))
        guard isZone, let zone = TimeZone(identifier: timeZone) else { throw .unknownTimeZone(timeZone) }
        self.timeZone = zone
        zoneName = timeZone
    }

    /// The expression and the time zone's name.
    public var description: String { "\(expression) (\(zoneName))" }

    /// The first slot behind an instant.
    ///
    /// - Parameter date: the instant, which is itself no candidate.
    /// - Returns: the slot; nil if there is none, as for 31 February.
    public func next(after date: Date) -> Date? {
        let instant = Int(date.timeIntervalSince1970.rounded(.down))
        return (expression.isEveryHour ? nextByTime(after: instant) : nextByClock(after: instant))
            .map { Date(timeIntervalSince1970: Double($0)) }
    }

    /// The slots behind an instant, up to another and with it.
    ///
    /// - Parameters:
    ///   - start: the instant before the first slot.
    ///   - end: the last instant that may be a slot.
    ///   - limit: how many slots to return at most, the first ones.
    /// - Returns: the slots, in order.
    public func slots(after start: Date, through end: Date, limit: Int = .max) -> [Date] {
        var slots: [Date] = []
        var last = start
        while slots.count < limit, let slot = next(after: last), slot <= end {
            slots.append(slot)
            last = slot
        }
        return slots
    }

    /// The last slots behind an instant, up to another and with it.
    ///
    /// They are found from the end: a long time without a run costs no more than a short one.
    ///
    /// - Parameters:
    ///   - count: how many slots to return at most.
    ///   - start: the instant before the first slot.
    ///   - end: the last instant that may be a slot.
    /// - Returns: the slots, in order.
    public func lastSlots(_ count: Int, after start: Date, through end: Date) -> [Date] {
        guard count > 0 else { return [] }
        var span = 60.0 * Double(count)
        while true {
            let from = max(start, end.addingTimeInterval(-span))
            let slots = slots(after: from, through: end)
            if slots.count >= count || from == start { return Array(slots.suffix(count)) }
            span *= 4
        }
    }

    private func nextByClock(after instant: Int) -> Int? {
        let clock = clock
        // The first minute that reads later. Nothing that reads earlier is still to come, except what a fold repeats.
        var reading = (clock.reading(at: instant).flooredDivision(by: 60) + 1) * 60
        while let candidate = firstReading(from: reading) {
            let slot = clock.firstInstant(reading: candidate)
            if slot > instant { return slot }
            reading = candidate + 60
        }
        return nil
    }

    /// The first reading that fits, from one on.
    private func firstReading(from reading: Int) -> Int? {
        guard let day = expression.firstDay(from: CivilDay(reading: reading)) else { return nil }
        let start = max(reading, day.start)
        let minute = (start - day.start) / 60
        if let found = firstMinute(from: minute) { return day.start + found * 60 }
        guard let later = expression.firstDay(from: day.next), let first = firstMinute(from: 0) else { return nil }
        return later.start + first * 60
    }

    /// The first minute of a day that fits, from one on.
    private func firstMinute(from minute: Int) -> Int? {
        guard let hour = expression.hours.firstBit(from: minute / 60) else { return nil }
        if hour == minute / 60 {
            if let found = expression.minutes.firstBit(from: minute % 60) { return hour * 60 + found }
            guard let later = expression.hours.firstBit(from: hour + 1) else { return nil }
            return expression.minutes.firstBit(from: 0).map { later * 60 + $0 }
        }
        return expression.minutes.firstBit(from: 0).map { hour * 60 + $0 }
    }

    private func nextByTime(after instant: Int) -> Int? {
        let clock = clock
        var instant = instant + 1
        // Each round finds the slot, or goes on to where the clocks are changed, or to the days before one that fits.
        while true {
            let offset = clock.offset(at: instant)
            let reading = (instant + offset + 59).flooredDivision(by: 60) * 60
            guard let candidate = firstReading(from: reading) else { return nil }
            let slot = candidate - offset
            let horizon = min(slot, instant + CivilDay.seconds)
            if clock.offset(at: horizon) != offset {
                // Readings may come again that lie before this one.
                instant = clock.firstChange(after: instant, through: horizon, from: offset)
            } else if horizon == slot {
                return slot
            } else {
                instant = max(horizon, clock.firstInstant(reading: candidate) - 2 * CivilDay.seconds)
            }
        }
    }
}
