import Migrator
import Postgres

/// Prints a run's events as they come: a line for each migration, or a JSON object; on a terminal, what runs now below it.
struct RunReporter {
    let writer: OutputWriter
    let words: RunWords
    private var live: LiveLine
    /// Who was last said to hold the migration up.
    private var toldBlockers: [Int] = []

    init(writer: OutputWriter, words: RunWords) {
        self.writer = writer
        self.words = words
        live = LiveLine(isQuiet: writer.isQuiet || writer.format == .json)
    }

    /// Prints every event of a run.
    mutating func follow(_ run: MigrationRun) async throws {
        do {
            for try await event in run {
                // A run that finds nothing to do begins nothing that a signal could leave half done.
                if case .finished = event {} else { Interruptions.shared.arm() }
                try show(event)
            }
        } catch {
            live.clear()
            throw error
        }
    }

    private mutating func show(_ event: MigrationEvent) throws {
        switch event {
        case .started(let step):
            toldBlockers = []
            live.draw("\(position(of: step))\(step.name.printable)")
        case .working(let step, let progress) where live.isShown:
            live.draw("\(position(of: step))\(step.name.printable)  \(text(of: progress))")
        case .batchDone(let step, let progress) where live.isShown:
            live.draw("\(position(of: step))\(step.name.printable)  \(progress.text)")
        case .stepDone(let step, let number, let count) where live.isShown:
            live.draw("\(position(of: step))\(step.name.printable)  step \(number) of \(count) done")
        default:
            live.clear()
        }
        if let note = note(of: event) { writer.note(note) }
        try writer.write(event: EventRow(event), text: result(of: event))
    }

    private func position(of step: MigrationStep) -> String { step.count > 1 ? "[\(step.number)/\(step.count)] " : "" }

    /// What goes to standard output.
    private func result(of event: MigrationEvent) -> String? {
        let style = writer.style
        switch event {
        case .applied(let step, let duration):
            return "\(style.good("applied"))  \(step.name.printable)  \(style.faint(Words.duration(duration)))"
        case .adopted(let step, let replaced):
            let words = "stands for \(Words.count(replaced.count, "migration")) that ran"
            return "\(style.good("adopted"))  \(step.name.printable)  \(style.faint(words))"
        case .undone(let step, let duration):
            return "\(style.warning("undone"))   \(step.name.printable)  \(style.faint(Words.duration(duration)))"
        case .finished(let summary):
            return words.text(of: summary)
        default:
            return nil
        }
    }

    /// What is said on standard error.
    private mutating func note(of event: MigrationEvent) -> String? {
        switch event {
        case .waiting, .historyLocked:
            return event.waitInWords
        case .tookOver(let takeover):
            var text = "took over \(takeover.table): \(Words.count(takeover.rows, "migration")) in it, unverified"
            if !takeover.duplicates.isEmpty {
                text += "; took out rows that meant the same: \(takeover.duplicates.joined(separator: ", "))"
            }
            return text.printable
        case .notice(let step, let notice):
            let words = notice.message + [notice.detail, notice.hint].compactMap { $0.map { "\n  \($0)" } }.joined()
            return "\(writer.style.warning(notice.severity.lowercased()))  \(step.name.printable): \(words.printable)"
        case .working(let step, let progress):
            let pids = progress.blockers.map(\.pid)
            guard pids != toldBlockers else { return nil }
            toldBlockers = pids
            return live.isShown || pids.isEmpty ? nil : "\(step.name): \(text(of: progress))".printable
        case .retrying(let step, let attempt, let pause, let blockers):
            return "\(step.name): \(blockers.reason); try \(attempt + 1) in \(Words.duration(pause))".printable
        case .lockAhead(let step, let outlook):
            return "\(step.name): \(outlook.words)".printable
        case .lockHeld(let step, let hold):
            return hold.isWorthTelling ? "\(step.name): \(hold.words)".printable : nil
        case .orphans(let step, let sessions, let isEnding):
            let who = sessions.map(\.description).joined(separator: "; ")
            let verb = isEnding ? "ending" : "waiting for"
            return "\(step.name): \(verb) what an earlier run left at work: \(who)".printable
        case .resumed(let step, let number, let count):
            return "\(step.name): goes on with step \(number) of \(count)".printable
        case .skipped(let step, let statements):
            return statements.words(of: step, style: writer.style)
        case .remark(let migration, let text):
            return ((migration.map { "\($0): " } ?? "") + text).printable
        case .started, .applied, .adopted, .undone, .stepDone, .batchDone, .finished:
            return nil
        }
    }

    private func text(of progress: WorkProgress) -> String {
        var text = Words.duration(progress.elapsed)
        if let phase = progress.phase { text += ", \(phase)" + (progress.percent.map { " \($0) %" } ?? "") }
        if !progress.blockers.isEmpty {
            text += ", blocked by " + progress.blockers.map(\.description).joined(separator: "; ")
        }
        return text.printable
    }
}

extension [Blocker] {
    /// Why something is tried again.
    var reason: String {
        isEmpty
            ? "it did not get past other sessions"
            : "a lock could not be had in time, held by " + map(\.description).joined(separator: "; ")
    }

    /// What is said while the history's table is locked.
    fileprivate var waitForHistory: String {
        "waiting for the history, locked by " + map(\.description).joined(separator: "; ").printable
    }
}

extension OutputWriter {
    /// Says who locks the history's table.
    func note(_ blockers: [Blocker]) { note(blockers.waitForHistory) }
}

extension BackfillProgress {
    fileprivate var text: String {
        var text = Words.count(rows, "row")
        if let estimatedRows { text += " of about \(estimatedRows)" }
        text += ", \(rowsPerSecond) a second"
        if let remaining { text += ", \(Words.duration(remaining)) to go" }
        return text
    }
}

/// How a run's end is told.
struct RunWords {
    let verb: String

    static let migrate = RunWords(verb: "applied")
    static let undo = RunWords(verb: "undone")

    func text(of summary: RunSummary) -> String {
        let standing = "\(summary.appliedCount) applied, \(summary.pendingCount) pending"
        guard !summary.migrations.isEmpty else {
            return summary.adopted.isEmpty
                ? "nothing to do: \(standing)"
                : "\(Words.count(summary.adopted.count, "migration")) adopted; now \(standing)"
        }
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
    var adopted: [String]?
    var replaced: [String]?
    var applied: Int?
    var pending: Int?
    var table: String?
    var rows: Int?
    var duplicates: [String]?
    var pid: Int?
    var applicationName: String?
    var severity: String?
    var message: String?
    var detail: String?
    var hint: String?
    var step: Int?
    var steps: Int?
    var attempt: Int?
    var pauseMs: Int?
    var elapsedMs: Int?
    var phase: String?
    var percent: Int?
    var blockedBy: [BlockerRow]?
    var changedRows: Int?
    var estimatedRows: Int?
    var rowsPerSecond: Int?
    var remainingMs: Int?
    var ending: Bool?
    var locks: [TableLockRow]?
    var transactions: [OpenTransactionRow]?
    var vacuums: [VacuumRow]?
    var standbys: [StandbyRow]?
    var lock: String?
    var tables: [String]?
    var heldMs: Int?
    var statements: [SkippedStatementRow]?

    init(_ event: MigrationEvent) {
        switch event {
        case .waiting(let holder):
            self.event = "waiting"
            pid = holder?.pid
            applicationName = holder?.applicationName
        case .historyLocked(let blockers):
            self.event = "history-locked"
            blockedBy = blockers.map(BlockerRow.init)
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
        case .adopted(let step, let replaced):
            self.event = "adopted"
            set(step)
            self.replaced = replaced
        case .undone(let step, let duration):
            self.event = "undone"
            set(step)
            durationMs = duration.milliseconds
        case .notice(let step, let notice):
            self.event = "notice"
            set(step)
            severity = notice.severity
            message = notice.message
            detail = notice.detail
            hint = notice.hint
        case .working(let step, let progress):
            self.event = "working"
            set(step)
            elapsedMs = progress.elapsed.milliseconds
            phase = progress.phase
            percent = progress.percent
            blockedBy = progress.blockers.map(BlockerRow.init)
        case .retrying(let step, let attempt, let pause, let blockers):
            self.event = "retrying"
            set(step)
            self.attempt = attempt
            pauseMs = pause.milliseconds
            blockedBy = blockers.map(BlockerRow.init)
        case .lockAhead(let step, let outlook):
            self.event = "lock-ahead"
            set(step)
            locks = outlook.tables.map(TableLockRow.init)
            transactions = outlook.transactions.map(OpenTransactionRow.init)
            vacuums = outlook.vacuums.map(VacuumRow.init)
            standbys = outlook.standbys.map(StandbyRow.init)
        case .lockHeld(let step, let hold):
            self.event = "lock-held"
            set(step)
            lock = hold.lock.rawValue
            tables = hold.tables
            heldMs = hold.duration.milliseconds
        case .skipped(let step, let skipped):
            self.event = "skipped"
            set(step)
            statements = skipped.map(SkippedStatementRow.init)
        case .orphans(let step, let sessions, let isEnding):
            self.event = "orphans"
            set(step)
            blockedBy = sessions.map(BlockerRow.init)
            ending = isEnding
        case .resumed(let step, let number, let count):
            self.event = "resumed"
            set(step)
            self.step = number
            steps = count
        case .stepDone(let step, let number, let count):
            self.event = "step-done"
            set(step)
            self.step = number
            steps = count
        case .batchDone(let step, let progress):
            self.event = "batch-done"
            set(step)
            changedRows = progress.rows
            estimatedRows = progress.estimatedRows
            rowsPerSecond = progress.rowsPerSecond
            remainingMs = progress.remaining?.milliseconds
        case .remark(let migration, let text):
            self.event = "remark"
            self.migration = migration
            message = text
        case .finished(let summary):
            self.event = "done"
            migrations = summary.migrations
            adopted = summary.adopted.isEmpty ? nil : summary.adopted
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

/// A session that holds something up, as a JSON object.
struct BlockerRow: Encodable {
    let pid: Int
    let applicationName: String
    let user: String
    let state: String
    let transactionMs: Int?
    let query: String

    init(_ blocker: Blocker) {
        pid = blocker.pid
        applicationName = blocker.applicationName
        user = blocker.user
        state = blocker.state
        transactionMs = blocker.transactionAge?.milliseconds
        query = blocker.query
    }
}

extension MigrationEvent {
    /// What is waited for before anything begins; nil for any other event.
    var waitInWords: String? {
        switch self {
        case .waiting(let holder): "waiting for another run" + (holder.map { ": \($0)".printable } ?? "")
        case .historyLocked(let blockers): blockers.waitForHistory
        default: nil
        }
    }
}
