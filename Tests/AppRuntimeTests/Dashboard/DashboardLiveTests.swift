import Foundation
import Postgres
import ServiceLifecycle
import TestSupport
import Testing

@testable import AppRuntime

@Suite("An open page of the dashboard")
struct DashboardLiveTests {
    @Test("is told what changes, once, and after a break only what it has missed")
    func changes() async throws {
        try await withDashboard { site in
            let id = try await site.queue.insert(Add(a: 1, b: 2))
            let list = try site.listen("page=jobs&ids=\(id)")
            let job = try site.listen("page=job&ids=\(id)")
            let queues = try site.listen("page=queues")
            defer { for reader in [list, job, queues] { reader.close() } }
            for reader in [list, job, queues] { try await reader.wait { !$0.ids.isEmpty } }
            #expect(list.text.contains("job-\(id)") && !list.text.contains("token-of"))
            try await site.queue.pause("add", by: "ada")
            try await queues.wait { $0.text.contains("paused") }
            try await site.queue.cancel(id, by: "ada")
            try await list.wait { $0.text.contains("cancelled") }
            try await job.wait { $0.text.contains("Cancelled by ada") }
            // The age of a page changes all the time; the list of an ended job does not.
            let last = try #require(list.ids.last)
            let back = try site.listen("page=jobs&ids=\(id)", lastID: last)
            let new = try site.listen("page=jobs&ids=\(id)", lastID: "0123456789abcdef")
            defer { for reader in [back, new] { reader.close() } }
            try await new.wait { !$0.ids.isEmpty }
            #expect(new.ids.last == list.ids.last || new.ids != [last])
            #expect(back.ids.first != last, "what it has already is not sent again")
            for bad in ["page=nothing", "page=job", "page=job&ids=x", "page=job&ids=\(id),\(id)"] {
                let reader = try site.listen(bad)
                defer { reader.close() }
                try await reader.wait { $0.hasEnded }
                #expect(reader.status == 400, "\(bad)")
            }
        }
    }

    @Test("costs the database nothing that another one does not [T25]")
    func audience() async throws {
        try await withDashboard(interval: .milliseconds(500)) { site in
            let ids = try await site.queue.insert(contentsOf: (0..<40).map { Add(a: $0, b: 0) })
            let pages = [
                "page=overview", "page=queues", "page=workers",
                "page=jobs&ids=\(ids.prefix(20).joined(separator: ","))",
                "page=jobs&ids=\(ids.suffix(20).joined(separator: ","))", "page=job&ids=\(ids[0])",
            ]
            let readers = try (0..<60).map { try site.listen(pages[$0 % pages.count]) }
            defer { for reader in readers { reader.close() } }
            for reader in readers { try await reader.wait { !$0.ids.isEmpty } }
            let before = await site.source.looks
            let begun = ContinuousClock.now
            for number in 0..<4 {
                try await site.queue.cancel(ids[number], by: "ada")
                for reader in readers where reader.text.contains("job-\(ids[0])") {
                    try await reader.wait { $0.text.contains("job-\(ids[number])") }
                }
                try await Task.sleep(for: .milliseconds(300))
            }
            // A look keeps for 450 ms, however many pages there are and however slow the machine is.
            let most = Int(begun.duration(to: .now) / .milliseconds(450)) + 2
            let looks = await site.source.looks - before
            #expect(looks <= most, "\(looks) looks for 60 pages in the time of \(most)")
        }
    }

    @Test("ends with the application, and says so")
    func drain() async throws {
        try await withJobDatabase { settings in
            let pool = PostgresPool(to: settings, limit: 4)
            let queue = JobQueue(pool: pool)
            let source = SnapshotSource(to: settings, setsGauges: false)
            var dashboard = Dashboard(queue, source, pool: pool)
            dashboard.interval = .seconds(30)
            var options = HTTPServerOptions()
            options.port = 0
            var server = HTTPServer(RuntimeStatus(), options: options, authenticator: Names(), logger: quiet)
            server.groups = [dashboard]
            let group = ServiceGroup(services: [server], logger: quiet)
            let running = Task { try await group.run() }
            let site = DashboardSite(
                port: try await server.port(),
                queue: queue,
                source: source,
                pool: pool,
                settings: settings
            )
            let readers = try ["page=overview", "page=workers"].map { try site.listen($0) }
            for reader in readers { try await reader.wait { !$0.ids.isEmpty } }
            await group.triggerGracefulShutdown()
            for reader in readers {
                try await reader.wait { $0.hasEnded }
                #expect(reader.text.hasSuffix("event: end\ndata: {}\n\n"))
            }
            try await running.value
            await source.close()
            await pool.shutDown()
        }
    }

    @Test("costs less than 1,000 buffers a poll, whatever is in the queue [T25]")
    func cost() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await JobMillion.fill(connection, rows: isLongTest ? 1_000_000 : 30_000)
                let ids = try await connection.query(
                    "(SELECT id FROM jobs WHERE status = 'running' LIMIT 25) UNION ALL (SELECT id FROM jobs ORDER BY created_at LIMIT 25)"
                ).decode(as: String.self)
                let rows = try await connection.query("EXPLAIN (ANALYZE, BUFFERS) " + WatchedJobs.sql, ids)
                let watched = try rows.decode(as: String.self)
                let ages = try await connection.query("EXPLAIN (ANALYZE, BUFFERS) " + OldestAges.sql).decode(
                    as: String.self
                )
                #expect(!watched.contains { $0.contains("Seq Scan on jobs") }, "\(watched.joined(separator: "\n"))")
                #expect(
                    Buffers.total(of: watched) + Buffers.total(of: ages) < 400,
                    "\(watched.joined(separator: "\n"))"
                )
                try await Self.poll(settings, ids, on: connection)
            }
        }
    }

    /// What the server counts for a whole poll of all pages: the look at everything and the jobs of one page.
    private static func poll(_ settings: ConnectionSettings, _ ids: [String], on connection: PostgresConnection)
        async throws
    {
        let source = SnapshotSource(to: settings, lifetime: .zero, setsGauges: false)
        // The first look of a minute also reads the minutes that are over.
        for _ in 0..<3 { _ = try await source.snapshot() }
        var total = 0.0
        var buffers = 0
        var texts: [String] = []
        for statement in try SnapshotAnswers.statements(since: Int(Date().timeIntervalSince1970) / 60 - 1).dropFirst() {
            var best = (time: Double.infinity, buffers: 0)
            for _ in 0..<3 {
                let rows = try await connection.query(explaining(statement)).decode(as: String.self)
                let time = rows.compactMap { $0.firstMatch(of: /Execution Time: ([0-9.]+)/) }.compactMap {
                    Double($0.output.1)
                }
                if let first = time.first, first < best.time { best = (first, Buffers.total(of: rows)) }
            }
            total += best.time
            buffers += best.buffers
            texts.append("\(best.buffers) buffers, \(best.time) ms: \(statement.sql.prefix(70))")
        }
        let rows = try await connection.query("EXPLAIN (ANALYZE, BUFFERS) " + WatchedJobs.sql, ids).decode(
            as: String.self
        )
        buffers += Buffers.total(of: rows)
        if isLongTest {
            print("a poll of the dashboard: \(buffers) buffers, \(total) ms\n" + texts.joined(separator: "\n"))
        }
        #expect(buffers <= 1000, "\(texts.joined(separator: "\n"))")
        await source.close()
    }

    private static func explaining(_ statement: PostgresStatement) throws -> PostgresStatement {
        let edge = Int(Date().timeIntervalSince1970) / 60 - 1
        let sql = "EXPLAIN (ANALYZE, BUFFERS) " + statement.sql
        return statement.sql.contains("$1") ? try PostgresStatement(sql, edge) : try PostgresStatement(sql)
    }
}
