import Postgres
import TestSupport
import Testing

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

    @Test("end in an error when the connection is closed or cut, and with their task")
    func endWithTheConnection() async throws {
        try await withTestDatabase { settings in
            for end in ["close", "cut", "cancel"] {
                try await withPostgresConnection(to: settings) { listener in
                    let notifications = try await listener.notifications(on: "c")
                    let waiting = Task { for try await _ in notifications {} }
                    try await withPostgresConnection(to: settings) { other in
                        try await other.wait(
                            until: "SELECT state = 'idle' FROM pg_stat_activity WHERE pid = \(listener.backendPID)"
                        )
                        switch end {
                        case "close": await listener.close()
                        case "cut": try await other.query("SELECT pg_terminate_backend($1::int)", listener.backendPID)
                        default: waiting.cancel()
                        }
                    }
                    await #expect(throws: (any Error).self) { try await waiting.value }
                }
            }
        }
    }
}
