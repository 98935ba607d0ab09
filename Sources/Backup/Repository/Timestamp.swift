#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Points in time, as seconds since 1970 and as ISO 8601 text in UTC.
enum Timestamp {
    static let secondsADay = 86_400

    /// Now, in whole seconds.
    static var now: Int { Int(Date().timeIntervalSince1970) }

    static func text(_ seconds: Int) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }

    /// Reads a text; nil if it is no time.
    static func seconds(_ text: String) -> Int? {
        // What is no time is the caller's to say.
        (try? Date(text, strategy: .iso8601)).map { Int($0.timeIntervalSince1970) }
    }

    /// The text without what a file's name does not need: `20260114T030000Z`.
    static func digits(_ text: String) -> String { text.filter { $0 != "-" && $0 != ":" } }
}
