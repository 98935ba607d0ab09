import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A row of `flyway_schema_history`.
struct FlywayRow: Hashable, Sendable {
    let version: String?
    let description: String
    let type: String
    let script: String
    let checksum: Int?
    let appliedAt: Date?
    let success: Bool

    static func read(from table: ForeignTable, on connection: PostgresConnection) async throws -> [FlywayRow] {
        try await connection.query(
            """
            SELECT version, description, type, script, checksum, \(microseconds("installed_on")), success
            FROM \(table.qualifiedName) ORDER BY installed_rank
            """
        ).decode(as: (String?, String, String, String, Int?, Int?, Bool).self).map {
            FlywayRow(
                version: $0,
                description: $1,
                type: $2,
                script: $3,
                checksum: $4,
                appliedAt: $5.map(Date.init(microseconds:)),
                success: $6
            )
        }
    }

    /// What rows about one migration have in common.
    fileprivate var key: String { version ?? "R \(description)" }

    /// What Flyway calls it: the script, for a baseline the version.
    fileprivate var label: String { isBaseline ? "baseline \(version ?? "")" : script }

    fileprivate var isBaseline: Bool { type.hasSuffix("BASELINE") }

    /// Whether it says that something is there, and not that something was taken back or that a schema was made.
    fileprivate var takesBack: Bool { type == "DELETE" || type.hasPrefix("UNDO") }

    fileprivate var row: ForeignRow {
        let path = script.withoutSuffix(".sql")
        let fileName = path.split(separator: "/").last.map(String.init) ?? path
        let isRepeatable = version == nil
        return ForeignRow(
            label: label,
            names: path == fileName ? [path] : [path, fileName],
            version: version.flatMap { ForeignVersion($0) },
            appliedAt: appliedAt,
            sum: isBaseline ? nil : checksum.flatMap { Int32(exactly: $0) }.map(ForeignSum.flyway),
            reach: isBaseline ? .below : .one,
            hasFailed: !success,
            isRepeatable: isRepeatable
        )
    }
}

extension ForeignHistory {
    /// Reads Flyway's rows in their order: a later row about a migration is the one that counts, and one that takes it
    /// back ends it.
    init(_ entries: [FlywayRow], in table: ForeignTable) {
        var standing: [String: Int] = [:]
        for (index, entry) in entries.enumerated() where entry.type != "SCHEMA" {
            standing[entry.key] = entry.takesBack && entry.success ? nil : index
        }
        for entry in standing.values.sorted().map({ entries[$0] }) {
            if !entry.success {
                problems.append(
                    .dirty(
                        entry.label,
                        in: table.title,
                        how: "failed (success is false)",
                        next:
                            "bring the database to where it was before, take the row out with `flyway repair`, and adopt again"
                    )
                )
            }
            rows.append(entry.row)
        }
    }
}

extension Date {
    /// The instant so many microseconds after the beginning of 1970, in UTC.
    init(microseconds: Int) {
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }
}

extension String {
    func withoutSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
