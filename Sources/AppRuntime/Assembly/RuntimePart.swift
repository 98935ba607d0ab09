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
    public init(_ name: String, _ service: any Service) {
        self.init(name) { started in
            started()
            return service
        }
    }
}

/// Runs a part when those before it have started.
struct PartService: Service, CustomStringConvertible {
    let part: RuntimePart
    let before: Signal<Void>
    let started: Signal<Void>

    var description: String { part.name }

    func run() async throws {
        guard try await before.arrives() else { return }
        let service = try await part.make { [started] in started.end() }
        try await service.run()
    }
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
