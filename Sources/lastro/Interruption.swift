import Dispatch
import Synchronization
import SystemPackage

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
    var description: String { cause is CancellationError ? "the command was interrupted" : "\(cause)" }
}

/// Turns Ctrl-C, SIGTERM and the end of the terminal (SIGHUP) into the cancellation of the command.
///
/// It is armed when a run begins to change something: the statement under way is then stopped on the server and rolled
/// back before the program ends, and a second signal ends the program at once. Before that the signals do what they
/// always do, since there is nothing to clean up.
final class Interruptions: Sendable {
    /// Those of this program.
    static let shared = Interruptions()

    private struct State {
        var task: Task<Void, any Error>?
        /// What the signals did before, if they are watched.
        var before: [Int32: sigaction] = [:]
        var source: (any DispatchSourceRead)?
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
            if let received { throw Interruption(signal: received, cause: error) }
            throw error
        }
    }

    /// The signal that came, if one came since the signals are watched.
    var received: Int32? {
        let number = receivedSignal.load(ordering: .sequentiallyConsistent)
        return number == 0 ? nil : number
    }

    /// Begins to watch for signals.
    func arm() {
        state.withLock { state in
            // Without a pipe Ctrl-C goes on doing what it did.
            guard state.source == nil, let ends = try? FileDescriptor.pipe() else { return }
            for end in [ends.readEnd, ends.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
            wakingEnd.store(ends.writeEnd.rawValue, ordering: .sequentiallyConsistent)
            let source = DispatchSource.makeReadSource(fileDescriptor: ends.readEnd.rawValue)
            source.setEventHandler { [self] in
                source.suspend()
                self.state.withLock { $0.task }?.cancel()
            }
            source.resume()
            state.source = source
            // Output that nobody reads any more must not end a migration in the middle either.
            state.before[SIGPIPE] = replace(SIGPIPE, handler: SIG_IGN)
            for number in [SIGINT, SIGTERM] { state.before[number] = replace(number, handler: noteSignal) }
            // Of a terminal that closes; nohup and others see to it that it is of no interest.
            if !isIgnored(SIGHUP) { state.before[SIGHUP] = replace(SIGHUP, handler: noteSignal) }
        }
    }

    /// Gives the signals back as they were, for the program that is about to take this one's place.
    ///
    /// From here on a signal ends the process at once. It must not be caught any more: while the kernel replaces the
    /// program, other threads go on, and what one of them catches then is lost.
    func handOver() {
        isHandingOver.store(true, ordering: .sequentiallyConsistent)
        state.withLock { state in
            for (number, action) in state.before {
                var action = action
                // The first process of a container is ended by what it catches only. What it catches, the new program does
                // not inherit.
                if getpid() != 1 || action.isIgnoring || number == SIGPIPE { sigaction(number, &action, nil) }
            }
        }
    }

    private func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        return action.isIgnoring
    }

    private func replace(_ number: Int32, handler: @escaping @convention(c) (Int32) -> Void) -> sigaction {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART
        var before = sigaction()
        sigaction(number, &action, &before)
        return before
    }
}

extension sigaction {
    /// Whether the signal is ignored: SIG_IGN cannot be compared with.
    fileprivate var isIgnoring: Bool { unsafeBitCast(__sigaction_handler.sa_handler, to: Int.self) == 1 }
}

// A signal's handler reaches nothing but globals.
private let receivedSignal = Atomic<Int32>(0)
private let wakingEnd = Atomic<Int32>(-1)
private let isHandingOver = Atomic(false)

/// The signals' handler, which does only what a handler may (signal-safety(7)).
private func noteSignal(_ number: Int32) {
    let (isFirst, _) = receivedSignal.compareExchange(
        expected: 0,
        desired: number,
        ordering: .sequentiallyConsistent
    )
    guard isFirst, !isHandingOver.load(ordering: .sequentiallyConsistent) else { _exit(128 + number) }
    let error = errno
    var byte: UInt8 = 0
    _ = write(wakingEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = error
}
