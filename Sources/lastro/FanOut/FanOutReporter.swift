import Migrator
import Postgres

/// Prints a fan-out's events as they come.
///
/// On a terminal that is one line which is drawn over again, and a line for each target that failed; elsewhere a line for
/// each target on which something was done. A notice that many targets send is shown once.
struct FanOutReporter {
    let writer: OutputWriter
    private var live: LiveLine
    private var progress = FanOutProgress()
    /// The notices that were shown.
    private var told: Set<[String]> = []

    init(writer: OutputWriter) {
        self.writer = writer
        live = LiveLine(isQuiet: writer.isQuiet || writer.format == .json)
    }

    /// Prints every event of a fan-out.
    mutating func follow(_ run: FanOutRun) async throws {
        do {
            for try await event in run {
                if case .started = event { Interruptions.shared.arm() }
                progress.note(event)
                try show(event)
            }
        } catch {
            live.clear()
            throw error
        }
    }

    private mutating func show(_ event: FanOutEvent) throws {
        let note = note(of: event)
        let result = result(of: event)
        if note != nil || result != nil || writer.format == .json { live.clear() }
        if let note { writer.note(note) }
        if case .failed(let target, let error) = event { report(error, of: target) }
        try writer.write(event: FanOutRow(event), text: result)
        if case .ended = event { live.clear() } else if progress.isDue { live.draw(progress.text) }
    }

    private mutating func report(_ error: any Error, of target: String) {
        live.clear()
        OutputWriter.report("\(writer.style.bad("failed"))   \(target.printable): \(error)")
    }

    private func result(of event: FanOutEvent) -> String? {
        switch event {
        case .finished(let target, let summary) where !summary.migrations.isEmpty && !live.isShown:
            let count = Words.count(summary.migrations.count, "migration")
            let time = writer.style.faint("in \(Words.duration(summary.duration))")
            return "\(writer.style.good("applied"))  \(target.printable)  \(count) \(time)"
        case .ended(let summary):
            return summary.text
        default:
            return nil
        }
    }

    private mutating func note(of event: FanOutEvent) -> String? {
        switch event {
        case .canaryPassed(let names):
            return "the \(names.count == 1 ? "canary" : "canaries") passed: \(names.joined(separator: ", "))".printable
        case .remark(let text):
            return text.printable
        case .event(let target, let event):
            return note(of: event, on: target)?.printable
        default:
            return nil
        }
    }

    private mutating func note(of event: MigrationEvent, on target: String) -> String? {
        switch event {
        case .waiting(let holder):
            return "\(target): waiting for another run" + (holder.map { ": \($0)" } ?? "")
        case .historyLocked(let blockers):
            return "\(target): waiting for the history, locked by "
                + blockers.map(\.description).joined(separator: "; ")
        case .notice(let step, let notice):
            guard told.count < 1000, told.insert([step.name, notice.message]).inserted else { return nil }
            return "\(target): \(notice.severity.lowercased())  \(step.name): \(notice.message)"
        case .retrying(let step, let attempt, let pause, let blockers):
            let who = blockers.isEmpty ? "" : ", held by " + blockers.map(\.description).joined(separator: "; ")
            return "\(target): \(step.name): a lock could not be had in time\(who); try \(attempt + 1) in "
                + Words.duration(pause)
        case .orphans(let step, let sessions, let isEnding):
            let who = sessions.map(\.description).joined(separator: "; ")
            return
                "\(target): \(step.name): \(isEnding ? "ending" : "waiting for") what an earlier run left at work: \(who)"
        case .resumed(let step, let number, let count):
            return "\(target): \(step.name): goes on with step \(number) of \(count)"
        case .tookOver(let takeover):
            return
                "\(target): took over \(takeover.table): \(Words.count(takeover.rows, "migration")) in it, unverified"
        case .remark(let migration, let text):
            guard told.count < 1000, told.insert([migration ?? "", text]).inserted else { return nil }
            return "\(target): " + (migration.map { "\($0): " } ?? "") + text
        case .started, .applied, .undone, .working, .stepDone, .batchDone, .finished:
            return nil
        }
    }
}

/// How far a fan-out is.
struct FanOutProgress {
    private var count = 0
    private var done = 0
    private var failed = 0
    private var upToDate = 0
    private var current = ""
    private var start: ContinuousClock.Instant?
    private var lastDrawn: ContinuousClock.Instant?

    /// Takes an event in.
    mutating func note(_ event: FanOutEvent) {
        switch event {
        case .listed(let count): self.count = count
        case .started(let target):
            start = start ?? .now
            current = target
        case .event(let target, .started(let step)): current = "\(target) \(step.name)"
        case .finished(_, let summary):
            done += 1
            if summary.migrations.isEmpty { upToDate += 1 }
        case .looked: done += 1
        case .failed: failed += 1
        case .event, .canaryPassed, .remark, .ended: break
        }
    }

    /// Whether the line is to be drawn again: not for every one of ten thousand events.
    var isDue: Bool {
        mutating get {
            let now = ContinuousClock.now
            if let lastDrawn, lastDrawn.duration(to: now) < .milliseconds(50) { return false }
            lastDrawn = now
            return true
        }
    }

    /// `[120/1000] 2 failed, 31 a second, 28 s to go  tenant_0121 0003_orders`.
    var text: String {
        var text = "[\(done + failed)/\(count)]"
        if failed > 0 { text += " \(failed) failed," }
        if let start {
            let seconds = max(start.duration(to: .now) / .seconds(1), 0.001)
            let rate = Double(done + failed - upToDate) / seconds
            text += rate >= 10 ? " \(Int(rate)) a second" : " \(Int(rate * 60)) a minute"
            if rate > 0 { text += ", \(Words.duration(.seconds(Double(count - done - failed) / rate))) to go" }
        }
        return "\(text)  \(current)".printable
    }
}

extension FanOutSummary {
    /// `1000 targets in 31.2 s: 990 migrated, 8 up to date already, 2 failed`.
    fileprivate var text: String {
        let parts = [
            (migratedCount, "migrated"), (upToDateCount, "up to date already"), (failed.count, "failed"),
            (notBegunCount, "not begun"),
        ].filter { $0.0 > 0 }.map { "\($0) \($1)" }
        return "\(Words.count(count, "target")) in \(Words.duration(duration)): " + parts.joined(separator: ", ")
    }
}

/// An event of a fan-out as a JSON object; the last one is `done`.
struct FanOutRow: Encodable {
    private let event: String
    private var target: String?
    private var targets: Int?
    private var names: [String]?
    private var migrations: [String]?
    private var durationMs: Int?
    private var applied: Int?
    private var pending: Int?
    private var migrated: Int?
    private var upToDate: Int?
    private var failed: [String]?
    private var notBegun: Int?
    private var code: String?
    private var message: String?
    /// A run's own event; its keys stand beside `target`.
    private var inner: EventRow?

    private enum CodingKeys: CodingKey {
        case event, target, targets, names, migrations, durationMs, applied, pending, migrated, upToDate, failed,
            notBegun
        case code, message
    }

    init(_ event: FanOutEvent) {
        switch event {
        case .listed(let count):
            self.event = "listed"
            targets = count
        case .started(let target):
            self.event = "target-started"
            self.target = target
        case .event(let target, let inner):
            self.event = ""
            self.target = target
            self.inner = EventRow(inner)
        case .finished(let target, let summary):
            self.event = "target-done"
            self.target = target
            migrations = summary.migrations
            durationMs = summary.duration.milliseconds
            applied = summary.appliedCount
            pending = summary.pendingCount
        case .looked(let target, let standing):
            self.event = "target-looked-at"
            self.target = target
            applied = standing.appliedCount
            pending = standing.pending.count
        case .failed(let target, let error):
            self.event = "target-failed"
            self.target = target
            code = error.codeForMachines
            message = "\(error)"
        case .canaryPassed(let names):
            self.event = "canary-passed"
            self.names = names
        case .remark(let text):
            self.event = "remark"
            message = text
        case .ended(let summary):
            self.event = "done"
            targets = summary.count
            migrated = summary.migratedCount
            upToDate = summary.upToDateCount
            failed = summary.failed
            notBegun = summary.notBegunCount
            durationMs = summary.duration.milliseconds
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(target, forKey: .target)
        if let inner { return try inner.encode(to: encoder) }
        try container.encode(event, forKey: .event)
        try container.encodeIfPresent(targets, forKey: .targets)
        try container.encodeIfPresent(names, forKey: .names)
        try container.encodeIfPresent(migrations, forKey: .migrations)
        try container.encodeIfPresent(durationMs, forKey: .durationMs)
        try container.encodeIfPresent(applied, forKey: .applied)
        try container.encodeIfPresent(pending, forKey: .pending)
        try container.encodeIfPresent(migrated, forKey: .migrated)
        try container.encodeIfPresent(upToDate, forKey: .upToDate)
        try container.encodeIfPresent(failed, forKey: .failed)
        try container.encodeIfPresent(notBegun, forKey: .notBegun)
        try container.encodeIfPresent(code, forKey: .code)
        try container.encodeIfPresent(message, forKey: .message)
    }
}

extension Error {
    /// The kind of the error as a word for machines.
    var codeForMachines: String {
        switch self {
        case let error as MigratorError: error.code.rawValue
        case let error as PostgresError: error.code.rawValue
        default: "failed"
        }
    }
}
