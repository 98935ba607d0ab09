import CLibpq
import Dispatch

extension PostgresConnection {
    /// Listens on channels and gives each notification as it comes (PostgreSQL manual, LISTEN).
    ///
    /// Other statements may run on the connection meanwhile; what comes with them is kept. Iteration ends with an
    /// error when the connection is cut: what was sent meanwhile is lost, so read what you watch anew after
    /// reconnecting.
    ///
    /// - Throws: ``PostgresError``, when the server refuses to listen.
    public nonisolated func notifications(on channels: String...) async throws -> Notifications {
        for channel in channels {
            try await query("LISTEN \(try await quotedIdentifier(channel))")
        }
        return Notifications(connection: self)
    }

    /// A name in quotes, as libpq quotes it for this connection's encoding.
    func quotedIdentifier(_ name: String) throws(PostgresError) -> String {
        let handle = try handle()
        guard let quoted = PQescapeIdentifier(handle.pointer, name, name.utf8.count) else { throw handle.lost() }
        defer { PQfreemem(quoted) }
        return String(cString: quoted)
    }

    fileprivate func nextNotification() async throws -> PostgresNotification {
        while true {
            try Task.checkCancellation()
            let handle = try handle()
            guard PQconsumeInput(handle.pointer) == 1 else { throw handle.lost() }
            if let notification = PQnotifies(handle.pointer) {
                defer { PQfreemem(notification) }
                return PostgresNotification(
                    channel: String(cString: notification.pointee.relname),
                    payload: String(cString: notification.pointee.extra),
                    senderPID: Int(notification.pointee.be_pid)
                )
            }
            try await readable(socket: PQsocket(handle.pointer))
        }
    }

    /// Waits until the socket has something to read, without holding up the connection's queue.
    private func readable(socket: Int32) async throws {
        let source = DispatchSource.makeReadSource(fileDescriptor: socket, queue: executor.queue)
        let arrival = OneShot<Void>()
        source.setEventHandler { arrival.end(with: .success(())) }
        source.resume()
        notificationWait = arrival
        defer {
            source.cancel()
            notificationWait = nil
        }
        try await arrival.value()
    }
}

/// A message that a session sent with NOTIFY.
public struct PostgresNotification: Hashable, Sendable {
    /// The channel.
    public let channel: String
    /// The text; empty where none was given.
    public let payload: String
    /// The server process of the session that sent it.
    public let senderPID: Int
}

/// The notifications that come in on a connection.
public struct Notifications: AsyncSequence, Sendable {
    /// One notification.
    public typealias Element = PostgresNotification

    let connection: PostgresConnection

    /// Starts where the connection stands: what was sent since LISTEN comes first.
    public func makeAsyncIterator() -> Iterator { Iterator(connection: connection) }

    /// Waits for notifications one by one.
    public struct Iterator: AsyncIteratorProtocol {
        let connection: PostgresConnection

        /// The next notification.
        ///
        /// - Throws: `CancellationError`; ``PostgresError`` when the connection is cut or closed.
        public mutating func next() async throws -> PostgresNotification? {
            try await connection.nextNotification()
        }
    }
}
