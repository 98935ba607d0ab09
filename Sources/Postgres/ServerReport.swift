import CLibpq

/// An error or a notice in the server's own words (PostgreSQL manual, "Error and Notice Message Fields").
public struct ServerReport: Hashable, Sendable {
    /// The severity, never translated: `ERROR`, `FATAL`, `PANIC`, `WARNING`, `NOTICE`, `DEBUG`, `INFO` or `LOG`.
    public let severity: String
    /// The error code.
    public let sqlState: SQLState
    /// The primary message, usually one line.
    public let message: String
    /// A secondary message with details of this case.
    public let detail: String?
    /// What the server suggests.
    public let hint: String?
    /// The chain of functions and commands in which it happened, innermost first.
    public let context: String?
    /// Where in the SQL that was sent, in Unicode scalars counted from 1.
    public let characterPosition: Int?
    /// Where in ``internalQuery``, in Unicode scalars counted from 1.
    public let internalPosition: Int?
    /// The text of a command that a function generated and that failed.
    public let internalQuery: String?
    /// The schema of the object that the error is about.
    public let schema: String?
    /// The table that the error is about.
    public let table: String?
    /// The column that the error is about.
    public let column: String?
    /// The data type that the error is about.
    public let dataType: String?
    /// The constraint that the error is about.
    public let constraint: String?

    init(result: OpaquePointer) {
        func field(_ code: Character) -> String? {
            guard let value = code.asciiValue.flatMap({ PQresultErrorField(result, Int32($0)) }) else { return nil }
            return String(cString: value)
        }
        // The codes are PG_DIAG_… of postgres_ext.h, character constants that Swift does not import.
        severity = field("V") ?? field("S") ?? "ERROR"
        sqlState = SQLState(rawValue: field("C") ?? "XX000")
        message = field("M") ?? String(cString: PQresultErrorMessage(result)).trimmingTrailingNewlines
        detail = field("D")
        hint = field("H")
        context = field("W")
        characterPosition = field("P").flatMap { Int($0) }
        internalPosition = field("p").flatMap { Int($0) }
        internalQuery = field("q")
        schema = field("s")
        table = field("t")
        column = field("c")
        dataType = field("d")
        constraint = field("n")
    }
}

extension String {
    var trimmingTrailingNewlines: String {
        var text = Substring(self)
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
