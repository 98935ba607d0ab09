import CLibpq
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A look at a connection's socket from any thread, without a call into libpq.
final class SocketLook: Sendable {
    private let socket: Mutex<Int32?>

    init(at connection: OpaquePointer) {
        socket = Mutex(PQsocket(connection))
    }

    /// Whether the other end is still there; once ``end()`` was called it is not.
    var isConnected: Bool {
        socket.withLock { socket in
            guard let socket else { return false }
            // POLLRDHUP, which the importer does not know by name: the server hung up, whatever it sent before.
            let hungUp = Int16(0x2000)
            var look = pollfd(fd: socket, events: hungUp, revents: 0)
            let count = poll(&look, 1, 0)
            return count == 0 || count < 0 && errno == EINTR
        }
    }

    /// The socket is about to be closed; its number may soon be another's.
    func end() {
        socket.withLock { $0 = nil }
    }
}
