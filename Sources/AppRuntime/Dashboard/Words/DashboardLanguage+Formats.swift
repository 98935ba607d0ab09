import Foundation

/// How numbers and times are written. All times are UTC: those who look at them sit in several zones.
extension DashboardLanguage {
    /// A whole number with its thousands parted.
    func number(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        let separator = self == .english ? "," : "."
        return (value < 0 ? "−" : "") + ([digits] + groups).joined(separator: separator)
    }

    /// A number with so many digits behind the point.
    func decimal(_ value: Double, _ digits: Int = 1) -> String {
        guard value.isFinite else { return "–" }
        let text = String(format: "%.\(digits)f", value)
        return self == .english ? text : text.replacing(".", with: ",")
    }

    /// A share from 0 to 1 as per cent.
    func percent(_ share: Double) -> String { decimal(share * 100, 2) + " %" }

    /// A length of time, to two digits or so.
    func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "–" }
        let length = abs(seconds)
        switch length {
        case ..<0.001 where length > 0: return "<1 ms"
        case ..<1: return decimal(length * 1000, 0) + " ms"
        case ..<10: return decimal(length, 1) + " s"
        case ..<120: return decimal(length, 0) + " s"
        case ..<7200: return decimal((length / 60).rounded(.down), 0) + " min"
        case ..<172_800: return decimal((length / 3600).rounded(.down), 0) + " h"
        default: return decimal((length / 86_400).rounded(.down), 0) + " d"
        }
    }

    /// How long ago something was, or how long it is until then.
    func relative(_ date: Date, to now: Date) -> String {
        let seconds = date.timeIntervalSince(now)
        if abs(seconds) < 1 { return self("now") }
        return seconds < 0 ? self("ago", duration(seconds)) : self("in", duration(seconds))
    }

    /// A time to the second.
    func time(_ date: Date) -> String {
        let parts = Self.calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        let clock = String(format: "%02d:%02d:%02d", parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0)
        return String(format: "%04d-%02d-%02d ", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0) + clock
    }

    /// The minute of a day.
    func minute(_ date: Date) -> String { String(time(date).dropFirst(11).prefix(5)) }

    /// A size.
    func bytes(_ count: Int) -> String {
        switch count.magnitude {
        case ..<1024: "\(number(count)) B"
        case ..<1_048_576: decimal(Double(count) / 1024) + " KiB"
        case ..<1_073_741_824: decimal(Double(count) / 1_048_576) + " MiB"
        default: decimal(Double(count) / 1_073_741_824) + " GiB"
        }
    }

    private static let calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
        return calendar
    }()
}

extension PageModel {
    /// A time for a template: `text` as people say it, `title` in full, `machine` for `datetime`.
    init(_ date: Date, to now: Date, in language: DashboardLanguage) {
        self.init(
            ("text", language.relative(date, to: now)),
            ("title", language.time(date) + " UTC"),
            ("short", String(language.time(date).prefix(16))),
            ("machine", date.formatted(.iso8601))
        )
    }

    /// The same for a time that may be missing.
    init?(_ date: Date?, to now: Date, in language: DashboardLanguage) {
        guard let date else { return nil }
        self.init(date, to: now, in: language)
    }
}
