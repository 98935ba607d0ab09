import Foundation
import Postgres
import SchemaDiff
import StudyPlatform
import TestSupport
import Testing

@testable import AppRuntime

@Suite("An action of the dashboard")
struct DashboardActionTests {
    static let failed = "0199a000-0000-7000-8000-0000000000ff"
    static let running = "0199a000-0000-7000-8000-000000000001"

    @Test("does to jobs what it says, and is recorded with the name of who did it")
    func jobs() async throws {
        try await withDashboard { site in
            try await site.pool.withConnection { try await DashboardData.seed($0) }
            let queue = site.queue
            func path(_ id: String, _ action: String) -> String { "/dashboard/jobs/\(id)/\(action)" }
            let retried = try await site.post(path(Self.failed, "retry"), [("back", "/dashboard/jobs/\(Self.failed)")])
            #expect(retried.status == 303)
            #expect(retried.headers["location"] == "/dashboard/jobs/\(Self.failed)?done=retry&n=1")
            let job = try #require(try await queue.job(Self.failed))
            #expect(job.status == "pending" && job.maxAttempts == 4)
            let told = try await site.get("/dashboard/jobs/\(Self.failed)?done=retry&n=1").body
            #expect(told.contains("1 put back into the queue.") && told.contains("do-cancel"))
            // The same once more changes nothing, and says so.
            let again = try await site.post(path(Self.failed, "retry"))
            #expect(again.headers["location"]?.hasSuffix("done=retry&n=0") == true)

            #expect(try await site.post(path(Self.failed, "cancel"), as: "root").status == 303)
            #expect(try await queue.job(Self.failed)?.status == "cancelled")
            #expect(try await site.post(path(Self.running, "cancel")).headers["location"]?.contains("done=ask") == true)
            let later = try await queries(
                site,
                "SELECT id FROM jobs WHERE status = 'pending' AND scheduled_for > now()"
            )
            for id in later.prefix(2) { _ = try await site.post(path(id, "retry")) }
            #expect(try await queries(site, "SELECT id FROM jobs WHERE scheduled_for > now()").count == later.count - 2)

            let some = later.map { ("id", $0) }
            let bulk = try await site.post("/dashboard/jobs/actions", some + [("action", "discard")])
            #expect(bulk.headers["location"] == "/dashboard/jobs?done=discard&n=\(later.count)")
            _ = try await site.post(
                "/dashboard/jobs/actions",
                some + [("action", "retry"), ("back", "//evil.example")]
            )
            _ = try await site.post("/dashboard/jobs/actions", some + [("action", "cancel")])
            #expect(try await queries(site, "SELECT id FROM jobs WHERE status = 'cancelled'").count == later.count + 1)
            try await site.pool.withConnection { connection in
                _ = try await connection.query("UPDATE jobs SET status = 'failed' WHERE status = 'completed'")
            }
            let redriven = try await site.post("/dashboard/queues/redrive", [("type", "send-receipt")])
            #expect(redriven.headers["location"] == "/dashboard/queues?done=redrive&n=70")
            let failed = "SELECT id FROM jobs WHERE status = 'failed' AND type <> 'progress-rollup'"
            #expect(try await queries(site, failed).isEmpty)

            let events = try await queries(
                site,
                "SELECT kind || ' ' || actor || ' ' || count(*) FROM job_events WHERE actor <> '' GROUP BY kind, actor ORDER BY 1"
            )
            #expect(
                events == [
                    "cancel-requested ada 1", "cancelled ada 4", "cancelled root 1", "discarded ada 4",
                    "redriven ada 76",
                    "retried ada 2",
                ]
            )
            for bad in ["/dashboard/jobs/x/retry", path(Self.failed, "explode")] {
                #expect(try await site.post(bad).status == 400, "\(bad)")
            }
            let elsewhere = try await site.post(path(Self.failed, "retry"), [("back", "https://evil.example/")])
            #expect(elsewhere.headers["location"]?.hasPrefix("/dashboard?") == true)
            let split = try await site.post(path(Self.failed, "cancel"), [("back", "/dashboard/x\r\nSet-Cookie: a=b")])
            #expect(split.headers["location"]?.hasPrefix("/dashboard?") == true && split.headers["set-cookie"] == nil)
        }
    }

    @Test("makes a job of a kind that is known, if its payload can be read")
    func creation() async throws {
        try await withDashboard { site in
            let good = try await site.post(
                "/dashboard/jobs",
                [
                    ("type", "greet"), ("data", #"{"name": "Ada"}"#), ("name", "A greeting"), ("priority", "9"),
                    ("attempts", "2"), ("at", "2040-05-06T07:08"),
                ]
            )
            #expect(good.status == 303, "\(good.body)")
            let location = try #require(good.headers["location"])
            let id = String(try #require(location.split(separator: "/").last).prefix(36))
            let job = try #require(try await site.queue.job(id))
            #expect(job.name == "A greeting" && job.priority == 9 && job.maxAttempts == 2 && job.type == "greet")
            #expect(job.scheduledFor == NewJobFields.date("2040-05-06T07:08:00"))
            #expect(try await site.get(location).body.contains("Created by hand by ada"))
            let like = try await site.get("/dashboard/jobs/new?like=\(id)").body
            #expect(like.contains("&quot;name&quot;: &quot;Ada&quot;") && like.contains("A greeting"))
            let refused: [[(String, String)]] = [
                [("type", "greet"), ("data", "{}")], [("type", "greet"), ("data", "no JSON")],
                [("type", "unknown"), ("data", "{}")],
                [("type", "greet"), ("data", #"{"name": "x"}"#), ("at", "soon")],
                [("type", "greet"), ("data", #"{"name": "x"}"#), ("priority", "high")],
                [("type", "greet"), ("data", #"{"name": "x"}"#), ("attempts", "0")], [],
            ]
            for fields in refused {
                let page = try await site.post("/dashboard/jobs", fields)
                #expect(page.status == 422 && page.body.contains("message bad"), "\(fields)")
                #expect(Markup.problem(in: page.body) == nil)
            }
            #expect(try await queries(site, "SELECT id FROM jobs").count == 1)
        }
    }

    @Test("pauses queues and schedules, and lets them go on")
    func switches() async throws {
        try await withDashboard { site in
            try await site.pool.withConnection { try await DashboardData.seed($0) }
            _ = try await site.post("/dashboard/queues/pause", [("type", "send-receipt")])
            _ = try await site.post("/dashboard/queues/resume", [("type", "import-cards")])
            let paused = try await queries(site, "SELECT type FROM job_controls WHERE paused_at IS NOT NULL")
            #expect(paused == ["send-receipt"])
            _ = try await site.post("/dashboard/schedules/disable", [("name", "nightly-backup")])
            _ = try await site.post("/dashboard/schedules/enable", [("name", "old-report")])
            let enabled = try await queries(site, "SELECT name FROM job_schedule WHERE enabled ORDER BY 1")
            #expect(enabled == ["old-report", "progress-rollup"])
            let events = try await queries(
                site,
                "SELECT kind || ' ' || (details ->> coalesce('type', '')) FROM job_events WHERE job_id IS NULL AND details ? 'type' ORDER BY id"
            )
            #expect(events == ["paused send-receipt", "resumed import-cards"])
            let schedules = try await queries(
                site,
                "SELECT kind || ' ' || actor FROM job_events WHERE kind LIKE 'schedule-%' ORDER BY id"
            )
            #expect(schedules == ["schedule-disabled ada", "schedule-enabled ada"])
            #expect(try await site.post("/dashboard/schedules/enable", [("name", "nothing")]).status == 404)
            #expect(try await site.post("/dashboard/schedules/explode", [("name", "old-report")]).status == 404)
            #expect(try await site.post("/dashboard/queues/pause", []).status == 400)
            let page = try await site.get("/dashboard/schedules").body
            #expect(page.matches(of: /<li><time/).count >= 10, "five next runs of each that is enabled")
        }
    }

    @Test("looks for drift when somebody asks for it, and shows what it finds")
    func drift() async throws {
        try await withJobDatabase { settings in
            let check = DriftCheck(of: settings, against: .migrations(StudyPlatform.migrations))
            try await withDashboard(on: settings, configure: { $0.drift = check }) { site in
                func page(until isSo: (String) -> Bool) async throws -> String {
                    let limit = ContinuousClock.now + .seconds(60)
                    while true {
                        let page = try await site.get("/dashboard/migrations", headers: ["Accept-Language": "en"])
                        if isSo(page.body) { return page.body }
                        try #require(ContinuousClock.now < limit, "\(page.body)")
                        try await Task.sleep(for: .milliseconds(50))
                    }
                }
                let before = try await page { _ in true }
                #expect(before.contains("not checked") && before.contains("id=\"do-drift\""))
                #expect(try await site.get("/dashboard/migrations", as: "leo").status == 403)
                let asked = try await site.post("/dashboard/migrations/drift")
                #expect(asked.status == 303 && asked.headers["location"] == "/dashboard/migrations?done=drift")
                _ = try await page { $0.contains("no drift") }
                try await site.pool.withConnection { connection in
                    try await connection.query("ALTER TABLE alert_rules ADD COLUMN \"<b>\" int")
                    try await connection.query("DROP INDEX idx_job_logs_errors")
                }
                _ = try await site.post("/dashboard/migrations/drift")
                let found = try await page { $0.contains("2 differences") }
                #expect(found.contains("idx_job_logs_errors</code> is missing"), "\(found)")
                #expect(found.contains("alert_rules") && found.contains("&lt;b&gt;") && !found.contains("<b>"))
            }
        }
    }

    @Test("silences alerts for a while, and notes who looks after one")
    func alerts() async throws {
        try await withDashboard { site in
            try await site.pool.withConnection { try await DashboardData.seed($0) }
            let alert = try #require(try await queries(site, "SELECT id FROM ops_alertas").first)
            _ = try await site.post("/dashboard/alerts/acknowledge", [("id", alert)])
            let silence = [("pattern", "oldest-age/*"), ("reason", "a <new> node is coming"), ("minutes", "60")]
            #expect(try await site.post("/dashboard/alerts/silence", silence).status == 303)
            let page = try await site.get("/dashboard/alerts?pattern=x%22y").body
            #expect(page.contains("oldest-age/*") && page.contains("a &lt;new&gt; node is coming"))
            #expect(page.contains("acknowledged") && page.contains("value=\"x&quot;y\""))
            let id = try #require(
                try await queries(site, "SELECT id FROM alert_silences WHERE pattern = 'oldest-age/*'").first
            )
            let ended = try await site.post("/dashboard/alerts/unsilence", [("id", id)])
            #expect(ended.headers["location"] == "/dashboard/alerts?done=unsilence&n=1")
            let again = try await site.post("/dashboard/alerts/unsilence", [("id", id)])
            #expect(again.headers["location"] == "/dashboard/alerts?done=unsilence&n=0")
            let events = try await queries(
                site,
                "SELECT kind || ' ' || actor FROM alert_events WHERE actor = 'ada' ORDER BY id"
            )
            #expect(events == ["silenced ada", "acknowledged ada", "silenced ada", "silence-ended ada"])
            for fields in [
                [], [("pattern", "a")], [("pattern", "a\\b"), ("reason", "r"), ("minutes", "5")],
                [("pattern", "a"), ("reason", "r"), ("minutes", "0")],
            ] {
                #expect(try await site.post("/dashboard/alerts/silence", fields).status == 422, "\(fields)")
            }
            #expect(try await site.post("/dashboard/alerts/acknowledge", [("id", "x")]).status == 400)
        }
    }

    private func queries(_ site: DashboardSite, _ sql: String) async throws -> [String] {
        try await site.pool.withConnection { try await $0.query(sql).decode(as: String.self) }
    }
}
