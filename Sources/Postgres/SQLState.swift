/// A five-character error code of the server (PostgreSQL manual, Appendix A).
public struct SQLState: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The five characters.
    public let rawValue: String

    /// Makes a code from its five characters.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Makes a code from its five characters.
    public init(stringLiteral value: String) {
        rawValue = value
    }

    /// The five characters.
    public var description: String { rawValue }

    /// The first two characters, which name the class of the error.
    public var errorClass: String { String(rawValue.prefix(2)) }

    /// unique_violation: a row with this key is there already.
    public static let uniqueViolation: SQLState = "23505"
    /// undefined_table: no such table, view or sequence.
    public static let undefinedTable: SQLState = "42P01"
    /// undefined_column: no such column.
    public static let undefinedColumn: SQLState = "42703"
    /// duplicate_table: a relation of this name is there already.
    public static let duplicateTable: SQLState = "42P07"
    /// insufficient_privilege: the role may not do this.
    public static let insufficientPrivilege: SQLState = "42501"
    /// syntax_error: the parser stopped here.
    public static let syntaxError: SQLState = "42601"
    /// active_sql_transaction: the statement cannot run in a transaction.
    public static let activeTransaction: SQLState = "25001"
    /// in_failed_sql_transaction: only ROLLBACK is accepted.
    public static let inFailedTransaction: SQLState = "25P02"
    /// read_only_sql_transaction: the transaction or the server is read-only.
    public static let readOnlyTransaction: SQLState = "25006"
    /// lock_not_available: lock_timeout ran out, or NOWAIT met a lock.
    public static let lockNotAvailable: SQLState = "55P03"
    /// query_canceled: a cancel request or statement_timeout ended the statement.
    public static let queryCanceled: SQLState = "57014"
    /// cannot_connect_now: the server is starting up, recovering or shutting down.
    public static let cannotConnectNow: SQLState = "57P03"
    /// undefined_object: no such role, type, constraint or parameter.
    public static let undefinedObject: SQLState = "42704"
}
