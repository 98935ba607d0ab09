import Postgres

extension Migrator {
    /// Brings the history in line with the files, and touches nothing of the schema.
    ///
    /// It accepts files that were edited, notes the checksums of unverified ones, and takes out rows that another hand wrote
    /// or whose file is gone.
    ///
    /// - Parameters:
    ///   - names: the migrations, by version or name; all that need repair if empty.
    ///   - reason: why; it stays in the events.
    /// - Returns: what was done, one entry a migration.
    /// - Throws: ``MigratorError`` for a migration that is unknown or needs no repair; then nothing is done.
    @discardableResult
    public func repair(_ names: [String] = [], reason: String) async throws -> [Repair] {
        try await change(reason: reason) { change in
            let plan = try plan(change.directory, change.history).plan
            let repairs = try plan.repairs(of: names)
            for repair in repairs {
                for status in plan.statuses where status.name == repair.name {
                    try await change.carryOut(repair.action, on: status)
                }
            }
            return repairs
        }
    }
}

extension Plan {
    /// What a repair would do, each migration once.
    ///
    /// - Parameter names: the migrations, by version or name; all that need repair if empty.
    /// - Returns: what would be done, in the order of the names.
    /// - Throws: ``MigratorError`` for a migration that is unknown or needs no repair.
    public func repairs(of names: [String] = []) throws(MigratorError) -> [Repair] {
        let wanted =
            names.isEmpty
            ? statuses.filter { Repair.Action($0.state) != nil }
            : try names.map { name throws(MigratorError) in try status(called: name) }
        var repairs: [Repair] = []
        for status in wanted {
            guard let action = Repair.Action(status.state) else { throw .nothingToRepair(status.name) }
            let repair = Repair(name: status.name, action: action)
            if !repairs.contains(repair) { repairs.append(repair) }
        }
        return repairs
    }

    /// Where the migration stands that a version or a name means, also one that has no file any more.
    private func status(called name: String) throws(MigratorError) -> MigrationStatus {
        let key = MigrationKey(name)
        // A file's name may say more than its migration's.
        if let status = statuses.first(where: { MigrationKey($0.name) == key || $0.name + ".up" == key.name }) {
            return status
        }
        let version = MigrationVersion(dotted: name)
        let found = version == nil ? [] : statuses.filter { MigrationVersion(dotted: $0.version) == version }
        guard let status = found.first, found.count == 1 else {
            throw .unknownMigration(name, among: statuses.map(\.name))
        }
        return status
    }
}

/// What a repair did about one migration.
public struct Repair: Hashable, Sendable {
    /// What is done.
    public enum Action: String, Hashable, Sendable {
        /// The file as it is now counts as the one that ran.
        case acceptedFile = "accepted-file"
        /// The history knows the file's checksum now.
        case notedChecksum = "noted-checksum"
        /// The row is out of the history.
        case removedRow = "removed-row"

        init?(_ state: MigrationStatus.State) {
            switch state {
            case .changed: self = .acceptedFile
            case .unverified: self = .notedChecksum
            case .missing, .foreign: self = .removedRow
            default: return nil
            }
        }
    }

    /// The migration's name.
    public let name: String
    /// What was done.
    public let action: Action
}

extension HistoryChange {
    fileprivate func carryOut(_ action: Repair.Action, on status: MigrationStatus) async throws {
        let entries = history.entries.filter { MigrationKey($0.name) == MigrationKey(status.name) }
        var detail = ["action": action.rawValue]
        for entry in entries {
            switch action {
            case .acceptedFile, .notedChecksum:
                detail["from"] = entry.checksum?.description ?? ""
                detail["to"] = status.checksum?.description ?? ""
                try await connection.query(
                    "UPDATE \(store.qualifiedName) SET checksum = $1 WHERE name = $2 AND position = $3::bigint",
                    status.checksum?.description,
                    entry.name,
                    entry.position
                )
            case .removedRow:
                // A row of ours beside the foreign ones is the true one.
                if status.state == .foreign, entry.outcome != nil { continue }
                detail["row"] = entry.name
                try await remove(entry)
            }
        }
        try await record("repaired", status.name, detail: detail)
    }
}
