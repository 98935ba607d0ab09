/// Queries over the system catalogs that say something of objects of every kind.
enum SystemCatalogs {
    /// Whether a row of a system catalog is the user's own: neither the system's nor an extension's.
    ///
    /// - Parameters:
    ///   - systemCatalog: the system catalog's name.
    ///   - oid: the expression for the object's identifier.
    static func isUserObject(_ systemCatalog: String, _ oid: String) -> String {
        """
        \(oid) >= 16384 AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend m
            WHERE m.classid = 'pg_catalog.\(systemCatalog)'::regclass AND m.objid = \(oid) AND m.deptype = 'e')
        """
    }

    /// The privileges of a row as a sorted list; null while they are what the owner and the public have by default.
    ///
    /// - Parameters:
    ///   - letter: the kind of object, as `acldefault` names it.
    ///   - acl: the expression for the access control list.
    ///   - owner: the expression for the owner's identifier.
    static func grants(_ letter: String, _ acl: String, _ owner: String) -> String {
        """
        CASE WHEN \(acl) IS NULL THEN NULL ELSE (
            SELECT CASE WHEN given.items = standard.items THEN NULL ELSE given.items END
            FROM (SELECT coalesce(array_agg(a::text ORDER BY a::text COLLATE "C"), '{}') AS items
                  FROM unnest(\(acl)) a) given,
                 (SELECT array_agg(a::text ORDER BY a::text COLLATE "C") AS items
                  FROM unnest(acldefault('\(letter)', \(owner))) a) standard) END
        """
    }

    /// What stands for another object: row types and array types, indexes of constraints, defaults, rules of views.
    static let aliases = """
        SELECT 'pg_type'::regclass::oid, t.oid, 0, 'pg_class'::regclass::oid, t.typrelid, 0
        FROM pg_catalog.pg_type t WHERE t.typrelid >= 16384
        UNION ALL
        \(relationAliases)
        """

    static let comments = """
        SELECT classoid, objoid, objsubid, description FROM pg_catalog.pg_description WHERE objoid >= 2200
        """

    static let labels = """
        SELECT classoid, objoid, objsubid, array_agg(provider || ': ' || label ORDER BY provider)
        FROM pg_catalog.pg_seclabel GROUP BY 1, 2, 3
        """

    /// The edges between objects that are not the system's own.
    static let dependencies = """
        SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid
        FROM pg_catalog.pg_depend
        WHERE refobjid >= 16384 AND objid >= 16384 AND deptype <> 'e'
          -- What a table needs of its own columns is no edge: they are a part of it.
          AND NOT (classid = refclassid AND objid = refobjid)
        UNION ALL
        \(inheritedColumns)
        """
}
