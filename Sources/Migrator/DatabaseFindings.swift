public import Postgres

/// What a database says of itself and of the role that asks, as far as it decides whether migrations can run there.
public struct DatabaseFindings: Hashable, Sendable {
    /// The server's version.
    public let version: ServerVersion
    /// The role that migrations would run as.
    public let role: String
    /// Whether that role may do everything.
    public let isSuperuser: Bool
    /// The schema of the history; nil if search_path names none that exists.
    public let schema: String?
    /// Whether the role may make tables there.
    public let canCreate: Bool
    /// Whether the history's tables are all there already.
    public let hasTables: Bool
    /// Whether the server is a standby.
    public let isReplica: Bool
    /// Whether transactions of this role may only read, unless they say otherwise.
    public let isReadOnly: Bool
    /// Whether a pooler stands between, which may answer each statement from another server process.
    public let isPooled: Bool

    init(lookingAt connection: PostgresConnection, store: HistoryStore?) async throws {
        version = connection.serverVersion
        let tables = store.map { [$0.qualifiedName, $0.events, $0.steps] } ?? []
        let row = try await connection.query(
            """
            SELECT current_user::text, current_setting('is_superuser') = 'on', pg_is_in_recovery(),
                current_setting('default_transaction_read_only') = 'on',
                coalesce((SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = $1),
                    has_database_privilege(current_database(), 'CREATE')),
                (SELECT count(to_regclass(name)) = 3 FROM unnest($2::text[]) AS names (name))
            """,
            store?.table.schema,
            tables
        ).single
        (role, isSuperuser, isReplica, isReadOnly, canCreate, hasTables) = try row.decode(
            String.self,
            Bool.self,
            Bool.self,
            Bool.self,
            Bool.self,
            Bool.self
        )
        schema = store?.table.schema
        // None of a pooler's processes is the one of the greeting.
        let pid = try await connection.query("SELECT pg_backend_pid()").single.decode(Int.self)
        isPooled = pid != connection.backendPID
    }
}

extension Migrator {
    /// Looks at the database and at what the role may do there; changes nothing.
    public func databaseFindings() async throws -> DatabaseFindings {
        try await withPostgresConnection(to: database, waitingUpTo: options.connectPatience) { connection in
            try await connection.withRole(options.role) { connection in
                let store: HistoryStore?
                do {
                    store = try await HistoryStore.read(named: options.historyTable, in: nil, from: connection).store
                } catch let error as MigratorError where error.code == .unusableHistory {
                    // No schema, or another tool's table: the plan tells of it.
                    store = nil
                }
                return try await DatabaseFindings(lookingAt: connection, store: store)
            }
        }
    }
}
