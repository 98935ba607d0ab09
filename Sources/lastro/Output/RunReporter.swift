import Migrator

/// Prints a run's events as they come: a line for each migration, or a JSON object.
struct RunReporter {
    let writer: OutputWriter
    let words: RunWords

    /// Prints every event of a run.
    func follow(_ run: MigrationRun) async throws {
        for try await event in run {
            // A run that finds nothing to do begins nothing that a signal could leave half done.
            if case .finished = event {} else { Interruptions.shared.arm() }
            try writer.write(event: EventRow(event), text: text(of: event))
        }
    }

    private func text(of event: MigrationEvent) -> String? {
        let style = writer.style
        switch event {
        case .waiting(let holder):
            writer.note("waiting for another run" + (holder.map { ": \($0)" } ?? ""))
            return nil
        case .tookOver(let takeover):
            var text = "took over \(takeover.table): \(Words.count(takeover.rows, "migration")) in it, unverified"
            if !takeover.duplicates.isEmpty {
                text += "; took out rows that meant the same: \(takeover.duplicates.joined(separator: ", "))"
            }
            writer.note(text)
            return nil
        case .started:
            return nil
        case .notice(let step, let severity, let message):
            writer.note("\(style.warning(severity.lowercased()))  \(step.name): \(message)")
            return nil
        case .applied(let step, let duration):
            return "\(style.good("applied"))  \(step.name)  \(style.faint(Words.duration(duration)))"
        case .undone(let step, let duration):
            return "\(style.warning("undone"))   \(step.name)  \(style.faint(Words.duration(duration)))"
        case .finished(let summary):
            return words.text(of: summary)
        }
    }
}

/// How a run's end is told.
struct RunWords {
    let verb: String

    static let migrate = RunWords(verb: "applied")
    static let undo = RunWords(verb: "undone")

    func text(of summary: RunSummary) -> String {
        let standing = "\(summary.appliedCount) applied, \(summary.pendingCount) pending"
        guard !summary.migrations.isEmpty else { return "nothing to do: \(standing)" }
        let count = Words.count(summary.migrations.count, "migration")
        return "\(count) \(verb) in \(Words.duration(summary.duration)); now \(standing)"
    }
}

/// An event as a JSON object; the last one of a run is `done`.
struct EventRow: Encodable {
    let event: String
    var migration: String?
    var number: Int?
    var count: Int?
    var durationMs: Int?
    var migrations: [String]?
    var applied: Int?
    var pending: Int?
    var table: String?
    var rows: Int?
    var duplicates: [String]?
    var pid: Int?
    var applicationName: String?
    var severity: String?
    var message: String?

    init(_ event: MigrationEvent) {
        switch event {
        case .waiting(let holder):
            self.event = "waiting"
            pid = holder?.pid
            applicationName = holder?.applicationName
        case .tookOver(let takeover):
            self.event = "took-over"
            table = takeover.table
            rows = takeover.rows
            duplicates = takeover.duplicates
        case .started(let step):
            self.event = "started"
            set(step)
        case .applied(let step, let duration):
            self.event = "applied"
            set(step)
            durationMs = duration.milliseconds
        case .undone(let step, let duration):
            self.event = "undone"
            set(step)
            durationMs = duration.milliseconds
        case .notice(let step, let severity, let message):
            self.event = "notice"
            set(step)
            self.severity = severity
            self.message = message
        case .finished(let summary):
            self.event = "done"
            migrations = summary.migrations
            durationMs = summary.duration.milliseconds
            applied = summary.appliedCount
            pending = summary.pendingCount
        }
    }

    private mutating func set(_ step: MigrationStep) {
        migration = step.name
        number = step.number
        count = step.count
    }
}
