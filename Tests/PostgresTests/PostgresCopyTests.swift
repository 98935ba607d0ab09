import Postgres
import TestSupport
import Testing

/// Gives rows as they are made: from a function in FROM the server would collect them all first.
private let endless = "COPY (SELECT generate_series(1, 1000000000)) TO STDOUT"

@Suite("A COPY")
struct PostgresCopyTests {
    @Test("out gives whole rows in chunks, and all of them")
    func copiesOut() async throws {
        try await withTestConnection { connection in
            var lines = 0
            var chunks = 0
            for try await chunk in connection.copyOut(
                "COPY (SELECT i, repeat('x', 50) FROM generate_series(1, 20000) AS i) TO STDOUT"
            ) {
                #expect(chunk.last == UInt8(ascii: "\n"))
                lines += chunk.count { $0 == UInt8(ascii: "\n") }
                chunks += 1
            }
            #expect(lines == 20_000)
            #expect(chunks > 5)
            try await connection.expectUsable()
        }
    }

    @Test("out of an empty table gives nothing")
    func copiesNothing() async throws {
        try await withTestConnection { connection in
            for try await chunk in connection.copyOut("COPY (SELECT 1 WHERE false) TO STDOUT") {
                Issue.record("a chunk of \(chunk.count) bytes")
            }
        }
    }

    @Test("out that fails in the middle ends in the server's error, and the connection stays usable")
    func failsInTheMiddle() async throws {
        try await withTestConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                for try await _ in connection.copyOut(
                    "COPY (SELECT 1 / (50000 - i) FROM generate_series(1, 60000) AS i) TO STDOUT"
                ) {}
            }
            #expect(error?.sqlState == "22012")
            try await connection.expectUsable()
        }
    }

    @Test("out that is left early is stopped by the next statement")
    func isAbandoned() async throws {
        try await withTestConnection { connection in
            for try await _ in connection.copyOut(endless) { break }
            try await connection.expectUsable()
        }
    }

    @Test("out that an error leaves in a nested transaction is stopped, and the outer one goes on")
    func isLeftInANestedTransaction() async throws {
        struct Enough: Error {}
        try await withTestConnection { connection in
            try await connection.withTransaction { connection in
                try await connection.script("CREATE TABLE t (i int); INSERT INTO t VALUES (1)")
                let start = ContinuousClock.now
                await #expect(throws: Enough.self) {
                    try await connection.withTransaction { connection in
                        for try await _ in connection.copyOut(endless) { throw Enough() }
                    }
                }
                #expect(start.duration(to: .now) < .seconds(20))
                // No cancel request is on its way any more.
                for _ in 0..<20 { try await connection.expectUsable() }
                #expect(await connection.transactionStatus == .inTransaction)
            }
            let count = try await connection.query("SELECT count(*) FROM t").decode(as: Int.self)
            #expect(count == [1])
        }
    }

    @Test("out that is left early makes the transaction around it fail")
    func failsItsTransaction() async throws {
        try await withTestConnection { connection in
            try await connection.query("CREATE TABLE t (i int)")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withTransaction { connection in
                    try await connection.query("INSERT INTO t VALUES (1)")
                    for try await _ in connection.copyOut(endless) { break }
                }
            }
            #expect(error?.message.contains("COMMIT was answered with ROLLBACK") == true)
            let count = try await connection.query("SELECT count(*) FROM t").decode(as: Int.self)
            #expect(count == [0])
        }
    }

    @Test("out that was rolled back gives no more, also when another one runs")
    func isOverAfterARollback() async throws {
        try await withTestConnection { connection in
            try await connection.script("BEGIN")
            var first = connection.copyOut(endless).makeAsyncIterator()
            #expect(try await first.next() != nil)
            await connection.rollBack()
            #expect(await connection.transactionStatus == .idle)
            var second = connection.copyOut("COPY (SELECT generate_series(1, 20000)) TO STDOUT").makeAsyncIterator()
            #expect(try await second.next()?.starts(with: "1\n2\n".utf8) == true)
            let old = first
            let error = await #expect(throws: PostgresError.self) {
                var rest = old
                _ = try await rest.next()
            }
            #expect(error?.code == .misuse)
            #expect(error?.message.hasPrefix("the COPY has ended") == true)
            #expect(try await second.next()?.suffix(6) == Array("20000\n".utf8)[...])
            try await connection.expectUsable()
        }
    }

    @Test("out that is left early never has its cancel request reach the next statement")
    func guardsTheNextStatement() async throws {
        try await withTestConnection { connection in
            for _ in 0..<50 {
                for try await _ in connection.copyOut("COPY (SELECT generate_series(1, 20000)) TO STDOUT") { break }
                try await connection.query("SELECT pg_sleep(0.001)")
            }
            try await connection.expectUsable()
        }
    }

    @Test("out that is still read refuses another statement, and goes on")
    func refusesOthers() async throws {
        try await withTestConnection { connection in
            var iterator = connection.copyOut("COPY (SELECT i FROM generate_series(1, 100000) AS i) TO STDOUT")
                .makeAsyncIterator()
            #expect(try await iterator.next() != nil)
            let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
            #expect(error?.code == .misuse)
            var bytes = 0
            while let chunk = try await iterator.next() { bytes += chunk.count }
            #expect(bytes > 400_000)
            try await connection.expectUsable()
        }
    }

    @Test("out makes the server wait while nobody reads")
    func hasBackpressure() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                var iterator = connection.copyOut(
                    "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 1000000)) TO STDOUT"
                ).makeAsyncIterator()
                #expect(try await iterator.next() != nil)
                try await withPostgresConnection(to: settings) { observer in
                    try await observer.wait(
                        until:
                            "SELECT wait_event IS NOT DISTINCT FROM 'ClientWrite' FROM pg_stat_activity WHERE pid = \(connection.backendPID)"
                    )
                }
            }
        }
    }

    @Test("out stops on the server when its task is cancelled")
    func isCancelled() async throws {
        try await withTestConnection { connection in
            let (chunks, source) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingOldest(1))
            let reading = Task {
                for try await chunk in connection.copyOut(endless) { source.yield(chunk.count) }
            }
            for await count in chunks {
                #expect(count >= 64 * 1024)
                break
            }
            reading.cancel()
            await #expect(throws: CancellationError.self) { try await reading.value }
            try await connection.expectUsable()
        }
    }

    @Test("in takes chunks that are split anywhere, and counts the rows")
    func copiesIn() async throws {
        try await withTestConnection { connection in
            try await connection.query("CREATE TABLE t (i int, s text)")
            let data = (1...5000).map { "\($0)\trow \($0) é\n" }.joined()
            let chunks = AsyncStream { continuation in
                var rest = Array(data.utf8)[...]
                while !rest.isEmpty {
                    continuation.yield(Array(rest.prefix(777)))
                    rest = rest.dropFirst(777)
                }
                continuation.finish()
            }
            #expect(try await connection.copyIn("COPY t FROM STDIN", from: chunks) == 5000)
            #expect(
                try await connection.query("SELECT sum(i), max(s) FROM t").decode(as: (Int, String).self).first?.0
                    == 12_502_500
            )
        }
    }

    @Test("in leaves nothing when its data does not come to the end or does not fit")
    func dropsHalfACopy() async throws {
        struct Broken: Error {}
        try await withTestConnection { connection in
            try await connection.query("CREATE TABLE t (i int)")
            let chunks = AsyncThrowingStream<[UInt8], any Error> { continuation in
                continuation.yield(Array("1\n2\n".utf8))
                continuation.finish(throwing: Broken())
            }
            await #expect(throws: Broken.self) { try await connection.copyIn("COPY t FROM STDIN", from: chunks) }
            let bad = await #expect(throws: PostgresError.self) {
                try await connection.copyIn("COPY t FROM STDIN", from: Array("1\nx\n".utf8))
            }
            #expect(bad?.report?.context?.contains("line 2") == true)
            #expect(try await connection.query("SELECT count(*) FROM t").decode(as: Int.self) == [0])
        }
    }

    @Test("in is stopped while the server waits for a lock and reads nothing")
    func isCancelledWhileItWaits() async throws {
        try await withLockedRow { connection, observer in
            let data = (1...200_000).map { "\($0)\t\(String(repeating: "x", count: 100))\n" }.joined()
            let copying = Task { try await connection.copyIn("COPY t FROM STDIN", from: Array(data.utf8)) }
            try await observer.waitUntilLocked(connection)
            copying.cancel()
            await #expect(throws: CancellationError.self) { try await copying.value }
            try await connection.expectUsable()
        }
    }

    @Test("in is dropped while the server waits for a lock, when its data does not come to the end")
    func isDroppedWhileItWaits() async throws {
        struct Broken: Error {}
        try await withLockedRow { connection, observer in
            let (chunks, source) = AsyncThrowingStream<[UInt8], any Error>.makeStream(bufferingPolicy: .unbounded)
            // Of the last chunk, libpq keeps a part back.
            for start in [1, 5001] {
                source.yield(Array((start..<start + 5000).map { "\($0)\tx\n" }.joined().utf8))
            }
            let copying = Task {
                try await connection.withTransaction { try await $0.copyIn("COPY t FROM STDIN", from: chunks) }
            }
            try await observer.waitUntilLocked(connection)
            source.finish(throwing: Broken())
            await #expect(throws: Broken.self) { try await copying.value }
            #expect(await connection.transactionStatus == .idle)
            try await connection.expectUsable()
        }
    }

    /// Lends a connection to a test, and a second one that holds the row 1 of the table `t` back until the test ends.
    private func withLockedRow(_ body: (PostgresConnection, PostgresConnection) async throws -> Void) async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await connection.query("CREATE TABLE t (i int PRIMARY KEY, s text)")
                try await withPostgresConnection(to: settings) { observer in
                    try await observer.script("BEGIN; INSERT INTO t VALUES (1, '')")
                    try await body(connection, observer)
                }
            }
        }
    }

    @Test("of the wrong direction is refused, and the connection stays usable")
    func refusesTheWrongDirection() async throws {
        try await withTestConnection { connection in
            try await connection.query("CREATE TABLE t (i int)")
            await #expect(throws: PostgresError.self) { try await connection.copyIn("COPY t TO STDOUT", from: []) }
            await #expect(throws: PostgresError.self) { try await connection.copyIn("SELECT 1", from: []) }
            await #expect(throws: PostgresError.self) {
                for try await _ in connection.copyOut("COPY t FROM STDIN") {}
            }
            try await connection.expectUsable()
        }
    }
}

extension PostgresConnection {
    /// Waits until another connection waits for a lock.
    fileprivate func waitUntilLocked(_ other: PostgresConnection) async throws {
        try await wait(
            until: "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = \(other.backendPID) AND NOT granted)"
        )
    }
}
