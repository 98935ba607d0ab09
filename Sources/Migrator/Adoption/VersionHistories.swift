import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The row of golang-migrate's `schema_migrations`: where the database is.
struct GolangMigrateRow: Hashable, Sendable {
    let version: Int
    let isDirty: Bool

    static func read(from table: ForeignTable, on connection: PostgresConnection) async throws -> [GolangMigrateRow] {
        try await connection.query("SELECT version, dirty FROM \(table.qualifiedName) ORDER BY 1")
            .decode(as: (Int, Bool).self).map { GolangMigrateRow(version: $0, isDirty: $1) }
    }
}

/// A row of `goose_db_version`: one step up or down.
struct GooseRow: Hashable, Sendable {
    let version: Int
    let isApplied: Bool
    let appliedAt: Date?

    static func read(from table: ForeignTable, on connection: PostgresConnection) async throws -> [GooseRow] {
        try await connection.query(
            "SELECT version_id, is_applied, \(microseconds("tstamp")) FROM \(table.qualifiedName) ORDER BY id"
        ).decode(as: (Int, Bool, Int?).self).map {
            GooseRow(version: $0, isApplied: $1, appliedAt: $2.map(Date.init(microseconds:)))
        }
    }
}

/// A row of `_sqlx_migrations`.
struct SqlxRow: Hashable, Sendable {
    let version: Int
    let description: String
    let appliedAt: Date?
    let success: Bool
    let checksum: [UInt8]

    static func read(from table: ForeignTable, on connection: PostgresConnection) async throws -> [SqlxRow] {
        try await connection.query(
            """
            SELECT version, description, \(microseconds("installed_on")), success, checksum
            FROM \(table.qualifiedName) ORDER BY version
            """
        ).decode(as: (Int, String, Int?, Bool, [UInt8]).self).map {
            SqlxRow(
                version: $0,
                description: $1,
                appliedAt: $2.map(Date.init(microseconds:)),
                success: $3,
                checksum: $4
            )
        }
    }
}

/// A row of a home-made `(name, applied_at)`.
struct NaiveRow: Hashable, Sendable {
    let name: String?
    let appliedAt: Date?

    static func read(from table: ForeignTable, on connection: PostgresConnection) async throws -> [NaiveRow] {
        try await connection.query(
            "SELECT name, \(microseconds("applied_at")) FROM \(table.qualifiedName) ORDER BY applied_at, name"
        ).decode(as: (String?, Int?).self).map { NaiveRow(name: $0, appliedAt: $1.map(Date.init(microseconds:))) }
    }
}

extension ForeignHistory {
    /// Reads golang-migrate's current version: everything up to it ran.
    init(_ entries: [GolangMigrateRow], in table: ForeignTable) {
        guard let entry = entries.first else { return }
        guard entries.count == 1 else {
            problems = [.manyVersions(entries.count, in: table.title)]
            return
        }
        let version = entry.version
        if entry.isDirty {
            problems = [
                .dirty(
                    "version \(version)",
                    in: table.title,
                    how: "was left half done (dirty is true)",
                    next:
                        "finish it by hand and say so with `migrate force \(version)`, or take back what it did and name "
                        + "the version before it; then adopt again"
                )
            ]
        }
        // Below zero the database is at no version at all.
        guard version >= 0 else { return }
        rows = [
            ForeignRow(label: "\(version)", version: ForeignVersion(version), reach: .upTo, hasFailed: entry.isDirty)
        ]
    }

    /// Reads goose's steps: of those about one version the last one counts, and version 0 stands for the table itself.
    init(_ steps: [GooseRow]) {
        var last: [Int: Int] = [:]
        for (index, step) in steps.enumerated() where step.version != 0 { last[step.version] = index }
        rows = last.values.sorted().map { steps[$0] }.filter(\.isApplied).map { step in
            ForeignRow(label: "\(step.version)", version: ForeignVersion(step.version), appliedAt: step.appliedAt)
        }
    }

    /// Reads sqlx's rows.
    init(_ entries: [SqlxRow], in table: ForeignTable) {
        for entry in entries {
            let label = "\(entry.version) \(entry.description)"
            if !entry.success {
                problems.append(
                    .dirty(
                        label,
                        in: table.title,
                        how: "failed (success is false)",
                        next: "bring the database to where it was before, delete the row, and adopt again"
                    )
                )
            }
            rows.append(
                ForeignRow(
                    label: label,
                    names: ["\(entry.version)_\(entry.description.replacing(" ", with: "_"))"],
                    version: ForeignVersion(entry.version),
                    appliedAt: entry.appliedAt,
                    sum: entry.checksum.isEmpty ? nil : .sqlx(entry.checksum),
                    hasFailed: !entry.success
                )
            )
        }
    }

    /// Reads a home-made table; of several rows that mean one migration the earliest tells when it ran.
    init(_ entries: [NaiveRow], in table: ForeignTable) {
        let nameless = entries.count { $0.name == nil }
        if nameless > 0 {
            problems = [.nullNames(nameless, in: HistoryTable(schema: table.schema, name: table.name, isNaive: true))]
        }
        var seen: Set<MigrationKey> = []
        for entry in entries {
            guard let name = entry.name, seen.insert(MigrationKey(name)).inserted else { continue }
            rows.append(
                ForeignRow(
                    label: name,
                    names: [MigrationKey(name).name],
                    version: nil,
                    appliedAt: entry.appliedAt
                )
            )
        }
    }
}
