import CLibpq
import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension PostgresConnection {
    /// Listens on channels and gives each notification as it comes (PostgreSQL manual, LISTEN).
    ///
    /// Other statements may run on the connection meanwhile; what comes with their answers is given, too. While data of
    /// a COPY comes or goes, notifications wait for its end. Iteration ends with an error when the connection is cut:
    /// what was sent meanwhile is lost, so read what you watch anew after reconnecting.
    ///
    /// All notifications of the connection come here, whichever call asked for their channel; one task at a time may
    /// wait for them.
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
        guard !name.utf8.contains(0) else { throw .containsNUL() }
        let handle = try handle()
        guard let quoted = PQescapeIdentifier(handle.pointer, name, name.utf8.count) else { throw handle.lost() }
        defer { PQfreemem(quoted) }
        return String(cString: quoted)
    }

    fileprivate func nextNotification() async throws -> PostgresNotification {
        while true {
            try Task.checkCancellation()
            guard notificationWait == nil else { throw PostgresError.secondListener() }
            endAbandonedCopy()
            let handle = try handle()
            let isReadHere = occupation.isNone
            if isReadHere, PQconsumeInput(handle.pointer) != 1 { throw handle.lost() }
            if let notification = PQnotifies(handle.pointer) {
                defer { PQfreemem(notification) }
                return PostgresNotification(
                    channel: String(cString: notification.pointee.relname),
                    payload: String(cString: notification.pointee.extra),
                    senderPID: Int(notification.pointee.be_pid)
                )
            }
            let arrival = OneShot<Void>()
            notificationWait = arrival
            defer { notificationWait = nil }
            // What comes in during a COPY is for whoever reads that, and it ends in a call that wakes us.
            let watch = isReadHere ? try watch(PQsocket(handle.pointer), arrival) : nil
            defer { watch?.cancel() }
            try await arrival.value()
        }
    }

    /// Ends a wait when a socket has something to read, without holding up the connection's queue meanwhile.
    private func watch(
        _ socket: Int32,
        _ arrival: OneShot<Void>
    ) throws(PostgresError) -> any DispatchSourceRead {
        // One of our own: libpq may close its descriptor, and the number go to another file, before the source ends.
        let descriptor = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw .unwatchable(String(cString: strerror(errno))) }
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: executor.queue)
        source.setEventHandler { arrival.end(with: .success(())) }
        source.setCancelHandler { closeDescriptor(descriptor) }
        source.resume()
        return source
    }
}

private func closeDescriptor(_ descriptor: Int32) {
    close(descriptor)
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
