import Foundation
import HTTPTypes
import Postgres
import TestSupport
import Testing

@testable import AppRuntime

@Suite("The jobs API")
struct JobsAPITests {
    @Test("is described by the document that it serves, route by route, and knows no others")
    func isDescribed() async throws {
        try await withJobDatabase { settings in
            try await withAPI(on: settings) { api in
                let document = try await api.get("/openapi.json", [:])
                #expect(document.status == 200)
                let paths = try #require(try document.object()["paths"] as? [String: [String: Any]])
                let described = Set(
                    paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } }
                )
                #expect(described == Set(api.routes.routes.map { "\($0.method) \($0.path)" }))
                #expect(described.count == 16)
                for (path, methods) in paths {
                    let place = path.replacing("{id}", with: UUID().uuidString).replacing("{queue}", with: "add")
                    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                        let answer = try await send(method, api.port, place)
                        let isKnown = methods[method.lowercased()] != nil
                        let wanted = !isKnown ? 405 : path == "/openapi.json" ? 200 : 401
                        #expect(answer.status == wanted, "\(method) \(path): \(answer.body)")
                        if !isKnown { #expect(answer.headers["allow"] != nil) }
                    }
                }
                // Who has not the role may nothing, and who is admin may all.
                for path in ["/api/jobs", "/api/queues", "/api/schedules", "/api/workers", "/api/jobs/\(UUID())/why"] {
                    #expect(try await api.get(path, .token(.learner)).status == 403)
                    #expect(try await api.get(path, .token(.editor)).status == 403)
                    #expect(try await api.get(path, .token(.admin)).status == (path.hasSuffix("why") ? 404 : 200))
                }
            }
        }
    }

    @Test("gives every job on exactly one page, in each state and of each type")
    func listsInPages() async throws {
        try await withJobDatabase { settings in
            try await withAPI(on: settings) { api in
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.query(
                        """
                        INSERT INTO jobs (name, type, status, priority, created_at, started_at, completed_at, error)
                        SELECT 'job ' || i, CASE i % 3 WHEN 0 THEN 'add' WHEN 1 THEN 'subtract' ELSE 'other' END, s, i % 4,
                            now() - interval '1 s' * (i / 7), CASE WHEN s <> 'pending' THEN now() - interval '1 s' * (i / 5) END,
                            CASE WHEN s NOT IN ('pending', 'running') THEN now() - interval '1 s' * (i / 6) END, repeat('e', 400)
                        FROM generate_series(1, 40) i, unnest('{pending,running,completed,failed,cancelled}'::text[]) s
                        """
                    )
                    // Somebody else wrote these, without a type.
                    _ = try await connection.query(
                        """
                        INSERT INTO jobs (status, completed_at, error)
                        SELECT 'completed', now() - interval '1 s' * i, repeat('e', 400) FROM generate_series(1, 5) i
                        """
                    )
                }
                let all = try await api.pages("limit=7")
                #expect(Set(all.compactMap { $0["id"] as? String }).count == 205 && all.count == 205)
                let ages = all.compactMap { $0["created_at"] as? String }
                #expect(ages == ages.sorted(by: >))
                for state in ["pending", "running", "completed", "failed", "cancelled"] {
                    let jobs = try await api.pages("limit=7&status=\(state)")
                    let count = state == "completed" ? 45 : 40
                    #expect(Set(jobs.compactMap { $0["id"] as? String }).count == count)
                    #expect(jobs.count == count)
                    let ends = jobs.compactMap { $0["completed_at"] as? String }
                    #expect(ends == ends.sorted(by: >))
                    #expect(jobs.allSatisfy { $0["status"] as? String == state })
                    #expect(jobs.allSatisfy { ($0["error"] as? String)?.count == 300 })
                    #expect(try await api.pages("limit=3&status=\(state)&type=add").count == 13)
                    #expect(try await api.pages("limit=3&status=\(state)&queue=sums").count == 27)
                }
                let pending = try await api.pages("status=pending&limit=200").compactMap { $0["priority"] as? Int }
                #expect(pending == pending.sorted(by: >))
                #expect(try await api.pages("type=nothing").isEmpty)
                #expect(try await api.pages("type=add&queue=sums").count == 65)
                #expect(try await api.pages("type=other&queue=sums").isEmpty)
                let first = try await api.get("/api/jobs?limit=1")
                let cursor = try #require(try first.field("next"))
                let stale = try await api.get(
                    "/api/jobs?limit=1",
                    .token(.operator, ["If-None-Match": first.headers["etag"] ?? ""])
                )
                #expect(stale.status == 304)
                #expect(stale.body.isEmpty)
                let forged = Data("all/0|2026-99-99 00:00:00|\(UUID())".utf8).base64EncodedString()
                for query in [
                    "limit=0", "limit=201", "limit=x", "limit=1&limit=2", "status=lost", "colour=red", "cursor=%00",
                    "cursor=\(cursor)&status=failed", "cursor=\(cursor.dropLast(6))", "cursor=\(forged)", "type=",
                    "type=a%00b",
                ] {
                    let answer = try await api.get("/api/jobs?\(query)")
                    #expect(answer.status == 400, "\(query): \(answer.status) \(answer.body)")
                }
            }
        }
    }

    @Test("reads a page of any state without looking at the table, however long that is")
    func doesNotScan() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                // At one time, as one COPY does: the worst case for an order by time.
                _ = try await connection.query(
                    """
                    INSERT INTO jobs (name, type, status, priority, started_at, completed_at)
                    SELECT 'j', CASE WHEN i % 1000 = 0 THEN 'rare' ELSE 'add' END, s, 5,
                        CASE WHEN s <> 'pending' THEN now() END,
                        CASE WHEN s IN ('completed', 'failed') THEN now() - interval '1 s' * (i / 500) END
                    FROM generate_series(1, 60000) i,
                        LATERAL (SELECT CASE WHEN i <= 15000 THEN 'pending' WHEN i <= 15100 THEN 'running'
                            WHEN i <= 20000 THEN 'failed' ELSE 'completed' END AS s) t
                    """
                )
                _ = try await connection.query("VACUUM ANALYZE jobs")
                for status in [nil, "pending", "running", "failed", "completed"] {
                    for types in [nil, ["rare"]] as [[String]?] {
                        var cursor: JobCursor?
                        for _ in 0..<2 {
                            let page = JobPage(status: status, types: types, limit: 20, cursor: cursor)
                            let statement = try page.statement()
                            let rows = try await connection.pipeline([statement])[0]
                            let json = try #require(
                                try JSONSerialization.jsonObject(with: Data(page.write(rows))) as? [String: Any]
                            )
                            let buffers = try await Self.buffers(of: page, on: connection)
                            #expect(
                                buffers < (types == nil ? 300 : 12_000),
                                "\(status ?? "all") \(types ?? []): \(buffers)"
                            )
                            guard let next = json["next"] as? String else { break }
                            cursor = JobCursor(text: next, status: status)
                            #expect(cursor != nil)
                        }
                    }
                }
            }
        }
    }

    /// How many blocks a page reads, in the cache or not.
    private static func buffers(of page: JobPage, on connection: PostgresConnection) async throws -> Int {
        let plan = try await connection.pipeline([try page.statement(explained: true)])[0].decode(as: String.self)
        #expect(!plan.contains { $0.contains("Seq Scan on jobs") }, "\(plan.joined(separator: "\n"))")
        let line = try #require(plan.first { $0.contains("Buffers:") })
        return line.split(separator: " ").compactMap { part in
            part.hasPrefix("hit=") || part.hasPrefix("read=") ? Int(part.drop { $0 != "=" }.dropFirst()) : nil
        }.reduce(0, +)
    }

    @Test("creates jobs of known types, once for a key, whichever process gets the request")
    func creates() async throws {
        try await withJobDatabase { settings in
            try await withAPI(on: settings) { api in
                let made = try await api.post(
                    "/api/jobs",
                    #"{"type":"add","data":{"b":2,"a":1,"extra":3},"priority":8,"tags":["x"],"scheduled_for":"2100-01-01T00:00:00Z"}"#,
                    ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]
                )
                #expect(made.status == 201, "\(made.body)")
                let job = try made.object()
                #expect(job["data"] as? [String: Int] == ["a": 1, "b": 2])
                #expect(job["priority"] as? Int == 8)
                #expect(job["tags"] as? [String] == ["x"])
                #expect(job["actor"] as? String == "operator (id-of-operator)")
                #expect(job["scheduled_for"] as? String == "2100-01-01T00:00:00Z")
                #expect((job["trace_parent"] as? String)?.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") == true)
                #expect(
                    (job["timeline"] as? [[String: Any]])?.map { $0["kind"] as? String } == ["inserted", "created"]
                )
                for (body, status) in [
                    (#"{"type":"subtract"}"#, 422), (#"{"type":"add","data":{"a":1}}"#, 422),
                    (#"{"type":"add","data":[]}"#, 422), (#"{"type":"add","colour":1}"#, 422), ("{", 400),
                    (#"{"type":"add","data":{"a":1,"b":2},"priority":1.5}"#, 422),
                    (#"{"type":"linger","data":{"word":"\u0000"}}"#, 422),
                    (#"{"type":"add","data":{"a":1,"b":2},"scheduled_for":"yesterday"}"#, 422),
                ] {
                    let answer = try await api.post("/api/jobs", body)
                    #expect(answer.status == status, "\(body): \(answer.body)")
                }
                let plain = try await api.post("/api/jobs", "{}", ["Content-Type": "text/plain"])
                #expect(plain.status == 415)
                #expect(try await api.pages("").count == 1)
                try await withAPI(on: settings) { other in
                    let body = #"{"type":"add","data":{"a":3,"b":4}}"#
                    let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                        for number in 0..<8 {
                            group.addTask {
                                try await (number % 2 == 0 ? api : other).post(
                                    "/api/jobs",
                                    body,
                                    ["Idempotency-Key": "k1"]
                                )
                            }
                        }
                        return try await group.reduce(into: [Answer]()) { $0.append($1) }
                    }
                    #expect(answers.allSatisfy { $0.status == 201 })
                    #expect(Set(answers.map(\.body)).count == 1)
                    #expect(answers.filter { $0.headers["idempotency-replayed"] == "true" }.count == 7)
                    #expect(try await api.pages("").count == 2)
                    let reused = try await other.post("/api/jobs", #"{"type":"linger"}"#, ["Idempotency-Key": "k1"])
                    #expect(reused.status == 422)
                    #expect(try reused.field("code") == "idempotency-key-reused")
                    // Keys of two people do not meet.
                    let theirs = try await send(
                        "POST",
                        api.port,
                        "/api/jobs",
                        body,
                        headers: .token(.admin, ["Idempotency-Key": "k1"])
                    )
                    #expect(theirs.headers["idempotency-replayed"] == nil)
                    // What was refused did not use the key up.
                    let wrong = try await api.post("/api/jobs/\(UUID())/retry", nil, ["Idempotency-Key": "k2"])
                    #expect(wrong.status == 404)
                    let right = try await api.post("/api/jobs", body, ["Idempotency-Key": "k2"])
                    #expect(right.status == 201)
                }
                try await withPostgresConnection(to: settings) { connection in
                    _ = try await connection.query("UPDATE http_idempotency SET created_at = now() - interval '25 h'")
                    let again = try await api.post(
                        "/api/jobs",
                        #"{"type":"linger","data":{"word":"y"}}"#,
                        ["Idempotency-Key": "k1"]
                    )
                    #expect(again.status == 201)
                    try await Retention.deleteAnswers(on: connection)
                    let kept = try await connection.query("SELECT key FROM http_idempotency").decode(as: String.self)
                    #expect(kept == ["k1"])
                }
            }
        }
    }

    @Test("retries, cancels, discards and redrives, each in the states that allow it, and says who did")
    func acts() async throws {
        try await withJobDatabase { settings in
            try await withAPI(on: settings) { api in
                let later = JobInsertion(scheduledAt: Date(timeIntervalSinceNow: 86_400))
                let ids = try await api.queue.insert(contentsOf: (0..<4).map { Add(a: $0, b: 1) }, later)
                func act(_ verb: String, _ id: String) async throws -> Answer {
                    try await api.post("/api/jobs/\(id)/\(verb)")
                }
                let retried = try await act("retry", ids[0])
                #expect(retried.status == 200)
                #expect(try retried.object()["scheduled_for"] is NSNull)
                #expect(try await act("retry", ids[0]).status == 409)
                let discarded = try await act("discard", ids[1])
                #expect(try discarded.field("status") == "failed")
                #expect(try discarded.field("error") == "discarded by operator (id-of-operator)")
                #expect(try await act("discard", ids[1]).status == 409)
                #expect(try await act("cancel", ids[1]).status == 409)
                let cancelled = try await act("cancel", ids[2])
                #expect(cancelled.status == 200)
                #expect(cancelled.body == #"{"is_cancelled":true}"#)
                #expect(try await act("retry", ids[1]).field("status") == "pending")
                #expect(try await act("discard", ids[1]).status == 200)
                for verb in ["retry", "cancel", "discard"] {
                    #expect(try await act(verb, UUID().uuidString).status == 404)
                    #expect(try await act(verb, "12").status == 400)
                }
                let named = try await api.post("/api/jobs/redrive", #"{"ids":["\#(ids[2])","\#(ids[3])"]}"#)
                #expect(named.body == #"{"redriven":1}"#)
                let ofType = try await api.post("/api/jobs/redrive", #"{"type":"add","limit":10}"#)
                #expect(ofType.body == #"{"redriven":1}"#)
                #expect(try await api.post("/api/jobs/redrive", "{}").status == 422)
                let timeline = try await api.get("/api/jobs/\(ids[1])").object()["timeline"] as? [[String: Any]]
                let kinds = timeline?.compactMap { $0["kind"] as? String }
                #expect(kinds == ["inserted", "discarded", "redriven", "discarded", "redriven"])
                #expect(
                    timeline?.dropFirst().allSatisfy { $0["actor"] as? String == "operator (id-of-operator)" } == true
                )
            }
        }
    }

    @Test("follows a running job, cancels it from any node, and tells of queues, workers, schedules and health")
    func followsTheWork() async throws {
        try await withJobDatabase { settings in
            try await withAPI(on: settings) { api in
                let idle = try await api.queue.insert(Add(a: 1, b: 2))
                #expect(try await api.get("/api/jobs/\(idle)/why").field("code") == "no-handler")
                #expect(try await api.post("/api/queues/sums/pause").body.contains(#""types":["add","subtract"]"#))
                #expect(try await api.get("/api/jobs/\(idle)/why").field("code") == "paused")
                #expect(try await api.post("/api/queues/nothing/pause").status == 404)
                let paused = try #require(try await api.get("/api/queues").object()["queues"] as? [[String: Any]])
                #expect(paused.first { $0["type"] as? String == "add" }?["is_paused"] as? Bool == true)
                #expect(paused.first { $0["type"] as? String == "add" }?["queue"] as? String == "sums")
                #expect(paused.first { $0["type"] as? String == "linger" }?["has_handler"] as? Bool == true)
                try await withWorker(on: settings, apiHandlers) { queue, connection in
                    let long = try await queue.insert(Linger())
                    _ = try await queue.wait(for: long, toBe: "running")
                    let details = try await api.get("/api/jobs/\(long)").object()
                    #expect((details["worker"] as? [String: Any])?["pid"] as? Int == Int(getpid()))
                    let workers = try #require(
                        try await api.get("/api/workers").object()["workers"] as? [[String: Any]]
                    )
                    #expect(workers.first?["types"] as? [String] == ["add", "linger"])
                    let asked = try await api.post("/api/jobs/\(long)/cancel")
                    #expect(asked.status == 202)
                    #expect(asked.body == #"{"is_cancelled":false}"#)
                    _ = try await queue.wait(for: long, toBe: "cancelled")
                    #expect(try await api.post("/api/queues/sums/resume").status == 200)
                    let done = try await queue.wait(for: idle, toBe: "completed")
                    #expect(done.result == "3")
                    #expect(try await api.get("/api/jobs/\(idle)/why").field("code") == "ended")
                    try await connection.wait(until: "SELECT count(*) = 1 FROM job_logs")
                    let lines = try await api.get("/api/jobs/\(idle)/logs").object()["lines"] as? [[String: Any]]
                    #expect(lines?.map { $0["message"] as? String } == ["adding"])
                    _ = try await connection.query(
                        "INSERT INTO job_logs (job_id, message) SELECT $1::uuid, i::text FROM generate_series(1, 450) i",
                        idle
                    )
                }
                var (lines, cursor) = (0, nil as String?)
                repeat {
                    let page = try await api.get("/api/jobs/\(idle)/logs" + (cursor.map { "?cursor=\($0)" } ?? ""))
                        .object()
                    lines += (page["lines"] as? [Any])?.count ?? 0
                    cursor = page["next"] as? String
                } while cursor != nil
                #expect(lines == 451)
                #expect(try await api.get("/api/jobs/\(idle)/logs?cursor=x").status == 400)
                try await withPostgresConnection(to: settings) { connection in
                    let schedule = try JobSchedule(
                        "nightly",
                        "0 3 * * *",
                        timeZone: "Europe/Lisbon",
                        job: Add(a: 1, b: 1)
                    )
                    try await JobSchedule.store([schedule], on: connection)
                }
                let schedules = try #require(
                    try await api.get("/api/schedules").object()["schedules"] as? [[String: Any]]
                )
                #expect(
                    schedules.contains { $0["name"] as? String == "nightly" && $0["cron"] as? String == "0 3 * * *" }
                )
                let health = try await api.get("/api/health")
                #expect(health.status == 200)
                #expect(try health.field("status") == "UP")
            }
        }
    }
}
