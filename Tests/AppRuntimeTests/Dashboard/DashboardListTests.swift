import Foundation
import Postgres
import TestSupport
import Testing

@testable import AppRuntime

@Suite("A list of jobs")
struct DashboardListTests {
    @Test("has every job once, page by page, whatever is chosen and however many share a time")
    func pages() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                _ = try await connection.script(
                    """
                    INSERT INTO jobs (name, type, status, priority, scheduled_for, started_at, completed_at, created_at)
                    SELECT n::text, CASE n % 4 WHEN 0 THEN 'a' WHEN 1 THEN 'b' WHEN 2 THEN 'c' END, s.status, n % 4,
                        CASE WHEN s.status = 'pending' AND n % 2 = 0 THEN now() + (n % 5) * interval '1 hour' END,
                        CASE WHEN s.status <> 'pending' THEN now() - (n % 6) * interval '1 minute' END,
                        CASE WHEN s.status IN ('completed', 'failed', 'cancelled') THEN now() - (n % 7) * interval '1 second' END,
                        now() - (n % 3) * interval '1 day'
                    FROM generate_series(1, 160) AS n, unnest('{pending,running,completed,failed,cancelled}'::text[]) AS s (status)
                    """
                )
                for view in JobFilter.View.allCases {
                    for type in [nil, "b"] {
                        var filter = JobFilter()
                        (filter.view, filter.type) = (view, type)
                        var (ids, cursor, count): ([String], JobListCursor?, Int) = ([], nil, 0)
                        var ends: [Date] = []
                        repeat {
                            let page = try await JobListing.read(filter, from: cursor, on: connection)
                            #expect(page.entries.count <= JobListing.length)
                            ids += page.entries.map(\.id)
                            ends += page.entries.compactMap(\.completedAt)
                            cursor = page.next.flatMap { JobListCursor($0.text) }
                            count += 1
                            #expect((cursor == nil) == (page.next == nil), "a cursor reads what it has written")
                        } while cursor != nil && count < 50
                        let wanted = try await connection.query(
                            """
                            SELECT id FROM jobs WHERE ($1::text IS NULL OR type = $1)
                                AND ($2::text[] IS NULL OR status = ANY ($2))
                                AND ($3::bool IS NULL OR (scheduled_for IS NOT NULL) = $3)
                            """,
                            type,
                            view.statuses,
                            view == .waiting ? false : view == .scheduled ? true : nil
                        ).decode(as: String.self)
                        #expect(ends == ends.sorted(by: >), "\(view) of \(type ?? "all")")
                        #expect(ids.count == wanted.count && Set(ids) == Set(wanted), "\(view) of \(type ?? "all")")
                    }
                }
                for text in [
                    "", "x", "e30", "eyJwYXJ0IjoiZW5kZWQiLCJ0aW1lIjoiJzsgRFJPUCJ9", String(repeating: "e", count: 900),
                ] {
                    #expect(JobListCursor(text) == nil, "\(text)")
                }
            }
        }
    }

    @Test("finds a job by its id, the beginning of that, a tag and its keys")
    func search() async throws {
        try await withDashboard { site in
            let queue = site.queue
            let tagged = try await queue.insert(Add(a: 1, b: 2), JobInsertion(tags: ["monthly report"]))
            let keyed = try await queue.insert(Add(a: 1, b: 3), JobInsertion(concurrencyKey: "deck 42"))
            let unique = try await queue.insertUnique(Add(a: 1, b: 4), by: .key("only one")).id
            try await site.pool.withConnection { connection in
                _ = try await connection.query("INSERT INTO job_controls (type) VALUES ('add')")
            }
            let cases = [
                (tagged, tagged), (String(keyed.prefix(35)), keyed), (unique.uppercased(), unique),
                ("monthly report", tagged),
                ("deck 42", keyed), ("only one", unique),
            ]
            for (text, id) in cases {
                let page = try await site.get("/dashboard/jobs?q=\(text.encodedForQuery)").body
                #expect(page.contains("href=\"/dashboard/jobs/\(id)\""), "\(text)")
                #expect(page.matches(of: /<tr role="row" id="job-/).count == 1, "\(text)")
            }
            for text in ["monthly", "'; DROP TABLE jobs; --", "%", "\u{0}", "ffffffff"] {
                let page = try await site.get("/dashboard/jobs?q=\(text.encodedForQuery)")
                #expect(page.status == 200, "\(text)")
                if text != "\u{0}" { #expect(page.body.contains("Nothing matches"), "\(text)") }
            }
        }
    }

    @Test("masks secrets in JSON and keeps the rest as it was written")
    func redactedJSON() {
        let cases = [
            ("{}", "{}"), ("[]", "[]"), ("12345678901234567890.10", "12345678901234567890.10"),
            (
                #"{"a": {"password": {"x": [1, 2]}, "b": null}}"#,
                "{\n  \"a\": {\n    \"password\": \"***\",\n    \"b\": null\n  }\n}"
            ),
            (#"{"API_KEY": "x", "n": 1}"#, "{\n  \"API_KEY\": \"***\",\n  \"n\": 1\n}"),
            (#"["a\"b", "Bearer abc"]"#, "[\n  \"a\\\"b\",\n  \"Bearer ***\"\n]"),
            (#"{"u": "postgres://me:pw@h/d"}"#, "{\n  \"u\": \"postgres://me:***@h/d\"\n}"),
            (#"{"a": [1, 2"#, "{\n  \"a\": [\n    1,\n    2"), (#"{"token": "cut o"#, "{\n  \"token\": \"***\""),
            ("", ""),
        ]
        for (json, text) in cases { #expect(RedactedJSON.text(json, Redaction()) == text, "\(json)") }
        let deep = String(repeating: "[", count: 100_000)
        #expect(RedactedJSON.text(deep, Redaction()).contains("…"))
    }

    @Test("escapes scalars, and not characters")
    func escaping() {
        #expect(HTMLEscaping.escaped("\"\u{301}") == "&quot;\u{301}")
        #expect(HTMLEscaping.escaped("<\u{200D}b>&'`") == "&lt;\u{200D}b&gt;&amp;&#39;&#96;")
        #expect(HTMLEscaping.escaped("a\u{202E}b\u{0}\tç") == "a\u{FFFD}b\u{FFFD}\tç")
    }

    @Test("reads no table as a whole, and is bounded where no index helps")
    func plans() async throws {
        try await withJobDatabase { settings in
            try await withPostgresConnection(to: settings) { connection in
                try await JobMillion.fill(connection, rows: isLongTest ? 1_000_000 : 30_000)
                for view in JobFilter.View.allCases {
                    for (type, isLater) in [(nil, false), (nil, true), ("t3", false), ("t3", true), ("t10", true)]
                        as [(String?, Bool)]
                    {
                        var filter = JobFilter()
                        (filter.view, filter.type) = (view, type)
                        let first = try await JobListing.read(filter, from: nil, on: connection)
                        for part in view.parts {
                            var position = JobListCursor(part: part)
                            if isLater, let next = first.next, next.part == part { position = next }
                            let plan = try await explain(
                                JobPart(position, filter).sql,
                                position,
                                filter,
                                on: connection
                            )
                            #expect(!plan.text.contains("Seq Scan on jobs"), "\(view) \(part):\n\(plan.text)")
                            #expect(
                                plan.buffers < (type == nil ? 1000 : isLongTest ? 20_000 : 1000),
                                "\(view) \(part) \(type ?? ""):\n\(plan.text)"
                            )
                        }
                    }
                }
            }
        }
    }

    private func explain(
        _ sql: String,
        _ position: JobListCursor,
        _ filter: JobFilter,
        on connection: PostgresConnection
    ) async throws -> (text: String, buffers: Int) {
        let rows = try await connection.query(
            "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) " + sql,
            JobListing.length + 1,
            filter.type,
            position.time,
            position.id,
            position.priority
        ).decode(as: String.self)
        return (rows.joined(separator: "\n"), Buffers.total(of: rows))
    }
}

/// Reads what EXPLAIN says of buffers.
enum Buffers {
    /// The buffers of the whole plan, which stand with its first node.
    static func total(of plan: [String]) -> Int {
        guard let line = plan.first(where: { $0.contains("Buffers: shared") }) else { return 0 }
        return line.matches(of: /(?:hit|read)=(\d+)/).compactMap { Int($0.output.1) }.reduce(0, +)
    }
}

/// A queue as it looks after a while: nine of ten jobs have ended, and half of the others are not due for long.
enum JobMillion {
    static func fill(_ connection: PostgresConnection, rows: Int) async throws {
        // Vacuum takes a page for all visible only when the commits of its rows are known to be on the disk.
        _ = try await connection.script(
            """
            SET synchronous_commit = on;
            INSERT INTO jobs (name, type, status, priority, attempts, scheduled_for, started_at, completed_at, created_at)
            SELECT 'job ' || n, 't' || n % 20, CASE WHEN n % 10 > 0 THEN CASE WHEN n % 97 = 0 THEN 'failed' ELSE 'completed' END
                    ELSE 'pending' END, n % 10, (n % 10 > 0)::int,
                CASE WHEN n % 20 = 0 THEN now() + n * interval '1 second' END,
                CASE WHEN n % 10 > 0 THEN now() - n * interval '80 milliseconds' END,
                CASE WHEN n % 10 > 0 THEN now() - n * interval '79 milliseconds' END, now() - n * interval '81 milliseconds'
            FROM generate_series(1, \(rows)) AS n;
            INSERT INTO job_workers (id, host, pid, version, types)
            SELECT gen_random_uuid(), 'h' || n, n, '1', '{t1,t2,t3}' FROM generate_series(1, 10) AS n;
            INSERT INTO jobs (name, type, status, started_at)
            SELECT 'r' || n, 't' || n % 20, 'running', now() FROM generate_series(1, 100) AS n;
            INSERT INTO job_claims (job_id, worker_id, attempt, type)
            SELECT j.id, (SELECT id FROM job_workers LIMIT 1), 1, j.type FROM jobs j WHERE j.status = 'running';
            INSERT INTO job_rollups (minute, type, outcome, bucket, jobs, run_seconds, wait_seconds)
            SELECT date_trunc('minute', now()) - m * interval '1 minute', 't' || t, 'completed', b, 10, 1, 1
            FROM generate_series(0, 119) AS m, generate_series(0, 19) AS t, generate_series(4, 6) AS b;
            """
        )
        _ = try await connection.query("VACUUM ANALYZE jobs, job_claims, job_workers, job_rollups")
    }
}
