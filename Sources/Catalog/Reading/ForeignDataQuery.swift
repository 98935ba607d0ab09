extension CatalogQuery {
    /// Foreign-data wrappers.
    static let foreignDataWrappers = CatalogQuery(
        """
        SELECT 'pg_foreign_data_wrapper'::regclass::oid, f.oid, 0, 'foreign-data wrapper', NULL, NULL, f.fdwname, NULL,
               pg_get_userbyid(f.fdwowner) AS owner,
               \(SystemCatalogs.functionName("f.fdwhandler")) AS handler,
               \(SystemCatalogs.functionName("f.fdwvalidator")) AS validator,
               \(SystemCatalogs.options("f.fdwoptions")) AS options
        FROM pg_catalog.pg_foreign_data_wrapper f
        WHERE \(SystemCatalogs.isUserObject("pg_foreign_data_wrapper", "f.oid"))
        """
    )

    /// Foreign servers.
    static let servers = CatalogQuery(
        """
        SELECT 'pg_foreign_server'::regclass::oid, s.oid, 0, 'server', NULL, NULL, s.srvname, NULL,
               pg_get_userbyid(s.srvowner) AS owner,
               f.fdwname::text AS wrapper, s.srvtype AS type, s.srvversion AS version,
               \(SystemCatalogs.options("s.srvoptions")) AS options
        FROM pg_catalog.pg_foreign_server s
        JOIN pg_catalog.pg_foreign_data_wrapper f ON f.oid = s.srvfdw
        WHERE \(SystemCatalogs.isUserObject("pg_foreign_server", "s.oid"))
        """
    )

    /// User mappings, with the names of their options and never a value.
    ///
    /// The view shows them to the user and to the server's owner; to others a mapping looks as if it had none.
    static let userMappings = CatalogQuery(
        """
        SELECT 'pg_user_mapping'::regclass::oid, m.umid, 0, 'user mapping', NULL, NULL, m.usename, m.srvname,
               CASE WHEN m.umoptions IS NOT NULL THEN (
                   SELECT array_agg(o.option_name ORDER BY o.option_name COLLATE "C")
                   FROM pg_catalog.pg_options_to_table(m.umoptions) o) END AS secret_options
        FROM pg_catalog.pg_user_mappings m
        WHERE \(SystemCatalogs.isUserObject("pg_user_mapping", "m.umid"))
        """
    )
}

extension AttributeName {
    /// The names of options whose values are kept secret.
    public static let secretOptions = AttributeName(rawValue: "secret_options")
}
