import Foundation
import Postgres

/// The answers to what a snapshot asks, each with a name.
struct SnapshotAnswers: Sendable {
    let ready, due, totals, running, controls, recent: PostgresRows
    let workers, schedules, leader, health, alerts, database: PostgresRows

    /// A page is not worth more of the server's time than this.
    static var patience: PostgresStatement {
        get throws(PostgresError) { try PostgresStatement("SELECT set_config('statement_timeout', '5000', true)") }
    }

    static func statements(since edge: Int) throws(PostgresError) -> [PostgresStatement] {
        [
            try patience,
            try PostgresStatement(SnapshotStatements.ready),
            try PostgresStatement(SnapshotStatements.due),
            try PostgresStatement(SnapshotStatements.totals),
            try PostgresStatement(SnapshotStatements.running),
            try PostgresStatement(SnapshotStatements.controls),
            try PostgresStatement(SnapshotStatements.recent, edge),
            try PostgresStatement(SnapshotStatements.workers),
            try PostgresStatement(SnapshotStatements.schedules),
            try PostgresStatement(SnapshotStatements.leader),
            try PostgresStatement(SnapshotStatements.health),
            try PostgresStatement(SnapshotStatements.alerts),
            try PostgresStatement(SnapshotStatements.database),
        ]
    }

    init(_ rows: [PostgresRows]) {
        (ready, due, totals, running, controls, recent) = (rows[1], rows[2], rows[3], rows[4], rows[5], rows[6])
        (workers, schedules, leader, health) = (rows[7], rows[8], rows[9], rows[10])
        (alerts, database) = (rows[11], rows[12])
    }
}

/// Makes a snapshot of answers.
struct SnapshotReading: Sendable {
    /// When the question was sent, by this machine's clock.
    let asked: Date
    /// How long the answer took, in seconds.
    let latency: Double
    let history: SnapshotHistory
    let status: RuntimeStatus.Snapshot?

    func snapshot(from answers: SnapshotAnswers) throws(PostgresError) -> RuntimeSnapshot {
        let recent = try rows(answers.recent)
        let (takenAt, due, scheduled, failed) = try answers.totals.single.decode(
            Date.self,
            Int.self,
            Int.self,
            Int.self
        )
        let queues = try queues(answers, recent)
        var lastDay = AttemptFigures()
        for row in history.types + recent { lastDay.add(row) }
        let limit = SnapshotStatements.limit
        // Of jobs with a time only the longest due were looked at by type; here all count.
        let ready = try answers.ready.map { row throws(PostgresError) in
            JobCount(try Int(postgres: row[1]), limit: try Int(postgres: row[2]))
        }
        return RuntimeSnapshot(
            takenAt: takenAt,
            counts: JobCounts(
                runnable: JobCount(adding: ready + [JobCount(due, limit: limit)]),
                scheduled: JobCount(scheduled, limit: limit),
                running: queues.map(\.running).reduce(0, +),
                failed: JobCount(failed, limit: limit),
                lastDay: lastDay
            ),
            queues: queues,
            minutes: minutes(until: takenAt, recent),
            requests: history.requests,
            workers: try rows(answers.workers, WorkerFigures.init),
            schedules: try rows(answers.schedules, ScheduleFigures.init),
            leader: try rows(answers.leader, LeaderFigures.init).first,
            database: try database(answers.database, takenAt),
            health: try health(answers.health, takenAt),
            alerts: try rows(answers.alerts, AlertFigures.init)
        )
    }

    private func rows(_ rows: PostgresRows) throws(PostgresError) -> [RollupRow] { try self.rows(rows, RollupRow.init) }

    private func rows<Value>(
        _ rows: PostgresRows,
        _ read: (PostgresRow) throws(PostgresError) -> Value
    ) throws(PostgresError) -> [Value] {
        var values: [Value] = []
        for row in rows { values.append(try read(row)) }
        return values
    }

    private func minutes(until now: Date, _ recent: [RollupRow]) -> [MinuteFigures] {
        let last = Int(now.timeIntervalSince1970) / 60
        var figures: [Int: AttemptFigures] = [:]
        for row in history.minutes + recent { figures[row.minute, default: AttemptFigures()].add(row) }
        return ((last - 59)...last).map { minute in
            MinuteFigures(
                minute: Date(timeIntervalSince1970: Double(minute) * 60),
                attempts: figures[minute] ?? AttemptFigures()
            )
        }
    }

    private func queues(
        _ answers: SnapshotAnswers,
        _ recent: [RollupRow]
    ) throws(PostgresError) -> [QueueFigures] {
        var queues: [String: QueueParts] = [:]
        for row in answers.ready {
            let (type, jobs, most, age) = try row.decode(String.self, Int.self, Int.self, Double?.self)
            queues[type, default: QueueParts()].runnable.append(JobCount(jobs, limit: most))
            queues[type, default: QueueParts()].ages += age.map { [$0] } ?? []
        }
        for row in answers.due {
            let (type, jobs, age) = try row.decode(String.self, Int.self, Double.self)
            queues[type, default: QueueParts()].runnable.append(JobCount(jobs, limit: SnapshotStatements.limit))
            queues[type, default: QueueParts()].ages.append(age)
        }
        for row in answers.running {
            let (type, jobs, overdue) = try row.decode(String.self, Int.self, Int.self)
            queues[type, default: QueueParts()].running = jobs
            queues[type, default: QueueParts()].overdue = overdue
        }
        for row in answers.controls {
            let (type, isPaused, by, running, rate) = try row.decode(
                String.self,
                Bool.self,
                String?.self,
                Int?.self,
                Double?.self
            )
            queues[type, default: QueueParts()].control = (isPaused, by, running, rate)
        }
        for row in history.types {
            queues[row.type, default: QueueParts()].day.add(row)
            if row.minute == 1 { queues[row.type, default: QueueParts()].hour.add(row) }
        }
        for row in recent {
            queues[row.type, default: QueueParts()].day.add(row)
            queues[row.type, default: QueueParts()].hour.add(row)
        }
        return queues.sorted { $0.key < $1.key }.map { $1.figures(of: $0) }
    }

    private func database(_ rows: PostgresRows, _ takenAt: Date) throws(PostgresError) -> DatabaseFigures {
        let (connections, most, snapshot, slot, dead) = try rows.single.decode(
            Int.self,
            Int.self,
            Double.self,
            Int.self,
            Int.self
        )
        return DatabaseFigures(
            connections: connections,
            maxConnections: most,
            oldestSnapshot: snapshot,
            slotAge: slot,
            deadRows: dead,
            latency: latency,
            // The server read its clock somewhere between question and answer.
            clockSkew: asked.addingTimeInterval(latency / 2).timeIntervalSince(takenAt)
        )
    }

    /// What this process knows itself is newer than what stands in the table.
    private func health(_ rows: PostgresRows, _ takenAt: Date) throws(PostgresError) -> [HealthFigures] {
        let own = (status?.components ?? []).filter(\.isKnown).map { component in
            let state = component.state(at: .now)
            return HealthFigures(
                component: component.name,
                state: state.name.lowercased(),
                latency: component.duration.map { $0 / .seconds(1) },
                detail: state.detail,
                checkedAt: takenAt
            )
        }
        let known = Set(own.map(\.component))
        let others = try self.rows(rows) { row throws(PostgresError) in
            let (component, state, latency, detail, at) = try row.decode(
                String.self,
                String.self,
                Double?.self,
                String?.self,
                Date.self
            )
            return HealthFigures(component: component, state: state, latency: latency, detail: detail, checkedAt: at)
        }
        return own + others.filter { !known.contains($0.component) }
    }
}

/// What is gathered of one type.
private struct QueueParts {
    var runnable: [JobCount] = []
    var ages: [Double] = []
    var running = 0
    var overdue = 0
    var control: (isPaused: Bool, by: String?, running: Int?, rate: Double?) = (false, nil, nil, nil)
    var hour = AttemptFigures()
    var day = AttemptFigures()

    func figures(of type: String) -> QueueFigures {
        QueueFigures(
            type: type,
            runnable: JobCount(adding: runnable),
            oldestRunnableAge: ages.max().map { max(0, $0) },
            running: running,
            overdue: overdue,
            isPaused: control.isPaused,
            pausedBy: control.by,
            maxRunning: control.running,
            startsPerSecond: control.rate,
            lastHour: hour,
            lastDay: day
        )
    }
}
