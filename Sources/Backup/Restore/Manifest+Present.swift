import Postgres
import SQLSyntax

extension Manifest {
    /// What a manifest tells of, as far as it is there in a database: tables with all their columns, and sequences.
    func present(in settings: ConnectionSettings) async throws -> Manifest {
        try await withPostgresConnection(to: settings) { connection in
            let rows = try await connection.query(
                """
                SELECT n.nspname::text, c.relname::text,
                    ARRAY(SELECT a.attname::text FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'S')
                """
            )
            var columns: [String: Set<String>] = [:]
            for (schema, name, names) in try rows.decode(as: (String, String, [String]).self) {
                columns["\(schema)\n\(name)"] = Set(names)
            }
            var manifest = self
            manifest.tables = tables.filter { columns["\($0.schema)\n\($0.name)"]?.isSuperset(of: $0.columns) == true }
            manifest.sequences = sequences.filter { columns["\($0.schema)\n\($0.name)"] != nil }
            return manifest
        }
    }
}
