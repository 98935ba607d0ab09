import CLibpq
import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Stops the statement that runs on one connection, from any thread.
///
/// A cancel request names a connection, not a statement: one that is late would stop the next statement. So it is
/// sent under a lock that the statement's end takes too, and only while its own statement runs. A request that
/// reaches the server before the statement does is ignored there, so it is repeated until the statement has ended.
final class Canceller: @unchecked Sendable {  // PQcancel may be called from any thread, the rest is in the Mutex
    private struct State {
        var running = false
        var statement: UInt64 = 0
        var wasSent = false
    }

    private let handle: OpaquePointer?
    private let state = Mutex(State())

    init(connection: OpaquePointer) {
        handle = PQgetCancel(connection)
    }

    deinit {
        PQfreeCancel(handle)
    }

    func begin() {
        state.withLock {
            $0.running = true
            $0.statement += 1
            $0.wasSent = false
        }
    }

    /// Marks the statement's end.
    ///
    /// - Returns: whether a cancel request was sent for it.
    func finish() -> Bool {
        state.withLock {
            $0.running = false
            return $0.wasSent
        }
    }

    /// Asks the server to stop the running statement, and keeps asking until it has ended; returns at once.
    func cancel() {
        let statement = state.withLock { $0.running ? $0.statement : nil }
        guard let statement else { return }
        DispatchQueue.global(qos: .userInitiated).async {
            var pause: UInt32 = 5_000
            while self.send(for: statement) {
                usleep(pause)
                pause = min(pause * 2, 500_000)
            }
        }
    }

    /// Sends one request if the statement still runs.
    private func send(for statement: UInt64) -> Bool {
        state.withLock { state in
            guard state.running, state.statement == statement else { return false }
            state.wasSent = true
            _ = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { words in
                PQcancel(handle, words.baseAddress, Int32(words.count))
            }
            return true
        }
    }
}
