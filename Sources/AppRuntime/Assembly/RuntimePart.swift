import Logging
public import Postgres
public import ServiceLifecycle

/// Something that an application runs behind its gate: a pool, a listener, workers, a scheduler, HTTP.
public struct RuntimePart: Sendable {
    /// What a part calls once, when it has started and the next one may.
    public typealias Started = @Sendable () -> Void

    /// The part's name.
    public let name: String
    let make: @Sendable (@escaping Started) async throws -> any Service

    /// A part that says itself when it has started.
    ///
    /// ```swift
    /// RuntimePart("http") { started in
    ///     Application(router: router, onServerRunning: { _ in started() })
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - name: the part's name.
    ///   - make: makes the service, when the gate is open and all parts before it have started.
    public init(_ name: String, make: @escaping @Sendable (_ started: @escaping Started) async throws -> any Service) {
        self.name = name
        self.make = make
    }

    /// A part that has started when it runs.
    ///
    /// - Parameters:
    ///   - name: the part's name.
    ///   - service: the service.
    ///   - prepare: what has to be done before, with the gate open: storing schedules, say.
    public init(
        _ name: String,
        _ service: any Service,
        preparing prepare: (@Sendable () async throws -> Void)? = nil
    ) {
        self.init(name) { started in
            try await prepare?()
            started()
            return service
        }
    }

    /// A pool, which is shut down when all parts behind it have ended.
    ///
    /// - Parameter pool: the pool.
    /// - Returns: the part; it comes before whatever uses the pool.
    public static func pool(_ pool: PostgresPool) -> RuntimePart { RuntimePart("pool", PoolService(pool: pool)) }
}

/// A service that takes up work by itself, such as jobs: an ``ApplicationRuntime`` tells it to end as soon as it drains, whichever
/// parts are to end before it.
public protocol DrainingService: Service {}

/// Keeps a pool until everything that uses it has ended.
private struct PoolService: Service, CustomStringConvertible {
    let pool: PostgresPool

    var description: String { "pool" }

    func run() async throws {
        try? await gracefulShutdown()  // cancelled: the end all the same
        await pool.shutDown()
    }
}

/// Runs a part when those before it have started.
struct PartService: Service, CustomStringConvertible {
    let part: RuntimePart
    let before: Signal<Void>
    let started: Signal<Void>
    let draining: Signal<Void>
    let logger: Logger

    var description: String { part.name }

    func run() async throws {
        guard try await before.arrives() else { return }
        let service = try await part.make { [started] in started.end() }
        guard service is any DrainingService else { return try await service.run() }
        // A group of its own ends when the draining begins, and in any case with the application.
        let configuration = ServiceGroupConfiguration(
            services: [
                .init(service: service),
                .init(service: BeginOfDraining(signal: draining), successTerminationBehavior: .gracefullyShutdownGroup),
            ],
            logger: logger
        )
        try await ServiceGroup(configuration: configuration).run()
        // Whoever returns before it is its turn ends everything at once.
        try? await gracefulShutdown()  // cancelled: the end all the same
    }
}

/// Returns when the application begins to drain.
private struct BeginOfDraining: Service, CustomStringConvertible {
    let signal: Signal<Void>

    var description: String { "draining" }

    func run() async throws { _ = try await signal.arrives() }
}

extension Signal<Void> {
    /// Waits for the signal, unless the application is about to end.
    ///
    /// - Returns: whether it came.
    /// - Throws: the reason why it never comes.
    func arrives() async throws -> Bool {
        do {
            try await cancelWhenGracefulShutdown { try await self.value() }
            return true
        } catch is CancellationError {
            return false
        }
    }
}
