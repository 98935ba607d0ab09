import Glibc

/// A port of this machine where connections are taken and nothing is ever said.
final class SilentListener: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isListening else { throw NoListener() }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        close(descriptor)
    }

    struct NoListener: Error {}

    /// Waits for the next connection, which stays open until this process ends.
    func accepted() async throws -> Bool {
        try await eventually { accept(descriptor, nil, nil) >= 0 }
    }

    /// Waits for the next connection, and closes it.
    func turnedAway() async throws -> Bool {
        try await eventually {
            let connection = accept(descriptor, nil, nil)
            return connection >= 0 && close(connection) == 0
        }
    }
}
