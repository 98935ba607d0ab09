import CLibpq

extension PostgresConnection {
    /// Runs one statement and returns its rows, all of them in memory.
    ///
    /// For results of unknown size use ``copyOut(_:)``.
    ///
    /// - Parameters:
    ///   - sql: one statement.
    ///   - parameters: the values of `$1`, `$2`, …
    /// - Returns: the rows, in the server's order; empty for a statement that returns none.
    /// - Throws: `CancellationError` if the task was cancelled, after the server has stopped the statement;
    ///   ``PostgresError`` otherwise.
    @discardableResult
    public func query(_ sql: String, _ parameters: any PostgresEncodable...) async throws -> PostgresRows {
        try await query(PostgresStatement(sql, parameters: parameters))
    }

    /// Runs one statement and returns its rows, all of them in memory.
    @discardableResult
    public func query(_ statement: PostgresStatement) async throws -> PostgresRows {
        try await interruptible { connection in
            let handle = try connection.handle()
            guard statement.send(on: handle.pointer) else { throw handle.lost() }
            return try handle.rows(of: statement.sql)
        }
    }

    /// Runs a text of several statements in one round trip, without parameters.
    ///
    /// Outside a transaction block, the server runs the whole text in one transaction (PostgreSQL manual, "Multiple
    /// Statements in a Simple Query").
    ///
    /// - Parameters:
    ///   - sql: the statements.
    ///   - copyData: the data of the text's `COPY … FROM STDIN`, in the order of these.
    /// - Returns: what each statement gave, in order. libpq hands a notice over as soon as it has read it, so one that
    ///   a statement began with may stand with the statement before; ``pipeline(_:)`` keeps them apart.
    /// - Throws: ``PostgresError`` for the first statement that fails, with the position in `sql` and the number of
    ///   statements that had ended before it; the ones behind it were not run.
    @discardableResult
    public func script(_ sql: String, copyData: [ArraySlice<UInt8>] = []) async throws -> [PostgresRows] {
        try await interruptible { connection in
            let handle = try connection.handle()
            try handle.send(script: sql)
            return try handle.scriptResults(of: sql, copyData: copyData)
        }
    }

    /// Sends several statements at once and then reads all their results: one round trip instead of many.
    ///
    /// Outside a transaction they are one transaction: if one fails, nothing of the others stays (PostgreSQL manual,
    /// "Pipeline Mode").
    ///
    /// - Returns: each statement's rows, in order.
    /// - Throws: ``PostgresError`` for the first statement that fails; with code `misuse`, and the connection closed, if
    ///   one of them is a COPY.
    public func pipeline(_ statements: [PostgresStatement]) async throws -> [PostgresRows] {
        try await interruptible { connection in
            let handle = try connection.handle()
            return try handle.pipeline(statements) { $0.send(on: handle.pointer) }
        }
    }

    /// Rolls back whatever is open, also in a task that was cancelled.
    public func rollBack() {
        endCopy()
        if transactionStatus != .idle { uninterrupted("ROLLBACK") }
    }
}

/// More bytes than this the server does not take at once, and libpq could not count them.
private let largestMessage = 1 << 30

/// One statement with the values of its parameters.
public struct PostgresStatement: Sendable {
    /// The statement.
    public let sql: String
    let parameters: [PostgresParameter]

    /// Makes a statement from its text and the values of its parameters.
    public init(_ sql: String, _ parameters: any PostgresEncodable...) throws(PostgresError) {
        try self.init(sql, parameters: parameters)
    }

    init(_ sql: String, parameters: [any PostgresEncodable]) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw .containsNUL() }
        // The protocol counts the parameters of a statement in 16 bits.
        guard parameters.count <= Int(UInt16.max) else { throw .tooManyParameters(parameters.count) }
        self.sql = sql
        var values: [PostgresParameter] = []
        var size = 0
        for parameter in parameters {
            let value = try parameter.postgresParameter
            guard value.isBinary || value.bytes?.contains(0) != true else { throw .containsNUL() }
            size += value.bytes?.count ?? 0
            values.append(value)
        }
        guard size < largestMessage else { throw .tooLarge(size) }
        self.parameters = values
    }

    /// Sends the statement; false if libpq could not, with the reason in `PQerrorMessage`.
    func send(on connection: OpaquePointer) -> Bool {
        withValues { count, types, values, lengths, formats in
            PQsendQueryParams(connection, sql, count, types, values, lengths, formats, 0) == 1
        }
    }

    /// Sends the values for a statement that the server keeps under a name; false as ``send(on:)``.
    func send(on connection: OpaquePointer, prepared name: String) -> Bool {
        withValues { count, _, values, lengths, formats in
            PQsendQueryPrepared(connection, name, count, values, lengths, formats, 0) == 1
        }
    }

    private func withValues(
        _ body: (Int32, [Oid], [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) -> Bool
    ) -> Bool {
        // One buffer for all values; text values are read up to their NUL.
        var buffer: [UInt8] = []
        buffer.reserveCapacity(parameters.reduce(0) { $0 + ($1.bytes?.count ?? 0) + 1 })
        var starts: [Int?] = []
        for parameter in parameters {
            starts.append(parameter.bytes == nil ? nil : buffer.count)
            if let bytes = parameter.bytes { buffer.append(contentsOf: bytes) }
            buffer.append(0)
        }
        return buffer.withUnsafeBytes { buffer in
            let characters = buffer.assumingMemoryBound(to: CChar.self).baseAddress
            return body(
                Int32(parameters.count),
                parameters.map(\.typeOID),
                starts.map { start in start.flatMap { characters?.advanced(by: $0) } },
                parameters.map { Int32($0.bytes?.count ?? 0) },
                parameters.map { $0.isBinary ? 1 : 0 }
            )
        }
    }
}
