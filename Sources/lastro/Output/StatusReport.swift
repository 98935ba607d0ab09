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
        /// How far it is; not printed where it was not begun.
        let progress: ProgressRow?

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
            try container.encodeIfPresent(progress, forKey: .progress)
        }

        private enum CodingKeys: CodingKey {
            case name, version, kind, state, checksum, appliedAt, outcome, replaces, standing, progress
        }

        /// What is said behind the name.
        var remark: String {
            let time = appliedAt.map { $0.formatted(.iso8601) } ?? ""
            if let progress { return progress.extent }
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
                standing: status.standing?.rawValue,
                progress: status.progress.map { ProgressRow($0, isUndo: status.state == .halfUndone) }
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
        let begun = migrations.compactMap { row in row.progress.map { "\(row.name.printableLine) \($0.standing)\n" } }
        return TextTable(rows: rows).text(width: style.width) + "\n\n" + begun.joined() + summary
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

/// How far a migration is that was begun.
struct ProgressRow: Encodable {
    let kind: String
    let doneSteps: Int?
    let steps: Int?
    let doneRows: Int?
    let nextKey: String?
    let since: Date
    let by: String?
    let running: Bool
    private let isUndo: Bool

    private enum CodingKeys: CodingKey {
        case kind, doneSteps, steps, doneRows, nextKey, since, by, running
    }

    init(_ progress: MigrationStatus.Progress, isUndo: Bool) {
        switch progress.extent {
        case .steps(let done, let count): (kind, doneSteps, steps, doneRows, nextKey) = ("steps", done, count, nil, nil)
        case .rows(let rows, let key): (kind, doneSteps, steps, doneRows, nextKey) = ("batches", nil, nil, rows, key)
        }
        (since, by, running) = (progress.since, progress.by, progress.isRunning)
        self.isUndo = isUndo
    }

    /// `3 of 5 steps done`.
    fileprivate var extent: String {
        let way = isUndo ? "of its way back " : ""
        if let doneRows {
            return "\(way)\(Words.count(doneRows, "row")) done"
                + (nextKey.map { ", the next key is \($0.printableLine)" } ?? "")
        }
        guard let steps else { return "\(way)\(Words.count(doneSteps ?? 0, "step")) done" }
        return "\(way)\(doneSteps ?? 0) of \(Words.count(steps, "step")) done"
    }

    /// `was begun 2026-01-14T03:00:00Z by app, and no run is at work now`.
    fileprivate var standing: String {
        "was begun \(since.formatted(.iso8601))" + (by.map { " by \($0.printableLine)" } ?? "")
            + (running
                ? ", and a run is at work now"
                : ", and no run is at work now: `lastro \(isUndo ? "undo" : "migrate")` goes on")
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
