import Migrator

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where each migration stands.
struct StatusReport: Report {
    let migrations: [Row]

    /// One migration.
    struct Row: Encodable {
        let name: String
        let version: String
        let kind: String
        let state: String
        let checksum: String?
        let appliedAt: Date?
        let outcome: String?
        /// The migrations that it stands for; not printed where there are none.
        let replaces: [String]
        let standing: String?

        // Every key is always there, null where there is no value.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(version, forKey: .version)
            try container.encode(kind, forKey: .kind)
            try container.encode(state, forKey: .state)
            try container.encode(checksum, forKey: .checksum)
            try container.encode(appliedAt, forKey: .appliedAt)
            try container.encode(outcome, forKey: .outcome)
            if !replaces.isEmpty {
                try container.encode(replaces, forKey: .replaces)
                try container.encode(standing, forKey: .standing)
            }
        }

        private enum CodingKeys: CodingKey {
            case name, version, kind, state, checksum, appliedAt, outcome, replaces, standing
        }

        /// What is said behind the name.
        var remark: String {
            let time = appliedAt.map { $0.formatted(.iso8601) } ?? ""
            guard !replaces.isEmpty else { return time }
            let ones = "the \(Words.count(replaces.count, "migration")) that it stands for"
            return switch standing.flatMap(MigrationStatus.Standing.init) {
            case nil: "\(time)  stands for \(Words.count(replaces.count, "migration"))"
            case .absent: "stands for \(Words.count(replaces.count, "migration")), none of which ran"
            case .whole: "will be recorded: \(ones) ran"
            case .unverified: "will be compared: nobody knows from which files \(ones) ran"
            case .partial: "refused: of \(ones) some did not run"
            case .changed: "refused: of \(ones) some ran from other files"
            }
        }
    }

    init(_ plan: Plan) {
        migrations = plan.statuses.map { status in
            Row(
                name: status.name,
                version: status.version,
                kind: status.kind.rawValue,
                state: status.state.rawValue,
                checksum: status.checksum?.description,
                appliedAt: status.appliedAt,
                outcome: status.outcome?.rawValue,
                replaces: status.replaced,
                standing: status.standing?.rawValue
            )
        }
    }

    func text(style: TextStyle) -> String {
        guard !migrations.isEmpty else { return "no migrations yet; `lastro new TITLE` makes the first" }
        let rows = migrations.map { row in
            [
                TextTable.Cell(row.state) { style.of(state: row.state, $0) },
                TextTable.Cell(row.name),
                TextTable.Cell(row.remark, style: style.faint),
            ]
        }
        return TextTable(rows: rows).text(width: style.width) + "\n\n" + summary
    }

    /// `13 migrations: 11 applied, 2 pending`.
    private var summary: String {
        var counts: [(state: String, count: Int)] = []
        for row in migrations {
            if let index = counts.firstIndex(where: { $0.state == row.state }) {
                counts[index].count += 1
            } else {
                counts.append((row.state, 1))
            }
        }
        let parts = counts.map { "\($0.count) \($0.state)" }.joined(separator: ", ")
        return "\(Words.count(migrations.count, "migration")): \(parts)"
    }
}

extension TextStyle {
    /// A migration's state in the colour of how well that is.
    func of(state: String, _ text: String) -> String {
        switch MigrationStatus.State(rawValue: state) {
        case .applied: good(text)
        case .pending, .due, .unverified: warning(text)
        default: bad(text)
        }
    }
}
