public import Postgres
import Synchronization
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Where a connection breaks, as seen from the moment at which a text is on its way to the server.
public enum ConnectionCut: Hashable, Sendable {
    /// The text does not reach the server.
    case beforeSending(String)
    /// The text reaches the server, and the connection is cut while the server works on it.
    case afterSending(String)
    /// The text reaches the server, which carries it out to the answer; the answer gets lost.
    case beforeAnswer(String, answer: String)
}

/// Puts a proxy before a server that cuts one connection, once, and then lets everything through.
///
/// - Parameters:
///   - settings: the database.
///   - cut: where the connection breaks.
///   - body: the test, with settings that reach the database through the proxy.
/// - Returns: what the test returns, and whether the connection was cut.
/// - Throws: what the test throws, or what keeps the proxy from listening.
public func withCuttingProxy<Result>(
    to settings: ConnectionSettings,
    _ cut: ConnectionCut,
    _ body: (ConnectionSettings) async throws -> Result
) async throws -> (result: Result, isCut: Bool) {
    try await withProxy(to: settings, cut: cut) { settings, proxy in (try await body(settings), proxy.isCut) }
}

/// Puts a proxy before a server behind which the network falls silent when a test says so.
///
/// - Parameters:
///   - settings: the database.
///   - body: the test, with settings that reach the database through the proxy, and what makes it silent.
/// - Returns: what the test returns.
/// - Throws: what the test throws, or what keeps the proxy from listening.
public func withSilentProxy<Result>(
    to settings: ConnectionSettings,
    _ body: (ConnectionSettings, Silence) async throws -> Result
) async throws -> Result {
    try await withProxy(to: settings, cut: nil) { settings, proxy in try await body(settings, proxy.silence) }
}

/// Whether a proxy is silent: connections stand, new ones too, and nothing gets through them.
public final class Silence: Sendable {
    private let state = Atomic(false)

    var isOn: Bool { state.load(ordering: .acquiring) }

    /// Lets nothing through any more.
    public func begin() { state.store(true, ordering: .releasing) }

    /// Lets everything through again, also what has gathered.
    public func end() { state.store(false, ordering: .releasing) }
}

private func withProxy<Result>(
    to settings: ConnectionSettings,
    cut: ConnectionCut?,
    _ body: (ConnectionSettings, CuttingProxy) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let port = settings["port"] ?? "5432"
        let target = "\(settings["host"] ?? "")/.s.PGSQL.\(port)"
        let proxy = try CuttingProxy(at: folder.file(".s.PGSQL.\(port)"), to: target, cut)
        defer { proxy.close() }
        return try await body(settings.with("host", folder.path), proxy)
    }
}

/// A thread that listens, and one for each connection.
private final class CuttingProxy: Sendable {
    private let listener: Int32
    private let target: String
    private let cut: ConnectionCut?
    let silence = Silence()
    private let hasCut = Atomic(false)
    private let isClosed = Atomic(false)

    var isCut: Bool { hasCut.load(ordering: .acquiring) }

    init(at path: String, to target: String, _ cut: ConnectionCut?) throws {
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        self.target = target
        self.cut = cut
        guard withUnixAddress(path, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
            throw Errno(rawValue: errno)
        }
        startThread { self.accept() }
    }

    func close() {
        isClosed.store(true, ordering: .releasing)
    }

    private func accept() {
        while !isClosed.load(ordering: .acquiring) {
            guard !isSilent(), isReadable([listener], within: 50) == [true] else { continue }
            let client = Glibc.accept(listener, nil, nil)
            let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            guard client >= 0, withUnixAddress(target, { connect(server, $0, $1) }) == 0 else {
                _ = Glibc.close(client)
                _ = Glibc.close(server)
                continue
            }
            startThread {
                self.pass(between: client, and: server)
                _ = Glibc.close(client)
                _ = Glibc.close(server)
            }
        }
        _ = Glibc.close(listener)
    }

    /// Passes on what both sides say, until one hangs up or the cut comes.
    private func pass(between client: Int32, and server: Int32) {
        var said: [UInt8] = []
        var answered: [UInt8]?
        while !isClosed.load(ordering: .acquiring) {
            if isSilent() { continue }
            let readable = isReadable([client, server], within: 50)
            if readable[0] {
                guard let bytes = read(client) else { return }
                // The last bytes of what came before, since a text may come in two parts.
                said = said.suffix(256) + bytes
                switch isCut || answered != nil ? nil : cut {
                case .beforeSending(let text) where said.contains(text):
                    return hasCut.store(true, ordering: .releasing)
                case .afterSending(let text) where said.contains(text):
                    write(bytes, to: server)
                    return hasCut.store(true, ordering: .releasing)
                case .beforeAnswer(let text, _) where said.contains(text):
                    answered = []
                default: break
                }
                write(bytes, to: server)
            }
            if readable[1] {
                guard let bytes = read(server) else { return }
                guard var words = answered, case .beforeAnswer(_, let answer) = cut else {
                    write(bytes, to: client)
                    continue
                }
                words += bytes
                if words.contains(answer) { return hasCut.store(true, ordering: .releasing) }
                answered = words
            }
        }
    }

    /// Whether nothing gets through; that is found out anew after a while.
    private func isSilent() -> Bool {
        guard silence.isOn else { return false }
        usleep(20_000)
        return true
    }

    private func isReadable(_ descriptors: [Int32], within milliseconds: Int32) -> [Bool] {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&polled, nfds_t(polled.count), milliseconds)
        return polled.map { $0.revents != 0 }
    }

    private func read(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// Runs blocking work on a thread of its own: one of a queue would be missing where connections and tasks need it.
private func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body)).toOpaque()
    let code = pthread_create(
        &thread,
        nil,
        { work in
            if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
            return nil
        },
        work
    )
    precondition(code == 0, "no thread for the proxy")
    pthread_detach(thread)
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool { firstRange(of: Array(text.utf8)) != nil }
}

private func withUnixAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
