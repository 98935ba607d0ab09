extension CatalogQuery {
    /// Sequences, but for those of identity columns.
    static let sequences = CatalogQuery(
        """
        SELECT 'pg_class'::regclass::oid, c.oid, 0, 'sequence', n.nspname, NULL, c.relname, NULL,
               pg_get_userbyid(c.relowner) AS owner,
               NULLIF(format_type(s.seqtypid, NULL), 'bigint') AS type,
               \(SystemCatalogs.sequenceOptions("s")) AS sequence_options,
               c.relpersistence = 'u' AS unlogged,
               o.refobjid::regclass::text || '.' || quote_ident(oa.attname) AS owned_by
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
        LEFT JOIN pg_catalog.pg_depend o
               ON o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.refclassid = 'pg_class'::regclass
              AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
        LEFT JOIN pg_catalog.pg_attribute oa ON oa.attrelid = o.refobjid AND oa.attnum = o.refobjsubid
        WHERE c.relkind = 'S' AND o.deptype IS DISTINCT FROM 'i' AND \(SystemCatalogs.isUserRelation("c"))
        """
    )
}

extension AttributeName {
    /// A sequence's options that are not the server's own choice, as SQL writes them.
    public static let sequenceOptions = AttributeName(rawValue: "sequence_options")
    /// The column with which a sequence goes away, as SQL writes it.
    public static let ownedBy = AttributeName(rawValue: "owned_by")
}
