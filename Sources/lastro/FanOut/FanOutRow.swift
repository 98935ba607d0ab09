import Migrator
import Postgres

/// An event of a fan-out as a JSON object; the last one is `done`.
struct FanOutRow: Encodable {
    private let target: String?
    private let content: any Encodable

    private enum CodingKeys: CodingKey {
        case target
    }

    init(_ event: FanOutEvent) {
        switch event {
        case .listed(let count):
            self.init(Own(event: "listed", targets: count))
        case .started(let target):
            self.init(Own(event: "target-started"), of: target)
        case .event(let target, let event):
            self.init(EventRow(event), of: target)
        case .finished(let target, let summary):
            self.init(
                Own(
                    event: "target-done",
                    migrations: summary.migrations,
                    adopted: summary.adopted.isEmpty ? nil : summary.adopted,
                    durationMs: summary.duration.milliseconds,
                    applied: summary.appliedCount,
                    pending: summary.pendingCount
                ),
                of: target
            )
        case .looked(let target, let standing):
            self.init(
                Own(event: "target-looked-at", applied: standing.appliedCount, pending: standing.pending.count),
                of: target
            )
        case .repaired(let target, let repairs):
            self.init(
                Own(event: "target-repaired", repairs: repairs.map(RepairReport.Row.init)),
                of: target
            )
        case .failed(let target, let error):
            self.init(Own(event: "target-failed", code: error.codeForMachines, message: "\(error)"), of: target)
        case .canaryPassed(let names):
            self.init(Own(event: "canary-passed", names: names))
        case .ended(let summary):
            self.init(
                Own(
                    event: "done",
                    targets: summary.count,
                    migrated: summary.deed == .migrated ? summary.migratedCount : nil,
                    undone: summary.deed == .undone ? summary.migratedCount : nil,
                    repaired: summary.deed == .repaired ? summary.migratedCount : nil,
                    upToDate: summary.upToDateCount,
                    failed: summary.failed,
                    notBegun: summary.notBegunCount,
                    migrationsApplied: summary.deed == .migrated ? summary.migrationCount : nil,
                    durationMs: summary.duration.milliseconds
                )
            )
        }
    }

    private init(_ content: any Encodable, of target: String? = nil) {
        self.content = content
        self.target = target
    }

    /// Writes the keys of a run's own event beside the target.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(target, forKey: .target)
        try content.encode(to: encoder)
    }

    /// An event of the fan-out itself.
    private struct Own: Encodable {
        let event: String
        var targets: Int?
        var names: [String]?
        var migrated: Int?
        var undone: Int?
        var repaired: Int?
        var repairs: [RepairReport.Row]?
        var upToDate: Int?
        var failed: [String]?
        var notBegun: Int?
        var migrationsApplied: Int?
        var migrations: [String]?
        var adopted: [String]?
        var durationMs: Int?
        var applied: Int?
        var pending: Int?
        var code: String?
        var message: String?
    }
}

extension Error {
    /// The kind of the error as a word for machines.
    var codeForMachines: String {
        switch self {
        case let error as MigratorError: error.code.rawValue
        case let error as PostgresError: error.code.rawValue
        default: "failed"
        }
    }
}
