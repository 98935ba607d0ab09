import HTTPTypes
import Hummingbird
import NIOCore

extension JobsAPI {
    /// Routes for queues, schedules, workers and health.
    var serviceRoutes: [APIRoute] {
        [
            look("/api/queues", "listQueues", "Queues and what waits in them", "Queues", write: writeQueues),
            look(
                "/api/schedules",
                "listSchedules",
                "Schedules and their next times",
                "Schedules",
                write: Self.writeSchedules
            ),
            look("/api/workers", "listWorkers", "Processes that work on jobs", "Workers", write: Self.writeWorkers),
            control("pause", "pauseQueue", "Take no more jobs from a queue; those that run go on", isPaused: true),
            control("resume", "resumeQueue", "Take jobs from a queue again", isPaused: false),
            APIRoute(
                .get,
                "/api/health",
                name: "getHealth",
                summary: "How the application and what it needs are",
                tag: "service",
                access: Self.access,
                replies: [
                    APIReply(.ok, "It works.", schema: JobSchemas.reference("Health"), headers: Self.tagged),
                    Self.notModified,
                    APIReply(.serviceUnavailable, "It does not, or not now.", schema: Self.unhealthy),
                ],
                handler: { request in
                    let report = HealthReport(status.current)
                    return JSONReply.response(
                        text: report.json,
                        to: request.request,
                        status: report.isUsable ? .ok : .serviceUnavailable
                    )
                }
            ),
        ]
    }

    /// With 503 comes either the report, or a problem where the request was not let through.
    private static let unhealthy: JSONValue = [
        "anyOf": [JobSchemas.reference("Health"), JobSchemas.reference("Problem")]
    ]

    private func look(
        _ path: String,
        _ name: String,
        _ summary: String,
        _ schema: String,
        write: @escaping @Sendable (RuntimeSnapshot, inout JSONWriter) -> Void
    ) -> APIRoute {
        APIRoute(
            .get,
            path,
            name: name,
            summary: summary,
            details: "As it was two seconds ago at most: one look serves all who ask.",
            tag: "service",
            access: Self.access,
            replies: [
                APIReply(.ok, "All of them.", schema: JobSchemas.reference(schema), headers: Self.tagged),
                Self.notModified,
            ],
            handler: { request in
                var json = JSONWriter()
                write(try await snapshots.snapshot(), &json)
                return JSONReply.response(ByteBuffer(bytes: json.bytes), to: request.request)
            }
        )
    }

    private func control(_ verb: String, _ name: String, _ summary: String, isPaused: Bool) -> APIRoute {
        APIRoute(
            .post,
            "/api/queues/{queue}/\(verb)",
            name: name,
            summary: summary,
            tag: "service",
            access: Self.access,
            parameters: [
                APIParameter(
                    "queue",
                    in: .path,
                    "A queue's name, or a type.",
                    schema: ["type": "string", "minLength": 1, "maxLength": 100]
                )
            ],
            replies: [
                APIReply(.ok, "The queue as it is now.", schema: JobSchemas.reference("QueueControl")),
                APIReply(.notFound, "There is no queue of that name."),
            ],
            handler: { request in
                let (name, actor) = (try request.required("queue"), try Self.actor(request))
                let types = types(of: name)
                if queues[name] == nil, handlers.entries[name] == nil {
                    let isKnown = try await snapshots.snapshot().queues.contains { $0.type == name }
                    guard isKnown else { throw Problem.notFound("there is no queue of that name") }
                }
                return try await set(types, isPaused, by: actor, name, request)
            }
        )
    }

    private func set(
        _ types: [String],
        _ isPaused: Bool,
        by actor: String,
        _ name: String,
        _ request: APIRequest
    ) async throws -> Response {
        for type in types {
            if isPaused {
                try await queue.pause(type, by: actor)
            } else {
                try await queue.resume(type, by: actor)
            }
        }
        let body: JSONValue = [
            "queue": .string(name), "types": .array(types.map(JSONValue.string)), "is_paused": .bool(isPaused),
        ]
        return JSONReply.response(text: body.json, to: request.request)
    }

    private func writeQueues(_ snapshot: RuntimeSnapshot, to json: inout JSONWriter) {
        let seen = Set(snapshot.queues.map(\.type))
        let unseen = handlers.types.filter { !seen.contains($0) }
        let all = snapshot.queues.map { ($0.type, Optional($0)) } + unseen.map { ($0, nil) }
        json.object { json in
            json.list("queues", of: all) { write($0.0, $0.1, to: &$1) }
        }
    }

    private func write(_ type: String, _ figures: QueueFigures?, to json: inout JSONWriter) {
        json.object { json in
            json.member("type", type)
            json.member("queue", queues.filter { $0.value.contains(type) }.keys.sorted().first)
            json.member("has_handler", handlers.entries[type] != nil)
            json.name("runnable")
            json.object { json in
                json.member("number", figures?.runnable.number ?? 0)
                json.member("is_at_least", figures?.runnable.isAtLeast ?? false)
            }
            json.member("oldest_runnable_age", figures?.oldestRunnableAge)
            json.member("running", figures?.running ?? 0)
            json.member("overdue", figures?.overdue ?? 0)
            json.member("is_paused", figures?.isPaused ?? false)
            json.member("paused_by", figures?.pausedBy)
            json.member("max_running", figures?.maxRunning)
            json.member("starts_per_second", figures?.startsPerSecond)
        }
    }

    private static func writeSchedules(_ snapshot: RuntimeSnapshot, to json: inout JSONWriter) {
        json.object { json in
            json.list("schedules", of: snapshot.schedules) { schedule, json in
                json.object { json in
                    json.member("name", schedule.name)
                    json.member("type", schedule.type)
                    json.member("cron", schedule.cron)
                    json.member("time_zone", schedule.timeZone)
                    json.member("missed", schedule.missed)
                    json.member("is_enabled", schedule.isEnabled)
                    json.member("last_slot", schedule.lastSlot)
                    json.member("next_slot", schedule.nextSlot)
                    json.member("lateness", schedule.lateness)
                }
            }
        }
    }

    private static func writeWorkers(_ snapshot: RuntimeSnapshot, to json: inout JSONWriter) {
        json.object { json in
            json.list("workers", of: snapshot.workers) { worker, json in
                json.object { json in
                    json.member("id", worker.id)
                    json.member("host", worker.host)
                    json.member("pid", worker.pid)
                    json.member("version", worker.version)
                    json.list("types", of: worker.types) { $1.text($0) }
                    json.member("is_draining", worker.isDraining)
                    json.member("started_at", worker.startedAt)
                    json.member("last_seen", worker.lastSeen)
                    json.member("silence", worker.silence)
                    json.member("running", worker.running)
                }
            }
        }
    }
}
