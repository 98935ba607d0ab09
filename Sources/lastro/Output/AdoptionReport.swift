import Migrator
import SourceText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an adoption would do, or did.
struct AdoptionReport: Report {
    let adopted: Bool
    let tool: String
    let table: String
    let target: String
    let rows: [Row]
    let pending: [String]
    let gaps: [String]
    let problems: [Problem]

    private let plan: AdoptionPlan

    /// A row of the other tool's history.
    struct Row: Encodable {
        let name: String
        let version: String
        let label: String
        let appliedAt: Date?
        let state: String
        let checksum: String?

        // Every key is always there, null where there is no value.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(version, forKey: .version)
            try container.encode(label, forKey: .label)
            try container.encode(appliedAt, forKey: .appliedAt)
            try container.encode(state, forKey: .state)
            try container.encode(checksum, forKey: .checksum)
        }

        private enum CodingKeys: CodingKey {
            case name, version, label, appliedAt, state, checksum
        }
    }

    /// Something that stands in the way.
    struct Problem: Encodable {
        let code: String
        let file: String?
        let message: String
        let next: String
    }

    private enum CodingKeys: CodingKey {
        case adopted, tool, table, target, rows, pending, gaps, problems
    }

    init(_ plan: AdoptionPlan, isDone: Bool) {
        self.plan = plan
        adopted = isDone
        tool = plan.tool.rawValue
        table = plan.table
        target = plan.target
        rows = plan.rows.map { row in
            Row(
                name: row.name,
                version: row.version,
                label: row.label,
                appliedAt: row.appliedAt,
                state: row.state.rawValue,
                checksum: row.checksum?.description
            )
        }
        pending = plan.pending
        gaps = plan.gaps
        problems = plan.problems.map { error in
            Problem(code: error.code.rawValue, file: error.location?.file, message: error.message, next: error.next)
        }
    }

    func text(style: TextStyle) -> String {
        let title = "the history of \(plan.tool.title) in \(table.printableLine)"
        guard !rows.isEmpty || !problems.isEmpty else { return "\(title) is empty: there is nothing to adopt" }
        let lines = [title, "", TextTable(rows: cells(style: style)).text(width: style.width), "", counts]
        // What stands in the way is told as the error that the command ends with.
        return (lines + (problems.isEmpty ? remarks : [])).joined(separator: "\n")
    }

    private func cells(style: TextStyle) -> [[TextTable.Cell]] {
        let known = plan.rows.map { row in
            [
                TextTable.Cell(row.state.rawValue) { style.of(state: row.state, $0) },
                TextTable.Cell(row.name),
                TextTable.Cell(row.appliedAt.map { $0.formatted(.iso8601) } ?? "", style: style.faint),
                TextTable.Cell([row.name, row.name + ".sql"].contains(row.label) ? "" : row.label, style: style.faint),
            ]
        }
        let unknown = pending.map { name in
            gaps.contains(name)
                ? [TextTable.Cell("gap", style: style.bad), TextTable.Cell(name)]
                : [TextTable.Cell("pending", style: style.warning), TextTable.Cell(name)]
        }
        return known + unknown
    }

    /// `13 migrations: 11 verified, 2 unverified; 1 pending`.
    private var counts: String {
        let states = AdoptionRow.State.allCases.map { ($0.rawValue, plan.count(of: $0)) }.filter { $0.1 > 0 }
        let parts = states.map { "\($1) \($0)" }.joined(separator: ", ")
        let count = Words.count(rows.count, "migration")
        let among = gaps.isEmpty ? "" : ", \(Words.count(gaps.count, "gap")) among them"
        return count + (parts.isEmpty ? "" : ": \(parts)") + "; \(pending.count) pending" + among
    }

    /// What happens with the rows, and afterwards.
    private var remarks: [String] {
        var lines = [
            plan.isInPlace
                ? "\(table.printableLine) becomes Lastro's own table, with its rows"
                : "the rows are written to \(target.printableLine); \(table.printableLine) stays as it is"
        ]
        let unproven = plan.rows.count { $0.state != .missing && $0.checksum == nil }
        if unproven > 0 {
            lines.append(
                "without a checksum \(Words.count(unproven, "file")) cannot be checked for edits: compare, then "
                    + "`lastro repair`, or adopt with --trust-files"
            )
        }
        if plan.count(of: .missing) > 0 {
            lines.append(
                "`lastro migrate` stops at what is missing until the files are back, or `lastro repair` forgets the rows"
            )
        }
        if !gaps.isEmpty {
            lines.append("`lastro migrate` stops at gaps: `lastro mark` them, or run them with --allow-out-of-order")
        }
        return lines
    }
}

/// The end of an adoption.
struct AdoptionEnd: Report {
    let migrations: [String]
    let plan: AdoptionPlan

    func encode(to encoder: any Encoder) throws {
        try AdoptionReport(plan, isDone: true).encode(to: encoder)
    }

    func text(style: TextStyle) -> String {
        let end =
            "\n\(style.good("adopted"))  \(Words.count(migrations.count, "migration")) into \(plan.target.printableLine)"
        return end + (plan.pending.isEmpty ? "" : "; `lastro migrate` goes on from there")
    }
}

extension TextStyle {
    /// A row's state in the colour of how well that is.
    fileprivate func of(state: AdoptionRow.State, _ text: String) -> String {
        switch state {
        case .verified: good(text)
        case .unverified: warning(text)
        case .changed, .missing, .failed: bad(text)
        }
    }
}
