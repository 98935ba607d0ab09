import ServiceLifecycle

/// Opens the gate when the probes are up.
struct GateService: Service, CustomStringConvertible {
    let gate: BootGate
    let probes: ProbeListener
    let opened: Signal<Void>

    var description: String { "gate" }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                _ = try await probes.port()
                try await gate.open()
            }
        } catch  where Task.isShuttingDownGracefully {
            return
        }
        opened.end()
        // A service that returns ends the application.
        try? await gracefulShutdown()  // cancelled: the end all the same
    }
}

/// Says that the application is ready when all its parts have started, and first of all that it is not when it is to end.
struct ReadyService: Service, CustomStringConvertible {
    let status: RuntimeStatus
    let started: Signal<Void>
    /// Is told when it is to end.
    let draining: Signal<Void>
    /// How long everything goes on behind that.
    let delay: Duration

    var description: String { "readiness" }

    func run() async throws {
        try await withGracefulShutdownHandler {
            guard try await started.arrives() else { return }
            status.enter(.ready)
            try? await gracefulShutdown()  // cancelled: the end all the same
            if !Task.isCancelled { try? await Task.sleep(for: delay) }  // cancelled: no time is left
        } onGracefulShutdown: {
            status.enter(.draining)
            draining.end()
        }
    }
}

/// Looks at everything that the application needs, until the very end.
struct HealthService: Service, CustomStringConvertible {
    let status: RuntimeStatus
    let checks: [HealthCheck]
    /// Closes what the checks have opened.
    let close: @Sendable () async -> Void

    var description: String { "health" }

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            for check in checks { group.addTask { await check.follow(status) } }
            try? await gracefulShutdown()  // cancelled: the end all the same
            group.cancelAll()
        }
        await close()
    }
}
