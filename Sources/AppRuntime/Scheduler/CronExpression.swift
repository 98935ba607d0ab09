/// When something is due by the clock on the wall: five fields, as cron has had them since Vixie's.
///
/// Minute, hour, day of the month, month and day of the week; each `*`, or a list of values, ranges (`1-5`) and steps
/// (`*/15`, `8-18/2`). Months and days of the week may be names (`jan`, `mon`), and Sunday is 0 or 7. `@hourly`, `@daily`
/// (`@midnight`), `@weekly`, `@monthly` and `@yearly` (`@annually`) stand for an expression.
///
/// If both the day of the month and the day of the week are restricted, a day on which either fits is due; a field that
/// begins with `*` is not restricted in this sense.
public struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// The expression as it was written, without superfluous blanks.
    public let description: String
    /// The five fields, also where a macro stood for them.
    let fields: String
    /// One bit for each minute, hour, day, month and weekday that fits.
    let minutes: UInt64
    let hours: UInt64
    let days: UInt64
    let months: UInt64
    let weekdays: UInt64
    private let isEitherDay: Bool

    /// Reads an expression.
    ///
    /// - Parameter text: five fields, or a macro such as `@daily`.
    /// - Throws: ``AppRuntimeError`` with code `invalid-cron`, which says what and in which field.
    public init(_ text: String) throws(AppRuntimeError) {
        let words = text.split { $0 == " " || $0 == "\t" }
        description = words.joined(separator: " ")
        let fields = try Self.fields(words, in: description)
        self.fields = fields.joined(separator: " ")
        var bits: [UInt64] = []
        for (field, text) in zip(CronField.allCases, fields) { bits.append(try field.bits(of: text, in: description)) }
        minutes = bits[CronField.minute.rawValue]
        hours = bits[CronField.hour.rawValue]
        days = bits[CronField.day.rawValue]
        months = bits[CronField.month.rawValue]
        weekdays = bits[CronField.weekday.rawValue]
        isEitherDay =
            !fields[CronField.day.rawValue].hasPrefix("*") && !fields[CronField.weekday.rawValue].hasPrefix("*")
    }

    private static func fields(_ words: [Substring], in expression: String) throws(AppRuntimeError) -> [Substring] {
        if let macro = words.first, macro.hasPrefix("@"), words.count == 1 {
            guard let meaning = macros[macro.lowercased()] else {
                throw .cron(
                    expression,
                    field: nil,
                    "there is no such macro",
                    next: "take one of \(macros.keys.sorted().joined(separator: ", ")), or write five fields"
                )
            }
            return meaning.split(separator: " ")
        }
        guard words.count == CronField.allCases.count else {
            throw .cron(
                expression,
                field: nil,
                "it has \(words.count) field\(words.count == 1 ? "" : "s") instead of five",
                next: "write minute, hour, day of the month, month and day of the week, such as 30 2 * * mon-fri"
            )
        }
        return words
    }

    private static let macros = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// Whether every hour fits, so that due times follow the time that passes and not the clock on the wall.
    var isEveryHour: Bool { hours == 1 << 24 - 1 }

    /// Whether something is due on a day.
    func fits(_ day: CivilDay) -> Bool {
        guard months & 1 << UInt64(day.month) != 0 else { return false }
        let isDay = days & 1 << UInt64(day.day) != 0
        let isWeekday = weekdays & 1 << UInt64(day.weekday) != 0
        return isEitherDay ? isDay || isWeekday : isDay && isWeekday
    }

    /// The first day that fits, from a day on; nil if there is none.
    ///
    /// A 29 February that has to be a certain day of the week, as in `0 0 */28 2 1`, comes within forty years or never.
    func firstDay(from day: CivilDay) -> CivilDay? {
        var day = day
        for _ in 0..<(366 * 41) {
            if fits(day) { return day }
            day = day.next
        }
        return nil
    }
}

extension CronExpression: Codable {
    /// Reads an expression from its text.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the expression as its text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
