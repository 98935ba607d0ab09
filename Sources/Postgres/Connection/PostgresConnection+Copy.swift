import CLibpq

extension PostgresConnection {
    /// Runs a `COPY … TO STDOUT` and gives its data in chunks of about 64 KiB, each of whole rows.
    ///
    /// The statement starts when the first chunk is asked for; the server waits while nobody asks. If iteration is
    /// left early, the next call on this connection stops the statement first. Inside a transaction that is a failure
    /// like any other: the transaction accepts only ROLLBACK from then on, and ``withTransaction(_:_:)`` throws at its
    /// end. To leave early and go on, read in a nested ``withTransaction(_:_:)`` and let an error leave that, or give
    /// the COPY's query a LIMIT.
    public nonisolated func copyOut(_ sql: String) -> CopyOut {
        CopyOut(connection: self, sql: sql)
    }

    /// Runs a `COPY … FROM STDIN` with data that comes in chunks, split anywhere.
    ///
    /// - Returns: the number of rows.
    /// - Throws: what the sequence throws, after the server has dropped the whole COPY; ``PostgresError``.
    @discardableResult
    public nonisolated func copyIn<Chunks: AsyncSequence>(_ sql: String, from chunks: Chunks) async throws -> Int
    where Chunks.Element == [UInt8] {
        try await copyIn(sql) {
            for try await chunk in chunks { try await putCopyData(chunk) }
        }
    }

    /// Runs a `COPY … FROM STDIN` with data that is in memory.
    ///
    /// - Returns: the number of rows.
    @discardableResult
    public nonisolated func copyIn(_ sql: String, from bytes: [UInt8]) async throws -> Int {
        try await copyIn(sql) {
            try await putCopyData(bytes)
        }
    }

    private nonisolated func copyIn(_ sql: String, sending: () async throws -> Void) async throws -> Int {
        try await beginCopyIn(sql)
        do {
            try await sending()
            return try await endCopyIn(sql)
        } catch {
            await abortCopyIn()
            throw error
        }
    }
}

// MARK: COPY … FROM STDIN

extension PostgresConnection {
    private func beginCopyIn(_ sql: String) async throws {
        try await interruptible { connection in
            let handle = try connection.handle()
            try handle.begin(sql, expecting: PGRES_COPY_IN, direction: "FROM STDIN")
            connection.occupation = .copyIn
        }
    }

    private func putCopyData(_ bytes: [UInt8]) async throws {
        // A server that waits for a lock reads nothing, and then sending waits as well.
        try await interruptiblePart { connection in
            let handle = try connection.handle()
            guard handle.put(bytes[...]) else { throw handle.lost() }
        }
    }

    private func endCopyIn(_ sql: String) async throws -> Int {
        try await interruptiblePart { connection in
            let handle = try connection.handle()
            guard PQputCopyEnd(handle.pointer, nil) == 1 else { throw handle.lost() }
            connection.occupation = .none
            return try handle.rows(of: sql).tag.rowCount
        }
    }

    /// Makes the server drop a COPY whose data did not come to its end.
    private func abortCopyIn() {
        guard case .copyIn = occupation else { return }
        occupation = .none
        guard let handle = try? handle() else { return }  // closed meanwhile: the server dropped the COPY
        // The server learns of the end only when it reads on, which it does not while it waits for a lock.
        canceller.begin()
        canceller.cancel()
        PQputCopyEnd(handle.pointer, "stopped by the client")
        handle.drain()
        settle()
    }
}

// MARK: COPY … TO STDOUT

/// The data of a `COPY … TO STDOUT`, in chunks of about 64 KiB.
public struct CopyOut: AsyncSequence, Sendable {
    /// One chunk: whole rows in the format of the COPY.
    public typealias Element = [UInt8]

    let connection: PostgresConnection
    let sql: String

    /// Starts nothing yet: the statement runs with the first ``Iterator/next()``.
    public func makeAsyncIterator() -> Iterator {
        Iterator(connection: connection, sql: sql)
    }

    /// Reads the data chunk by chunk.
    public struct Iterator: AsyncIteratorProtocol {
        let connection: PostgresConnection
        let sql: String
        private var token: CopyOutToken?
        private var isAtEnd = false

        init(connection: PostgresConnection, sql: String) {
            self.connection = connection
            self.sql = sql
        }

        /// The next chunk; nil at the end.
        public mutating func next() async throws -> [UInt8]? {
            guard !isAtEnd else { return nil }
            do {
                if token == nil { token = try await connection.beginCopyOut(sql) }
                let chunk = try await connection.nextCopyChunk(of: sql, token)
                isAtEnd = chunk.isLast
                return chunk.bytes.isEmpty ? nil : chunk.bytes
            } catch {
                isAtEnd = true
                throw error
            }
        }
    }
}

/// Lives as long as somebody may still ask for the rest of a `COPY … TO STDOUT`.
final class CopyOutToken: Sendable {}

/// A `COPY … TO STDOUT` that has begun.
struct CopyOutState {
    weak var token: CopyOutToken?
}

/// A part of a COPY's data.
struct CopyChunk {
    var bytes: [UInt8]
    var isLast: Bool
}

extension PostgresConnection {
    func beginCopyOut(_ sql: String) async throws -> CopyOutToken {
        try await interruptible { connection in
            let handle = try connection.handle()
            try handle.begin(sql, expecting: PGRES_COPY_OUT, direction: "TO STDOUT")
            let token = CopyOutToken()
            connection.occupation = .copyOut(CopyOutState(token: token))
            return token
        }
    }

    func nextCopyChunk(of sql: String, _ token: CopyOutToken?) async throws -> CopyChunk {
        try await interruptiblePart { connection in
            let handle = try connection.handle()
            // A rollback may have ended the COPY meanwhile, and another one begun.
            guard case .copyOut(let copy) = connection.occupation, copy.token === token else {
                throw PostgresError.copyHasEnded()
            }
            do {
                let chunk = try handle.copyChunk(of: 64 * 1024, sql: sql)
                if chunk.isLast { connection.occupation = .none }
                return chunk
            } catch {
                connection.occupation = .none
                throw error
            }
        }
    }

    /// Stops a `COPY … TO STDOUT` that nobody reads any more.
    func endAbandonedCopy() {
        guard case .copyOut(let copy) = occupation, copy.token == nil else { return }
        endCopyOut()
    }

    /// Stops a `COPY … TO STDOUT`, whoever may still want to read it.
    private func endCopyOut() {
        guard case .copyOut = occupation else { return }
        occupation = .none
        guard let handle = try? handle() else { return }  // closed meanwhile: the server has stopped by itself
        canceller.begin()
        canceller.cancel()
        handle.drain()
        settle()
    }

    /// Ends whatever COPY the connection is in the middle of: what follows is a rollback.
    func endCopy() {
        abortCopyIn()
        endCopyOut()
    }
}

extension ConnectionHandle {
    /// Sends a COPY and waits until the server is ready for its data.
    func begin(_ sql: String, expecting status: ExecStatusType, direction: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw .containsNUL() }
        guard PQsendQuery(pointer, sql) == 1 else { throw lost() }
        guard let result = nextResult() else { throw lost() }
        if result.status == status { return }
        let failure = result.status == PGRES_FATAL_ERROR ? error(result, in: sql) : PostgresError.notACopy(direction)
        end(result)
        drain()
        throw failure
    }

    /// The next rows, at least `size` bytes unless the data ends.
    func copyChunk(of size: Int, sql: String) throws(PostgresError) -> CopyChunk {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size + 8 * 1024)
        while bytes.count < size {
            var row: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(pointer, &row, 0)
            guard length > 0, let row else {
                if length == -2 { throw lost() }
                // The status of the whole COPY comes behind its data: rows already read may have been cut short.
                _ = try rows(of: sql)
                return CopyChunk(bytes: bytes, isLast: true)
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: row, count: Int(length)))
            PQfreemem(row)
        }
        return CopyChunk(bytes: bytes, isLast: false)
    }
}
