import Synchronization

/// Something that a fan-out reports while it goes on.
public enum FanOutEvent: Sendable {
    /// It is known how many targets there are.
    case listed(count: Int)
    /// A target's migrations begin.
    case started(String)
    /// Something that a target's run reports.
    case event(String, MigrationEvent)
    /// A target is where it should be; with no migrations in the summary it was there already.
    case finished(String, RunSummary)
    /// Where a target stands.
    case looked(String, TargetStanding)
    /// A target's history was repaired, or would be; there is nothing in it where none was needed.
    case repaired(String, [Repair])
    /// A target could not be migrated, or not be looked at.
    case failed(String, any Error)
    /// The canaries are done, and the others begin.
    case canaryPassed([String])
    /// The fan-out is at its end; an error follows if a target failed.
    case ended(FanOutSummary)
}

/// Where one of many targets stands.
public struct TargetStanding: Hashable, Sendable {
    /// How many migrations are applied.
    public let appliedCount: Int
    /// The migrations that would run, in order.
    public let pending: [String]
    /// The migrations that count as run and whose files' checksums are not known.
    public let unverified: [String]
    /// What stands in the way; while there is any, nothing runs there.
    public let problems: [MigratorError]

    /// Whether there is nothing to do, and nothing in the way.
    public var isUpToDate: Bool { pending.isEmpty && problems.isEmpty }
}

/// What a fan-out did.
public struct FanOutSummary: Hashable, Sendable {
    /// What is done with targets.
    public enum Deed: String, Hashable, Sendable {
        /// They are brought forward, or looked at.
        case migrated
        /// They are taken back.
        case undone
        /// Their histories are repaired, or would be.
        case repaired
    }

    /// What was done with targets.
    public let deed: Deed
    /// How many targets there are.
    public let count: Int
    /// With how many targets it did that.
    public let migratedCount: Int
    /// How many were where they should be already.
    public let upToDateCount: Int
    /// The targets that failed, in the order in which they did.
    public let failed: [String]
    /// How many migrations it applied, all targets together.
    public let migrationCount: Int
    /// How long it took.
    public let duration: Duration

    /// How many targets it did not come to.
    public var notBegunCount: Int { count - migratedCount - upToDateCount - failed.count }
}

/// A fan-out as the sequence of its events.
///
/// It begins with the first ``Iterator/next()``. It ends with ``FanOutEvent/ended(_:)``, and behind that with an error if a
/// target failed. When the task that iterates is cancelled, what is under way is rolled back everywhere first.
public struct FanOutRun: AsyncSequence, Sendable {
    /// One event.
    public typealias Element = FanOutEvent

    let operation: @Sendable (EventSink) async throws -> Void

    /// An iterator of a run of its own.
    public func makeAsyncIterator() -> Iterator { Iterator(operation: operation) }

    /// Carries the fan-out out from first to last, without looking at its events.
    @discardableResult
    public func callAsFunction() async throws -> FanOutSummary? {
        var summary: FanOutSummary?
        for try await event in self {
            if case .ended(let end) = event { summary = end }
        }
        return summary
    }

    /// Drives a fan-out.
    public struct Iterator: AsyncIteratorProtocol {
        private let operation: @Sendable (EventSink) async throws -> Void
        private let backlog = Backlog()
        private var execution: EventExecution<FanOutEvent>?

        init(operation: @escaping @Sendable (EventSink) async throws -> Void) {
            self.operation = operation
        }

        /// The next event; nil behind the last one.
        public mutating func next() async throws -> FanOutEvent? {
            let execution =
                self.execution
                ?? EventExecution { [operation, backlog] emit in
                    try await operation(EventSink(backlog: backlog, emit: emit))
                }
            self.execution = execution
            let event = try await execution.next()
            backlog.count.subtract(1, ordering: .relaxed)
            return event
        }
    }
}

/// How many events nobody has taken yet.
final class Backlog: Sendable {
    let count = Atomic(0)
}

/// Where the events of a fan-out go.
struct EventSink: Sendable {
    let backlog: Backlog
    let emit: @Sendable (FanOutEvent) -> Void

    func callAsFunction(_ event: FanOutEvent) {
        backlog.count.add(1, ordering: .relaxed)
        emit(event)
    }

    /// Waits while whoever takes the events is far behind, so that their number stays bounded however many targets there
    /// are.
    func waitForRoom() async throws {
        while backlog.count.load(ordering: .relaxed) > 2000 { try await Task.sleep(for: .milliseconds(5)) }
    }
}
