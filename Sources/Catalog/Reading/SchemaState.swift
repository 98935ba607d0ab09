import Postgres

/// What a snapshot sees of the rows that definitions are made of, in a few numbers.
///
/// The server's functions that print definitions, and its names of types and relations, look past the snapshot of the
/// transaction that asks: they tell of columns and functions as they are by then, and fail for what is gone (manual,
/// 9.27.3). So a catalog is whole only if nobody changed the schema while it was read.
struct SchemaState: Sendable {
    /// The transactions that the snapshot sees the end of, as `txid_current_snapshot` writes them.
    private let snapshot: String
    private let rows: String

    /// Takes the row of ``query``.
    init(_ row: PostgresRow) throws {
        snapshot = try String(postgres: row[0])
        rows = try String(postgres: row[1])
    }

    /// Asks for the state that the running transaction sees.
    static let query = query(since: "txid_snapshot_xmin(txid_current_snapshot())")

    /// Whether the schema still is what the snapshot saw.
    ///
    /// - Parameter connection: a connection outside of a transaction.
    /// - Returns: false where a permanent object was made, changed or dropped since.
    /// - Throws: `PostgresError` from the server.
    func holds(on connection: PostgresConnection) async throws -> Bool {
        let now = try await connection.query("SELECT txid_current_snapshot()::text").single.decode(String.self)
        // Most databases that are looked at are at rest.
        guard now != snapshot else { return true }
        let oldest = String(snapshot.prefix { $0 != ":" })
        return try Self(try await connection.query(Self.query(since: oldest)).single).rows == rows
    }

    /// Numbers that any change of a row changes: how many rows there are, and which of them are young.
    ///
    /// A row that was written after the snapshot was taken is younger than the oldest transaction that ran then.
    ///
    /// - Parameter oldest: the expression for that transaction's number.
    /// - Returns: the statement.
    private static func query(since oldest: String) -> String {
        let parts = watched.map { catalog, condition in
            """
            (SELECT count(*) || '/' || count(*) FILTER (WHERE age(x.xmin) <= age(o.oldest)) || '/'
                    || coalesce(sum(x.xmin::text::bigint) FILTER (WHERE age(x.xmin) <= age(o.oldest)), 0)
             FROM pg_catalog.\(catalog) x WHERE \(condition))
            """
        }
        return """
            WITH temporary AS MATERIALIZED (SELECT oid FROM pg_catalog.pg_class WHERE relpersistence = 't'),
                 own AS MATERIALIZED (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname ~ '^pg_(toast_)?temp_')
            SELECT txid_current_snapshot()::text, \(parts.joined(separator: " || ' ' || "))
            FROM (SELECT (\(oldest) % 4294967296)::text::xid AS oldest) o
            """
    }

    /// The system catalogs that definitions are printed from, without what is temporary: that comes and goes all the time.
    private static let watched: [(String, String)] = [
        ("pg_class", "x.relpersistence <> 't'"),
        ("pg_namespace", "x.oid NOT IN (SELECT oid FROM own)"),
        ("pg_type", "x.typnamespace NOT IN (SELECT oid FROM own)"),
        ("pg_attribute", permanent("attrelid")), ("pg_attrdef", permanent("adrelid")),
        ("pg_constraint", permanent("conrelid")), ("pg_index", permanent("indrelid")),
        ("pg_rewrite", permanent("ev_class")), ("pg_trigger", permanent("tgrelid")),
        ("pg_policy", "true"), ("pg_proc", "true"), ("pg_operator", "true"), ("pg_opclass", "true"),
        ("pg_collation", "true"), ("pg_statistic_ext", "true"), ("pg_enum", "true"),
    ]

    private static func permanent(_ relation: String) -> String {
        "x.\(relation) NOT IN (SELECT oid FROM temporary)"
    }
}
