import CLibpq

/// Reading what the server answers. Every function here blocks, and leaves the connection ready for the next statement,
/// or in the middle of this one: then ``PostgresConnection/interruptible(_:)`` closes it.
extension ConnectionHandle {
    /// The error for a connection on which nothing can be sent or read any more.
    func lost(completedStatements: Int = 0) -> PostgresError {
        let words = String(cString: PQerrorMessage(pointer)).trimmingTrailingNewlines
        guard PQstatus(pointer) != CONNECTION_OK else {
            return PostgresError(.misuse, words.isEmpty ? "libpq refused the call" : words)
        }
        return .connectionLost(words, completedStatements: completedStatements)
    }

    /// The next result; nil at the end of the statement.
    func nextResult() -> ResultHandle? {
        PQgetResult(pointer).map { ResultHandle($0) }
    }

    /// The error that a failed result stands for.
    func error(_ result: borrowing ResultHandle, in sql: String?, completedStatements: Int = 0) -> PostgresError {
        let report = result.report
        // A fatal error is the server's last word on this connection; libpq has not read its end yet.
        if PQstatus(pointer) != CONNECTION_OK || ["FATAL", "PANIC"].contains(report.severity) {
            return PoolerRefusal.unserved(report.message)
                ?? .connectionLost(report.message, completedStatements: completedStatements)
        }
        return .server(report, in: sql, completedStatements: completedStatements)
    }

    /// The rows of a single statement.
    func rows(of sql: String) throws(PostgresError) -> PostgresRows {
        var rows: PostgresRows?
        var failure: PostgresError?
        while let result = nextResult() {
            switch result.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                rows = result.rows(notices: noticeSink.takeCollected())
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                end(result)
                failure = .busy(with: "a COPY, which copyIn and copyOut run")
            default:
                failure = failure ?? error(result, in: sql)
            }
        }
        if let failure { throw failure }
        guard let rows else { throw lost() }
        return rows
    }

    /// What each statement of a script did.
    func scriptResults(of sql: String, copyData: [ArraySlice<UInt8>]) throws(PostgresError) -> [PostgresRows] {
        var results: [PostgresRows] = []
        var failure: PostgresError?
        var copyData = copyData[...]
        while let result = nextResult() {
            switch result.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                results.append(result.rows(notices: noticeSink.takeCollected()))
            case PGRES_COPY_IN:
                if let data = copyData.popFirst() {
                    guard put(data), PQputCopyEnd(pointer, nil) == 1 else {
                        throw lost(completedStatements: results.count)
                    }
                } else {
                    failure = failure ?? .copyInScript()
                    end(result)
                }
            case PGRES_COPY_OUT, PGRES_COPY_BOTH:
                end(result)
            default:
                failure = failure ?? error(result, in: sql, completedStatements: results.count)
            }
        }
        if let failure { throw failure }
        if PQstatus(pointer) != CONNECTION_OK { throw lost(completedStatements: results.count) }
        return results
    }

    /// Sends statements at once and reads what each gave.
    func pipeline(
        _ statements: [PostgresStatement],
        send: (PostgresStatement) -> Bool
    ) throws(PostgresError) -> [PostgresRows] {
        guard PQenterPipelineMode(pointer) == 1 else { throw lost() }
        defer { PQexitPipelineMode(pointer) }
        for statement in statements where !send(statement) { throw lost() }
        guard PQpipelineSync(pointer) == 1 else { throw lost() }
        return try pipelineResults(of: statements)
    }

    /// The rows of each statement of a pipeline, read up to its synchronisation point.
    private func pipelineResults(of statements: [PostgresStatement]) throws(PostgresError) -> [PostgresRows] {
        var rows: [PostgresRows] = []
        var failure: PostgresError?
        while true {
            guard let result = nextResult() else {
                // A null stands between the statements; on a cut connection nothing else ever comes.
                if PQstatus(pointer) != CONNECTION_OK { throw failure ?? lost() }
                continue
            }
            switch result.status {
            case PGRES_PIPELINE_SYNC:
                if let failure { throw failure }
                return rows
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                rows.append(result.rows(notices: noticeSink.takeCollected()))
            case PGRES_PIPELINE_ABORTED:
                break
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                // It cannot be ended in a pipeline: libpq announces it for ever. The server waits for the data of a COPY
                // in, and goes on by itself behind a COPY out.
                throw .copyInPipeline(mayBeCommitted: result.status != PGRES_COPY_IN)
            default:
                let index = rows.count
                failure =
                    failure
                    ?? error(
                        result,
                        in: statements.indices.contains(index) ? statements[index].sql : nil,
                        completedStatements: index
                    )
            }
        }
    }

    /// Sends data for the COPY that the server waits with; false if the connection is cut.
    func put(_ data: ArraySlice<UInt8>) -> Bool {
        // The server takes a message in whole before it reads on in it, so that it works while the next one is sent only if they are small.
        var rest = data
        while !rest.isEmpty {
            let part = rest.prefix(1 << 16)
            let sent = part.withUnsafeBytes { buffer in
                PQputCopyData(pointer, buffer.bindMemory(to: CChar.self).baseAddress, Int32(buffer.count))
            }
            guard sent == 1 else { return false }
            rest = rest.dropFirst(part.count)
        }
        return true
    }

    /// Reads and drops what is left of the running statement.
    func drain() {
        while let result = nextResult() {
            end(result)
        }
    }

    /// Ends the COPY that a result announces; nothing for another result.
    func end(_ result: borrowing ResultHandle) {
        switch result.status {
        case PGRES_COPY_IN, PGRES_COPY_BOTH:
            PQputCopyEnd(pointer, "no data was given")
        case PGRES_COPY_OUT:
            var buffer: UnsafeMutablePointer<CChar>?
            while PQgetCopyData(pointer, &buffer, 0) > 0 { PQfreemem(buffer) }
        default:
            break
        }
    }
}
