import CLibpq
import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension PostgresConnection {
    /// Opens a connection, and goes on trying while no server answers or it is still starting up.
    ///
    /// A pooler lets clients in while its server is down, so with a patience the server is asked for an answer, too.
    ///
    /// Between tries it sleeps from 50 ms up to 2 s, with jitter. A server that answers and refuses (a wrong
    /// password, no such database) ends the wait at once: time does not mend that.
    ///
    /// - Throws: ``PostgresError`` with code `connection-failed`; `CancellationError`.
    public static func open(
        _ settings: ConnectionSettings,
        waitingUpTo patience: Duration
    ) async throws -> PostgresConnection {
        let clock = ContinuousClock()
        let start = clock.now
        var pause = Duration.milliseconds(50)
        var hasAnswered = false
        while true {
            do {
                let connection = try await open(settings)
                guard patience > .zero else { return connection }
                try await connection.checkServer(within: patience - start.duration(to: clock.now))
                return connection
            } catch let error as PostgresError where error.code == .connectionFailed {
                let waited = start.duration(to: clock.now)
                guard patience > .zero else { throw error }
                let isAnswered = error.isUnserved ? false : try await isAnswering(settings)
                if isAnswered, !error.message.contains("too many clients") {
                    // It may have come up since it was tried: only what fails with a server that answers is final.
                    if hasAnswered { throw error }
                    hasAnswered = true
                    continue
                }
                hasAnswered = false
                guard waited < patience else { throw PostgresError.databaseNotReady(after: waited, last: error) }
                try await clock.sleep(for: min(pause * Double.random(in: 0.75...1.25), patience - waited))
                pause = min(pause * 1.6, .seconds(2))
            }
        }
    }

    /// Waits until the server answers an empty statement.
    ///
    /// - Throws: ``PostgresError`` with code `connection-failed`, and the connection closed, if it does not do so in time.
    private func checkServer(within patience: Duration) async throws {
        do {
            try await interruptible { connection in
                let handle = try connection.handle()
                try handle.send(script: "")
                // A cancel request does not find a statement that waits in a pooler, so the wait is cut into pieces.
                let end = ContinuousClock.now + max(patience, .seconds(1))
                while true {
                    var look = pollfd(fd: PQsocket(handle.pointer), events: Int16(POLLIN), revents: 0)
                    if poll(&look, 1, 100) != 0 { break }
                    try Task.checkCancellation()
                    guard ContinuousClock.now < end else { throw PostgresError.serverSilent() }
                }
                _ = try handle.scriptResults(of: "", copyData: [])
            }
        } catch {
            close()
            throw error
        }
    }

    /// Whether a server answers, asked on a queue: libpq blocks meanwhile, and the threads for tasks are few.
    private static func isAnswering(_ settings: ConnectionSettings) async throws -> Bool {
        let answer = OneShot<Bool>()
        DispatchQueue(label: "lastro.postgres.ping", qos: .userInitiated).async {
            answer.end(with: .success(ConnectionHandle.isAnswering(settings.with("connect_timeout", "2"))))
        }
        return try await answer.value()
    }

    /// Returns when a server answers, however it answers; at once if it does so already.
    ///
    /// No connection is made for that: a server is asked without a name or a password (PostgreSQL manual, `PQpingParams`).
    ///
    /// - Parameters:
    ///   - settings: where the server is.
    ///   - patience: how long to wait; `.zero` looks at nothing.
    ///   - onWait: is called once if there is no answer at first.
    /// - Throws: ``PostgresError`` with code `connection-failed`; `CancellationError`.
    public static func waitForServer(
        at settings: ConnectionSettings,
        upTo patience: Duration,
        onWait: () -> Void
    ) async throws {
        guard patience > .zero, try await !isAnswering(settings) else { return }
        onWait()
        try await open(settings, waitingUpTo: patience).close()
    }
}
