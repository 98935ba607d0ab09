#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An instant in PostgreSQL's resolution, with its text forms.
struct Timestamp: Hashable, CustomStringConvertible {
    /// The years that can be counted: until shortly before the microseconds since 1970 pass 64 bits.
    ///
    /// PostgreSQL's own `timestamp` counts from 2000 and goes on for 30 years more, its `date` for five million.
    static let years = 1...294_246

    /// Microseconds since 1970-01-01 00:00:00 UTC.
    let microseconds: Int

    /// Rounds a date to microseconds; nil when it is infinite or in none of ``years``.
    init?(_ date: Date) {
        let rounded = (date.timeIntervalSince1970 * 1_000_000).rounded()
        guard Self.range.contains(rounded) else { return nil }
        microseconds = Int(rounded)
    }

    private static let range: Range<Double> = {
        let days = [years.lowerBound, years.upperBound + 1].map { daysSince1970(year: $0, month: 1, day: 1) }
        return Double(days[0]) * 86_400_000_000..<Double(days[1]) * 86_400_000_000
    }()

    /// Reads `2026-01-02 03:04:05.678901+00`, with or without the time, the fraction and the offset.
    init?(postgres text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(), Self.years.contains(year), scanner.skip("-"),
            let month = scanner.number(), (1...12).contains(month), scanner.skip("-"),
            let day = scanner.number(), (1...31).contains(day)
        else { return nil }
        var seconds = daysSince1970(year: year, month: month, day: day) * 86_400
        var fraction = 0
        if scanner.skip(" ") || scanner.skip("T") {
            guard let hour = scanner.number(upTo: 24), scanner.skip(":"), let minute = scanner.number(upTo: 59),
                scanner.skip(":"), let second = scanner.number(upTo: 60)
            else { return nil }
            seconds += hour * 3600 + minute * 60 + second
            if scanner.skip(".") {
                guard let microseconds = scanner.microseconds() else { return nil }
                fraction = microseconds
            }
            let sign = scanner.skip("+") ? -1 : scanner.skip("-") ? 1 : 0
            if sign != 0 {
                guard let hours = scanner.number(upTo: 15),
                    let minutes = scanner.skip(":") ? scanner.number(upTo: 59) : 0,
                    let offsetSeconds = scanner.skip(":") ? scanner.number(upTo: 59) : 0
                else { return nil }
                seconds += sign * (hours * 3600 + minutes * 60 + offsetSeconds)
            } else {
                _ = scanner.skip("Z")
            }
        }
        guard scanner.isAtEnd else { return nil }
        microseconds = seconds * 1_000_000 + fraction
    }

    var date: Date {
        Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }

    /// The instant in UTC: `2026-01-02T03:04:05.678901Z`.
    var description: String {
        let (days, rest) = microseconds.flooredQuotient(86_400_000_000)
        let (year, month, day) = civil(daysSince1970: days)
        let seconds = rest / 1_000_000
        let time = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, to: 2) }.joined(separator: ":")
        let calendarDay = "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
        return "\(calendarDay)T\(time).\(padded(rest % 1_000_000, to: 6))Z"
    }
}

private struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = Substring(text).utf8
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number() -> Int? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(digits.count)
        return Int(Substring(digits))
    }

    mutating func number(upTo limit: Int) -> Int? {
        number().flatMap { $0 <= limit ? $0 : nil }
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// The digits of a fraction, six at most.
    mutating func microseconds() -> Int? {
        let before = rest.count
        guard let digits = number() else { return nil }
        let count = before - rest.count
        guard count <= 6 else { return nil }
        return (count..<6).reduce(digits) { value, _ in value * 10 }
    }
}

/// The days from 1970-01-01 to a day of the proleptic Gregorian calendar, counted in 400-year eras from 1 March.
private func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = year.flooredQuotient(400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = (days + 719_468).flooredQuotient(146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (
        year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
        month: month,
        day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    )
}

private func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Int {
    fileprivate func flooredQuotient(_ divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
