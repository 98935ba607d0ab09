import Foundation
import Migrator
import Postgres
import StudyPlatform
import Synchronization
import TestSupport
import Testing

@testable import AppRuntime

/// Remembers what it is told; fails as often as it is told to.
private final class Notebook: AlertChannel {
    let name = "notebook"
    private struct Broken: Error {}
    private let state = Mutex<(lines: [String], failures: Int)>(([], 0))

    var lines: [String] { state.withLock { $0.lines } }

    func fail(_ times: Int) { state.withLock { $0.failures = times } }

    func deliver(_ message: AlertMessage) async throws {
        try state.withLock { state in
            if state.failures > 0 {
                state.failures -= 1
                throw Broken()
            }
            state.lines.append("\(message.event) \(message.key) \(message.attempt)")
        }
    }
}

/// Does something whenever it is told an alert, and counts how often.
private final class LastWord: AlertChannel {
    let name = "notebook"
    private let told = Mutex(0)
    private let body: @Sendable () async throws -> Void

    init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

    var count: Int { told.withLock { $0 } }

    func deliver(_ message: AlertMessage) async throws {
        told.withLock { $0 += 1 }
        try await body()
    }
}

@Suite("Alerts")
struct AlertBookTests {
    private let age = AlertRule("oldest-age", severity: .high, above: 60, for: .seconds(60), channels: ["notebook"])

    private func high(_ subject: String, _ value: Double = 100) -> AlertObservation {
        AlertObservation(age, subject, value: value, "a job of type \(subject) has been due for \(value) s")
    }

    private func withAlerts(
        _ body: (PostgresConnection, LeaderTerm, AlertService, Notebook, AlertDesk) async throws -> Void
    ) async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await AlertRule.store([age], on: connection)
                let leader = Leadership()
                #expect(try await leader.claim(on: connection))
                let term = LeaderTerm(holder: leader.holder, term: try #require(leader.term))
                let notebook = Notebook()
                let service = AlertService(to: settings, channels: [notebook], logger: quiet)
                let pool = PostgresPool(to: settings, limit: 2)
                try await body(connection, term, service, notebook, AlertDesk(pool: pool))
                await pool.shutDown()
            }
        }
    }

    private func past(_ seconds: Int, on connection: PostgresConnection) async throws {
        try await connection.query(
            "UPDATE alert_pending SET since = since - make_interval(secs => $1)",
            Double(seconds)
        )
        try await connection.query(
            "UPDATE alert_deliveries SET next_try_at = next_try_at - make_interval(secs => $1)",
            Double(seconds)
        )
    }

    @Test("are left to others where the service that tells them is to end, be it in the middle of one")
    func endsTelling() async throws {
        try await withAlerts { connection, term, _, _, _ in
            let found = ["a", "b", "c"].map { high($0) }
            for _ in 0..<2 {
                try await AlertBook.judge(found, for: [age], as: term, on: connection)
                try await past(61, on: connection)
            }
            let stop = StopSignal()
            let last = LastWord { stop.raise(isHard: false) }
            let service = AlertService(to: connection.settings, channels: [last], logger: quiet)
            #expect(try await service.deliver(on: connection, until: stop) == 3)
            #expect(last.count == 1)
            try await past(3600, on: connection)
            let endless = LastWord { try await Task.sleep(for: .seconds(600)) }
            let other = AlertService(to: connection.settings, channels: [endless], logger: quiet)
            let isOver = Atomic(false)
            let running = Task {
                try await other.run()
                isOver.store(true, ordering: .releasing)
            }
            try await wait(for: "the channel is asked") { endless.count == 1 }
            running.cancel()
            try await wait(for: "the service has ended") { isOver.load(ordering: .acquiring) }
            try await running.value
        }
    }

    @Test("open once what is too high for long enough, are told, and resolve")
    func opensAndResolves() async throws {
        try await withAlerts { connection, term, service, notebook, _ in
            let now = [high("a"), high("a", 200), high("b", 10), AlertObservation(.drift, value: 9, "not looked at")]
            func judge(_ found: [AlertObservation], as term: LeaderTerm? = term) async throws -> [Int] {
                let (opened, resolved) = try await AlertBook.judge(found, for: [age], as: term, on: connection)
                return [opened, resolved]
            }
            #expect(try await judge(now) == [0, 0])
            try await past(30, on: connection)
            // It comes down in between: the time begins anew.
            #expect(try await judge([]) == [0, 0])
            #expect(try await judge(now) == [0, 0])
            try await past(59, on: connection)
            #expect(try await judge(now) == [0, 0])
            try await past(2, on: connection)
            #expect(try await judge(now, as: LeaderTerm(holder: term.holder, term: 9)) == [0, 0])
            #expect(try await judge(now) == [1, 0])
            #expect(try await judge([high("a", 300)]) == [0, 0])
            while try await service.deliver(on: connection) > 0 {}
            #expect(notebook.lines == ["opened oldest-age/a 1"])
            let titles = "SELECT titulo FROM ops_alertas WHERE resolvido_em IS NULL"
            let title = try await connection.query(titles).decode(as: String.self)
            #expect(title == ["a job of type a has been due for 300.0 s"])
            #expect(try await judge([high("a", 50)]) == [0, 1])
            #expect(try await judge([]) == [0, 0])
            while try await service.deliver(on: connection) > 0 {}
            #expect(notebook.lines == ["opened oldest-age/a 1", "resolved oldest-age/a 1"])
            let events = try await connection.query("SELECT kind FROM alert_events ORDER BY id").decode(as: String.self)
            #expect(events == ["opened", "told", "resolved", "told"])
        }
    }

    @Test("are opened once by many who judge at the same time")
    func isDeduplicated() async throws {
        try await withJobDatabase { settings in
            let rule = AlertRule("drift", severity: .low, above: 0, channels: ["notebook"])
            try await withPostgresConnection(to: settings) { try await AlertRule.store([rule], on: $0) }
            try await withThrowingTaskGroup { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await withPostgresConnection(to: settings) { other in
                            let found = AlertObservation(rule, value: 1, "one object differs")
                            try await AlertBook.judge([found], for: [rule], as: nil, on: other)
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await withPostgresConnection(to: settings) { connection in
                let counts = "SELECT (SELECT count(*) FROM ops_alertas), (SELECT count(*) FROM alert_deliveries)"
                let found = try await connection.query(counts).single.decode(Int.self, Int.self)
                #expect(found.0 == 1 && found.1 == 1)
            }
        }
    }

    @Test("are not told while they are silent, and not at all if they resolve meanwhile")
    func silence() async throws {
        try await withAlerts { connection, term, service, notebook, desk in
            let rule = AlertRule("drift", severity: .low, above: 0, channels: ["notebook"])
            try await AlertRule.store([rule], on: connection)
            func judge(_ subjects: [String]) async throws {
                let found = subjects.map { AlertObservation(rule, $0, value: 1, "x") }
                try await AlertBook.judge(found, for: [rule], as: term, on: connection)
                while try await service.deliver(on: connection) > 0 {}
            }
            let id = try await desk.silence("drift/*", for: .seconds(3600), because: "we know", by: "ana")
            try await judge(["a", "b_c"])
            #expect(notebook.lines.isEmpty)
            try await judge(["a"])
            #expect(try await desk.endSilence(id, by: "ana"))
            #expect(try await !desk.endSilence(id, by: "ana"))
            try await judge(["a"])
            #expect(notebook.lines == ["opened drift/a 1"])
            // A maintenance window is a silence over everything.
            try await connection.query(
                "INSERT INTO ops_manutencao (titulo, janela) VALUES ('m', tstzrange(now() - interval '1 h', now() + interval '1 h'))"
            )
            try await judge(["a", "z"])
            #expect(notebook.lines.count == 1)
            try await connection.query("UPDATE ops_manutencao SET cancelada_em = now()")
            try await judge(["a", "z"])
            #expect(notebook.lines == ["opened drift/a 1", "opened drift/z 1"])
            let alert = "SELECT id FROM ops_alertas WHERE chave = 'drift/a' AND resolvido_em IS NULL"
            let open = try await connection.query(alert).single.decode(String.self)
            #expect(try await desk.acknowledge(open, by: "rui"))
            let trail = "SELECT kind || ' ' || actor FROM alert_events WHERE actor IS NOT NULL ORDER BY id"
            let actors = try await connection.query(trail).decode(as: String.self)
            #expect(actors == ["silenced ana", "silence-ended ana", "acknowledged rui"])
        }
    }

    @Test("are told again after a failure, and given up after ten")
    func retries() async throws {
        try await withAlerts { connection, term, service, notebook, _ in
            let rule = AlertRule("drift", severity: .low, above: 0, channels: ["notebook", "nobody's"])
            try await AlertRule.store([rule], on: connection)
            func judge(_ subject: String) async throws {
                let found = AlertObservation(rule, subject, value: 1, "x")
                try await AlertBook.judge([found], for: [], as: term, on: connection)
                try await AlertBook.judge([found], for: [rule], as: term, on: connection)
            }
            notebook.fail(2)
            try await judge("a")
            for _ in 0..<5 {
                try await service.deliver(on: connection)
                try await past(3600, on: connection)
            }
            #expect(notebook.lines == ["opened drift/a 3"])
            // One that was taken by a process that died is told with the next attempt.
            try await judge("b")
            _ = try await connection.query(AlertDelivery.take, ["notebook"])
            try await service.deliver(on: connection)
            #expect(notebook.lines.count == 1)
            try await past(3600, on: connection)
            try await service.deliver(on: connection)
            #expect(notebook.lines == ["opened drift/a 3", "opened drift/b 2", "resolved drift/a 2"])
            notebook.fail(100)
            try await judge("c")
            for _ in 0..<12 {
                try await service.deliver(on: connection)
                try await past(36_000, on: connection)
            }
            let given = try await connection.query(
                "SELECT attempts FROM alert_deliveries WHERE gave_up_at IS NOT NULL AND event = 'opened' AND last_error LIKE 'Broken%'"
            ).decode(as: Int.self)
            #expect(given == [10])
            let trail = "SELECT count(*) FROM alert_events WHERE kind = 'not-told'"
            #expect(try await connection.query(trail).decode(as: Int.self) == [2])
        }
    }

    @Test("follow rules that people change, which the code then leaves alone")
    func rules() async throws {
        try await withAlerts { connection, term, _, _, desk in
            try await AlertRule.store(on: connection)
            #expect(try await desk.rules().count == AlertRule.standard.count)
            var changed = age
            changed.threshold = 1000
            #expect(try await desk.change(changed, by: "ana"))
            #expect(try await !desk.change(AlertRule("none", severity: .low, above: 1), by: "ana"))
            try await AlertRule.store(on: connection)
            #expect(try await desk.rules().first { $0.name == age.name }?.threshold == 1000)
            try await AlertBook.judge([high("a")], for: [age], as: term, on: connection)
            #expect(try await connection.query("SELECT count(*) FROM alert_pending").decode(as: Int.self) == [0])
            // An open alert of a rule that is switched off resolves.
            var drift = AlertRule.drift
            let found = [AlertObservation(drift, value: 2, "x")]
            #expect(try await AlertBook.judge(found, for: [drift], as: term, on: connection).opened == 1)
            drift.isEnabled = false
            try await desk.change(drift, by: "ana")
            #expect(try await AlertBook.judge(found, for: [drift], as: term, on: connection).resolved == 1)
            let trail = "SELECT key || ' ' || actor FROM alert_events WHERE kind = 'rule-changed' ORDER BY id"
            #expect(try await connection.query(trail).decode(as: String.self) == ["oldest-age ana", "drift ana"])
        }
    }
}
