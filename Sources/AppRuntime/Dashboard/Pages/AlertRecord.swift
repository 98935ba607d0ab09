import Foundation
import Postgres

/// What the database knows of alerts beside those that are open: who is silent, and what was done.
struct AlertRecord: Sendable {
    struct Silence: Sendable {
        let id: String
        let pattern: String
        let reason: String
        let actor: String
        let ends: Date
    }

    struct Event: Sendable {
        let kind: String
        let key: String
        let actor: String?
        let details: String
        let time: Date
    }

    let silences: [Silence]
    let events: [Event]

    /// Reads the silences that hold and the last hundred events.
    static func read(on connection: PostgresConnection) async throws -> AlertRecord {
        let answers = try await connection.pipeline([
            try PostgresStatement(
                """
                SELECT id, pattern, reason, actor, ends_at FROM alert_silences WHERE ends_at > now() ORDER BY ends_at LIMIT 100
                """
            ),
            try PostgresStatement(
                """
                SELECT kind, key, actor, left(details::text, 500), happened_at FROM alert_events ORDER BY id DESC LIMIT 100
                """
            ),
        ])
        return AlertRecord(
            silences: try answers[0].map { row in
                Silence(
                    id: try String(postgres: row[0]),
                    pattern: try String(postgres: row[1]),
                    reason: try String(postgres: row[2]),
                    actor: try String(postgres: row[3]),
                    ends: try Date(postgres: row[4])
                )
            },
            events: try answers[1].map { row in
                Event(
                    kind: try String(postgres: row[0]),
                    key: try String(postgres: row[1]),
                    actor: row[2].text,
                    details: try String(postgres: row[3]),
                    time: try Date(postgres: row[4])
                )
            }
        )
    }
}

extension PageModel {
    /// The open alerts.
    init(alerts snapshot: RuntimeSnapshot, in language: DashboardLanguage, mayAct: Bool) {
        self.init()
        self[flag: "mayAct"] = mayAct
        self[flag: "hasAlerts"] = !snapshot.alerts.isEmpty
        self[list: "alerts"] = snapshot.alerts.map { alert in
            let silent = alert.silencedUntil.map { language("silentUntil", language.minute($0)) }
            var model = PageModel(
                ("id", alert.id),
                ("name", language.title(of: alert)),
                ("key", alert.key),
                ("keyInQuery", alert.key.encodedForQuery),
                ("kind", alert.severity.kind),
                ("severity", language(alert.severity.word)),
                ("stateText", silent ?? language.state(alert.isAcknowledged ? "acknowledged" : "firing"))
            )
            model[flag: "mayAcknowledge"] = mayAct && !alert.isAcknowledged
            model[model: "time"] = PageModel(alert.openedAt, to: snapshot.takenAt, in: language)
            return model
        }
    }

    /// The silences and the trail.
    init(_ record: AlertRecord, in language: DashboardLanguage, redaction: Redaction) {
        self.init()
        let now = Date()
        self[flag: "hasSilences"] = !record.silences.isEmpty
        self[list: "silences"] = record.silences.map { silence in
            var model = PageModel(
                ("id", silence.id),
                ("pattern", silence.pattern),
                ("reason", redaction(silence.reason)),
                ("actor", silence.actor)
            )
            model[model: "time"] = PageModel(silence.ends, to: now, in: language)
            return model
        }
        self[flag: "hasTrail"] = !record.events.isEmpty
        self[list: "trail"] = record.events.map { event in
            let kind = ["opened": "bad", "resolved": "ok", "silenced": "warn"][event.kind] ?? "quiet"
            var model = PageModel(
                ("what", DashboardWords.phrases["trail-\(event.kind)"]?[language] ?? event.kind),
                ("kind", kind),
                ("key", event.key),
                ("actor", event.actor ?? language("system")),
                ("detail", EventDetails.text(RedactedJSON.text(event.details, redaction)).map { redaction($0) })
            )
            model[model: "time"] = PageModel(event.time, to: now, in: language)
            return model
        }
    }
}
