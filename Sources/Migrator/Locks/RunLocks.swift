import Postgres
import SQLSyntax
import Synchronization

/// What a run knows of the locks that its migrations take on tables which it did not make.
final class RunLocks: Sendable {
    private struct Ending {
        let clock: LockClock
        let absent: Set<QualifiedName>
        let lastWait: ContinuousClock.Instant?
    }

    private struct State {
        var made: Set<QualifiedName> = []
        var looks = LookAllowance()
        /// Migrations of a transaction that is open still.
        var open: [Ending] = []
        var unwritten: [HistoryEvent] = []
    }

    private let state = Mutex(State())

    /// Looks through statements of a script; what the run has made does not count.
    func scan(_ script: SQLScript, _ statements: Range<Int>) -> LockScan {
        LockScan(script, statements: statements, known: state.withLock { $0.made })
    }

    /// Whether another look may be taken now.
    func mayLook() -> Bool { state.withLock { $0.looks.take(at: .now) } }

    /// Forgets migrations of a transaction that was rolled back.
    func begin() {
        state.withLock { $0.open = [] }
    }

    /// Notes what a script has made.
    ///
    /// - Returns: what it named, and what was not there before.
    func note(_ scan: LockScan, _ notices: [ServerReport]) -> Set<QualifiedName> {
        let present = notices.filter { $0.sqlState == .duplicateTable }
        let made = scan.madeIfAbsent.filter { name in !present.contains { $0.message.contains(name.name) } }
        let skipped = notices.filter { $0.severity == "NOTICE" && $0.message.hasSuffix("skipping") }
        let missing = scan.demands.map(\.relation.normalized).filter { name in
            skipped.contains { $0.sqlState != .duplicateTable && $0.message.contains("\"\(name.name)\"") }
        }
        state.withLock {
            $0.made.formUnion(scan.made)
            $0.made.formUnion(made)
        }
        return made.union(missing)
    }

    /// Notes that a migration's statements are through.
    func end(_ clock: LockClock, without absent: Set<QualifiedName>, lastWait: ContinuousClock.Instant?) {
        state.withLock { $0.open.append(Ending(clock: clock, absent: absent, lastWait: lastWait)) }
    }

    /// What the migrations of a transaction held that is committed now.
    func committed() -> [(step: MigrationStep, hold: LockHold)] {
        let open = state.withLock { state in
            defer { state.open = [] }
            return state.open
        }
        return open.compactMap { ending in
            ending.clock.hold(without: ending.absent, lastWait: ending.lastWait).map { (ending.clock.step, $0) }
        }
    }

    /// Keeps an event until it is written.
    func keep(_ event: HistoryEvent) {
        state.withLock { $0.unwritten.append(event) }
    }

    /// Hands out what is to be written.
    func takeUnwritten() -> [HistoryEvent] {
        state.withLock { state in
            defer { state.unwritten = [] }
            return state.unwritten
        }
    }
}

/// How many looks a run may take: a few at once, then one a second, so that many small migrations do not pay for many.
struct LookAllowance {
    private static let atOnce = 5
    private var left = Self.atOnce
    private var last: ContinuousClock.Instant?

    init() {}

    /// Takes one, if there is one.
    mutating func take(at now: ContinuousClock.Instant) -> Bool {
        let seconds = last.map { Int($0.duration(to: now).components.seconds) } ?? 0
        if seconds > 0 || last == nil {
            left = min(Self.atOnce, left + seconds)
            last = now
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
