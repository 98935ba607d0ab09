import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A row of `_prisma_migrations`: one attempt at a migration.
struct PrismaRow: Hashable, Sendable {
    let name: String
    let checksum: String
    let finishedAt: Date?
    let isRolledBack: Bool

    static func read(from table: ForeignTable, on connection: PostgresConnection) async throws -> [PrismaRow] {
        try await connection.query(
            """
            SELECT migration_name, checksum, \(microseconds("finished_at")), rolled_back_at IS NOT NULL
            FROM \(table.qualifiedName) ORDER BY started_at, finished_at, migration_name
            """
        ).decode(as: (String, String, Int?, Bool).self).map {
            PrismaRow(name: $0, checksum: $1, finishedAt: $2.map(Date.init(microseconds:)), isRolledBack: $3)
        }
    }
}

extension ForeignHistory {
    /// Reads Prisma's rows: attempts that were rolled back do not count, and one that neither ended nor was rolled back
    /// failed.
    init(_ attempts: [PrismaRow], in table: ForeignTable) {
        var standing: [String: Int] = [:]
        for (index, attempt) in attempts.enumerated() where !attempt.isRolledBack {
            // Data that was copied from another database brings its rows along; the first one tells when it ran.
            if standing[attempt.name] == nil { standing[attempt.name] = index }
            guard attempt.finishedAt == nil else { continue }
            standing[attempt.name] = index
            problems.append(
                .dirty(
                    attempt.name,
                    in: table.title,
                    how: "failed (finished_at and rolled_back_at are null)",
                    next:
                        "finish it by hand and say so with `prisma migrate resolve --applied \(attempt.name)`, or take back "
                        + "what it did and say so with --rolled-back; then adopt again"
                )
            )
        }
        rows = standing.values.sorted().map { attempts[$0] }.map { attempt in
            ForeignRow(
                label: attempt.name,
                names: [attempt.name],
                appliedAt: attempt.finishedAt,
                sum: attempt.checksum.isEmpty ? nil : .prisma(attempt.checksum),
                hasFailed: attempt.finishedAt == nil
            )
        }
    }
}
