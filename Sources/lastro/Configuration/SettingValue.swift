import Configuration
import Migrator
import SchemaDiff

/// A type that a setting's text is read as.
protocol SettingValue: ExpressibleByConfigString {
    /// What such a text has to be, for errors: *a duration such as 5s*.
    static var expectation: String { get }
}

/// How long something may take: `500ms`, `5s`, `10min`, `1h`, `1d`, or a number of seconds.
struct Patience: SettingValue, Hashable {
    let duration: Duration

    static let expectation = "a duration such as 500ms, 5s, 10min, 1h or 1d"

    init(_ duration: Duration) {
        self.duration = duration
    }

    init?(configString text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        guard let number = Double(digits) else { return nil }
        let unit: Double
        switch text.dropFirst(digits.count) {
        case "ms": unit = 1
        case "", "s": unit = 1000
        case "min", "m": unit = 60_000
        case "h": unit = 3_600_000
        case "d": unit = 86_400_000
        default: return nil
        }
        let milliseconds = (number * unit).rounded()
        // What rounds to nothing would mean the opposite, and nobody waits for ten years.
        guard milliseconds > 0 || number == 0, milliseconds < 86_400_000 * 3650 else { return nil }
        duration = .milliseconds(Int(milliseconds))
    }

    var description: String { duration == .zero ? "0s" : "\(duration)" }
}

/// A time limit for the server's work; `0` and `off` leave it to what the server has set.
enum TimeLimit: SettingValue, Hashable {
    /// Whatever the server, the database or the role has set.
    case serverDefault
    /// This long.
    case after(Duration)

    /// The time; nil where it is left to the server.
    var duration: Duration? {
        if case .after(let duration) = self { duration } else { nil }
    }

    static let expectation = Patience.expectation + ", or off for the server's own; at most 24d"

    init?(configString text: String) {
        if text == "off" {
            self = .serverDefault
            return
        }
        // The server counts milliseconds in 32 bits (PostgreSQL manual, "Client Connection Defaults").
        guard let patience = Patience(configString: text), patience.duration <= .milliseconds(Int(Int32.max)) else {
            return nil
        }
        self = patience.duration == .zero ? .serverDefault : .after(patience.duration)
    }

    var description: String {
        switch self {
        case .serverDefault: "off"
        case .after(let duration): "\(duration)"
        }
    }
}

/// A number of times, from 0.
struct Count: SettingValue, Hashable {
    let value: Int

    static let expectation = "a whole number from 0"

    init?(configString text: String) {
        guard let value = Int(text), value >= 0 else { return nil }
        self.value = value
    }

    var description: String { "\(value)" }
}

extension MigrationLayout: SettingValue {
    static var expectation: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }

    init?(configString text: String) { self.init(rawValue: text) }

    var description: String { rawValue }
}

extension SkipRule: SettingValue {
    static var expectation: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }

    init?(configString text: String) { self.init(rawValue: text) }

    var description: String { rawValue }
}

/// The patterns of what comparisons of schemas leave out.
struct IgnorePatterns: SettingValue, Hashable {
    let list: IgnoreList
    let description: String

    static let expectation = "patterns such as table:legacy_*, owner:monitoring, grantee:report or attribute:comment"

    init?(configString text: String) {
        guard let list = IgnoreList(text) else { return nil }
        self.list = list
        description = text
    }
}
