extension CatalogQuery {
    /// Constraints of tables, with what is said of the indexes behind them.
    ///
    /// Copies that a parent table brings to its children are left out, but for those with an index, which has a name.
    static let constraints = CatalogQuery(
        """
        SELECT 'pg_constraint'::regclass::oid, k.oid, 0, 'constraint', n.nspname, c.relname, k.conname, NULL,
               pg_get_constraintdef(k.oid) AS definition,
               ic.reloptions AS storage_parameters,
               \(SystemCatalogs.tablespace(of: "ic")) AS tablespace,
               i.indisclustered AS clustered, i.indisreplident AS replica_identity, NOT i.indisvalid AS invalid,
               CASE WHEN k.conparentid <> 0 THEN (
                   SELECT quote_ident(pn.nspname) || '.' || quote_ident(pk.conname)
                   FROM pg_catalog.pg_constraint pk JOIN pg_catalog.pg_namespace pn ON pn.oid = pk.connamespace
                   WHERE pk.oid = k.conparentid) END AS attached_to,
               m.description AS index_comment
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
        LEFT JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
        LEFT JOIN pg_catalog.pg_description m
               ON m.classoid = 'pg_class'::regclass AND m.objoid = i.indexrelid AND m.objsubid = 0
        WHERE k.conrelid >= 16384 AND c.relpersistence <> 't'
          AND (k.contype IN ('p', 'u', 'x') OR k.contype = 'f' AND k.conparentid = 0
               OR k.contype = 'c' AND k.coninhcount = 0)
        """
    )
}

extension AttributeName {
    /// Whether `CLUSTER` goes by the index.
    public static let clustered = AttributeName(rawValue: "clustered")
    /// Whether an index is not used: its build was not completed, or a partition lacks its part of it.
    public static let invalid = AttributeName(rawValue: "invalid")
    /// The index of the partitioned table that an index is a part of, as SQL writes it.
    public static let attachedTo = AttributeName(rawValue: "attached_to")
    /// The comment on the index behind a constraint.
    public static let indexComment = AttributeName(rawValue: "index_comment")
}
