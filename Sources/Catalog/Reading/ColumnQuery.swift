import Postgres

extension CatalogQuery {
    /// Columns of tables, foreign tables, views and materialized views, with what is said of most of them.
    ///
    /// Their positions are their numbers, which have gaps where a column was dropped.
    static func columns(for server: ServerVersion) -> CatalogQuery {
        let notNull =
            hasNamedNotNull(server)
            ? """
            CASE WHEN nn.conname::text <> left(c.relname || '_' || a.attname || '_not_null', 63)
                  AND length(c.relname || a.attname) <= 53 THEN nn.conname::text END AS not_null_name,
            NOT nn.convalidated AS not_null_not_valid, nn.connoinherit AS not_null_no_inherit,
            """ : ""
        let notNullJoin =
            hasNamedNotNull(server)
            ? """
            LEFT JOIN pg_catalog.pg_constraint nn
                   ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey[1] = a.attnum
            """ : ""
        return CatalogQuery(
            """
            SELECT 'pg_class'::regclass::oid, a.attrelid, a.attnum,
                   CASE WHEN c.relkind IN ('v', 'm') THEN 'view column' ELSE 'column' END,
                   n.nspname, c.relname, a.attname, NULL,
                   a.attnum AS position,
                   format_type(a.atttypid, a.atttypmod) AS type,
                   a.attnotnull AS not_null, \(notNull)
                   -- No column stands in a default: without the table, the server need not look at it.
                   CASE WHEN a.atthasdef AND a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) END AS default
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            \(notNullJoin)
            WHERE \(isColumn)
            """,
            content: .columns
        )
    }

    /// What is said of few columns: a wide row for each of them would take as long as all the rest.
    static func columnDetails(for server: ServerVersion) -> CatalogQuery {
        // From 17 on a partition has its parent's identity.
        let hasIdentity = server.major >= 17 ? "a.attidentity <> '' AND NOT c.relispartition" : "a.attidentity <> ''"
        return CatalogQuery(
            """
            SELECT 'pg_class'::regclass::oid, a.attrelid, a.attnum,
                   CASE WHEN a.attgenerated <> '' THEN (
                       SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d
                       WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END AS generated,
                   a.attgenerated = 'v' AS virtual,
                   CASE WHEN \(hasIdentity) THEN
                       CASE a.attidentity WHEN 'a' THEN 'always' ELSE 'by default' END END AS identity,
                   CASE WHEN \(hasIdentity) AND length(c.relname || a.attname) <= 58
                             AND s.relname <> c.relname || '_' || a.attname || '_seq'
                        THEN s.relname::text END AS identity_sequence,
                   CASE WHEN \(hasIdentity) THEN s.options END AS identity_options,
                   CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
                        THEN a.attcollation::regcollation::text END AS collation,
                   CASE WHEN a.attstorage <> t.typstorage THEN
                       CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main'
                                         ELSE 'extended' END END AS storage,
                   CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
                   CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END AS statistics,
                   a.attoptions AS column_parameters,
                   CASE WHEN a.attfdwoptions IS NOT NULL THEN (
                       SELECT array_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value)
                                        ORDER BY o.option_name COLLATE "C")
                       FROM pg_catalog.pg_options_to_table(a.attfdwoptions) o) END AS options,
                   NOT a.attislocal AND NOT c.relispartition AS inherited
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            LEFT JOIN (
                SELECT o.refobjid, o.refobjsubid, q.relname, \(SystemCatalogs.sequenceOptions("s")) AS options
                FROM pg_catalog.pg_depend o
                JOIN pg_catalog.pg_class q ON q.oid = o.objid AND q.relkind = 'S'
                JOIN pg_catalog.pg_sequence s ON s.seqrelid = q.oid
                WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass AND o.deptype = 'i'
            ) s ON s.refobjid = a.attrelid AND s.refobjsubid = a.attnum
            WHERE \(isColumn)
              AND (a.attgenerated <> '' OR a.attidentity <> ''
                   OR a.attcollation <> t.typcollation OR a.attstorage <> t.typstorage OR a.attcompression <> ''
                   OR a.attstattarget >= 0 OR a.attoptions IS NOT NULL OR a.attfdwoptions IS NOT NULL
                   OR NOT a.attislocal AND NOT c.relispartition)
            """,
            content: .details
        )
    }

    private static func hasNamedNotNull(_ server: ServerVersion) -> Bool { server.major >= 18 }

    private static let isColumn = """
        a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
              AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'
        """
}

extension AttributeName {
    /// Where a column stands among those of its table, counted from 1.
    public static let position = AttributeName(rawValue: "position")
    /// The type, as SQL writes it.
    public static let type = AttributeName(rawValue: "type")
    /// Whether a column's constraint against null is not known to hold for all rows.
    public static let notNullNotValid = AttributeName(rawValue: "not_null_not_valid")
    /// Whether a column's constraint against null is not for child tables.
    public static let notNullNoInherit = AttributeName(rawValue: "not_null_no_inherit")
    /// What a generated column is computed from.
    public static let generated = AttributeName(rawValue: "generated")
    /// Whether a generated column is computed when it is read.
    public static let virtual = AttributeName(rawValue: "virtual")
    /// When an identity column gets a number: `always` or `by default`.
    public static let identity = AttributeName(rawValue: "identity")
    /// The name of an identity column's sequence, where it is not the one that the server would choose.
    public static let identitySequence = AttributeName(rawValue: "identity_sequence")
    /// An identity column's options that are not the server's own choice, as SQL writes them.
    public static let identityOptions = AttributeName(rawValue: "identity_options")
    /// How large values are kept, where it is not the type's way: `plain`, `external`, `main` or `extended`.
    public static let storage = AttributeName(rawValue: "storage")
    /// How large values are compressed, where it was said: `pglz` or `lz4`.
    public static let compression = AttributeName(rawValue: "compression")
    /// How exact statistics are to be, where it was said: a number; of an index, a list of `column number target`.
    public static let statistics = AttributeName(rawValue: "statistics")
    /// Settings of a column such as `n_distinct=5`, in the order in which they were made.
    public static let columnParameters = AttributeName(rawValue: "column_parameters")
    /// Whether a column is there only because a parent table has it.
    public static let inherited = AttributeName(rawValue: "inherited")
}
