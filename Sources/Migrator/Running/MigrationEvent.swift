public import Postgres

/// Something that a run reports while it goes on.
public enum MigrationEvent: Hashable, Sendable {
    /// Another runner is at work, and this one waits for it.
    case waiting(LockHolder?)
    /// The history's table is locked by others, and the run waits for them.
    case historyLocked([Blocker])
    /// Another tool's history table became Lastro's.
    case tookOver(Takeover)
    /// A migration begins.
    case started(MigrationStep)
    /// A migration is in the database, with its row in the history.
    case applied(MigrationStep, Duration)
    /// A squashed file is in the history and did not run, since these migrations that it replaces ran.
    case adopted(MigrationStep, replaced: [String])
    /// A migration was taken back.
    case undone(MigrationStep, Duration)
    /// A migration has been running for a while: how it gets on, and who holds it up.
    case working(MigrationStep, WorkProgress)
    /// A migration met a lock, was rolled back, and is tried again after a pause.
    case retrying(MigrationStep, attempt: Int, pause: Duration, blockers: [Blocker])
    /// A migration is about to lock tables that are in use, and this is in its way.
    case lockAhead(MigrationStep, LockOutlook)
    /// A migration held a lock on tables that were there before the run; it is committed.
    case lockHeld(MigrationStep, LockHold)
    /// Sessions of runs whose runner is gone still work on this history; they are waited for, or ended.
    case orphans(MigrationStep, [Blocker], isEnding: Bool)
    /// A migration that runs step by step goes on where an earlier run stopped.
    case resumed(MigrationStep, step: Int, of: Int)
    /// A step of such a migration is done.
    case stepDone(MigrationStep, step: Int, of: Int)
    /// A batched migration has done a range.
    case batchDone(MigrationStep, BackfillProgress)
    /// Something that the user should know, about a migration if one is named.
    case remark(String?, String)
    /// IF NOT EXISTS made statements of a migration do nothing; each was compared with what was there.
    case skipped(MigrationStep, [SkippedStatement])
    /// The server sent a notice while a migration ran.
    case notice(MigrationStep, ServerReport)
    /// The run is at its end, and what it did is on disk.
    case finished(RunSummary)
}

/// One migration of a run.
public struct MigrationStep: Hashable, Sendable {
    /// The migration's name.
    public let name: String
    /// Its place in the run, counted from 1.
    public let number: Int
    /// How many migrations the run has.
    public let count: Int
}

/// What a run did.
public struct RunSummary: Hashable, Sendable {
    /// The migrations that it applied or took back, in that order.
    public let migrations: [String]
    /// The squashed files that it recorded and did not run.
    public var adopted: [String] = []
    /// How long it took.
    public let duration: Duration
    /// How many migrations are applied now.
    public let appliedCount: Int
    /// How many are pending now, behind the run's target.
    public let pendingCount: Int

    /// Whether it found nothing to do.
    public var isEmpty: Bool { migrations.isEmpty && adopted.isEmpty }
}

/// A run of migrations, as the sequence of its events.
///
/// The run begins with the first ``Iterator/next()`` and ends with ``MigrationEvent/finished(_:)`` or an error. When
/// the task that iterates is cancelled, the migration under way is rolled back first, then the error comes.
public struct MigrationRun: AsyncSequence, Sendable {
    /// One event.
    public typealias Element = MigrationEvent

    typealias Emit = @Sendable (MigrationEvent) -> Void

    let operation: @Sendable (@escaping Emit) async throws -> RunSummary

    /// An iterator of a run of its own.
    public func makeAsyncIterator() -> Iterator { Iterator(operation: operation) }

    /// Carries the run out from first to last, without looking at its events.
    @discardableResult
    public func callAsFunction() async throws -> RunSummary {
        try await operation { _ in }
    }

    /// Drives a run.
    public struct Iterator: AsyncIteratorProtocol {
        private let operation: @Sendable (@escaping Emit) async throws -> RunSummary
        private var execution: EventExecution<MigrationEvent>?

        init(operation: @escaping @Sendable (@escaping Emit) async throws -> RunSummary) {
            self.operation = operation
        }

        /// The next event; nil behind the last one.
        public mutating func next() async throws -> MigrationEvent? {
            let execution =
                self.execution
                ?? EventExecution { [operation] emit in emit(.finished(try await operation(emit))) }
            self.execution = execution
            return try await execution.next()
        }
    }
}
