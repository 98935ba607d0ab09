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
        json.beginObject()
        json.name("queues")
        json.beginArray()
        for figures in snapshot.queues { write(figures.type, figures, to: &json) }
        for type in handlers.types where !seen.contains(type) { write(type, nil, to: &json) }
        json.endArray()
        json.endObject()
    }

    private func write(_ type: String, _ figures: QueueFigures?, to json: inout JSONWriter) {
        json.beginObject()
        json.name("type")
        json.text(type)
        json.name("queue")
        json.text(queues.filter { $0.value.contains(type) }.keys.sorted().first)
        json.name("has_handler")
        json.bool(handlers.entries[type] != nil)
        json.name("runnable")
        json.beginObject()
        json.name("number")
        json.number(figures?.runnable.number ?? 0)
        json.name("is_at_least")
        json.bool(figures?.runnable.isAtLeast ?? false)
        json.endObject()
        json.name("oldest_runnable_age")
        json.double(figures?.oldestRunnableAge)
        json.name("running")
        json.number(figures?.running ?? 0)
        json.name("overdue")
        json.number(figures?.overdue ?? 0)
        json.name("is_paused")
        json.bool(figures?.isPaused ?? false)
        json.name("paused_by")
        json.text(figures?.pausedBy)
        json.name("max_running")
        json.raw((figures?.maxRunning.map { "\($0)" } ?? "null").utf8)
        json.name("starts_per_second")
        json.double(figures?.startsPerSecond)
        json.endObject()
    }

    private static func writeSchedules(_ snapshot: RuntimeSnapshot, to json: inout JSONWriter) {
        json.beginObject()
        json.name("schedules")
        json.beginArray()
        for schedule in snapshot.schedules {
            json.beginObject()
            for (name, text) in [
                ("name", schedule.name), ("type", schedule.type), ("cron", schedule.cron),
                ("time_zone", schedule.timeZone), ("missed", schedule.missed),
            ] as [(StaticString, String)] {
                json.name(name)
                json.text(text)
            }
            json.name("is_enabled")
            json.bool(schedule.isEnabled)
            json.name("last_slot")
            json.time(schedule.lastSlot)
            json.name("next_slot")
            json.time(schedule.nextSlot)
            json.name("lateness")
            json.double(schedule.lateness)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    private static func writeWorkers(_ snapshot: RuntimeSnapshot, to json: inout JSONWriter) {
        json.beginObject()
        json.name("workers")
        json.beginArray()
        for worker in snapshot.workers {
            json.beginObject()
            json.name("id")
            json.text(worker.id)
            json.name("host")
            json.text(worker.host)
            json.name("pid")
            json.number(worker.pid)
            json.name("version")
            json.text(worker.version)
            json.name("types")
            json.beginArray()
            for type in worker.types { json.text(type) }
            json.endArray()
            json.name("is_draining")
            json.bool(worker.isDraining)
            json.name("started_at")
            json.time(worker.startedAt)
            json.name("last_seen")
            json.time(worker.lastSeen)
            json.name("silence")
            json.double(worker.silence)
            json.name("running")
            json.number(worker.running)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }
}
