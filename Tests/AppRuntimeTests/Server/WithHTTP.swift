import AppRuntime
import Foundation
import FoundationNetworking
import HTTPTypes
import Hummingbird
import Logging
import Synchronization
import Testing

/// Runs a server for HTTP on a free port while a test asks it.
func withHTTP<Result: Sendable>(
    _ groups: [any RouteGroup],
    _ status: RuntimeStatus = RuntimeStatus(),
    authenticator: (any Authenticator)? = Tokens.all,
    configure: (inout HTTPServer) -> Void = { _ in },
    _ body: @Sendable @escaping (Int) async throws -> Result
) async throws -> Result {
    var options = HTTPServerOptions()
    options.port = 0
    var server = HTTPServer(status, options: options, authenticator: authenticator, logger: quiet)
    server.groups = groups
    configure(&server)
    return try await withThrowingTaskGroup(of: Void.self) { [server] group in
        group.addTask { try await server.run() }
        defer { group.cancelAll() }
        return try await body(server.port())
    }
}

/// Knows who is who by tokens: in the header `Authorization`, or in a session's cookie.
struct Tokens: Authenticator {
    let principals: [String: Set<Role>]

    /// A token for each role, with the role's name.
    static let all = Tokens(
        principals: Dictionary(uniqueKeysWithValues: Role.allCases.map { ("\($0.rawValue)-token", [$0]) })
    )

    @concurrent
    func principal(of request: Request, context: AppRequestContext) async throws -> Principal? {
        if let header = request.headers[.authorization] {
            guard header.hasPrefix("Bearer "), let roles = principals[String(header.dropFirst(7))] else { return nil }
            return principal(roles, .bearer)
        }
        guard let cookie = request.headers[.cookie], cookie.hasPrefix("session="),
            let roles = principals[String(cookie.dropFirst(8))]
        else { return nil }
        return principal(roles, .session)
    }

    private func principal(_ roles: Set<Role>, _ proof: Principal.Proof) -> Principal {
        let name = roles.map(\.rawValue).sorted().joined(separator: "-")
        return Principal(
            userID: "id-of-\(name)",
            name: name,
            roles: roles,
            proof: proof,
            csrfToken: proof == .session ? "token-of-the-session" : nil
        )
    }
}

/// Routes of a test.
struct Routes: RouteGroup {
    let add: @Sendable (RouterGroup<AppRequestContext>) -> Void

    func add(to router: RouterGroup<AppRequestContext>) { add(router) }
}

/// Sends a request to a server on this machine.
func send(
    _ method: String,
    _ port: Int,
    _ path: String,
    _ body: String? = nil,
    headers: [String: String] = [:]
) async throws -> Answer {
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
    request.httpMethod = method
    request.httpBody = body.map { Data($0.utf8) }
    if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 60
    configuration.httpShouldSetCookies = false
    let session = URLSession(configuration: configuration)
    defer { session.finishTasksAndInvalidate() }
    let (data, response) = try await session.data(for: request)
    let answer = try #require(response as? HTTPURLResponse)
    let fields = answer.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") }
    return Answer(
        status: answer.statusCode,
        body: String(decoding: data, as: UTF8.self),
        headers: Dictionary(fields, uniquingKeysWith: { $1 })
    )
}

/// Sends bytes as they are, and reads what comes until the other side ends.
///
/// On a thread of its own: the other side is a server in this process, which needs those of the tasks.
func sendRaw(_ port: Int, _ text: String) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try exchangeRaw(port, text) }) }.start()
    }
}

private func exchangeRaw(_ port: Int, _ text: String) throws -> String {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
    try #require(isConnected)
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { break }
        bytes = bytes.dropFirst(count)
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = Glibc.recv(socket, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
    return String(decoding: answer, as: UTF8.self)
}

extension [String: String] {
    /// Shows the token of a role.
    static func token(_ role: Role, _ more: [String: String] = [:]) -> [String: String] {
        more.merging(["Authorization": "Bearer \(role.rawValue)-token"]) { $1 }
    }

    /// Shows the session of a role.
    static func session(_ role: Role, _ more: [String: String] = [:]) -> [String: String] {
        more.merging(["Cookie": "session=\(role.rawValue)-token"]) { $1 }
    }
}
