public import Postgres
import SQLSyntax

/// Writes down in a database which snapshots were taken of it, and from which it was restored, if it has tables for that.
///
/// The tables are `backup_metadata` and `restore_history` with the columns of docs/backup.md. They are written as their owner:
/// what a trigger or a default of theirs calls does not run with the rights of who backs up.
public struct BackupRegister: Sendable {
    private let repository: String

    /// Makes ready to write.
    ///
    /// - Parameter repository: what the repository is called in the tables.
    public init(of repository: String) {
        self.repository = repository
    }

    /// Writes down that a snapshot was taken.
    ///
    /// - Parameters:
    ///   - snapshot: the snapshot.
    ///   - settings: the database.
    /// - Returns: whether the database has a table for it.
    /// - Throws: `PostgresError` if the table cannot be written; the snapshot is there all the same.
    public func record(_ snapshot: Snapshot, in settings: ConnectionSettings) async throws -> Bool {
        try await withPostgresConnection(to: settings) { connection in
            guard let table = try await Self.metadata(on: connection) else { return false }
            try await table.written(on: connection) { try await insert(snapshot, into: table, on: $0) }
            return true
        }
    }

    /// Writes down, in the database that was restored, from which snapshot it was.
    ///
    /// - Parameters:
    ///   - snapshot: the snapshot.
    ///   - time: when the restore began, as ISO 8601.
    ///   - settings: the database.
    /// - Returns: whether the database has the tables for it.
    /// - Throws: `PostgresError` if the tables cannot be written; the database is restored all the same.
    public func recordRestore(
        of snapshot: Snapshot,
        begunAt time: String,
        in settings: ConnectionSettings
    ) async throws -> Bool {
        try await withPostgresConnection(to: settings) { connection in
            guard let metadata = try await Self.metadata(on: connection),
                let history = try await Table.find("restore_history", with: Self.historyColumns, on: connection)
            else { return false }
            try await metadata.written(on: connection) { try await insert(snapshot, into: metadata, on: $0) }
            try await history.written(on: connection) { connection in
                try await connection.query(
                    """
                    INSERT INTO \(history.name) (backup_id, ensaio, destino, iniciado_em, concluido_em, sucesso)
                    SELECT id, false, pg_catalog.current_database(),
                        LEAST($3::timestamptz, pg_catalog.now()), pg_catalog.now(), true
                    FROM \(metadata.name) WHERE repositorio = $1 AND snapshot = $2
                    """,
                    repository,
                    snapshot.id,
                    time
                )
            }
            return true
        }
    }

    private func insert(_ snapshot: Snapshot, into table: Table, on connection: PostgresConnection) async throws {
        try await connection.query(
            """
            INSERT INTO \(table.name) (repositorio, snapshot, estado, iniciado_em, concluido_em, bytes, bytes_gravados)
            SELECT $1, $2, 'completo', LEAST($3::timestamptz, pg_catalog.now()), pg_catalog.now(), $4::bigint, $5::bigint
            WHERE NOT EXISTS (SELECT FROM \(table.name) WHERE repositorio = $1 AND snapshot = $2)
            """,
            repository,
            snapshot.id,
            snapshot.time,
            snapshot.bytes,
            snapshot.addedBytes
        )
    }

    private static let historyColumns: Set<String> = [
        "backup_id", "ensaio", "destino", "iniciado_em", "concluido_em", "sucesso",
    ]

    private static func metadata(on connection: PostgresConnection) async throws -> Table? {
        let columns: Set<String> = [
            "id", "repositorio", "snapshot", "estado", "iniciado_em", "concluido_em", "bytes", "bytes_gravados",
        ]
        return try await Table.find("backup_metadata", with: columns, on: connection)
    }

    /// A table that is written.
    private struct Table: Sendable {
        let name: String
        let owner: String

        /// Finds a table on the search path; nil if there is none, or if it is another one than is meant.
        static func find(
            _ name: String,
            with columns: Set<String>,
            on connection: PostgresConnection
        ) async throws -> Table? {
            let rows = try await connection.query(
                """
                SELECT n.nspname::text, pg_get_userbyid(c.relowner)::text,
                    ARRAY(SELECT a.attname::text FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')
                """,
                name
            )
            guard let (schema, owner, names) = try rows.decode(as: (String, String, [String]).self).first,
                Set(names).isSuperset(of: columns)
            else { return nil }
            return Table(name: Identifier.quote(schema) + "." + Identifier.quote(name), owner: owner)
        }

        /// Writes in a transaction as the table's owner.
        func written(
            on connection: PostgresConnection,
            _ body: (PostgresConnection) async throws -> Void
        ) async throws {
            try await connection.withTransaction { connection in
                try await connection.script("SET LOCAL ROLE \(Identifier.quote(owner))")
                try await body(connection)
            }
        }
    }
}
