extension CatalogQuery {
    /// Indexes that no constraint stands on, their definitions without settings and tablespace.
    static let indexes = CatalogQuery(
        """
        SELECT 'pg_class'::regclass::oid, ic.oid, 0, 'index', n.nspname, c.relname, ic.relname, NULL,
               CASE WHEN ic.reloptions IS NULL THEN pg_get_indexdef(ic.oid)
                    ELSE replace(pg_get_indexdef(ic.oid), \(printedSettings("ic.reloptions")), '') END AS definition,
               CASE WHEN i.indpred IS NOT NULL THEN pg_get_expr(i.indpred, i.indrelid) END AS predicate,
               ic.reloptions AS storage_parameters,
               \(SystemCatalogs.tablespace(of: "ic")) AS tablespace,
               i.indisclustered AS clustered, i.indisreplident AS replica_identity, NOT i.indisvalid AS invalid,
               CASE WHEN ic.relispartition THEN (
                   SELECT p.inhparent::regclass::text FROM pg_catalog.pg_inherits p
                   WHERE p.inhrelid = i.indexrelid) END AS attached_to,
               -- Only what is computed has statistics of its own.
               CASE WHEN i.indexprs IS NOT NULL THEN (
                   SELECT array_agg(a.attnum || ' ' || a.attstattarget ORDER BY a.attnum)
                   FROM pg_catalog.pg_attribute a
                   WHERE a.attrelid = i.indexrelid AND a.attnum > 0 AND a.attstattarget >= 0) END AS statistics
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
        WHERE i.indrelid >= 16384 AND k.oid IS NULL AND c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
        """
    )

    /// Settings as the server prints them into the definition of an index, where they have no fixed order.
    private static func printedSettings(_ settings: String) -> String {
        """
        ' WITH (' || (SELECT string_agg(quote_ident(o.option_name) || '=' ||
                                 CASE WHEN quote_ident(o.option_value) = o.option_value THEN o.option_value
                                      ELSE quote_literal(o.option_value) END, ', ' ORDER BY o.place)
                      FROM pg_catalog.pg_options_to_table(\(settings)) WITH ORDINALITY
                           o (option_name, option_value, place)) || ')'
        """
    }

    /// Extended statistics.
    ///
    /// The server prints their columns in the order of the table's, which says nothing.
    static let statistics = CatalogQuery(
        """
        SELECT 'pg_statistic_ext'::regclass::oid, s.oid, 0, 'statistics', n.nspname, NULL, s.stxname, NULL,
               pg_get_userbyid(s.stxowner) AS owner,
               c.oid::regclass::text AS table,
               CASE WHEN s.stxkeys::text LIKE '% %' OR s.stxexprs IS NOT NULL AND s.stxkeys::text <> '' OR e.count > 1 THEN
                   CASE WHEN NOT s.stxkind @> '{d,f,m}' THEN
                       array_remove(ARRAY[CASE WHEN 'd' = ANY (s.stxkind) THEN 'ndistinct' END,
                                          CASE WHEN 'f' = ANY (s.stxkind) THEN 'dependencies' END,
                                          CASE WHEN 'm' = ANY (s.stxkind) THEN 'mcv' END], NULL) END END AS kinds,
               (SELECT array_agg(quote_ident(a.attname) ORDER BY a.attname COLLATE "C") FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys)) AS columns,
               e.expressions,
               CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END AS statistics
        FROM pg_catalog.pg_statistic_ext s
        JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
        JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid
        LEFT JOIN LATERAL (
            SELECT array_agg(x.expression) AS expressions, count(*) AS count
            FROM unnest(pg_get_statisticsobjdef_expressions(s.oid)) x (expression)
        ) e ON s.stxexprs IS NOT NULL
        WHERE \(SystemCatalogs.isUserObject("pg_statistic_ext", "s.oid")) AND \(SystemCatalogs.isUserTable("c"))
        """
    )
}

extension AttributeName {
    /// Which rows a partial index holds.
    public static let predicate = AttributeName(rawValue: "predicate")
    /// The table that statistics are about, as SQL writes it.
    public static let table = AttributeName(rawValue: "table")
    /// The kinds of statistics, where they are not all.
    public static let kinds = AttributeName(rawValue: "kinds")
    /// The columns that statistics are about, sorted, as SQL writes them.
    public static let columns = AttributeName(rawValue: "columns")
    /// The expressions that statistics are about.
    public static let expressions = AttributeName(rawValue: "expressions")
}
