import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Postgres

extension JobsAPI {
    /// Routes that look at jobs.
    var jobRoutes: [APIRoute] {
        [
            APIRoute(
                .get,
                "/api/jobs",
                name: "listJobs",
                summary: "Jobs, a page at a time",
                details:
                    "All jobs come newest first, pending ones as workers take them, running ones by their start, others by "
                    + "their end. With type or queue a page looks at 10,000 jobs at most, unless they have completed, and may be short: go "
                    + "on with `next`.",
                tag: "jobs",
                access: Self.access,
                parameters: [
                    APIParameter(
                        "status",
                        in: .query,
                        "Only jobs in this state.",
                        schema: ["type": "string", "enum": JobSchemas.states]
                    ),
                    APIParameter(
                        "type",
                        in: .query,
                        "Only jobs of this type.",
                        schema: ["type": "string", "minLength": 1, "maxLength": 100]
                    ),
                    APIParameter(
                        "queue",
                        in: .query,
                        "Only jobs of this queue.",
                        schema: ["type": "string", "minLength": 1, "maxLength": 100]
                    ),
                    APIParameter(
                        "limit",
                        in: .query,
                        "How many at most; 50 unless told otherwise.",
                        schema: ["type": "integer", "minimum": 1, "maximum": 200]
                    ),
                    APIParameter(
                        "cursor",
                        in: .query,
                        "What the page before said as `next`.",
                        schema: ["type": "string", "maxLength": 300]
                    ),
                ],
                replies: [
                    APIReply(.ok, "A page.", schema: JobSchemas.reference("JobPage"), headers: Self.tagged),
                    Self.notModified,
                ],
                handler: list
            ),
            APIRoute(
                .get,
                "/api/jobs/{id}",
                name: "getJob",
                summary: "One job with its timeline",
                tag: "jobs",
                access: Self.access,
                parameters: [Self.id],
                replies: [
                    APIReply(.ok, "The job.", schema: JobSchemas.reference("JobDetails"), headers: Self.tagged),
                    Self.notModified, Self.noJob,
                ],
                handler: details
            ),
            APIRoute(
                .get,
                "/api/jobs/{id}/logs",
                name: "getJobLogs",
                summary: "The lines that a job's handler wrote, the oldest first",
                tag: "jobs",
                access: Self.access,
                parameters: [
                    Self.id,
                    APIParameter(
                        "cursor",
                        in: .query,
                        "What the page before said as `next`.",
                        schema: ["type": "string", "maxLength": 20]
                    ),
                ],
                replies: [
                    APIReply(
                        .ok,
                        "Two hundred lines.",
                        schema: JobSchemas.reference("JobLogPage"),
                        headers: Self.tagged
                    ),
                    Self.notModified, Self.noJob,
                ],
                handler: logs
            ),
            APIRoute(
                .get,
                "/api/jobs/{id}/why",
                name: "explainJob",
                summary: "The first reason why a job does not run",
                tag: "jobs",
                access: Self.access,
                parameters: [Self.id],
                replies: [
                    APIReply(.ok, "The reason.", schema: JobSchemas.reference("JobReason"), headers: Self.tagged),
                    Self.notModified, Self.noJob,
                ],
                handler: { request in
                    let id = try request.required("id")
                    guard let reason = try await queue.why(id) else { throw AppRuntimeError.noJob(id) }
                    return JSONReply.response(text: reason.json, to: request.request)
                }
            ),
        ]
    }

    @concurrent
    private func list(_ request: APIRequest) async throws -> Response {
        let status = request.text("status")
        var cursor: JobCursor?
        if let text = request.text("cursor") {
            cursor = JobCursor(text: text, status: status)
            guard cursor != nil else { throw Self.strangeCursor }
        }
        let types: [String]? =
            switch (request.text("type"), request.text("queue")) {
            case (nil, nil): nil
            case (let type?, nil): [type]
            case (nil, let queue?): self.types(of: queue)
            case (let type?, let queue?): self.types(of: queue).filter { $0 == type }
            }
        let page = JobPage(status: status, types: types, limit: request.number("limit") ?? 50, cursor: cursor)
        let statement = try page.statement()
        do {
            let rows = try await queue.pool.withConnection { try await $0.pipeline([statement]) }
            return JSONReply.response(ByteBuffer(bytes: page.write(rows[0])), to: request.request)
        } catch let error as PostgresError where error.sqlState?.rawValue.hasPrefix("22") == true {
            throw Self.strangeCursor  // a time that no calendar has
        }
    }

    private static var strangeCursor: Problem {
        .badRequest(
            "the cursor is none of a page in this state",
            errors: [Problem.Detail("cursor", "send what a page said as next, with the same status")]
        )
    }

    @concurrent
    private func details(_ request: APIRequest) async throws -> Response {
        let id = try request.required("id")
        let found = try await queue.pool.withConnection { try await JobHistory(id, on: $0) }
        guard let history = found else { throw AppRuntimeError.noJob(id) }
        return JSONReply.response(ByteBuffer(bytes: history.json), to: request.request)
    }

    @concurrent
    private func logs(_ request: APIRequest) async throws -> Response {
        let id = try request.required("id")
        let after = request.text("cursor")
        guard after.map({ Int($0).map { $0 >= 0 } ?? false }) ?? true else { throw Self.strangeCursor }
        let answers = try await queue.pool.withConnection { connection in
            try await connection.pipeline([
                try PostgresStatement("SELECT 1 FROM jobs WHERE id = $1::uuid", id),
                try PostgresStatement(
                    """
                    SELECT id, created_at AT TIME ZONE 'UTC', level, attempt, message, details FROM job_logs
                    WHERE job_id = $1::uuid AND ($2::bigint IS NULL OR (created_at, id) > (
                        (SELECT created_at FROM job_logs WHERE id = $2::bigint AND job_id = $1::uuid), $2::bigint
                    ))
                    ORDER BY created_at, id LIMIT 201
                    """,
                    id,
                    after
                ),
            ])
        }
        guard !answers[0].isEmpty else { throw AppRuntimeError.noJob(id) }
        return JSONReply.response(ByteBuffer(bytes: Self.logPage(answers[1])), to: request.request)
    }

    private static func logPage(_ rows: PostgresRows) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.list("lines", of: rows.prefix(200)) { row, json in
                json.object { json in
                    json.member("at", time: row[1])
                    json.member("level", text: row[2])
                    json.member("attempt", raw: row[3])
                    json.member("message", text: row[4])
                    json.member("details", raw: row[5])
                }
            }
            json.member("next", rows.count > 200 ? rows[199][0].text : nil)
        }
        return json.bytes
    }
}

extension JobHistory {
    /// The job as `JobDetails` describes it.
    var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            JobMembers.write(row, from: 0, to: &json)
            json.member("data", json: data)
            json.member("result", json: result)
            json.list("tags", of: tags) { $1.text($0) }
            json.member("actor", actor)
            json.member("batch", batch)
            json.member("concurrency_key", concurrencyKey)
            json.member("trace_parent", traceParent)
            json.name("worker")
            writeWorker(to: &json)
            json.list("timeline", of: timeline) { event, json in
                json.object { json in
                    json.member("at", event.at)
                    json.member("kind", event.kind)
                    json.member("actor", event.actor)
                    json.member("details", json: event.details)
                }
            }
        }
        return json.bytes
    }

    private func writeWorker(to json: inout JSONWriter) {
        guard let worker else { return json.raw("null".utf8) }
        json.object { json in
            json.member("id", worker.id)
            json.member("host", worker.host)
            json.member("pid", worker.pid)
            json.member("deadline", worker.deadline)
            json.member("is_asked_to_stop", worker.isAskedToStop)
        }
    }
}
