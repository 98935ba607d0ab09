extension CatalogQuery {
    /// Default privileges: for a role, of all schemas or of one, a kind of object.
    ///
    /// Those of all schemas take the place of the built-in ones; those of one schema come on top.
    static let defaultPrivileges = CatalogQuery(
        """
        SELECT 'pg_default_acl'::regclass::oid, d.oid, 0, 'default privileges', n.nspname, NULL,
               pg_get_userbyid(d.defaclrole),
               CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                    WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END,
               \(SystemCatalogs.grants(
                """
                    (CASE WHEN d.defaclnamespace <> 0 THEN 'c'
                          WHEN d.defaclobjtype = 'S' THEN 's' ELSE d.defaclobjtype END)::"char"
                    """,
                "d.defaclacl",
                "d.defaclrole"
               )) AS grants
        FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
        """
    )
}
