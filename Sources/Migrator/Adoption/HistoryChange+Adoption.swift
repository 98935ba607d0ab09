import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension HistoryChange {
    /// Carries a plan out: the rows, or the checksums of those that were taken over where they stood, and the event.
    ///
    /// - Returns: the names of the migrations that count as applied now.
    func adopt(_ plan: AdoptionPlan) async throws -> [String] {
        if plan.isInPlace {
            try await noteChecksums(of: plan)
        } else {
            guard history.entries.isEmpty else {
                throw MigratorError.alreadyAdopted(store.table, rows: history.entries.count)
            }
            // Read again behind the lock: what was shown to somebody is what is written, or nothing is.
            let now = try await AdoptionPlan(
                from: plan.source,
                into: store.table,
                rows: 0,
                files: directory,
                options: plan.options,
                on: connection
            )
            guard now.rows == plan.rows, now.problems.isEmpty else {
                throw MigratorError.historyMovedOn(plan.table)
            }
            try await insert(plan)
        }
        try await store.record(
            HistoryEvent(kind: "adopted", migration: nil, runID: runID, reason: reason, detail: plan.detail),
            on: connection
        )
        return plan.rows.map(\.name)
    }

    /// Writes the rows in one statement; the order of its SELECT is that of their positions.
    private func insert(_ plan: AdoptionPlan) async throws {
        try await connection.query(
            """
            INSERT INTO \(store.qualifiedName)
                (name, version, kind, checksum, applied_at, outcome, tool_version, reason, run_id)
            SELECT name, nullif(version, ''), kind, nullif(checksum, ''),
                coalesce(timestamptz 'epoch' + nullif(applied_at, '')::bigint * interval '1 microsecond',
                    pg_catalog.clock_timestamp()),
                $6, $7, $8, $9::uuid
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
                AS row (name, version, kind, checksum, applied_at, number)
            ORDER BY number
            """,
            plan.rows.map(\.name),
            plan.rows.map(\.version),
            plan.rows.map { $0.isRepeatable ? "repeatable" : "versioned" },
            plan.rows.map { $0.checksum?.description ?? "" },
            plan.rows.map { row in
                row.appliedAt.map { "\(Int(($0.timeIntervalSince1970 * 1_000_000).rounded()))" } ?? ""
            },
            (plan.options.baseline == nil ? HistoryEntry.Outcome.adopted : .baseline).rawValue,
            lastroVersion,
            reason,
            runID
        )
    }

    private func noteChecksums(of plan: AdoptionPlan) async throws {
        let known = plan.rows.filter { $0.checksum != nil }
        try await connection.query(
            """
            UPDATE \(store.qualifiedName) AS row SET checksum = file.checksum
            FROM unnest($1::text[], $2::text[]) AS file (name, checksum) WHERE row.name = file.name
            """,
            known.map(\.label),
            known.compactMap { $0.checksum?.description }
        )
    }
}

extension AdoptionPlan {
    /// What the event says.
    fileprivate var detail: [String: String] {
        var detail = ["tool": tool.rawValue, "table": table, "rows": "\(rows.count)"]
        for state in AdoptionRow.State.allCases {
            let names = rows.filter { $0.state == state }.map(\.name)
            if !names.isEmpty { detail[state.rawValue] = names.joined(separator: ", ") }
        }
        if !gaps.isEmpty { detail["gaps"] = gaps.joined(separator: ", ") }
        if let baseline = options.baseline { detail["at"] = baseline }
        if options.trustsFiles { detail["trust_files"] = "true" }
        return detail
    }
}
