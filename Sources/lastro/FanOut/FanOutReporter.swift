import Migrator
import Postgres

/// Prints a fan-out's events as they come.
///
/// On a terminal that is one line which is drawn over again, and a line for each target that failed; elsewhere a line for
/// each target on which something was done. A notice that many targets send is shown once.
struct FanOutReporter {
    let writer: OutputWriter
    /// What is said of a target: `applied`, `undone`.
    private let deed: String
    private var live: LiveLine
    private var progress = FanOutProgress()
    /// The notices that were shown.
    private var told: Set<[String]> = []

    init(writer: OutputWriter, deed: String = "applied") {
        self.writer = writer
        self.deed = deed
        live = LiveLine(isQuiet: writer.isQuiet || writer.format == .json)
    }

    /// Prints every event of a fan-out.
    mutating func follow(_ run: FanOutRun) async throws {
        do {
            for try await event in run {
                Interruptions.shared.arm()
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
        case .finished(let target, let summary) where !summary.isEmpty && !live.isShown:
            let isAdoption = summary.migrations.isEmpty
            let count = Words.count((isAdoption ? summary.adopted : summary.migrations).count, "migration")
            let time = writer.style.faint("in \(Words.duration(summary.duration))")
            return "\(writer.style.good(isAdoption ? "adopted" : deed))  \(target.printable)  \(count) \(time)"
        case .repaired(let target, let repairs) where !repairs.isEmpty && !live.isShown:
            let names = repairs.map { "\($0.name): \($0.action.rawValue)" }.joined(separator: ", ")
            return "\(writer.style.good(deed))  \(target.printable)  \(writer.style.faint(names.printable))"
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
            return "\(target): \(step.name): \(blockers.reason); try \(attempt + 1) in \(Words.duration(pause))"
        case .lockAhead(let step, let outlook):
            return "\(target): \(step.name): \(outlook.words)"
        case .lockHeld(let step, let hold):
            return hold.isWorthTelling ? "\(target): \(step.name): \(hold.words)" : nil
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
        case .skipped(let step, let statements):
            let odd = statements.filter { $0.result != .asDeclared || !$0.notCompared.isEmpty }
            guard !odd.isEmpty else { return nil }
            return "\(target): \(step.name): " + odd.map(\.description).joined(separator: "\n")
        case .started, .applied, .adopted, .undone, .working, .stepDone, .batchDone, .finished:
            return nil
        }
    }
}

extension FanOutSummary {
    /// `1000 targets in 31.2 s: 990 migrated, 8 up to date already, 2 failed`.
    fileprivate var text: String {
        let parts = [
            (migratedCount, deed.words),
            (upToDateCount, deed == .migrated ? "up to date already" : "as they should be already"),
            (failed.count, "failed"),
            (notBegunCount, "not begun"),
        ].filter { $0.0 > 0 }.map { "\($0) \($1)" }
        return "\(Words.count(count, "target")) in \(Words.duration(duration)): " + parts.joined(separator: ", ")
    }
}
