import SQLSyntax
import Synchronization

/// Takes the time that a transaction holds its strongest lock.
///
/// The server answers a script as a whole, so the clock starts when the part goes out that begins with the first
/// statement which takes that lock. What comes before it in the file is sent ahead: one round trip more, only here.
final class LockClock: Sendable {
    let step: MigrationStep
    let scan: LockScan
    private let start = Mutex<ContinuousClock.Instant?>(nil)

    init(_ scan: LockScan, in step: MigrationStep) {
        self.scan = scan
        self.step = step
    }

    /// The clock starts now, or starts again.
    func begin() {
        start.withLock { $0 = .now }
    }

    /// The statement before which the clock starts; nil for the first one of a text.
    func start(in statements: Range<Int>) -> Int? {
        guard let first = scan.firstOfStrongest, statements.contains(first), first > statements.lowerBound else {
            return nil
        }
        return first
    }

    /// What was held until now.
    ///
    /// - Parameters:
    ///   - absent: names of what was not there before the script, as the server has said meanwhile.
    ///   - wait: when the transaction was last seen to wait for such a lock. With a single table it did not hold the
    ///     lock before; with several it held the others.
    /// - Returns: the strongest lock with its tables and time; nil if none was held.
    func hold(without absent: Set<QualifiedName>, lastWait wait: ContinuousClock.Instant?) -> LockHold? {
        let demands = scan.without(absent).demands
        guard let strongest = demands.map(\.lock).max(), var start = start.withLock({ $0 }) else { return nil }
        if demands.count == 1, let wait { start = max(start, wait) }
        return LockHold(
            lock: strongest,
            tables: demands.filter { $0.lock == strongest }.map { "\($0.relation)" },
            duration: start.duration(to: .now)
        )
    }
}
