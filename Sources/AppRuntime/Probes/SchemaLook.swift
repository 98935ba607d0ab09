import Migrator
import Postgres

/// Looks whether the schema still is at the version that the application was started with.
struct SchemaLook: Sendable {
    let gate: BootGate

    /// How the schema is.
    ///
    /// A running application is not stopped because another version of it has taken the database further: both run side by
    /// side while they are exchanged. It is said, though.
    func callAsFunction() async -> ComponentState {
        switch gate.status.phase {
        case .startingServices, .ready, .draining: break
        default: return .down("the gate is closed")
        }
        do {
            let plan = try await gate.migrator.plan()
            let newer = plan.newer
            let newest = newer.compactMap { MigrationVersion($0.version) }.max()
            let own = plan.tolerating(newerThrough: newest)
            try own.check()
            if let first = own.pending.first { return .down("\(own.pending.count) pending, from \(first.name) on") }
            let isKnown = newest.map { version in gate.newestVersion.map { version <= $0 } ?? false } ?? true
            return isKnown ? .up : .degraded("newer than this program: \(newer.map(\.name).joined(separator: ", "))")
        } catch {
            return .down((error as? MigratorError)?.message ?? (error as? PostgresError)?.message ?? "\(error)")
        }
    }
}
