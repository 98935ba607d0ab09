import AppRuntime
import Foundation
import TestSupport
import Testing

@Suite("A cron schedule")
struct CronScheduleTests {
    @Test("runs at 03:00 what is due in New York's missing hour, and at 02:30 again the day after [T17]")
    func crossesTheGap() throws {
        let schedule = try CronSchedule("30 2 * * *", timeZone: "America/New_York")
        let slots = schedule.slots(
            after: try instant("2026-03-07T12:00:00Z"),
            through: try instant("2026-03-10T12:00:00Z")
        )
        #expect(slots.map(text) == ["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z", "2026-03-10T06:30:00Z"])
    }

    @Test("runs at the first 01:30 of the hour that New York has twice [T17]")
    func crossesTheFold() throws {
        let schedule = try CronSchedule("30 1 * * *", timeZone: "America/New_York")
        let slots = schedule.slots(
            after: try instant("2026-10-31T12:00:00Z"),
            through: try instant("2026-11-02T12:00:00Z")
        )
        #expect(slots.map(text) == ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"])
    }

    @Test(
        "misses no quarter of an hour that passes on either day [T17]",
        arguments: [("2026-03-08T00:00:00Z", 23), ("2026-11-01T00:00:00Z", 25), ("2026-06-01T00:00:00Z", 24)]
    )
    func followsTime(day: String, hours: Int) throws {
        let schedule = try CronSchedule("*/15 * * * *", timeZone: "America/New_York")
        let start = try instant(day).addingTimeInterval(4 * 3600)
        let slots = schedule.slots(after: start, through: start.addingTimeInterval(24 * 3600))
        #expect(slots == (1...96).map { start.addingTimeInterval(Double($0) * 900) })
        let local = try CronSchedule("0 0 * * *", timeZone: "America/New_York")
        let midnights = local.slots(
            after: start.addingTimeInterval(-3601),
            through: start.addingTimeInterval(26 * 3600)
        )
        #expect(midnights[1].timeIntervalSince(midnights[0]) == Double(hours) * 3600)
    }

    @Test("runs once what is due several times in a gap, and goes on by the clock behind it")
    func fallsTogetherInTheGap() throws {
        let schedule = try CronSchedule("0,20,40 2,3 * * *", timeZone: "America/New_York")
        let slots = schedule.slots(
            after: try instant("2026-03-08T05:00:00Z"),
            through: try instant("2026-03-08T12:00:00Z")
        )
        #expect(slots.map(text) == ["2026-03-08T07:00:00Z", "2026-03-08T07:20:00Z", "2026-03-08T07:40:00Z"])
    }

    @Test("runs on Samoa's missing day at the start of the next one")
    func crossesTheMissingDay() throws {
        let schedule = try CronSchedule("30 2 * * *", timeZone: "Pacific/Apia")
        let slots = schedule.slots(
            after: try instant("2011-12-29T13:00:00Z"),
            through: try instant("2011-12-31T13:00:00Z")
        )
        #expect(slots.map(text) == ["2011-12-30T10:00:00Z", "2011-12-30T12:30:00Z", "2011-12-31T12:30:00Z"])
    }

    @Test("takes either day if both are restricted, and both if one begins with a star")
    func combinesDays() throws {
        let either = try CronSchedule("0 0 13 * fri")
        let start = try instant("2026-02-01T00:00:00Z")
        let end = try instant("2026-02-28T00:00:00Z")
        #expect(
            either.slots(after: start, through: end).map { text($0).prefix(10) }
                == ["2026-02-06", "2026-02-13", "2026-02-20", "2026-02-27"]
        )
        let both = try CronSchedule("0 0 */2 * fri")
        #expect(both.slots(after: start, through: end).map { text($0).prefix(10) } == ["2026-02-13", "2026-02-27"])
    }

    @Test("ends for a day that never comes", arguments: ["0 0 31 2 *", "* * 31 4,6,9,11 *", "0 0 30 2 *"])
    func ends(expression: String) throws {
        for zone in ["UTC", "America/New_York"] {
            let schedule = try CronSchedule(expression, timeZone: zone)
            #expect(schedule.next(after: try instant("2026-01-01T00:00:00Z")) == nil)
            #expect(schedule.lastSlots(3, after: .distantPast, through: try instant("2026-01-01T00:00:00Z")) == [])
        }
    }

    @Test("finds a leap day eight years on, and one that is a Monday")
    func findsLeapDays() throws {
        let leap = try CronSchedule("0 0 29 2 *", timeZone: "Europe/Lisbon")
        #expect(leap.next(after: try instant("2096-03-01T00:00:00Z")).map(text) == "2104-02-29T00:00:00Z")
        let monday = try CronSchedule("* * */28 2 mon")
        #expect(monday.next(after: try instant("2044-02-02T00:00:00Z")).map(text) == "2044-02-29T00:00:00Z")
    }

    @Test("runs again in a repeated hour that ends its day, if it follows the time")
    func repeatsTheEndOfADay() throws {
        let schedule = try CronSchedule("30 * 17 2 *", timeZone: "America/Sao_Paulo")
        let slots = schedule.slots(
            after: try instant("2018-02-18T00:30:00Z"),
            through: try instant("2018-02-19T00:00:00Z")
        )
        #expect(slots.map(text) == ["2018-02-18T01:30:00Z", "2018-02-18T02:30:00Z"])
    }

    @Test("has the slots that a walk through every minute finds", arguments: zones)
    func agreesWithAWalk(zone: String) throws {
        let timeZone = try #require(TimeZone(identifier: zone))
        forAll(count: isLongTest ? 400 : 25) { generator in
            (randomExpression(&generator), startNearChange(in: timeZone, &generator))
        } holds: { expression, start in
            let schedule = try CronSchedule(expression, timeZone: zone)
            let end = start.addingTimeInterval(3 * 86_400)
            let walk = MinuteWalk(schedule: schedule, zone: timeZone)
            let expected = walk.slots(after: start, through: end)
            let found = schedule.slots(after: start, through: end)
            return found == expected && schedule.lastSlots(3, after: start, through: end) == Array(expected.suffix(3))
        }
    }

    private static let zones = [
        "UTC", "America/New_York", "Europe/Lisbon", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia",
        "Asia/Kathmandu", "Africa/Casablanca", "Antarctica/Troll", "America/St_Johns", "Asia/Gaza",
    ]
}

/// An instant in the middle of which, often, clocks are changed within three days.
private func startNearChange(in zone: TimeZone, _ generator: inout SeededGenerator) -> Date {
    let base = Date(timeIntervalSince1970: Double(Int.random(in: 1_262_304_000...1_830_000_000, using: &generator)))
    guard Int.random(in: 0..<4, using: &generator) > 0, let change = zone.nextDaylightSavingTimeTransition(after: base)
    else { return base }
    return change.addingTimeInterval(-Double(Int.random(in: 0...(2 * 86_400), using: &generator)))
}

private func randomExpression(_ generator: inout SeededGenerator) -> String {
    func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator) ?? "*" }
    let minute = pick(["*", "*/15", "0", "30", "7,37", "10-50/20", "59", "*/7"])
    let hour = pick(["*", "*", "*/2", "2", "1", "0", "23", "1-3", "0,2,12", "0-23", "3"])
    let day = pick(["*", "*", "*/2", "1-15", "30,31", "29"])
    let weekday = pick(["*", "*", "sun", "mon-fri", "5,6", "*/2"])
    return "\(minute) \(hour) \(day) \(pick(["*", "*", "3,4,10-12", "1-12/2"])) \(weekday)"
}

/// The slots by the definition: every minute that comes is looked at, and every reading that does not.
private struct MinuteWalk {
    let fields: [Set<Int>]
    let stars: [Bool]
    let isEveryHour: Bool
    let zone: TimeZone

    init(schedule: CronSchedule, zone: TimeZone) {
        let words = schedule.expression.description.split(separator: " ").map(String.init)
        let ranges = [0...59, 0...23, 1...31, 1...12, 0...6]
        fields = zip(words, ranges).map { word, range in
            Set(
                word.split(separator: ",").flatMap { item -> [Int] in
                    let parts = item.split(separator: "/").map(String.init)
                    let names = ["sun": 0, "mon": 1, "fri": 5]
                    let ends = parts[0].split(separator: "-").compactMap { Int($0) ?? names[String($0)] }
                    let (first, last) = (ends.first ?? range.lowerBound, ends.last ?? range.upperBound)
                    return Array(stride(from: first, through: last, by: parts.count > 1 ? Int(parts[1]) ?? 1 : 1))
                }
            )
        }
        stars = words.map { $0.hasPrefix("*") }
        isEveryHour = fields[1].count == 24
        self.zone = zone
    }

    func slots(after start: Date, through end: Date) -> [Date] {
        let (first, last) = (Int(start.timeIntervalSince1970.rounded(.down)), Int(end.timeIntervalSince1970))
        var found: Set<Int> = []
        // From two days before: a reading that a fold repeats was due the first time.
        var seen: Set<Int> = []
        var previous: Int?
        var instant = (first - 2 * 86_400) / 60 * 60
        while instant <= last {
            let reading = instant + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
            if let previous, !isEveryHour, reading > previous + 60 {
                // Readings that are left out are due now.
                if stride(from: previous + 60, to: reading, by: 60).contains(where: fits) { found.insert(instant) }
            }
            if fits(reading), isEveryHour || seen.insert(reading).inserted { found.insert(instant) }
            previous = reading
            instant += 60
        }
        return found.filter { $0 > first && $0 <= last }.sorted().map { Date(timeIntervalSince1970: Double($0)) }
    }

    private func fits(_ reading: Int) -> Bool {
        let day = Calendar.utc.dateComponents(
            [.minute, .hour, .day, .month, .weekday],
            from: Date(timeIntervalSince1970: Double(reading))
        )
        guard fields[0].contains(day.minute ?? -1), fields[1].contains(day.hour ?? -1),
            fields[3].contains(day.month ?? -1)
        else { return false }
        let (isDay, isWeekday) = (fields[2].contains(day.day ?? -1), fields[4].contains((day.weekday ?? 0) - 1))
        return stars[2] || stars[4] ? isDay && isWeekday : isDay || isWeekday
    }
}

extension Calendar {
    fileprivate static let utc: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()
}

func instant(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

func text(_ date: Date) -> String { date.formatted(.iso8601) }
