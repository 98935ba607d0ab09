/// The schemas of what the jobs API takes and answers.
enum JobSchemas {
    static let states: JSONValue = ["pending", "running", "completed", "failed", "cancelled"]

    static func components(types: [String]) -> [String: JSONValue] {
        [
            "Job": job, "JobPage": page, "JobDetails": details, "JobLogPage": logs, "JobReason": reason,
            "NewJob": newJob(types), "Redrive": redrive, "Redriven": count("redriven"), "Cancellation": cancellation,
            "Queues": queues, "QueueControl": queueControl, "Schedules": schedules, "Workers": workers,
            "Health": health,
        ]
    }

    static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    private static let text: JSONValue = ["type": "string"]
    private static let optionalText: JSONValue = ["type": ["string", "null"]]
    private static let number: JSONValue = ["type": "integer"]
    private static let optionalNumber: JSONValue = ["type": ["integer", "null"]]
    private static let fraction: JSONValue = ["type": "number"]
    private static let optionalFraction: JSONValue = ["type": ["number", "null"]]
    private static let bool: JSONValue = ["type": "boolean"]
    private static let time: JSONValue = ["type": "string", "format": "date-time"]
    private static let optionalTime: JSONValue = ["type": ["string", "null"], "format": "date-time"]
    private static let id: JSONValue = ["type": "string", "format": "uuid"]

    private static func list(of items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    /// An object all of whose members are always there.
    private static func whole(_ properties: [String: JSONValue], _ description: String? = nil) -> JSONValue {
        var schema: [String: JSONValue] = [
            "type": "object", "properties": .object(properties),
            "required": .array(properties.keys.sorted().map(JSONValue.string)), "additionalProperties": false,
        ]
        if let description { schema["description"] = .string(description) }
        return .object(schema)
    }

    private static let jobMembers: [String: JSONValue] = [
        "id": id, "name": text, "type": text, "status": text, "priority": number, "attempts": number,
        "max_attempts": number, "error": optionalText, "scheduled_for": optionalTime, "started_at": optionalTime,
        "completed_at": optionalTime, "created_at": time, "progress": optionalFraction, "progress_note": optionalText,
    ]

    private static let job = whole(jobMembers, "A job; its error is cut at 300 characters.")

    private static let page = whole(
        ["jobs": list(of: reference("Job")), "next": optionalText],
        "A page of jobs; `next` goes on behind it, and is null at the end."
    )

    private static let details = whole(
        jobMembers.merging([
            "data": [:], "result": [:], "tags": list(of: text), "actor": optionalText, "batch": optionalText,
            "concurrency_key": optionalText, "trace_parent": optionalText,
            "worker": [
                "type": ["object", "null"], "required": ["id", "host", "pid", "deadline", "is_asked_to_stop"],
                "properties": [
                    "id": id, "host": optionalText, "pid": optionalNumber, "deadline": optionalTime,
                    "is_asked_to_stop": bool,
                ],
            ],
            "timeline": list(
                of: whole(["at": time, "kind": text, "actor": optionalText, "details": ["type": "object"]])
            ),
        ]) { $1 },
        "A job with all that is known of it."
    )

    private static let logs = whole([
        "lines": list(
            of: whole(["at": time, "level": text, "attempt": optionalNumber, "message": text, "details": [:]])
        ),
        "next": optionalText,
    ])

    private static let reason = whole(
        ["code": text, "text": text],
        "The first reason why a job does not run, as a word and in a sentence."
    )

    private static func newJob(_ types: [String]) -> JSONValue {
        [
            "type": "object", "required": ["type"], "additionalProperties": false,
            "properties": [
                "type": ["type": "string", "enum": .array(types.map(JSONValue.string))],
                "data": ["type": "object", "description": "What the type's handler reads."],
                "name": ["type": "string", "minLength": 1, "maxLength": 255],
                "priority": ["type": "integer", "minimum": -1000, "maximum": 1000],
                "max_attempts": ["type": "integer", "minimum": 1, "maximum": 1000],
                "scheduled_for": time,
                "concurrency_key": ["type": "string", "minLength": 1, "maxLength": 200],
                "tags": [
                    "type": "array", "maxItems": 20,
                    "items": ["type": "string", "minLength": 1, "maxLength": 100],
                ],
            ],
        ]
    }

    private static let redrive: JSONValue = [
        "type": "object", "additionalProperties": false,
        "description": "Which jobs: those that are named, or those of a type that failed last.",
        "properties": [
            "ids": ["type": "array", "items": id, "minItems": 1, "maxItems": 1000],
            "type": ["type": "string", "minLength": 1, "maxLength": 100],
            "limit": ["type": "integer", "minimum": 1, "maximum": 1000],
        ],
    ]

    private static func count(_ name: String) -> JSONValue { whole([name: number]) }

    private static let cancellation = whole(
        ["is_cancelled": bool],
        "Whether the job is cancelled already; one that runs is asked to stop."
    )

    private static let counted = whole(
        ["number": number, "is_at_least": bool],
        "A number that is counted only so far."
    )

    private static let queues = whole([
        "queues": list(
            of: whole([
                "type": text, "queue": optionalText, "has_handler": bool, "runnable": counted,
                "oldest_runnable_age": optionalFraction, "running": number, "overdue": number, "is_paused": bool,
                "paused_by": optionalText, "max_running": optionalNumber, "starts_per_second": optionalFraction,
            ])
        )
    ])

    private static let queueControl = whole(["queue": text, "types": list(of: text), "is_paused": bool])

    private static let schedules = whole([
        "schedules": list(
            of: whole([
                "name": text, "type": text, "cron": text, "time_zone": text, "is_enabled": bool, "missed": text,
                "last_slot": optionalTime, "next_slot": optionalTime, "lateness": fraction,
            ])
        )
    ])

    private static let workers = whole([
        "workers": list(
            of: whole([
                "id": id, "host": text, "pid": number, "version": text, "types": list(of: text), "is_draining": bool,
                "started_at": time, "last_seen": time, "silence": fraction, "running": number,
            ])
        )
    ])

    private static let health: JSONValue = [
        "type": "object", "required": ["status", "phase", "elapsed", "components"],
        "properties": [
            "status": ["type": "string", "enum": ["UP", "DEGRADED", "DOWN"]], "phase": text, "elapsed": fraction,
            "reason": text,
            "components": [
                "type": "object",
                "additionalProperties": [
                    "type": "object", "required": ["status", "required"],
                    "properties": ["status": text, "required": bool, "detail": text, "seconds": fraction],
                ],
            ],
        ],
    ]
}
