import Foundation
import Postgres

extension PageModel {
    /// The queues: a type a row.
    init(queues snapshot: RuntimeSnapshot, in language: DashboardLanguage, mayAct: Bool) {
        self.init()
        let handled = Set(snapshot.workers.filter { $0.isAlive && !$0.isDraining }.flatMap(\.types))
        let known = Set(snapshot.queues.map(\.type))
        // A type that a worker takes is a queue, also before its first job.
        let idle = snapshot.workers.filter(\.isAlive).flatMap(\.types).filter { !known.contains($0) }
        let rows =
            snapshot.queues.map { Self(queue: $0, isHandled: handled.contains($0.type), in: language) }
            + Set(idle).map { Self(idleQueue: $0, in: language) }
        self[flag: "mayAct"] = mayAct
        self[flag: "hasQueues"] = !rows.isEmpty
        self[list: "queues"] = rows.sorted { $0["name"] ?? "" < $1["name"] ?? "" }
    }

    private init(queue: QueueFigures, isHandled: Bool, in language: DashboardLanguage) {
        let limits = [
            queue.maxRunning.map { language("limitRunning", "\($0)") },
            queue.startsPerSecond.map { language("limitRate", language.decimal($0)) },
        ].compactMap { $0 }
        let isStuck = !isHandled && queue.runnable.number > 0
        let attempts = queue.lastHour
        self.init(
            ("id", "queue-" + StableHash(queue.type).description),
            ("name", queue.type),
            ("href", "/dashboard/jobs?type=" + queue.type.encodedForQuery),
            ("limits", limits.joined(separator: ", ")),
            ("kind", queue.isPaused ? "warn" : isStuck ? "bad" : "ok"),
            ("stateText", language.state(queue.isPaused ? "paused" : isStuck ? "stuck" : "open")),
            (
                "stateDetail",
                queue.isPaused ? queue.pausedBy.map { language("by", $0) } : isStuck ? language("noHandler") : nil
            ),
            ("waiting", language.count(queue.runnable)),
            ("running", language.number(queue.running)),
            ("oldest", queue.oldestRunnableAge.map(language.duration) ?? "–"),
            ("ended", language.number(attempts.completed)),
            ("failed", language.number(queue.lastDay.failed)),
            ("errorRate", language.percent(attempts.errorRate)),
            ("p95", attempts.seconds(at: 0.95).map(language.duration) ?? "–")
        )
        self[flag: "isPaused"] = queue.isPaused
        self[flag: "hasFailed"] = queue.lastDay.failed > 0
    }

    private init(idleQueue type: String, in language: DashboardLanguage) {
        self.init(
            ("id", "queue-" + StableHash(type).description),
            ("name", type),
            ("href", "/dashboard/jobs?type=" + type.encodedForQuery),
            ("kind", "ok"),
            ("stateText", language.state("open")),
            ("waiting", "0"),
            ("running", "0"),
            ("oldest", "–"),
            ("ended", "0"),
            ("failed", "0"),
            ("errorRate", language.percent(0)),
            ("p95", "–")
        )
        self[flag: "isPaused"] = false
    }

    /// The workers and the leader.
    init(workers snapshot: RuntimeSnapshot, in language: DashboardLanguage) {
        self.init()
        if let leader = snapshot.leader, leader.isPresent {
            self["leader"] = language(
                "leaderIs",
                String(leader.holder.prefix(8)),
                "\(leader.term)",
                String(language.time(leader.expiresAt).suffix(8))
            )
        } else {
            self["leader"] = language("noLeader")
        }
        self[flag: "hasWorkers"] = !snapshot.workers.isEmpty
        self[list: "workers"] = snapshot.workers.map { worker in
            let state = worker.isAlive ? worker.isDraining ? "draining" : "up" : "lost"
            var model = PageModel(
                ("id", "worker-\(worker.id)"),
                ("shortID", String(worker.id.prefix(8))),
                ("host", worker.host),
                ("process", language("process", "\(worker.pid)")),
                ("version", worker.version),
                ("kind", ["up": "ok", "draining": "warn"][state] ?? "bad"),
                ("stateText", language.state(state)),
                ("running", language.number(worker.running)),
                ("types", worker.types.joined(separator: ", "))
            )
            model[model: "beat"] = PageModel(min(worker.lastSeen, snapshot.takenAt), to: snapshot.takenAt, in: language)
            model[model: "since"] = PageModel(worker.startedAt, to: snapshot.takenAt, in: language)
            return model
        }
    }
}
