import Dispatch
import Foundation
import Synchronization

/// How long an application may take to end, whatever runs in it.
public struct ShutdownLimits: Hashable, Sendable {
    /// How long its parts have to end by themselves.
    public var graceful = Duration.seconds(20)
    /// How long they have after they were cancelled; then the process ends, with status 1.
    public var cancellation = Duration.seconds(5)
    /// How long everything goes on when readiness has become 503, so that those who send requests notice; a ``DrainingService``
    /// ends meanwhile.
    public var drainDelay = Duration.zero

    /// Makes limits: 20 s, 5 s more after cancellation, no delay.
    public init() {}

    var total: Duration { graceful + cancellation }

    /// Those of the application that the task belongs to.
    @TaskLocal static var current: ShutdownLimits?
}

/// Ends the process some time after a signal, even if no task gets a thread any more.
final class ShutdownDeadline: Sendable {
    private enum State {
        case waiting
        case armed
        case over
    }

    private let queue = DispatchQueue(label: "lastro.shutdown", qos: .userInitiated)
    private let limits: ShutdownLimits
    private let state = Mutex(State.waiting)
    private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []  // written before anybody else has it

    init(_ limits: ShutdownLimits, signals: [Int32]) {
        self.limits = limits
        sources = signals.map { signal in
            let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
            source.setEventHandler { [weak self] in self?.arm() }
            source.activate()
            return source
        }
    }

    /// Starts the time; the first signal counts.
    private func arm() {
        let isFirst = state.withLock { state -> Bool in
            guard state == .waiting else { return false }
            state = .armed
            return true
        }
        guard isFirst else { return }
        queue.asyncAfter(deadline: .now() + limits.total / .seconds(1)) { [weak self] in
            guard let self, state.withLock({ $0 }) == .armed else { return }
            let words = "the application did not end within \(limits.total): it is ended\n"
            _ = words.withCString { write(2, $0, strlen($0)) }
            _exit(1)
        }
    }

    /// The application has ended by itself.
    func stop() {
        state.withLock { $0 = .over }
        for source in sources { source.cancel() }
    }
}
