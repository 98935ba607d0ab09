import Dispatch
import Migrator
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The end of a command that a signal stopped, after it has cleaned up.
struct Interruption: Error, CustomStringConvertible {
    let signal: Int32
    let cause: any Error

    /// What became of the work, or that there was none.
    var description: String { cause is CancellationError ? "interrupted" : "\(cause)" }
}

/// Runs a command, and cancels it on Ctrl-C or SIGTERM.
///
/// The statement under way is stopped on the server and rolled back before the program ends. A second signal ends the
/// program at once.
func untilInterrupted(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let received = Mutex<Int32?>(nil)
    let task = Task { try await body() }
    let sources = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
        source.setEventHandler {
            let isSecond = received.withLock { received in
                defer { received = number }
                return received != nil
            }
            if isSecond { _exit(128 + number) }
            task.cancel()
        }
        source.resume()
        return source
    }
    // Output that nobody reads any more must not end a migration in the middle.
    signal(SIGPIPE, SIG_IGN)
    defer { sources.forEach { $0.cancel() } }
    do {
        try await task.value
    } catch {
        if let signal = received.withLock({ $0 }) { throw Interruption(signal: signal, cause: error) }
        throw error
    }
}
