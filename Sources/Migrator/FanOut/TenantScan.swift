import Postgres
import SQLSyntax

/// Looks at many schemas at once: which there are, and on which of them nothing is to do.
///
/// A history is compared with the files by a fingerprint that the server computes, for a hundred schemas in one query. What
/// does not fit is looked at by itself later; so the fingerprint may be strict, and says nothing of what is wrong.
struct TenantScan {
    let options: Migrator.Options
    private let expected: [(fingerprint: Checksum, appliedCount: Int, pendingCount: Int)]

    private static let batch = 100
    /// How many schemas a server process looks at: it keeps what it once knew of a table.
    private static let wear = 2500

    /// A schema with its history's table, if it has one of ours.
    struct Tenant: Sendable {
        let schema: String
        let table: QualifiedName?
    }

    /// Where a schema stands on which nothing is to do.
    struct UpToDate: Sendable {
        let schema: String
        let appliedCount: Int
        /// How many migrations lie behind the goal.
        let pendingCount: Int
    }

    init(files: MigrationDirectory, goal: TargetLimit, options: Migrator.Options) {
        self.options = options
        let all = files.inOrder
        let places = all.indices.filter(goal.includes)
        var prefixes = [all]
        // A number of steps is no place at which a history could stand already.
        if places.count < all.count { prefixes.append(places.map { all[$0] }) }
        expected = prefixes.map { migrations in
            (Self.fingerprint(of: migrations), migrations.count, all.count - migrations.count)
        }
    }

    // MARK: listing

    /// The schemas whose names fit, in order, with their histories' tables.
    func tenants(fitting patterns: [SchemaPattern], on connection: PostgresConnection) async throws -> [Tenant] {
        let rows = try await connection.query(
            """
            SELECT n.nspname::text, c.relname::text, array(
                SELECT a.attname::text FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
            FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c
                ON c.relnamespace = n.oid AND c.relname = ANY ($2::text[])
            WHERE n.nspname::text LIKE ANY ($1::text[]) AND n.nspname <> 'information_schema'
                AND n.nspname !~ '^pg_'
            ORDER BY n.nspname::text COLLATE "C", c.relname DESC
            """,
            patterns.map(\.likePattern),
            options.historyTable.map { [$0.name] } ?? ["schema_migrations", "lastro_migrations"]
        )
        var tenants: [Tenant] = []
        var isSettled = false
        for row in rows {
            let (schema, table, columns) = try row.decode(String.self, String?.self, [String].self)
            if tenants.last?.schema != schema {
                tenants.append(Tenant(schema: schema, table: nil))
                isSettled = false
            }
            // The same choice between two tables as a run makes.
            guard !isSettled, let table else { continue }
            let kind = TableKind(columns: Set(columns))
            isSettled = kind != .another
            if kind == .ours {
                tenants[tenants.count - 1] = Tenant(schema: schema, table: QualifiedName(schema: schema, name: table))
            }
        }
        return tenants
    }

    // MARK: looking

    /// Looks at schemas.
    ///
    /// - Parameters:
    ///   - tenants: the schemas.
    ///   - settings: the database; connections are opened as they are needed.
    ///   - told: gets those of each batch on which nothing is to do.
    /// - Returns: the schemas that have to be looked at by themselves.
    /// - Throws: ``PostgresError``; what the closure throws.
    func sift(
        _ tenants: [Tenant],
        on settings: ConnectionSettings,
        told: ([UpToDate]) async throws -> Void
    ) async throws -> [String] {
        var rest: [String] = []
        for start in stride(from: 0, to: tenants.count, by: Self.wear) {
            try await withPostgresConnection(to: settings) { connection in
                let worn = min(start + Self.wear, tenants.count)
                for first in stride(from: start, to: worn, by: Self.batch) {
                    let batch = tenants[first..<min(first + Self.batch, worn)]
                    let found = try await upToDate(batch.filter { $0.table != nil }, on: connection)
                    try await told(found)
                    let known = Set(found.map(\.schema))
                    rest += batch.map(\.schema).filter { !known.contains($0) }
                }
            }
        }
        return rest
    }

    /// Those of a batch on which nothing is to do; none if one of them cannot be read, since then each has its own error.
    private func upToDate(_ tenants: [Tenant], on connection: PostgresConnection) async throws -> [UpToDate] {
        guard !tenants.isEmpty else { return [] }
        let branches = tenants.enumerated().map { index, tenant in
            "SELECT \(index) AS tenant, name, checksum, outcome FROM \(tenant.table?.description ?? "")"
        }
        // As `fingerprint(of:)` does it.
        let query = """
            SELECT tenant, encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.string_agg(
                key || ' ' || coalesce(checksum, '') || CASE WHEN outcome IS NULL THEN ' foreign' ELSE '' END, E'\\n'
                ORDER BY key COLLATE "C"), 'UTF8')), 'hex')
            FROM (SELECT *, regexp_replace(name, '\\.sql$', '') AS key FROM (
                \(branches.joined(separator: " UNION ALL ")))
                AS rows WHERE outcome IS NULL OR outcome NOT IN ('undone', 'squashed')) AS keyed
            GROUP BY tenant
            """
        do {
            let rows = try await connection.withRole(options.role) { connection in
                try await connection.query(query).decode(as: (Int, String).self)
            }
            return rows.compactMap { index, digits in
                guard let fingerprint = Checksum("v1:" + digits),
                    let match = expected.first(where: { $0.fingerprint == fingerprint })
                else { return nil }
                return UpToDate(
                    schema: tenants[index].schema,
                    appliedCount: match.appliedCount,
                    pendingCount: match.pendingCount
                )
            }
        } catch let error as PostgresError where error.code == .server {
            return []
        }
    }

    private static func fingerprint(of migrations: [Migration]) -> Checksum {
        let lines = migrations.map { (key: MigrationKey($0.name).name, checksum: $0.checksum) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { "\($0.key) \($0.checksum)" }
        return Checksum(of: Array(lines.joined(separator: "\n").utf8))
    }
}
