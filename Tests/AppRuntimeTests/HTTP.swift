import AppRuntime
import Foundation
import FoundationNetworking
import HummingbirdCore
import Testing

/// What a server on this machine answered.
struct Answer: Sendable {
    let status: Int
    let body: String
    let headers: [String: String]

    /// A field of an answer in JSON, as text.
    func field(_ name: String) throws -> String? {
        let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        return object?[name].map { "\($0)" }
    }
}

/// Asks a server on this machine.
func get(_ port: Int, _ path: String, headers: [String: String] = [:]) async throws -> Answer {
    var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 60
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

/// Asks until an answer fits; a test waits for what happens, not for a time.
@discardableResult
func ask(_ port: Int, _ path: String, until fits: (Answer) throws -> Bool) async throws -> Answer {
    let limit = ContinuousClock.now.advanced(by: .seconds(60))
    while true {
        let answer = try await get(port, path)
        if try fits(answer) { return answer }
        try #require(ContinuousClock.now < limit, "\(path) still answers \(answer.status) \(answer.body)")
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// Runs a listener for probes while a test asks it.
func withProbes<Result: Sendable>(
    _ status: RuntimeStatus,
    token: String? = nil,
    metrics: PrometheusRegistry? = nil,
    _ body: @Sendable @escaping (Int) async throws -> Result
) async throws -> Result {
    let probes = ProbeListener(
        status,
        address: .hostname("127.0.0.1", port: 0),
        token: token.flatMap { BearerToken($0) },
        metrics: metrics
    )
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await probes.run() }
        defer { group.cancelAll() }
        return try await body(probes.port())
    }
}
