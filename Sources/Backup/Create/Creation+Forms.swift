import Postgres
import SourceText

extension Creation {
    /// The tables, with the form that each is read in.
    ///
    /// - Parameters:
    ///   - tables: the tables.
    ///   - encoding: the database's.
    ///   - connection: a session that sees the snapshot.
    /// - Returns: the same tables.
    /// - Throws: ``BackupError`` if a pattern means none of them.
    func withForms(
        _ tables: [SourceTable],
        encoding: String,
        on connection: PostgresConnection
    ) async throws -> [SourceTable] {
        for pattern in binaryTables where !tables.contains(where: { $0.isMeant(by: pattern) }) {
            throw BackupError.noTableToRead(pattern)
        }
        var tables = tables
        for index in tables.indices where tables[index].holdsData {
            guard binaryTables.contains(where: { tables[index].isMeant(by: $0) }) else { continue }
            let obstacle = try await obstacle(to: tables[index], encoding: encoding, on: connection)
            tables[index].isBinary = obstacle == nil
            if let obstacle { note("\(tables[index].quotedName) is read as text: \(obstacle)") }
        }
        return tables
    }

    /// What keeps a table from being read in binary form; nil for nothing.
    private func obstacle(
        to table: SourceTable,
        encoding: String,
        on connection: PostgresConnection
    ) async throws -> String? {
        // Binary characters come in the encoding of the connection.
        guard encoding == "UTF8" else { return "the database is in \(encoding)" }
        guard connection.serverVersion.major >= 14 else { return "the server is older than PostgreSQL 14" }
        return try await connection.query(
            """
            WITH RECURSIVE types (oid) AS (
                SELECT atttypid FROM pg_attribute
                WHERE attrelid = \(table.oid) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                UNION
                SELECT part.oid FROM types JOIN pg_type y ON y.oid = types.oid, LATERAL (
                    SELECT y.typelem UNION ALL SELECT y.typbasetype
                    UNION ALL SELECT atttypid FROM pg_attribute
                        WHERE attrelid = y.typrelid AND attnum > 0 AND NOT attisdropped
                    UNION ALL SELECT rngsubtype FROM pg_range WHERE y.oid IN (rngtypid, rngmultitypid)) AS part (oid)
                WHERE part.oid <> 0
            ), obstacles (oid, words) AS (
                SELECT y.oid, CASE WHEN y.typsend = 0 OR y.typreceive = 0 THEN 'has no binary form'
                    -- Types of the user's have another number in each database.
                    WHEN y.typelem >= 16384 OR EXISTS (SELECT FROM pg_attribute
                        WHERE attrelid = y.typrelid AND attnum > 0 AND NOT attisdropped AND atttypid >= 16384)
                    THEN 'has another binary form in each database' END
                FROM types JOIN pg_type y ON y.oid = types.oid
            )
            SELECT 'type ' || format_type(oid, NULL) || ' ' || words FROM obstacles WHERE words IS NOT NULL ORDER BY 1 LIMIT 1
            """
        ).decode(as: String.self).first
    }
}

extension SourceTable {
    /// Whether a pattern means it: `table` in any schema, or `schema.table`.
    fileprivate func isMeant(by pattern: String) -> Bool {
        name.matches(pattern) || "\(schema).\(name)".matches(pattern)
    }
}
