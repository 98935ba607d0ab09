extension CatalogQuery {
    /// Schemas; `public` is there before anybody makes it, and is told by what differs from that.
    static let schemas = CatalogQuery(
        """
        SELECT 'pg_namespace'::regclass::oid, n.oid, 0, 'schema', NULL, NULL, n.nspname, NULL,
               pg_get_userbyid(n.nspowner) AS owner
        FROM pg_catalog.pg_namespace n
        WHERE n.nspname = 'public'
           OR (\(SystemCatalogs.isUserSchema("n")) AND \(SystemCatalogs.isUserObject("pg_namespace", "n.oid")))
        """
    )
}
