extension CatalogQuery {
    /// Tables and foreign tables, without what their columns, constraints and indexes say.
    static let tables = CatalogQuery(
        """
        SELECT 'pg_class'::regclass::oid, c.oid, 0,
               CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END, n.nspname, NULL, c.relname, NULL,
               pg_get_userbyid(c.relowner) AS owner,
               c.relpersistence = 'u' AS unlogged,
               CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
               CASE WHEN c.relispartition THEN parents.names[1] END AS partition_of,
               pg_get_expr(c.relpartbound, c.oid) AS partition_bound,
               CASE WHEN NOT c.relispartition THEN parents.names END AS inherits,
               CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
               \(SystemCatalogs.accessMethod(of: "c")) AS access_method,
               \(SystemCatalogs.tablespace(of: "c")) AS tablespace,
               c.reloptions || CASE WHEN c.reltoastrelid <> 0 THEN (
                   SELECT array_agg('toast.' || o.option ORDER BY o.place)
                   FROM pg_catalog.pg_class toast, unnest(toast.reloptions) WITH ORDINALITY o (option, place)
                   WHERE toast.oid = c.reltoastrelid) END AS storage_parameters,
               CASE WHEN c.relkind <> 'f' THEN
                   CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' END END AS replica_identity,
               c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security,
               CASE WHEN c.relkind = 'f' THEN (
                   SELECT s.srvname::text FROM pg_catalog.pg_foreign_table f
                   JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid) END AS server,
               CASE WHEN c.relkind = 'f' THEN (
                   SELECT array_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value)
                                    ORDER BY o.option_name COLLATE "C")
                   FROM pg_catalog.pg_foreign_table f, pg_catalog.pg_options_to_table(f.ftoptions) o
                   WHERE f.ftrelid = c.oid) END AS options
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN (SELECT i.inhrelid, array_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) AS names
                   FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
                   WHERE p.relkind IN ('r', 'p', 'f') GROUP BY i.inhrelid) parents ON parents.inhrelid = c.oid
        WHERE c.relkind IN ('r', 'p', 'f') AND \(SystemCatalogs.isUserTable("c"))
        """
    )
}

extension AttributeName {
    /// Whether a table's rows, or a sequence's value, are lost in a crash.
    public static let unlogged = AttributeName(rawValue: "unlogged")
    /// How a partitioned table is divided: `RANGE (created_at)`.
    public static let partitionKey = AttributeName(rawValue: "partition_key")
    /// The partitioned table that a table is a partition of, as SQL writes it.
    public static let partitionOf = AttributeName(rawValue: "partition_of")
    /// Which rows a partition holds: `FOR VALUES IN (1)`.
    public static let partitionBound = AttributeName(rawValue: "partition_bound")
    /// The tables that a table inherits from, in order, as SQL writes them.
    public static let inherits = AttributeName(rawValue: "inherits")
    /// The composite type that gives a table its columns.
    public static let ofType = AttributeName(rawValue: "of_type")
    /// A table access method other than heap.
    public static let accessMethod = AttributeName(rawValue: "access_method")
    /// A tablespace other than the database's own.
    public static let tablespace = AttributeName(rawValue: "tablespace")
    /// Settings such as `fillfactor=70`, in the order in which they were made; those of the table's TOAST table begin with `toast.`.
    public static let storageParameters = AttributeName(rawValue: "storage_parameters")
    /// What of old rows is told to subscribers: `nothing` or `full`; on an index, whether it is the one that tells it.
    public static let replicaIdentity = AttributeName(rawValue: "replica_identity")
    /// Whether policies decide on rows.
    public static let rowSecurity = AttributeName(rawValue: "row_security")
    /// Whether they do for the owner, too.
    public static let forceRowSecurity = AttributeName(rawValue: "force_row_security")
    /// The server of a foreign table.
    public static let server = AttributeName(rawValue: "server")
}
