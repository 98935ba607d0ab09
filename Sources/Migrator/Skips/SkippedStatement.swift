public import SourceText

/// A statement that IF NOT EXISTS made do nothing, with what came of comparing it with what was there.
public struct SkippedStatement: Hashable, Sendable {
    /// Whether what was there is what the statement declares.
    public enum Result: String, Hashable, Sendable {
        /// All that was compared is as declared.
        case asDeclared = "as-declared"
        /// Something is not as declared.
        case differs
        /// Nothing that is declared could be compared.
        case notCompared = "not-compared"
    }

    /// The place of the statement, or of its part, in the file.
    public let location: SourceLocation
    /// The object's kind and name, as in *table jobs*.
    public let object: String
    /// What came of it.
    public let result: Result
    /// What differs, in words.
    public let differences: [String]
    /// What is declared and was not compared, in words.
    public let notCompared: [String]

    /// The statement in one line, as in `m/0011_jobs.sql:3:1: table jobs: column scheduled_for is missing`.
    public var description: String {
        let parts = differences + (notCompared.isEmpty ? [] : ["not compared: " + notCompared.joined(separator: ", ")])
        return "\(location): \(object)" + (parts.isEmpty ? " is as declared" : ": " + parts.joined(separator: "; "))
    }
}

extension [SkippedStatement] {
    /// What an event keeps of a migration's skipped statements.
    var asDetail: [String: String] {
        var detail: [String: String] = [:]
        func add(_ key: String, _ values: [String]) {
            if !values.isEmpty { detail[key] = values.joined(separator: "\n") }
        }
        add("as_declared", filter { $0.result == .asDeclared && $0.notCompared.isEmpty }.map(\.object))
        add("differs", filter { $0.result == .differs }.map(\.description))
        add("not_compared", filter { $0.result != .differs && !$0.notCompared.isEmpty }.map(\.description))
        return detail
    }
}
