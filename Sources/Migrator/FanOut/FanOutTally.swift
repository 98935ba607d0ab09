import Postgres
import Synchronization

/// What a fan-out has done by now, counted by all its workers.
final class FanOutTally: Sendable {
    private struct State {
        var migrated = 0
        var upToDate = 0
        var migrations = 0
        var failed: [String] = []
        var refused = 0
        var unreachable = 0
        var interrupted = 0
    }

    private let deed: FanOutSummary.Deed
    private let state = Mutex(State())
    private let start = ContinuousClock.now

    init(of deed: FanOutSummary.Deed) {
        self.deed = deed
    }

    /// Counts a target that is where it should be.
    func add(_ summary: RunSummary) {
        state.withLock { state in
            if summary.isEmpty { state.upToDate += 1 } else { state.migrated += 1 }
            state.migrations += summary.migrations.count
        }
    }

    /// Counts a target whose history was repaired.
    func add(_ repairs: [Repair]) {
        state.withLock { state in
            if repairs.isEmpty { state.upToDate += 1 } else { state.migrated += 1 }
            state.migrations += repairs.count
        }
    }

    /// Counts a target that was looked at.
    func add(_ standing: TargetStanding) {
        state.withLock { $0.upToDate += 1 }
    }

    /// Counts a target that failed.
    func add(_ error: any Error, of target: String) {
        state.withLock { state in
            state.failed.append(target)
            switch error {
            case let error as MigratorError:
                if error.isRefusal { state.refused += 1 }
                if error.code == .interrupted { state.interrupted += 1 }
            case let error as PostgresError where error.code == .connectionFailed: state.unreachable += 1
            case is CancellationError: state.interrupted += 1
            default: break
            }
        }
    }

    /// Whether no target failed.
    var isClean: Bool { state.withLock { $0.failed.isEmpty } }

    /// The sum, of so many targets.
    func summary(of count: Int) -> FanOutSummary {
        state.withLock { state in
            FanOutSummary(
                deed: deed,
                count: count,
                migratedCount: state.migrated,
                upToDateCount: state.upToDate,
                failed: state.failed,
                migrationCount: state.migrations,
                duration: start.duration(to: .now)
            )
        }
    }

    /// The error that a fan-out with failures ends with; nil without any.
    func failure(_ summary: FanOutSummary, noun: String) -> MigratorError? {
        guard !summary.failed.isEmpty else { return nil }
        let code: MigratorError.Code = state.withLock { state in
            switch summary.failed.count {
            case state.refused: .targetsRefused
            case state.unreachable where summary.count == state.unreachable: .targetsUnreachable
            default: .targetsFailed
            }
        }
        return .targetsFailed(summary, code: code, noun: noun)
    }
}
