import Migrator
import Postgres

/// Looks whether the schema still is at the version that the application was started with.
///
/// It has a connection of its own, and reads the folder anew only when a file in it has changed: a look costs the database
/// one small query.
actor SchemaLook {
    private let gate: BootGate
    private let connection: ReopenedConnection
    private var known: (stamp: FolderStamp, files: MigrationDirectory)?

    init(gate: BootGate) {
        self.gate = gate
        connection = ReopenedConnection(gate.migrator.database.forProbes, named: "lastro schema")
    }

    /// How the schema is.
    ///
    /// A running application is not stopped because another version of it has taken the database further: both run side by
    /// side while they are exchanged. It is said, though.
    func look() async -> ComponentState {
        switch gate.status.phase {
        case .startingServices, .ready, .draining: break
        default: return .down("the gate is closed")
        }
        do {
            let plan = try await gate.migrator.plan(of: try await files(), on: try await connection.open())
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

    /// Closes the connection.
    func close() async { await connection.close() }

    private func files() async throws -> MigrationDirectory {
        // Taken before the files are read: what changes meanwhile changes it.
        let stamp = FolderStamp(of: gate.migrator.directory)
        if let known, known.stamp == stamp { return known.files }
        let files = try await MigrationDirectory(
            readingFrom: gate.migrator.directory,
            layout: gate.migrator.options.layout
        )
        known = (stamp, files)
        return files
    }
}
