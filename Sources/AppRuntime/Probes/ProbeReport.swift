import Foundation

/// What `/startupz` and `/readyz` say.
struct ProbeReport: Encodable {
    let phase: String
    /// The place of the migration that runs, counted from 1, and of how many.
    var migration: Int?
    var of: Int?
    var name: String?
    /// Whom the application waits for.
    var holder: String?
    /// Seconds since the application was started.
    let elapsed: Double
    /// Why it does not start, in one line: a probe is open to everybody, and the log has the rest.
    var reason: String?
    var components: [String: String]?

    /// Describes a moment.
    ///
    /// - Parameters:
    ///   - snapshot: what is known.
    ///   - showsComponents: whether the components' states are told, in a word each.
    init(_ snapshot: RuntimeStatus.Snapshot, showsComponents: Bool) {
        phase = snapshot.phase.name
        elapsed = snapshot.startedAt.duration(to: .now).rounded
        switch snapshot.phase {
        case .migrating(let name, let number, let count):
            (self.name, migration, of) = (name, number, count)
        case .waitingForMigration(let holder):
            self.holder = holder
        case .failed:
            reason = "see the log"
        default:
            break
        }
        guard showsComponents else { return }
        let now = ContinuousClock.now
        components = Dictionary(
            snapshot.components.map { ($0.name, $0.state(at: now).name.lowercased()) },
            uniquingKeysWith: { $1 }
        )
    }
}

/// What `/health` says: all components, with their details.
struct HealthReport: Encodable {
    struct Component: Encodable {
        let status: String
        let required: Bool
        let detail: String?
        /// How long the last look took, in seconds.
        let seconds: Double?
    }

    let status: String
    let phase: String
    let elapsed: Double
    let reason: String?
    let components: [String: Component]

    init(_ snapshot: RuntimeStatus.Snapshot) {
        let now = ContinuousClock.now
        phase = snapshot.phase.name
        elapsed = snapshot.startedAt.duration(to: now).rounded
        if case .failed(let words) = snapshot.phase { reason = words } else { reason = nil }
        let states = snapshot.components.map { ($0, $0.state(at: now)) }
        components = Dictionary(
            states.map { health, state in
                (
                    health.name,
                    Component(
                        status: state.name,
                        required: health.isRequired,
                        detail: state.detail,
                        seconds: health.duration?.rounded
                    )
                )
            },
            uniquingKeysWith: { $1 }
        )
        let isUp = states.allSatisfy { $0.1 == .up }
        status = snapshot.isReady ? isUp ? "UP" : "DEGRADED" : "DOWN"
    }

    var isUsable: Bool { status != "DOWN" }
}

extension Duration {
    /// In seconds, to the millisecond.
    fileprivate var rounded: Double { (self / .milliseconds(1)).rounded() / 1000 }
}

extension Encodable {
    /// As JSON, with sorted names.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Reports are made of texts and finite numbers, which can always be encoded.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
