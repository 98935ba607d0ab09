import Catalog
import Postgres

extension Restoration {
    /// Whether the schema is the one that was backed up; what differs is told.
    func schemaIsEqual(_ source: Source, on connection: PostgresConnection) async throws -> Bool {
        guard !options.leavesOut else { return true }
        let database = source.manifest.database
        let withOwners = options.keepsOwners && options.roleMap.isEmpty
        let catalog = try await Catalog.read(on: connection)
        let isEqual =
            withOwners
            ? catalog.fingerprint.description == database.catalogFingerprint
            : catalog.structureFingerprint == database.structureFingerprint
        guard !isEqual, let original = try source.catalog() else { return isEqual }
        // A restored database prints some expressions in other words than the one that they come from.
        let (before, after) = (original.withSpreadArrayCasts, catalog.withSpreadArrayCasts)
        let changes =
            withOwners
            ? CatalogChanges(from: before, to: after) : CatalogChanges(from: before.structure, to: after.structure)
        tell(changes)
        return changes.changes.isEmpty
    }

    private func tell(_ changes: CatalogChanges) {
        for change in changes.changes.prefix(20) {
            let words =
                if change.after == nil {
                    "is missing"
                } else if change.before == nil {
                    "was not there"
                } else {
                    "differs in \(change.attributes.map(\.name.description).joined(separator: ", "))"
                }
            note("\(change.identity) \(words)")
        }
        if changes.changes.count > 20 { note("… \(changes.changes.count - 20) more objects differ") }
    }

    /// Gathers statistics where there are none, the largest tables first.
    func analyse(_ settings: ConnectionSettings, but analysed: Set<String>) async throws {
        guard options.analyses else { return }
        let all = try await withPostgresConnection(to: settings) { connection in
            try await connection.query(
                """
                SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND c.relpersistence <> 't'
                    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                ORDER BY pg_relation_size(c.oid) DESC
                """
            ).decode(as: String.self)
        }
        let tables = all.filter { !analysed.contains($0) }
        // Each in a transaction of its own, several in one statement.
        let large = min(2 * jobs, tables.count)
        let lists =
            tables[..<large].map { $0 }
            + stride(from: large, to: tables.count, by: 20).map { start in
                tables[start..<min(start + 20, tables.count)].joined(separator: ", ")
            }
        let queue = WorkQueue(lists)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<min(jobs, lists.count) {
                group.addTask {
                    try await withPostgresConnection(to: settings) { connection in
                        try await connection.script(SchemaRun.sessionSettings)
                        while let table = queue.next() { try await connection.query("ANALYZE \(table)") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

extension Restoration.Source {
    /// The schema that was backed up; nil in snapshots of earlier releases.
    func catalog() throws -> Catalog? {
        try manifest.catalog.map { try CatalogFile.read(bytes(of: $0), name: "the snapshot's catalog") }
    }
}
