import TestSupport
import Testing

@testable import Postgres

@Suite("Notifications")
struct PostgresNotificationTests {
    @Test("come in order, while the connection does other work too")
    func comeInOrder() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { listener in
                let notifications = try await listener.notifications(on: "jobs", "with \"quote\"")
                try await withPostgresConnection(to: settings) { sender in
                    for i in 1...5 { try await sender.query("SELECT pg_notify('jobs', $1)", "\(i)") }
                    try await sender.query("SELECT pg_notify('with \"quote\"', 'last')")
                }
                _ = try await listener.query("SELECT 1")
                var payloads: [String] = []
                for try await notification in notifications {
                    payloads.append(notification.payload)
                    if notification.payload == "last" { break }
                }
                #expect(payloads == ["1", "2", "3", "4", "5", "last"])
            }
        }
    }

    @Test("wake who waits for them when they come with the answer to another statement")
    func wakeWhoWaits() async throws {
        try await withListener { listener, sender, first in
            // Its own notification a session gets together with the end of the statement.
            try await listener.query("NOTIFY c, 'query'")
            #expect(try await first.value == "query")
            let second = try await listener.waitForNext()
            try await listener.script("NOTIFY c, 'script'")
            #expect(try await second.value == "script")
            // A transaction holds back what others send; here it comes with the answer to ROLLBACK.
            let third = try await listener.waitForNext()
            try await listener.script("BEGIN")
            _ = try? await listener.query("SELECT 1 / 0")
            try await sender.query("NOTIFY c, 'rollback'")
            await listener.rollBack()
            #expect(try await third.value == "rollback")
        }
    }

    @Test("wait for the end of a COPY, whose data stays with whoever reads it")
    func waitForCopies() async throws {
        try await withListener { listener, sender, next in
            let copy = listener.copyOut("COPY (SELECT repeat('x', 1000), generate_series(1, 1000000)) TO STDOUT")
            try await sender.query("NOTIFY c, 'before'")
            #expect(try await next.value == "before")
            let last = try await listener.waitForNext()
            for try await _ in copy {
                let isHeldUp = """
                    SELECT wait_event IS NOT DISTINCT FROM 'ClientWrite' FROM pg_stat_activity
                    WHERE pid = \(listener.backendPID)
                    """
                // Full buffers hold it up for moments while they are being read; for good only when nobody reads.
                var sights = 0
                #expect(
                    try await eventually {
                        sights = try await sender.query(isHeldUp).decode(as: Bool.self) == [true] ? sights + 1 : 0
                        return sights == 50
                    }
                )
                break
            }
            try await sender.query("NOTIFY c, 'behind'")
            try await listener.expectUsable()
            #expect(try await last.value == "behind")
        }
    }

    @Test("go to one task at a time")
    func goToOneTask() async throws {
        try await withListener { listener, sender, first in
            let error = await #expect(throws: PostgresError.self) {
                for try await _ in Notifications(connection: listener) {}
            }
            #expect(error?.code == .misuse)
            #expect(error?.message == "another task waits for notifications on this connection already")
            try await sender.query("NOTIFY c, 'first'")
            #expect(try await first.value == "first")
        }
    }

    @Test("end in an error that says so when the connection is closed")
    func endWithClosing() async throws {
        try await withListener { listener, _, next in
            await listener.close()
            let error = await #expect(throws: PostgresError.self) { try await next.value }
            #expect(error?.code == .connectionClosed)
        }
    }

    @Test("end in an error that says so when the connection is cut")
    func endWithACut() async throws {
        try await withListener { listener, other, next in
            try await other.query("SELECT pg_terminate_backend($1::int)", listener.backendPID)
            let error = await #expect(throws: PostgresError.self) { try await next.value }
            #expect(error?.code == .connectionLost)
        }
    }

    @Test("end with their task, and the connection stays usable")
    func endWithTheirTask() async throws {
        try await withListener { listener, _, next in
            next.cancel()
            await #expect(throws: CancellationError.self) { try await next.value }
            try await listener.expectUsable()
        }
    }

    @Test("come on a connection that got the descriptor of one that was closed while somebody waited")
    func surviveReusedDescriptors() async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { sender in
                for _ in 0..<30 {
                    let old = try await PostgresConnection.open(settings)
                    _ = try await old.notifications(on: "c")
                    let end = try await old.waitForNext()
                    await old.close()
                    try await withPostgresConnection(to: settings) { listener in
                        _ = try await listener.notifications(on: "c")
                        let next = try await listener.waitForNext()
                        try await sender.query("NOTIFY c, 'here'")
                        #expect(try await next.value == "here")
                    }
                    await #expect(throws: PostgresError.self) { try await end.value }
                }
            }
        }
    }

    /// Lends a connection that listens on channel `c`, another one, and a task that waits for the next payload.
    private func withListener(
        _ body: (PostgresConnection, PostgresConnection, Task<String?, any Error>) async throws -> Void
    ) async throws {
        try await withTestDatabase { settings in
            try await withPostgresConnection(to: settings) { listener in
                _ = try await listener.notifications(on: "c")
                let next = try await listener.waitForNext()
                try await withPostgresConnection(to: settings) { try await body(listener, $0, next) }
            }
        }
    }
}

extension PostgresConnection {
    fileprivate func expect(_ sql: String) async throws {
        #expect(try await query(sql).decode(as: Bool.self) == [true])
    }

    /// A task for the next notification's payload, which waits by now.
    fileprivate nonisolated func waitForNext() async throws -> Task<String?, any Error> {
        let next = Task {
            var iterator = Notifications(connection: self).makeAsyncIterator()
            return try await iterator.next()?.payload
        }
        #expect(try await eventually { await notificationWait != nil })
        return next
    }
}
