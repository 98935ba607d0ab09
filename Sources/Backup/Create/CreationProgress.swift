import Postgres
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How far a backup has come; its workers tell, and anybody may ask.
public final class CreationProgress: Sendable {
    private let state = Mutex(State())
    /// How many bytes may be read in a second; nil for as many as come.
    private let maximumRate: Int?

    private struct State {
        var totalBytes = 0
        var doneBytes = 0
        var bytes = 0
        var rows = 0
        var workers: [Int: (table: String, bytes: Int)] = [:]
        var start = ContinuousClock.now
        /// When the next bytes may be read.
        var next = ContinuousClock.now
        var isStopped = false
        var horizonAge: Int?
    }

    init(maximumRate: Int?) {
        self.maximumRate = maximumRate
    }

    /// How far it has come.
    public struct Report: Hashable, Sendable {
        /// What was read so far, as text.
        public let bytes: Int
        /// The rows that were read so far.
        public let rows: Int
        /// Which share of the tables' pages is read, from 0 to 1.
        public let share: Double
        /// The bytes read in a second, on the average.
        public let rate: Double
        /// How long the rest will take at this rate; nil while nobody can tell.
        public let remaining: Duration?
        /// How many transactions began since the oldest one that the snapshot keeps VACUUM from; nil while it is not known.
        public let horizonAge: Int?
        /// What each session reads, in their order.
        public let workers: [Worker]

        /// What a session reads.
        public struct Worker: Hashable, Sendable {
            /// The session's number, from 1.
            public let number: Int
            /// The table.
            public let table: String
            /// The bytes of this part so far, as text.
            public let bytes: Int
        }
    }

    /// How far it has come by now.
    public var report: Report {
        state.withLock { state in
            let elapsed = ContinuousClock.now - state.start
            let seconds = Double(elapsed.milliseconds) / 1000
            let share = state.totalBytes > 0 ? min(1, Double(state.doneBytes) / Double(state.totalBytes)) : 0
            return Report(
                bytes: state.bytes,
                rows: state.rows,
                share: share,
                rate: seconds > 0 ? Double(state.bytes) / seconds : 0,
                remaining: share > 0.01 ? .seconds(seconds / share * (1 - share)) : nil,
                horizonAge: state.horizonAge,
                workers: state.workers.sorted { $0.key < $1.key }.map {
                    Report.Worker(number: $0.key, table: $0.value.table, bytes: $0.value.bytes)
                }
            )
        }
    }

    /// Begins with the data.
    func begin(totalBytes: Int) {
        state.withLock { state in
            let horizonAge = state.horizonAge
            state = State(totalBytes: totalBytes)
            state.horizonAge = horizonAge
        }
    }

    /// Takes how far back the snapshot reaches.
    func setHorizonAge(_ age: Int?) {
        state.withLock { $0.horizonAge = age }
    }

    /// Lets nobody wait any longer for the rate's sake.
    func stop() {
        state.withLock { $0.isStopped = true }
    }

    /// One session's part in it.
    struct Worker: Sendable {
        let progress: CreationProgress
        let number: Int

        func begin(_ unit: WorkUnit) {
            progress.state.withLock { $0.workers[number] = (unit.name, 0) }
        }

        func end(of unit: WorkUnit) {
            progress.state.withLock { state in
                state.workers[number] = nil
                state.doneBytes += unit.bytes
            }
        }

        /// Counts what was read.
        ///
        /// - Returns: when the session may read on.
        func add(bytes: Int, rows: Int) -> ContinuousClock.Instant {
            progress.state.withLock { state in
                state.bytes += bytes
                state.rows += rows
                state.workers[number]?.bytes += bytes
                guard let rate = progress.maximumRate else { return .now }
                state.next = max(state.next, .now) + .seconds(Double(bytes) / Double(rate))
                return state.next
            }
        }

        /// Blocks a thread of the session's own until it may read on; a cancelled backup does not wait with it.
        func block(until due: ContinuousClock.Instant) throws {
            while case let rest = due - .now, rest > .zero {
                if progress.state.withLock(\.isStopped) { throw CancellationError() }
                usleep(UInt32(min(50, rest.milliseconds + 1) * 1000))
            }
        }
    }
}
