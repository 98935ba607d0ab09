import CLibpq

extension PostgresConnection {
    /// Runs a `COPY … TO STDOUT` and hands each row to a closure, on the connection's own thread and without a copy.
    ///
    /// For much data: nothing is allocated or passed between threads for a row. The server waits while the closure works.
    ///
    /// - Parameters:
    ///   - sql: the COPY.
    ///   - body: takes a row with the newline at its end, which stays where it is only during the call.
    /// - Returns: the number of rows.
    /// - Throws: what the closure throws, and the next call on this connection stops the statement first;
    ///   ``PostgresError``; `CancellationError`.
    @discardableResult
    public func copyOut(
        _ sql: String,
        forEachRow body: @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Int {
        try await interruptible { connection in
            let handle = try connection.handle()
            try handle.begin(sql, expecting: PGRES_COPY_OUT, direction: "TO STDOUT")
            while true {
                var row: UnsafeMutablePointer<CChar>?
                let length = PQgetCopyData(handle.pointer, &row, 0)
                guard length > 0, let row else {
                    if length == -2 { throw handle.lost() }
                    return try handle.rows(of: sql).tag.rowCount
                }
                defer { PQfreemem(row) }
                do {
                    try body(UnsafeRawBufferPointer(start: row, count: Int(length)))
                } catch {
                    // As if nobody read on: the statement is stopped before the next one.
                    connection.occupation = .copyOut(CopyOutState(token: nil))
                    throw error
                }
            }
        }
    }
}
