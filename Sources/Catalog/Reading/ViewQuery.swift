extension CatalogQuery {
    /// Views and materialized views.
    static let views = CatalogQuery(
        """
        SELECT 'pg_class'::regclass::oid, c.oid, 0,
               CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, n.nspname, NULL, c.relname, NULL,
               pg_get_userbyid(c.relowner) AS owner,
               rtrim(pg_get_viewdef(c.oid), ';') AS definition,
               c.reloptions AS storage_parameters,
               \(SystemCatalogs.accessMethod(of: "c")) AS access_method,
               \(SystemCatalogs.tablespace(of: "c")) AS tablespace,
               c.relkind = 'm' AND NOT c.relispopulated AS unpopulated
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('v', 'm') AND \(SystemCatalogs.isUserRelation("c"))
        """
    )
}

extension AttributeName {
    /// Whether a materialized view has no rows yet.
    public static let unpopulated = AttributeName(rawValue: "unpopulated")
}
