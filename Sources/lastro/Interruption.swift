import Dispatch
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

/// Turns Ctrl-C and SIGTERM into the cancellation of the command.
///
/// It is armed when a run begins to change something: the statement under way is then stopped on the server and rolled
/// back before the program ends, and a second signal ends the program at once. Before that the signals do what they
/// always do, since there is nothing to clean up.
final class Interruptions: Sendable {
    /// Those of this program.
    static let shared = Interruptions()

    private struct State {
        var task: Task<Void, any Error>?
        var received: Int32?
        var sources: [any DispatchSourceSignal] = []
    }

    private let state = Mutex(State())

    /// Runs a command as the one that is cancelled.
    ///
    /// - Throws: what the command throws; ``Interruption`` around it if a signal came.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task { try await body() }
        state.withLock { $0.task = task }
        do {
            try await task.value
        } catch {
            if let signal = state.withLock({ $0.received }) { throw Interruption(signal: signal, cause: error) }
            throw error
        }
    }

    /// Begins to watch for signals.
    func arm() {
        state.withLock { state in
            guard state.sources.isEmpty else { return }
            // Output that nobody reads any more must not end a migration in the middle either.
            signal(SIGPIPE, SIG_IGN)
            state.sources = [SIGINT, SIGTERM].map(watch)
        }
    }

    private func watch(_ number: Int32) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
        source.setEventHandler { [self] in
            let task = state.withLock { state -> Task<Void, any Error>? in
                if state.received != nil { _exit(128 + number) }
                state.received = number
                return state.task
            }
            task?.cancel()
        }
        source.resume()
        return source
    }
}
