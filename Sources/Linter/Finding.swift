public import SourceText

/// How bad a finding is.
public enum Severity: String, Codable, Comparable, CaseIterable, Sendable {
    /// Good to know.
    case note
    /// It may hurt, or fail on some databases.
    case warning
    /// It will fail, block the application, or lose what nobody gets back.
    case error

    /// Whether the left one is the milder one.
    public static func < (left: Self, right: Self) -> Bool { left.order < right.order }

    private var order: Int {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }
}

/// What a rule is about.
public enum Category: String, Codable, CaseIterable, Sendable {
    /// What is there when a statement runs, and whether it can run twice.
    case existence
    /// Locks, rewrites and scans.
    case lock
    /// Rows that are lost.
    case data
    /// The version of the application that is still running.
    case compatibility
    /// Transactions and what runs at the same time.
    case transaction
    /// Types and keys.
    case type
    /// Names and conventions.
    case name
    /// Who may do what.
    case security
}

/// Something that a rule found.
public struct LintFinding: Hashable, Sendable {
    /// The rule's name.
    public let rule: String
    /// What it is about.
    public let category: Category
    /// How bad it is.
    public let severity: Severity
    /// The file.
    public let file: String
    /// The offending word, or the statement's first.
    public let position: SourcePosition
    /// The last line of the statement.
    public let endLine: Int
    /// What will happen, with the user's own names in it.
    public let message: String
    /// What to do.
    public let next: String?
    /// The line of the file at ``position``.
    public let excerpt: String
    /// What makes it the same finding after lines have moved: the rule, the file's name and the statement's text.
    public let fingerprint: String
}

/// What was found.
public struct LintReport: Sendable {
    /// The findings, in the order of the files and of their lines.
    public let findings: [LintFinding]
    /// How many files were judged.
    public let fileCount: Int
    /// How many statements were judged.
    public let statementCount: Int
    /// How many findings a directive allows.
    public let allowedCount: Int
    /// How many findings the baseline has.
    public let baselineCount: Int
    /// What each judged file does, where that was asked for.
    public let works: [FileWork]
    /// The rules that were there to be asked.
    public let rules: [Rule]

    /// How many findings are of a severity.
    public func count(_ severity: Severity) -> Int { findings.count { $0.severity == severity } }
}
