extension CatalogQuery {
    /// Extensions, without `plpgsql`: every database has it from the start.
    static let extensions = CatalogQuery(
        """
        SELECT 'pg_extension'::regclass::oid, e.oid, 0, 'extension', NULL, NULL, e.extname, NULL,
               n.nspname::text AS schema, e.extversion AS version
        FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname <> 'plpgsql' AND e.oid >= 16384
        """
    )
}

extension AttributeName {
    /// The schema that an extension's objects lie in.
    public static let schema = AttributeName(rawValue: "schema")
    /// The version of an extension.
    public static let version = AttributeName(rawValue: "version")
}
