import Foundation
import HTTPTypes
import Hummingbird
import Postgres

extension JobsAPI {
    /// Routes that change jobs.
    var jobActions: [APIRoute] {
        [
            APIRoute(
                .post,
                "/api/jobs",
                name: "createJob",
                summary: "Put a job into the queue",
                tag: "jobs",
                access: Self.access,
                parameters: [Self.key],
                body: JobSchemas.reference("NewJob"),
                replies: [
                    APIReply(
                        .created,
                        "The job.",
                        schema: JobSchemas.reference("JobDetails"),
                        headers: ["Idempotency-Replayed": "true, if this was answered before."]
                    )
                ],
                handler: create
            ),
            APIRoute(
                .post,
                "/api/jobs/redrive",
                name: "redriveJobs",
                summary: "Put jobs that failed or were cancelled back into the queue",
                tag: "jobs",
                access: Self.access,
                parameters: [Self.key],
                body: JobSchemas.reference("Redrive"),
                replies: [APIReply(.ok, "How many were put back.", schema: JobSchemas.reference("Redriven"))],
                handler: redrive
            ),
            action("retry", "retryJob", "Let a job run now that waits, has failed or was cancelled") {
                id,
                actor,
                connection in
                try await queue.retry(id, by: actor, on: connection)
            },
            action("discard", "discardJob", "Give up a job that waits") { id, actor, connection in
                try await queue.discard(id, by: actor, on: connection)
            },
            APIRoute(
                .post,
                "/api/jobs/{id}/cancel",
                name: "cancelJob",
                summary: "Cancel a job, also one that runs",
                tag: "jobs",
                access: Self.access,
                parameters: [Self.id, Self.key],
                replies: [
                    APIReply(.ok, "It is cancelled.", schema: JobSchemas.reference("Cancellation")),
                    APIReply(.accepted, "It runs, and is asked to stop.", schema: JobSchemas.reference("Cancellation")),
                    Self.noJob, Self.wrongState, Self.reusedKey,
                ],
                handler: { request in
                    let (id, actor) = (try request.required("id"), try Self.actor(request))
                    return try await once(request) { connection in
                        let isCancelled = try await queue.cancel(id, by: actor, on: connection)
                        return Idempotency.Answer(
                            status: isCancelled ? 200 : 202,
                            body: JSONValue.object(["is_cancelled": .bool(isCancelled)]).json
                        )
                    }
                }
            ),
        ]
    }

    static let wrongState = APIReply(.conflict, "The job is in a state in which this cannot be done to it.")

    static let reusedKey = APIReply(.unprocessableContent, "Another request was sent with this Idempotency-Key.")

    private func action(
        _ verb: String,
        _ name: String,
        _ summary: String,
        work: @escaping @Sendable (String, String, PostgresConnection) async throws -> Void
    ) -> APIRoute {
        APIRoute(
            .post,
            "/api/jobs/{id}/\(verb)",
            name: name,
            summary: summary,
            tag: "jobs",
            access: Self.access,
            parameters: [Self.id, Self.key],
            replies: [
                APIReply(.ok, "The job as it is now.", schema: JobSchemas.reference("JobDetails")),
                Self.noJob, Self.wrongState, Self.reusedKey,
            ],
            handler: { request in
                let (id, actor) = (try request.required("id"), try Self.actor(request))
                return try await once(request) { connection in
                    try await work(id, actor, connection)
                    return try await Self.answer(200, id, on: connection)
                }
            }
        )
    }

    private static func answer(
        _ status: Int,
        _ id: String,
        on connection: PostgresConnection
    ) async throws -> Idempotency.Answer {
        guard let history = try await JobHistory(id, on: connection) else { throw AppRuntimeError.noJob(id) }
        return Idempotency.Answer(status: status, body: String(decoding: history.json, as: UTF8.self))
    }

    @concurrent
    private func create(_ request: APIRequest) async throws -> Response {
        let actor = try Self.actor(request)
        let body = request.body
        guard let type = body["type"]?.string, let entry = handlers.entries[type] else {
            throw Problem.invalid("there is no handler for this type")
        }
        let insertion = JobInsertion(
            scheduledAt: body["scheduled_for"]?.string.flatMap(SchemaCheck.time),
            priority: body["priority"]?.integer,
            maxAttempts: body["max_attempts"]?.integer,
            name: body["name"]?.string,
            concurrencyKey: body["concurrency_key"]?.string,
            tags: body["tags"]?.array?.compactMap(\.string) ?? [],
            actor: actor,
            traceParent: TraceContext.current?.description
        )
        let data = (body["data"] ?? [:]).json
        return try await once(request) { connection in
            let id = try await queue.insert(data, as: entry, of: type, insertion, on: connection)
            return try await Self.answer(201, id, on: connection)
        }
    }

    @concurrent
    private func redrive(_ request: APIRequest) async throws -> Response {
        let actor = try Self.actor(request)
        let (ids, type) = (request.body["ids"]?.array?.compactMap(\.string), request.body["type"]?.string)
        guard (ids == nil) != (type == nil) else {
            throw Problem.invalid("say which jobs: either ids, or a type")
        }
        let limit = request.body["limit"]?.integer ?? 1000
        return try await once(request) { connection in
            let count =
                if let type {
                    try await queue.redriveFailed(of: type, limit: limit, by: actor, on: connection)
                } else {
                    try await queue.redrive(ids ?? [], by: actor, on: connection).count
                }
            return Idempotency.Answer(status: 200, body: JSONValue.object(["redriven": .integer(count)]).json)
        }
    }
}
