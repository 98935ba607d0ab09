import Dispatch

extension ConnectionHandle {
    /// Opens a connection on a queue without holding up the caller's task.
    ///
    /// libpq's own connect is used because it alone goes through several hosts with a time limit each. It cannot be
    /// interrupted: a cancelled caller leaves at once, and the connection is closed when the attempt has ended.
    static func open(_ settings: ConnectionSettings, on queue: DispatchQueue) async throws -> ConnectionHandle {
        let attempt = OneShot<ConnectionHandle>()
        queue.async {
            attempt.end(with: Result { try ConnectionHandle(settings: settings) })
        }
        return try await attempt.value()
    }
}
