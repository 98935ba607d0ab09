import Synchronization

/// A Redis that an application shares things through which it could do without: limits and a cache.
///
/// Whatever is asked of it takes the time that ``RedisSettings`` allow at most, on threads of its own; and while it is away, nothing
/// is asked of it but every few seconds. What uses it has to have a way without.
public final class Redis: Sendable {
    private let connections: [RedisConnection]
    private let next = Atomic<Int>(0)

    /// Makes one; connections are opened when they are needed.
    public init(_ settings: RedisSettings) {
        connections = (0..<max(settings.connections, 1)).map { _ in RedisConnection(settings) }
    }

    /// Sends a command.
    ///
    /// - Parameter arguments: the command's name and what it is given.
    /// - Returns: the answer.
    /// - Throws: ``RedisError``.
    public func command(_ arguments: String...) async throws(RedisError) -> RedisReply {
        try await command(bytes: arguments.map { Array($0.utf8) })
    }

    func command(bytes arguments: [[UInt8]]) async throws(RedisError) -> RedisReply {
        let place = next.wrappingAdd(1, ordering: .relaxed).newValue
        let count = connections.count
        let first = ((place % count) + count) % count
        for next in 0..<count {
            do throws(RedisError) {
                return try await connections[(first + next) % count].command(arguments)
            } catch {
                // One that found nobody a moment ago says nothing of the others.
                guard error == .resting else { throw error }
            }
        }
        throw .resting
    }

    /// Whether it answers, for ``ApplicationRuntime/checks``; where it does not, the application is degraded and goes on.
    public var healthCheck: HealthCheck {
        HealthCheck("redis", isRequired: false, timeout: .seconds(5)) { [self] in
            do {
                _ = try await command("PING")
                return .up
            } catch {
                return .down("\(error)")
            }
        }
    }

    /// Closes the connections; they are opened again when something is asked.
    public func close() async {
        for connection in connections { await connection.close() }
    }
}
