import Foundation
public import Logging
import Migrator
import ServiceLifecycle
import UnixSignals

/// An application with its gate: what starts when, and what ends when.
///
/// Probe listener, health, gate, the parts in their order (pool, listeners, workers, scheduler, HTTP), ready; each waits for the
/// one before it. At the end readiness turns to 503 first, and those that take up work by themselves (workers, the scheduler) are told to
/// take up no more; then all of them end in the reverse order, and the probes last.
///
/// ```swift
/// var runtime = ApplicationRuntime(gate: gate, probes: ProbeListener(gate.status))
/// runtime.parts = [RuntimePart("workers", workers), http]
/// try await runtime.run()
/// ```
public struct ApplicationRuntime: Sendable {
    /// What comes before everything else.
    public var gate: BootGate
    /// What answers probes.
    public var probes: ProbeListener
    /// What is looked at beside the database and its schema; Redis, say, which is optional.
    public var checks: [HealthCheck] = []
    /// What runs behind the gate, in this order.
    public var parts: [RuntimePart] = []
    /// How long the end may take.
    public var limits = ShutdownLimits()
    /// Whether SIGTERM and SIGINT end the application; otherwise the task that runs it is cancelled for that.
    public var catchesSignals = true
    /// Where it is told what happens.
    public var logger: Logger

    /// Makes a runtime without parts.
    ///
    /// - Parameters:
    ///   - gate: what comes before everything else.
    ///   - probes: what answers probes, from the gate's own status.
    ///   - logger: where it is told what happens.
    public init(gate: BootGate, probes: ProbeListener, logger: Logger = Logger(label: "lastro.runtime")) {
        self.gate = gate
        self.probes = probes
        self.logger = logger
    }

    /// Runs the application until a signal ends it.
    ///
    /// - Throws: what keeps the gate shut; what a part throws.
    public func run() async throws {
        let deadline = ShutdownDeadline(limits, signals: catchesSignals ? [SIGTERM, SIGINT] : [])
        defer { deadline.stop() }
        try await ShutdownLimits.$current.withValue(limits) { try await group().run() }
    }

    private func group() -> ServiceGroup {
        let ping = DatabasePing(gate.migrator.database)
        let schema = SchemaLook(gate: gate)
        let own = [
            HealthCheck("database", isRequired: true) { await ping.look() },
            HealthCheck("schema", isRequired: true, interval: .seconds(5), timeout: .seconds(30)) {
                await schema.look()
            },
        ]
        var last = Signal<Void>()
        var services: [any Service] = [
            probes,
            HealthService(status: gate.status, checks: own + checks) {
                await ping.close()
                await schema.close()
            },
            GateService(gate: gate, probes: probes, opened: last),
        ]
        let draining = Signal<Void>()
        for part in parts {
            let started = Signal<Void>()
            services.append(
                PartService(part: part, before: last, started: started, draining: draining, logger: logger)
            )
            last = started
        }
        services.append(
            ReadyService(status: gate.status, started: last, draining: draining, delay: limits.drainDelay)
        )
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: catchesSignals ? [.sigterm, .sigint] : [],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = limits.graceful
        // The deadline comes first; this is for an end without a signal, when a part has failed and another one hangs.
        configuration.maximumCancellationDuration = limits.cancellation + .seconds(3)
        return ServiceGroup(configuration: configuration)
    }
}
